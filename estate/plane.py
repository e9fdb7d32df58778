"""Lines on a map: drawn in steps, joined where they cross, and linked where they lie apart.

The plane is complex: metres east + i metres north.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, KDTree

Points = NDArray[np.complex128]
Ints = NDArray[np.int64]

STEP_M = 40.0  # the longest edge of a drawn line
_LOOP_M = (60.0, 300.0)  # how long a link is that is made for a shorter way, though there is one
_LOOPS = 0.15  # the share of those that are made


@dataclass(frozen=True, eq=False)
class Line:
    """A road as drawn. One that does not meet others crosses them above or below, and is met at its ends alone."""

    points: Points
    tags: dict[str, str]
    meets: bool = True


def drawn(start: complex, end: complex, bend: float = 0.0) -> Points:
    """Points from start to end, at most a step apart; the line bends out by that share of its length."""
    steps = max(2, int(np.ceil(abs(end - start) * (1 + abs(bend)) * 1.1 / STEP_M)))
    share = np.linspace(0, 1, steps + 1)
    points: Points = start + (end - start) * (share + 1j * bend * np.sin(np.pi * share))
    return points


def noded(lines: list[Points], meets: list[bool]) -> tuple[Points, pd.DataFrame]:
    """Nodes, and the edges between them in the order of each line: line_id, start, end.

    Where two lines that meet cross they share a node, and so they do where they have a point in common (to 1 cm).
    """
    line = np.repeat(np.arange(len(lines)), [len(points) for points in lines])
    at = np.concatenate(lines)
    position = np.concatenate([np.arange(len(points), dtype=np.float64) for points in lines])
    first = np.flatnonzero(line[:-1] == line[1:])
    joining = first[np.array(meets)[line[first]]]
    one, other, share_one, share_other = _crossings(at[joining], at[joining + 1], line[joining])
    one, other = joining[one], joining[other]
    spot = at[one] + (at[one + 1] - at[one]) * share_one
    at = np.concatenate([at, spot, spot])
    line = np.concatenate([line, line[one], line[other]])
    position = np.concatenate([position, position[one] + share_one, position[other] + share_other])
    order = np.lexsort((position, line))
    nodes, node = np.unique(np.round(at[order], 2), return_inverse=True)
    line = line[order]
    ahead = (line[:-1] == line[1:]) & (node[:-1] != node[1:])
    return nodes, pd.DataFrame({"line_id": line[:-1][ahead], "start": node[:-1][ahead], "end": node[1:][ahead]})


def _crossings(start: Points, end: Points, line: Ints) -> tuple[Ints, Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Pairs of edges of different lines that cross, and at which share of each."""
    middle = (start + end) / 2
    longest = np.abs(end - start).max()
    near = KDTree(np.column_stack([middle.real, middle.imag])).query_pairs(longest, output_type="ndarray")
    near = near[np.lexsort(near.T[::-1])]
    near = near[line[near[:, 0]] != line[near[:, 1]]]
    one, other = near[:, 0], near[:, 1]
    along, across, gap = end[one] - start[one], end[other] - start[other], start[other] - start[one]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = _cross(along, across)
        share_one, share_other = _cross(gap, across) / turn, _cross(gap, along) / turn
    meet = (share_one > 0) & (share_one < 1) & (share_other > 0) & (share_other < 1)
    return one[meet], other[meet], share_one[meet], share_other[meet]


def _cross(one: Points, other: Points) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (one.conj() * other).imag
    return found


def links_needed(
    nodes: Points, edges: pd.DataFrame, linked: NDArray[np.bool_], left: NDArray[np.bool_], rng: np.random.Generator
) -> Ints:
    """Pairs of nodes to link so that each side hangs together, as short as can be, and a few more to go round by.

    ``linked`` are the nodes that a link may begin at.
    """
    nearby = [_triangles(nodes, np.flatnonzero(linked & (left == side))) for side in (False, True)]
    candidates = np.concatenate(nearby)
    length = np.abs(nodes[candidates[:, 0]] - nodes[candidates[:, 1]])
    there = edges[["start", "end"]].to_numpy()
    pairs = np.concatenate([there, candidates])
    # A road that is there costs next to nothing, so that the tree takes links only between what lies apart.
    weight = np.concatenate([np.full(len(there), 1e-3), 1 + length])
    pairs, kept = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
    tree = minimum_spanning_tree(coo_array((weight[kept], pairs.T), shape=(len(nodes), len(nodes)))).tocoo()
    chosen = np.column_stack([tree.row, tree.col])[tree.data > 0.5]
    loops = candidates[(length > _LOOP_M[0]) & (length < _LOOP_M[1]) & (rng.random(len(candidates)) < _LOOPS)]
    return np.unique(np.sort(np.concatenate([chosen, loops]), axis=1), axis=0).astype(np.int64)


def _triangles(nodes: Points, of: Ints) -> Ints:
    """The edges of the triangles between those nodes; few nodes are joined in their order."""
    if len(of) < 4:
        return np.array(list(pairwise(of)), dtype=np.int64).reshape(-1, 2)
    corners = Delaunay(np.column_stack([nodes[of].real, nodes[of].imag]) - [nodes.real.mean(), nodes.imag.mean()])
    sides = corners.simplices[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    return np.unique(np.sort(of[sides], axis=1), axis=0)
