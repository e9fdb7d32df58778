"""The same ways by OSRM, an engine of its own kind: as it told them once, and anew where it is installed.

It gets each road with the speeds that a van drives there, and finds nodes, turns, nearest roads and ways by itself.
``osrm_london.json`` is what it told of 40 places (osrm-bindings 26.10); where osrm-bindings is installed, which has
wheels from Python 3.12 on, it is asked again of 300.
"""

from __future__ import annotations

import json
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import osmium
import pytest
from numpy.typing import NDArray

from benchmarks.scheduling.instances import INSTANCES
from scheduling.roads import tags
from scheduling.roads.doors import ACCESS_KMH
from scheduling.roads.extract import Graph, read
from scheduling.roads.ways import Ways

LONDON = INSTANCES / "roads" / "london.osm.pbf"
TOLD = Path(__file__).with_name("osrm_london.json")
Floats = NDArray[np.float64]
PROFILE = """
api_version = 4
function setup()
  return {
    properties = {weight_name = 'duration', max_speed_for_map_matching = 50, u_turn_penalty = 0,
                  continue_straight_at_waypoint = false, use_turn_restrictions = true},
    restrictions = {'motorcar', 'motor_vehicle', 'goods'},
  }
end
function process_node(profile, node, result)
  if node:get_value_by_key('blocked') then result.barrier = true end
end
function process_way(profile, way, result)
  local ahead, back = tonumber(way:get_value_by_key('ahead')), tonumber(way:get_value_by_key('back'))
  if ahead > 0 then result.forward_mode = mode.driving; result.forward_speed = ahead end
  if back > 0 then result.backward_mode = mode.driving; result.backward_speed = back end
end
function process_turn(profile, turn) turn.duration = 0 end
return {setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn}
"""


pytestmark = pytest.mark.skipif(
    not LONDON.exists(), reason=f"{LONDON} is missing: set SCHEDULING_INSTANCES to the instances"
)


def prepared(extract: Path, folder: Path) -> Path:
    """The extract as OSRM reads it, with nothing but what vans drive on and how fast."""
    known = tags.classes()
    with osmium.SimpleWriter(str(folder / "van.osm.pbf")) as file:
        for item in osmium.FileProcessor(str(extract)):
            stated = dict(item.tags)
            if isinstance(item, osmium.osm.Node):
                file.add_node(item.replace(tags={"blocked": "yes"} if tags.is_blocked(stated) else {}))
            elif isinstance(item, osmium.osm.Way) and (road := tags.road(stated, known)):
                speeds = {"ahead": repr(road.ahead_kmh), "back": repr(road.back_kmh)}
                file.add_way(item.replace(tags={"highway": "road", **speeds}))
            elif stated.get("type") == "restriction":
                file.add_relation(item)
    (folder / "van.lua").write_text(PROFILE, "utf-8")
    programs = Path(str(find_spec("osrm").origin)).parent / "bin"  # type: ignore[union-attr]
    for command in (["osrm-extract", "-p", "van.lua", "van.osm.pbf"], ["osrm-contract", "van.osrm"]):
        subprocess.run([programs / command[0], *command[1:]], cwd=folder, check=True, capture_output=True)
    return folder / "van.osrm"


def table(roads: Path, latitude: Floats, longitude: Floats) -> tuple[Floats, Floats, Floats]:
    """OSRM's seconds and metres between places, and how far off the road each is."""
    osrm = import_module("osrm")
    engine = osrm.OSRM(
        algorithm="CH", storage_config=str(roads), use_shared_memory=False, max_locations_distance_table=len(latitude)
    )
    asked = osrm.TableParameters(
        coordinates=list(zip(longitude.tolist(), latitude.tolist(), strict=True)), annotations=["duration", "distance"]
    )
    found = engine.Table(asked)
    seconds, metres = (
        np.array([[float(value) for value in row] for row in found[name]]) for name in ("durations", "distances")
    )
    return seconds, metres, np.array([float(source["distance"]) for source in found["sources"]])


def places(graph: Graph, count: int) -> tuple[Floats, Floats]:
    """Latitude and longitude of places along the roads."""
    rng = np.random.default_rng(5)
    segment, share = rng.choice(np.flatnonzero(graph.stops), count), rng.random(count)
    latitude, longitude = (
        values[graph.segment_from[segment]] * (1 - share) + values[graph.segment_to[segment]] * share
        for values in (graph.latitude, graph.longitude)
    )
    return latitude.round(6), longitude.round(6)


def hold(graph: Graph, latitude: Floats, longitude: Floats, told: tuple[Floats, Floats, Floats]) -> None:
    """Holds our ways between places within 5 % of what OSRM told, in all and for nine in ten of them."""
    seconds, metres, their_apart_m = told
    ours = Ways(graph)
    found, apart_m = ours.between(latitude, longitude), ours.snapping.spots(latitude, longitude).apart_m
    alike = np.abs(apart_m - their_apart_m) < 2
    assert alike.mean() > 0.95
    pairs = np.ix_(alike, alike)
    access_s = apart_m * 3.6 / ACCESS_KMH
    our_s = (found.duration_s - access_s[:, None] - access_s)[pairs]
    our_m = (found.distance_m - apart_m[:, None] - apart_m)[pairs]
    assert our_s.sum() == pytest.approx(seconds[pairs].sum(), rel=0.05)
    assert our_m.sum() == pytest.approx(metres[pairs].sum(), rel=0.05)
    assert np.mean(np.abs(our_s - seconds[pairs]) <= 0.05 * seconds[pairs] + 2) > 0.9
    assert np.mean(np.abs(our_m - metres[pairs]) <= 0.05 * metres[pairs] + 5) > 0.9


def test_ways_through_london_are_within_five_percent_of_what_osrm_told() -> None:
    told = {name: np.array(values, dtype=float) for name, values in json.loads(TOLD.read_text("utf-8")).items()}
    hold(read(LONDON), told["latitude"], told["longitude"], (told["duration_s"], told["distance_m"], told["apart_m"]))


@pytest.mark.skipif(find_spec("osrm") is None, reason="osrm-bindings is not installed: wheels from Python 3.12 on")
def test_ways_through_london_are_within_five_percent_of_what_osrm_tells(tmp_path: Path) -> None:
    graph = read(LONDON)
    latitude, longitude = places(graph, 300)
    hold(graph, latitude, longitude, table(prepared(LONDON, tmp_path), latitude, longitude))
