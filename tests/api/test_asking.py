"""Values have one form each, which the description tells; what no comparison could want is refused."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api

SCOPES = "people:read people:name people:special tenancies:read places:read rents:read rents:money"


@pytest.mark.parametrize(
    "query",
    [
        "tenancies?start_date=20200406",
        "tenancies?start_date=2020-W15-1",
        "tenancies?start_date=2020-02-30",
        "tenancies?at=20260101T120000Z",
        "tenancies?at=2026-01-01T12:00:00",
        "tenancies?at=0001-01-01T00:00:00%2B23:59",
        "tenancies?at=2026-13-01T12:00:00Z",
        "places?postcode=" + "x" * 1_001,
        "places?postcode=a%00b",
        "places?postcode[in]=a," + "x" * 1_001,
        "rent-transactions?amount=1e3",
        "people?fields=" + ",".join(["id"] * 200),
        "people?include=" + ",".join(["records"] * 6),
        "places?uprn=99999999999999999999",
    ],
)
def test_a_value_that_is_not_of_its_form_is_refused(api: Api, query: str) -> None:
    answer = api.get(f"/v1/{query}", SCOPES)
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs#problem-bad-value")
    assert "xxx" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "tenancies?start_date=2020-04-06",
        "tenancies?at=2026-01-01T12:00:00.5Z",
        "tenancies?at=2026-01-01t12:00:00%2B01:00",
        "places?postcode=" + "x" * 1_000,
        "rent-transactions?amount=10",
        "people?fields=id,id",
    ],
)
def test_a_value_of_its_form_is_taken(api: Api, query: str) -> None:
    assert api.get(f"/v1/{query}", SCOPES).status_code == 200
