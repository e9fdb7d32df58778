"""Where clients show their secret and get a token for some minutes: OAuth 2 client credentials (RFC 6749, 4.4).

An error is a problem document with the standard's ``error`` as a member.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from api.clients import BY_ID, NAME, Client, hashed, is_of
from api.issuer import Issuer
from api.limits import Limits
from api.problems import Problem
from api.scopes import every_scope
from api.service import TheService

FORM = "application/x-www-form-urlencoded"
TRIES_PER_MINUTE, TRIES_AT_ONCE = 10, 20
"""Of one client from one address."""
CHECKS_AT_ONCE = 2
"""Secrets that are checked at the same time: each takes 16 MiB and a core."""
MOST_PARAMETERS, LONGEST = 10, 4_000
NO_STORE = {"cache-control": "no-store"}
TEXT = {"type": "string", "maxLength": LONGEST}
ASKED = {
    "type": "object", "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"}, "scope": {**TEXT, "description": "Blanks between"},
        "client_id": {**TEXT, "description": "Where it does not stand in the Authorization header"},
        "client_secret": {**TEXT, "format": "password", "description": "Likewise"},
    },
}  # fmt: skip
router = APIRouter()


class Desk:
    """Where clients show their secrets: bounded in tries and in what a check costs."""

    def __init__(self) -> None:
        self._limits = Limits(TRIES_PER_MINUTE, TRIES_AT_ONCE)
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._nobody = hashed(secrets.token_hex(16))

    async def is_let_in(self, name: str, secret: str, kept: str | None, address: str) -> bool:
        """Whether the secret is the client's. It takes as long where there is no such client. Raises Problem 429."""
        self._limits.take(f"{name} {address}")
        async with self._checks:
            fits = await asyncio.to_thread(is_of, secret, kept or self._nobody)
        return fits and kept is not None


def desk_of(request: Request) -> Desk:
    """The worker's desk, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "desk"):
        state.desk = Desk()
    desk: Desk = state.desk
    return desk


def issuer_of(service: TheService) -> Issuer:
    """The embedded issuer. Raises Problem 404 where another one is configured."""
    if (issuer := service.settings.embedded) is None:
        raise Problem("not-found", f"Tokens of this API are issued by {service.settings.issuer}.")
    return issuer


TheIssuer = Annotated[Issuer, Depends(issuer_of)]


@router.post("/oauth/token")
async def a_token(
    request: Request, service: TheService, issuer: TheIssuer, desk: Annotated[Desk, Depends(desk_of)]
) -> Response:
    """A token for a client that shows its secret, as Basic authentication or in the form."""
    form = await _form(request)
    if form.get("grant_type") != "client_credentials":
        kind = "unsupported_grant_type" if "grant_type" in form else "invalid_request"
        raise _refused(kind, "grant_type is client_credentials.")
    name, secret = _credentials(request, form)
    row = await service.pool.fetchrow(BY_ID, name) if NAME.fullmatch(name) else None
    kept = row["secret_hash"] if row is not None and row["revoked_at"] is None else None
    if not await desk.is_let_in(name[:40], secret, kept, request.client.host if request.client else ""):
        raise _not_let_in("There is no client of that id and secret.")
    assert row is not None
    client = Client(name, frozenset(row["scopes"]), row["purpose"])
    scopes = _granted(form.get("scope"), client)
    token = issuer.token(client, scopes, time.time())
    told = {
        "access_token": token, "token_type": "Bearer", "expires_in": issuer.minutes * 60,
        "scope": " ".join(sorted(scopes)),
    }  # fmt: skip
    return JSONResponse(told, headers=NO_STORE)


@router.get("/.well-known/jwks.json")
async def the_keys(issuer: TheIssuer) -> Response:
    """The key that tokens are signed with."""
    return JSONResponse(issuer.key_set(), headers={"cache-control": "public, max-age=300"})


@router.get("/.well-known/oauth-authorization-server")
async def the_metadata(issuer: TheIssuer) -> Response:
    """What the issuer can do."""
    return JSONResponse(issuer.metadata(), headers={"cache-control": "public, max-age=300"})


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of the form. Raises Problem."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem("unsupported-media-type", f"The body is of type {FORM}.", error="invalid_request")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )  # fmt: skip
    except ValueError:
        raise _refused("invalid_request", "The body is not a percent-encoded form.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _refused("invalid_request", "A field is given twice.")
    if any(len(value) > LONGEST for value in form.values()):
        raise _refused("invalid_request", f"A field may be {LONGEST:,} characters long.")
    return form


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret: from the header or from the form, not from both. Raises Problem."""
    header = request.headers.get("authorization")
    if header is None:
        if not form.get("client_id") or not form.get("client_secret"):
            raise _not_let_in("Send client_id and client_secret, as Basic authentication or in the form.")
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise _refused("invalid_request", "The secret is given twice: in the header and in the form.")
    kind, _, encoded = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        name, secret = (unquote_plus(part, errors="strict") for part in (name, secret))
    except ValueError:
        name, colon, secret = "", "", ""
    if kind.lower() != "basic" or not colon:
        raise _not_let_in("The Authorization header is not Basic authentication.")
    return name, secret


def _granted(asked: str | None, client: Client) -> frozenset[str]:
    """The scopes that are asked for, cut to what the client has; all of its own where none are. Raises Problem."""
    if asked is None:
        return client.scopes
    wanted, known = frozenset(asked.split()), every_scope()
    if not wanted <= known.keys():
        raise _refused("invalid_scope", "A scope is asked for that there is not.", known=list(known))
    if not wanted & client.scopes:
        raise _refused("invalid_scope", "The client has none of the scopes that are asked for.")
    return wanted & client.scopes


def _refused(error: str, detail: str, **more: Any) -> Problem:
    return Problem("malformed", detail, error=error, error_description=detail, **more)


def _not_let_in(detail: str) -> Problem:
    challenge = {"www-authenticate": 'Basic realm="housing-hub", charset="UTF-8"'}
    return Problem("unauthorised", detail, headers=challenge, error="invalid_client", error_description=detail)
