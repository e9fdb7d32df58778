"""Makes the file of one bulk export in a process of its own: ``python -m api.copying``, the job pickled on stdin.

A process of its own keeps the API's answers quick while it works, and its memory bounded: PostgreSQL streams, by COPY,
and what comes is written as it comes. All is read in one snapshot, which also tells the run and the place in the
change log that belong to it. What was made is told as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import pickle
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

if TYPE_CHECKING:
    import pyarrow as pa

ALONE, NEVER = "\x01", "\x02"
"""Control characters, which JSON never holds as they are: with them for delimiter and quote a line stays as it is."""
PIPE_BYTES, BLOCK_BYTES = 2**20, 2**20
SETTINGS = {
    "timezone": "UTC", "jit": "off", "datestyle": "ISO", "parallel_setup_cost": "0", "parallel_tuple_cost": "0",
}  # fmt: skip
"""Of the session: whole tables are read by several processes, each of which makes its rows' texts."""


@dataclass(frozen=True)
class Column:
    """A column of Parquet, as ``canonical_model.bulk.ColumnType`` tells it; the model is not imported here."""

    name: str
    kind: str
    precision: int
    scale: int


@dataclass(frozen=True)
class Job:
    """What is to be copied where. ``connect`` are asyncpg's arguments; ``types`` are those of the columns.

    ``list_mark`` stands between the texts of a list.
    """

    connect: dict[str, Any]
    role: str | None
    sql: str
    args: tuple[Any, ...]
    format: str
    types: tuple[Column, ...]
    file: Path
    run_sql: str
    horizon_sql: str
    list_mark: str


@dataclass(frozen=True)
class Made:
    """What came of it: rows, bytes and SHA-256 of the file; the last run and the horizon of the change log."""

    rows: int
    bytes: int
    sha256: str
    run: int | None
    horizon: list[int]


async def copy(job: Job) -> Made:
    """Copies in one snapshot."""
    settings = {**SETTINGS, **({"role": job.role} if job.role else {})}
    connection = await asyncpg.connect(**job.connect, server_settings=settings)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            run, horizon = await connection.fetchval(job.run_sql), await connection.fetchrow(job.horizon_sql)
            rows = await WRITERS[job.format](connection, job)
    finally:
        await connection.close()
    with job.file.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return Made(rows, job.file.stat().st_size, digest, run, list(horizon))


async def _lines(connection: asyncpg.Connection, job: Job) -> int:
    with _new(job.file) as file:
        return await _copied(connection, job, file.write, delimiter=ALONE, quote=NEVER, escape=NEVER)


async def _spreadsheet(connection: asyncpg.Connection, job: Job) -> int:
    with _new(job.file) as file:
        return await _copied(connection, job, file.write, header=True)


async def _parquet(connection: asyncpg.Connection, job: Job) -> int:
    """Copies as CSV through a pipe to a thread that writes Parquet."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    written = asyncio.create_task(asyncio.to_thread(_write_parquet, reading, job))
    try:
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            rows = await _copied(connection, job, _whole(pipe.fileno()), header=True)
    except BrokenPipeError:
        await written  # its fault is the cause
        raise
    await written
    return rows


async def _copied(connection: asyncpg.Connection, job: Job, write: Callable[[bytes], Any], **options: Any) -> int:
    """The number of rows that were copied."""

    async def take(data: bytes) -> None:
        write(data)

    status: str = await connection.copy_from_query(job.sql, *job.args, output=take, format="csv", **options)
    return int(status.rpartition(" ")[2])


def _whole(descriptor: int) -> Callable[[bytes], None]:
    """Writes all of what it gets: a pipe may take a part."""

    def write(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]

    return write


def _write_parquet(descriptor: int, job: Job) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only Parquet needs it, and it is large
    from pyarrow import csv, parquet  # noqa: PLC0415

    schema = pa.schema([(one.name, _arrow_type(one)) for one in job.types])
    read = pa.schema([(one.name, pa.string() if one.kind == "texts" else _arrow_type(one)) for one in job.types])
    convert = csv.ConvertOptions(
        column_types=read, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    lists = [number for number, one in enumerate(job.types) if one.kind == "texts"]
    with os.fdopen(descriptor, "rb") as pipe, _new(job.file) as file:
        batches = csv.open_csv(
            pipe,
            csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),  # threads would read ahead
            csv.ParseOptions(newlines_in_values=True),
            convert,
        )
        with parquet.ParquetWriter(file, schema) as writer:
            for batch in batches:
                columns = [
                    _list(column, job.list_mark) if number in lists else column
                    for number, column in enumerate(batch.columns)
                ]
                writer.write_batch(pa.record_batch(columns, schema=schema))


def _list(texts: pa.Array, mark: str) -> pa.Array:
    """Texts with marks between as lists of texts; an empty text is an empty list."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    empty = pa.array([[]], pa.list_(pa.string()))[0]
    return compute.if_else(compute.equal(texts, ""), empty, compute.split_pattern(texts, mark))


def _arrow_type(one: Column) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415

    plain = {
        "integer": pa.int64(), "boolean": pa.bool_(), "date": pa.date32(), "time": pa.time64("us"),
        "instant": pa.timestamp("us", "UTC"), "texts": pa.list_(pa.string()),
    }  # fmt: skip
    if one.kind in ("money", "decimal"):
        return pa.decimal128(one.precision, one.scale) if one.precision else pa.float64()
    return plain.get(one.kind, pa.string())


def _new(file: Path) -> Any:
    """The file, for the hub's user alone, empty.

    It is a new one: a process whose worker was killed may still be writing the one that was there.
    """
    file.unlink(missing_ok=True)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


WRITERS: dict[str, Callable[[asyncpg.Connection, Job], Awaitable[int]]] = {
    "ndjson": _lines, "csv": _spreadsheet, "parquet": _parquet,
}  # fmt: skip


def main() -> None:
    job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301 - it comes from the process that started this one
    sys.stdout.buffer.write(orjson.dumps(asdict(asyncio.run(copy(job)))))


if __name__ == "__main__":
    main()
