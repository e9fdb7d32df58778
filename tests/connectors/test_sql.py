"""Databases: SQLite, the embedded PostgreSQL and a real MariaDB; SQL Server and Oracle by their dialects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.dialects.oracle.base import OracleDialect
from sqlalchemy.engine import Dialect

from connectors import sql, sql_chunks
from connectors.sql import connect, open_source, select_for
from connectors.sql_faults import fault_of
from connectors.sql_types import arrow_type
from ledger.errors import (
    ConfigurationFault,
    ContractBroken,
    HubError,
    SourceRefused,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.connectors.conftest import MariaServer
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, read_all, rows_of

TENAGREE = a_table("tenagree", "tag_ref", "cot", "cur_bal", "present")
EMPTY = a_table("househ", "house_ref")
MISSING = a_table("member", "house_ref")
KEYLESS = a_table("contacts", "name")
SYSTEM = a_system("sql", TENAGREE, EMPTY, MISSING)

CREATE = """
CREATE TABLE tenagree (
    tag_ref CHAR(11) NOT NULL, cot DATE, cur_bal DECIMAL(10, 2), present BOOLEAN,
    updated TIMESTAMP NULL, rooms INTEGER, note VARCHAR(200), rate REAL)
"""
INSERT = sa.text("INSERT INTO tenagree VALUES (:tag_ref, :cot, :cur_bal, :present, :updated, :rooms, :note, :rate)")
ROWS: list[dict[str, Any]] = [
    {
        "tag_ref": "000002/01  ",
        "cot": "2019-04-01",
        "cur_bal": "-12.35",
        "present": True,
        "updated": "2026-09-28 06:30:00",
        "rooms": 3,
        "note": 'said "no",\nthen £5',
        "rate": 0.5,
    },
    {
        "tag_ref": "000001/01  ",
        "cot": "1900-01-01",
        "cur_bal": "0.10",
        "present": False,
        "updated": None,
        "rooms": None,
        "note": "",
        "rate": None,
    },
    {
        "tag_ref": "000003/02  ",
        "cot": None,
        "cur_bal": "99999999.99",
        "present": None,
        "updated": "2026-09-27 23:59:59",
        "rooms": 0,
        "note": None,
        "rate": -1.25,
    },
]
EXPECTED_FIRST = {
    "_line": 1,
    "_fault": None,
    "_raw": None,
    "tag_ref": "000001/01  ",
    "cot": date(1900, 1, 1),
    "cur_bal": Decimal("0.10"),
    "present": False,
    "updated": None,
    "rooms": None,
    "note": "",
    "rate": None,
}


def fill(url: str, *, rows: list[dict[str, Any]] = ROWS) -> str:
    """The URL of a database with the three tables; what it held of them is gone."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name in ("tenagree", "househ", "contacts"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        connection.exec_driver_sql(CREATE)
        connection.exec_driver_sql("CREATE TABLE househ (house_ref CHAR(10), name VARCHAR(20))")
        connection.exec_driver_sql("CREATE TABLE contacts (name VARCHAR(20))")
        connection.execute(INSERT, rows)
    engine.dispose()
    return url


def failing(url: str) -> object:
    return rows_of(open_source(SYSTEM, url, {}), TENAGREE)


class TestSqlite(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path) -> Iterator[Arranged]:
        url = fill(f"sqlite:///{tmp_path / 'works.db'}")
        with sa.create_engine(url).begin() as connection:
            broken = {**ROWS[1], "tag_ref": "000004/01  ", "cot": "31/03/2020"}
            connection.execute(INSERT, broken)
        page = tmp_path / "page.db"
        page.write_text("<html>" + "not a database " * 100, "utf-8")
        with open_source(SYSTEM, url, {}) as source:
            yield Arranged(
                source,
                TENAGREE,
                whole_rows=3,
                faults={"undecodable": 1},
                module=sql,
                empty=EMPTY,
                missing=MISSING,
                failures=[
                    (lambda: failing(f"sqlite:///{page}"), SourceUnreadable),
                    (lambda: failing(f"sqlite:///{tmp_path / 'none.db'}"), ConfigurationFault),
                    (lambda: failing("nonsense"), ConfigurationFault),
                    (
                        lambda: open_source(a_system("sql", a_table("contacts")), url, {}),
                        ConfigurationFault,
                    ),
                    (
                        lambda: rows_of(source, a_table("househ", "house_ref", key=["reference"])),
                        ContractBroken,
                    ),
                ],
            )

    def test_values_are_typed_and_left_as_they_stand(self, arranged: Arranged) -> None:
        first, second, third, broken = rows_of(arranged.source, TENAGREE)
        assert first == EXPECTED_FIRST
        assert (second["cur_bal"], second["present"]) == (Decimal("-12.35"), True)
        assert second["updated"] == datetime(2026, 9, 28, 6, 30)
        assert third["cur_bal"] == Decimal("99999999.99")
        assert "31/03/2020" in broken["_raw"]

    def test_the_database_is_not_written(self, arranged: Arranged) -> None:
        assert isinstance(arranged.source, sql.SqlSource)
        rows_of(arranged.source, TENAGREE)
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            arranged.source._connected().exec_driver_sql("DELETE FROM tenagree")


def test_a_table_without_a_key_is_read_in_the_order_of_its_contents(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keyless.db'}"
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("CREATE TABLE contacts (name CHAR(9), phone CHAR(9))"))
        connection.execute(sa.text("INSERT INTO contacts VALUES ('b', '1'), ('a', '2'), ('a', '1'), ('a', '1')"))
    table = a_table("contacts", "name", "phone", key=["*"])
    with open_source(a_system("sql", table), url, {}) as source:
        assert [row["phone"] for row in rows_of(source, table)] == ["1", "1", "2", "1"]


def test_a_record_with_bytes_that_are_no_text_is_undecodable_alone(tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path / 'works.db'}")
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE tenagree SET note = CAST(x'a335' AS TEXT) WHERE rooms = 3")
    rows = rows_of(open_source(SYSTEM, url, {}), TENAGREE)
    assert [row["_fault"] for row in rows] == [None, "undecodable", None]
    assert "\\xa35" in rows[1]["_raw"]


@pytest.mark.parametrize("value", ["12.345", "twelve", "1e400"])
def test_money_is_never_rounded_silently(tmp_path: Path, value: str) -> None:
    url = fill(f"sqlite:///{tmp_path / 'works.db'}", rows=[{**ROWS[0], "cur_bal": value}])
    (row,) = rows_of(open_source(SYSTEM, url, {}), TENAGREE)
    assert row["_fault"] == "undecodable"


class TestPostgres(ConnectorContract):
    @pytest.fixture
    def arranged(self, database_url: str) -> Iterator[Arranged]:
        url = fill(database_url)
        wrong = sa.make_url(url)
        with sa.create_engine(url).begin() as connection:
            connection.execute(INSERT, {**ROWS[1], "tag_ref": "000004/01  ", "cot": "infinity"})
        with open_source(SYSTEM, url, {}) as source:
            yield Arranged(
                source,
                TENAGREE,
                whole_rows=3,
                faults={"undecodable": 1},
                module=sql,
                empty=EMPTY,
                missing=MISSING,
                failures=[
                    (
                        lambda: failing(wrong.set(database="none").render_as_string(hide_password=False)),
                        ConfigurationFault,
                    ),
                    (lambda: failing("postgresql+psycopg://hub@127.0.0.1:1/housing"), SourceUnavailable),
                ],
            )

    def test_values_are_typed_and_left_as_they_stand(self, arranged: Arranged) -> None:
        first, second, third, broken = rows_of(arranged.source, TENAGREE)
        assert first == EXPECTED_FIRST
        assert second["note"] == ROWS[0]["note"]
        assert third["note"] is None
        assert "infinity" in broken["_raw"]

    def test_all_tables_are_read_in_one_snapshot(self, arranged: Arranged, database_url: str) -> None:
        before = rows_of(arranged.source, TENAGREE)
        with sa.create_engine(database_url).begin() as connection:
            connection.exec_driver_sql("DELETE FROM tenagree")
        assert rows_of(arranged.source, TENAGREE) == before
        arranged.source.close()
        assert rows_of(arranged.source, TENAGREE) == []


def test_awkward_names_and_types_of_postgres(database_url: str) -> None:
    statements = [
        'DROP SCHEMA IF EXISTS "Old Data" CASCADE',
        'CREATE SCHEMA "Old Data"',
        'CREATE TABLE "Old Data"."Rent % ""x""" (id uuid, "rent %" numeric, seen timestamptz, scan bytea, '
        "flags jsonb, tags text[], at_time time, big numeric(38, 10), amount float8)",
        """INSERT INTO "Old Data"."Rent % ""x\""" VALUES (gen_random_uuid(), 1.230,
        '2026-09-28 08:30:00.5+01', 'ab', '{"a": 1}', '{x,y}', '09:30', 1.5, 0.1)""",
    ]
    with sa.create_engine(database_url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    table = a_table('rent % "X"', "id", schema="Old Data")
    (row,) = rows_of(open_source(a_system("sql", table), database_url, {}), table)
    assert row["rent %"] == "1.230"
    assert row["seen"] == datetime(2026, 9, 28, 7, 30, 0, 500_000)
    assert row["scan"] == b"ab".hex()
    assert (row["flags"], row["tags"], row["at_time"]) == ('{"a": 1}', "{x,y}", "09:30:00")
    assert (row["big"], row["amount"]) == (Decimal("1.5"), "0.1")


def test_a_postgres_backend_that_ends_in_the_middle(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{**ROWS[0], "tag_ref": f"{at:06}/01", "note": "x" * 200} for at in range(50_000)]
    fill(database_url, rows=many)
    monkeypatch.setattr(sql, "CHUNK_ROWS", 1_000)
    source = open_source(SYSTEM, database_url, {})
    chunks = iter(source.read(TENAGREE, source.units(TENAGREE)[0]))
    next(chunks)
    with sa.create_engine(database_url).connect() as other:
        other.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%%'"
        )
    with pytest.raises(SourceUnavailable) as caught:
        list(chunks)
    assert "xxxx" not in str(caught.value)
    again = read_all(source, TENAGREE)  # the next read connects anew
    assert sum(chunk.num_rows for chunk in again) == 50_000


class TestMariadb(ConnectorContract):
    @pytest.fixture
    def arranged(self, mariadb: MariaServer) -> Iterator[Arranged]:
        fill(mariadb.url())
        with open_source(SYSTEM, mariadb.url(password=""), {"password": "secret"}) as source:
            yield Arranged(
                source,
                TENAGREE,
                whole_rows=3,
                module=sql,
                empty=EMPTY,
                missing=MISSING,
                failures=[
                    (lambda: failing(mariadb.url(password="wrong")), SourceRefused),
                    (lambda: failing(mariadb.url(user="guest")), SourceRefused),
                    (lambda: failing("mariadb+pymysql://hub:secret@127.0.0.1:1/housing"), SourceUnavailable),
                ],
            )

    def test_values_are_typed(self, arranged: Arranged) -> None:
        first = rows_of(arranged.source, TENAGREE)[0]
        # MariaDB strips the padding of CHAR, and its BOOLEAN is a small number.
        assert first == {**EXPECTED_FIRST, "tag_ref": "000001/01", "present": 0}


def test_zero_dates_of_mariadb_are_no_dates(mariadb: MariaServer) -> None:
    fill(mariadb.url())
    with sa.create_engine(mariadb.url()).begin() as connection:
        connection.exec_driver_sql("SET sql_mode = ''")
        connection.exec_driver_sql("UPDATE tenagree SET cot = '0000-00-00' WHERE rooms = 3")
    rows = rows_of(open_source(SYSTEM, mariadb.url(), {}), TENAGREE)
    assert [(row["_fault"], row["cot"]) for row in rows] == [
        (None, date(1900, 1, 1)),
        (None, None),
        (None, None),
    ]


def test_a_mariadb_that_is_killed_in_the_middle(mortal_mariadb: MariaServer) -> None:
    many = [{**ROWS[0], "tag_ref": f"{at:06}/01", "note": "x" * 200} for at in range(60_000)]
    fill(mortal_mariadb.url(), rows=many)
    source = open_source(SYSTEM, mortal_mariadb.url(), {})
    chunks = iter(source.read(TENAGREE, source.units(TENAGREE)[0]))
    next(chunks)
    mortal_mariadb.kill()
    with pytest.raises(SourceUnavailable, match="testing, table tenagree"):
        list(chunks)
    with pytest.raises(SourceUnavailable):
        source.units(TENAGREE)


@pytest.mark.parametrize(
    ("dialect", "schema", "quoted"),
    [
        (MSDialect(), "dbo", "[from]"),  # type: ignore[no-untyped-call]
        (OracleDialect(), "uh", '"from"'),  # type: ignore[no-untyped-call]
    ],
)
def test_the_statement_of_servers_that_are_not_here(dialect: Dialect, schema: str, quoted: str) -> None:
    columns: Any = [{"name": "tag_ref", "type": sa.CHAR(11)}, {"name": "from", "type": sa.Date()}]
    table = a_table("tenagree", "TAG_REF")
    statement = select_for(table, "tenagree", schema, columns, dialect).compile(dialect=dialect)
    written = " ".join(str(statement).split())
    assert f"FROM {schema}.tenagree" in written
    assert quoted in written
    assert written.endswith("tag_ref")


class _ForeignError(Exception):
    """An error in the shape of a driver that is not installed here."""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((18456, b"Login failed for user 'hub'."), SourceRefused),
        ((4060, b"Cannot open database"), ConfigurationFault),
        ((208, b"Invalid object name 'tenagree'."), ContractBroken),
        ((229, b"The SELECT permission was denied"), SourceRefused),
        ((3952, b"Snapshot isolation transaction failed"), ConfigurationFault),
        (('FATAL:  password authentication failed for user "hub"',), SourceRefused),
        (('FATAL:  database "none" does not exist',), ConfigurationFault),
        (("ORA-01017: invalid credential or not authorized",), SourceRefused),
        (("ORA-00942: table or view does not exist",), ContractBroken),
    ],
)
def test_what_other_servers_refuse(arguments: tuple[object, ...], expected: type[HubError]) -> None:
    dialect = sa.create_engine("sqlite://").dialect
    fault = fault_of(_ForeignError(*arguments), dialect, "testing", "table tenagree")
    assert type(fault) is expected
    assert "hub" not in str(fault).replace("hub.toml", "")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (sa.Numeric(10, 2), pa.decimal128(10, 2)),
        (sa.Numeric(), pa.string()),
        (sa.Float(), pa.string()),
        (sa.SmallInteger(), pa.int64()),
        (sa.dialects.mssql.MONEY(), pa.decimal128(19, 4)),
        (sa.dialects.mssql.SMALLDATETIME(), pa.timestamp("us")),
        (sa.dialects.mssql.BIT(), pa.bool_()),
        (sa.dialects.oracle.DATE(), pa.timestamp("us")),
        (sa.dialects.mysql.BIGINT(unsigned=True), pa.decimal128(20, 0)),
        (sa.LargeBinary(), pa.string()),
    ],
)
def test_declared_types(declared: sa.types.TypeEngine[Any], expected: pa.DataType) -> None:
    assert arrow_type(declared) == expected


def test_drivers_values_of_any_kind_become_columns() -> None:
    kinds = {"bit": pa.bool_(), "scan": pa.string(), "at": pa.timestamp("us")}
    values: list[list[Any]] = [
        [b"\x01", b"\x00", None],
        [b"\xff", None, b"\x01"],
        [datetime(2026, 9, 28), None, "0000-00-00"],
    ]
    chunk = sql_chunks.chunk_of_values(5, values, kinds, loose=False)
    assert chunk["_line"].to_pylist() == [5, 6, 7]
    assert chunk["bit"].to_pylist() == [True, False, None]
    assert chunk["scan"].to_pylist() == ["ff", None, "01"]
    assert chunk["_fault"].null_count == 3


@pytest.mark.parametrize(("url", "driver"), [("postgresql://h/d", "psycopg"), ("mariadb://h/d", "pymysql")])
def test_a_url_needs_no_drivers_name(url: str, driver: str) -> None:
    assert connect("testing", url, {}).dialect.driver == driver
