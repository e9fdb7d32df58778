"""Which addresses of the canonical model are to be matched."""

from __future__ import annotations

from uuid import uuid4

import psycopg

from identity.addresses import texts

SOURCED = {"source_key": "k", "source_row": 1, "batch_id": 1, "run_id": 1, "row_hash": 0}


def _insert(connection: psycopg.Connection, table: str, **values: object) -> None:
    row = {"id": uuid4(), **SOURCED, **values}
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    connection.execute(f"INSERT INTO canonical.{table} ({columns}) VALUES ({marks})", list(row.values()))


def test_addresses_without_a_known_uprn_are_collected(hub_url: str) -> None:
    with psycopg.connect(hub_url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
        _insert(connection, "blpu", uprn=5, logical_status_code="approved")
        flat = {"asset_ref": "1", "asset_type_code": "flat", "address_line_1": "Flat 3", "address_line_2": "9 Low Row"}
        _insert(connection, "asset", **flat, uprn=5, name="known")
        _insert(connection, "asset", **flat, uprn=6, postcode="KB1 1AA")
        _insert(connection, "asset", **flat | {"asset_type_code": "lift"})
        _insert(connection, "asset", asset_ref="2", asset_type_code="block", name="Calder Court",
                address_line_1="Aspen Walk")  # fmt: skip
        _insert(connection, "hmo_licence", case_ref="1", address_text="3 Low Row", licence_type_code="mandatory",
                status_code="granted")  # fmt: skip
        _insert(connection, "housing_application", application_ref="1", status_code="live",
                current_address_text="4 Low Row", current_postcode="KB1 1AB")  # fmt: skip
        _insert(connection, "housing_application", application_ref="2", status_code="live", ended_run_id=1,
                current_address_text="gone")  # fmt: skip
        found = texts.load(connection)
    told = found[["entity_type", "field", "address", "postcode", "says_block"]].fillna("")
    assert sorted(told.itertuples(index=False, name=None)) == [
        ("asset", "address_line_1", "Calder Court, Aspen Walk", "", True),
        ("asset", "address_line_1", "Flat 3, 9 Low Row", "KB1 1AA", False),
        ("hmo_licence", "address_text", "3 Low Row", "", False),
        ("housing_application", "current_address_text", "4 Low Row", "KB1 1AB", False),
    ]
    assert found["address_id"].str.count("/").eq(2).all()
