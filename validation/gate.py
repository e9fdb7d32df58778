"""The gate of a landed batch: Great Expectations judges what ``source.toml`` declares, in one run a batch.

GX counts; which rows they are is told by ``validation.routing`` from the same rules. GX is imported when a
batch comes to be judged (3 s of CPU), so that a command that judges none does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from ledger.spec import TableSpec
from validation.docs import write_page
from validation.routing import Positions, broken
from validation.rules import Rule, fault_code, prepared, rules_file, rules_of
from validation.sheets import StatedControls, frame_of, key_frame, key_tables, slices, units_sheet
from validation.stopping import stop_message
from validation.verdict import KEYS_SHOWN, Fault, Verdict

if TYPE_CHECKING:
    from validation.tally import Tally

__all__ = ["Fault", "Verdict", "check"]

RowKeys = dict[str, list[str]]
"""By issue code the first keys of the rows, units or columns concerned."""


def check(
    table: TableSpec,
    parts: Sequence[Path],
    controls: StatedControls = (),
    *,
    columns: Sequence[str],
    rows_by_unit: Mapping[str, int],
    docs: Path | None = None,
) -> Verdict:
    """The verdict on a batch: ``parts`` are its Parquet files in order, ``columns`` its source columns.

    ``controls`` are what the units state about themselves, ``rows_by_unit`` what landed of each, in order.
    With ``docs`` the findings are written there as a page and as JSON. Never raises for what is in the data.
    """
    from validation.suite import suite_for  # noqa: PLC0415 - see the module's docstring
    from validation.tally import Tally  # noqa: PLC0415

    tally = Tally(suite_for(table, columns or None), table.system, table.place, rules_file(table))
    keys: RowKeys = {}
    if columns:
        tally.judge("columns", pd.DataFrame({name: [] for name in columns}))
    _judge_units(table, units_sheet(table, parts, controls, rows_by_unit), tally, keys)
    rows = _judge_records(table, slices(parts, _wanted(table, columns), rows_by_unit), columns, tally, keys)
    if set(table.key) <= set(columns):
        for texts in key_tables(parts, table.key, rows):
            _judge_keys(table, texts, tally, keys)
    faults = _faults(table, columns, tally, keys)
    reason, next_step = stop_message(table, faults, rows)
    verdict = Verdict(table.system, table.name, not reason, rows, faults, reason, next_step)
    if docs:
        write_page(docs, verdict, tally.findings)
    return verdict


def _judge_units(table: TableSpec, units: pd.DataFrame, tally: Tally, keys: RowKeys) -> None:
    if units[["rows_stated", "total_stated"]].isna().all(axis=None):
        return
    tally.judge("units", units)
    for what in ("rows", "total"):
        differs = (units[f"{what}_stated"] != units[f"{what}_landed"]).fillna(False)
        _note(keys, fault_code(table, what, "CONTROL"), units.loc[differs, "unit"].tolist())


def _wanted(table: TableSpec, columns: Sequence[str]) -> list[str]:
    """The landed columns that are judged, or that tell which row it is."""
    return list(dict.fromkeys(["_line", "_fault", "_key", *(rule.column for rule in rules_of(table, columns))]))


def _judge_records(
    table: TableSpec, landed: Iterable[pa.Table], columns: Sequence[str], tally: Tally, keys: RowKeys
) -> int:
    """The number of records; the sheets ``records`` and ``rows`` are judged slice by slice."""
    rules = rules_of(table, columns)
    rows = sum(_judge_slice(table, rules, part, tally, keys) for part in landed)
    if not rows:
        tally.judge("records", _records_sheet(pa.table({"_fault": pa.array([], pa.string())}), np.empty(0, bool)))
    return rows


def _judge_slice(table: TableSpec, rules: Sequence[Rule], landed: pa.Table, tally: Tally, keys: RowKeys) -> int:
    breaks = landed["_fault"].is_valid().to_numpy().copy()
    _note(keys, fault_code(table, "record", "BROKEN"), _row_keys(landed, np.flatnonzero(breaks)))
    at_whole = np.flatnonzero(~breaks)
    read = landed.take(pa.array(at_whole)) if len(at_whole) < len(landed) else landed
    fields = prepared(rules, read)
    for rule, hits in broken(rules, fields):
        breaks[at_whole[hits]] = True
        _note(keys, fault_code(table, rule.column, rule.kind), _row_keys(read, hits))
    if len(read) and rules:
        tally.judge("rows", frame_of(fields))
    if len(landed):
        tally.judge("records", _records_sheet(landed, breaks))
    pa.default_memory_pool().release_unused()  # else the freed slices stay with the process: 100 MB
    return len(landed)


def _records_sheet(landed: pa.Table, breaks: np.ndarray) -> pd.DataFrame:
    sheet = frame_of(pa.table({"_fault": landed["_fault"].cast(pa.string())}))
    return sheet.assign(_breaks=breaks)


def _judge_keys(table: TableSpec, texts: pa.Table, tally: Tally, keys: RowKeys) -> None:
    if not len(texts):
        return
    frame, code = key_frame(texts), fault_code(table, "key", "DUPLICATE")
    before = tally.unexpected(code)
    tally.judge("keys", frame)
    if tally.unexpected(code) > before:
        again = np.flatnonzero((frame.duplicated() & ~frame.isna().all(axis=1)).to_numpy(bool))
        rows = texts.take(pa.array(again)).group_by(list(table.key)).aggregate([]).slice(0, KEYS_SHOWN)
        _note(keys, code, ["|".join(str(part or "") for part in row.values()) for row in rows.to_pylist()])


def _faults(table: TableSpec, columns: Sequence[str], tally: Tally, keys: RowKeys) -> tuple[Fault, ...]:
    """Every finding that has something to tell, worst first."""
    faults = []
    for finding in tally.findings:
        stops = finding.severity == "critical" and not finding.success
        if finding.kind == "CHANGED":
            faults += _column_faults(table, columns) if stops else []
        elif finding.unexpected or not finding.success:
            share = finding.unexpected / finding.judged if finding.judged else 0.0
            shown = tuple(keys.get(finding.code, ())[:KEYS_SHOWN])
            faults.append(Fault(finding.code, finding.column, finding.kind, finding.unexpected, share, shown, stops))
    return tuple(sorted(faults, key=lambda fault: not fault.stops))


def _column_faults(table: TableSpec, columns: Sequence[str]) -> list[Fault]:
    declared = {column.name: column.optional for column in table.columns}
    missing = [name for name, optional in declared.items() if not optional and name not in columns]
    new = [name for name in columns if name not in declared]
    return [
        Fault(fault_code(table, name, kind), name, kind, 1, 1.0, stops=True)
        for kind, names in (("COLUMN-MISSING", missing), ("COLUMN-NEW", new))
        for name in names
    ]


def _row_keys(landed: pa.Table, at: Positions) -> list[str]:
    """The keys of the rows at these positions, the first ones; a row without a key goes by its line."""
    first = landed.select(["_key", "_line", "_unit"]).take(pa.array(at[:KEYS_SHOWN])).to_pylist()
    return [f"line {row['_line']} of {row['_unit']}" if row["_key"] is None else row["_key"] for row in first]


def _note(keys: RowKeys, code: str, found: list[str]) -> None:
    if found:
        keys.setdefault(code, []).extend(found)
