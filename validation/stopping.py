"""Why a batch stops, and what a person does about it, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.spec import TableSpec
from validation.rules import rules_file
from validation.verdict import Fault

TELLING = 3
"""Row faults named in a message; the page of the table has all."""


def stop_message(table: TableSpec, faults: Sequence[Fault], rows: int) -> tuple[str, str]:
    """Reason and next step; both empty where nothing stops. All reasons are told at once."""
    told = [
        say(table, found, faults, rows)
        for kind, say in _SAYINGS.items()
        if (found := [fault for fault in faults if fault.stops and fault.kind == kind])
    ]
    steps = dict.fromkeys(step for _, step in told)
    return " ".join(reason for reason, _ in told), " ".join(steps)


Saying = Callable[[TableSpec, Sequence[Fault], Sequence[Fault], int], tuple[str, str]]


def _columns_missing(table: TableSpec, found: Sequence[Fault], _: Sequence[Fault], rows: int) -> tuple[str, str]:
    return (
        f"missing {_named('column', [fault.column for fault in found])}.",
        f"Ask the owner of {table.system} for it; "
        f"if it has a new name, add that to its aliases in {rules_file(table)}.",
    )


def _columns_new(table: TableSpec, found: Sequence[Fault], _: Sequence[Fault], rows: int) -> tuple[str, str]:
    return (
        f"new {_named('column', [fault.column for fault in found])}.",
        f"Add it to {rules_file(table)} and map it, or ignore it with a reason, in mappings/{table.system}/.",
    )


def _control(table: TableSpec, found: Sequence[Fault], _: Sequence[Fault], rows: int) -> tuple[str, str]:
    units = dict.fromkeys(unit for fault in found for unit in fault.keys)
    what = " and ".join("number of rows" if fault.column == "rows" else "total amount" for fault in found)
    return (
        f"what landed is not what the source's trailer states: the {what} of {_named('unit', list(units))}.",
        f"Ask the owner of {table.system} to send it again; nothing of this batch was loaded.",
    )


def _empty(table: TableSpec, found: Sequence[Fault], _: Sequence[Fault], rows: int) -> tuple[str, str]:
    return (
        "the table is empty.",
        f"Ask the owner of {table.system} whether the extract ran; "
        f"if the table may be empty, set may_be_empty = true in {rules_file(table)}.",
    )


def _share(table: TableSpec, found: Sequence[Fault], faults: Sequence[Fault], rows: int) -> tuple[str, str]:
    worst = max(found, key=lambda fault: fault.share)
    causes = sorted(
        (fault for fault in faults if fault.count and fault.kind not in _OF_COLUMNS),
        key=lambda fault: -fault.count,
    )[:TELLING]
    named = ", ".join(f"{fault.column} {fault.kind} ({_rows(fault)})" for fault in causes)
    return (
        f"{worst.share:.1%} of {rows} rows break the contract, {table.max_fault_share:.1%} may: {named}.",
        f"Look at the rows on the page {table.system}.{table.name}.html of the run's Data Docs; "
        f"have the data corrected, or correct the rule in {rules_file(table)}.",
    )


_SAYINGS: dict[str, Saying] = {
    "COLUMN-MISSING": _columns_missing,
    "COLUMN-NEW": _columns_new,
    "CONTROL": _control,
    "EMPTY": _empty,
    "FAULTY": _share,
    "DUPLICATE": _share,
}


_OF_COLUMNS = ("FAULTY", "ORDER", "COLUMN-MISSING", "COLUMN-NEW")


def _rows(fault: Fault) -> str:
    first = f", first {fault.keys[0]}" if fault.keys else ""
    return f"{fault.count} row{'s' if fault.count > 1 else ''}{first}"


def _named(word: str, names: Sequence[str]) -> str:
    return f"{word}{'s' if len(names) > 1 else ''} {', '.join(names)}"
