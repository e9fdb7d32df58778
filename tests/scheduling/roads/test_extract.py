"""Small maps as graphs: directions, barriers, forbidden turns, what is cut off, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from ledger.errors import ConfigurationFault, SourceUnreadable
from scheduling.roads import extract
from scheduling.roads.extract import Graph, graph, read
from scheduling.roads.ways import Ways
from tests.scheduling.roads.drawing import Turn, Way, at, draw

SQUARE = "ab\ncd"
STREET = {"highway": "residential", "maxspeed": "20 mph"}
CROSS = " n\nwxe\n s"


def metres(folder: Path, text: str, ways: list[Way], places: str, turns: list[Turn] | None = None) -> list[list[int]]:
    """Distances between those nodes."""
    found = Ways(read(draw(folder / "map.osm", text, ways, turns or [])))
    degrees = np.array([at(text, letter) for letter in places])
    return found.between(degrees[:, 0], degrees[:, 1]).distance_m.tolist()  # type: ignore[no-any-return]


def test_one_way_streets_are_driven_round(tmp_path: Path) -> None:
    ways: list[Way] = [("ab", {**STREET, "oneway": "yes"}), ("bdca", STREET)]
    assert metres(tmp_path, SQUARE, ways, "ab") == [[0, 100], [300, 0]]
    assert metres(tmp_path, SQUARE, [("ab", {**STREET, "oneway": "-1"}), ("bdca", STREET)], "ab") == [
        [0, 300],
        [100, 0],
    ]


def test_a_roundabout_is_driven_one_way(tmp_path: Path) -> None:
    ways: list[Way] = [("acdba", {**STREET, "junction": "roundabout"})]
    assert metres(tmp_path, SQUARE, ways, "ab") == [[0, 300], [100, 0]]


def test_time_is_that_of_the_speed_driven(tmp_path: Path) -> None:
    made = read(draw(tmp_path / "map.osm", "ab", [("ab", STREET)]))
    assert made.distance_cm.tolist() == pytest.approx([10_000, 10_000], abs=2)
    assert made.time_ms.tolist() == pytest.approx([100 / (20 * 1.609344 * 0.7 / 3.6) * 1000] * 2, rel=1e-3)


def test_a_bollard_ends_the_road_on_both_sides(tmp_path: Path) -> None:
    text = "abc\n   \ndef"
    ways = [("abc", STREET), ("ad", STREET), ("def", STREET), ("fc", STREET)]
    made = read(draw(tmp_path / "map.osm", text, ways, nodes={"b": {"barrier": "bollard"}}))
    assert made.told.blocked_nodes == 1 and made.told.cut_off_m == 0
    degrees = np.array([at(text, letter) for letter in "ac"])
    assert Ways(made).between(degrees[:, 0], degrees[:, 1]).distance_m[0, 1] == 600


def test_what_cannot_be_driven_to_and_back_is_cut_off_and_told(tmp_path: Path) -> None:
    text = "abc  gh\ndef"
    ways: list[Way] = [("abeda", STREET), ("bc", {**STREET, "oneway": "yes"}), ("gh", STREET),
                       ("ef", {**STREET, "motor_vehicle": "no"}), ("df", {"highway": "footway"})]  # fmt: skip
    told = read(draw(tmp_path / "map.osm", text, ways)).told
    assert (told.cut_off_m, told.length_m, told.closed, told.roads) == (200, 400, 1, 3)


def test_nodes_that_the_extract_lacks_are_told_and_the_road_ends_there(tmp_path: Path) -> None:
    path = draw(tmp_path / "map.osm", "abcd", [("abcd", STREET)])
    path.write_text(path.read_text("utf-8").replace(f'<node id="{ord("d")}"', '<node id="7"'), "utf-8")
    told = read(path).told
    assert (told.missing_nodes, told.length_m) == (1, 200)


@pytest.mark.parametrize(
    ("turns", "there", "back"),
    [([], 200, 200), ([("no_left_turn", 0, "x", 1)], 400, 200), ([("only_straight_on", 0, "x", 3)], 400, 200),
     ([("no_right_turn", 1, "x", 0)], 200, 400),
     ([("no_left_turn", 0, "x", 1), ("no_straight_on", 0, "x", 3)], 400, 200)],
)  # fmt: skip
def test_forbidden_turns(tmp_path: Path, turns: list[Turn], there: int, back: int) -> None:
    """From the west to the north: straight on and back, or south and back, where the turn itself is forbidden."""
    ways: list[Way] = [("wx", STREET), ("xn", STREET), ("xs", STREET), ("xe", STREET)]
    assert metres(tmp_path, CROSS, ways, "wn", turns) == [[0, there], [back, 0]]
    assert metres(tmp_path, CROSS, ways, "en", turns) == [[0, 200], [200, 0]]


def test_nobody_turns_round_to_get_past_a_forbidden_turn_but_at_the_end_of_a_road(tmp_path: Path) -> None:
    text = " n  d\nwxefg"
    ways: list[Way] = [("wx", STREET), ("xn", STREET), ("xefg", STREET), ("fd", STREET)]
    forbidden = [("no_left_turn", 0, "x", 1)]
    assert metres(tmp_path, text, ways, "wn", forbidden)[0][1] == 100 + 2 * 300 + 100  # by g or d, not at e or f
    assert metres(tmp_path, text, ways, "wn")[0][1] == 200
    assert metres(tmp_path, text, [*ways, ("gd", STREET)], "wn", forbidden)[0][1] == 100 + 200 + 341 + 200 + 100


def test_turns_of_other_vehicles_and_turns_that_cannot_be_read_leave_the_graph_alone(tmp_path: Path) -> None:
    ways: list[Way] = [("wx", STREET), ("xn", STREET), ("xe", STREET)]
    path = draw(tmp_path / "map.osm", CROSS, ways, [("no_left_turn", 0, "x", 1)])
    text = path.read_text("utf-8")
    assert read(path).told.restrictions == 1
    for other in (
        text.replace('<tag k="type"', '<tag k="except" v="goods;psv"/><tag k="type"'),
        text.replace(f'type="node" ref="{ord("x")}" role="via"', 'type="way" ref="1002" role="via"'),
        text.replace('role="to"', 'role="towards"'),
    ):
        assert other != text
        path.write_text(other, "utf-8")
        told = read(path).told
        assert (told.restrictions, told.restrictions_left_out) == (0, 1)


def test_a_graph_is_kept_under_the_hash_of_its_extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(tmp_path / "map.osm", SQUARE, [("abdca", STREET)])
    first = graph(path, tmp_path / "kept")
    monkeypatch.setattr(extract, "read", lambda *_: pytest.fail("read again"))
    again = graph(path, tmp_path / "kept")
    assert _arrays(again) == _arrays(first) and (again.key, again.told) == (first.key, first.told)
    monkeypatch.undo()
    other = graph(draw(path, SQUARE, [("abdc", STREET)]), tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    assert other.key != first.key and kept.name.startswith(other.key)
    kept.write_bytes(kept.read_bytes()[:1_000])
    assert _arrays(graph(path, tmp_path / "kept")) == _arrays(other)


def _arrays(made: Graph) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in vars(made).items() if isinstance(value, np.ndarray)}


@pytest.mark.parametrize(
    ("name", "content"),
    [("map.osm", b""), ("map.osm.pbf", b""), ("map.osm.pbf", b"Not Found"), ("map.osm", b"<html></html>"),
     ("map.csv", b"a,b"), ("map.osm", b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="1" lon="2"/>')],
)  # fmt: skip
def test_what_is_no_whole_extract_is_refused_with_its_place(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceUnreadable, match="not a whole OpenStreetMap extract") as caught:
        graph(tmp_path / name, tmp_path / "kept")
    assert caught.value.place == str(tmp_path / name) and "fetch" in caught.value.next_step
    assert not (tmp_path / "kept").exists()


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    path = draw(tmp_path / "map.osm", SQUARE, [("ab", {"highway": "footway"})])
    with pytest.raises(SourceUnreadable, match="no road"):
        graph(path, tmp_path / "kept")
    with pytest.raises(ConfigurationFault, match="no road extract there"):
        graph(tmp_path / "none.osm.pbf", tmp_path / "kept")


def test_all_nodes_reach_all(tmp_path: Path) -> None:
    made = read(draw(tmp_path / "map.osm", CROSS, [("wx", STREET), ("xn", STREET), ("xs", STREET), ("xe", STREET)],
                     [("no_left_turn", 0, "x", 1), ("only_left_turn", 2, "x", 0)]))  # fmt: skip
    edges = coo_array((made.distance_cm, (made.start, made.end)), shape=(made.nodes, made.nodes))
    assert np.isfinite(shortest_path(edges)).all()
