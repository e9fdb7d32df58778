"""Webhooks: a client has changes sent to an address of its own, as signed messages (standardwebhooks.com).

A subscription follows the resources that the client may read when it subscribes. A message holds what the feed holds
without records: who wants a record reads it with a token. The secret is made from the API's own and the subscription's
id, so none is kept.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.asking import record_id
from api.feed import PATHS, TheFeed, followed
from api.problems import Problem
from api.resources import JSON
from api.service import TheCaller, TheService

MOST_WEBHOOKS = 20
"""Of one client."""
LONGEST_URL = 2_000
URL = (
    r"^https://[A-Za-z0-9][A-Za-z0-9.-]*(:([1-5]?[0-9]{1,4}|6[0-4][0-9]{3}))?"
    r"(/([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$"
)
"""The letters of a path and a query are those of RFC 3986."""
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""Addresses that stand for any IPv4 address behind a translator (RFC 6052, RFC 8215)."""
router = APIRouter(prefix="/v1/webhooks")

SUBSCRIBE = """
INSERT INTO api.webhook (client_id, url, entities, position)
SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM api.webhook WHERE client_id = $1) < $5
RETURNING *
"""
LISTED = "SELECT * FROM api.webhook WHERE client_id = $1 AND devices IS NULL ORDER BY created_at, id"
REMOVE = "DELETE FROM api.webhook WHERE client_id = $1 AND id = $2 AND devices IS NULL RETURNING id"
RESUME = """
UPDATE api.webhook SET status = 'active', message = NULL, failures = 0, failing_since = NULL, next_at = now(),
    position = coalesce($3, position)
WHERE client_id = $1 AND id = $2 AND devices IS NULL RETURNING *
"""


class Subscription(BaseModel):
    """What a client asks for: where to, and which resources; all that it may read where it names none."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=LONGEST_URL)]
    entity: Annotated[list[str], Field(min_length=1, max_length=len(PATHS))] | None = None


@router.post("", status_code=201)
async def subscribe(
    asked: Subscription, request: Request, service: TheService, caller: TheCaller, feed: TheFeed
) -> Response:
    """A new subscription, from now on, with its secret: this is the one time that it is told."""
    check_url(asked.url, private=service.settings.private_webhooks)
    entities = [
        sight.resource.table for sight in followed(caller.scopes, ",".join(asked.entity) if asked.entity else None)
    ]
    place = await feed.place(caller.client_id, "now")
    row = await service.pool.fetchrow(
        SUBSCRIBE, caller.client_id, asked.url, entities, place.numbers, MOST_WEBHOOKS
    )  # fmt: skip
    if row is None:
        raise Problem("conflict", f"A client has {MOST_WEBHOOKS} webhooks at most. Delete one first.")
    told = {**_told(row), "secret": secret_text(webhook_secret(service.settings.secret, row["id"]))}
    return _answer(request, told, 201, location=f"/v1/webhooks/{row['id']}")


@router.get("")
async def subscriptions(request: Request, service: TheService, caller: TheCaller) -> Response:
    """The caller's subscriptions, and how each is doing."""
    rows = await service.pool.fetch(LISTED, caller.client_id)
    return _answer(request, {"data": [_told(row) for row in rows], "next": None})


@router.delete("/{identity}", status_code=204)
async def unsubscribe(identity: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """Ends a subscription."""
    if await service.pool.fetchval(REMOVE, caller.client_id, record_id(identity)) is None:
        raise _missing()
    return Response(status_code=204, headers={"ratelimit": request.state.rate_limit})


@router.post("/{identity}/resume")
async def resume(
    identity: str, request: Request, service: TheService, caller: TheCaller, feed: TheFeed,
    after: Annotated[str | None, Query(max_length=LONGEST_URL)] = None,
) -> Response:  # fmt: skip
    """Sends again what a subscription waits for, or from a cursor of the feed on; a disabled one is active again."""
    place = None if after is None else (await feed.place(caller.client_id, after)).numbers
    row = await service.pool.fetchrow(RESUME, caller.client_id, record_id(identity), place)
    if row is None:
        raise _missing()
    return _answer(request, _told(row))


def check_url(url: str, *, private: bool) -> None:
    """Raises Problem 400 where messages cannot be sent to that address; ``private``: plain HTTP and inner hosts too."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _bad_url("is not a web address") from None
    if parts.scheme not in (("https", "http") if private else ("https",)):
        raise _bad_url("begins with https://")
    if not host or parts.username is not None or parts.password is not None or not url.isascii() or " " in url:
        raise _bad_url("has a host, no user and no password, and is of ASCII letters")
    if not private and not re.fullmatch(URL, url):
        raise _bad_url("has a host of letters, digits, dots and dashes, and a path as RFC 3986 has it or none")
    if not private and _is_address(host) and not is_public(host):
        raise _bad_url("leads to a public address")


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's on the internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip.sixtofour or ip.teredo or any(ip in network for network in TRANSLATED):
            return False
        if ip.scope_id is not None:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def webhook_secret(secret: bytes, identity: UUID) -> bytes:
    """The key that a subscription's messages are signed with."""
    return HKDF(SHA256(), 32, identity.bytes, b"housing-hub webhook").derive(secret)


def secret_text(key: bytes) -> str:
    """The key as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(key).decode()}"


def signed_headers(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message that was signed at that time."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bad_url(rule: str) -> Problem:
    return Problem("bad-value", f"The url of a webhook {rule}.", parameter="url")


def _missing() -> Problem:
    return Problem("not-found", "The client has no webhook of that id.")


def _told(row: Any) -> dict[str, Any]:
    entities: Sequence[str] = row["entities"]
    return {
        "id": str(row["id"]), "url": row["url"], "entity": sorted(PATHS[table] for table in entities),
        "status": row["status"], "message": row["message"], "created_at": row["created_at"],
        "delivered_at": row["delivered_at"], "failures": row["failures"], "failing_since": row["failing_since"],
    }  # fmt: skip


def _answer(request: Request, told: dict[str, Any], status: int = 200, **headers: str) -> Response:
    sent = {"cache-control": "no-store", "ratelimit": request.state.rate_limit, **headers}
    return Response(orjson.dumps(told), status, sent, JSON)
