"""How well groups that were found agree with those that are true, without ever listing pairs.

All figures come from the counts n_ij of records that are in found group i and true group j: groups of a million
records cost one sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """Pairs that both have, that were found and that are true; B-cubed precision and recall; records."""

    both: int
    found: int
    true: int
    b_cubed_precision: float
    b_cubed_recall: float
    records: int

    @property
    def precision(self) -> float:
        """The share of the found pairs that are true; 1 where none was found."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that were found; 1 where there is none."""
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Twice the common pairs by all pairs of both, the harmonic mean of precision and recall."""
        return 2 * self.both / (self.found + self.true) if self.found + self.true else 1.0

    @property
    def adjusted_f1(self) -> float:
        """F1 less what chance gives: (F1 - E) / (1 - E), 0 for groups drawn at random and 1 for the true ones.

        E is the mean of F1 over all ways to deal the records out to groups of the found sizes. So adjusted, pair F1
        is the adjusted Rand index (Hubert & Arabie, Comparing partitions, Journal of Classification 2, 1985, 193-218,
        equation 5).
        """
        pairs = self.records * (self.records - 1) / 2
        chance = self.found * self.true / pairs if pairs else 0.0
        mean = (self.found + self.true) / 2
        return (self.both - chance) / (mean - chance) if mean != chance else 1.0

    @property
    def b_cubed_f1(self) -> float:
        """The harmonic mean of B-cubed precision and recall (Bagga & Baldwin, LREC 1998)."""
        return 2 * self.b_cubed_precision * self.b_cubed_recall / (self.b_cubed_precision + self.b_cubed_recall)


def agreement(found: ArrayLike, true: ArrayLike) -> Agreement:
    """How far two groupings of the same records agree: one group's name a record in each."""
    found_code, true_code = _codes(found), _codes(true)
    if len(found_code) != len(true_code) or not len(found_code):
        raise ValueError(f"groups of {len(found_code)} records were found, those of {len(true_code)} are known")
    found_size, true_size = np.bincount(found_code), np.bincount(true_code)
    cell, count = np.unique(found_code * len(true_size) + true_code, return_counts=True)
    squares = count.astype(np.float64) ** 2
    return Agreement(
        both=_pairs(count), found=_pairs(found_size), true=_pairs(true_size),
        b_cubed_precision=float((squares / found_size[cell // len(true_size)]).sum() / len(found_code)),
        b_cubed_recall=float((squares / true_size[cell % len(true_size)]).sum() / len(found_code)),
        records=len(found_code),
    )  # fmt: skip


def joined(found: ArrayLike, true: ArrayLike, pairs: pd.DataFrame) -> float:
    """The share of pairs of different things that have a found group in common.

    ``pairs``: left and right, names of ``true``. A pair counts where both have a record.
    """
    held = pd.DataFrame({"found": _codes(found), "true": np.asarray(true)}).drop_duplicates()
    there = pairs[pairs["left"].isin(held["true"]) & pairs["right"].isin(held["true"])].drop_duplicates()
    if not len(there):
        return 0.0
    left = there.reset_index(drop=True).reset_index().merge(held, left_on="left", right_on="true")
    both = left.merge(held, left_on=["right", "found"], right_on=["true", "found"])
    return both["index"].nunique() / len(there)


def _codes(names: Any) -> Ints:
    return pd.factorize(np.asarray(names))[0].astype(np.int64)


def _pairs(sizes: Ints) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
