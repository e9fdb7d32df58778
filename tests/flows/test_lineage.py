"""From a canonical value to its raw one, from a source row to its fate, and what a purge leaves of both."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.settings import ApiSettings
from canonical_model.tables import metadata
from flows import references
from identity.ids import key_of, stable_id
from ledger.errors import ConfigurationFault
from loading.load import connect
from loading.purge import purge
from reconciliation.lineage import Lineage, SourceFate, fate_of, trace
from tests.api.conftest import Api
from tests.api.tokens import AUDIENCE, ISSUER
from tests.flows.hub import Hub, Row
from tests.flows.test_conservation import ALL, POSTINGS

FAULTY: Row = ("A1", "4", "2024-04-01", "RNT", "four pounds")


def traced(hub: Hub, key: str, field: str | None = None) -> Lineage:
    with connect(hub.database_url) as connection:
        row_id = stable_id(key_of("ledgers", "rent_transaction", key))
        return trace(connection, metadata, hub.folder / "landing", "rent_transaction", row_id, field)


def fate(hub: Hub, key: str) -> SourceFate:
    with connect(hub.database_url) as connection:
        return fate_of(connection, metadata, hub.folder / "landing", references.mapping_of("ledgers"), "postings", key)


def purge_all(hub: Hub) -> tuple[int, int]:
    with connect(hub.database_url) as connection:
        went = purge(connection, hub.folder / "landing", datetime.now(UTC) + timedelta(days=1))
    return went.batches, went.issues


def test_both_ways(hub: Hub) -> None:
    hub.run({**ALL, "postings": [*POSTINGS, FAULTY]})
    found = traced(hub, "A1|2", "amount")
    assert (found.system, found.table, found.key, found.unit, found.line, found.run) == (
        "ledgers", "postings", "A1|2", "unit", 2, 1,
    )  # fmt: skip
    (origin,) = found.fields
    assert (origin.value, origin.raw, origin.rule) == (Decimal("-40.05"), {"amount": "-40.05"}, "Money")
    loaded = fate(hub, "A1|2")
    assert (loaded.fates, [entity for entity, _ in loaded.rows]) == ((("unit:2", "loaded"),), ["rent_transaction"])
    refused = fate(hub, "A1|4")
    assert (refused.fates, refused.rows) == ((("unit:4", "quarantined"),), ())
    assert refused.issues == ("LEDGERS-POSTINGS-AMOUNT-FORMAT",)
    hub.run({**ALL, "postings": POSTINGS[1:]})
    assert fate(hub, "A1|1").fates == (("", "ended"),)
    with pytest.raises(ConfigurationFault, match="no such row"):
        fate(hub, "A9|9")
    with pytest.raises(ConfigurationFault, match="no mapped field"):
        traced(hub, "A1|2", "colour")


def test_a_purge_removes_what_is_past_and_writes_down_what_went(hub: Hub) -> None:
    hub.run({**ALL, "postings": [*POSTINGS, FAULTY, ("A1", "5", "2024-04-01", "RNT", "five")]})
    hub.run({**ALL, "postings": [("A1", "1", "2024-04-01", "RNT", "100.11"), *POSTINGS[1:], FAULTY]})
    assert purge_all(hub) == (4, 1)
    assert hub.query("SELECT batches, issues FROM ledger.purge") == [(4, 1)]
    assert len(list((hub.folder / "landing").rglob("manifest.json"))) == 4
    assert hub.issues() == [("LEDGERS-POSTINGS-AMOUNT-FORMAT", "A1|4")], "it stands, and so does its row"
    assert hub.query("SELECT count(*) FROM ledger.table_count WHERE run_id = 1") == [(4,)]
    assert traced(hub, "A1|2", "amount").fields[0].raw == {"amount": "-40.05"}, "the last batch holds it unchanged"
    hub.run({**ALL, "postings": [*POSTINGS[2:], FAULTY]})
    purge_all(hub)
    gone = traced(hub, "A1|2", "amount")
    assert (gone.fields[0].value, gone.fields[0].raw, gone.line) == (Decimal("-40.05"), None, None)
    again = hub.run({**ALL, "postings": [*POSTINGS, FAULTY]})
    assert all(line.closes for line in again.counts)


def test_raw_values_are_for_the_hub_alone(hub: Hub) -> None:
    hub.run({**ALL, "postings": [*POSTINGS, FAULTY]})
    for path in (hub.folder / "landing").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    with connect(hub.database_url) as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE somebody NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        connection.execute("SET ROLE somebody")
        for table in ("issue", "set_aside"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM restricted.{table}".encode())


def test_the_api_tells_as_much_of_it_as_the_scopes_open(hub: Hub) -> None:
    hub.run(ALL)
    found, key = traced(hub, "A1|2"), Ed25519PrivateKey.generate()
    keys, path = {"k1": key.public_key()}, f"/v1/rent-transactions/{found.id}/lineage"
    settings = ApiSettings(hub.database_url, ISSUER, AUDIENCE, keys, b"s" * 32, landing=hub.folder / "landing")
    api = Api(settings, key)
    told = api.get(path, "rents:read rents:money rents:name").json()
    assert (told["system"], told["table"], told["key"], told["unit"], told["line"], told["run"]) == (
        found.system, found.table, found.key, found.unit, found.line, found.run,
    )  # fmt: skip
    assert told["mapping_version"] == found.mapping_version
    by_field = {origin.field: origin.raw for origin in found.fields}
    assert {one["field"]: one["raw"] for one in told["origins"]} == by_field
    assert by_field["amount"] == {"amount": "-40.05"}
    (kept,) = api.audit.reads
    assert {"amount", "account_id (raw)", "key"} <= set(kept.about.fields)
    told = api.get(path, "rents:read").json()
    assert "key" not in told
    assert {one["field"]: one["raw"] for one in told["origins"]}["account_id"] == {}
    assert "amount" not in [one["field"] for one in told["origins"]]
    assert len(api.audit.reads) == 1
    assert purge_all(hub)
    told = api.get(path, "rents:read rents:money").json()
    assert {one["field"]: one["raw"] for one in told["origins"]}["amount"] == traced(hub, "A1|2", "amount").fields[
        0
    ].raw
    api.close()
