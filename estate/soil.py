"""A table while it is spoilt: which rows have which fault, and how the truth hears of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import dirt
from estate.dirt import Ints
from estate.seeds import stream
from estate.truth import Truth, key_text

Bools: TypeAlias = NDArray[np.bool_] | pd.Series
Gap: TypeAlias = np.timedelta64 | pd.Timedelta | int


class Soil:
    """A table's frame while it is spoilt: at most one fault a row, recorded at the end under the final key.

    A table that comes in parts has a soil for each, ``part`` by ``part``.
    """

    def __init__(self, system: str, table: str, frame: pd.DataFrame, key: list[str], seed: int, part: int = 0) -> None:
        self.system, self.table, self.key, self.part = system, table, key, part
        self.rng = stream(seed, system, table, "dirt", part)
        self.frame = frame.reset_index(drop=True)
        self.used = np.zeros(len(frame), dtype=bool)
        self.faults: list[tuple[str, str | None, Ints]] = []

    def hit(self, kind: str, field: str | None = None, among: Bools | None = None) -> Ints:
        """Rows of the kind's rate that have no fault yet, noted as having this one."""
        free = ~self.used if among is None else ~self.used & np.asarray(among, dtype=bool)
        at = dirt.pick(self.rng, kind, np.flatnonzero(free), of=len(free))
        self.mark(kind, field, at)
        return at

    def mark(self, kind: str, field: str | None, at: Ints) -> None:
        """Notes that these rows have the fault."""
        self.used[at] = True
        self.faults.append((kind, field, at))

    def change(
        self, kind: str, field: str, spoil: Callable[[pd.Series], pd.Series], among: Bools | None = None
    ) -> None:
        """Spoils a column in the kind's rows."""
        at = self.hit(kind, field, among)
        self.frame.loc[at, field] = spoil(self.frame.loc[at, field])

    def spoil(self, kind: str, field: str, among: Bools | None = None) -> None:
        """Spoils a column as that kind does it in any table."""
        self.change(kind, field, lambda values: dirt.SPOILERS[kind](values, self.rng), among)

    def fill(self, kind: str, field: str, value: str, among: Bools | None = None) -> None:
        """Puts one value into a column in the kind's rows."""
        self.frame.loc[self.hit(kind, field, among), field] = value

    def end_early(self, end: str, start: str, gap: Gap, among: Bools | None = None) -> None:
        """Lets things end a ``gap`` before they start."""
        at = self.hit("end-before-start", end, among)
        self.frame.loc[at, end] = self.frame.loc[at, start] - gap

    def orphan(self, field: str, among: Bools | None = None, *, prefix: str = "9") -> None:
        """Gives references that lead nowhere: none of the estate begins with the ``prefix``."""
        cut = len(prefix)
        self.change("orphan-key", field, lambda refs: prefix + refs.astype("str").str[cut:], among)

    def spoil_uprns(self, field: str, among: Bools, *, shared: bool = True) -> None:
        """UPRNs that cannot be, that another row has (if ``shared``), and that have two digits exchanged."""
        known = self.frame[field].copy()
        self.spoil("uprn-invalid", field, among)
        if shared:
            at = self.hit("uprn-shared", field, among)
            free = np.flatnonzero(~self.used & among)
            self.frame.loc[at, field] = known.loc[self.rng.choice(free, len(at), replace=False)].to_numpy()
        wrong = dirt.transpose_digits(known, self.rng)
        # One that hits another of the table's UPRNs would show; nothing but the gazetteer shows the others.
        at = self.hit("uprn-transposed", field, among & ~wrong.isin(known))
        self.frame.loc[at, field] = wrong[at]

    def done(self, truth: Truth) -> pd.DataFrame:
        """The spoilt frame; its faults are in the truth."""
        for kind, field, at in self.faults:
            self.plant(truth, kind, self.frame.loc[at], field)
        return self.frame

    def repeated(
        self,
        truth: Truth,
        field: str,
        other: str | int,
        *,
        kinds: tuple[str, str] = ("duplicate-row", "duplicate-key"),
    ) -> pd.DataFrame:
        """As ``done``, with rows that stand twice: copies, and copies in which ``field`` is ``other``."""
        copies, changed = (self.frame.loc[dirt.take_out(self.rng, self.used, kind)] for kind in kinds)
        changed = changed[changed[field] != other].assign(**{field: other})
        self.plant(truth, kinds[0], copies)
        self.plant(truth, kinds[1], changed)
        return pd.concat([self.done(truth), copies, changed], ignore_index=True)

    def plant(self, truth: Truth, kind: str, rows: pd.DataFrame, field: str | None = None) -> None:
        """Records the fault for rows of the table, which need not stand in its frame."""
        if len(rows):
            keys = key_text(*(rows[name] for name in self.key))
            truth.plant(self.system, self.table, kind, dirt.RATES[kind].revealed_by, key=keys, field=field)
