"""Subject access: all of a person's records with their origins, nothing of anybody else, and kept by the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, create_engine, insert

from api.settings import ApiSettings
from canonical_model import held, schema
from canonical_model.base import history_of
from canonical_model.tables import current
from services.databases import create_database, drop_database
from tests.api.conftest import Api
from tests.api.state import ACCOUNT, ANN, ANN_RECORDS, BEN, OLD_ANN, RETIRED, SOURCE, SPLIT, TENANCY, fill, some

SCOPE = "people:subject-access"
OTHER, ORDER, REQUEST = some(0xF00), some(0xF10), some(0xF11)


def _add(connection: Connection, table: str, **row: Any) -> None:
    connection.execute(insert(current(table)), {**SOURCE, **row})


def _more(connection: Connection) -> None:
    """A joint tenant and what is theirs, and what is Ann's in many tables."""
    _add(connection, "person", id=OTHER, person_ref="P9", surname="Other", tenancy_id=TENANCY)
    _add(connection, "tenancy_party", id=some(0xF01), tenancy_id=TENANCY, person_id=OTHER, role_code="joint_tenant")
    _add(connection, "contact_method", id=some(0xF02), tenancy_id=TENANCY, person_id=OTHER, contact_type_code="mobile",
         value="+447700900999")  # fmt: skip
    _add(connection, "contact_method", id=some(0xF03), tenancy_id=TENANCY, contact_type_code="mobile", value="+4477")
    _add(connection, "contact_method", id=some(0xF04), person_id=ANN_RECORDS[1], contact_type_code="email", value="a@b")
    _add(connection, "alert", id=some(0xF05), person_id=ANN_RECORDS[0], alert_type_code="other", description="dog")
    _add(connection, "repair_request", id=REQUEST, request_ref="R1", reported_by_id=ANN_RECORDS[1])
    _add(connection, "work_order", id=ORDER, work_order_ref="W1", request_id=REQUEST, work_type_code="responsive",
         status_code="open")  # fmt: skip
    _add(connection, "repair_request", id=some(0xF12), request_ref="R2", reported_by_id=OTHER, tenancy_id=TENANCY)
    _add(connection, "housing_application", id=some(0xF13), application_ref="H1", joint_applicant_id=ANN_RECORDS[0],
         applicant_id=OTHER, status_code="new")  # fmt: skip
    _add(connection, "hmo_licence", id=some(0xF14), case_ref="L1", holder_id=ANN_RECORDS[0],
         address_text="1 Rowan Court")  # fmt: skip
    _add(connection, "document_link", id=some(0xF15), entity_type="tenancy", entity_id=TENANCY, uri="dms://1",
         title="Letter")  # fmt: skip
    earlier = {**SOURCE, "id": ANN_RECORDS[0], "person_ref": "P0", "surname": "Rushton", "replaced_run_id": 2}
    connection.execute(insert(history_of(current("person"))), earlier)
    _add(connection, "alert", id=some(0xF16), person_id=OTHER, alert_type_code="other", description="other's dog")
    once = {**SOURCE, "id": some(0xF16), "person_id": ANN_RECORDS[1], "alert_type_code": "other", "replaced_run_id": 2}
    connection.execute(insert(history_of(current("alert"))), {**once, "description": "taken for Ann's"})
    moved = {**SOURCE, "id": some(0xF04), "person_id": OTHER, "contact_type_code": "email", "replaced_run_id": 2}
    connection.execute(insert(history_of(current("contact_method"))), {**moved, "value": "other@b"})
    connection.execute(
        insert(history_of(current("contact_method"))), {**moved, "person_id": ANN_RECORDS[1], "value": "ann@b"}
    )


@pytest.fixture(scope="module")
def api(postgres: str, settings: ApiSettings, key: Ed25519PrivateKey) -> Iterator[Api]:
    url = create_database(postgres, "api_subject")
    schema.migrate(url)
    fill(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        _more(connection)
    engine.dispose()
    api = Api(replace(settings, database_url=url), key)
    yield api
    api.close()
    drop_database(postgres, "api_subject")


def ids(told: dict[str, Any], path: str) -> set[str]:
    return {one["record"]["id"] for one in told["sources"].get(path, [])}


def test_all_records_of_a_person_are_told_with_their_origins(api: Api) -> None:
    told = api.get(f"/v1/people/{ANN}/subject-access", SCOPE).json()
    assert ids(told, "person-records") == {str(one) for one in ANN_RECORDS}
    assert ids(told, "tenancies") == {str(TENANCY)}
    assert ids(told, "rent-accounts") == {str(ACCOUNT)}
    assert len(told["sources"]["rent-transactions"]) == 120
    assert ids(told, "contact-methods") == {str(some(0xF03)), str(some(0xF04))}
    assert ids(told, "work-orders") == {str(ORDER)}
    for path in ("housing-applications", "hmo-licences", "document-links"):
        assert len(told["sources"][path]) == 1, path
    account = told["sources"]["rent-accounts"][0]
    assert account["origin"] == {
        "system": "tenancy", "table": "people", "key": "k", "row": 1, "run": 1,
        "read_at": "2026-01-01T06:00:00+00:00",
    }  # fmt: skip
    assert account["record"]["weekly_rent"] == "105.50"
    [golden] = told["golden"]["people"]
    assert golden["record"]["national_insurance_number"] == "QQ123456C"
    assert golden["earlier"][0]["record"]["surname"] == "Rushton"
    assert told["records"] == sum(len(some) for some in (*told["sources"].values(), *told["golden"].values()))


def test_earlier_versions_come_along(api: Api) -> None:
    told = api.get(f"/v1/people/{ANN}/subject-access", SCOPE).json()
    earlier = [one["earlier"] for one in told["sources"]["person-records"] if one["earlier"]]
    assert [version["record"]["surname"] for [version] in earlier] == ["Rushton"]


def test_what_was_taken_for_theirs_is_told_as_it_was_then(api: Api) -> None:
    theirs, others = api.get(f"/v1/people/{ANN}/subject-access", SCOPE).json()["sources"]["alerts"]
    assert (theirs["record"]["description"], theirs["earlier"]) == ("dog", [])
    assert others["record"] is None
    assert [version["record"]["description"] for version in others["earlier"]] == ["taken for Ann's"]


def test_nothing_of_the_joint_tenant_is_told(api: Api) -> None:
    text = api.get(f"/v1/people/{ANN}/subject-access", SCOPE).text
    assert "+447700900999" not in text
    assert "other@b" not in text
    assert "other's dog" not in text
    assert "ann@b" in text
    assert str(OTHER) not in text
    assert str(some(0xF12)) not in text
    assert "source_key" not in text
    assert "row_hash" not in text


def test_it_needs_a_scope_of_its_own_and_is_kept_by_the_audit(api: Api) -> None:
    every = "people:read people:name people:contact people:special people:money"
    assert api.get(f"/v1/people/{ANN}/subject-access", every).status_code == 403
    api.audit.reads.clear()
    told = api.get(f"/v1/people/{ANN}/subject-access", SCOPE, purpose="request 77").json()
    [read] = api.audit.reads
    assert (read.about.resource, read.about.purpose) == ("people/subject-access", "request 77")
    assert read.records == told["records"]
    assert {"people.surname", "rent-transactions.amount", "alerts.description"} <= set(read.about.fields)


@pytest.mark.parametrize(("identity", "status"), [(OLD_ANN, 200), (SPLIT, 410), (RETIRED, 404), (some(0x999), 404)])
def test_old_ids_lead_to_who_they_are_now(api: Api, identity: object, status: int) -> None:
    answer = api.get(f"/v1/people/{identity}/subject-access", SCOPE)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["id"] == str(ANN)


def test_a_person_with_little_is_told_as_well(api: Api) -> None:
    told = api.get(f"/v1/people/{BEN}/subject-access", SCOPE).json()
    assert (told["records"], told["sources"]) == (1, {"person-records": []})


def test_what_is_left_out_is_in_the_model() -> None:
    known = {(one.table, one.column) for one in held.references()}
    assert set(held.LEFT_OUT) <= known
    assert {one.target for one in held.references()} == set(held.FOLLOWED)
