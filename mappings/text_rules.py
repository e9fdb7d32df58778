"""Rules for text, codes and text of a stated shape: postcodes, NI numbers, telephone numbers, mail addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity
from mappings.rule import CodeLists, Converted, Field, Rule, by_distinct, drop, flat, lost, text

_HALF = "\u0080-\u00bf" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")  # second half of a letter in UTF-8
MOJIBAKE = f"Ã[{_HALF}]|â€|Â(?:[{_HALF}£\\s]|$)|\ufffd|[\u0080-\u009f]"


@dataclass(frozen=True)
class Text(Field):
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
            values = drop(values, pc.is_in(pc.utf8_upper(values), pa.array([b.upper() for b in self.blanks])))
        if self.upper:
            values = pc.utf8_upper(values)
        doubtful = pc.match_substring_regex(values, MOJIBAKE)
        return self._finish(
            values, values, self._fault("CODEPAGE", doubtful, "warning"), self._fault("BLANKS", spaced, "warning")
        )


@dataclass(frozen=True)
class Code(Field):
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
        unmapped = lost(source, values)
        return self._finish(drop(values, pc.equal(values, "")), source, self._fault("UNMAPPED", unmapped))


@dataclass(frozen=True)
class Shaped(Field):
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
        values = drop(values, pc.or_(pc.equal(values, ""), pc.is_in(values, pa.array(self.unknown, pa.string()))))
        wrong = pc.fill_null(pc.invert(pc.match_substring_regex(values, rf"^(?:{self.pattern})$")), False)
        if self.never:
            wrong = pc.or_(wrong, pc.fill_null(pc.match_substring_regex(values, self.never), False))
        known = values
        if self.spaced:
            spaced = pc.replace_substring_regex(values, rf"^(.+)(.{{{self.spaced}}})$", r"\1 \2")
            values = pc.if_else(wrong, values, spaced)
        if not self.keep:
            values = drop(values, wrong)
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
    """A mail address as it is written, with one @ and a dotted domain."""
    return Shaped(column, pattern=r"[^@\s]+@[^@\s]+\.[^@\s.]+", clean="", upper=False)


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
