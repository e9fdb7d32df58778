"""An OpenStreetMap extract (``.osm.pbf``, ``.osm``) as a graph that vans can drive on.

Read in two passes: the ways, then the nodes that roads run over, so memory grows with the roads alone. Ferries, tracks,
paths and what is closed to vans are left out; what cannot be driven to and back from the rest is cut off, and told.
The graph is kept on disk under the hash of the extract and of what its reading depends on.
"""

from __future__ import annotations

import json
from array import array
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from hashlib import file_digest, sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import osmium
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ledger.errors import ConfigurationFault, SourceUnreadable
from scheduling.roads import tags, turns
from scheduling.roads.bends import following
from scheduling.roads.files import replaced
from scheduling.roads.sphere import EARTH_M, metres_between
from scheduling.roads.turns import Restriction

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SUFFIXES = (".pbf", ".osm", ".osm.bz2", ".osm.gz", ".xml")
_FORMAT = 1  # of the kept graph; another way of reading needs another number


@dataclass(frozen=True)
class Told:
    """What was read and what was not, in numbers."""

    roads: int  # ways that vans drive on
    closed: int  # roads that are closed to vans
    blocked_nodes: int  # bollards and the like
    missing_nodes: int  # of roads that the extract's edge cuts
    restrictions: int
    restrictions_left_out: int  # by way of another way, or of ways that are no roads
    cut_off_m: int  # of road that cannot be driven to from the rest and back
    length_m: int  # of all roads that are left


@dataclass(frozen=True, eq=False)
class Graph:
    """Edges from node to node on which vans drive one way, and the segments between points that they are drawn as.

    Nodes are numbers from 0; all of them reach all others. A segment is a straight piece of road with an edge in each
    direction that is driven: ``ahead`` and ``back`` are the numbers of its edges, -1 where that way is closed. Edges
    without a segment join a crossing to its own roads out (see ``turns``).
    """

    start: Ints  # (edges,)
    end: Ints
    distance_cm: Ints
    time_ms: Ints
    latitude: Floats  # (points,)
    longitude: Floats
    segment_from: Ints  # (segments,) point at which it begins
    segment_to: Ints
    ahead: Ints
    back: Ints
    stops: NDArray[np.bool_]  # (segments,) whether vans stop there
    key: str  # names the graph: the same extract read in the same way
    told: Told

    @property
    def nodes(self) -> int:
        """How many there are."""
        return int(self.start.max()) + 1

    @property
    def twin(self) -> Ints:
        """Of each edge the one that runs the other way on the same segment; -1 where there is none."""
        return _twins(self.ahead, self.back, len(self.start))


def graph(extract: Path, folder: Path) -> Graph:
    """The graph of an extract, read once: it is kept in ``folder``, and what was kept there of another one goes.

    Raises ConfigurationFault where there is no such file, SourceUnreadable where it is no extract, broken or has no
    roads.
    """
    if not extract.is_file():
        raise ConfigurationFault(
            "There is no road extract there.",
            place=str(extract),
            next_step="set [scheduling] roads to an OpenStreetMap extract (.osm.pbf), or take the setting out.",
        )
    with extract.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    key = sha256(f"{digest} {_FORMAT} {tags.SPEEDS.read_text('utf-8')}".encode()).hexdigest()[:32]
    kept = folder / f"{key}.roads.npz"
    if kept.exists():
        with suppress(BadZipFile, EOFError, KeyError, ValueError):  # not whole: it is read anew
            return _load(kept, key)
    found = read(extract, key)
    folder.mkdir(parents=True, exist_ok=True)
    with replaced(kept) as file:
        arrays = {name: value for name, value in vars(found).items() if isinstance(value, np.ndarray)}
        np.savez(file, **arrays, told=np.array(json.dumps(asdict(found.told))))  # type: ignore[arg-type]
    for other in folder.glob("*.npz"):
        if not other.name.startswith(key):
            other.unlink(missing_ok=True)
    return found


def _load(kept: Path, key: str) -> Graph:
    with np.load(kept) as stored:
        arrays = {field.name: stored[field.name] for field in fields(Graph) if field.name not in ("key", "told")}
        return Graph(**arrays, key=key, told=Told(**json.loads(str(stored["told"]))))


def read(extract: Path, key: str = "") -> Graph:
    """The graph of an extract, read anew."""
    try:
        ways, restrictions, left_out = _ways(extract)
        used = np.unique(np.frombuffer(ways.refs, dtype=np.int64))
        latitude, longitude, blocked = _nodes(extract, used)
    except RuntimeError as error:  # whatever osmium finds wrong with a file
        raise SourceUnreadable(
            f"It is not a whole OpenStreetMap extract: {error}.",
            place=str(extract),
            next_step="fetch the extract again (.osm.pbf or .osm) and compare its checksum with the sender's.",
        ) from None
    missing = int(np.isnan(latitude).sum())
    segments = _segments(ways, used, latitude, blocked)
    if not len(segments.way):
        raise SourceUnreadable(
            "The extract has no road that a van may drive on.",
            place=str(extract),
            next_step="give an extract that holds ways with `highway` and their nodes.",
        )
    via = np.array([rule.via_node for rule in restrictions], dtype=np.int64)
    at = np.minimum(np.searchsorted(used, via), len(used) - 1)
    here = [
        replace(rule, via_node=node)
        for rule, node, is_used in zip(restrictions, at.tolist(), used[at] == via, strict=True)
        if is_used
    ]
    return _connected(
        segments, latitude, longitude, here, key,
        {"roads": len(ways.lengths), "closed": ways.closed, "blocked_nodes": int(blocked.sum()),
         "missing_nodes": missing, "restrictions_stated": left_out + len(restrictions)},
    )  # fmt: skip


class _Ways:
    """The roads as they stand in the extract, column-wise."""

    def __init__(self) -> None:
        self.ids, self.lengths, self.refs = array("q"), array("q"), array("q")
        self.ahead_kmh, self.back_kmh, self.stops = array("d"), array("d"), array("b")
        self.closed = 0


def _ways(extract: Path) -> tuple[_Ways, list[Restriction], int]:
    """The roads, the turns that are forbidden on them, and how many such rules are not read."""
    if not extract.name.endswith(_SUFFIXES):
        raise RuntimeError(f"its name must end in one of {', '.join(_SUFFIXES)}")
    known, ways = tags.classes(), _Ways()
    restrictions, left_out = list[Restriction](), 0
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    keys = osmium.filter.KeyFilter("highway", "restriction", "restriction:motor_vehicle", "restriction:goods")
    for item in osmium.FileProcessor(str(extract), kinds).with_filter(keys):
        stated = dict(item.tags)
        if isinstance(item, osmium.osm.Way):
            road = tags.road(stated, known)
            if road is None:
                ways.closed += stated["highway"] in known if "highway" in stated else 0
                continue
            nodes = [node.ref for node in item.nodes]
            ways.ids.append(item.id)
            ways.lengths.append(len(nodes))
            ways.refs.extend(nodes)
            ways.ahead_kmh.append(road.ahead_kmh)
            ways.back_kmh.append(road.back_kmh)
            ways.stops.append(road.stops)
        elif isinstance(item, osmium.osm.Relation) and stated.get("type", "").startswith("restriction"):
            members = [(member.type, member.role, member.ref) for member in item.members]
            rule = turns.restriction(stated, members)
            left_out += rule is None
            restrictions += [rule] if rule else []
    return ways, restrictions, left_out


def _nodes(extract: Path, used: Ints) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Latitude and longitude of those nodes, NaN where the extract lacks them, and which of them stop a van."""
    ids, latitude, longitude, blocked = array("q"), array("d"), array("d"), array("q")
    numbers = osmium.filter.IdFilter(used.tolist())
    for item in osmium.FileProcessor(str(extract), osmium.osm.NODE).with_filter(numbers):
        if isinstance(item, osmium.osm.Node) and item.location.valid():
            ids.append(item.id)
            latitude.append(item.location.lat)
            longitude.append(item.location.lon)
            if len(item.tags) and tags.is_blocked(dict(item.tags)):
                blocked.append(item.id)
    at = np.searchsorted(used, np.frombuffer(ids, dtype=np.int64)) if ids else np.empty(0, dtype=np.int64)
    degrees = np.full((2, len(used)), np.nan)
    degrees[:, at] = np.frombuffer(latitude), np.frombuffer(longitude)
    return degrees[0], degrees[1], np.isin(used, np.array(blocked, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _Segments:
    """Straight pieces of road between two nodes; ``copy_of`` is the node of each one beyond the extract's own."""

    way: Ints
    start: Ints
    end: Ints
    ahead_kmh: Floats
    back_kmh: Floats
    stops: NDArray[np.bool_]
    copy_of: Ints


def _segments(ways: _Ways, used: Ints, latitude: Floats, blocked: NDArray[np.bool_]) -> _Segments:
    """Every two nodes that follow one another on a way. A road ends at what blocks it, on both sides."""
    lengths = np.array(ways.lengths, dtype=np.int64)
    of = np.repeat(np.arange(len(lengths)), lengths)
    node = np.searchsorted(used, np.array(ways.refs, dtype=np.int64))
    start, end, way = node[:-1], node[1:], of[:-1]
    kept = (of[1:] == way) & (start != end) & ~np.isnan(latitude[start]) & ~np.isnan(latitude[end])
    start, end, way = start[kept], end[kept], way[kept]
    ends = np.stack([start, end])
    stopped = blocked[ends]
    copy_of = ends[stopped]
    ends[stopped] = len(used) + np.arange(len(copy_of))
    return _Segments(
        np.array(ways.ids, dtype=np.int64)[way], ends[0], ends[1],
        np.array(ways.ahead_kmh)[way], np.array(ways.back_kmh)[way], np.array(ways.stops, dtype=np.bool_)[way], copy_of,
    )  # fmt: skip


def _connected(
    of: _Segments, latitude: Floats, longitude: Floats, restrictions: list[Restriction], key: str, told: dict[str, int]
) -> Graph:
    """The largest part of the roads in which all reach all."""
    latitude, longitude = (np.append(values, values[of.copy_of]) for values in (latitude, longitude))
    metres = metres_between(latitude[of.start], longitude[of.start], latitude[of.end], longitude[of.end])
    distance_cm = np.maximum(1, np.round(metres * 100)).astype(np.int64)
    is_ahead, is_back = of.ahead_kmh > 0, of.back_kmh > 0
    segment = np.concatenate([np.flatnonzero(is_ahead), np.flatnonzero(is_back)])
    edges_ahead = int(is_ahead.sum())
    kmh = np.concatenate([of.ahead_kmh[is_ahead], of.back_kmh[is_back]])
    start = np.concatenate([of.start[is_ahead], of.end[is_back]])
    end = np.concatenate([of.end[is_ahead], of.start[is_back]])
    distance_cm = distance_cm[segment]
    time_ms = np.maximum(1, np.round(distance_cm * 36 / kmh)).astype(np.int64)
    ahead, back = (np.full(len(of.way), -1, dtype=np.int64) for _ in range(2))
    ahead[segment[:edges_ahead]] = np.arange(edges_ahead)
    back[segment[edges_ahead:]] = np.arange(edges_ahead, len(segment))
    twin = _twins(ahead, back, len(segment))
    crossings = _crossings(start, end, twin, latitude, longitude, [rule.via_node for rule in restrictions])
    turned = turns.turned(start, end, of.way[segment], twin, crossings, restrictions)
    start, end = np.append(turned.start, turned.connectors[:, 0]), np.append(turned.end, turned.connectors[:, 1])
    joins = len(turned.connectors)
    distance_cm = np.append(distance_cm, np.full(joins, turns.CONNECTOR_CM))
    time_ms = np.append(time_ms, np.zeros(joins, dtype=np.int64))
    nodes = int(max(start.max(), end.max())) + 1
    joined = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(nodes, nodes))
    _, part = connected_components(joined, connection="strong")
    kept_nodes = part == np.bincount(part).argmax()
    kept = kept_nodes[start] & kept_nodes[end]
    node = np.cumsum(kept_nodes) - 1
    edge = np.where(kept, np.cumsum(kept) - 1, -1)
    ahead, back = (np.where(numbers >= 0, edge[numbers], -1) for numbers in (ahead, back))
    left = (ahead >= 0) | (back >= 0)
    length_m = np.round(metres).astype(np.int64)
    # A segment is drawn between the extract's own points, wherever its edges begin and end now.
    drawn = np.stack([of.start, of.end])[:, left]
    points, at = np.unique(drawn, return_inverse=True)
    at = at.reshape(drawn.shape)
    return Graph(
        latitude=latitude[points], longitude=longitude[points],
        start=node[start[kept]], end=node[end[kept]], distance_cm=distance_cm[kept], time_ms=time_ms[kept],
        segment_from=at[0], segment_to=at[1], ahead=ahead[left], back=back[left], stops=of.stops[left], key=key,
        told=Told(
            roads=told["roads"], closed=told["closed"], blocked_nodes=told["blocked_nodes"],
            missing_nodes=told["missing_nodes"], restrictions=turned.applied,
            restrictions_left_out=told["restrictions_stated"] - turned.applied,
            cut_off_m=int(length_m[~left].sum()), length_m=int(length_m[left].sum()),
        ),
    )  # fmt: skip


def _twins(ahead: Ints, back: Ints, edges: int) -> Ints:
    twin = np.full(edges, -1, dtype=np.int64)
    both = (ahead >= 0) & (back >= 0)
    twin[ahead[both]], twin[back[both]] = back[both], ahead[both]
    return twin


def _crossings(start: Ints, end: Ints, twin: Ints, latitude: Floats, longitude: Floats, restricted: list[int]) -> Ints:
    """Where turns are forbidden, and all crossings so near that one might turn round there to get past it."""
    if not restricted:
        return np.empty(0, dtype=np.int64)
    scale = np.array([1, np.cos(np.radians(np.nanmean(latitude)))]) * np.radians(1) * EARTH_M
    plane = np.column_stack([latitude, longitude]) * scale
    junctions = np.unique(end[(following(start, end, twin) < 0)])
    apart, _ = KDTree(plane[restricted]).query(plane[junctions])
    found = np.union1d(junctions[apart < turns.NEAR_M], restricted)
    ends = np.bincount(np.concatenate([start, end]), minlength=len(latitude))
    return found[ends[found] > 2]
