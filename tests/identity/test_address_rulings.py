"""A person decides which UPRN an address has; what they said stands until they take it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, insert

from canonical_model.tables import current
from identity import review, rulings
from identity.address_rulings import refill_addresses
from ledger.errors import ConfigurationFault
from loading.load import connect
from tests.identity.people_of_a_council import Connection, provenance

SINCE = datetime.now(UTC) + timedelta(hours=1)
STATE = "SELECT status, uprn, decided_by FROM identity.address_match"


@pytest.fixture
def home() -> UUID:
    return UUID("ffffffff-0000-4000-8000-000000000001")


@pytest.fixture
def unit() -> UUID:
    return UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def connection(hub_url: str, home: UUID, unit: UUID) -> Iterator[Connection]:
    """A home whose address the matcher could not decide; its id is greater than that of the unit."""
    engine = create_engine(hub_url)
    with engine.begin() as opened:
        place = {
            **provenance(home, 1),
            "asset_ref": "1",
            "asset_type_code": "flat",
            "address_line_1": "Flat 2, 1 Elm St",
        }
        opened.execute(insert(current("asset")), [place])
        opened.execute(
            insert(current("blpu")), [{**provenance(unit, 1), "uprn": 77, "logical_status_code": "approved"}]
        )
    engine.dispose()
    with connect(hub_url) as opened_again:
        opened_again.execute(
            "INSERT INTO identity.address_match (entity_type, entity_id, field, status, candidate_uprn, weight) "
            "VALUES ('asset', %s, 'address', 'queued', 77, 3.5)", (home,)
        )  # fmt: skip
        yield opened_again


def test_a_queued_address_is_asked_decided_and_taken_back(connection: Connection, home: UUID, unit: UUID) -> None:
    assert refill_addresses(connection, 1) == 1
    item = review.next_item(connection, "ada", SINCE)
    assert item is not None
    assert (item.entity_type, item.left_id, item.right_id) == ("address", home, unit)
    assert ("source", "asset 1", "gazetteer, UPRN 77") in review.sides(connection, item)
    ruled = review.settle(connection, "ada", item, "same", 0.0)
    assert connection.execute(STATE).fetchall() == [("matched", 77, "ada")]
    assert refill_addresses(connection, 2) == 0
    assert ruled.decision_id is not None
    rulings.undo(connection, "ada", ruled.decision_id)
    assert connection.execute(STATE).fetchall() == [("queued", None, "machine")]
    rulings.decide(connection, "bob", "address", str(home), str(unit), "not_same")
    assert connection.execute(STATE).fetchall() == [("unmatched", None, "bob")]


def test_an_unknown_unit_is_refused(connection: Connection, home: UUID, unit: UUID) -> None:
    for left, right in ((str(home), str(uuid4())), (str(unit), str(home)), ("x", str(unit))):
        with pytest.raises(ConfigurationFault):
            rulings.decide(connection, "ada", "address", left, right, "same")
