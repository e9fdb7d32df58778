from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, insert, make_url

from canonical_model.base import Base
from mirror import subjects
from mirror.masks.name_lists import FORENAME, SURNAME
from mirror.subjects import Subjects
from tests.canonical_model.rows import add, add_account, add_home, add_tenancy


@pytest.fixture
def hub(hub_url: str) -> Iterator[Connection]:
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def read(connection: Connection) -> Subjects:
    url = make_url(connection.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection.commit()
    with psycopg.connect(url) as reader:
        return subjects.read(reader)


def write(connection: Connection, table: str, **values: object) -> None:
    """Writes a golden row, which has no source of its own."""
    connection.execute(insert(Base.metadata.tables[f"canonical.{table}"]), values)


def link(connection: Connection, kind: str, record: UUID, golden_id: UUID) -> None:
    row = {"decided_by": "machine", "decided_at": datetime(2026, 9, 1, tzinfo=UTC), "first_run_id": 1}
    write(connection, "golden_link", entity_type=kind, entity_id=record, golden_id=golden_id, **row)


def golden(connection: Connection, table: str, **values: object) -> UUID:
    made = uuid4()
    row = {"id": made, "record_count": 1, "system_count": 1, "flags": [], "run_id": 1, "row_hash": 1}
    write(connection, table, **row, **values)
    return made


def test_all_that_leads_to_a_family(hub: Connection) -> None:
    home = add_home(hub, address_line_1="1 Oak Road")
    lived = add(hub, "household", household_ref="1", asset_id=home)
    tenancy = add_tenancy(hub, household_id=lived, payment_ref="1000000052")
    add(hub, "tenancy_holding", tenancy_id=tenancy, asset_id=home, role_code="main", start_date="2020-04-06")
    account = add_account(hub, tenancy_id=tenancy, payment_ref="1000000052")
    tenant = add(hub, "person", person_ref="1/1", forename="Jane", surname="Smith", birth_date=date(1960, 5, 17))
    payer = add(hub, "person", person_ref="p", full_name="SIMTH J MRS", payment_ref="1000000052")
    caller = add(hub, "person", person_ref="c", full_name="Mrs Janey O'Brien", tenancy_id=tenancy)
    firm = add(hub, "person", person_ref="f", full_name="Oak Housing Ltd", tenancy_id=tenancy)
    other = add(hub, "person", person_ref="9/1", forename="Ann", surname="Lee", national_insurance_number="AB123456C")
    add(hub, "household_member", household_id=lived, person_id=tenant, start_date="1970-01-05")
    household = golden(hub, "golden_household", person_count=1)
    born = date(1960, 5, 17)
    jane = golden(
        hub,
        "golden_person",
        household_id=household,
        forename="Jane",
        surname="Smith",
        sex_code="female",
        birth_date=born,
    )
    paid = golden(hub, "golden_person", full_name="SIMTH J MRS")
    link(hub, "person", tenant, jane)
    link(hub, "person", payer, paid)
    link(hub, "household", lived, household)
    found = read(hub)

    family = found.anchors[jane.hex]
    for key in (tenant, payer, paid, caller, firm, tenancy, account, home, household, lived):
        assert found.anchors[key.hex] == family
    assert found.anchors["1000000052"] == family != found.anchors[other.hex]
    assert found.people[tenant.hex] == jane.hex
    assert {(word.word, word.kind, word.sex) for word in found.words if word.anchor == family} == {
        ("JANE", FORENAME, "F"), ("SMITH", SURNAME, ""), ("OBRIEN", SURNAME, ""),
    }  # fmt: skip
    assert found.all_ninos == {"AB123456C"}
    (row,) = found.births.to_dict("records")
    assert (row["golden_id"], row["birth_date"].date(), row["last"].date()) == (
        jane.hex, date(1960, 5, 17), date(1970, 1, 5),
    )  # fmt: skip


def test_a_birth_into_a_household_is_no_bound_of_the_birth_date(hub: Connection) -> None:
    home = add(hub, "household", household_ref="9")
    child = add(hub, "person", person_ref="9/3", forename="Ann")
    add(hub, "household_member", household_id=home, person_id=child, start_date="2011-09-29", end_date="2016-08-21")
    link(hub, "person", child, golden(hub, "golden_person", forename="Ann", birth_date=date(2011, 9, 29)))
    (row,) = read(hub).births.to_dict("records")
    assert row["last"].date() == date(2016, 8, 21)


def test_an_empty_hub_has_nobody(hub: Connection) -> None:
    found = read(hub)
    assert not found.words
    assert not found.anchors
    assert found.vocabulary == Subjects.empty().vocabulary
