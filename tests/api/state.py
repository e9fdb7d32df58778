"""A small council: two people of whom one was two records, a home, a tenancy, an account, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, insert

from canonical_model.base import history_of
from canonical_model.tables import current
from ledger.tables import batch, mapping_version, run

SOURCE: dict[str, Any] = {"source_key": "k", "source_row": 1, "batch_id": 1, "run_id": 1, "row_hash": 7}
GOLDEN: dict[str, Any] = {"record_count": 1, "system_count": 1, "flags": [], "run_id": 1, "row_hash": 7}
STARTED = {1: datetime(2026, 1, 1, 6, tzinfo=UTC), 2: datetime(2026, 1, 2, 6, tzinfo=UTC)}


def some(number: int) -> UUID:
    """An id that one can recognise."""
    return UUID(int=number, version=4)


ANN, BEN, OLD_ANN, SPLIT, RETIRED = some(0xA1), some(0xB1), some(0xA0), some(0x50), some(0x60)
HOME, TENANCY, ACCOUNT, ENDED = some(0x401), some(0x701), some(0xAC1), some(0xE1)
ANN_RECORDS, HOME_RECORD = (some(0xA11), some(0xA12)), some(0x411)


def fill(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        _runs(connection)
        _people(connection)
        _rents(connection)
        _history(connection)
        _origins(connection)
    engine.dispose()


def _add(connection: Connection, table: str, *rows: dict[str, Any]) -> None:
    shared = GOLDEN if table.startswith("golden_") else SOURCE
    for row in rows:
        connection.execute(insert(current(table)), {**shared, **row})


def _runs(connection: Connection) -> None:
    for number, started in STARTED.items():
        finished = started.replace(hour=7)
        connection.execute(insert(run), {"id": number, "started_at": started, "finished_at": finished, "closes": True})
    connection.execute(
        insert(batch),
        {"id": 1, "run_id": 1, "system": "tenancy", "source_table": "people", "folder": "none", "mapping_version": "v",
         "rows": 1, "sha256": "0", "finished": True},
    )  # fmt: skip


def _people(connection: Connection) -> None:
    _add(connection, "golden_asset", {"id": HOME, "asset_type_code": "flat", "asset_ref": "00001234",
         "address_line_1": "12 Rowan Court", "postcode": "HB1 2AB", "uprn": 100012345678})  # fmt: skip
    _add(
        connection, "golden_person",
        {"id": ANN, "forename": "Ann", "surname": "Marsh", "full_name": "Ann Marsh", "birth_date": "1980-02-03",
         "national_insurance_number": "QQ123456C", "mobile": "+447700900123", "asset_id": HOME, "record_count": 2,
         "run_id": 2},
        {"id": BEN, "forename": "Ben", "surname": None, "full_name": "Ben Okafor"},
        {"id": OLD_ANN, "surname": "Marsch", "full_name": "Anne Marsch", "ended_run_id": 2},
    )  # fmt: skip
    for number in range(5):
        _add(connection, "golden_person", {"id": some(0xC00 + number), "surname": f"Weaver {number % 2}"})
    for number, record in enumerate(ANN_RECORDS):
        _add(connection, "person", {"id": record, "person_ref": f"P{number}", "surname": "Marsh"})
    for record in ANN_RECORDS:
        link = {"entity_type": "person", "entity_id": record, "golden_id": ANN, "decided_by": "machine"}
        connection.execute(insert(current("golden_link")), {**link, "decided_at": STARTED[2], "first_run_id": 1})
    for other in (BEN, some(0xC00)):
        link = {"entity_type": "person", "entity_id": some(other.int & 0xFFFF | 0xF0000), "golden_id": other}
        connection.execute(
            insert(current("golden_link")),
            {**link, "decided_by": "machine", "decided_at": STARTED[1], "first_run_id": 1},
        )
    for old, new, kind in (
        (OLD_ANN, ANN, "merge"), (SPLIT, BEN, "split"), (SPLIT, some(0xC00), "split"), (RETIRED, None, "retired"),
    ):  # fmt: skip
        event = {"kind_code": kind, "entity_type": "person", "old_id": old, "new_id": new, "decided_by": "machine"}
        connection.execute(insert(current("golden_event")), {**event, "happened_at": STARTED[2], "run_id": 2})


def _rents(connection: Connection) -> None:
    _add(connection, "tenancy", {"id": TENANCY, "tenancy_ref": "000123/01", "tenancy_type_code": "secure",
         "start_date": "2020-04-06", "payment_ref": "9900012"})  # fmt: skip
    _add(connection, "tenancy", {"id": ENDED, "tenancy_ref": "000124/01", "tenancy_type_code": "secure",
         "start_date": "2020-04-06", "ended_run_id": 2})  # fmt: skip
    _add(connection, "tenancy_party", {"id": some(0x711), "tenancy_id": TENANCY, "person_id": ANN_RECORDS[0],
         "role_code": "sole_tenant"})  # fmt: skip
    _add(connection, "rent_account", {"id": ACCOUNT, "account_ref": "A1", "account_class_code": "rent",
         "tenancy_id": TENANCY, "payment_ref": "9900012", "weekly_rent": "105.5"})  # fmt: skip
    for number in range(120):
        _add(connection, "rent_transaction", {"id": some(0x10000 + number * 7), "account_id": ACCOUNT,
             "effective_date": f"2025-{number % 12 + 1:02}-01", "transaction_type_code": "charge",
             "amount": f"{number}.5"})  # fmt: skip


def _origins(connection: Connection) -> None:
    fields = {
        "tenancy_ref": {"columns": ["tag_ref"], "rule": "text"},
        "payment_ref": {"columns": ["pay"], "rule": "text"},
    }
    mappings = {"people": [{"target": "tenancy", "part": "", "key": ["tag_ref"], "fields": fields}]}
    connection.execute(insert(mapping_version), {"version": "v", "system": "tenancy", "fields": mappings})
    _add(connection, "asset", {"id": HOME_RECORD, "asset_ref": "00001234", "asset_type_code": "flat",
         "uprn": 100012345678})  # fmt: skip
    for number, (entity, identity, scheme, value) in enumerate((
        ("asset", HOME_RECORD, "block_ref", "B77"), ("asset", HOME_RECORD, "gas_safe_ref", "512345"),
        ("rent_account", ACCOUNT, "payment_ref", "9900012"),
    )):  # fmt: skip
        _add(connection, "identifier", {"id": some(0x1D1 + number), "entity_type": entity, "entity_id": identity,
             "scheme_code": scheme, "value": value, "allocated_by": "works"})  # fmt: skip
    link = {"entity_type": "asset", "entity_id": HOME_RECORD, "golden_id": HOME, "decided_by": "machine"}
    connection.execute(insert(current("golden_link")), {**link, "decided_at": STARTED[1], "first_run_id": 1})
    for rank, (surname, record) in enumerate(zip(("Marsh", "Marsch"), ANN_RECORDS, strict=True), start=1):
        connection.execute(
            insert(current("golden_value")),
            {"golden_id": ANN, "field": "surname", "rank": rank, "value": surname, "entity_id": record,
             "system": "tenancy", "trust": "0.9", "is_winner": rank == 1, "reason": "most trusted", "run_id": 2},
        )  # fmt: skip


def _history(connection: Connection) -> None:
    earlier = {**GOLDEN, "id": ANN, "forename": "Ann", "surname": "Rushton", "full_name": "Ann Rushton"}
    connection.execute(insert(history_of(current("golden_person"))), {**earlier, "replaced_run_id": 2})
