"""Where fields come from, as far as the caller sees them."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.api.state import ANN, ANN_RECORDS, TENANCY, some


def test_a_golden_field_tells_what_each_record_had(api: Api) -> None:
    told = api.get(f"/v1/people/{ANN}/lineage?field=surname", "people:read people:name").json()
    assert [(one["value"], one["stands"], one["record"]) for one in told["origins"]] == [
        ("Marsh", True, str(ANN_RECORDS[0])),
        ("Marsch", False, str(ANN_RECORDS[1])),
    ]


def test_hidden_fields_have_no_lineage(api: Api) -> None:
    assert api.get(f"/v1/people/{ANN}/lineage", "people:read").json()["origins"] == []
    assert api.get(f"/v1/people/{ANN}/lineage?field=surname", "people:read").status_code == 403


def test_a_source_s_record_tells_system_columns_and_rules(api: Api) -> None:
    told = api.get(f"/v1/tenancies/{TENANCY}/lineage", "tenancies:read").json()
    assert (told["system"], told["table"], told["mapping_version"]) == ("tenancy", "people", "v")
    assert told["origins"] == [{"field": "tenancy_ref", "columns": ["tag_ref"], "rule": "text", "raw": None}]
    assert "key" not in told
    told = api.get(f"/v1/tenancies/{TENANCY}/lineage", "tenancies:read tenancies:name").json()
    assert (told["key"], [one["field"] for one in told["origins"]]) == ("k", ["tenancy_ref", "payment_ref"])


def test_what_there_is_not_has_no_lineage(api: Api) -> None:
    for path in (f"people/{some(0x999)}", f"tenancies/{some(0x999)}"):
        assert api.get(f"/v1/{path}/lineage", "people:read tenancies:read").status_code == 404
    assert api.get(f"/v1/people/{ANN}/lineage?more=1", "people:read").status_code == 400
