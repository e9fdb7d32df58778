"""The ways of a problem: where roads are known, where they are not, and where nothing is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ledger.errors import ConfigurationFault
from scheduling.problem import DayPart, Place
from scheduling.roads.estimate import estimated
from scheduling.roads.sphere import metres_between
from scheduling.roads.traffic import day_parts
from scheduling.roads.travel import COVERED_M, NOWHERE_M, NOWHERE_S, Roads, roads
from tests.scheduling.roads.drawing import draw, spot

STREET = {"highway": "residential"}


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return draw(tmp_path / "map.osm", "ab\ncd", [("abdc", STREET)])


def places(*metres: tuple[float, float]) -> list[Place]:
    return [Place(f"home {number}", *spot(*where)) for number, where in enumerate(metres)]


def test_ways_are_by_road_where_a_road_is_near(extract: Path, tmp_path: Path) -> None:
    found = roads(extract, tmp_path / "kept").travel(places((0, 0), (0, 100), (0, -COVERED_M + 5)))
    assert found.distance_m[0].tolist() == [0, 300, 495] and not found.approximated
    assert found.day_parts == day_parts()


def test_ways_of_a_place_that_no_road_is_near_are_estimated_and_told(extract: Path, tmp_path: Path) -> None:
    far = places((0, 0), (0, -COVERED_M - 5), (0, 100))
    found = roads(extract, tmp_path / "kept").travel(far)
    assert found.approximated == {1}
    circle_m = metres_between(*(np.array([value]) for value in (far[1].latitude, far[1].longitude, *spot(0, 100))))
    seconds, metres = estimated(circle_m)
    assert (found.duration_s[1, 2], found.distance_m[2, 1]) == (seconds[0], metres[0])
    assert found.distance_m[0, 2] == 300


def test_without_an_extract_all_is_estimated(tmp_path: Path) -> None:
    found = roads(None, tmp_path).travel(places((0, 0), (0, 2_000)))
    assert found.approximated == {0, 1}
    assert found.distance_m[0, 1] == pytest.approx(2_000 * 1.623, abs=2)
    assert np.array_equal(found.distance_m, found.distance_m.T)


def test_a_place_without_coordinates_is_nowhere_and_leaves_the_others_alone(extract: Path, tmp_path: Path) -> None:
    nowhere = Place("lost", float("nan"), float("nan"))
    for given in (extract, None):
        of = roads(given, tmp_path / "kept")
        found = of.travel([*places((0, 0), (0, 100)), nowhere])
        alone = of.travel(places((0, 0), (0, 100)))
        assert np.array_equal(found.distance_m[:2, :2], alone.distance_m)
        assert found.duration_s[2].tolist() == [NOWHERE_S, NOWHERE_S, 0]
        assert found.distance_m[:2, 2].tolist() == [NOWHERE_M, NOWHERE_M]
        assert 2 not in found.approximated


def test_places_that_come_up_during_the_day_are_added_the_same_as_all_at_once(extract: Path, tmp_path: Path) -> None:
    nowhere = Place("lost", float("nan"), float("nan"))
    all_of_them = [
        *places((0, 0), (0, -900), (50, 0), (0, 100)),
        nowhere,
        *places((80, 10), (0, -700), (0, 0)),
        nowhere,
    ]
    for given in (extract, None):
        of = roads(given, tmp_path / "kept")
        whole = of.travel(all_of_them)
        for old in (0, 1, 5, 8):
            found = of.extended(of.travel(all_of_them[:old]), all_of_them[:old], all_of_them[old:])
            assert np.array_equal(found.duration_s, whole.duration_s), old
            assert np.array_equal(found.distance_m, whole.distance_m), old
            assert found.approximated == whole.approximated


def test_no_places_have_no_ways(extract: Path, tmp_path: Path) -> None:
    for of in (Roads(), roads(extract, tmp_path / "kept")):
        assert of.travel([]).duration_s.shape == (0, 0)


def test_settings_may_replace_day_parts(extract: Path, tmp_path: Path) -> None:
    (tmp_path / "parts.csv").write_text("start,percent\n00:00,100\n08:00,150\n", "utf-8")
    found = roads(extract, tmp_path / "kept", tmp_path / "parts.csv").travel(places((0, 0)))
    assert found.day_parts == (DayPart(0, 100), DayPart(480, 150))
    with pytest.raises(ConfigurationFault):
        roads(tmp_path / "none.osm.pbf", tmp_path / "kept")


def test_what_is_kept_is_found_again(extract: Path, tmp_path: Path) -> None:
    first = roads(extract, tmp_path / "kept").travel(places((0, 0), (50, 0)))
    kept = sorted(path.name.partition(".")[2] for path in (tmp_path / "kept").iterdir())
    assert kept == ["roads.npz", "ways.npz"]
    again = roads(extract, tmp_path / "kept").travel(places((0, 0), (50, 0)))
    assert np.array_equal(first.duration_s, again.duration_s)
