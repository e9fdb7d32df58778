"""Rules for money, numbers, flags and UPRNs: exact, with plausible bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.keys import trimmed
from ledger.values import Severity
from mappings.rule import CodeLists, Converted, Fault, Field, by_distinct, drop, flat, lost, text


def _none(length: int) -> pa.BooleanArray:
    return pa.repeat(False, length)


def _number(source: pa.Array, out: pa.DataType, pattern: str) -> tuple[pa.Array, pa.BooleanArray]:
    """The column as ``out`` and where it had a value that is none. Raises TypeError for binary fractions."""
    if pa.types.is_floating(source.type):
        raise TypeError("a connector yields decimals, never binary fractions: they would be rounded unseen")
    if pa.types.is_string(source.type):
        clean = pc.replace_substring_regex(trimmed(source), r"^\+|[£,]", "")
        good = pc.match_substring_regex(clean, pattern)
        wrong = pc.fill_null(pc.invert(good), False)
        return pc.cast(drop(clean, wrong), out), wrong
    try:
        return pc.cast(source, out), _none(len(source))
    except pa.ArrowInvalid:  # some value does not fit: find which, by the text way
        return _number(pc.cast(source, pa.string()), out, pattern)


@dataclass(frozen=True)
class Money(Field):
    """Pounds and pence, signed, exact. More than two decimals, or no number, is FORMAT.

    Rows in which ``sign_column`` holds one of ``negative`` are negated, as is all with ``negate``.
    """

    sign_column: str | None = None
    negative: tuple[str, ...] = ()
    negate: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, self.sign_column) if self.sign_column else (self.column,)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error", **_range_kinds(self.minimum, self.maximum))

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = flat(raw[self.column])
        values, wrong = _number(source, pa.decimal128(12, 2), r"^-?\d{1,10}(\.\d{0,2}0*)?$")
        if self.sign_column:
            sign = pc.is_in(text(raw[self.sign_column]), pa.array(self.negative))
            values = pc.if_else(sign, pc.negate(values), values)
        if self.negate:
            values = pc.negate(values)
        out = pc.cast(values, pa.decimal128(12, 2))
        known = pc.if_else(wrong, pa.scalar(Decimal(0), out.type), out)
        return self._finish(
            out, known, self._fault("FORMAT", wrong), *_range_faults(self, out, self.minimum, self.maximum)
        )


def _range_kinds(minimum: object, maximum: object) -> dict[str, Severity]:
    kinds: dict[str, Severity] = {}
    if minimum is not None:
        kinds["BELOW"] = "warning"
    if maximum is not None:
        kinds["ABOVE"] = "warning"
    return kinds


def _range_faults(rule: Field, values: pa.Array, minimum: Decimal | None, maximum: Decimal | None) -> list[Fault]:
    """A number outside its plausible bounds is used, with a warning."""
    faults = []
    if minimum is not None:
        faults.append(rule._fault("BELOW", pc.less(values, pa.scalar(minimum)), "warning"))
    if maximum is not None:
        faults.append(rule._fault("ABOVE", pc.greater(values, pa.scalar(maximum)), "warning"))
    return faults


@dataclass(frozen=True)
class Number(Field):
    """A number of ``decimals`` places (0: an integer). ``unknown`` are values that mean null."""

    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unknown: tuple[Decimal, ...] = ()

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error", **_range_kinds(self.minimum, self.maximum))

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = flat(raw[self.column])
        exact = pa.decimal128(18, self.decimals)
        pattern = rf"^-?\d{{1,12}}(\.\d{{0,{self.decimals}}}0*)?$"
        values, wrong = _number(source, exact, pattern)
        if self.unknown:
            values = drop(values, pc.is_in(values, pa.array(self.unknown, exact)))
        faults = _range_faults(self, values, self.minimum, self.maximum)
        known = pc.if_else(wrong, pa.scalar(Decimal(0), exact), values)
        out = values if self.decimals else pc.cast(values, pa.int64())
        return self._finish(out, known, self._fault("FORMAT", wrong), *faults)


@dataclass(frozen=True)
class Flag(Field):
    """A yes or no by the source's own spellings; any other spelling is UNMAPPED and null."""

    true: tuple[str, ...] = ("1", "Y", "T", "true")
    false: tuple[str, ...] = ("0", "N", "F", "false")

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(UNMAPPED="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        spellings = {**dict.fromkeys(self.true, True), **dict.fromkeys(self.false, False)}
        values = by_distinct(source, spellings.get, pa.bool_())
        return self._finish(values, source, self._fault("UNMAPPED", lost(source, values)))


@dataclass(frozen=True)
class Uprn(Field):
    """A UPRN: 1 to 12 digits (BS 7666). Zeros stand for none, with a warning."""

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error", ZERO="warning")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        zero = pc.match_substring_regex(source, r"^0+(\.0+)?$")
        source = drop(source, zero)
        wrong = pc.fill_null(pc.invert(pc.match_substring_regex(source, r"^\d{1,12}$")), False)
        values = pc.cast(drop(source, wrong), pa.int64())
        return self._finish(values, source, self._fault("FORMAT", wrong), self._fault("ZERO", zero, "warning"))


@dataclass(frozen=True)
class Total:
    """The sum of several amounts of one row, empty ones left out; null where all are."""

    parts: tuple[Money, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for part in self.parts for column in part.columns)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {kind: severity for part in self.parts for kind, severity in part.kinds.items()}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        converted = [part.convert(raw, codes) for part in self.parts]
        faults = tuple(fault for part in converted for fault in part.faults)
        total = pa.nulls(len(raw), pa.decimal128(12, 2))
        for values in (part.values for part in converted):
            both = pc.cast(pc.add(total, values), pa.decimal128(12, 2))
            total = pc.coalesce(both, total, values)
        return Converted(total, faults)
