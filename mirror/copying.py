"""The rows' way: COPY out of the source's snapshot, masked column by column, COPY into the mirror.

Nothing rests on the way. A table whose every column is kept goes through as it comes, in PostgreSQL's binary form;
every other one as CSV that Arrow reads into text columns, which the masks give back as text columns.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

Connection = psycopg.Connection[Any]
Tell = Callable[[str, int], None]
"""Is told a table and how many more of its rows are done."""

BLOCK_BYTES = 8 << 20
WORKERS = 2

COLUMNS = """
SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum), pg_table_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
GROUP BY 1, c.oid ORDER BY 3 DESC, 1
"""
SEQUENCES = """
SELECT n.nspname || '.' || c.relname, a.attname::text, pg_get_serial_sequence(c.oid::regclass::text, a.attname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_'
  AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL
"""


class Masks(Protocol):
    """What makes masked columns of columns."""

    def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch, masked; every column is text, as PostgreSQL writes it."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """The source at one moment. ``connection`` holds it open; ``name`` lets others read the same."""

    where: str
    connection: Connection
    name: str

    @contextlib.contextmanager
    def reader(self) -> Iterator[Connection]:
        """One more connection that sees the same."""
        with psycopg.connect(self.where) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(self.name))
            yield connection


@contextlib.contextmanager
def snapshot(where: str) -> Iterator[Snapshot]:
    """The source as it is now, for as long as the context lasts, whoever writes meanwhile."""
    with psycopg.connect(where) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield Snapshot(where, connection, str(row[0]) if row else "")
        connection.rollback()  # what was written down on the way (temporary tables) is nobody's


@dataclass(frozen=True)
class Table:
    """A table as it is copied. ``rows`` is the SELECT of its rows, with its columns in their order (None: all);
    ``is_chosen``: it reads what stands in the snapshot's own connection alone. ``is_kept``: every column goes through
    as it is."""

    name: str
    columns: tuple[str, ...]
    size_bytes: int
    is_kept: bool = False
    rows: sql.Composable | None = None
    is_chosen: bool = False

    @property
    def identifier(self) -> sql.Identifier:
        """Its name in SQL."""
        return sql.Identifier(*self.name.split(".", 1))

    @property
    def selected(self) -> sql.Composable:
        """The SELECT of the rows that cross."""
        return self.rows or sql.SQL("SELECT {} FROM ONLY {}").format(self._listed, self.identifier)

    def into(self, form: str) -> sql.Composed:
        """The COPY into it. Rows of a table emptied in the same transaction need no WAL and are frozen at once."""
        return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {}, FREEZE)").format(
            self.identifier, self._listed, sql.SQL(form)
        )

    @property
    def _listed(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))


def tables(connection: Connection) -> list[Table]:
    """All tables of a database, the largest first."""
    return [Table(str(name), tuple(columns), int(size)) for name, columns, size in connection.execute(COLUMNS)]


@dataclass(frozen=True)
class Copied:
    """How many rows each table has got."""

    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def copy(source: Snapshot, target: str, wanted: Sequence[Table], masks: Masks, tell: Tell) -> Copied:
    """Fills the mirror's tables, the largest first, two at a time; gives the rows of each.

    Chosen rows are asked for over the snapshot's own connection, one table after the other.
    """
    queue: SimpleQueue[Table] = SimpleQueue()
    for table in sorted(wanted, key=lambda table: -table.size_bytes):
        queue.put(table)
    done: dict[str, int] = {}

    def work(reader: Connection) -> None:
        with psycopg.connect(target, autocommit=True) as writer:
            writer.execute("SET client_min_messages = warning")
            with contextlib.suppress(Empty):
                while True:
                    table = queue.get_nowait()
                    done[table.name] = _copy_table(reader, writer, table, masks, tell)

    if any(table.is_chosen for table in wanted):
        work(source.connection)
    else:
        with ThreadPoolExecutor(WORKERS, "copy") as pool, contextlib.ExitStack() as stack:
            readers = [stack.enter_context(source.reader()) for _ in range(WORKERS)]
            began = [pool.submit(work, reader) for reader in readers]
            try:
                for each in began:
                    each.result()
            except BaseException:
                while not queue.empty():  # the other one ends after its table
                    queue.get_nowait()
                raise
    with psycopg.connect(target, autocommit=True) as writer:
        _set_sequences(writer)
    return Copied(done)


def _copy_table(reader: Connection, writer: Connection, table: Table, masks: Masks, tell: Tell) -> int:
    form = "binary" if table.is_kept else "csv"
    out = sql.SQL("COPY ({}) TO STDOUT (FORMAT {})").format(table.selected, sql.SQL(form))
    with writer.transaction():
        writer.execute(sql.SQL("TRUNCATE {}").format(table.identifier))
        with reader.cursor() as reading, writer.cursor() as writing:
            with writing.copy(table.into(form)) as sink, reading.copy(out) as stream:
                for block, rows in _blocks(stream):
                    sink.write(block if table.is_kept else _masked(table, block, masks))
                    tell(table.name, rows)
            return writing.rowcount


def _blocks(stream: psycopg.Copy) -> Iterator[tuple[bytes, int]]:
    """What comes, in blocks of whole rows, with the number of their messages: each message is a row."""
    parts: list[Any] = []
    held = 0
    for part in stream:
        parts.append(part)
        held += len(part)
        if held >= BLOCK_BYTES:
            yield b"".join(parts), len(parts)
            parts, held = [], 0
    if parts:
        yield b"".join(parts), len(parts)


def _masked(table: Table, block: bytes, masks: Masks) -> bytes:
    """CSV of the block's rows, masked. What is not quoted and empty is null, on both ways."""
    read = csv.read_csv(
        pa.BufferReader(block),
        csv.ReadOptions(column_names=table.columns, block_size=len(block) + 1, use_threads=False),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict.fromkeys(table.columns, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    sink = io.BytesIO()
    for batch in read.to_batches():
        csv.write_csv(masks.mask(table.name, batch), sink, csv.WriteOptions(include_header=False))
    return sink.getvalue()


def _set_sequences(writer: Connection) -> None:
    """Lets each sequence go on after the greatest number of its table: it tells nothing of what was left out."""
    for table, column, sequence in writer.execute(SEQUENCES).fetchall():
        writer.execute(
            sql.SQL("SELECT setval(%s, greatest(max({0}), 1), max({0}) IS NOT NULL) FROM {1}").format(
                sql.Identifier(column), sql.Identifier(*table.split(".", 1))
            ),
            (sequence,),
        )
