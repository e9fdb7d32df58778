"""Tags as they stand in Britain, and what a van makes of them."""

from __future__ import annotations

import pytest

from scheduling.roads import tags
from scheduling.roads.tags import Road, classes, is_blocked, road

MILE = 1.609344


def read(**stated: str) -> Road | None:
    return road({key.replace("__", ":"): value for key, value in stated.items()}, classes())


def kmh(mph: float, percent: float) -> object:
    return pytest.approx(mph * MILE * percent / 100)


@pytest.mark.parametrize(
    ("stated", "mph"),
    [("20 mph", 20), ("30mph", 30), ("50", 50 / MILE), ("50 km/h", 50 / MILE), ("walk", 4), ("GB:nsl_restricted", 30),
     ("GB:nsl_single", 50), ("national", 50), ("70 mph", 50), ("30 mph;20 mph", 20), ("signals", 30), ("", 30),
     ("0", 30)],
)  # fmt: skip
def test_limits_of_a_residential_street(stated: str, mph: float) -> None:
    found = read(highway="residential", maxspeed=stated)
    assert found and found.ahead_kmh == kmh(mph, 70) == found.back_kmh


def test_limits_are_those_of_a_van_by_kind_of_road() -> None:
    for stated, mph in (
        ({"highway": "trunk", "maxspeed": "70 mph", "oneway": "yes"}, 60),
        ({"highway": "trunk", "maxspeed:type": "GB:nsl_single"}, 50),
        ({"highway": "trunk", "source:maxspeed": "GB:nsl_dual", "oneway": "yes"}, 60),
        ({"highway": "trunk"}, 50),
    ):
        found = road(stated, classes())
        assert found and found.ahead_kmh == kmh(mph, 85)
    motorway = read(highway="motorway")
    assert motorway and motorway.ahead_kmh == kmh(70, 95) and not motorway.back_kmh and not motorway.stops


def test_each_direction_may_have_a_limit_of_its_own() -> None:
    found = read(highway="primary", maxspeed="40 mph", maxspeed__backward="30 mph")
    assert found and (found.ahead_kmh, found.back_kmh) == (kmh(40, 75), kmh(30, 75))


@pytest.mark.parametrize(
    ("stated", "ways"),
    [({}, (True, True)), ({"oneway": "yes"}, (True, False)), ({"oneway": "1"}, (True, False)),
     ({"oneway": "-1"}, (False, True)), ({"oneway": "no"}, (True, True)), ({"junction": "roundabout"}, (True, False)),
     ({"junction": "roundabout", "oneway": "no"}, (True, True)),
     ({"oneway": "yes", "oneway:motor_vehicle": "no"}, (True, True))],
)  # fmt: skip
def test_one_way_streets(stated: dict[str, str], ways: tuple[bool, bool]) -> None:
    found = road({"highway": "residential", **stated}, classes())
    assert found and (found.ahead_kmh > 0, found.back_kmh > 0) == ways


@pytest.mark.parametrize(
    "stated",
    [{"highway": "footway"}, {"highway": "track"}, {"highway": "construction"}, {"route": "ferry"},
     {"highway": "service", "access": "private"}, {"highway": "residential", "motor_vehicle": "no"},
     {"highway": "residential", "access": "no"}, {"highway": "unclassified", "vehicle": "no"},
     {"highway": "service", "access": "yes", "motorcar": "no"}, {"highway": "service", "service": "emergency_access"},
     {"highway": "residential", "oneway": "reversible"}, {"highway": "pedestrian"},
     {"highway": "service", "area": "yes"}],
)  # fmt: skip
def test_where_a_van_may_not_go(stated: dict[str, str]) -> None:
    assert road(stated, classes()) is None


@pytest.mark.parametrize(
    "stated",
    [{"access": "no", "motor_vehicle": "yes"}, {"access": "destination"}, {"motor_vehicle": "permit"},
     {"access": "no", "goods": "designated"}],
)  # fmt: skip
def test_where_a_van_has_business(stated: dict[str, str]) -> None:
    assert road({"highway": "service", **stated}, classes())


@pytest.mark.parametrize(
    ("stated", "blocked"),
    [({"barrier": "bollard"}, True), ({"barrier": "gate"}, False), ({"barrier": "gate", "access": "private"}, True),
     ({"barrier": "gate", "locked": "yes"}, True), ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
     ({"barrier": "cycle_barrier"}, True), ({"highway": "crossing"}, False), ({"barrier": "lift_gate"}, False)],
)  # fmt: skip
def test_barriers(stated: dict[str, str], blocked: bool) -> None:
    assert is_blocked(stated) == blocked


def test_every_class_has_a_speed_that_can_be_driven() -> None:
    for name, of in classes().items():
        assert 5 <= of.implied_mph <= 70 and 40 <= of.percent <= 100, name
    assert tags.SPEEDS.exists()
