"""Distances on the earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EARTH_M = 6_371_008.8  # mean radius


def metres_between(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Great circle distances of points in degrees, metres; shapes broadcast."""
    one, other = np.radians(latitude), np.radians(to_latitude)
    north, east = (other - one) / 2, np.radians(to_longitude - longitude) / 2
    chord = np.sin(north) ** 2 + np.cos(one) * np.cos(other) * np.sin(east) ** 2
    found: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1, chord)))
    return found
