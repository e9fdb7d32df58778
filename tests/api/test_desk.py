"""Tokens of the embedded issuer: for whom, with which scopes, and what bad requests get."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import clients
from api.clients import Client
from api.desk import FORM
from api.issuer import Issuer
from api.keys import key_id
from api.settings import ApiSettings
from api.tokens import Verifier, public_keys
from services.databases import create_database, drop_database
from tests.api.conftest import Api

URL, AUDIENCE = "https://hub.example", "housing-hub"
SCOPES = frozenset({"people:read", "people:name"})


class Town:
    """The API with its own issuer and one client of it."""

    def __init__(self, api: Api, url: str, key: Ed25519PrivateKey) -> None:
        self.api, self.key = api, key
        self.connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
        self.secret = clients.add(self.connection, Client("portal", SCOPES, "Tenants' portal"))

    def ask(self, form: str | None = None, **headers: str) -> httpx.Response:
        form = form or f"grant_type=client_credentials&client_id=portal&client_secret={self.secret}"
        sent = {"content-type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
        asking = self.api._client.request("POST", "/oauth/token", headers=sent, content=form)
        return self.api._runner.run(asking)


@pytest.fixture(scope="module")
def town(postgres: str, empty_hub: str) -> Iterator[Town]:
    url = create_database(postgres, "api_desk", template=empty_hub)
    key = Ed25519PrivateKey.generate()
    settings = ApiSettings(
        url, URL, AUDIENCE, {key_id(key.public_key()): key.public_key()}, b"s" * 32,
        embedded=Issuer(key, URL, AUDIENCE),
    )  # fmt: skip
    api = Api(settings, key)
    town = Town(api, url, key)
    yield town
    town.connection.close()
    api.close()
    drop_database(postgres, "api_desk")


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


def test_a_client_gets_a_token_that_the_api_takes(town: Town) -> None:
    answer = town.ask()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "people:name people:read")
    page = town.api.get("/v1/people?fields=id,surname", authorization=f"Bearer {told['access_token']}")
    assert (page.status_code, page.json()) == (200, {"data": [], "next": None})
    said = claims(told["access_token"])
    assert (said["exp"] - said["iat"], said["purpose"], said["aud"]) == (600, "Tenants' portal", AUDIENCE)


def test_basic_authentication_does_too(town: Town) -> None:
    answer = town.ask("grant_type=client_credentials", authorization=basic("portal", town.secret))
    assert answer.status_code == 200


def test_scopes_are_cut_to_what_the_client_has(town: Town) -> None:
    form = f"grant_type=client_credentials&client_id=portal&client_secret={town.secret}"
    assert town.ask(f"{form}&scope=people:read+people:special").json()["scope"] == "people:read"
    for scope in ("people:all", "people:special", "people:read+nothing"):
        answer = town.ask(f"{form}&scope={scope}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ("grant_type=password&client_id=portal&client_secret=x", {}, 400, "unsupported_grant_type"),
        ("client_id=portal&client_secret=x", {}, 400, "invalid_request"),
        ("grant_type=client_credentials", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=portal&client_secret=wrong", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=nobody&client_secret=wrong", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=%00&client_secret=wrong", {}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Basic !"}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Basic bm9jb2xvbg=="}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_secret=x", {"authorization": basic("portal", "x")}, 400,
         "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", {}, 400, "invalid_request"),
        ("%ff=%ff", {}, 400, "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(20)), {}, 400, "invalid_request"),
        ("{}", {"content_type": "application/json"}, 415, "invalid_request"),
    ],
)  # fmt: skip
def test_bad_requests_are_problems_with_the_standards_error(
    town: Town, form: str, headers: dict[str, str], status: int, error: str
) -> None:
    answer = town.ask(form, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "wrong" not in answer.text


def test_a_client_that_is_revoked_gets_none(town: Town) -> None:
    secret = clients.add(town.connection, Client("leaver", SCOPES, "a purpose"))
    form = f"grant_type=client_credentials&client_id=leaver&client_secret={secret}"
    assert town.ask(form).status_code == 200
    clients.revoke(town.connection, "leaver")
    assert town.ask(form).status_code == 401


def test_secrets_cannot_be_tried_without_end(town: Town) -> None:
    form = "grant_type=client_credentials&client_id=guessed&client_secret=wrong"
    answers = [town.ask(form) for _ in range(30)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_the_issuer_tells_its_key_and_what_it_can_do(town: Town) -> None:
    known = public_keys(town.api.get("/.well-known/jwks.json").json())
    caller = Verifier(known, URL, AUDIENCE).caller(f"Bearer {town.ask().json()['access_token']}")
    assert (caller.client_id, caller.scopes, caller.purpose) == ("portal", SCOPES, "Tenants' portal")
    told = town.api.get("/.well-known/oauth-authorization-server").json()
    assert (told["issuer"], told["token_endpoint"]) == (URL, f"{URL}/oauth/token")
    assert "people:special" in told["scopes_supported"]


def test_where_another_issuer_is_configured_this_one_is_off(settings: ApiSettings, key: Ed25519PrivateKey) -> None:
    api = Api(replace(settings, embedded=None), key)
    assert api.ask("POST", "/oauth/token", content="").status_code == 404
    assert api.get("/.well-known/jwks.json").status_code == 404
    api.close()
