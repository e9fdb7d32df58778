"""The rules: how one canonical field comes from raw source columns. Pure, typed, column-wise.

Every rule takes the raw frame and gives a ``Converted``: the canonical values and the faults found. Work is
done on distinct values wherever that is cheaper than on rows. An empty or all-blank text is null everywhere:
legacy systems pad and blank what they do not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity

CodeLists = Mapping[str, Mapping[str, str]]
"""By list name: the source's code (trimmed) to the canonical code."""

MOJIBAKE = "Ã[\u0080-\u00bf]|â€|Â(?:[\u0080-\u00bf£\\s]|$)|\ufffd|[\u0080-\u009f]"
LONDON = ZoneInfo("Europe/London")


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
    trimmed = pc.utf8_trim_whitespace(pc.cast(flat(series), pa.string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def by_distinct(values: pa.Array, function: Callable[[Any], Any], out: pa.DataType) -> pa.Array:
    """``function`` of every value, called once a distinct one; null stays null."""
    encoded = pc.dictionary_encode(values)
    results = pa.array([function(value) for value in encoded.dictionary.to_pylist()], out)
    return results.take(encoded.indices)


def _none(length: int) -> pa.BooleanArray:
    return pa.repeat(False, length)


def _lost(before: pa.Array, after: pa.Array) -> pa.BooleanArray:
    """Rows that had a value and have none after conversion."""
    return pc.and_(pc.is_valid(before), pc.is_null(after))


def _drop(values: pa.Array, where: pa.BooleanArray) -> pa.Array:
    return pc.if_else(where, pa.scalar(None, values.type), values)


@dataclass(frozen=True)
class _Field:
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


@dataclass(frozen=True)
class Text(_Field):
    """Trimmed text with single blanks. ``blanks`` are spellings of "unknown" that become null.

    Warns of wrong code pages, and of leading or double blanks: they hide one record from another.
    """

    blanks: tuple[str, ...] = ()
    upper: bool = False

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(CODEPAGE="warning", BLANKS="warning")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        values = text(raw[self.column])
        spaced = pc.match_substring_regex(pc.cast(flat(raw[self.column]), pa.string()), r"^\s+\S|\S[^\S\n]{2,}\S")
        spaced = pc.and_kleene(spaced, pc.is_valid(values))
        if pc.any(spaced).as_py():
            values = pc.replace_substring_regex(values, r"[^\S\n]{2,}", " ")
        if self.blanks:
            values = _drop(values, pc.is_in(pc.utf8_upper(values), pa.array([b.upper() for b in self.blanks])))
        if self.upper:
            values = pc.utf8_upper(values)
        doubtful = pc.match_substring_regex(values, MOJIBAKE)
        return self._finish(
            values, values, self._fault("CODEPAGE", doubtful, "warning"), self._fault("BLANKS", spaced, "warning")
        )


@dataclass(frozen=True)
class Code(_Field):
    """A canonical code through a code list; a code that the list does not know is UNMAPPED and null.

    A code that the list gives no canonical code is null by agreement.
    """

    code_list: str = ""

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(UNMAPPED="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        values = by_distinct(source, codes[self.code_list].get, pa.string())
        unmapped = _lost(source, values)
        return self._finish(_drop(values, pc.equal(values, "")), source, self._fault("UNMAPPED", unmapped))


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
class Date(_Field):
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
                source = _drop(source, pc.is_in(source, pa.array(self.blanks)))
            days = by_distinct(source, lambda v: (at := _spelt(v, formats)) and at.date(), pa.date32())
        wrong = _lost(source, days)
        days = _drop(days, pc.is_in(days, pa.array(self.open_ends, pa.date32())))
        known = days
        clipped = pc.is_in(days, pa.array(self.clipped, pa.date32()))
        days = _drop(days, clipped)
        unlikely = pc.or_(pc.less(days, pa.scalar(self.earliest)), pc.greater(days, pa.scalar(self.latest)))
        if self.unlikely == "error":
            days = _drop(days, unlikely)
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
class Instant(_Field):
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
        wrong = _lost(source, wall)
        day = wall.cast(pa.date32(), safe=False)
        wall = _drop(wall, pc.is_in(day, pa.array(self.open_ends, pa.date32())))
        clipped = pc.is_in(day, pa.array(self.clipped, pa.date32()))
        wall = _drop(wall, clipped)
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
class XmlInstant(_Field):
    """A moment as XML Schema spells it (``xs:dateTime``): 2026-09-28T08:00:00 with ``Z``, an offset or neither.

    Without a zone it is London wall clock. UTC in the canonical model.
    """

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        values = by_distinct(source, _xml_instant, pa.timestamp("us", "UTC"))
        return self._finish(values, source, self._fault("FORMAT", _lost(source, values)))


@dataclass(frozen=True)
class TimeOfDay(_Field):
    """A time on the wall clock, by the stated format."""

    fmt: str = "%H:%M"

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        fmt = self.fmt
        values = by_distinct(source, lambda v: (at := strict_date(v, fmt)) and at.time(), pa.time64("us"))
        return self._finish(values, source, self._fault("FORMAT", _lost(source, values)))


def _number(source: pa.Array, out: pa.DataType, pattern: str) -> tuple[pa.Array, pa.BooleanArray]:
    """The column as ``out`` and where it had a value that is none."""
    if pa.types.is_string(source.type):
        clean = pc.replace_substring_regex(pc.utf8_trim_whitespace(source), r"^\+|[£,]", "")
        clean = _drop(clean, pc.equal(clean, ""))
        good = pc.match_substring_regex(clean, pattern)
        wrong = pc.fill_null(pc.invert(good), False)
        return pc.cast(_drop(clean, wrong), out), wrong
    try:
        return pc.cast(source, out), _none(len(source))
    except pa.ArrowInvalid:  # some value does not fit: find which, by the text way
        return _number(pc.cast(source, pa.string()), out, pattern)


@dataclass(frozen=True)
class Money(_Field):
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


def _range_faults(rule: _Field, values: pa.Array, minimum: Decimal | None, maximum: Decimal | None) -> list[Fault]:
    """A number outside its plausible bounds is used, with a warning."""
    faults = []
    if minimum is not None:
        faults.append(rule._fault("BELOW", pc.less(values, pa.scalar(minimum)), "warning"))
    if maximum is not None:
        faults.append(rule._fault("ABOVE", pc.greater(values, pa.scalar(maximum)), "warning"))
    return faults


@dataclass(frozen=True)
class Number(_Field):
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
            values = _drop(values, pc.is_in(values, pa.array(self.unknown, exact)))
        faults = _range_faults(self, values, self.minimum, self.maximum)
        known = pc.if_else(wrong, pa.scalar(Decimal(0), exact), values)
        out = values if self.decimals else pc.cast(values, pa.int64())
        return self._finish(out, known, self._fault("FORMAT", wrong), *faults)


@dataclass(frozen=True)
class Flag(_Field):
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
        return self._finish(values, source, self._fault("UNMAPPED", _lost(source, values)))


@dataclass(frozen=True)
class Shaped(_Field):
    """Text of a stated shape after ``clean`` (a pattern whose matches are removed) and upper-casing.

    A value of another shape, or one that matches ``never``, is FORMAT: dropped, or with ``keep`` used with a
    warning. A blank goes before the last ``spaced`` characters of a value of the shape (0: none).
    """

    pattern: str = ".*"
    clean: str = r"\s"
    unknown: tuple[str, ...] = ()
    keep: bool = False
    upper: bool = True
    spaced: int = 0
    never: str = ""

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="warning" if self.keep else "error")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        values = pc.replace_substring_regex(source, self.clean, "") if self.clean else source
        values = pc.utf8_upper(values) if self.upper else values
        values = _drop(values, pc.or_(pc.equal(values, ""), pc.is_in(values, pa.array(self.unknown, pa.string()))))
        wrong = pc.fill_null(pc.invert(pc.match_substring_regex(values, rf"^(?:{self.pattern})$")), False)
        if self.never:
            wrong = pc.or_(wrong, pc.fill_null(pc.match_substring_regex(values, self.never), False))
        known = values
        if self.spaced:
            spaced = pc.replace_substring_regex(values, rf"^(.+)(.{{{self.spaced}}})$", r"\1 \2")
            values = pc.if_else(wrong, values, spaced)
        if not self.keep:
            values = _drop(values, wrong)
        return self._finish(values, known, self._fault("FORMAT", wrong, "warning" if self.keep else "error"))


def Postcode(column: str, *, required: bool = False) -> Shaped:  # noqa: N802 - reads as a rule
    """A UK postcode with one blank: ``SW1A 1AA``. Source of the shape: BS 7666, Royal Mail PAF guide."""
    shape = r"[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKP-UW-Y]?[0-9][ABD-HJLNP-UW-Z]{2}"
    return Shaped(column, pattern=shape, keep=True, spaced=3, required=required)


def NationalInsuranceNumber(column: str) -> Shaped:  # noqa: N802
    """A National Insurance number of the shape of HMRC's NIM39110.

    Prefixes that are never given out (temporary numbers begin with TN) and the specimen of forms are FORMAT.
    """
    shape = r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]"
    return Shaped(column, pattern=shape, never=r"^(?:BG|GB|KN|NK|NT|TN|ZZ)|^AB123456C$")


def Phone(column: str) -> Shaped:  # noqa: N802
    """A telephone number as digits with a leading 0 or +; punctuation is dropped."""
    return Shaped(column, pattern=r"(?:\+44|0)\d{9,10}", clean=r"[\s().\-/]", unknown=("0", "00000000000"))


def Email(column: str) -> Shaped:  # noqa: N802
    """A mail address in lower... as written, with one @ and a dotted domain."""
    return Shaped(column, pattern=r"[^@\s]+@[^@\s]+\.[^@\s.]+", clean="", upper=False)


@dataclass(frozen=True)
class Uprn(_Field):
    """A UPRN: 1 to 12 digits (BS 7666). Zeros stand for none, with a warning."""

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self._kinds(FORMAT="error", ZERO="warning")

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        source = text(raw[self.column])
        zero = pc.match_substring_regex(source, r"^0+(\.0+)?$")
        source = _drop(source, zero)
        wrong = pc.fill_null(pc.invert(pc.match_substring_regex(source, r"^\d{1,12}$")), False)
        values = pc.cast(_drop(source, wrong), pa.int64())
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


def _joined(texts: list[pa.StringArray], separator: str) -> pa.StringArray:
    """The texts of each row joined, nulls left out; empty where all are null."""
    # not null_handling="skip": with it Arrow gives too few rows where all texts of the last ones are null
    led = [pc.fill_null(pc.binary_join_element_wise("", one, separator), "") for one in texts]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*led, ""), len(separator))


@dataclass(frozen=True)
class Joined:
    """Several columns as one text, blanks left out: the lines of an address, the parts of a name."""

    parts: tuple[str, ...]
    separator: str = ", "

    @property
    def columns(self) -> tuple[str, ...]:
        return self.parts

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        joined = _joined([text(raw[column]) for column in self.parts], self.separator)
        return Converted(_drop(joined, pc.equal(joined, "")))


@dataclass(frozen=True)
class AsText:
    """What another rule gives, as text: a number that is kept among other identifiers."""

    rule: Rule

    @property
    def columns(self) -> tuple[str, ...]:
        return self.rule.columns

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self.rule.kinds

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        converted = self.rule.convert(raw, codes)
        return Converted(pc.cast(converted.values, pa.string()), converted.faults)


@dataclass(frozen=True)
class Constant:
    """The same value in every row."""

    value: str | int | bool | Decimal | date

    columns: tuple[str, ...] = ()

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        return Converted(pa.repeat(pa.scalar(self.value), len(raw)))


@dataclass(frozen=True)
class FirstOf:
    """The first rule that gives a value; faults of all of them are kept."""

    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for rule in self.rules for column in rule.columns)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {kind: severity for rule in self.rules for kind, severity in rule.kinds.items()}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        converted = [rule.convert(raw, codes) for rule in self.rules]
        return Converted(pc.coalesce(*(c.values for c in converted)), tuple(f for c in converted for f in c.faults))


@dataclass(frozen=True)
class Within:
    """A rule of one column over what ``pattern``'s group finds in it: the postcode that ends an address."""

    rule: Rule
    pattern: str

    @property
    def columns(self) -> tuple[str, ...]:
        return self.rule.columns

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self.rule.kinds

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        (column,) = self.columns
        group = re.sub(r"\((?!\?)", "(?P<found>", self.pattern, count=1)
        found = pc.struct_field(pc.extract_regex(text(raw[column]), group), "found")
        return self.rule.convert(pd.DataFrame({column: pd.Series(found, dtype=pd.ArrowDtype(pa.string()))}), codes)


@dataclass(frozen=True)
class Parts:
    """A rule over several columns read as one text: a day's day, month and year, the halves of a postcode.

    ``rule`` names the first column, which its faults blame. Each part is filled with zeros to ``width``.
    """

    rule: Rule
    parts: tuple[str, ...]
    separator: str
    width: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return self.parts

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return self.rule.kinds

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        texts = [pc.utf8_lpad(text(raw[column]), self.width, "0") for column in self.parts]
        whole = _joined(texts, self.separator)
        frame = pd.DataFrame(
            {column: pd.Series(whole, dtype=pd.ArrowDtype(pa.string())) for column in self.rule.columns}
        )
        return self.rule.convert(frame, codes)


@dataclass(frozen=True)
class Ref:
    """A reference to a canonical row by its raw source key.

    ``target`` is the canonical table, ``system`` the system whose key it is (None: the same), ``part`` the
    discriminator of the mapping that makes the row. A blank key is null; blank means any part is blank or
    one of ``blanks``. ``beside`` names a column that must be filled for the row to exist: the reference to a joint
    applicant is null where none is named. That the row exists is checked at loading: ORPHAN.
    """

    target: str
    key: tuple[str, ...]
    system: str | None = None
    part: str = ""
    required: bool = False
    blanks: tuple[str, ...] = ()
    beside: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, self.beside) if self.beside else self.key

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {"ORPHAN": "error", **({"MISSING": "error"} if self.required else {})}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        values = key_text(raw, self.key)
        if self.blanks:
            values = _drop(values, pc.is_in(values, pa.array(self.blanks)))
        if self.beside:
            values = _drop(values, pc.is_null(text(raw[self.beside])))
        missing = pc.is_null(values)
        faults = (Fault("MISSING", self.key[0], "error", missing, True),) if self.required else ()
        return Converted(values, faults)


def key_text(raw: pd.DataFrame, columns: tuple[str, ...]) -> pa.StringArray:
    """The key of each row as text: trimmed values joined by ``|``; null where any part is blank."""
    parts = [text(raw[column]) for column in columns]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
