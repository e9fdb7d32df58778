"""The rules of one source table, applied to one partition of its landed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from itertools import groupby

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.spec import TableSpec
from ledger.values import ISSUE_COLUMNS, Mapped, Reference, Severity, issue_frame
from mappings.mapping import Mapping, Only
from mappings.rules import CodeLists, FirstOf, Parts, Ref, Rule, Total, Within, key_text, text

ID_SEPARATOR = "\x1f"  # joins system, table, part and key of an id: stands in no legacy key


def code(table: TableSpec, *parts: str) -> str:
    """The stable code of a check: ``TENANCY-TENAGREE-COT-FORMAT``."""
    return "-".join((table.system, table.name, *parts)).upper().replace("_", "-").replace(" ", "-")


def apply(
    table: TableSpec, mappings: Sequence[Mapping], codes: CodeLists, raw: pd.DataFrame, faults: pd.DataFrame
) -> Mapped:
    """The canonical rows, issues and fates of the raw rows.

    ``raw`` has the landed columns of ``table`` with ``_row``, ``_key``, ``_fault`` and ``_raw``; ``faults``
    are the declared contract's broken rules in these rows (columns ``row, column, kind``), as the gate
    counts them. Every raw row gets one fate; a row is quarantined for any fatal fault of any mapping.
    """
    at = _Partition(table, raw.reset_index(drop=True))
    whole = raw["_fault"].isna().to_numpy(dtype=bool)
    at.read_faults()
    at.contract_faults(faults)
    excluded = ~whole & (at.raw["_fault"] == "deleted").fillna(False).to_numpy(dtype=bool)
    for exclusion in (exclusion for mapping in mappings for exclusion in mapping.excluded):
        excluded |= whole & np.asarray(exclusion.condition.holds(at.raw))
    live = whole & ~excluded
    if not at.raw["_key"].notna().all():
        at.note(code(table, "KEY-MISSING"), table.key[0], "error", live & at.raw["_key"].isna().to_numpy(), True)
    frames = [(mapping, at.rows_of(mapping, codes, live)) for mapping in mappings if mapping.target]
    made = np.zeros(len(raw), dtype=bool)
    for _, frame in frames:
        made[frame.index.to_numpy()] = True
    at.note(code(table, "ROW-UNMAPPED"), table.key[0], "error", live & ~made, True)
    lost = at.fatal & ~excluded
    lost |= ~whole & ~excluded
    fates = pd.Series(
        np.select([excluded, lost], ["excluded", "quarantined"], "loaded"),
        index=at.raw["_row"],
        dtype="object",
    )
    kept = ~(excluded | lost)
    rows = {
        target: pd.concat([frame[kept[frame.index]] for _, frame in group], ignore_index=True)
        for target, group in groupby(sorted(frames, key=lambda f: f[0].target), key=lambda f: f[0].target)
    }
    # the contract and two mappings may find the same fault: the worst is told
    issues = issue_frame(at.issues).sort_values(["row", "severity"], kind="stable")
    issues = issues.drop_duplicates(["row", "code", "field"])
    issues = issues[~issues["row"].isin(fates.index[excluded])]  # what is out of scope is nobody's to correct
    keys = pd.Series(at.raw["_key"].to_numpy(dtype=object), index=fates.index)
    return Mapped(table, rows, references(table, mappings), issues, fates, keys)


def references(table: TableSpec, mappings: Sequence[Mapping]) -> dict[str, dict[str, Reference]]:
    """By canonical table and column, the references that the mappings of ``table`` make.

    Mappings into one table may point elsewhere in the same column, as an identifier's ``entity_id`` does.
    """
    found: dict[str, dict[str, Reference]] = {}
    for mapping in mappings:
        for name, rule in mapping.fields.items():
            if isinstance(rule, Ref):
                columns = found.setdefault(mapping.target, {})
                other = columns.get(name)
                columns[name] = Reference(
                    targets=tuple(dict.fromkeys((*(other.targets if other else ()), rule.target))),
                    source_columns=rule.key,
                    required=rule.required or (other is not None and other.required),
                    code=code(table, rule.key[0], "ORPHAN"),
                )
    return found


class _Partition:
    """The raw rows of one call, and what was found wrong with them so far."""

    def __init__(self, table: TableSpec, raw: pd.DataFrame) -> None:
        self.table, self.raw = table, raw
        self.issues: list[pd.DataFrame] = []
        self.fatal = np.zeros(len(raw), dtype=bool)

    def note(
        self, issue: str, column: str, severity: Severity, mask: np.ndarray, fatal: bool,
        values: pd.Series[str] | None = None,
    ) -> None:  # fmt: skip
        """Records an issue for every row of ``mask``."""
        if not mask.any():
            return
        if fatal:
            self.fatal |= mask
        if values is None:
            values = (
                self.raw[column].astype("string[pyarrow]") if column in self.raw else pd.Series(pd.NA, self.raw.index)
            )
        self.issues.append(
            pd.DataFrame({
                "row": self.raw["_row"][mask].to_numpy(), "key": self.raw["_key"][mask].to_numpy(dtype=object),
                "code": issue, "severity": severity, "field": column,
                "value": values[mask].to_numpy(dtype=object),
            }, columns=list(ISSUE_COLUMNS))
        )  # fmt: skip

    def read_faults(self) -> None:
        """Records what the connector could not read."""
        for fault in self.raw["_fault"].dropna().unique():
            if fault == "deleted":
                continue
            mask = (self.raw["_fault"] == fault).fillna(False).to_numpy(dtype=bool)
            self.note(code(self.table, "ROW", fault), "_raw", "error", mask, True)

    def contract_faults(self, faults: pd.DataFrame) -> None:
        """Records what breaks the declared contract; a broken key cannot be loaded."""
        for group in (group for _, group in faults.groupby(["column", "kind"])):
            column, kind = str(group["column"].iloc[0]), str(group["kind"].iloc[0])
            mask = self.raw["_row"].isin(group["row"]).to_numpy(dtype=bool)
            fatal = column in self.table.key
            self.note(code(self.table, column, kind), column, "error" if fatal else "warning", mask, fatal)

    def rows_of(self, mapping: Mapping, codes: CodeLists, live: np.ndarray) -> pd.DataFrame:
        """The canonical rows that one mapping makes, indexed by the raw row's position."""
        about = live if mapping.when is None else live & np.asarray(mapping.when.holds(self.raw))
        raw = self.raw if about.all() else self.raw[about]
        position = np.flatnonzero(about)
        prefix = ID_SEPARATOR.join((self.table.system, mapping.target, mapping.part, ""))
        columns: dict[str, pa.Array] = {}
        keys = key_text(raw, mapping.key)
        columns["id"] = pc.binary_join_element_wise(pa.scalar(prefix), keys, "")
        for column in mapping.key if keys.null_count else ():
            blank = pc.is_null(text(raw[column]))
            self._note_at(code(self.table, column, "MISSING"), column, "error", position, blank, True)
        for name, rule in mapping.fields.items():
            converted = rule.convert(raw, codes)
            columns[name] = converted.values
            if isinstance(rule, Ref):
                ref = ID_SEPARATOR.join((rule.system or self.table.system, rule.target, rule.part, ""))
                columns[name] = pc.binary_join_element_wise(pa.scalar(ref), converted.values, "")
            for fault in converted.faults:
                self._note_at(
                    code(self.table, fault.column, fault.kind), fault.column, fault.severity, position,
                    fault.mask, fault.fatal,
                )  # fmt: skip
        frame = pd.DataFrame(
            {
                name: pd.Series(values, index=position, dtype=pd.ArrowDtype(values.type))
                for name, values in columns.items()
            }
        )
        for check in mapping.checks:
            broken = check.broken(frame)
            blamed = mapping.fields[check.field].columns[0]
            self._note_at(code(self.table, blamed, check.kind), blamed, check.severity, position, broken, check.fatal)
            if check.severity == "error" and not check.fatal:
                frame.loc[np.asarray(broken), check.field] = None
        frame["source_row"] = raw["_row"].to_numpy()
        frame["source_key"] = raw["_key"].to_numpy(dtype=object)
        frame["row_hash"] = raw["_row_hash"].to_numpy()
        return frame.dropna(subset=list(mapping.needs)) if mapping.needs else frame

    def _note_at(
        self,
        issue: str,
        column: str,
        severity: Severity,
        position: np.ndarray,
        mask: pa.BooleanArray,
        fatal: bool,
    ) -> None:
        if not pc.any(mask).as_py():
            return
        whole = np.zeros(len(self.raw), dtype=bool)
        whole[position[np.asarray(mask)]] = True
        self.note(issue, column, severity, whole, fatal)


ROW_CHECKS: Dict[str, Severity] = {
    "KEY-MISSING": "error",
    "KEY-DUPLICATE": "error",
    "ROW-DUPLICATE": "warning",
    "ROW-UNMAPPED": "error",
    "ROW-REFUSED": "error",
    **dict.fromkeys(("ROW-BROKEN", "ROW-TRUNCATED", "ROW-UNDECODABLE", "ROW-MEMO-MISSING", "ROW-OVERSIZED"), "error"),
}
"""What may be found in a row of any table, whatever its columns are; what a connector could not read among it."""

TARGET_CHECKS: Dict[str, tuple[str, Severity]] = {
    "tenancy_holding": ("HOLDING-OVERLAP", "error"),
    "balance_snapshot": ("BALANCE-DIFFERS", "error"),
}
"""What loading and reconciliation may find in tables that are mapped into these."""


def declared_checks(table: TableSpec, mappings: Sequence[Mapping]) -> Iterator[tuple[str, Severity]]:
    """Every coded check that the table's contract and rules can find, with its severity."""
    for column in table.columns:
        fatal: Severity = "error" if column.name in table.key else "warning"
        stated = {
            "MISSING": column.required or column.name in table.key, "LENGTH": column.length,
            "PATTERN": column.pattern, "UNKNOWN": column.values,
            "BELOW": column.minimum is not None, "ABOVE": column.maximum is not None,
        }  # fmt: skip
        yield from ((code(table, column.name, kind), fatal) for kind, on in stated.items() if on)
    for mapping in mappings:
        yield from ((code(table, column, "MISSING"), "error") for column in mapping.key)
        for rule in mapping.fields.values():
            yield from ((code(table, column, kind), severity) for column, kind, severity in _findings(rule))
        for check in mapping.checks:
            yield code(table, mapping.fields[check.field].columns[0], check.kind), check.severity
        if mapping.target in TARGET_CHECKS:
            kind, severity = TARGET_CHECKS[mapping.target]
            yield code(table, kind), severity
    yield from ((code(table, kind), severity) for kind, severity in ROW_CHECKS.items())


def _findings(rule: Rule) -> Iterator[tuple[str, str, Severity]]:
    """Column, kind and severity of what a rule can find."""
    for part in parts_of(rule):
        yield from ((part.columns[0], kind, severity) for kind, severity in part.kinds.items())


def parts_of(rule: Rule) -> Iterator[Rule]:
    """The rules that a rule is made of, down to the simple ones; a simple rule itself."""
    match rule:
        case FirstOf(rules=inner) | Total(parts=inner):
            for part in inner:
                yield from parts_of(part)
        case Within(rule=inner) | Only(rule=inner) | Parts(rule=inner):
            yield from parts_of(inner)
        case _:
            yield rule
