"""Landed tables under the masks: each column as its decision says, in the form in which it stood.

A value is masked as what it means and written as it was: padded with blanks, a day with a time of nought, or in that
spelling of days. What was dirt stays dirt of its kind, so that the same rows raise the same issues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from mappings.catalogue import load_system
from mappings.rules import Code
from mirror.extracts import dirt
from mirror.extracts.decisions import Decision, SourcePlan, whose
from mirror.extracts.landed import Landed
from mirror.masks.columns import by_distinct

NOTHING = ("1900-01-01", "1899-12-30")
"""Days by which a vendor says that there is none."""
FORMATS = {r"\d{4}-\d{2}-\d{2}": "%Y-%m-%d", r"\d{2}/\d{2}/\d{4}": "%d/%m/%Y", r"\d{2}-[A-Za-z]{3}-\d{4}": "%d-%b-%Y",
           r"\d{8}": "%Y%m%d"}  # fmt: skip
"""How a day is spelt -> how it is read."""
UNKNOWN = "XX"
"""A code that no list knows."""
INITIALS = "initials"
"""The first letter of the masked forename, which stands last in ``by``."""
_FIRST, _LAST = r"^(?P<half>.*) \S*$", r" (?P<half>\S*)$"
HALVES = {"staff.first": ("staff", _FIRST), "staff.last": ("staff", _LAST), "product.first": ("text.product", _FIRST),
          "product.last": ("text.product", _LAST)}  # fmt: skip
"""Masks of a text in two columns, which ``by`` names: it is masked as one, as where it stands in one."""
UNDECLARED = "undeclared"
"""The mask of elements that the interface does not know, as JSON: of a value its shape stays."""
CODE = "code:"
"""What begins a mask that is one code of the source's list, whichever stood there."""
WORDS = ("forename", "surname", "name", "address", "organisation", "staff")
"""Masks of texts that somebody typed."""
_TIME = r"^\d{4}-\d{2}-\d{2}(?P<time> [0-9:.]+)$"
_NULL = pa.scalar(None, pa.string())


class Masks(Protocol):
    """The masks of the mirror (``mirror.masked.Masker``)."""

    def apply(self, mask: str, values: pa.Array, by: tuple[pa.Array, ...] = ()) -> pa.Array:
        """The column under one mask, as it is in every table."""

    def birth_dates(self, values: pa.Array, by: tuple[pa.Array, ...], fmt: str) -> pa.Array:
        """Days of birth of one format."""


def masked(landed: Landed, plan: SourcePlan, masks: Masks) -> Landed:
    """The table with every column as the plan decides. Raises ContractBroken where a column has no decision."""
    plan.require(landed.table.name, landed.columns)
    decisions = plan.tables[landed.table.name]
    if all(decisions[name].action == "empty" for name in landed.columns):
        return landed.without_rows()
    wanted = {name: landed.values(name) for name in landed.columns if _read(name, decisions)}
    found = landed
    for name in landed.columns:
        decision = decisions[name]
        match decision.action:
            case "mask":
                by = tuple(whose(one, plan.system, wanted) for one in decision.by)
                found = found.with_values(name, _masked(decision, wanted[name], by, masks))
            case "blank" | "empty":
                found = found.with_values(name, _blanked(decision, wanted[name]))
    return dirt.torn(found, masks) if len(found.raws()) else found


def _read(column: str, decisions: Mapping[str, Decision]) -> bool:
    """Whether the column is masked, or another's mask hangs on it."""
    return decisions[column].action != "keep" or any(
        column in re.split(r"[^\w -]+", one) for decision in decisions.values() for one in decision.by
    )


def _masked(decision: Decision, values: pa.Array, by: tuple[pa.Array, ...], masks: Masks) -> pa.Array:
    core = pc.utf8_rtrim_whitespace(values)
    filled = pc.and_kleene(pc.is_valid(core), pc.not_equal(core, ""))
    asked = pc.if_else(filled, core, _NULL)
    if decision.mask == INITIALS:
        *people, forenames = by
        first = pc.utf8_slice_codeunits(masks.apply("forename", forenames, tuple(people)), 0, 1)
        found = pc.if_else(pc.match_substring_regex(asked, r"^[A-Za-z .]+$"), first, asked)
    elif decision.mask in HALVES:
        found = _half(decision.mask, by, masks)
    elif decision.mask == UNDECLARED:
        found = by_distinct(
            asked, lambda texts: pa.array([text and _shape(text) for text in texts.to_pylist()], pa.string())
        )
    elif decision.mask.startswith(CODE):
        found = _coded(decision, asked)
    elif decision.mask == "birth_date":
        found = _days(asked, by, masks)
    elif decision.mask.startswith("text."):
        found = dirt.through(asked, lambda texts: masks.apply(decision.mask, texts))
    elif decision.mask in WORDS:
        found = dirt.through(asked, lambda texts: masks.apply(decision.mask, texts, by))
    else:
        found = masks.apply(decision.mask, asked, by)
    return _padded(pc.if_else(filled, found, values), values)


def _half(mask: str, by: tuple[pa.Array, ...], masks: Masks) -> pa.Array:
    """The column's half of what both columns say together; all of it where the other is blank."""
    kind, pattern = HALVES[mask]
    both = [pc.fill_null(pc.utf8_trim_whitespace(one), "") for one in by]
    whole = masks.apply(kind, pc.utf8_trim_whitespace(pc.binary_join_element_wise(*both, " ")))
    alone = pc.or_(*(pc.equal(one, "") for one in both))
    return pc.if_else(alone, whole, pc.struct_field(pc.extract_regex(whole, pattern), "half"))


def _shape(text: str) -> str:
    """The elements with noughts for digits and x for letters in their values."""
    return json.dumps(
        [[name, value and re.sub(r"[^\W\d]", "x", re.sub(r"\d", "0", value))] for name, value in json.loads(text)]
    )


def _padded(found: pa.Array, values: pa.Array) -> pa.Array:
    """The texts as wide as the column, where it is padded to one width."""
    widths = pc.unique(pc.utf8_length(values)).drop_null()
    if len(widths) != 1 or not pc.any(pc.ends_with(values, " ")).as_py():
        return found
    return pc.utf8_rpad(found, widths[0].as_py())


def _days(values: pa.Array, by: tuple[pa.Array, ...], masks: Masks) -> pa.Array:
    """Days of birth in each format that they stand in; what is no day keeps its day and month."""
    times = pc.struct_field(pc.extract_regex(values, _TIME), "time")
    days = pc.if_else(pc.is_valid(times), pc.utf8_slice_codeunits(values, 0, 10), values)
    nothing = pc.fill_null(pc.is_in(days, pa.array(NOTHING)), False)
    found = masks.apply("reference", days)
    for pattern, form in FORMATS.items():
        read = pc.strptime(days, form, "s", error_is_null=True)
        # 31/02 is read as 3 March, so what is read must be written as it stood
        again = pc.equal(pc.utf8_upper(pc.strftime(read, form)), pc.utf8_upper(days))
        fits = pc.and_(pc.fill_null(pc.match_substring_regex(days, f"^{pattern}$"), False), pc.fill_null(again, False))
        fits = pc.and_(fits, pc.invert(nothing))
        if pc.any(fits).as_py():
            found = pc.if_else(fits, masks.birth_dates(pc.if_else(fits, days, _NULL), by, form), found)
    found = pc.if_else(nothing, days, found)
    return pc.if_else(pc.is_valid(times), pc.binary_join_element_wise(found, times, ""), found)


def _blanked(decision: Decision, values: pa.Array) -> pa.Array:
    """Nothing where something stood; a code that nobody knows stays one."""
    core = pc.utf8_trim_whitespace(values)
    empty = pc.or_kleene(pc.is_null(core), pc.equal(core, ""))
    strange = pc.and_(pc.invert(pc.fill_null(empty, True)), _strange(decision, core))
    return pc.if_else(empty, values, pc.if_else(strange, pa.scalar(UNKNOWN), _NULL))


def _coded(decision: Decision, values: pa.Array) -> pa.Array:
    """The one code for every code that the list knows."""
    return pc.if_else(_strange(decision, values), pa.scalar(UNKNOWN), pa.scalar(decision.mask.removeprefix(CODE)))


def _strange(decision: Decision, values: pa.Array) -> pa.Array:
    """Where a code stands that the column's list does not know."""
    known = _codes(decision)
    if known is None:
        return pa.repeat(False, len(values))
    return pc.invert(pc.is_in(pc.utf8_trim_whitespace(values), pa.array(known, pa.string())))


def _codes(decision: Decision) -> list[str] | None:
    """The codes that the column's list knows; None where it is no coded column."""
    system = load_system(decision.system)
    for mapping in system.mappings[decision.table]:
        for rule in mapping.fields.values():
            if isinstance(rule, Code) and rule.column == decision.column:
                return [str(code) for code in system.codes[rule.code_list]]
    return None
