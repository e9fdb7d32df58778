"""Lookup by a key and search by words, for those who may see what they ask by."""

from __future__ import annotations

import json

import pytest

from canonical_model import finding
from canonical_model.identifiers import SCHEMES
from tests.api.conftest import Api
from tests.api.state import ACCOUNT, ANN, BEN, HOME, HOME_RECORD, TENANCY

NAMES = "people:read people:name"


def found(api: Api, scheme: str, value: str, scopes: str) -> set[tuple[str, str]]:
    answer = api.get(f"/v1/lookup?scheme={scheme}&value={value}", scopes)
    return {(one["resource"], one["id"]) for one in answer.json()["data"]}


def test_a_uprn_leads_to_the_place_and_its_records(api: Api) -> None:
    assert found(api, "uprn", "100012345678", "places:read") == {
        ("places", str(HOME)),
        ("asset-records", str(HOME_RECORD)),
    }


def test_an_identifier_leads_to_what_it_identifies_and_to_the_golden_record(api: Api) -> None:
    (one,) = api.get("/v1/lookup?scheme=block_ref&value=B77", "places:read").json()["data"]
    assert (one["href"], one["golden"]["href"]) == (f"/v1/asset-records/{HOME_RECORD}", f"/v1/places/{HOME}")


def test_a_payment_reference_finds_what_the_caller_sees(api: Api) -> None:
    rents, tenancies = "rents:read rents:name", "tenancies:read tenancies:name"
    assert found(api, "payment_ref", "9900012", rents) == {("rent-accounts", str(ACCOUNT))}
    assert found(api, "payment_ref", "9900012", f"{rents} {tenancies}") == {
        ("rent-accounts", str(ACCOUNT)),
        ("tenancies", str(TENANCY)),
    }
    answer = api.get("/v1/lookup?scheme=payment_ref&value=9900012", "rents:read")
    assert (answer.status_code, answer.json()["scope"]) == (403, "rents:name")
    assert "9900012" not in answer.text
    assert found(api, "payment_ref", "9900012", f"rents:read {tenancies}") == {("tenancies", str(TENANCY))}


def test_every_kind_of_key_can_be_looked_up(api: Api) -> None:
    assert set(SCHEMES) == set(finding.SCHEMES)
    special = "identifiers:read identifiers:special"
    assert found(api, "gas_safe_ref", "512345", f"places:read {special}") == {("asset-records", str(HOME_RECORD))}
    answer = api.get("/v1/lookup?scheme=gas_safe_ref&value=512345", "places:read identifiers:read")
    assert (answer.status_code, answer.json()["scope"]) == (403, "identifiers:special")


def test_a_question_can_be_sent_as_a_body(api: Api) -> None:
    body = json.dumps({"scheme": "national_insurance_number", "value": "QQ123456C"})
    api.audit.reads.clear()
    answer = api.ask("POST", "/v1/lookup", "people:read people:special", content=body, content_type="application/json")
    assert [one["id"] for one in answer.json()["data"]] == [str(ANN)]
    kept = [(one.about.resource, one.about.fields) for one in api.audit.reads]
    assert kept == [("lookup", ("national_insurance_number",))]


def test_people_are_found_by_words_of_their_names(api: Api) -> None:
    told = api.get("/v1/people/search?q=ben%20okafr&fields=id,full_name", NAMES).json()["data"]
    assert told == [{"id": str(BEN), "full_name": "Ben Okafor"}]
    assert api.get("/v1/people/search?q=Marsch", NAMES).json()["data"] == [], "one who has ended is not found"


def test_places_are_found_by_their_addresses(api: Api) -> None:
    told = api.get("/v1/places/search?q=12%20rowan%20court&limit=5", "places:read").json()["data"]
    assert [one["id"] for one in told] == [str(HOME)]


def test_a_search_is_kept_with_the_fields_it_went_by(api: Api) -> None:
    api.audit.reads.clear()
    api.get("/v1/people/search?q=Okafor&fields=id", NAMES)
    assert api.audit.reads[0].about.fields == ("full_name", "preferred_name", "surname")


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        ("/v1/people/search?q=Marsh", "people:read", 403),
        ("/v1/people/search?q=Marsh&fields=mobile", NAMES, 403),
        ("/v1/people/search?q=M", NAMES, 400),
        ("/v1/people/search?q=" + "m" * 200, NAMES, 400),
        ("/v1/people/search?q=Marsh" + "%20" * 100, NAMES, 400),
        ("/v1/people/search", NAMES, 400),
        ("/v1/people/search?q=Marsh&surname=Marsh", NAMES, 400),
        ("/v1/people/search?q=Marsh&limit=0", NAMES, 400),
        ("/v1/tenancies/search?q=Marsh", "tenancies:read", 404),
        ("/v1/lookup?scheme=shoe&value=9", "places:read", 400),
        ("/v1/lookup?scheme=uprn&value=" + "9" * 2_000, "places:read", 400),
        ("/v1/lookup?scheme=uprn", "places:read", 400),
        ("/v1/lookup?scheme=uprn&value=1&more=1", "places:read", 400),
        ("/v1/lookup?scheme=uprn&value=1", "people:read", 403),
    ],
)
def test_what_cannot_be_found_so_is_told(api: Api, path: str, scopes: str, status: int) -> None:
    answer = api.get(path, scopes)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert "Marsh" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{", "application/json", 400), (b'{"q": [1]}', "application/json", 400), (b"q=Marsh", "text/plain", 415)],
)
def test_a_body_that_is_no_question_is_told(api: Api, content: bytes, kind: str, status: int) -> None:
    assert api.ask("POST", "/v1/people/search", NAMES, content=content, content_type=kind).status_code == status


@pytest.mark.parametrize(("limit", "status"), [("1", 200), ("1.0", 200), ("1.5", 400), ("true", 400), ('"1"', 400)])
def test_a_number_is_whole_however_json_writes_it(api: Api, limit: str, status: int) -> None:
    content = f'{{"q": "marsh", "limit": {limit}}}'.encode()
    answer = api.ask("POST", "/v1/people/search", NAMES, content=content, content_type="application/json")
    assert answer.status_code == status
