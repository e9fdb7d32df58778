"""Bulk exports: what they hold, in which form, for whom, and how they are fetched."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyarrow import parquet

from api import copying
from api.settings import ApiSettings
from canonical_model import bulk, schema
from services.databases import create_database, drop_database
from tests.api.conftest import Api
from tests.api.state import ACCOUNT, fill, some

RENTS = "exports:make rents:read rents:money"
PEOPLE = "exports:make people:read people:name people:contact"
NAMES = [
    "=1+1",
    "+44 7700",
    "-cmd",
    "@x",
    "\tx",
    'plain, "quoted"\nname',
    "-12.50",
    "\u2019s \\ back",
    "'=1+1",
    "''",
    "'-7",
]


class Town(Api):
    """The API with a folder for exports."""

    def make(self, scopes: str, **wanted: Any) -> dict[str, Any]:
        asked = self.ask("POST", "/v1/exports", scopes, content=json.dumps(wanted).encode())
        assert asked.status_code == 202, asked.text
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told: dict[str, Any] = self.get(asked.headers["location"], scopes).json()
            if told["status"] != "waiting":
                return told
            self._runner.run(asyncio.sleep(0.02))
        raise TimeoutError

    def fetch(self, export: dict[str, Any], scopes: str, **headers: str) -> httpx.Response:
        return self.get(export["parts"][0]["href"], scopes, **headers)


@pytest.fixture(scope="module")
def town(postgres: str, key: Ed25519PrivateKey, settings: ApiSettings, open_folder: Path) -> Iterator[Town]:
    url = create_database(postgres, "api_exports")
    schema.migrate(url)
    fill(url)
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        for number, name in enumerate(NAMES):
            connection.execute(
                "INSERT INTO canonical.golden_person "
                "(id, surname, record_count, system_count, flags, run_id, row_hash) "
                "VALUES (%s, %s, 1, 1, '{capped,disputed}', 1, 1)",
                (some(0xF00 + number), name),
            )
        connection.execute("UPDATE canonical.rent_transaction SET amount = -amount WHERE amount < 10")
    folder = open_folder / "api_exports"
    town = Town(replace(settings, database_url=url, folder=folder), key)
    yield town
    town.close()
    shutil.rmtree(folder)
    drop_database(postgres, "api_exports")


def test_lines_of_json_are_what_the_api_tells(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions")
    [part] = export["parts"]
    body = town.fetch(export, RENTS).content
    lines = [json.loads(line) for line in body.splitlines()]
    assert (len(lines), part["rows"], part["bytes"]) == (120, 120, len(body))
    assert part["sha256"] == hashlib.sha256(body).hexdigest()
    first = min(lines, key=lambda line: line["id"])
    assert first == town.get(f"/v1/rent-transactions/{first['id']}", RENTS).json()
    assert export["run"] == 2


def test_texts_with_any_character_stay_whole_in_lines(town: Town) -> None:
    export = town.make(PEOPLE, resource="people", fields=["id", "surname"])
    lines = [json.loads(line) for line in town.fetch(export, PEOPLE).content.splitlines()]
    assert {line["surname"] for line in lines} >= set(NAMES)
    assert [list(line) for line in lines[:1]] == [["id", "surname"]]


def test_a_spreadsheet_takes_nothing_for_a_formula(town: Town) -> None:
    export = town.make(PEOPLE, resource="people", fields=["surname", "flags"], format="csv")
    rows = list(csv.DictReader(io.StringIO(town.fetch(export, PEOPLE).text, newline="")))
    found = {row["surname"] for row in rows}
    assert found >= {"'=1+1", "'+44 7700", "'-cmd", "'@x", "'\tx", NAMES[5], "-12.50", NAMES[7], "''=1+1"}
    assert "capped;disputed" in {row["flags"] for row in rows}


def test_whoever_takes_the_quote_away_has_the_text_that_was(town: Town) -> None:
    export = town.make(PEOPLE, resource="people", fields=["id", "surname"], format="csv")
    rows = csv.DictReader(io.StringIO(town.fetch(export, PEOPLE).text, newline=""))
    told = {row["id"]: row["surname"] for row in rows}
    read = {
        one: text[1:] if text[:1] == "'" and re.match(bulk.FORMULA, text[1:]) else text for one, text in told.items()
    }
    assert [read[str(some(0xF00 + number))] for number in range(len(NAMES))] == NAMES
    assert not any(re.match("[=+@\t\r\n]", text) for text in told.values())


def test_negative_amounts_stay_numbers(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions", fields=["amount"], format="csv")
    assert "-9.50" in town.fetch(export, RENTS).text.splitlines()


def test_parquet_has_the_types_of_the_model(town: Town, tmp_path: Path) -> None:
    export = town.make(RENTS, resource="rent-transactions", format="parquet")
    file = tmp_path / "part.parquet"
    file.write_bytes(town.fetch(export, RENTS).content)
    table = parquet.read_table(file)
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["amount"], types["effective_date"], types["rent_year"]) == (
        "decimal128(12, 2)", "date32[day]", "int64",
    )  # fmt: skip
    assert table.num_rows == 120
    assert str(min(table["amount"].to_pylist())) == "-9.50"
    assert set(table["vat_amount"].to_pylist()) == {None}
    export = town.make(PEOPLE, resource="people", fields=["surname", "flags"], format="parquet")
    file.write_bytes(town.fetch(export, PEOPLE).content)
    rows = parquet.read_table(file).to_pylist()
    assert {tuple(row["flags"]) for row in rows} == {(), ("capped", "disputed")}
    assert {row["surname"] for row in rows} >= set(NAMES)


def test_an_empty_export_has_its_columns(town: Town, tmp_path: Path) -> None:
    for form in ("ndjson", "csv", "parquet"):
        export = town.make(RENTS, resource="rent-transactions", filters={"amount[gte]": "99999"}, format=form)
        assert (export["status"], export["rows"]) == ("ready", 0)


def test_filters_are_those_of_lists(town: Town) -> None:
    filters = {"account_id": str(ACCOUNT), "amount[gte]": "100", "effective_date[in]": "2025-01-01,2025-02-01"}
    export = town.make(RENTS, resource="rent-transactions", filters=filters)
    lines = [json.loads(line) for line in town.fetch(export, RENTS).content.splitlines()]
    assert lines
    assert all(float(one["amount"]) >= 100 and one["effective_date"] <= "2025-02-01" for one in lines)


def test_a_part_can_be_fetched_by_ranges(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions")
    whole = town.fetch(export, RENTS)
    assert whole.headers["accept-ranges"] == "bytes"
    tag, size = whole.headers["etag"], len(whole.content)
    half = town.fetch(export, RENTS, range=f"bytes={size // 2}-", if_range=tag)
    assert (half.status_code, half.content) == (206, whole.content[size // 2 :])
    assert half.headers["content-range"] == f"bytes {size // 2}-{size - 1}/{size}"
    assert town.fetch(export, RENTS, range="bytes=-10").content == whole.content[-10:]
    assert town.fetch(export, RENTS, range="bytes=0-9", if_range='"another"').status_code == 200
    for nonsense in ("lines=1-2", "bytes=9-1", "bytes=-", "bytes=0-1,4-5", "bytes=a-b"):
        assert town.fetch(export, RENTS, range=nonsense).content == whole.content
    refused = town.fetch(export, RENTS, range=f"bytes={size}-")
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_copy_that_was_left_behind_never_writes_into_the_next(tmp_path: Path) -> None:
    file = tmp_path / "part-1.ndjson"
    with copying._new(file) as left:
        with copying._new(file) as new:
            new.write(b"new")
        left.write(b"left behind")
    assert file.read_bytes() == b"new"


def test_a_hidden_field_is_never_exported(town: Town) -> None:
    open_only = "exports:make people:read"
    export = town.make(open_only, resource="people")
    assert not {"surname", "mobile", "national_insurance_number"} & set(export["fields"])
    assert b"Marsh" not in town.fetch(export, open_only).content
    body = json.dumps({"resource": "people", "fields": ["id", "surname"]}).encode()
    assert town.ask("POST", "/v1/exports", open_only, content=body).status_code == 403
    body = json.dumps({"resource": "people", "filters": {"surname": "Marsh"}}).encode()
    assert town.ask("POST", "/v1/exports", open_only, content=body).status_code == 403
    full = town.make(PEOPLE, resource="people")
    assert town.fetch(full, open_only).status_code == 403
    assert town.fetch(full, "people:read people:name people:contact").status_code == 403
    chosen = town.make(PEOPLE, resource="people", fields=["id"], filters={"surname": "Marsh"})
    assert town.fetch(chosen, open_only).status_code == 403


def test_an_export_is_its_clients_alone(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions")
    for path in (f"/v1/exports/{export['id']}", export["parts"][0]["href"]):
        assert town.get(path, RENTS, client="another").status_code == 404
    assert town.ask("DELETE", f"/v1/exports/{export['id']}", RENTS, client="another").status_code == 404


def test_each_fetch_of_personal_data_is_kept_by_the_audit(town: Town) -> None:
    export = town.make(PEOPLE, resource="people", fields=["id", "surname"])
    town.audit.reads.clear()
    town.fetch(export, PEOPLE, purpose="campaign")
    [read] = town.audit.reads
    assert (read.about.client_id, read.about.purpose, read.about.resource, read.about.fields, read.records) == (
        "portal", "campaign", "exports/people", ("surname",), export["rows"],
    )  # fmt: skip
    town.fetch(town.make(PEOPLE, resource="people", fields=["id"], filters={"surname": "Marsh"}), PEOPLE)
    assert town.audit.reads[-1].about.fields == ("surname",)


def test_files_are_the_hubs_users_alone_and_go_with_the_export(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions")
    folder = (town.settings.folder or Path()) / "exports" / export["id"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert town.ask("DELETE", f"/v1/exports/{export['id']}", RENTS).status_code == 204
    assert not folder.exists()
    assert town.get(f"/v1/exports/{export['id']}", RENTS).status_code == 404


def test_an_export_expires(town: Town) -> None:
    export = town.make(RENTS, resource="rent-transactions")
    with psycopg.connect(town.settings.database_url.replace("+psycopg", "", 1)) as connection:
        connection.execute("UPDATE api.export SET expires_at = now() - interval '1 s' WHERE id = %s", (export["id"],))
    town.make(RENTS, resource="rent-transactions")  # the maker tidies up first
    assert town.fetch(export, RENTS).status_code == 410
    assert not ((town.settings.folder or Path()) / "exports" / export["id"]).exists()


def test_the_feed_goes_on_where_the_export_ends(town: Town) -> None:
    export = town.make(PEOPLE, resource="people")
    assert town.get(f"/v1/changes?after={export['changes_after']}&entity=people", PEOPLE).json()["data"] == []
    with psycopg.connect(town.settings.database_url.replace("+psycopg", "", 1)) as connection:
        connection.execute("UPDATE canonical.golden_person SET title = 'Dr' WHERE id = %s", (some(0xF00),))
    told = town.get(f"/v1/changes?after={export['changes_after']}&entity=people", PEOPLE).json()["data"]
    assert [change["id"] for change in told] == [str(some(0xF00))]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400), (b"{", 400), (b'{"resource": 1}', 400), (b'{"resource": "persons"}', 404),
        (b'{"resource": "people", "format": "xls"}', 400), (b'{"resource": "people", "fields": "id"}', 400),
        (b'{"resource": "people", "fields": ["nothing"]}', 400), (b'{"resource": "people", "more": 1}', 400),
        (b'{"resource": "people", "filters": {"limit": "1"}}', 400),
        (b'{"resource": "people", "filters": {"id": "x"}}', 400), (b'{"resource": "tenancies"}', 403),
    ],
)  # fmt: skip
def test_bad_wishes_are_problems(town: Town, body: bytes, status: int) -> None:
    answer = town.ask("POST", "/v1/exports", PEOPLE, content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_an_export_that_cannot_be_made_is_told_without_a_value(town: Town) -> None:
    with psycopg.connect(town.settings.database_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("REVOKE SELECT ON canonical.rent_transaction FROM hub_api")
        export = town.make(RENTS, resource="rent-transactions")
        connection.execute("GRANT SELECT ON canonical.rent_transaction TO hub_api")
    assert export["status"] == "failed"
    assert "in the API's log" in export["fault"]


def test_without_a_folder_there_are_no_exports(settings: ApiSettings, key: Ed25519PrivateKey) -> None:
    api = Api(settings, key)
    answer = api.ask("POST", "/v1/exports", RENTS, content=b'{"resource": "rent-transactions"}')
    assert answer.status_code == 404
    api.close()
