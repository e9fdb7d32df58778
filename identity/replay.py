"""Replay: clusters from the decision log alone.

Records that a decision in force calls the same are one cluster. Where that would put two records into one cluster of
which another says that they are not the same, the cluster is put together anew, decision by decision: people's
words first, the last one first, then the machine's, the strongest first; one that would join what may not be
joined is overridden. Nothing is forgotten by that: the decision stays, and speaks again once the other is undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from identity.decisions import MACHINE, SAME, effective

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Replayed:
    """``clusters``: record_id, cluster (a number that the least record_id of it gives). ``overridden``: the
    decisions in force that others overrule."""

    clusters: pd.DataFrame
    overridden: pd.DataFrame

    @property
    def contradictions(self) -> pd.DataFrame:
        """People's decisions that later ones of people overrule."""
        return self.overridden[self.overridden["by_person"]]


def replay(records: pd.Series[str], log: pd.DataFrame) -> Replayed:
    """The clusters of the records. Decisions on others are passed over; the order of ``records`` does not matter."""
    index = pd.Index(np.sort(np.asarray(records.unique(), dtype=object)))
    decisions = effective(log)
    left, right = index.get_indexer(decisions["left_id"]), index.get_indexer(decisions["right_id"])
    known = (left >= 0) & (right >= 0)
    decisions, left, right = decisions[known].reset_index(drop=True), left[known], right[known]
    same = (decisions["kind"] == SAME).to_numpy()
    label = components(len(index), left[same], right[same])
    torn = label[left[~same & (label[left] == label[right])]]
    overridden: list[int] = []
    if len(torn):
        again = np.isin(label[left], torn) & np.isin(label[right], torn)
        order = _by_rank(decisions[again])
        overridden = _put_together(label, torn, left, right, same, order)
    clusters = pd.DataFrame({"record_id": index.astype(str), "cluster": label})
    return Replayed(clusters, decisions.iloc[sorted(overridden)])


def components(size: int, left: Ints, right: Ints) -> Ints:
    """The least node that each node is connected with, of nodes 0 to ``size`` - 1."""
    label = np.arange(size, dtype=np.int64)
    while True:
        low = np.minimum(label[left], label[right])
        nearer = label.copy()
        np.minimum.at(nearer, label[left], low)
        np.minimum.at(nearer, label[right], low)
        while not np.array_equal(nearer, nearer[nearer]):
            nearer = nearer[nearer]
        if np.array_equal(nearer, label):
            return label
        label = nearer


def _by_rank(decisions: pd.DataFrame) -> Ints:
    """The rows in the order in which they are heard."""
    person = (decisions["decided_by"] != MACHINE).to_numpy()
    apart = (decisions["kind"] != SAME).to_numpy()
    strength = np.where(person | apart, np.inf, decisions["weight"].fillna(-np.inf).to_numpy(dtype=np.float64))
    order = np.lexsort((-decisions["id"].to_numpy(dtype=np.int64), -strength, ~person & ~apart, ~person))
    return np.asarray(decisions.index.to_numpy()[order], dtype=np.int64)


def _put_together(label: Ints, torn: Ints, left: Ints, right: Ints, same: np.ndarray, order: Ints) -> list[int]:
    """Sets the labels of torn components anew; gives the decisions that are overridden. Few: one loop over them."""
    inside = np.flatnonzero(np.isin(label, torn))
    parent = dict(zip(inside.tolist(), inside.tolist(), strict=True))
    foes: dict[int, set[int]] = {}
    overridden: list[int] = []

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for row in order.tolist():
        one, other = sorted((root(int(left[row])), root(int(right[row]))))
        if not same[row]:
            if one == other:
                overridden.append(row)
            else:
                foes.setdefault(one, set()).add(other)
                foes.setdefault(other, set()).add(one)
        elif other in foes.get(one, ()):
            overridden.append(row)
        elif one != other:
            parent[other] = one
            for foe in foes.pop(other, set()):
                foes[foe].discard(other)
                foes[foe].add(one)
                foes.setdefault(one, set()).add(foe)
    label[inside] = [root(node) for node in inside.tolist()]
    return overridden
