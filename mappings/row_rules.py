"""Rules that join, choose or constrain other columns and rules, and references to other rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity
from mappings.rule import CodeLists, Converted, Fault, Rule, drop, joined, key_text, text


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
        line = joined([text(raw[column]) for column in self.parts], self.separator)
        return Converted(drop(line, pc.equal(line, "")))


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
        whole = joined(texts, self.separator)
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
            values = drop(values, pc.is_in(values, pa.array(self.blanks)))
        if self.beside:
            values = drop(values, pc.is_null(text(raw[self.beside])))
        missing = pc.is_null(values)
        faults = (Fault("MISSING", self.key[0], "error", missing, True),) if self.required else ()
        return Converted(values, faults)
