"""From a source row to its fate, where its key is not enough to name it."""

from __future__ import annotations

from canonical_model.tables import metadata
from flows import references
from loading.load import connect
from reconciliation.lineage import SourceFate, fate_of
from tests.flows.hub import BROKEN, Hub, Row
from tests.flows.test_conservation import ALL, POSTINGS


def fate(hub: Hub, asked: str) -> SourceFate:
    with connect(hub.database_url) as connection:
        system = references.mapping_of("ledgers")
        return fate_of(connection, metadata, hub.folder / "landing", system, "postings", asked)


def test_a_key_that_stands_twice_and_rows_without_one(hub: Hub) -> None:
    odd: list[Row] = [
        *POSTINGS,
        POSTINGS[0],
        ("A1", "1", "2024-04-01", "RNT", "8.00"),
        ("A1", " ", "2024-04-01", "RNT", "2.00"),
        (BROKEN, "half a reco"),
    ]
    hub.run({**ALL, "postings": odd})
    twice = fate(hub, "A1|1")
    assert twice.fates == (("unit:1", "loaded"), ("unit:4", "merged"), ("unit:5", "quarantined"))
    assert [entity for entity, _ in twice.rows] == ["rent_transaction"]
    assert twice.issues == ("LEDGERS-POSTINGS-KEY-DUPLICATE", "LEDGERS-POSTINGS-ROW-DUPLICATE")
    assert fate(hub, "unit:5") == twice, "a row with a key is found by its place too"
    keyless = fate(hub, "unit:6")
    assert (keyless.fates, keyless.rows) == ((("unit:6", "quarantined"),), ())
    assert "LEDGERS-POSTINGS-KEY-MISSING" in keyless.issues
    assert fate(hub, "unit:7").issues == ("LEDGERS-POSTINGS-ROW-BROKEN",)
