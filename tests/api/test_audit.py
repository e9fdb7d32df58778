"""The chain of reads: committed before the answer, many in a commit, whole, and no line changed or lost unseen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.audit import Chain, End, Finding, Seal, accept, check, line_of
from api.keys import keys_of
from api.service import Read, open_pool, read_now, reading
from api.settings import ROLE, ApiSettings

READ = read_now("portal", "arrears", "people", ("surname", "mobile"), 50)
READS = "SELECT sum(json_array_length(alike -> 'reads')) FROM api.audit, json_array_elements(line) alike"
SWAP = "UPDATE api.audit a SET {} FROM api.audit b WHERE a.id IN (4, 5) AND b.id = 9 - a.id"
MOVE = "UPDATE api.audit SET id = -id WHERE id > 4; UPDATE api.audit SET id = 1 - id WHERE id < 0;"
ADD = """
INSERT INTO api.audit (id, previous, line, hash)
SELECT {0}, hash, line, sha256(hash || int8send({0}) || convert_to(line::text, 'UTF8')) FROM api.audit WHERE id = {1}
"""


class Books:
    """A database with the audit, the seal of a state folder, and workers that write."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.key = url, keys_of(folder).signing
        self.seal = Seal(folder / "audit.seal", self.key)
        self.connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)

    def write(self, count: int, workers: int = 1, *, together: int = 0) -> None:
        async def worker() -> None:
            pool = await open_pool(ApiSettings(self.url, "", "", {}, b"", connections=2))
            chain = Chain(pool, self.seal)
            await asyncio.gather(*(chain.write(READ) for _ in range(together)))
            for _ in range(count - together):
                await chain.write(READ)
            await pool.close()

        async def all_of_them() -> None:
            await asyncio.gather(*(worker() for _ in range(workers)))

        asyncio.run(all_of_them())

    def tamper(self, sql: str) -> None:
        self.connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def check(self) -> Finding:
        return check(self.connection, self.seal)


@pytest.fixture
def books(hub_url: str, tmp_path: Path) -> Iterator[Books]:
    books = Books(hub_url, tmp_path / "api")
    yield books
    books.connection.close()


def test_a_chain_of_several_workers_is_whole(books: Books) -> None:
    assert books.check() == Finding(0, None)
    books.write(40, workers=3, together=20)
    [[reads]] = books.rows(READS)
    assert (reads, books.check().fault) == (120, None)
    assert books.seal.read() == End(*books.rows("SELECT id, hash FROM api.audit ORDER BY id DESC LIMIT 1")[0])


def test_many_reads_go_into_one_commit(books: Books) -> None:
    books.write(100, together=50)
    assert books.rows(f"{READS} WHERE id = 1") == [(50,)]


def test_a_line_says_who_read_what_for_and_no_value(books: Books) -> None:
    books.write(1)
    [[line]] = books.rows("SELECT line::text FROM api.audit")
    [told] = json.loads(line)
    assert datetime.fromisoformat(told.pop("at")).tzinfo is not None
    assert told == {
        "client": "portal", "purpose": "arrears", "method": "GET", "resource": "people",
        "fields": ["surname", "mobile"], "reads": [[0, 50, None]],
    }  # fmt: skip


def test_what_reads_share_is_told_once() -> None:
    other = Read(reading("portal", "visit", "GET", "people", ("surname",)), 1, "r1")
    told = json.loads(line_of([(20.25, READ), (20.5, other), (20.75, READ)]))
    assert [(one["at"], one["purpose"], one["reads"]) for one in told] == [
        ("1970-01-01T00:00:20.250000+00:00", "arrears", [[0, 50, None], [500, 50, None]]),
        ("1970-01-01T00:00:20.500000+00:00", "visit", [[0, 1, "r1"]]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM api.audit WHERE id = 4", "line 4 is missing"),
        ("DELETE FROM api.audit WHERE id = 1", "line 1 is missing"),
        ("DELETE FROM api.audit WHERE id = 10", "line 10 is missing"),
        ("DELETE FROM api.audit WHERE id > 7", "line 8 is missing"),
        ("DELETE FROM api.audit", "line 1 is missing"),
        ("UPDATE api.audit SET line = replace(line::text, '50', '5')::json WHERE id = 4", "line 4 was changed"),
        ("UPDATE api.audit SET hash = sha256(hash) WHERE id = 4", "line 4 was changed"),
        (SWAP.format("line = b.line"), "line 4 was changed"),
        (SWAP.format("line = b.line, hash = b.hash, previous = b.previous"), "line 4 was changed"),
        (f"{MOVE} {ADD.format(5, 4)}", "line 6 was changed"),
        (ADD.format(11, 10), "line 11 was never sealed"),
    ],
)  # fmt: skip
def test_what_was_taken_changed_or_put_in_is_named(
    books: Books, monkeypatch: pytest.MonkeyPatch, sql: str, said: str
) -> None:
    monkeypatch.setattr("api.audit.SEALED_SECONDS", 0.1)
    books.write(10)
    books.tamper(sql)
    assert (books.check().fault or "").startswith(said)


def test_a_chain_that_was_written_anew_is_not_the_one_that_was_sealed(books: Books) -> None:
    books.write(2)
    books.tamper("DELETE FROM api.audit")
    books.tamper("SELECT api.keep_reads(ARRAY['{}', '{}'], 0, '')")
    assert "line 2 is not the one that was sealed" in str(books.check().fault)


def test_reads_that_come_after_a_theft_do_not_cover_it(books: Books) -> None:
    books.write(10)
    books.tamper("DELETE FROM api.audit WHERE id = 10")
    books.write(5)
    assert "line 10 is not the one that was sealed" in str(books.check().fault)


def test_a_seal_that_was_removed_or_forged_is_told(books: Books, tmp_path: Path) -> None:
    books.write(3)
    kept = (tmp_path / "api/audit.seal").read_text()
    (tmp_path / "api/audit.seal").unlink()
    assert "never sealed" in str(books.check().fault)
    books.write(1)  # which does not seal anew what it did not see grow
    assert "never sealed" in str(books.check().fault)
    (tmp_path / "api/audit.seal").write_text(kept.replace(f"{3:020}", f"{2:020}"))
    assert "seal of its end was changed" in str(books.check().fault)
    assert accept(books.connection, books.seal) == 4
    assert books.check() == Finding(4, None)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO api.audit VALUES (99, '', '{}', '')",
        "UPDATE api.audit SET line = '{}'",
        "DELETE FROM api.audit",
        "TRUNCATE api.audit",
        "INSERT INTO api.client VALUES ('me', '', '{}', '')",
    ],
)
def test_the_apis_role_can_only_add_and_read(books: Books, sql: str) -> None:
    books.write(1)
    books.tamper(f"SET ROLE {ROLE}")
    assert books.rows("SELECT id FROM api.audit") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        books.tamper(sql)


def test_a_read_that_cannot_be_kept_is_not_answered(books: Books) -> None:
    books.tamper("ALTER TABLE api.audit ADD CONSTRAINT full_disk CHECK (id < 3)")
    with pytest.raises(Exception, match="full_disk"):
        books.write(5)
