"""Ways between places: against another way to compute them, and the same however they were come by."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from estate.world import World
from identity.addresses.grid import to_degrees
from scheduling.roads import ways
from scheduling.roads.doors import ACCESS_KMH
from scheduling.roads.extract import Graph, read
from scheduling.roads.snapping import Snapping
from scheduling.roads.sphere import metres_between
from scheduling.roads.ways import Between, Ways
from tests.scheduling.roads.drawing import METRES, draw, spot

Floats = NDArray[np.float64]
STREET = {"highway": "residential"}


@pytest.fixture(scope="module")
def homes(town_world: World) -> tuple[Floats, Floats]:
    own = town_world.places.properties
    degrees = to_degrees(own["easting"], own["northing"])
    some = degrees[own["is_dwelling"]].drop_duplicates().sample(120, random_state=3)
    return some["latitude"].to_numpy(), some["longitude"].to_numpy()


def same(one: Between, other: Between) -> bool:
    return all(
        (getattr(one, name).tobytes(), getattr(one, name).shape)
        == (getattr(other, name).tobytes(), getattr(other, name).shape)
        for name in vars(one)
    )


def searched(graph: Graph, latitude: Floats, longitude: Floats, place: int) -> tuple[Floats, Floats]:
    """Seconds and metres from one place to all, by a plain search of all nodes with the places among them."""
    spots = Snapping(graph).spots(latitude, longitude)
    edges: dict[object, list[tuple[object, float, float]]] = {}
    for start, end, time, distance in zip(graph.start, graph.end, graph.time_ms, graph.distance_cm, strict=True):
        edges.setdefault(int(start), []).append((int(end), time / 1_000, distance / 100))
    on: dict[int, list[tuple[float, object]]] = {}
    for number, (segment, share) in enumerate(zip(spots.segment, spots.share, strict=True)):
        for edge, gone in ((graph.ahead[segment], share), (graph.back[segment], 1 - share)):
            if edge >= 0:
                on.setdefault(int(edge), []).append((gone, f"road of {number}"))
    for edge, those in on.items():
        time, distance = graph.time_ms[edge] / 1_000, graph.distance_cm[edge] / 100
        along = sorted(those, key=lambda stop: stop[0])
        stops = [(0.0, int(graph.start[edge])), *along, (1.0, int(graph.end[edge]))]
        for (gone, one), (then, other) in pairwise(stops):
            edges.setdefault(one, []).append((other, (then - gone) * time, (then - gone) * distance))
    for number, apart in enumerate(spots.apart_m):
        off = (apart * 3.6 / ACCESS_KMH, apart)
        edges[f"place {number}"] = [(f"road of {number}", *off)]
        edges.setdefault(f"road of {number}", []).append((f"place {number}", *off))
    best: dict[object, tuple[float, float]] = {}
    heap: list[tuple[float, float, int, object]] = [(0.0, 0.0, 0, f"place {place}")]
    while heap:
        seconds, metres, _, node = heappop(heap)
        if node in best:
            continue
        best[node] = (seconds, metres)
        for other, more, longer in edges[node]:
            if other not in best:
                heappush(heap, (seconds + more, metres + longer, len(heap) + len(best), other))
    found = np.array([best[f"place {number}"] for number in range(len(latitude))])
    return found[:, 0], found[:, 1]


def test_ways_are_those_that_a_plain_search_finds(small_town: Graph, homes: tuple[Floats, Floats]) -> None:
    found = Ways(small_town).between(*homes)
    for place in range(0, 120, 17):
        seconds, metres = searched(small_town, *homes, place)
        assert np.abs(found.duration_s[place] - seconds).max() <= 0.6
        assert np.abs(found.distance_m[place] - metres).max() <= 3  # of two ways that take the same time, to rounding


def test_places_are_met_between_nodes_and_the_last_yards_count(tmp_path: Path) -> None:
    made = Ways(read(draw(tmp_path / "map.osm", "abcd", [("abcd", {**STREET, "maxspeed": "20 mph"})])))
    kmh = 20 * 1.609344 * 0.7
    one, other = spot(0.3 * METRES, 40), spot(2.5 * METRES, -10)
    found = made.between(*np.array([one, other, one]).T)
    assert found.distance_m[0].tolist() == [0, 220 + 40 + 10, 0]
    assert found.duration_s[0, 1] == found.duration_s[1, 0] == round(220 * 3.6 / kmh + 50 * 3.6 / ACCESS_KMH)


def test_the_nearest_road_is_found_by_its_middle_too(tmp_path: Path) -> None:
    text = "a" + " " * 40 + "b\n\n\n" + " " * 20 + "c"
    made = Snapping(read(draw(tmp_path / "map.osm", text, [("ab", STREET), ("acb", STREET)])))
    found = made.spots(*np.array([spot(2_050, 30), spot(2_000, 290)]).T)
    assert found.apart_m.tolist() == pytest.approx([30, 10], abs=0.5)
    assert found.share[0] == pytest.approx(2_050 / 4_100, abs=0.01)


def test_motorways_are_driven_on_but_nobody_lives_there(tmp_path: Path) -> None:
    text = "abc\nd e"
    ways_of = [("ab", STREET), ("bc", {"highway": "motorway", "oneway": "no"}), ("adec", STREET)]
    made = Ways(read(draw(tmp_path / "map.osm", text, ways_of)))
    found = made.between(*np.array([spot(0, -10), spot(150, -1), spot(200, 0)]).T)
    assert found.distance_m[0, 2] == 210 and found.distance_m[0, 1] == 100 + 10 + 50


def test_one_way_streets_between_two_homes_of_the_same_street(tmp_path: Path) -> None:
    ways_of = [("ab", {**STREET, "oneway": "yes"}), ("bdca", STREET)]
    made = Ways(read(draw(tmp_path / "map.osm", "ab\ncd", ways_of)))
    found = made.between(*np.array([spot(20, 0), spot(80, 0)]).T)
    assert found.distance_m.tolist() == [[0, 60], [340, 0]]


def test_new_places_are_added_to_the_kept_ones_the_same_as_all_at_once(
    small_town: Graph, homes: tuple[Floats, Floats], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latitude, longitude = homes
    made = Ways(small_town)
    at_once = made.between(latitude, longitude)
    for number in (50, 90, 91, 120):
        made.between(latitude[:number], longitude[:number], tmp_path)
    assert same(made.between(latitude, longitude, tmp_path), at_once)
    backwards = made.between(latitude[::-1], longitude[::-1], tmp_path)
    assert same(Between(*(matrix[::-1, ::-1] for matrix in vars(backwards).values())), at_once)
    monkeypatch.setattr(ways, "_least", lambda *_: pytest.fail("searched again"))
    assert same(Ways(small_town).between(latitude, longitude, tmp_path), at_once)
    some = Ways(small_town).between(latitude[20:60], longitude[20:60], tmp_path)
    assert same(some, Between(at_once.duration_s[20:60, 20:60].copy(), at_once.distance_m[20:60, 20:60].copy()))


def test_only_the_ways_of_new_places_are_searched(
    small_town: Graph, homes: tuple[Floats, Floats], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Ways(small_town)
    made.between(homes[0][:110], homes[1][:110], tmp_path)
    searches, plain = list[int](), dijkstra

    def counted(roads: object, indices: NDArray[np.int64]) -> Floats:
        searches.append(len(indices))
        found: Floats = plain(roads, indices=indices)
        return found

    monkeypatch.setattr(ways, "dijkstra", counted)
    made.between(*homes, tmp_path)
    assert 0 < sum(searches) <= 4 * 10


def test_what_nobody_asks_for_makes_room(
    small_town: Graph, homes: tuple[Floats, Floats], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "KEPT_PLACES", 100)
    made = Ways(small_town)
    made.between(homes[0][:80], homes[1][:80], tmp_path)
    found = made.between(homes[0][40:], homes[1][40:], tmp_path)
    assert same(found, made.between(homes[0][40:], homes[1][40:]))
    (kept,) = tmp_path.iterdir()
    with np.load(kept) as stored:
        assert len(stored["places"]) == 80


def test_kept_ways_that_cannot_be_read_are_computed_again(
    small_town: Graph, homes: tuple[Floats, Floats], tmp_path: Path
) -> None:
    made = Ways(small_town)
    at_once = made.between(*homes, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:5_000])
    assert same(made.between(*homes, tmp_path), at_once)
    kept.write_bytes(b"")
    assert same(made.between(*homes, tmp_path), at_once)


def test_roads_are_longer_than_the_great_circle(small_town: Graph, homes: tuple[Floats, Floats]) -> None:
    found = Ways(small_town).between(*homes)
    latitude, longitude = homes
    circle_m = metres_between(latitude[:, None], longitude[:, None], latitude, longitude)
    assert (found.distance_m + 2 >= circle_m * 0.998).all()
    assert 1.15 < found.distance_m.sum() / circle_m.sum() < 2
    assert found.duration_s.dtype == found.distance_m.dtype == np.int32
    assert not np.diag(found.duration_s).any()


def test_homes_at_one_spot_are_no_way_apart(small_town: Graph, homes: tuple[Floats, Floats]) -> None:
    latitude, longitude = (np.append(values[:5], values[2]) for values in homes)
    found = Ways(small_town).between(latitude, longitude)
    assert found.duration_s[2, 5] == found.distance_m[5, 2] == 0
    assert np.array_equal(found.duration_s[2], found.duration_s[5])


def test_no_places_have_no_ways(small_town: Graph) -> None:
    assert Ways(small_town).between(np.empty(0), np.empty(0)).duration_s.shape == (0, 0)
