"""Writing the ledger: runs, batches, fates and issues. Counts go to ``ledger``, raw values to ``restricted``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from psycopg.errors import LockNotAvailable

from ledger.errors import Transient
from ledger.values import Batch
from loading.staging import copy_frame

Connection = psycopg.Connection[tuple[object, ...]]
ISSUE = sql.Identifier("restricted", "issue")
SET_ASIDE = sql.Identifier("restricted", "set_aside")


@dataclass(frozen=True)
class EarlierBatch:
    """The last batch of a table whose fates are known, and the mapping version it was mapped with."""

    batch_id: int
    folder: str
    mapping_version: str
    sha256: str


def start_run(connection: Connection) -> int:
    """The number of a new run."""
    return _count(connection, "INSERT INTO ledger.run DEFAULT VALUES RETURNING id")


def finish_run(connection: Connection, run_id: int, *, closes: bool) -> None:
    """Notes the end of a run and its verdict."""
    connection.execute("UPDATE ledger.run SET finished_at = now(), closes = %s WHERE id = %s", (closes, run_id))


def set_status(
    connection: Connection, run_id: int, system: str, status: str, message: str | None = None,
    seconds: Mapping[str, float] | None = None,
) -> None:  # fmt: skip
    """Notes where a system stands in a run."""
    connection.execute(
        "INSERT INTO ledger.system_run (run_id, system, status, message, seconds) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (run_id, system) DO UPDATE SET status = EXCLUDED.status, message = EXCLUDED.message, "
        "seconds = EXCLUDED.seconds, finished_at = now()",
        (run_id, system, status, message, json.dumps(dict(seconds or {}))),
    )


def note_ending(connection: Connection, run_id: int, system: str, status: str, message: str | None) -> None:
    """Notes how a system's run ended where nothing was noted of it."""
    connection.execute(
        "INSERT INTO ledger.system_run (run_id, system, status, message, finished_at) VALUES (%s, %s, %s, %s, now()) "
        "ON CONFLICT DO NOTHING", (run_id, system, status, message),
    )  # fmt: skip


@contextmanager
def sole_run(connection: Connection, system: str, *, patience_seconds: int = 0) -> Iterator[None]:
    """Keeps every other run of the system out as long as the context and the connection last.

    Raises Transient where another run is at it, and is still after ``patience_seconds``.
    """
    key = int.from_bytes(sha256(system.encode()).digest()[:8], signed=True)
    if not _locked(connection, key, patience_seconds):
        raise Transient(
            "another run of it is under way.", system=system,
            next_step="Wait until that run ends (`hub status` shows it), then run again.",
        )  # fmt: skip
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def _locked(connection: Connection, key: int, patience_seconds: int) -> bool:
    if not patience_seconds:
        return bool(_count(connection, "SELECT pg_try_advisory_lock(%s)::int", (key,)))
    try:
        with connection.transaction():  # the lock outlasts it, the patience does not
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{patience_seconds}s",))
            connection.execute("SELECT pg_advisory_lock(%s)", (key,))
    except LockNotAvailable:
        return False
    return True


def runs_under_way(connection: Connection, system: str) -> list[int]:
    """The numbers of the system's runs whose end was never noted."""
    rows = connection.execute(
        "SELECT run_id FROM ledger.system_run WHERE system = %s AND status = 'running' ORDER BY 1", (system,)
    )
    return [int(str(run_id)) for (run_id,) in rows.fetchall()]


def keep_mapping(connection: Connection, version: str, system: str, fields: Mapping[str, Any]) -> None:
    """Keeps what a mapping version means, so that lineage can tell it later."""
    connection.execute(
        "INSERT INTO ledger.mapping_version VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (version, system, json.dumps(fields)),
    )


def open_batch(connection: Connection, run_id: int, system: str, table: str, version: str) -> tuple[int, str]:
    """The number of a new batch and its folder below the landing folder, noted before its first row lands."""
    with connection.transaction():
        batch_id = _count(
            connection,
            "INSERT INTO ledger.batch (run_id, system, source_table, folder, mapping_version, rows, sha256) "
            "VALUES (%s, %s, %s, '', %s, 0, '') RETURNING id",
            (run_id, system, table, version),
        )
        folder = f"{system}/{table.replace('/', '_')}/{batch_id:08d}"
        connection.execute("UPDATE ledger.batch SET folder = %s WHERE id = %s", (folder, batch_id))
    return batch_id, folder


def landed(connection: Connection, batch: Batch) -> None:
    """Notes what landed in a batch."""
    connection.execute(
        "UPDATE ledger.batch SET rows = %s, sha256 = %s WHERE id = %s", (batch.rows, batch.sha256, batch.batch_id)
    )


def unfinished_batches(connection: Connection, system: str, table: str, batch_id: int) -> list[str]:
    """The folders of a table's batches with rows between the last finished one and ``batch_id``."""
    rows = connection.execute(
        "SELECT folder FROM ledger.batch WHERE system = %(system)s AND source_table = %(table)s AND rows > 0 "
        "AND id < %(batch)s AND id > (SELECT coalesce(max(id), 0) FROM ledger.batch "
        "WHERE system = %(system)s AND source_table = %(table)s AND finished)",
        {"system": system, "table": table, "batch": batch_id},
    )
    return [str(folder) for (folder,) in rows.fetchall()]


def earlier_batch(connection: Connection, system: str, table: str) -> EarlierBatch | None:
    """The last finished batch of a table; None before the first."""
    found: tuple[Any, ...] | None = connection.execute(
        "SELECT id, folder, mapping_version, sha256 FROM ledger.batch "
        "WHERE system = %s AND source_table = %s AND finished AND purged_at IS NULL ORDER BY id DESC LIMIT 1",
        (system, table),
    ).fetchone()
    return EarlierBatch(*found) if found else None


def never_loaded(connection: Connection, system: str, table: str, batch_id: int) -> bool:
    """Whether no batch before this one can have loaded anything of the table."""
    return not _count(
        connection,
        "SELECT count(*) FROM ledger.batch WHERE system = %s AND source_table = %s AND id < %s AND rows > 0",
        (system, table, batch_id),
    )


def record_issues(connection: Connection, batch: Batch, run_id: int, owner: str, issues: pd.DataFrame) -> None:
    """Keeps a batch's issue rows (``ISSUE_COLUMNS``) with their values."""
    table = (batch.table.system, batch.table.name)
    record_found(connection, run_id, owner, table, issues.assign(batch_id=batch.batch_id))


def record_found(connection: Connection, run_id: int, owner: str, table: tuple[str, str], issues: pd.DataFrame) -> None:
    """Keeps issue rows of one (system, table), which may stand in several batches (``batch_id``)."""
    if not len(issues):
        return
    frame = issues.rename(columns={"row": "source_row", "key": "source_key"}).assign(run_id=run_id, owner=owner)
    frame["source_row"] = frame["source_row"].astype("Int64")
    texts = ("source_key", "field", "value")  # checks of several kinds may have put other things there
    frame = frame.assign(**{name: frame[name].astype("string") for name in texts})
    with connection.cursor() as cursor:
        copy_frame(cursor, ISSUE, frame)


def count_issues(connection: Connection, run_id: int, system: str) -> None:
    """Counts what a run found in a system, by code."""
    connection.execute("DELETE FROM ledger.issue_count WHERE run_id = %s AND system = %s", (run_id, system))
    connection.execute(
        "INSERT INTO ledger.issue_count SELECT i.run_id, b.system, b.source_table, i.code, min(i.severity), "
        "count(DISTINCT (i.batch_id, coalesce(i.source_row, -i.id))) "  # an issue without a row is of its own
        "FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id "
        "WHERE i.run_id = %s AND b.system = %s GROUP BY 1, 2, 3, 4",
        (run_id, system),
    )


def close_issues(connection: Connection, batch: Batch, keys: Iterable[str], run_id: int) -> None:
    """Closes the standing issues of the rows with these keys: they are judged again, or gone."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE judged (source_key text) ON COMMIT DROP")
        copy_frame(cursor, sql.Identifier("judged"), pd.DataFrame({"source_key": list(keys)}))
        cursor.execute("ANALYZE judged")
        cursor.execute(
            "UPDATE restricted.issue i SET closed_run_id = %s FROM ledger.batch b, judged j WHERE b.id = i.batch_id "
            "AND b.system = %s AND b.source_table = %s AND i.closed_run_id IS NULL AND i.run_id < %s "
            "AND i.source_key = j.source_key",
            (run_id, batch.table.system, batch.table.name, run_id),
        )
        cursor.execute("DROP TABLE judged")


def close_keyless(connection: Connection, batch: Batch, run_id: int) -> None:
    """Closes the standing issues of a table's rows without a key, which every run judges afresh."""
    connection.execute(
        "UPDATE restricted.issue i SET closed_run_id = %s FROM ledger.batch b WHERE b.id = i.batch_id "
        "AND b.system = %s AND b.source_table = %s AND i.closed_run_id IS NULL AND i.run_id < %s "
        "AND i.source_key IS NULL",
        (run_id, batch.table.system, batch.table.name, run_id),
    )


def forget_issues(connection: Connection, batch: Batch, rows: np.ndarray) -> None:
    """Removes what was found in these batch rows: the same run judges them again."""
    connection.execute(
        "DELETE FROM restricted.issue WHERE batch_id = %s AND source_row = ANY(%s)", (batch.batch_id, rows.tolist())
    )


def close_checks(connection: Connection, system: str, codes: Sequence[str], run_id: int) -> None:
    """Closes the standing issues of checks over the whole system, which every run judges afresh."""
    connection.execute(
        "UPDATE restricted.issue i SET closed_run_id = %s FROM ledger.batch b WHERE b.id = i.batch_id "
        "AND b.system = %s AND i.closed_run_id IS NULL AND i.run_id < %s AND i.code = ANY(%s)",
        (run_id, system, run_id, list(codes)),
    )


def finish_batch(connection: Connection, batch: Batch, run_id: int, rows: pd.DataFrame) -> None:
    """Keeps which rows were set aside (``rows``: key, fate by batch row) and notes that the fates are known."""
    aside = np.flatnonzero(rows["fate"].isin(["quarantined", "merged", "excluded"]).to_numpy())
    frame = pd.DataFrame(
        {
            "batch_id": batch.batch_id, "run_id": run_id, "source_row": aside,
            "source_key": rows["key"].to_numpy(dtype=object)[aside],
            "fate": rows["fate"].to_numpy(dtype=object)[aside],
        }
    )  # fmt: skip
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM restricted.set_aside WHERE batch_id = %s", (batch.batch_id,))
        if len(frame):
            copy_frame(cursor, SET_ASIDE, frame)
        cursor.execute("UPDATE ledger.batch SET finished = true WHERE id = %s", (batch.batch_id,))


def forget_counts(connection: Connection, run_id: int, system: str) -> None:
    """Removes the system's lines of a run's reconciliation: they are drawn up anew."""
    for table in ("table_count", "group_money"):
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE run_id = %s AND system = %s").format(sql.Identifier("ledger", table)),
            (run_id, system),
        )


def record_drift(connection: Connection, run_id: int, system: str, drift: Mapping[tuple[str, str], int]) -> None:
    """Keeps how often a source sent an element, by (table, element), that its schema does not declare."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger.drift VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(run_id, system, table, element, times) for (table, element), times in drift.items()],
        )


def _count(connection: Connection, statement: str, values: tuple[object, ...] = ()) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]
