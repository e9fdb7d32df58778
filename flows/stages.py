"""The stages of one source table's way, each a plain function over references to batches on disk.

Nothing here knows Prefect: ``flows.migrate`` strings these together, as plain calls or as tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from canonical_model.tables import metadata
from connectors.compare import compare, load_fates, save_fates
from connectors.landing import PART_ROWS, land, read_batch, read_rows, write_whole
from connectors.protocol import Drifting, Source
from flows.ahead import taken
from flows.fates import fates_so_far, orphaned
from flows.faults import only_hub_faults
from flows.references import Landed, Partition, Run, mapping_of
from identity.resolve import resolve
from ledger.spec import TableSpec
from ledger.values import Batch, Mapped, TableCount, issue_frame
from loading import records
from loading.load import end_vanished, load, standing_keys
from mappings.apply import apply, code
from reconciliation.balances import stated_balances, stated_totals
from reconciliation.reconcile import absent_table, reconcile_table
from validation.gate import Verdict, check
from validation.routing import row_faults


@only_hub_faults()
def land_table(run: Run, source: Source, table: TableSpec) -> Landed:
    """Lands the table as a new batch; the files of the last one that have not changed are not read again."""
    system = mapping_of(table.system)
    with run.connection() as connection:
        earlier = records.earlier_batch(connection, table.system, table.name)
        batch_id, name = records.open_batch(connection, run.run_id, table.system, table.name, system.version)
        folder = run.landing / name
        previous = None
        if earlier and (run.landing / earlier.folder / "manifest.json").exists():
            same = earlier.mapping_version == system.version  # else keys may be made of other columns
            previous = read_batch(run.landing / earlier.folder, table) if same else None
        try:
            land(
                source, table, folder, batch_id=batch_id, run_id=run.run_id, mapping_version=system.version,
                previous=previous, on_rows=run.heard(table.system, "read").add,
            )  # fmt: skip
        finally:
            if (folder / "manifest.json").exists():
                records.landed(connection, read_batch(folder, table))
            if isinstance(source, Drifting):
                drift = {(table.name, element): times for element, times in source.drifted(table).items()}
                records.record_drift(connection, run.run_id, table.system, drift)
    return Landed(table.system, table.name, batch_id, folder)


@only_hub_faults()
def gate_table(run: Run, landed: Landed) -> Verdict:
    """The gate's verdict on a batch; one of the same content as the last finished batch has passed already."""
    batch = landed.batch()
    with run.connection() as connection:
        passed = passed_before(connection, landed)
    if passed:
        run.heard(landed.system, "gate").add(batch.rows)
        return Verdict(landed.system, landed.table, passed=True, rows=batch.rows)
    verdict = check(
        batch.table, [part.path for part in batch.parts], [(c.unit, c.rows, c.total) for c in batch.controls],
        columns=batch.columns, rows_by_unit=_rows_by_unit(batch), docs=run.docs / f"run-{run.run_id:05d}",
    )  # fmt: skip
    run.heard(landed.system, "gate").add(batch.rows)
    twice = "" if verdict.passed else _same_files(batch)
    if twice:
        first = "Take the files away that are there twice."
        return replace(verdict, stop_reason=f"{twice} {verdict.stop_reason}", next_step=f"{first} {verdict.next_step}")
    return verdict


def passed_before(connection: records.Connection, landed: Landed) -> bool:
    """Whether the last finished batch had the same content, under the same mapping."""
    earlier, version = records.earlier_batch(connection, landed.system, landed.table), mapping_of(landed.system).version
    return earlier is not None and (earlier.sha256, earlier.mapping_version) == (landed.batch().sha256, version)


@only_hub_faults()
def compare_table(run: Run, landed: Landed) -> list[Partition]:
    """Compares a batch with the last one; gives the partitions that hold rows to be mapped.

    Keys that stand twice become issues here. The comparison rests beside the batch as ``delta.parquet``.
    """
    batch = landed.batch()
    with run.connection() as connection, connection.transaction(), connection.cursor() as cursor:
        earlier = records.earlier_batch(connection, landed.system, landed.table)
        version = mapping_of(landed.system).version
        known = load_fates(run.landing / earlier.folder) if earlier else None
        broke_off = _broke_off_loading(connection, run.landing, landed)
        remapped = broke_off or (earlier is not None and earlier.mapping_version != version)
        delta = compare(batch, known, remap=remapped)
        write_whole(_arrow(delta.rows), landed.folder / "delta.parquet")
        first = records.never_loaded(connection, landed.system, landed.table, landed.batch_id)
        twice = pd.concat(
            [
                _repeated(batch, delta.rows, delta.conflicts, "KEY-DUPLICATE", "error"),
                _repeated(batch, delta.rows, delta.copies, "ROW-DUPLICATE", "warning"),
            ]
        )
        codes = [code(batch.table, "KEY-DUPLICATE"), code(batch.table, "ROW-DUPLICATE")]
        records.close_checks(connection, landed.system, codes, run.run_id)
        targets = [metadata.tables[f"canonical.{name}"] for name in sorted(_targets(landed))]
        vanished = set(delta.vanished)
        if broke_off:
            vanished |= standing_keys(cursor, targets, batch) - set(delta.rows["key"].dropna())
        records.close_issues(connection, batch, vanished, run.run_id)
        records.close_keyless(connection, batch, run.run_id)
        for found in (twice, _judged(batch, delta.conflicts)):
            records.record_issues(connection, batch, run.run_id, _owner(landed), found)
        ended = end_vanished(cursor, targets, batch, vanished, run.run_id) if vanished else 0
        (landed.folder / "ended").touch(0o600)
        (landed.folder / "ended").write_text(str(ended))
    run.heard(landed.system, "load").add(len(delta.rows) - len(delta.to_map))
    return [Partition(landed, part, until, first, remapped) for part, until in _shares(batch, delta.to_map)]


@dataclass(frozen=True)
class MappedPartition:
    """What the rules made of a partition: its batch, the batch rows that were mapped and their keys."""

    batch: Batch
    rows: np.ndarray
    keys: pd.Series[str]
    mapped: Mapped


def map_partition(partition: Partition) -> MappedPartition:
    """The partition's rows through the rules, with their ids. It asks no database."""
    landed, system = partition.landed, mapping_of(partition.landed.system)
    batch = landed.batch()
    parts = batch.parts[partition.part : partition.until]
    start, length = parts[0].first_row, sum(part.rows for part in parts)
    delta = pq.read_table(landed.folder / "delta.parquet", columns=["fate"]).slice(start, length)
    rows = np.flatnonzero(delta["fate"].is_null().to_numpy()) + start
    if partition.orphans:
        rows = np.intersect1d(rows, orphaned(batch))
    raw = read_rows(batch, rows)
    faults = row_faults(batch.table, raw)
    mapped = resolve(apply(batch.table, system.mappings[batch.table.name], system.codes, raw, faults))
    return MappedPartition(batch, rows, raw["_key"].dropna(), mapped)


@only_hub_faults()
def load_partition(run: Run, partition: Partition) -> int:
    """Maps, resolves and loads one partition; gives the number of canonical rows written.

    The fates of its rows rest beside the batch, so that a run that stops here still knows what it did.
    """
    landed, system = partition.landed, mapping_of(partition.landed.system)
    made = taken(map_partition, partition)
    batch, rows, mapped = made.batch, made.rows, made.mapped
    with run.connection() as connection, connection.transaction():
        if not partition.first:
            records.close_issues(connection, batch, made.keys, run.run_id)
        if partition.orphans:
            records.forget_issues(connection, batch, rows)
        loaded = load(
            connection, metadata, mapped, batch, run.run_id, first=partition.first,
            droppable=_targets(landed) if partition.remapped else system.droppable(landed.table),
        )  # fmt: skip
        for issues in (mapped.issues, loaded.issues):
            records.record_issues(connection, batch, run.run_id, _owner(landed), issues)
    fates = pd.DataFrame({"row": loaded.fates.index.to_numpy(), "fate": loaded.fates.to_numpy(dtype=object)})
    # What a row lacks by itself it lacks until it changes; what its reference lacks may have come.
    orphaned = (fates["fate"] == "quarantined") & (mapped.fates.to_numpy() != "quarantined")
    fates["retry"] = fates["row"].isin(loaded.dangling) | orphaned
    order = 2 if partition.orphans else 1
    write_whole(_arrow(fates), landed.folder / f"loaded-{order}-{partition.part:05d}.parquet")
    run.heard(landed.system, "load").add(len(rows))
    return loaded.written


@only_hub_faults()
def orphans(run: Run, landed: Landed) -> list[Partition]:
    """The partitions of a loaded table with rows that may refer to rows that were loaded after them."""
    if not mapping_of(landed.system).refers_ahead(landed.table):
        return []
    batch = landed.batch()
    return [Partition(landed, part, until, False, False, True) for part, until in _shares(batch, orphaned(batch))]


@only_hub_faults()
def close_table(run: Run, landed: Landed) -> None:
    """Keeps the fates of a wholly loaded batch: from now on the next batch is compared with this one."""
    batch = landed.batch()
    rows = fates_so_far(batch)
    save_fates(landed.folder, rows)
    with run.connection() as connection:
        records.finish_batch(connection, batch, run.run_id, rows)


@only_hub_faults()
def check_system(run: Run, system: str, *, written: bool = True) -> None:
    """Records what only several rows together reveal: the system's own checks, and stated balances.

    ``written``: this run wrote rows of the system.
    """
    known = mapping_of(system)
    differs = {table.name: code(table, "BALANCE-DIFFERS") for table in known.spec.tables}
    with run.connection() as connection, connection.transaction():
        loaded = (mapping.target for mappings in known.mappings.values() for mapping in mappings)
        if written:
            _analyze(connection, {target for target in loaded if target})
        codes = [*(check.code for check in known.checks), *differs.values()]
        records.close_checks(connection, system, codes, run.run_id)
        for stated in known.checks:
            rows = connection.execute(stated.sql.encode(), {"system": system}).fetchall()
            found = pd.DataFrame(rows, columns=["batch_id", "row", "key"]).assign(
                code=stated.code, severity=stated.severity, field=stated.column, value=None
            )
            records.record_found(connection, run.run_id, known.spec.owner, (system, stated.table), found)
        balances = stated_balances(connection, system)
        for name, lines in balances[balances["difference"] != 0].groupby("table"):
            table = known.spec.table(str(name))
            found = lines[["batch_id", "row", "key"]].assign(
                code=differs[table.name], severity="error", value=lines["difference"].astype(str),
                field=table.money.amount if table.money else "balance",
            )  # fmt: skip
            records.record_found(connection, run.run_id, known.spec.owner, (system, table.name), found)


def _analyze(connection: records.Connection, targets: Iterable[str]) -> None:
    """Tells the planner what was loaded: without it a check over fresh rows may take minutes.

    How many rows and how many of a kind is all it needs: a tenth of the usual sample tells that.
    """
    connection.execute("SET LOCAL default_statistics_target = 10")
    for target in sorted(targets):
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("canonical", target)))


@only_hub_faults()
def reconcile_system(run: Run, system: str, landed: Sequence[Landed], *, complete: bool) -> list[TableCount]:
    """The system's lines of the reconciliation, also where its run stopped: every landed row has a fate."""
    known = mapping_of(system)
    with run.connection() as connection, connection.transaction():
        records.forget_counts(connection, run.run_id, system)
        records.count_issues(connection, run.run_id, system)
        stated = stated_totals(connection, system, run.run_id, [code(t, "BALANCE-DIFFERS") for t in known.spec.tables])
        lines = [
            reconcile_table(
                connection, batch, run.run_id, fates_so_far(batch),
                anchor=known.anchor(table.table), money_target=known.money_target(table.table),
                ended=_number(table.folder / "ended"), complete=complete, stated=stated.get(table.table),
            )
            for table, batch in ((table, table.batch()) for table in landed)
        ]  # fmt: skip
        return lines + [
            absent_table(connection, run.run_id, system, name, money=known.money_target(name) is not None)
            for name in known.mappings if name not in {table.table for table in landed}
        ]  # fmt: skip


def landed_tables(run: Run, system: str) -> list[Landed]:
    """The batches of a system that landed in this run, whole or cut short; of a table read twice the last one."""
    with run.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (source_table) source_table, id, folder FROM ledger.batch "
            "WHERE run_id = %s AND system = %s ORDER BY source_table, id DESC", (run.run_id, system),
        ).fetchall()  # fmt: skip
    tables = [Landed(system, str(table), int(str(batch)), run.landing / str(folder)) for table, batch, folder in rows]
    return [table for table in tables if (table.folder / "manifest.json").exists()]


def _broke_off_loading(connection: records.Connection, landing: Path, landed: Landed) -> bool:
    """Whether a batch between the last finished one and this one may have been loaded in part.

    What it wrote is in no list of fates: the batch after it maps every row again and ends what it does not hold.
    """
    unfinished = records.unfinished_batches(connection, landed.system, landed.table, landed.batch_id)
    folders = [landing / folder for folder in unfinished]
    return any((folder / "delta.parquet").exists() or not folder.exists() for folder in folders)


def _shares(batch: Batch, rows: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of parts that hold the rows to be mapped, each with PART_ROWS of them at most or one part."""
    ends = [part.first_row + part.rows for part in batch.parts]
    wanted = np.diff(np.searchsorted(rows, [0, *ends]))
    found: list[tuple[int, int]] = []
    taken = 0
    for at in np.flatnonzero(wanted).tolist():
        if found and taken + wanted[at] <= PART_ROWS:
            found[-1] = (found[-1][0], at + 1)
            taken += wanted[at]
        else:
            found.append((at, at + 1))
            taken = wanted[at]
    return found


def _rows_by_unit(batch: Batch) -> dict[str, int]:
    rows: dict[str, int] = {}
    for part in batch.parts:
        rows[part.unit] = rows.get(part.unit, 0) + part.rows
    return rows


def _same_files(batch: Batch) -> str:
    """Which files of the batch hold the same bytes, in words; empty where none do."""
    names: dict[str, dict[str, None]] = {}
    for part in batch.parts:
        if part.unit_sha256:
            names.setdefault(part.unit_sha256, {})[part.unit] = None
    return " ".join(f"{' and '.join(same)} are the same file." for same in names.values() if len(same) > 1)


def _targets(landed: Landed) -> set[str]:
    return {mapping.target for mapping in mapping_of(landed.system).mappings[landed.table] if mapping.target}


def _repeated(batch: Batch, lines: pd.DataFrame, rows: np.ndarray, kind: str, severity: str) -> pd.DataFrame:
    keys = lines["key"].iloc[rows].to_numpy(dtype=object)  # no object for the millions that are not repeated
    return pd.DataFrame({"row": rows, "key": keys}).assign(
        code=code(batch.table, kind), severity=severity, field=batch.table.key[0], value=None
    )


def _judged(batch: Batch, rows: np.ndarray) -> pd.DataFrame:
    """The issues of rows that are not loaded, so that all reasons of a row are told at once."""
    if not len(rows):
        return issue_frame([])
    system, raw = mapping_of(batch.table.system), read_rows(batch, rows)
    rules = system.mappings[batch.table.name]
    return apply(batch.table, rules, system.codes, raw, row_faults(batch.table, raw)).issues


def _number(path: Path) -> int:
    return int(path.read_text()) if path.exists() else 0


def _owner(landed: Landed) -> str:
    return mapping_of(landed.system).spec.owner


def _arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)
