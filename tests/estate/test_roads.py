"""The town's roads: every home stands on its street, any place is driven to, and the railway makes ways longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import KDTree

from estate import roads
from estate.roads import Roads
from estate.truth import Truth
from estate.world import World
from estate.writers import roads as writer
from identity.addresses.grid import to_degrees

CLOSED = ["", "footway"]


@pytest.fixture(scope="module")
def town(small_world: World) -> Roads:
    return roads.build(small_world)


def driven(town: Roads) -> pd.DataFrame:
    """Edges that vans may take: way_id, start, end."""
    members = town.members.assign(start=town.members["node_id"].shift(fill_value=-1))
    members = members.assign(first=~members["way_id"].duplicated())
    edges = members[~members["first"]].rename(columns={"node_id": "end"})[["way_id", "start", "end"]]
    edges = edges.merge(town.ways[["way_id", "highway", "oneway", "junction"]], on="way_id")
    edges = edges[~edges["highway"].isin(CLOSED)]
    both = edges[(edges["oneway"] == "") & (edges["junction"] == "")]
    back = both.rename(columns={"start": "end", "end": "start"})
    return pd.concat([edges, back], ignore_index=True)[["way_id", "start", "end"]]


def graph(town: Roads) -> coo_array:
    edges, nodes = driven(town), town.nodes
    at = nodes["easting"].to_numpy() + 1j * nodes["northing"].to_numpy()
    length = np.abs(at[edges["start"]] - at[edges["end"]]) + 1e-9
    return coo_array((length, (edges["start"], edges["end"])), shape=(len(nodes), len(nodes)))


def test_every_home_stands_by_its_own_street(town: Roads, small_world: World) -> None:
    nodes = town.members.merge(town.ways, on="way_id").merge(town.nodes, on="node_id")
    own = small_world.places.properties
    for street, homes in own[own["is_dwelling"]].groupby("street"):
        street_nodes = nodes.loc[nodes["name"] == street, ["easting", "northing"]]
        apart, _ = KDTree(street_nodes).query(homes[["easting", "northing"]])
        assert apart.max() < 100, street


def test_every_operative_lives_on_a_road(town: Roads, small_world: World) -> None:
    apart, _ = KDTree(town.nodes[["easting", "northing"]]).query(
        small_world.workforce.operatives[["easting", "northing"]]
    )
    assert apart.max() < 1


def test_any_place_is_driven_to_from_any_other(town: Roads) -> None:
    edges = driven(town)
    _, part = connected_components(graph(town), connection="strong")
    assert len(set(part[edges["start"]]) | set(part[edges["end"]])) == 1


def test_it_has_what_a_town_has(town: Roads) -> None:
    ways = town.ways
    assert {"residential", "unclassified", "secondary", "primary", "trunk", "footway", ""} == set(ways["highway"])
    assert (ways["junction"] == "roundabout").any() and (ways["bridge"] == "yes").any()
    assert ((ways["highway"] == "trunk") & (ways["oneway"] == "yes")).sum() >= 2
    assert ((ways["highway"] == "residential") & (ways["oneway"] == "yes")).any()
    ends = pd.concat([driven(town)[["start", "end"]]]).groupby("start")["end"].nunique()
    assert (ends == 1).sum() > 20, "cul-de-sacs"
    assert (ways["maxspeed"] == "").any() and {"20 mph", "30 mph", "50 mph"} <= set(ways["maxspeed"])


def test_the_railway_is_crossed_on_few_bridges_and_makes_ways_longer(town: Roads) -> None:
    nodes, ways = town.nodes, town.ways
    at = nodes["easting"].to_numpy() + 1j * nodes["northing"].to_numpy()
    rail = town.members.loc[town.members["way_id"] == ways.loc[ways["highway"] == "", "way_id"].item(), "node_id"]
    start, end = at[rail.to_numpy()]
    left = ((at - start) / (end - start)).imag > 0
    edges = driven(town)
    over = edges[left[edges["start"]] != left[edges["end"]]]
    assert 1 <= over["way_id"].nunique() <= 4
    assert (ways.loc[over["way_id"], "bridge"] == "yes").all()
    used = np.unique(edges["start"])
    near = KDTree(np.column_stack([at.real, at.imag])[used[left[used]]])
    apart, other = near.query(np.column_stack([at.real, at.imag])[used[~left[used]]])
    closest = apart.argmin()
    by_road = shortest_path(graph(town), indices=used[~left[used]][closest])[used[left[used]][other[closest]]]
    assert by_road > 3 * apart.min()


def read(path: Path) -> Iterator[tuple[int, tuple[float, float] | None, dict[str, str]]]:
    """Id, latitude and longitude (none of a way) and tags of all that the extract holds."""
    for item in osmium.FileProcessor(path):
        at = (item.location.lat, item.location.lon) if isinstance(item, osmium.osm.Node) else None
        yield item.id, at, dict(item.tags)


def test_the_extract_holds_the_roads_where_the_grid_says(town: Roads, small_world: World, tmp_path: Path) -> None:
    writer.write(small_world, tmp_path, Truth())
    path = tmp_path / writer.FILE
    items = list(read(path))
    nodes = {number: at for number, at, _ in items if at is not None}
    ways = [tags for _, at, tags in items if at is None]
    assert (len(nodes), len(ways)) == (len(town.nodes), len(town.ways))
    exact = to_degrees(town.nodes["easting"], town.nodes["northing"]).to_numpy()
    written = np.array([nodes[number] for number in range(1, len(nodes) + 1)])
    assert np.abs(exact - written).max() * 111_000 < 0.2
    assert sum("railway" in tags for tags in ways) == 1
    assert all(set(tags) <= {"highway", "name", "ref", "maxspeed", "oneway", "junction", "bridge", "railway"}
               for tags in ways)  # fmt: skip
    first = path.read_bytes()
    writer.write(small_world, tmp_path, Truth())
    assert path.read_bytes() == first
