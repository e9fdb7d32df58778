"""Databases that refuse, vanish or changed, and XML documents not to be trusted, as the ``hub`` command meets them."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows import references
from flows.progress import Done, read
from mappings import catalogue
from tests.connectors.conftest import MariaServer, mariadb, mortal_mariadb
from tests.flows.desk import CANARY, Desk, Shop

__all__ = ["mariadb", "mortal_mariadb"]

LEDGERS = Path(__file__).parent / "ledgers"
TABLES = (
    "CREATE TABLE homes (home varchar(10), part_of varchar(10), kind varchar(1))",
    "CREATE TABLE accounts (account varchar(10), opened varchar(10), closed varchar(10), contact varchar(30))",
    "CREATE TABLE postings (account varchar(10), number varchar(6), posted varchar(10), kind varchar(3), "
    "amount varchar(12))",
    "CREATE TABLE receipts (receipt varchar(10), account varchar(10), received varchar(10), amount varchar(12))",
    "INSERT INTO homes VALUES ('B1', '', 'B'), ('F1', 'B1', 'F')",
    f"INSERT INTO accounts VALUES ('A1', '2020-04-06', '', '{CANARY}')",
    "INSERT INTO postings VALUES ('A1', '1', '2024-04-01', 'RNT', '100.10'), ('A1', '2', '2024-04-08', 'PAY', '-40')",
    "INSERT INTO receipts VALUES ('R1', 'A1', '2024-04-09', '40.05')",
)
MANY = "INSERT INTO postings SELECT 'A1', seq, '2024-04-01', 'RNT', '1.00' FROM seq_3_to_900000"


@pytest.fixture
def ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Makes the hub know the small made-up system by its mapping in a folder of the test; texts may be swapped."""
    home = tmp_path / "mappings" / "ledgers"
    shutil.copytree(LEDGERS, home, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(references, "load_system", lambda name: catalogue.load_system(name, home.parent, "tests.flows"))

    def swap(old: str, new: str) -> None:
        text = (home / "source.toml").read_text("utf-8")
        assert old in text
        (home / "source.toml").write_text(text.replace(old, new), "utf-8")
        references.mapping_of.cache_clear()

    swap('technology = "delimited"', 'technology = "sql"')
    yield swap
    monkeypatch.undo()
    references.mapping_of.cache_clear()


def book(folder: Path) -> str:
    """The made-up system as an SQLite file; gives its URL."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "ledgers.sqlite")) as database:
        database.executescript(";".join(TABLES))
    return f"sqlite:///{folder / 'ledgers.sqlite'}"


@pytest.fixture
def desk(shop: Shop, tmp_path: Path, ledgers: object) -> Iterator[Desk]:
    with shop.desk(tmp_path / "desk", "ledgers", book) as desk:
        yield desk


@pytest.fixture
def kept(mariadb: MariaServer) -> Iterator[MariaServer]:
    """A MariaDB with the made-up system's tables."""
    engine = sa.create_engine(mariadb.url(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(sa.text(statement))
    yield mariadb
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            connection.execute(sa.text(f"DROP TABLE {name}"))


REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a wrong password": ({"password": CANARY}, ("table homes", "refuses the login", "environment")),
    "an unknown login": ({"user": CANARY}, ("table homes", "refuses the login")),
    "a login without rights": ({"user": "guest"}, ("table homes", "Ask")),
    "another database": ({"database": "elsewhere"}, ("table homes",)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_database_that_does_not_let_us_in(desk: Desk, kept: MariaServer, case: str) -> None:
    login, said = REFUSED[case]
    desk.refuses("ledgers", kept.url(**login), *said)


def test_a_host_that_is_down(desk: Desk) -> None:
    desk.refuses("ledgers", f"mariadb+pymysql://hub:{CANARY}@127.0.0.1:9/housing", "table homes", "cannot be reached")


def test_a_driver_that_is_not_there(desk: Desk) -> None:
    desk.refuses("ledgers", f"informix://hub:{CANARY}@127.0.0.1/housing", "driver", "optional extra")


def test_a_database_that_dies_while_it_is_read(desk: Desk, mortal_mariadb: MariaServer, tmp_path: Path) -> None:
    """What it had given by then is accounted for, and the rows of the last run stand."""
    with sa.create_engine(mortal_mariadb.url(), poolclass=sa.NullPool).begin() as connection:
        for statement in (*TABLES, MANY):
            connection.execute(sa.text(statement))
    state = desk.folder / "var" / "progress" / "run-00002.jsonl"

    def strike() -> None:
        while read(state).get(("ledgers", "read"), Done(0, 0, 0)).rows < 20_000:
            time.sleep(0.01)
        mortal_mariadb.kill()

    striker = threading.Thread(target=strike, daemon=True)
    striker.start()
    desk.refuses("ledgers", mortal_mariadb.url(), "table postings", "the connection was lost", "run again")
    striker.join()
    lines = {line["table"]: line for line in desk.books()}
    assert 0 < lines["postings"]["extracted"] == lines["postings"]["quarantined"] < 900_000
    assert lines["postings"]["money_source"] == lines["postings"]["money_quarantined"]


CHANGED: dict[str, tuple[str, tuple[str, ...]]] = {
    "a table gone": ("DROP TABLE receipts", ("table receipts", "There is no table receipts")),
    "a column gone": ("ALTER TABLE receipts DROP COLUMN received", ("table receipts", "missing column received")),
    "a key column gone": ("ALTER TABLE receipts DROP COLUMN receipt", ("table receipts", "receipt")),
    "a new column": ("ALTER TABLE receipts ADD COLUMN payer text", ("table receipts", "new column payer")),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_database_that_changed(desk: Desk, case: str) -> None:
    statement, said = CHANGED[case]
    with closing(sqlite3.connect(desk.folder / "source" / "ledgers.sqlite")) as database:
        database.executescript(statement)
    desk.refuses("ledgers", f"sqlite:///{desk.folder}/source/ledgers.sqlite", *said)


NO_DATABASE: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "no file": (lambda _: None, "There is no file"),
    "an empty file": (lambda _: b"", "There is no table homes"),
    "an HTML page": (lambda _: b"<!doctype html>" * 100, "not a database"),
    "cut short": (lambda content: content[: len(content) // 2], "not a database, or is damaged"),
}


@pytest.mark.parametrize("case", NO_DATABASE)
def test_a_file_that_is_no_database(desk: Desk, case: str) -> None:
    damage, said = NO_DATABASE[case]
    file = desk.folder / "source" / "ledgers.sqlite"
    content = damage(file.read_bytes())
    file.unlink() if content is None else file.write_bytes(content)
    desk.refuses("ledgers", f"sqlite:///{file}", said)


def test_a_table_without_a_key(desk: Desk, ledgers: Callable[[str, str], None]) -> None:
    ledgers('key = ["receipt"]\n', "")
    answer = desk.type("migrate", "--system", "ledgers", "--source", f"sqlite:///{desk.folder}/source/ledgers.sqlite")
    assert answer.code == 1
    assert "ledgers: its mapping does not fit its source: table receipts has no key: name the columns" in answer.text
    assert "Next step: Correct these in mappings/ledgers/" in answer.text


def test_a_database_that_may_be_empty_and_is(desk: Desk) -> None:
    """Empty tables end what stood: nothing is left out of the books."""
    with closing(sqlite3.connect(desk.folder / "source" / "ledgers.sqlite")) as database:
        database.executescript("DELETE FROM postings; DELETE FROM receipts")
    desk.migrates("ledgers", f"sqlite:///{desk.folder}/source/ledgers.sqlite")
    assert {line["table"]: line["ended"] for line in desk.books()}["postings"] == 2


POSTING = "<account>A1</account><number>{}</number><posted>2024-04-01</posted><kind>RNT</kind><amount>1.00</amount>"
XML = "<all>" + "".join(f"\n<postings>{POSTING.format(number)}</postings>" for number in range(1, 5)) + "\n</all>"
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.fixture
def returns(shop: Shop, tmp_path: Path, ledgers: Callable[[str, str], None]) -> Iterator[Desk]:
    """The made-up system read from XML: postings alone."""
    with shop.desk(tmp_path / "desk", "ledgers", book) as desk:
        ledgers('technology = "sql"', 'technology = "xml"')
        ledgers(".csv", ".xml")
        shutil.rmtree(desk.folder / "source")
        (desk.folder / "source").mkdir()
        yield desk


TYPED = "The file brings a document type, which may hide entities"
NOT_WELL_FORMED = "The file is no well-formed XML"
DOCUMENTS: dict[str, tuple[str, str]] = {
    "a bomb": (f'<!DOCTYPE x [<!ENTITY a0 "boom">{BOMB}]>' + XML.replace("RNT", "&a9;"), TYPED),
    "an external entity": (
        '<!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>' + XML.replace("RNT", "&out;"), TYPED,
    ),
    "a document type elsewhere": ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + XML, TYPED),
    "an entity that nothing declares": (XML.replace("RNT", "&nowhere;"), NOT_WELL_FORMED),
    "cut short": (XML[:200], f"{NOT_WELL_FORMED}: line "),
    "an HTML page": ("<!DOCTYPE html><html><p>Log in<br></html>", "an HTML page, not XML"),
    "JSON": ('{"account": "A1"}', f"{NOT_WELL_FORMED}: line 1 "),
    "other records": (XML.replace("postings>", "letters>"), "No element <postings>; there are: letters"),
    "one endless text": (XML.replace("RNT", "x" * 11_000_000), f"{NOT_WELL_FORMED}: line 2 "),
    "a thousand levels": (XML.replace("RNT", "<a>" * 1000 + "</a>" * 1000), f"{NOT_WELL_FORMED}: line 2 "),
    "another encoding than declared": ('<?xml version="1.0" encoding="utf-16"?>' + XML, f"{NOT_WELL_FORMED}: line 1 "),
}  # fmt: skip


@pytest.mark.parametrize("case", DOCUMENTS)
def test_documents_that_are_not_to_be_trusted(returns: Desk, case: str) -> None:
    document, said = DOCUMENTS[case]
    (returns.folder / "source" / "postings.xml").write_text(document, "utf-8")
    returns.refuses("ledgers", returns.folder / "source", "table postings, file postings.xml", said)
