"""The rules: how one canonical field comes from raw source columns. Pure, typed, column-wise.

Every rule takes the raw frame and gives a ``Converted``: the canonical values and the faults found. Work is
done on distinct values wherever that is cheaper than on rows. An empty or all-blank text is null everywhere:
legacy systems pad and blank what they do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.keys import trimmed
from ledger.values import Severity

CodeLists = Mapping[str, Mapping[str, str]]
"""By list name: the source's code (trimmed) to the canonical code."""


@dataclass(frozen=True)
class Fault:
    """Rows in which a rule could not use, or doubts, the source's value. ``mask`` is over all rows."""

    kind: str
    column: str
    severity: Severity
    mask: pa.BooleanArray
    fatal: bool = False
    """True where the row cannot be loaded for it."""


@dataclass(frozen=True)
class Converted:
    """A canonical column and the faults found on the way."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


class Rule(Protocol):
    """How one canonical field is made."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The raw source columns that the rule reads."""
        ...

    @property
    def kinds(self) -> Mapping[str, Severity]:
        """The faults that the rule can find, so that every coded check can be listed."""
        ...

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        """The canonical values, one a row of ``raw``."""
        ...


def flat(column: Any) -> pa.Array:
    """A Series or Arrow column as one contiguous Arrow array."""
    array = pa.array(column) if isinstance(column, pd.Series) else column
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def text(series: pd.Series[Any]) -> pa.StringArray:
    """The column as trimmed text, blanks as null."""
    return trimmed(flat(series))


def by_distinct(values: pa.Array, function: Callable[[Any], Any], out: pa.DataType) -> pa.Array:
    """``function`` of every value, called once a distinct one; null stays null."""
    encoded = pc.dictionary_encode(values)
    results = pa.array([function(value) for value in encoded.dictionary.to_pylist()], out)
    return results.take(encoded.indices)


def lost(before: pa.Array, after: pa.Array) -> pa.BooleanArray:
    """Rows that had a value and have none after conversion."""
    return pc.and_(pc.is_valid(before), pc.is_null(after))


def drop(values: pa.Array, where: pa.BooleanArray) -> pa.Array:
    return pc.if_else(where, pa.scalar(None, values.type), values)


@dataclass(frozen=True)
class Field:
    """What the rules of a single column share: the column's name and whether the target needs a value."""

    column: str
    required: bool = field(default=False, kw_only=True)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def _fault(self, kind: str, mask: pa.BooleanArray, severity: Severity = "error") -> Fault:
        return Fault(kind, self.column, severity, pc.fill_null(mask, False), self.required and severity == "error")

    def _finish(self, values: pa.Array, raw: pa.Array, *faults: Fault) -> Converted:
        """Adds the MISSING fault of a required field."""
        if not self.required:
            return Converted(values, faults)
        return Converted(values, (*faults, self._fault("MISSING", pc.is_null(raw))))

    def _kinds(self, **kinds: Severity) -> dict[str, Severity]:
        return {**kinds, "MISSING": "error"} if self.required else dict(kinds)


def joined(texts: list[pa.StringArray], separator: str) -> pa.StringArray:
    """The texts of each row joined, nulls left out; empty where all are null."""
    # not null_handling="skip": with it Arrow gives too few rows where all texts of the last ones are null
    led = [pc.fill_null(pc.binary_join_element_wise("", one, separator), "") for one in texts]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*led, ""), len(separator))


def key_text(raw: pd.DataFrame, columns: tuple[str, ...]) -> pa.StringArray:
    """The key of each row as text: trimmed values joined by ``|``; null where any part is blank."""
    parts = [text(raw[column]) for column in columns]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
