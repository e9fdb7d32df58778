"""The change feed under fire: writers and readers are killed, and every reader must have every change, in order.

Writers raise the version of records (its run number) in transactions of several statements, at once and on the same
records, and now and then take one back. Readers follow the stream of one table each, write down what they got, and
resume from their last cursor: after they were killed, and whenever they feel like it. At the end each record's
versions, as each reader got them, must be all there are, one after the other. Beside them reads the naive cursor, all
numbers above the last one seen: it must lose, or the test would prove nothing.

The lag is from when a change was written, before its commit, to its arrival, for changes written while its reader was
connected.
"""
# ruff: noqa: S311, S608 - dice need no cryptography; the SQL is of the table names above

from __future__ import annotations

import asyncio
import multiprocessing as mp
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import psycopg

from benchmarks.api.hub_server import Choice, token
from benchmarks.api.servers import free_port, serving
from benchmarks.figures import keep
from canonical_model import schema
from canonical_model.resources import RESOURCES
from services.databases import create_database
from services.postgres import Postgres

TABLES = {
    "trade": "trade_ref, name", "organisation": "organisation_ref, name", "pay_element": "element_ref, description",
    "pay_scheme": "scheme_ref, description", "contractor": "contractor_ref, name", "contract": "contract_ref",
    "household": "household_ref", "sor_item": "sor_code", "repair_request": "request_ref", "operative": "operative_ref",
}  # fmt: skip
"""Tables of which a row needs no more than a text or two."""
PROCESSES = 5
"""Processes of readers; each has its share of them."""
MOST_LAG_SECONDS = 1.0
LEAVES_AFTER = (500, 5_000)
"""Between so many events a reader breaks off and resumes."""
FORK = mp.get_context("fork")  # one that takes a killed one's place is there at once
RAISE = "UPDATE canonical.{} SET run_id = run_id + 1, row_hash = row_hash + 1 WHERE id = ANY(%s)"
ASKED = (
    "GET /v1/changes/stream?limit=500&entity={} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
    "Authorization: Bearer {}\r\nLast-Event-ID: {}\r\n\r\n"
)
"""How a reader asks: over a plain socket, as a client library would take more of the two cores than the API does."""
NAIVE = (
    "SELECT id, entity, run_id, entity_ids FROM feed.change WHERE id > %s AND kind = 'changed' ORDER BY id LIMIT 200"
)


@dataclass(frozen=True)
class Size:
    """How much: changes altogether, writers, readers, kills, changes a second at most, and records of each table.

    At that pace a million changes take some four minutes, each of them told to five readers.
    """

    changes: int = 1_000_000
    writers: int = 8
    readers: int = 50
    kills: int = 20
    pace: int = 4_000
    records: int = 2_000


@dataclass(frozen=True)
class Reader:
    """One reader: its table, its file, and where it reads."""

    number: int
    table: str
    file: str
    port: int
    token: str


def measure(size: Size) -> None:
    """Runs it once and keeps the figures."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o711)
        with Postgres(folder / "postgres") as server:
            url = create_database(server, "feed")
            schema.migrate(url)
            dsn = url.replace("+psycopg", "", 1)
            _records(dsn, size)
            (folder / "api").mkdir()
            choice = Choice(url, str(folder / "api"))
            port = free_port()
            command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.api.hub_server:app",
                       "--port", str(port), "--log-level", "error"]  # fmt: skip
            said = token(choice)
            with serving(command, port, "/health", environment=choice.environment) as api:
                readers = [
                    Reader(n, list(TABLES)[n % len(TABLES)], str(folder / f"reader-{n}"), port, said)
                    for n in range(size.readers)
                ]
                for reader in readers:
                    Path(reader.file).touch()
                seconds, naive, kills = _fire(dsn, size, readers)
                _tell(dsn, size, readers, naive, kills, seconds, api.memory_mib())


def _records(dsn: str, size: Size) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table, columns in TABLES.items():
            values = ", ".join("'x'" for _ in columns.split(","))
            connection.execute(
                f"INSERT INTO canonical.{table} (id, {columns}, source_key, source_row, batch_id, run_id, row_hash) "
                f"SELECT gen_random_uuid(), {values}, 'k', 1, 1, 0, 0 FROM generate_series(1, %s)",
                (size.records,),
            )


def _fire(dsn: str, size: Size, readers: list[Reader]) -> tuple[float, pd.DataFrame, int]:
    """Lets all write and read, kills some at random, and waits until everything was read."""
    dice, stop = random.Random(1), FORK.Event()
    written: Any = FORK.Array("q", size.writers)
    shares = [readers[n::PROCESSES] for n in range(PROCESSES)]
    naive_file = f"{readers[0].file}-naive"
    share, pace = size.changes // size.writers, size.pace / size.writers
    makers: dict[str, tuple[Any, tuple[Any, ...]]] = {
        **{f"w{n}": (_write, (dsn, n, share, pace, written)) for n in range(size.writers)},
        **{f"r{n}": (_read_all, (some, stop)) for n, some in enumerate(shares) if some},
    }
    running = {name: _started(*maker) for name, maker in makers.items()}
    naive = _started(_read_naively, (dsn, naive_file, stop))
    begun, kills = time.monotonic(), 0
    goals = sorted(dice.uniform(0.05, 0.95) * size.changes for _ in range(size.kills))
    while any(running[name].is_alive() or running[name].exitcode for name in running if name[0] == "w"):
        time.sleep(0.1)
        while goals and sum(written) >= goals[0]:
            goals.pop(0)
            alive = [name for name in running if running[name].is_alive() and (name[0] == "w") == (kills % 2 == 0)]
            if alive:
                victim = dice.choice(alive)
                running[victim].kill()
                running[victim].join()
                kills += 1
        for name, process in running.items():
            if not process.is_alive() and process.exitcode != 0:
                running[name] = _started(*makers[name])
    seconds = time.monotonic() - begun
    _wait_for_readers(dsn, readers)
    stop.set()
    for process in (*running.values(), naive):
        process.join(30)
        if process.is_alive():
            process.kill()
    return seconds, _got(naive_file), kills


def _started(target: Any, arguments: tuple[Any, ...]) -> ForkProcess:
    process = FORK.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def _write(dsn: str, number: int, share: int, pace: float, written: Any) -> None:
    """Raises versions until its share is committed; a writer that takes a killed one's place goes on."""
    dice = random.Random(time.time_ns() + number)
    with psycopg.connect(dsn) as connection:
        connection.execute("SET synchronous_commit = off")
        ids = {table: [row[0] for row in connection.execute(f"SELECT id FROM canonical.{table} ORDER BY id")]
               for table in TABLES}  # fmt: skip
        connection.commit()
        while written[number] < share:
            changed, begun = 0, time.monotonic()
            try:
                for table in sorted(dice.sample(list(TABLES), dice.randint(1, 4))):
                    some = sorted(dice.sample(ids[table], dice.choice((1, 1, 5, 20, 100))))
                    connection.execute(
                        f"SELECT FROM canonical.{table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (some,)
                    )
                    connection.execute(RAISE.format(table), (some,))
                    changed += len(some)
                if dice.random() < 0.05:
                    connection.rollback()
                    continue
                connection.commit()
            except psycopg.errors.DeadlockDetected:
                connection.rollback()
                continue
            written[number] += changed
            time.sleep(max(0.0, begun + changed / pace - time.monotonic()))


def _read_all(readers: list[Reader], stop: Any) -> None:
    async def together() -> None:
        tasks = [asyncio.create_task(_follow(reader)) for reader in readers]
        while not stop.is_set():
            for ended in (task for task in tasks if task.done()):
                ended.result()
            await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(together())


async def _follow(reader: Reader) -> None:
    """Follows one table for ever, from where its file ends."""
    dice, after = random.Random(f"{reader.number} {time.time_ns()}"), _last_cursor(reader.file)
    with Path(reader.file).open("ab", buffering=0) as file:
        while True:
            try:
                async for come in _followed(reader, after, dice.randint(*LEAVES_AFTER), file):
                    after = come
            except (OSError, EOFError):
                await asyncio.sleep(0.2)


async def _followed(reader: Reader, after: str, left: int, file: Any) -> AsyncIterator[str]:
    """Cursors as they come, each once all before it is in the file, until so many changes have come."""
    coming, going = await asyncio.open_connection("127.0.0.1", reader.port)
    try:
        going.write(ASKED.format(_path(reader.table), reader.port, reader.token, after).encode())
        if b" 200 " not in (head := await coming.readuntil(b"\r\n\r\n")):
            raise RuntimeError(head.partition(b"\r\n")[0].decode())
        since, rest = time.time(), b""
        while left > 0 and (size := int(await coming.readuntil(b"\r\n"), 16)):
            *events, rest = (rest + (await coming.readexactly(size + 2))[:-2]).split(b"\n\n")
            told = [event for event in events if event.startswith(b"id: ")][:left]
            if told:
                after = told[-1][4:].partition(b"\n")[0].decode()
                lines = _lines(told, since)
                if lines:
                    file.write("\n".join(lines).encode() + f"{after}\n".encode())
                left -= len(lines)
                yield after
    finally:
        going.close()


def _lines(events: Iterable[bytes], since: float) -> list[str]:
    """What a reader writes down of the events: record, version and lag; nothing of the records' creation."""
    now = time.time()
    told = [orjson.loads(data) for data in (event.partition(b"\ndata: ")[2] for event in events) if data]
    changed = [
        (one["id"], one["run_id"], datetime.fromisoformat(one["at"]).timestamp())
        for one in told
        if one["kind"] == "changed"
    ]
    return [f"{identity},{run},{f'{now - at:.4f}' if at > since else ''}," for identity, run, at in changed]


def _last_cursor(file: str) -> str:
    """The last cursor in a reader's file, which has one behind each part; what a kill left after it is cut off."""
    content = Path(file).read_bytes()
    whole = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
    while whole and whole[-1].endswith(b",\n"):
        whole.pop()
    os.truncate(file, sum(map(len, whole)))
    return whole[-1].rstrip().rpartition(b",")[2].decode() if whole else ""


def _read_naively(dsn: str, file: str, stop: Any) -> None:
    """Reads the log by the last number seen, and nothing below it, until nothing comes after the end."""
    last = -1
    with psycopg.connect(dsn, autocommit=True) as connection, Path(file).open("w", encoding="ascii") as got:
        while True:
            rows = connection.execute(NAIVE, (last,)).fetchall()
            for last, _, version, ids in rows:  # noqa: B007 - the last one is kept
                got.writelines(f"{one},{version},,\n" for one in ids)
            if not rows:
                if stop.is_set():
                    return
                time.sleep(0.02)


def _wait_for_readers(dsn: str, readers: list[Reader]) -> None:
    """Waits until every reader's file has as many lines as its table had changes, at most two minutes."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        due = {
            table: connection.execute(f"SELECT sum(run_id) FROM canonical.{table}").fetchall()[0][0] for table in TABLES
        }
    give_up = time.monotonic() + 120
    waiting = list(readers)
    while waiting and time.monotonic() < give_up:
        waiting = [reader for reader in waiting if Path(reader.file).read_bytes().count(b"\n") < due[reader.table]]
        time.sleep(0.5)


def _got(file: str) -> pd.DataFrame:
    names = ["id", "version", "lag", "cursor"]
    return pd.read_csv(file, names=names, usecols=["id", "version", "lag"], dtype={"id": "str", "version": "int64"})


def _faults(got: pd.DataFrame, versions: pd.Series) -> tuple[int, int, int]:
    """Changes lost, out of order and told twice. ``versions``: id -> the last version; each from 1 on was written."""
    unlike = got.drop_duplicates(["id", "version"])
    lost = int(versions.sum()) - len(unlike)
    step = unlike.groupby("id", sort=False)["version"].diff()
    return lost, int((step < 0).sum()), len(got) - len(unlike)


def _versions(dsn: str, tables: Iterable[str]) -> pd.Series:
    with psycopg.connect(dsn) as connection:
        rows = [
            row for table in tables for row in connection.execute(f"SELECT id::text, run_id FROM canonical.{table}")
        ]
    return pd.Series(dict(rows), dtype="int64")


def _tell(
    dsn: str, size: Size, readers: list[Reader], naive: pd.DataFrame, kills: int, seconds: float, memory_mib: float
) -> None:
    faults, lags = np.zeros(3, dtype=np.int64), []
    for reader in readers:
        got = _got(reader.file)
        faults += np.array(_faults(got, _versions(dsn, [reader.table])))
        lags.append(got["lag"].dropna().to_numpy())
    everything = _versions(dsn, TABLES)
    naive_lost = _faults(naive, everything)[0]
    lost, disordered, twice = (int(number) for number in faults)
    lag = float(np.quantile(np.concatenate(lags), 0.99))
    changes = int(everything.sum())
    protocol = (
        f"{changes:,} changes in {seconds:.0f} s by {size.writers} writers, {kills} kills of writers and readers, "
        f"{size.readers} readers of one of {len(TABLES)} tables each who resume at random, one worker "
        f"({memory_mib:.0f} MiB)"
    )
    fed = f"of {sum(map(len, lags)):,} on time"
    keep("api: feed, changes lost", lost, "changes", "0", lost == 0, protocol, "naive cursor", naive_lost)
    keep("api: feed, changes out of order for a record", disordered, "changes", "0", disordered == 0, protocol)
    keep("api: feed, changes told twice to a reader", twice, "changes", "none needed", None, protocol)
    keep("api: feed, lag p99", lag, "s", f"<= {MOST_LAG_SECONDS:g} s", lag <= MOST_LAG_SECONDS, f"{protocol}; {fed}")
    keep("api: feed, lost by the naive cursor", naive_lost, "changes", "> 0: the test bites", naive_lost > 0, protocol)


def _path(table: str) -> str:
    return next(path for path, resource in RESOURCES.items() if resource.table == table)


def main() -> None:
    """``python -m benchmarks.api.feed [CHANGES [READERS [KILLS [PACE]]]]``."""
    given = [int(text) for text in sys.argv[1:]]
    names = ("changes", "readers", "kills", "pace")
    measure(Size(**dict(zip(names, given, strict=False))))


if __name__ == "__main__":
    main()
