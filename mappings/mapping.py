"""A mapping: how rows of one source table become rows of one canonical table. Declared, frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity
from mappings.rules import CodeLists, Converted, Rule, flat, text


class Condition(Protocol):
    """Which source rows a statement is about."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The raw source columns that it reads."""
        ...

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        """True in the rows that it is about; never null."""
        ...


@dataclass(frozen=True)
class Filled:
    """Rows in which the column holds something; ``blanks`` are spellings of nothing."""

    column: str
    blanks: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        values = text(raw[self.column])
        return pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(self.blanks, pa.string()))))


@dataclass(frozen=True)
class OneOf:
    """Rows in which the trimmed column is one of ``values``."""

    column: str
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        return pc.fill_null(pc.is_in(text(raw[self.column]), pa.array(self.values)), False)


@dataclass(frozen=True)
class Every:
    """All rows."""

    columns: tuple[str, ...] = ()

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        return pa.repeat(True, len(raw))


@dataclass(frozen=True)
class Not:
    """Rows that the other condition is not about."""

    condition: Condition

    @property
    def columns(self) -> tuple[str, ...]:
        return self.condition.columns

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        return pc.invert(self.condition.holds(raw))


@dataclass(frozen=True)
class All:
    """Rows that every one of the conditions is about."""

    conditions: tuple[Condition, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for condition in self.conditions for column in condition.columns)

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        masks = [condition.holds(raw) for condition in self.conditions]
        for mask in masks[1:]:
            masks[0] = pc.and_(masks[0], mask)
        return masks[0]


@dataclass(frozen=True)
class Only:
    """The rule's value in the rows that a condition is about, null in all others.

    So a field is read that REDEFINES another, or that says something only beside a certain code.
    """

    rule: Rule
    when: Condition

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.rule.columns, *self.when.columns)

    @property
    def kinds(self) -> Dict[str, Severity]:
        return self.rule.kinds

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        about = self.when.holds(raw)
        converted = self.rule.convert(raw, codes)
        values = pc.if_else(about, converted.values, pa.scalar(None, converted.values.type))
        return Converted(values, tuple(replace(f, mask=pc.and_(f.mask, about)) for f in converted.faults))


class Check(Protocol):
    """A rule over the canonical fields of one row. ``kind`` ends its code; ``field`` is the field it blames.

    On an error the row is quarantined where ``fatal``, else the blamed field becomes null.
    """

    @property
    def kind(self) -> str:
        """What ends its code."""
        ...

    @property
    def field(self) -> str:
        """The canonical field that it blames."""
        ...

    @property
    def severity(self) -> Severity:
        """How bad a breach is."""
        ...

    @property
    def fatal(self) -> bool:
        """Whether the row cannot be loaded for it."""
        ...

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        """True in the rows that break the rule."""
        ...


@dataclass(frozen=True)
class Ordered:
    """``first`` must not be after ``second``; the second is blamed."""

    first: str
    second: str
    kind: str = "ORDER"
    severity: Severity = "error"
    fatal: bool = False

    @property
    def field(self) -> str:
        return self.second

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        return pc.fill_null(pc.greater(flat(rows[self.first]), flat(rows[self.second])), False)


@dataclass(frozen=True)
class Lasts:
    """From ``first`` to ``second`` there are at most ``most_days``; the second is blamed."""

    first: str
    second: str
    most_days: int
    kind: str = "TOO-LONG"
    severity: Severity = "warning"
    fatal: bool = False

    @property
    def field(self) -> str:
        return self.second

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        days = pc.days_between(flat(rows[self.first]), flat(rows[self.second]))
        return pc.fill_null(pc.greater(days, self.most_days), False)


@dataclass(frozen=True)
class Signed:
    """``field`` is not below zero where ``by`` is one of ``positive``, nor above it where one of ``negative``."""

    field: str
    by: str
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    kind: str = "SIGN"
    severity: Severity = "warning"
    fatal: bool = False

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        number, by = flat(rows[self.field]), flat(rows[self.by])
        low = pc.and_(pc.less(number, 0), pc.is_in(by, pa.array(self.positive, pa.string())))
        high = pc.and_(pc.greater(number, 0), pc.is_in(by, pa.array(self.negative, pa.string())))
        return pc.fill_null(pc.or_(low, high), False)


@dataclass(frozen=True)
class Between:
    """A number from ``least`` to ``most``, as the canonical model's own constraint wants it."""

    field: str
    least: int = 0
    most: int = 10**9
    kind: str = "RANGE"
    severity: Severity = "error"
    fatal: bool = False

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        values = flat(rows[self.field])
        outside = pc.or_(pc.less(values, self.least), pc.greater(values, self.most))
        return pc.fill_null(outside, False)


@dataclass(frozen=True)
class NeedsOther:
    """Where ``field`` is one of ``values`` (any value if empty), ``other`` must be filled."""

    field: str
    other: str
    values: tuple[str, ...] = ()
    kind: str = "ALONE"
    severity: Severity = "warning"
    fatal: bool = False

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        column = flat(rows[self.field])
        about = pc.is_in(column, pa.array(self.values, column.type)) if self.values else pc.is_valid(column)
        return pc.and_(pc.fill_null(about, False), pc.is_null(flat(rows[self.other])))


@dataclass(frozen=True)
class Contains:
    """Free text must not hold the pattern, for example a telephone number in a comment."""

    field: str
    pattern: str
    kind: str
    severity: Severity = "warning"
    fatal: bool = False

    def broken(self, rows: pd.DataFrame) -> pa.BooleanArray:
        return pc.fill_null(pc.match_substring_regex(flat(rows[self.field]), self.pattern), False)


def telephone_in(field: str) -> Contains:
    """The check that free text holds no telephone number, which no mask and no portal would expect there."""
    return Contains(field, r"(?:^|[^0-9])(?:\+44|0)[ 0-9]{9,13}(?:[^0-9]|$)", "TELEPHONE")


@dataclass(frozen=True)
class Exclusion:
    """Rows that are out of scope by agreement, with the reason and who agreed it."""

    condition: Condition
    reason: str


@dataclass(frozen=True)
class Mapping:
    """How rows of the source table ``source`` become rows of the canonical table ``target``.

    ``key``      source columns that identify the canonical row: few, stable, raw
    ``fields``   canonical column -> rule
    ``when``     only these rows make such a row (a second telephone number, say); None: all
    ``needs``    fields without which a row makes no such row, whatever its other fields say
    ``part``     tells apart several mappings of one source row into the same target (``phone1``, ``phone2``)
    ``ignored``  source columns that are not used, each with the reason
    ``excluded`` source rows that are out of scope
    """

    source: str
    target: str
    key: tuple[str, ...]
    fields: Dict[str, Rule]
    when: Condition | None = None
    needs: tuple[str, ...] = ()
    part: str = ""
    checks: tuple[Check, ...] = ()
    ignored: Dict[str, str] = field(default_factory=lambda: MappingProxyType({}))
    excluded: tuple[Exclusion, ...] = ()

    def __post_init__(self) -> None:
        if lost := {*self.needs, *(check.field for check in self.checks)} - self.fields.keys():
            raise ValueError(f"{self.source} to {self.target} needs or checks {', '.join(sorted(lost))}, no field")

    @property
    def columns(self) -> frozenset[str]:
        """Every source column that the mapping reads."""
        used: set[Any] = {*self.key}
        used.update(*(rule.columns for rule in self.fields.values()))
        used.update(*(exclusion.condition.columns for exclusion in self.excluded))
        if self.when:
            used.update(self.when.columns)
        return frozenset(used)


def left_out(source: str, reason: str, columns: tuple[str, ...]) -> Mapping:
    """The mapping of a source table none of whose rows is loaded, for one stated reason."""
    ignored = dict.fromkeys(columns[1:], reason)
    return Mapping(source, "", columns[:1], {}, ignored=ignored, excluded=(Exclusion(Every(), reason),))
