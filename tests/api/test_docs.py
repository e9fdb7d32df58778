"""The API's description tells what is served: every path answers as described, and nothing comes from afar."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from api.app import ROUTERS
from api.bounds import bounded
from api.docs import PAGE, policy
from api.openapi import document
from api.problems import TITLES
from api.scopes import every_scope
from canonical_model.finding import SEARCHED
from canonical_model.resources import RESOURCES
from tests.api.conftest import Api
from tests.api.state import ACCOUNT, ANN, HOME, TENANCY

TOLD = bounded(document("https://hub.example/oauth/token"))
METHODS = ("get", "post", "put", "patch", "delete")
UNTOLD = {"/docs", "/v1/openapi.json"}
"""Pages that tell of the API themselves."""
EVERYTHING = " ".join(every_scope())


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(one) for one in part.values()))
    return set().union(*(references(one) for one in part)) if isinstance(part, list) else set()


def test_every_reference_leads_somewhere() -> None:
    for reference in references(TOLD):
        at: Any = TOLD
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


def test_every_operation_has_a_name_of_its_own_and_tells_its_errors() -> None:
    operations = [item[method] for item in TOLD["paths"].values() for method in METHODS if method in item]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) >= 3 * len(RESOURCES)
    assert all({"400", "401", "403", "429", "default"} < set(one["responses"]) for one in operations)
    assert all(any(status.startswith("2") for status in one["responses"]) for one in operations)
    assert all(one["summary"] and one["description"] and one["tags"] for one in operations)


def test_every_route_is_told_of_and_what_is_told_of_has_a_route() -> None:
    told = {(_plain(path), method) for path, item in TOLD["paths"].items() for method in METHODS if method in item}
    routes = [route for part in ROUTERS for route in part.routes if isinstance(route, Route)]
    made = {
        (_plain(route.path.replace("{path:resource}", path).replace("{path}/search", f"{path}/search")), method.lower())
        for route in routes
        for path in (RESOURCES if ":resource}" in route.path else SEARCHED if "{path}" in route.path else [""])
        for method in route.methods or ()
        if method != "HEAD" and route.path not in UNTOLD
    }
    assert told == made


def _plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


OPERATIONS = {
    item[method]["operationId"]: (method, path, item[method])
    for path, item in TOLD["paths"].items() for method in METHODS if method in item
}  # fmt: skip
LINKS = [
    (name, status, link)
    for name, (_, _, told) in OPERATIONS.items() for status, answer in told["responses"].items()
    for link in answer.get("links", {}).values()
]  # fmt: skip


def test_every_list_leads_to_its_records_and_every_record_to_where_it_comes_from() -> None:
    assert {(name, link["operationId"]) for name, _, link in LINKS} == {
        *((f"list-{path}", f"get-{path}") for path in RESOURCES),
        *((f"get-{path}", f"lineage-of-{path}") for path in RESOURCES),
        *(("create-webhook", f"{what}-webhook") for what in ("resume", "delete")),
        *(("create-export", f"{what}-export") for what in ("get", "delete")),
    }


def test_a_link_takes_what_its_answer_tells_and_gives_what_its_operation_takes() -> None:
    for name, status, link in LINKS:
        answer = OPERATIONS[name][2]["responses"][status]["content"]["application/json"]["example"]
        for parameter, place in link["parameters"].items():
            at: Any = answer
            for step in place.removeprefix("$response.body#/").split("/"):
                at = at[int(step)] if isinstance(at, list) else at[step]
            assert UUID(at)
            assert f"{{{parameter}}}" in OPERATIONS[link["operationId"]][1]


def test_the_links_of_a_list_can_be_followed(api: Api) -> None:
    followed = 0
    for path in RESOURCES:
        if listed := api.get(f"/v1/{path}?limit=1", EVERYTHING).json()["data"]:
            record = api.get(f"/v1/{path}/{listed[0]['id']}", EVERYTHING)
            assert record.status_code == 200
            assert api.get(f"/v1/{path}/{record.json()['id']}/lineage", EVERYTHING).status_code == 200
            followed += 1
    assert followed > 5


def test_every_field_tells_its_class_its_scope_and_an_example() -> None:
    for resource in RESOURCES.values():
        name = "".join(word.capitalize() for word in resource.path.split("-"))
        told = TOLD["components"]["schemas"][name]["properties"]
        for field in resource.fields:
            assert told[field.name]["x-class"] == field.klass
            assert told[field.name]["x-scope"] in every_scope()
            assert Draft202012Validator(told[field.name]).is_valid(told[field.name]["examples"][0])
            assert told[field.name]["description"]


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_resource_answers_as_described(api: Api, path: str) -> None:
    answer = api.get(f"/v1/{path}?limit=3", EVERYTHING)
    assert answer.status_code == 200
    assert _faults(TOLD["paths"][f"/v1/{path}"]["get"], answer.json()) == []


@pytest.mark.parametrize(
    "path",
    [
        f"people/{ANN}?include=asset,household,records",
        f"places/{HOME}?include=records",
        f"rent-accounts/{ACCOUNT}?include=tenancy",
        f"tenancies/{TENANCY}?include=tenancy_parties",
    ],
)
def test_a_record_with_what_comes_along_is_as_described(api: Api, path: str) -> None:
    told = TOLD["paths"][f"/v1/{path.partition('/')[0]}/{{id}}"]["get"]
    assert _faults(told, api.get(f"/v1/{path}", EVERYTHING).json()) == []


def _faults(operation: dict[str, Any], answer: Any) -> list[str]:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": TOLD["components"]})
    return [fault.message for fault in validator.iter_errors(answer)]


def test_the_description_is_served_with_the_paths_of_every_part(api: Api) -> None:
    served = api.get("/v1/openapi.json", authorization="").json()
    assert set(TOLD["paths"]) <= set(served["paths"])
    assert set(served["x-problems"]) == set(TITLES)


def test_the_page_needs_nothing_from_elsewhere_and_may_load_nothing(api: Api) -> None:
    answer = api.get("/docs", authorization="")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == policy()
    assert "default-src 'none'" in policy()
    assert re.findall(r"https?://|//[a-z]+\.|@import|<link", PAGE.read_text()) == []
