"""Loading one partition: staged by COPY, checked and upserted by SQL over sets, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import MetaData, Table

from ledger.values import ISSUE_COLUMNS, Batch, Mapped, issue_frame
from loading.disputes import mark_disputes
from loading.references import check_references, proven_keys
from loading.refusals import refuse
from loading.staging import canonical, copy_frame, stage, staged

LINEAGE = ("id", "source_key", "source_row", "batch_id", "run_id", "row_hash", "ended_run_id")
Cursor = psycopg.Cursor[tuple[object, ...]]


@dataclass(frozen=True)
class Loaded:
    """What loading made of a partition: fates by batch row, issues it found, rows with a dangling reference."""

    fates: pd.Series[str]
    issues: pd.DataFrame
    dangling: np.ndarray
    written: int


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection tuned for bulk loading: a crash may cost the last commits, never consistency.

    ``url`` may name SQLAlchemy's driver, as the settings do.
    """
    connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET work_mem = '192MB'")
    connection.execute("SET temp_buffers = '64MB'")
    connection.execute("SET client_min_messages = warning")
    return connection


def load(
    connection: psycopg.Connection[tuple[object, ...]],
    model: MetaData,
    mapped: Mapped,
    batch: Batch,
    run_id: int,
    *,
    first: bool,
    droppable: Collection[str],
) -> Loaded:
    """Writes the new and changed canonical rows of a partition and ends those that its source rows dropped.

    ``first`` says that nothing of the source table was loaded before; ``droppable`` are the canonical tables of
    which a source row may have made a row that it makes no longer. A source row of which one canonical row
    cannot stand (a required reference leads nowhere, the model refuses it) is quarantined as a whole; what it
    made when it was last sound stays as it is.
    """
    targets = [table for table in model.sorted_tables if table.schema == "canonical" and table.name in mapped.rows]
    with connection.transaction(), connection.cursor() as cursor:
        for target in targets:
            frame = mapped.rows[target.name]
            stage(cursor, target, frame.assign(batch_id=batch.batch_id, run_id=run_id))
        refused = refuse(cursor, model, mapped)
        orphans, dangling = check_references(cursor, model, mapped)
        issues = [refused, orphans, *mark_disputes(cursor, targets, batch.table)]
        written = []
        for target in targets:
            with proven_keys(cursor, target, mapped):
                written.append(upsert(cursor, target, run_id))
        lost = pd.concat([refused["row"], orphans["row"]]).to_numpy(dtype=np.int64)
        lost = np.setdiff1d(lost, dangling)
        ended = np.array([], dtype=np.int64)
        if not first and (dropping := [target for target in targets if target.name in droppable]):
            ended = end_dropped(cursor, dropping, mapped, lost, batch, run_id)
        out_of_scope = mapped.keys[mapped.fates == "excluded"].dropna()
        if not first and len(out_of_scope):
            end_vanished(cursor, targets, batch, out_of_scope, run_id)
        touched = None if first and _all_new(cursor, targets, written) else _touched(cursor, targets, run_id)
    fates = mapped.fates.copy()
    fates[fates.index.isin(lost)] = "quarantined"
    if touched is not None:
        same = (fates == "loaded") & ~fates.index.isin(touched) & ~fates.index.isin(ended)
        fates[same] = "unchanged"
    return Loaded(fates, issue_frame([part[list(ISSUE_COLUMNS)] for part in issues]), dangling, sum(written))


def upsert(cursor: Cursor, target: Table, run_id: int) -> int:
    """Writes new and changed rows, the changed ones' earlier versions into history; gives their number."""
    content = [column.name for column in target.columns if column.name not in LINEAGE]
    names = {
        "t": canonical(target), "s": staged(target), "run": sql.Literal(run_id),
        "h": sql.Identifier("history", target.name),
        "all": _columns(target.columns.keys()), "old_all": _columns(target.columns.keys(), "t"),
        "new": _columns(content, "s"), "old": _columns(content, "t"),
        "set": sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name))
            for name in (*content, "source_key", "source_row", "batch_id", "run_id", "row_hash")
        ),
    }  # fmt: skip
    changed = sql.SQL("t.id = s.id AND (ROW({new}) IS DISTINCT FROM ROW({old}) OR t.ended_run_id IS NOT NULL)").format(
        **names
    )
    cursor.execute(
        sql.SQL(
            "INSERT INTO {t} ({all}) SELECT {all} FROM {s} s WHERE NOT EXISTS (SELECT FROM {t} t WHERE t.id = s.id) "
            "ORDER BY s.id"  # the primary key's index grows page by page, not all over
        ).format(**names)
    )
    inserted = cursor.rowcount
    if inserted == _staged_rows(cursor, target):
        return inserted
    cursor.execute(
        sql.SQL(
            "INSERT INTO {h} ({all}, replaced_run_id) SELECT {old_all}, {run} FROM {t} t JOIN {s} s ON {changed}"
        ).format(**names, changed=changed)
    )
    updated = cursor.rowcount
    if updated:
        cursor.execute(
            sql.SQL("UPDATE {t} t SET {set}, ended_run_id = NULL FROM {s} s WHERE {changed}").format(
                **names, changed=changed
            )
        )
    return inserted + updated


def end_vanished(cursor: Cursor, targets: Sequence[Table], batch: Batch, keys: Iterable[str], run_id: int) -> int:
    """Ends the canonical rows of source keys that are gone; nothing is deleted. Gives the number of keys ended."""
    cursor.execute("CREATE TEMP TABLE vanished (source_key text PRIMARY KEY) ON COMMIT DROP")
    copy_frame(cursor, sql.Identifier("vanished"), pd.DataFrame({"source_key": list(keys)}))
    ended: set[object] = set()
    for target in targets:
        cursor.execute(
            sql.SQL(
                "UPDATE {} t SET ended_run_id = %s FROM vanished v, ledger.batch b WHERE v.source_key = t.source_key "
                "AND b.id = t.batch_id AND b.system = %s AND b.source_table = %s AND t.ended_run_id IS NULL "
                "RETURNING t.source_key"
            ).format(canonical(target)),
            (run_id, batch.table.system, batch.table.name),
        )
        ended.update(key for (key,) in cursor.fetchall())
    return len(ended)


def standing_keys(cursor: Cursor, targets: Sequence[Table], batch: Batch) -> set[str]:
    """The source keys of a batch's table that have canonical rows which have not ended."""
    keys: set[str] = set()
    for target in targets:
        cursor.execute(
            sql.SQL(
                "SELECT DISTINCT t.source_key FROM {} t JOIN ledger.batch b ON b.id = t.batch_id "
                "WHERE b.system = %s AND b.source_table = %s AND t.ended_run_id IS NULL"
            ).format(canonical(target)),
            (batch.table.system, batch.table.name),
        )
        keys.update(str(key) for (key,) in cursor.fetchall())
    return keys


def end_dropped(
    cursor: Cursor, targets: Sequence[Table], mapped: Mapped, lost: np.ndarray, batch: Batch, run_id: int
) -> np.ndarray:
    """Ends canonical rows that a re-mapped source row no longer makes; gives the batch rows concerned.

    The batch rows ``lost`` were taken out for a reference that leads nowhere: theirs stay.
    """
    keys = [frame.loc[~frame["source_row"].isin(lost), ["source_key", "source_row"]] for frame in mapped.rows.values()]
    cursor.execute("CREATE TEMP TABLE mapped_key (source_key text, source_row int) ON COMMIT DROP")
    copy_frame(cursor, sql.Identifier("mapped_key"), pd.concat(keys).drop_duplicates("source_key"))
    cursor.execute("ANALYZE mapped_key")
    rows: list[object] = []
    for target in targets:
        cursor.execute(
            sql.SQL(
                "UPDATE {} t SET ended_run_id = %s FROM mapped_key k, ledger.batch b "
                "WHERE k.source_key = t.source_key AND b.id = t.batch_id AND b.system = %s AND b.source_table = %s "
                "AND t.ended_run_id IS NULL AND NOT EXISTS (SELECT FROM {} s WHERE s.id = t.id) RETURNING k.source_row"
            ).format(canonical(target), staged(target)),
            (run_id, batch.table.system, batch.table.name),
        )
        rows += [row for (row,) in cursor.fetchall()]
    return np.array(rows, dtype=np.int64)


def _columns(names: Sequence[str], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)


def _all_new(cursor: Cursor, targets: Sequence[Table], written: Sequence[int]) -> bool:
    return all(count == _staged_rows(cursor, target) for target, count in zip(targets, written, strict=True))


def _staged_rows(cursor: Cursor, target: Table) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(staged(target)))
    return int(str(cursor.fetchall()[0][0]))


def _touched(cursor: Cursor, targets: Sequence[Table], run_id: int) -> np.ndarray:
    """The batch rows of which some canonical row was written in this run."""
    rows: set[int] = set()
    for target in targets:
        cursor.execute(
            sql.SQL("SELECT DISTINCT s.source_row FROM {} s JOIN {} t ON t.id = s.id AND t.run_id = %s").format(
                staged(target), canonical(target)
            ),
            (run_id,),
        )
        rows.update(int(str(row)) for (row,) in cursor.fetchall())
    return np.array(sorted(rows), dtype=np.int64)
