"""Which nodes are one person: the strongest join first, unless a veto or a rival speaks against it.

Clusters are joined in rounds. In each, every cluster whose best edge is also the other end's best edge is a
proposal. A proposal that no veto forbids, and that no other cluster rivals, is made. Since joining two clusters
never makes an edge stronger (an edge between clusters weighs what its strongest pair weighs), this gives what
joining one pair at a time from the strongest down would give, whatever the order of the rows.

All is arrays: nodes are 0..n-1 in the order of their record ids, weights are whole millionths of a bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from identity.flags import TOO_MANY
from identity.people.arrays import Bools, Ints, Texts, spoken, text_where

Speak = Callable[[Ints, Ints], Texts]
"""Why nodes left[i] and right[i] cannot be one person; None where nothing speaks against it."""

HUMAN = "a person decided: not the same"
CAPPED = TOO_MANY
FORCED = np.int64(10**12)
"""Weight of an edge that a person has decided: beyond any evidence."""
MOST_RIVALS = 12


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges between nodes, one a pair: ``pair`` numbers the pair that an edge stands for."""

    left: Ints
    right: Ints
    weight: Ints
    pair: Ints
    ready: Bools
    """Strong enough to join."""
    asked: Bools
    """Suspended: another cluster rivals the join. Lifted when either end grows."""

    def take(self, chosen: Bools | Ints) -> Edges:
        """Some of the edges."""
        return Edges(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Agglomerated:
    """``root``: the least node of each node's cluster. ``open``: edges between clusters that nothing forbids.

    ``vetoed``: pair -> reason, as arrays: the pairs whose clusters were kept apart.
    """

    root: Ints
    open: Edges
    vetoed: Ints
    reasons: Texts


def agglomerate(
    edges: Edges, root: Ints, group: Ints, sizes: Ints, *,
    speak: Speak, apart: tuple[Ints, Ints], margin: int | None, limit: int,
) -> Agglomerated:  # fmt: skip
    """The clusters that grow from the clusters ``root`` along ``edges``.

    ``group`` joins what a person joined (Members), ``sizes`` counts the records of each node, ``apart`` are the
    nodes that a person told apart, ``limit`` is the
    most records of a cluster, ``margin`` how much less a rival may weigh and still be one; None: rivals do not count.
    """
    root, forbidden, why = root.copy(), [], []
    sizes = np.bincount(root, weights=sizes, minlength=len(root)).astype("int64")

    def forbid(found: Edges, reasons: Texts) -> None:
        forbidden.append(found.pair)
        why.append(reasons)

    edges = merged(edges, root)
    while True:
        best = _mutual_best(edges, len(root))
        if not len(best):
            break
        proposed = edges.take(best)
        reasons = told_apart(proposed.left, proposed.right, root, apart)
        reasons = np.where(spoken(reasons), reasons, _capped(proposed, sizes, limit))
        free = ~spoken(reasons) & (proposed.weight < FORCED)
        members = Members(root, group)
        reasons[free] = members.speak(proposed.left[free], proposed.right[free], speak)
        dropped, stays = np.zeros(len(edges.left), dtype=bool), ~spoken(reasons)
        dropped[best[~stays]] = True
        forbid(proposed.take(~stays), reasons[~stays])
        unsure = np.zeros(int(stays.sum()), dtype=bool)
        if margin is not None:
            rivals = _rivals(edges, best[stays], margin, len(root))
            against = members.speak(edges.left[rivals.edge], edges.right[rivals.edge], speak, once=rivals.edge)
            vetoed = spoken(against)
            of, at = np.unique(rivals.edge[vetoed], return_index=True)
            dropped[of] = True
            forbid(edges.take(of), against[vetoed][at])
            unsure = _unsure(rivals.take(~vetoed), edges, best[stays], members, speak)
            unsure &= edges.weight[best[stays]] < FORCED
            edges.asked[best[stays][unsure]] = True
        joined = best[stays][~unsure]
        low, high = edges.left[joined], edges.right[joined]
        step = np.arange(len(root))
        step[high] = low
        root = step[root]
        np.add.at(sizes, low, sizes[high])
        grown = np.zeros(len(root), dtype=bool)
        grown[low] = True
        edges = edges.take(~dropped)
        edges = merged(edges, root)
        edges.asked[grown[edges.left] | grown[edges.right]] = False
    vetoed_pairs = np.concatenate(forbidden) if forbidden else np.empty(0, dtype="int64")
    return Agglomerated(root, edges, vetoed_pairs, np.concatenate(why) if why else np.empty(0, dtype=object))


def merged(edges: Edges, root: Ints) -> Edges:
    """The edges between clusters: of each two clusters the strongest, in the order of strength, then of ids."""
    one, other = root[edges.left], root[edges.right]
    left, right = np.minimum(one, other), np.maximum(one, other)
    edges = Edges(left, right, edges.weight, edges.pair, edges.ready, edges.asked).take(left != right)
    edges = edges.take(np.lexsort((edges.pair, -edges.weight, edges.right, edges.left)))
    first = np.ones(len(edges.left), dtype=bool)
    first[1:] = (edges.left[1:] != edges.left[:-1]) | (edges.right[1:] != edges.right[:-1])
    starts = np.flatnonzero(first)
    ready = np.logical_or.reduceat(edges.ready, starts) if len(starts) else edges.ready
    asked = np.logical_or.reduceat(edges.asked, starts) if len(starts) else edges.asked
    kept = edges.take(first)
    kept = Edges(kept.left, kept.right, kept.weight, kept.pair, ready, asked)
    return kept.take(np.lexsort((kept.right, kept.left, -kept.weight)))


def spanning(edges: Edges, count: int) -> Ints:
    """The pairs that hold each cluster together: its strongest spanning tree. ``edges`` lie within clusters."""
    root, chosen = np.arange(count), []
    edges = merged(edges, root)
    while len(edges.left):
        rank = np.arange(len(edges.left))
        best = _best(edges, rank, count)
        taken = np.unique(best[best < len(rank)])
        chosen.append(edges.pair[taken])
        root = components(edges.left[taken], edges.right[taken], count)[root]
        edges = merged(edges, root)
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype="int64")


def components(left: Ints, right: Ints, count: int) -> Ints:
    """The least node that each node is connected with."""
    root = np.arange(count)
    while True:
        least = root.copy()
        np.minimum.at(least, root[left], root[right])
        np.minimum.at(least, root[right], root[left])
        least = least[least[root]]
        while (least[least] != least).any():
            least = least[least]
        if (least == root).all():
            return root
        root = least


def _best(edges: Edges, rank: Ints, count: int) -> Ints:
    best = np.full(count, len(rank), dtype="int64")
    np.minimum.at(best, edges.left, rank)
    np.minimum.at(best, edges.right, rank)
    return best


def _mutual_best(edges: Edges, count: int) -> Ints:
    """Which edges are the best one of both their ends, of those that may be made now."""
    open_ = np.flatnonzero(edges.ready & ~edges.asked)
    best = np.full(count, len(edges.left), dtype="int64")
    np.minimum.at(best, edges.left[open_], open_)
    np.minimum.at(best, edges.right[open_], open_)
    found: Ints = open_[(best[edges.left[open_]] == open_) & (best[edges.right[open_]] == open_)]
    return found


def _capped(proposed: Edges, sizes: Ints, limit: int) -> Texts:
    return text_where(sizes[proposed.left] + sizes[proposed.right] > limit, CAPPED)


def told_apart(left: Ints, right: Ints, root: Ints, apart: tuple[Ints, Ints]) -> Texts:
    """The word of a person that clusters left[i] < right[i] are not the same, where there is one."""
    one, other = root[apart[0]], root[apart[1]]
    told = np.minimum(one, other) * len(root) + np.maximum(one, other)
    return text_where(np.isin(left * len(root) + right, told), HUMAN)


class Members:
    """The nodes of each cluster. Nodes of one ``group`` are one person by a person's word.

    Two groups are kept apart only where every two of their nodes are: what a person saw and joined all the same
    does not keep others from joining it.
    """

    def __init__(self, root: Ints, group: Ints) -> None:
        self._nodes, self._group = np.argsort(root, kind="stable"), group
        self.count = np.bincount(root, minlength=len(root))
        self._start = np.cumsum(self.count) - self.count

    def speak(self, left: Ints, right: Ints, speak: Speak, once: Ints | None = None) -> Texts:
        """Why clusters left[i] and right[i] cannot be one: the first reason of any two of their nodes, or None.

        With ``once``, equal numbers stand for the same question, which is put once.
        """
        if once is not None:
            _, first, back = np.unique(once, return_index=True, return_inverse=True)
            return self.speak(left[first], right[first], speak)[back]
        found: Texts = np.full(len(left), None, dtype=object)
        sizes = self.count[left] * self.count[right]
        question = np.repeat(np.arange(len(left)), sizes)
        place = np.arange(len(question)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        width = self.count[right][question]
        one = self._nodes[self._start[left][question] + place // width]
        other = self._nodes[self._start[right][question] + place % width]
        reasons = speak(np.minimum(one, other), np.maximum(one, other))
        voiced = np.flatnonzero(spoken(reasons))
        voiced = voiced[self._of_whole_groups(question, one, other, voiced)][::-1]
        found[question[voiced]] = reasons[voiced]  # in reverse, so that the first reason is written last
        return found

    def _of_whole_groups(self, question: Ints, one: Ints, other: Ints, voiced: Ints) -> Bools:
        grouped = np.unique(question[voiced])
        asked = np.flatnonzero(np.isin(question, grouped))
        names = np.stack((question[asked], self._group[one[asked]], self._group[other[asked]]))
        _, of, total = np.unique(names, axis=1, return_inverse=True, return_counts=True)
        against = np.bincount(of[np.searchsorted(asked, voiced)], minlength=len(total))
        whole: Bools = (against == total)[of[np.searchsorted(asked, voiced)]]
        return whole


@dataclass(frozen=True, eq=False)
class Rivals:
    """Edges nearly as strong as a proposal of one of their ends: ``of`` that end, ``other`` the rival."""

    of: Ints
    other: Ints
    edge: Ints

    def take(self, chosen: Bools | Ints) -> Rivals:
        """Some of the rivals."""
        return Rivals(self.of[chosen], self.other[chosen], self.edge[chosen])


def _rivals(edges: Edges, proposed: Ints, margin: int, count: int) -> Rivals:
    least = np.full(count, np.iinfo("int64").max)
    partner = np.full(count, -1)
    for mine, its in ((edges.left, edges.right), (edges.right, edges.left)):
        least[mine[proposed]] = edges.weight[proposed] - margin
        partner[mine[proposed]] = its[proposed]
    of = np.concatenate((edges.left, edges.right))
    other = np.concatenate((edges.right, edges.left))
    edge = np.tile(np.arange(len(edges.left)), 2)
    near = (edges.weight[edge] >= least[of]) & (partner[of] != other)
    found = Rivals(of[near], other[near], edge[near])
    found = found.take(np.lexsort((found.edge, found.of)))
    start = np.searchsorted(found.of, found.of)
    return found.take(np.arange(len(found.of)) - start < MOST_RIVALS)


def _unsure(rivals: Rivals, edges: Edges, proposed: Ints, members: Members, speak: Speak) -> Bools:
    """Which proposals have an end that would as well join another cluster, while the two cannot be one."""
    ends = np.concatenate((edges.left[proposed], edges.right[proposed]))
    partners = np.concatenate((edges.right[proposed], edges.left[proposed]))
    rivalled = np.isin(ends, rivals.of)
    of = np.concatenate((rivals.of, ends[rivalled]))
    other = np.concatenate((rivals.other, partners[rivalled]))
    order = np.lexsort((other, of))
    of, other = of[order], other[order]
    starts = np.searchsorted(of, of)
    ahead = np.arange(len(of)) - starts  # how many of the same end stand before
    second = np.repeat(np.arange(len(of)), ahead)
    first = np.repeat(starts, ahead) + np.arange(len(second)) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    one, two = np.minimum(other[first], other[second]), np.maximum(other[first], other[second])
    reasons = members.speak(one, two, speak, once=one * len(members.count) + two)
    torn = np.unique(of[first][spoken(reasons)])
    return np.isin(edges.left[proposed], torn) | np.isin(edges.right[proposed], torn)
