"""The town's roads: the streets that the homes stand on, main roads between the estates, and a railway to get across.

The plane is complex: metres east + i metres north of the National Grid. The railway is straight and crossed on a few
bridges alone, so two homes in sight of each other can be miles apart by road.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import KDTree

from estate.plane import Ints, Line, Points, drawn, links_needed, noded
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

_RING_M = 25.0  # radius of a roundabout
_APART_M = 8.0  # of each carriageway from the middle of its road
_BRIDGE_M = 30.0  # half the length of a bridge
_SHORT_M = 250.0  # a longer link is a lane


@dataclass(frozen=True, eq=False)
class Roads:
    """Nodes, and the ways that run through them. Ids are row numbers.

    nodes    node_id, easting, northing (float metres)
    ways     way_id, highway ('' is the railway), name, ref, maxspeed, oneway (yes or ''), junction, bridge (yes or '')
    members  way_id, node_id, in the order of each way
    """

    nodes: pd.DataFrame
    ways: pd.DataFrame
    members: pd.DataFrame


@dataclass(frozen=True)
class _Railway:
    """A straight line through ``at`` towards ``along``, which is of length 1."""

    at: complex
    along: complex

    def is_left(self, points: Points) -> NDArray[np.bool_]:
        """Which points lie to its left."""
        left: NDArray[np.bool_] = ((points - self.at) / self.along).imag > 0
        return left

    def reach(self, points: Points) -> NDArray[np.float64]:
        """How far along it each point is, metres."""
        found: NDArray[np.float64] = ((points - self.at) / self.along).real
        return found


def build(world: World) -> Roads:
    """The roads of the world's town, from a random stream of their own. Any of them leads to any other."""
    rng = stream(world.seed, "roads")
    hubs, people = _complex(world.places.estates), _complex(world.workforce.operatives)
    railway = _across(hubs, rng)
    lines = [*_streets(world, rng), *_mains(world, hubs, railway, rng)]
    nodes, edges = noded([line.points for line in lines], [line.meets for line in lines])
    left = railway.is_left(nodes)
    bridges = np.array([line.tags.get("bridge") == "yes" for line in lines])
    edges = edges[(left[edges["start"]] == left[edges["end"]]) | bridges[edges["line_id"]]]
    meets = np.array([line.meets for line in lines])[edges["line_id"]]
    nodes = np.concatenate([nodes, people])
    open_to_links = np.zeros(len(nodes), dtype=bool)
    open_to_links[edges.loc[meets, ["start", "end"]].to_numpy().ravel()] = True
    open_to_links[-len(people) :] = True
    links = links_needed(nodes, edges, open_to_links, railway.is_left(nodes), rng)
    length = np.abs(nodes[links[:, 0]] - nodes[links[:, 1]])
    street, lane = {"highway": "residential", "maxspeed": "20 mph"}, {"highway": "unclassified", "maxspeed": "40 mph"}
    tags = [line.tags for line in lines] + [street if metres < _SHORT_M else lane for metres in length]
    footbridges = _footbridges(nodes, np.unique(edges[["start", "end"]].to_numpy()), railway)
    tags += [{"highway": "footway", "bridge": "yes"}] * len(footbridges) + [{"railway": "rail"}]
    ends = railway.at + railway.along * np.array([-1.2, 1.2]) * np.abs(railway.reach(nodes)).max()
    pairs = np.concatenate([links, footbridges, [[len(nodes), len(nodes) + 1]]])
    added = pd.DataFrame({"line_id": len(lines) + np.arange(len(pairs)), "start": pairs[:, 0], "end": pairs[:, 1]})
    return _ways(np.concatenate([nodes, ends]), pd.concat([edges, added], ignore_index=True), pd.DataFrame(tags), rng)


def _complex(frame: pd.DataFrame) -> Points:
    found: Points = frame["easting"].to_numpy(np.float64) + 1j * frame["northing"].to_numpy(np.float64)
    return found


def _across(hubs: Points, rng: np.random.Generator) -> _Railway:
    """A railway at any angle that leaves half of the estates on either side."""
    along = np.exp(1j * rng.uniform(0, np.pi))
    beside = np.sort((hubs / along).imag)
    middle = len(hubs) // 2
    return _Railway(complex(np.mean(hubs / along).real + 1j * beside[middle - 1 : middle + 1].mean()) * along, along)


def _streets(world: World, rng: np.random.Generator) -> list[Line]:
    """Every named street, as long as its last house number needs."""
    streets, blocks = world.places.streets, world.places.blocks
    last = streets["slots"].to_numpy(copy=True)
    np.maximum.at(last, blocks["street_id"].to_numpy(), blocks["number"].to_numpy())
    start = _complex(streets)
    end = start + np.exp(1j * np.radians(90 - streets["bearing"].to_numpy())) * 4 * (last + 2)
    speed = rng.choice(["20 mph", "30 mph", ""], len(streets), p=[0.4, 0.5, 0.1])
    oneway = rng.choice(["yes", ""], len(streets), p=[0.12, 0.88])
    return [
        Line(drawn(one, other), {"highway": "residential", "name": name, "maxspeed": limit, "oneway": way})
        for one, other, name, limit, way in zip(start, end, streets["name"], speed, oneway, strict=True)
    ]


def _mains(world: World, hubs: Points, railway: _Railway, rng: np.random.Generator) -> list[Line]:
    """Roads from estate to estate on each side of the railway, one of them a dual carriageway, and the bridges."""
    pairs = _neighbours(hubs, railway.is_left(hubs))
    trunk = _longest(hubs, pairs, railway)
    rings = np.unique(pairs[trunk])
    lines = [
        Line(_ring(hubs[hub]), {"highway": "trunk", "junction": "roundabout", "maxspeed": "30 mph"}) for hub in rings
    ]
    names = world.places.estates["name"].to_numpy() + " Road"
    for (one, other), dual, bend in zip(pairs, trunk, rng.normal(0, 0.05, len(pairs)), strict=True):
        start, end = (_gate(hubs, hub, towards, rings) for hub, towards in ((one, other), (other, one)))
        points = drawn(start, end, bend)
        if dual:
            fast = {"highway": "trunk", "ref": "A4301", "maxspeed": "50 mph", "oneway": "yes"}
            lines += [Line(_beside(points), fast, meets=False), Line(_beside(points[::-1]), fast, meets=False)]
        else:
            lines.append(Line(points, {"highway": "secondary", "name": names[other], "maxspeed": "30 mph"}))
    return lines + _bridges(hubs, railway, rings)


def _neighbours(hubs: Points, left: NDArray[np.bool_]) -> Ints:
    """Pairs of hubs on one side that no third hub lies between (the Gabriel graph)."""
    plane = np.column_stack([hubs.real, hubs.imag])
    tree = KDTree(plane)
    _, near = tree.query(plane, k=min(13, len(hubs)))
    pairs = np.unique(np.sort(np.column_stack([np.repeat(near[:, 0], near.shape[1] - 1), near[:, 1:].ravel()])), axis=0)
    pairs = pairs[left[pairs[:, 0]] == left[pairs[:, 1]]]
    one, other = plane[pairs[:, 0]], plane[pairs[:, 1]]
    nearest, _ = tree.query((one + other) / 2)
    found: Ints = pairs[nearest >= np.hypot(*(one - other).T) / 2 - 1e-6].astype(np.int64)
    return found


def _longest(hubs: Points, pairs: Ints, railway: _Railway) -> NDArray[np.bool_]:
    """Which pairs make the way from one end of the larger side to its other end."""
    side = railway.is_left(hubs)
    mine = np.flatnonzero(side if side.sum() * 2 >= len(hubs) else ~side)
    length = np.abs(hubs[pairs[:, 0]] - hubs[pairs[:, 1]])
    graph = coo_array((length, pairs.T), shape=(len(hubs), len(hubs)))
    at = railway.reach(hubs[mine])
    first, last = mine[at.argmin()], mine[at.argmax()]
    _, before = shortest_path(graph, directed=False, indices=first, return_predecessors=True)
    chosen = set[tuple[int, int]]()
    while before[last] >= 0:
        chosen.add((min(last, before[last]), max(last, before[last])))
        last = before[last]
    return np.array([tuple(pair) in chosen for pair in pairs.tolist()])


def _ring(hub: complex) -> Points:
    """A roundabout, clockwise as one drives on the left."""
    ring: Points = hub + _RING_M * np.exp(-2j * np.pi * np.arange(9) / 8)
    return np.append(ring[:-1], ring[0])


def _gate(hubs: Points, hub: int, towards: int, rings: Ints) -> complex:
    """Where a road from one hub towards another begins: at the hub, or at its roundabout."""
    if hub not in rings:
        return complex(hubs[hub])
    eighth = int(np.round(-np.angle(hubs[towards] - hubs[hub]) * 4 / np.pi)) % 8
    return complex(_ring(hubs[hub])[eighth])


def _beside(points: Points) -> Points:
    """The carriageway to the left of a middle line, joined to it at both ends."""
    ahead = np.gradient(points)
    apart = np.minimum(1, np.minimum(np.arange(len(points)), np.arange(len(points))[::-1])) * _APART_M
    beside: Points = points + 1j * ahead / np.abs(ahead) * apart
    return beside


def _bridges(hubs: Points, railway: _Railway, rings: Ints) -> list[Line]:
    """Few roads over the railway, spread along the town, each between the nearest estates of both sides."""
    left, reach = railway.is_left(hubs), railway.reach(hubs)
    count = max(2, round(len(hubs) / 12))
    lines, known = [], set[tuple[int, int]]()
    for at in np.quantile(reach, np.linspace(0.2, 0.8, count)):
        spot = railway.at + railway.along * at
        one, other = (int(side[np.abs(hubs[side] - spot).argmin()]) for side in map(np.flatnonzero, (left, ~left)))
        if (one, other) in known:
            continue
        known.add((one, other))
        left_end, right_end = (spot + 1j * railway.along * metres for metres in (_BRIDGE_M, -_BRIDGE_M))
        road = {"highway": "primary", "ref": f"A{4310 + len(known)}", "maxspeed": "40 mph"}
        start, end = _toward(hubs, one, spot, rings), _toward(hubs, other, spot, rings)
        lines += [
            Line(drawn(start, left_end), road),
            Line(np.array([left_end, right_end]), {**road, "bridge": "yes"}),
            Line(drawn(right_end, end), road),
        ]
    return lines


def _toward(hubs: Points, hub: int, spot: complex, rings: Ints) -> complex:
    return _gate(np.append(hubs, spot), hub, len(hubs), rings)


def _footbridges(nodes: Points, ends: Ints, railway: _Railway) -> Ints:
    """Pairs of nodes that only a walker gets between."""
    left = railway.is_left(nodes[ends])
    reach = railway.reach(nodes[ends])
    pairs = []
    for at in np.quantile(reach, [0.35, 0.5, 0.65]):
        spot = railway.at + railway.along * at
        pairs.append([side[np.abs(nodes[side] - spot).argmin()] for side in (ends[left], ends[~left])])
    return np.array(pairs, dtype=np.int64)


def _ways(nodes: Points, edges: pd.DataFrame, tags: pd.DataFrame, rng: np.random.Generator) -> Roads:
    """Edges that follow one another on a line become a way; lines that were cut become several."""
    tags = tags.reindex(columns=["highway", "name", "ref", "maxspeed", "oneway", "junction", "bridge"]).fillna("")
    follows = (edges["line_id"].shift() == edges["line_id"]) & (edges["end"].shift() == edges["start"])
    way_id = (~follows).cumsum() - 1
    ways = tags.iloc[edges.loc[~follows, "line_id"]].reset_index(drop=True)
    ways.insert(0, "way_id", ways.index)
    edges = edges.assign(way_id=way_id)
    ways["oneway"] = _passable(len(nodes), edges, ways)
    first = edges[~follows]
    members = pd.concat([first.assign(node_id=first["start"]), edges.assign(node_id=edges["end"])])
    members = members.sort_values("way_id", kind="stable", ignore_index=True)[["way_id", "node_id"]]
    used, node_id = np.unique(members["node_id"], return_inverse=True)
    frame = pd.DataFrame({"node_id": np.arange(len(used)), "easting": nodes[used].real, "northing": nodes[used].imag})
    return Roads(frame, ways, members.assign(node_id=node_id))


def _passable(nodes: int, edges: pd.DataFrame, ways: pd.DataFrame) -> pd.Series:
    """``oneway``, taken back where it would cut somewhere off."""
    driven = ~ways["highway"].isin(["", "footway"]).to_numpy()[edges["way_id"]]
    start, end = edges.loc[driven, "start"].to_numpy(), edges.loc[driven, "end"].to_numpy()
    of = edges.loc[driven, "way_id"].to_numpy()
    both = ((ways["oneway"] == "") & (ways["junction"] == "")).to_numpy()[of]
    ahead = coo_array(
        (np.ones(len(of) + both.sum()), (np.append(start, end[both]), np.append(end, start[both]))),
        shape=(nodes, nodes),
    )
    _, part = connected_components(ahead, connection="strong")
    most = np.bincount(part[start]).argmax()
    apart = np.unique(of[(part[start] != most) | (part[end] != most)])
    return ways["oneway"].where(~ways["way_id"].isin(apart), "")
