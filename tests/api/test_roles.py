"""Generated: roles, fields and every way out. Each role lacks one scope, and is told nothing of what it opens.

``test_leaks`` asks records and lists; here are the feed, exports and search.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scopes import SCHEDULING, every_scope, scope_of
from api.settings import ApiSettings
from canonical_model.finding import SEARCHED
from canonical_model.resources import RESOURCES
from tests.api.conftest import Api

EVERY = frozenset(every_scope()) - {"people:subject-access"} - SCHEDULING.keys()
ROLES = {f"all but {scope}": EVERY - {scope} for scope in sorted(EVERY) if scope != "exports:make"}
CLASSES = {scope_of(resource, field.klass) for resource in RESOURCES.values() for field in resource.fields}


@pytest.fixture(scope="module")
def api(settings: ApiSettings, key: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    api = Api(replace(settings, folder=tmp_path_factory.mktemp("exports"), requests_per_minute=10**6, burst=10**6), key)
    yield api
    api.close()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_follows_exports_and_searches_nothing_that_it_may_not_read(api: Api, role: str) -> None:
    missing, scopes = role.removeprefix("all but "), " ".join(sorted(ROLES[role]))
    for path, resource in RESOURCES.items():
        if resource.word != missing.partition(":")[0]:
            continue
        for field in resource.fields:
            if scope_of(resource, field.klass) != missing:
                continue
            name = field.name
            _is_refused(api, scopes, missing, "GET", f"/v1/changes?entity={path}&fields={name}")
            for wanted in ({"fields": ["id", name]}, {"filters": {name: "1"}}, {"filters": {f"{name}[null]": "true"}}):
                _is_refused(api, scopes, missing, "POST", "/v1/exports", {"resource": path, **wanted})
            if path in SEARCHED:
                _is_refused(api, scopes, missing, "GET", f"/v1/{path}/search?q=marsh&fields={name}")
                if name in SEARCHED[path]:
                    _is_refused(api, scopes, missing, "GET", f"/v1/{path}/search?q=marsh")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_is_fed_no_field_that_it_may_not_read(api: Api, role: str) -> None:
    missing, scopes = role.removeprefix("all but "), " ".join(sorted(ROLES[role]))
    after: str | None = None
    while True:
        cursor = f"&after={after}" if after else ""
        told = api.get(f"/v1/changes?include=record&limit=500{cursor}", scopes).json()
        for change in told["data"]:
            resource = RESOURCES[change["entity"]]
            assert scope_of(resource, "open") != missing
            seen = {field.name for field in resource.fields if scope_of(resource, field.klass) != missing}
            assert set(change["record"] or ()) <= seen
        after = told["next"]
        if not told["more"]:
            return


def test_every_scope_of_a_class_opens_a_field() -> None:
    assert {scope for scope in EVERY if scope != "exports:make"} == CLASSES


def _is_refused(
    api: Api, scopes: str, missing: str, method: str, path: str, body: dict[str, Any] | None = None
) -> None:
    answer = api.ask(method, path, scopes, content=json.dumps(body).encode() if body else None)
    assert (answer.status_code, answer.json().get("scope")) == (403, missing), f"{method} {path} {body}"
