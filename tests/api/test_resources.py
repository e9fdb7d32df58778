"""Records and lists: what stands, what it was, who sees what of it, and what bad questions get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.settings import ApiSettings
from tests.api.conftest import Api
from tests.api.state import (
    ACCOUNT,
    ANN,
    ANN_RECORDS,
    BEN,
    ENDED,
    HOME,
    OLD_ANN,
    RETIRED,
    SPLIT,
    TENANCY,
    some,
)  # fmt: skip
from tests.api.tokens import token

PEOPLE, NAMES = "people:read", "people:read people:name"
RENTS = "rents:read rents:money"


@pytest.fixture(scope="module", params=[True, False], ids=["hot path", "framework"])
def api(request: pytest.FixtureRequest, settings: ApiSettings, key: Ed25519PrivateKey) -> Iterator[Api]:
    api = Api(replace(settings, hot_path=request.param), key)
    yield api
    api.close()


def test_a_record_has_the_fields_that_its_scopes_open(api: Api) -> None:
    told = api.get(f"/v1/people/{ANN}", PEOPLE).json()
    assert (told["id"], told["record_count"], told["flags"]) == (str(ANN), 2, [])
    assert not {"surname", "mobile", "national_insurance_number", "source_key", "run_id"} & set(told)
    assert api.get(f"/v1/people/{ANN}", NAMES).json()["surname"] == "Marsh"
    assert api.get(f"/v1/people/{ANN}", NAMES).json()["birth_date"] == "1980-02-03"


def test_money_is_a_text_with_two_decimals(api: Api) -> None:
    assert api.get(f"/v1/rent-accounts/{ACCOUNT}", RENTS).json()["weekly_rent"] == "105.50"


def test_a_record_that_did_not_change_is_not_sent_again(api: Api) -> None:
    first = api.get(f"/v1/people/{ANN}", PEOPLE)
    again = api.get(f"/v1/people/{ANN}", PEOPLE, if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["last-modified"] == "Fri, 02 Jan 2026 06:00:00 GMT"
    assert first.headers["cache-control"] == "private, no-cache"
    assert api.get(f"/v1/people/{ANN}", NAMES).headers["etag"] != first.headers["etag"]


def test_an_id_that_was_merged_leads_to_the_record(api: Api) -> None:
    answer = api.get(f"/v1/people/{OLD_ANN}", PEOPLE)
    assert (answer.status_code, answer.json()["id"]) == (200, str(ANN))
    assert answer.headers["content-location"] == f"/v1/people/{ANN}"


def test_an_id_that_was_divided_names_those_that_stand(api: Api) -> None:
    answer = api.get(f"/v1/people/{SPLIT}", PEOPLE)
    assert answer.status_code == 410
    assert set(answer.json()["now"]) == {f"/v1/people/{BEN}", f"/v1/people/{some(0xC00)}"}


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        (f"/v1/people/{RETIRED}", PEOPLE, 410),
        (f"/v1/tenancies/{ENDED}", "tenancies:read", 410),
        (f"/v1/people/{some(0x999)}", PEOPLE, 404),
        (f"/v1/tenancies/{some(0x999)}", "tenancies:read", 404),
        ("/v1/people/" + "x" * 36, PEOPLE, 400),
        ("/v1/people/1", PEOPLE, 400),
        ("/v1/persons", PEOPLE, 404),
    ],
)
def test_what_is_not_there_is_told(api: Api, path: str, scopes: str, status: int) -> None:
    answer = api.get(path, scopes)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_follow_one_another_to_the_end(api: Api) -> None:
    seen, path = [], "/v1/rent-transactions?limit=50"
    while path:
        page = api.get(path, RENTS).json()
        seen += [one["id"] for one in page["data"]]
        path = page["next"] and f"/v1/rent-transactions?limit=50&cursor={page['next']}"
    assert len(seen) == 120
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("sort", ["surname", "-surname", "id", "-id", "birth_date"])
def test_a_sorted_list_has_everybody_once_also_those_without_a_value(api: Api, sort: str) -> None:
    seen, cursor = [], ""
    while True:
        page = api.get(f"/v1/people?sort={sort}&limit=2{cursor}", NAMES).json()
        seen += page["data"]
        if not page["next"]:
            break
        cursor = f"&cursor={page['next']}"
    field = sort.removeprefix("-")
    values = [one[field] for one in seen]
    known = [value for value in values if value is not None]
    assert len({one["id"] for one in seen}) == len(seen) == 7
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert values == [*known, *[None] * (7 - len(known))] or sort.startswith("-")


@pytest.mark.parametrize(
    ("path", "scopes", "count"),
    [
        ("people?surname=Marsh", NAMES, 1),
        ("people?surname[null]=true", NAMES, 1),
        ("people?surname[in]=Marsh,Weaver%200", NAMES, 4),
        ("people?birth_date[gte]=1980-01-01&birth_date[lte]=1980-12-31", NAMES, 1),
        ("people?record_count[gte]=2", PEOPLE, 1),
        ("people?flags=capped", PEOPLE, 0),
        ("places?uprn=100012345678", "places:read", 1),
        ("places?is_active[null]=false", "places:read", 0),
        ("rent-transactions?amount[lte]=9.99&limit=500", RENTS, 10),
        ("rent-transactions?effective_date=2025-03-01", RENTS, 10),
        (f"rent-transactions?account_id={ACCOUNT}&limit=500", RENTS, 120),
        ("tenancies", "tenancies:read", 1),
    ],
)
def test_filters(api: Api, path: str, scopes: str, count: int) -> None:
    assert len(api.get(f"/v1/{path}", scopes).json()["data"]) == count


def test_sparse_fields_are_all_there_is(api: Api) -> None:
    assert api.get(f"/v1/people/{ANN}?fields=id,surname", NAMES).json() == {"id": str(ANN), "surname": "Marsh"}


def test_includes_bring_one_or_many(api: Api) -> None:
    scopes = "rents:read tenancies:read people:read"
    account = api.get(f"/v1/rent-accounts/{ACCOUNT}?include=tenancy", scopes).json()
    assert account["tenancy"]["tenancy_ref"] == "000123/01"
    assert "payment_ref" not in account["tenancy"]
    tenancy = api.get(f"/v1/tenancies/{TENANCY}?include=tenancy_parties,rent_accounts", scopes).json()
    assert [one["person_id"] for one in tenancy["tenancy_parties"]] == [str(ANN_RECORDS[0])]
    assert [one["id"] for one in tenancy["rent_accounts"]] == [str(ACCOUNT)]


def test_a_golden_record_brings_its_records_and_they_bring_it(api: Api) -> None:
    person = api.get(f"/v1/people/{ANN}?include=records", PEOPLE).json()
    assert {one["id"] for one in person["records"]} == {str(one) for one in ANN_RECORDS}
    assert api.get(f"/v1/person-records/{ANN_RECORDS[0]}?include=golden", PEOPLE).json()["golden"]["id"] == str(ANN)


def test_a_record_as_it_was(api: Api) -> None:
    then, now = "at=2026-01-01T12:00:00Z", "at=2026-02-01T00:00:00%2B01:00"
    assert api.get(f"/v1/people/{ANN}?{then}", NAMES).json()["surname"] == "Rushton"
    assert api.get(f"/v1/people/{ANN}?{now}", NAMES).json() == api.get(f"/v1/people/{ANN}", NAMES).json()
    assert api.get(f"/v1/people/{OLD_ANN}?{then}", NAMES).json()["surname"] == "Marsch"
    assert api.get(f"/v1/people/{ANN}?at=2025-12-31T00:00:00Z", NAMES).status_code == 404


def test_a_list_as_it_was(api: Api) -> None:
    def surnames(query: str) -> set[str]:
        return {one["surname"] for one in api.get(f"/v1/people?surname[null]=false{query}", NAMES).json()["data"]}

    assert surnames("&at=2026-01-01T12:00:00Z") == {"Rushton", "Marsch", "Weaver 0", "Weaver 1"}
    assert surnames("") == {"Marsh", "Weaver 0", "Weaver 1"}
    assert surnames("&at=2025-12-31T00:00:00Z") == set()
    assert len(api.get("/v1/tenancies?at=2026-01-01T12:00:00Z", "tenancies:read").json()["data"]) == 2


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("people", "people:read"),
        ("people?fields=id,surname", "people:name"),
        ("people?surname=Marsh", "people:name"),
        ("people?surname[null]=true", "people:name"),
        ("people?sort=surname", "people:name"),
        ("people?fields=mobile", "people:contact"),
        ("people?national_insurance_number=QQ123456C", "people:special"),
        ("people?include=asset", "people:contact"),
        ("rent-transactions?amount[gte]=10", "rents:money"),
        ("rent-accounts?include=tenancy", "tenancies:read"),
        ("asset-records?include=alerts", "contacts:read"),
    ],
)
def test_what_is_hidden_cannot_be_asked_for(api: Api, path: str, scope: str) -> None:
    word = {"people": "people:read", "rent-": "rents:read", "asset-": "places:read"}
    have = next(read for start, read in word.items() if path.startswith(start)) if scope != "people:read" else ""
    answer = api.get(f"/v1/{path}", have)
    assert (answer.status_code, answer.json()["scope"]) == (403, scope)
    assert "QQ123456C" not in answer.text
    assert scope in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("query", "kind", "named"),
    [
        ("limit=0", "bad-limit", "500"),
        ("limit=1000000", "bad-limit", "500"),
        ("limit=ten", "bad-limit", "500"),
        ("limit=-1", "bad-limit", "500"),
        ("fields=id,shoe_size", "unknown-field", "shoe_size"),
        ("shoe_size=9", "unknown-field", "shoe_size"),
        ("fields=", "unknown-field", ""),
        ("fields=run_id", "unknown-field", "run_id"),
        ("include=friends", "unknown-field", "friends"),
        ("sort=forename", "bad-value", "surname"),
        ("sort=age", "unknown-field", "age"),
        ("birth_date=03/02/1980", "bad-value", "birth_date"),
        ("record_count=99999999999999999999", "bad-value", "record_count"),
        ("id=1", "bad-value", "id"),
        ("surname=%00", "bad-value", "surname"),
        ("surname=%ff", "malformed", "UTF-8"),
        ("surname[gte]=M", "unknown-parameter", "surname"),
        ("surname[like]=M", "unknown-field", ""),
        ("sex_code=unicorn", "bad-value", "female"),
        ("surname=a&surname=b", "malformed", "twice"),
        ("at=yesterday", "bad-value", "at"),
        ("at=2026-01-01T00:00:00", "bad-value", "at"),
        ("cursor=forged", "bad-cursor", ""),
        ("include=" + ",".join(f"i{n}" for n in range(9)), "bad-value", "include"),
        ("cursor=", "bad-cursor", ""),
        ("cursor=a&cursor=b", "malformed", "twice"),
        ("&".join(f"f{n}=1" for n in range(99)), "malformed", "50"),
    ],
)
def test_a_bad_question_is_a_problem_that_names_what_is_wrong(api: Api, query: str, kind: str, named: str) -> None:
    answer = api.get(f"/v1/people?{query}", NAMES)
    told = json.loads(answer.content)
    assert (answer.status_code, told["type"]) == (400, f"/docs#problem-{kind}")
    assert named in told["detail"]


def test_a_record_has_no_filters(api: Api) -> None:
    assert api.get(f"/v1/people/{ANN}?surname=Marsh", NAMES).status_code == 400


def test_a_cursor_is_of_its_caller_and_its_list(api: Api) -> None:
    cursor = api.get("/v1/people?limit=2", PEOPLE).json()["next"]
    assert api.get(f"/v1/people?limit=5&cursor={cursor}", PEOPLE).status_code == 200
    assert api.get(f"/v1/people?limit=2&cursor={cursor}", PEOPLE, client="finance").status_code == 400
    assert api.get(f"/v1/people?record_count=1&cursor={cursor}", PEOPLE).status_code == 400
    assert api.get(f"/v1/places?cursor={cursor}", "places:read").status_code == 400


def test_reads_of_personal_fields_are_kept_before_the_answer(api: Api) -> None:
    api.audit.reads.clear()
    api.get(f"/v1/people/{ANN}?fields=id,surname", NAMES, purpose="tenancy visit")
    api.get("/v1/people?limit=3&fields=surname,birth_date,id", NAMES)
    kept = [
        (one.about.client_id, one.about.purpose, one.about.resource, one.about.fields, one.records)
        for one in api.audit.reads
    ]
    assert kept == [
        ("portal", "tenancy visit", "people", ("surname",), 1),
        ("portal", None, "people", ("surname", "birth_date"), 3),
    ]


def test_what_comes_along_is_kept_under_its_name(api: Api) -> None:
    api.audit.reads.clear()
    api.get(f"/v1/rent-accounts/{ACCOUNT}?include=tenancy&fields=id", "rents:read tenancies:read tenancies:name")
    assert api.audit.reads[0].about.fields == ("tenancy.payment_ref", "tenancy.succession_date")


@pytest.mark.parametrize("asked", ["surname=Marsh", "surname[null]=false", "sort=-surname"])
def test_what_a_list_is_filtered_and_sorted_by_is_kept_too(api: Api, asked: str) -> None:
    api.audit.reads.clear()
    assert api.get(f"/v1/people?fields=id&{asked}", NAMES).json()["data"]
    assert [one.about.fields for one in api.audit.reads] == [("surname",)]


def test_open_fields_are_not_kept(api: Api) -> None:
    api.audit.reads.clear()
    api.get(f"/v1/places/{HOME}", "places:read")
    api.get(f"/v1/people/{ANN}", PEOPLE)
    assert api.audit.reads == []


def test_without_a_good_token_nothing_is_told(api: Api, key: Ed25519PrivateKey) -> None:
    for said in ("", "Bearer nonsense", f"Bearer {token(key, exp=1)}", f"Bearer {token(Ed25519PrivateKey.generate())}"):
        answer = api.get(f"/v1/people/{ANN}", authorization=said)
        assert (answer.status_code, answer.json()["title"]) == (401, "A valid access token is needed")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_what_is_left_of_the_rate_is_told(api: Api) -> None:
    for path in (f"people/{ANN}", "people?limit=0", "people/nobody", "lookup", "changes", "changes?limit=0"):
        assert api.get(f"/v1/{path}", PEOPLE).headers["ratelimit"].startswith('"client";r='), path


def test_a_head_has_the_headers_of_a_get(api: Api) -> None:
    got, head = (api.ask(method, f"/v1/people/{ANN}", PEOPLE) for method in ("GET", "HEAD"))
    assert (head.content, head.headers["etag"]) == (b"", got.headers["etag"])
