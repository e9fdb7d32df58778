"""Small canonical rows for the tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert

from canonical_model.tables import current

SOURCE = {"source_key": "k", "source_row": 1, "batch_id": 1, "run_id": 1, "row_hash": 7}


def add(connection: Connection, table: str, **values: Any) -> UUID:
    """The id of the row that was inserted, with a source where none is given."""
    row = {"id": uuid4(), **SOURCE, **values}
    connection.execute(insert(current(table)), row)
    identity: UUID = row["id"]
    return identity


def add_home(connection: Connection, **values: Any) -> UUID:
    return add(connection, "asset", **{"asset_ref": "00001234", "asset_type_code": "flat", **values})


def add_tenancy(connection: Connection, **values: Any) -> UUID:
    given = {"tenancy_ref": "000123/01", "tenancy_type_code": "secure", "start_date": "2020-04-06"}
    return add(connection, "tenancy", **{**given, **values})


def add_account(connection: Connection, **values: Any) -> UUID:
    return add(connection, "rent_account", **{"account_ref": "A1", "account_class_code": "rent", **values})
