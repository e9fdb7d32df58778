"""Chains: what only bends a road is left out, and times and distances stay as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scheduling.roads.chains import chains, cost, distance_cm, time_ms
from scheduling.roads.extract import Graph, read
from tests.scheduling.roads.drawing import draw

STREET = {"highway": "residential"}


def whole(graph: Graph) -> csr_array:
    """The graph with all its nodes."""
    costs = cost(graph.time_ms, graph.distance_cm)
    order = np.lexsort((costs, graph.end, graph.start))
    _, best = np.unique(graph.start[order] * graph.nodes + graph.end[order], return_index=True)
    order = order[best]
    ends = (graph.start[order], graph.end[order])
    return csr_array((costs[order].astype(float), ends), shape=(graph.nodes, graph.nodes))


@pytest.fixture(scope="module", params=["town", "map"])
def graph(request: pytest.FixtureRequest, small_town: Graph, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    if request.param == "town":
        return small_town
    text = "abcde\nf   g\nhijkl\nm   n"
    ways = [("abc", {**STREET, "oneway": "yes"}), ("cdegl", STREET), ("lkjih", STREET), ("hfa", STREET),
            ("ij", {"highway": "service"}), ("hm", STREET), ("lnl", STREET), ("cj", STREET)]  # fmt: skip
    return read(draw(tmp_path_factory.mktemp("map") / "map.osm", text, ways))


def test_ways_between_junctions_are_the_same_to_the_millisecond_and_centimetre(graph: Graph) -> None:
    made = chains(graph)
    junctions = np.unique(graph.start[np.unique(made.chain)])
    assert made.roads.shape[0] == len(junctions) < graph.nodes
    some = np.random.default_rng(1).choice(len(junctions), min(len(junctions), 40), replace=False)
    long, short = dijkstra(whole(graph), indices=junctions[some])[:, junctions], dijkstra(made.roads, indices=some)
    assert np.array_equal(time_ms(long.astype(np.int64)), time_ms(short.astype(np.int64)))
    assert np.array_equal(distance_cm(long.astype(np.int64)), distance_cm(short.astype(np.int64)))


def test_an_edge_knows_where_its_chain_comes_from_and_goes_to(graph: Graph) -> None:
    made = chains(graph)
    costs = cost(graph.time_ms, graph.distance_cm)
    junctions = np.unique(graph.start[np.unique(made.chain)])
    length = np.zeros(len(costs), dtype=np.int64)
    np.add.at(length, made.chain, costs)
    assert np.array_equal(made.behind + made.ahead, length[made.chain])
    first = np.flatnonzero(made.chain == np.arange(len(costs)))
    assert (made.behind[first] == 0).all()
    assert np.array_equal(junctions[made.tail[first]], graph.start[first])
    last = np.flatnonzero(made.ahead == costs)
    assert np.array_equal(junctions[made.head[last]], graph.end[last])


def test_a_ring_without_a_junction_has_one(tmp_path: Path) -> None:
    made = chains(read(draw(tmp_path / "map.osm", "ab\ncd", [("abdca", {**STREET, "oneway": "yes"})])))
    assert made.roads.shape == (1, 1) and (made.behind + made.ahead).max() == (made.behind + made.ahead).min()
