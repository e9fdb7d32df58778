"""Rules for days and moments: one stated format a column, no guessing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity
from mappings.rule import CodeLists, Converted, Field, by_distinct, drop, flat, lost, text

LONDON = ZoneInfo("Europe/London")


@lru_cache
def _shape(fmt: str) -> re.Pattern[str]:
    """The one spelling that ``fmt`` allows: strptime alone would take 1/2/20 for %d/%m/%Y."""
    widths = {"%Y": r"\d{4}", "%y": r"\d{2}", "%b": r"[A-Za-z]{3}", "%f": r"\d{1,6}"}
    parts = re.split(r"(%\w)", fmt)
    return re.compile("".join(widths.get(p, r"\d{2}") if p.startswith("%") else re.escape(p) for p in parts))


def strict_date(value: str, fmt: str) -> datetime | None:
    """The instant that ``value`` spells in exactly the format ``fmt``; None where it does not."""
    if not _shape(fmt).fullmatch(value):
        return None
    try:
        return datetime.strptime(value, fmt)
    except ValueError:
        return None


def _spelt(value: str, formats: tuple[str, ...]) -> datetime | None:
    """The instant that ``value`` spells in the first of the formats that fits."""
    return next((at for fmt in formats if (at := strict_date(value, fmt))), None)


@dataclass(frozen=True)
class Date(Field):
    """A day. ``open_ends`` are days that mean "no date", ``blanks`` texts that do; ``clipped`` the ends of the
    source's date type.

    A text column has one stated format ``fmt``; typed columns need none. ``also`` states how some of the source's
    files spell a day: a workbook's date among texts is ISO. A day outside ``earliest``..``latest`` is used with an
    UNLIKELY warning; with ``year_only`` so is a first of January, which often says that only the year was known. An
    UNLIKELY day is not used where ``unlikely`` is "error".
    """

    fmt: str | None = None
    open_ends: tuple[date, ...] = (date(1900, 1, 1),)
    clipped: tuple[date, ...] = (date(2079, 6, 6),)
    earliest: date = date(1900, 1, 2)
    latest: date = date(2060, 1, 1)
    unlikely: Severity = "warning"
    year_only: bool = False
    blanks: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def kinds(self) -> Mapping[str, Severity]:
        doubts: dict[str, Severity] = {"YEAR-ONLY": "warning"} if self.year_only else {}
        return self._kinds(FORMAT="error", CLIPPED="error", UNLIKELY=self.unlikely, **doubts)

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = flat(raw[self.column])
        if pa.types.is_temporal(source.type):
            days = source.cast(pa.date32(), safe=False)
        elif self.fmt is None:
            raise TypeError(f"Date({self.column!r}) reads text and states no format")
        else:
            formats = (self.fmt, *self.also)
            source = text(raw[self.column])
            if self.blanks:
                source = drop(source, pc.is_in(source, pa.array(self.blanks)))
            days = by_distinct(source, lambda v: (at := _spelt(v, formats)) and at.date(), pa.date32())
        wrong = lost(source, days)
        days = drop(days, pc.is_in(days, pa.array(self.open_ends, pa.date32())))
        known = days
        clipped = pc.is_in(days, pa.array(self.clipped, pa.date32()))
        days = drop(days, clipped)
        unlikely = pc.or_(pc.less(days, pa.scalar(self.earliest)), pc.greater(days, pa.scalar(self.latest)))
        if self.unlikely == "error":
            days = drop(days, unlikely)
        missing = pc.if_else(wrong, pa.scalar(self.earliest), known)  # a wrong date is FORMAT, not MISSING too
        faults = [
            self._fault("FORMAT", wrong), self._fault("CLIPPED", clipped),
            self._fault("UNLIKELY", unlikely, self.unlikely),
        ]  # fmt: skip
        if self.year_only:
            first = pc.and_(pc.equal(pc.day(days), 1), pc.equal(pc.month(days), 1))
            faults.append(self._fault("YEAR-ONLY", first, "warning"))
        return self._finish(days, missing, *faults)


@dataclass(frozen=True)
class Instant(Field):
    """A moment, read as London wall clock where the source states no zone; UTC in the canonical model.

    ``time_column`` may hold the time of day beside a date; ``fmt`` then spells both, joined by a blank. ``also``
    states how some of the source's files spell a moment.
    """

    fmt: str | None = None
    time_column: str | None = None
    also: tuple[str, ...] = ()
    open_ends: tuple[date, ...] = (date(1900, 1, 1),)
    clipped: tuple[date, ...] = (date(2079, 6, 6),)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, self.time_column) if self.time_column else (self.column,)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error", CLIPPED="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = flat(raw[self.column])
        if pa.types.is_temporal(source.type) and not self.time_column:
            wall = source.cast(pa.timestamp("us"), safe=False)
        elif self.fmt is None:
            raise TypeError(f"Instant({self.column!r}) reads text and states no format")
        else:
            formats = (self.fmt, *self.also)
            source = text(raw[self.column])
            if self.time_column:
                source = pc.binary_join_element_wise(source, text(raw[self.time_column]), " ")
            wall = by_distinct(source, lambda v: _spelt(v, formats), pa.timestamp("us"))
        wrong = lost(source, wall)
        day = wall.cast(pa.date32(), safe=False)
        wall = drop(wall, pc.is_in(day, pa.array(self.open_ends, pa.date32())))
        clipped = pc.is_in(day, pa.array(self.clipped, pa.date32()))
        wall = drop(wall, clipped)
        # A time that the spring change skipped or the autumn change doubled is still that day's work.
        at = pc.assume_timezone(wall, "Europe/London", ambiguous="earliest", nonexistent="latest")
        values = at.cast(pa.timestamp("us", "UTC"))
        return self._finish(values, source, self._fault("FORMAT", wrong), self._fault("CLIPPED", clipped))


_XML_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?")


def _xml_instant(value: str) -> datetime | None:
    if not _XML_INSTANT.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


@dataclass(frozen=True)
class XmlInstant(Field):
    """A moment as XML Schema spells it (``xs:dateTime``): 2026-09-28T08:00:00 with ``Z``, an offset or neither.

    Without a zone it is London wall clock. UTC in the canonical model.
    """

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        values = by_distinct(source, _xml_instant, pa.timestamp("us", "UTC"))
        return self._finish(values, source, self._fault("FORMAT", lost(source, values)))


@dataclass(frozen=True)
class TimeOfDay(Field):
    """A time on the wall clock, by the stated format."""

    fmt: str = "%H:%M"

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        fmt = self.fmt
        values = by_distinct(source, lambda v: (at := strict_date(v, fmt)) and at.time(), pa.time64("us"))
        return self._finish(values, source, self._fault("FORMAT", lost(source, values)))
