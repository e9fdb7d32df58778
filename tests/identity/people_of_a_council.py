"""A few hundred made-up people with tenancies, accounts and money, in the database, for the tests of identity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import psycopg
from sqlalchemy import create_engine, insert

from canonical_model.tables import current
from identity.ids import key_of, stable_id
from identity.links import Linked, link_all
from ledger import tables as ledger

Connection = psycopg.Connection[tuple[Any, ...]]
SYSTEMS = ("tenancy", "works", "register")


@dataclass(frozen=True)
class Council:
    """The records' ids in order, and the frame of them that linking takes."""

    ids: list[str]
    records: pd.DataFrame

    def link(self, connection: Connection, run_id: int = 1) -> Linked:
        return link_all(connection, "person", self.records, run_id)


def write_council(url: str, people: int, seed: int = 11) -> Council:
    """People of three systems; a third are party to a tenancy, some jointly, each with an account and its money."""
    rng = np.random.default_rng(seed)
    persons, rows = [], {name: [] for name in ("tenancy", "tenancy_party", "rent_account", "rent_transaction")}  # type: ignore[var-annotated]
    for n in range(people):
        person = new_id("person", n)
        persons.append({
            **provenance(person, n, batch=1 + n % 3, run=1 + n % 2), "person_ref": f"P{n}", "forename": f"F{n % 17}",
            "surname": f"S{n % 23}", "birth_date": f"19{50 + n % 40}-03-{1 + n % 28:02}",
        })  # fmt: skip
        if n % 3:
            continue
        tenancy, account = new_id("tenancy", n), new_id("rent_account", n)
        rows["tenancy"].append({
            **provenance(tenancy, n), "tenancy_ref": f"T{n}", "tenancy_type_code": "secure", "start_date": "2020-04-06",
        })  # fmt: skip
        for party, tenant in enumerate({person, persons[int(rng.integers(len(persons)))]["id"]}):
            rows["tenancy_party"].append({
                **provenance(new_id("tenancy_party", n, str(party)), n), "tenancy_id": tenancy, "person_id": tenant,
                "role_code": "joint_tenant",
            })  # fmt: skip
        rows["rent_account"].append({
            **provenance(account, n), "account_ref": f"A{n}", "account_class_code": "rent", "tenancy_id": tenancy,
        })  # fmt: skip
        rows["rent_transaction"] += [
            {
                **provenance(new_id("rent_transaction", n, str(entry)), n), "account_id": account,
                "effective_date": "2026-04-06", "transaction_type_code": "charge",
                "amount": Decimal(int(rng.integers(-9_999, 9_999))) / 100,
            }
            for entry in range(3)
        ]  # fmt: skip
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(ledger.run), [{"id": n} for n in (1, 2)])
        connection.execute(insert(ledger.batch), [
            {"id": number, "run_id": 1, "system": system, "source_table": "people", "folder": system, "rows": people,
             "mapping_version": "1", "sha256": "0"}
            for number, system in enumerate(SYSTEMS, 1)
        ])  # fmt: skip
        for name, given in {"person": persons, **rows}.items():
            connection.execute(insert(current(name)), given)
    engine.dispose()
    ids = [person["id"].hex for person in persons]
    first = [person["run_id"] for person in persons]
    return Council(ids, pd.DataFrame({"record_id": ids, "first_run_id": first, "ended": False}))


def new_id(table: str, number: int, part: str = "") -> UUID:
    return stable_id(key_of("tests", table, str(number), part))


def provenance(row_id: UUID, number: int, batch: int = 1, run: int = 1) -> dict[str, Any]:
    return {
        "id": row_id, "source_key": str(number), "source_row": number, "batch_id": batch, "run_id": run, "row_hash": 7,
    }  # fmt: skip
