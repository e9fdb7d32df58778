"""What is on its way out is told with every answer that uses it, in the description and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.deprecations import DEPRECATED, Deprecation
from api.docs import PAGE
from api.settings import ApiSettings
from tests.api.conftest import Api
from tests.api.state import ANN, HOME, TENANCY

SINCE, SUNSET = date(2026, 4, 1), date(2027, 10, 1)
SAID = ("@1775001600", "Fri, 01 Oct 2027 00:00:00 GMT")
DECLARED = (
    Deprecation("tenancies", SINCE, SUNSET, "Use rent-accounts."),
    Deprecation("places", SINCE, SUNSET, "Use asset_type_code.", "postcode"),
    Deprecation("people", SINCE, SUNSET, "Ask for the record itself.", "include"),
)
SCOPES = "people:read people:name people:contact places:read tenancies:read"


@pytest.fixture(scope="module", params=[True, False])
def outdated(settings: ApiSettings, key: Ed25519PrivateKey, request: pytest.FixtureRequest) -> Iterator[Api]:
    api = Api(replace(settings, deprecated=DECLARED, hot_path=request.param), key)
    yield api
    api.close()


@pytest.mark.parametrize(
    ("path", "used"),
    [
        ("tenancies", True),
        (f"tenancies/{TENANCY}?fields=id", True),
        (f"tenancies/{TENANCY}/lineage", True),
        ("places", True),
        (f"places/{HOME}", True),
        ("places?fields=id,postcode", True),
        ("places?fields=id&postcode=HB1%202AB", True),
        ("places?fields=id&postcode[in]=HB1", True),
        ("places?fields=id&sort=-postcode", True),
        (f"places/{HOME}/lineage?field=postcode", True),
        ("places?postcode=HB1&limit=0", True),
        (f"tenancies/{HOME}", True),
        ("tenancies?fields=colour", True),
        ("places?fields=id", False),
        (f"people/{ANN}?include=asset", True),
        (f"people/{ANN}", False),
        ("rent-accounts", False),
        ("changes", False),
    ],
)
def test_an_answer_says_that_what_it_uses_goes(outdated: Api, path: str, used: bool) -> None:
    headers = outdated.get(f"/v1/{path}", SCOPES).headers
    assert (headers.get("deprecation"), headers.get("sunset")) == (SAID if used else (None, None))
    assert ('rel="deprecation"' in headers.get("link", "")) == used


def test_the_description_marks_it(outdated: Api) -> None:
    told = outdated.get("/v1/openapi.json").json()
    assert told["paths"]["/v1/tenancies"]["get"]["deprecated"]
    assert told["paths"]["/v1/tenancies/{id}/lineage"]["get"]["deprecated"]
    field = told["components"]["schemas"]["Places"]["properties"]["postcode"]
    assert field["deprecated"]
    assert field["description"].startswith("Deprecated since 2026-04-01, may be gone from 2027-10-01 on. Use asset_")
    marked = {
        path: {one.get("name") for one in item["get"].get("parameters", ()) if one.get("deprecated")}
        for path, item in told["paths"].items() if "get" in item
    }  # fmt: skip
    assert marked["/v1/places"] == {"postcode"}
    assert marked["/v1/people"] == marked["/v1/people/{id}"] == {"include"}
    assert marked["/v1/households"] == set()
    assert [one["what"] for one in told["x-deprecated"]] == ["tenancies", "postcode of places", "include of people"]
    assert "x-deprecated" in PAGE.read_text()


def test_a_shared_parameter_is_marked_where_it_goes_alone(settings: ApiSettings, key: Ed25519PrivateKey) -> None:
    api = Api(replace(settings, deprecated=(Deprecation("people", SINCE, SUNSET, "Use the history.", "at"),)), key)
    told = api.get("/v1/openapi.json").json()
    assert "deprecated" not in told["components"]["parameters"]["at"]
    assert any(one.get("deprecated") for one in told["paths"]["/v1/people"]["get"]["parameters"])
    assert not any(one.get("deprecated") for one in told["paths"]["/v1/places"]["get"]["parameters"])
    assert "sunset" in api.get(f"/v1/people/{ANN}?at=2026-03-01T12:00:00Z", SCOPES).headers
    api.close()


def test_nothing_goes_without_a_year_s_notice() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Deprecation("people", SINCE, date(2026, 9, 1), "Use places.")
    with pytest.raises(ValueError, match="no resource"):
        Deprecation("peoples", SINCE, SUNSET, "Use people.")


def test_nothing_is_said_where_nothing_is_deprecated(api: Api) -> None:
    assert len({one.told for one in DEPRECATED}) == len(DEPRECATED)
    answer = api.get("/v1/places", SCOPES)
    assert ("deprecation" in answer.headers) == any(one.resource == "places" for one in DEPRECATED)
