"""Operatives' messages by webhook: signed and sent again as the canonical API's are (``api.deliveries``)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.device_messages import last_message
from api.problems import Problem
from api.scheduling import answers
from api.scheduling.answers import documented
from api.scheduling.told import answer
from api.scheduling.values import Body, Ref
from api.scopes import SCHEDULING_DEVICE, require
from api.service import TheCaller, TheService
from api.webhooks import LONGEST_URL, MOST_WEBHOOKS, URL, check_url, secret_text, webhook_secret

MOST_DEVICES = 500
"""That one subscription names; without names it has all."""
WHAT = "A webhook of devices"
router = APIRouter(prefix="/v1/scheduling/webhooks", tags=["Devices"])

SUBSCRIBE = """
INSERT INTO api.webhook (client_id, url, entities, devices, position)
SELECT $1, $2, '{}', $3, $4 WHERE (SELECT count(*) FROM api.webhook WHERE client_id = $1) < $5
RETURNING *
"""
LISTED = "SELECT * FROM api.webhook WHERE client_id = $1 AND devices IS NOT NULL ORDER BY created_at, id"
REMOVE = "DELETE FROM api.webhook WHERE client_id = $1 AND id = $2 AND devices IS NOT NULL RETURNING id"
RESUME = """
UPDATE api.webhook SET status = 'active', message = NULL, failures = 0, failing_since = NULL, next_at = now()
WHERE client_id = $1 AND id = $2 AND devices IS NOT NULL RETURNING *
"""


class DeviceSubscription(Body):
    """Where messages go, and of which devices; all of them, and the supervisor's, where none is named."""

    url: Annotated[str, Field(max_length=LONGEST_URL, json_schema_extra={"format": "uri", "pattern": URL})]
    operative_refs: Annotated[list[Ref], Field(min_length=1, max_length=MOST_DEVICES)] | None = None


@router.post("", **documented(answers.NewDeviceWebhook, 201))
async def subscribe(asked: DeviceSubscription, request: Request, service: TheService, caller: TheCaller) -> Response:
    """A new subscription, from now on, with its secret: this is the one time that it is told."""
    require(caller.scopes, SCHEDULING_DEVICE, WHAT)
    check_url(asked.url, private=service.settings.private_webhooks)
    place = await last_message(service.pool)
    row = await service.pool.fetchrow(
        SUBSCRIBE, caller.client_id, asked.url, asked.operative_refs or [], place.numbers, MOST_WEBHOOKS
    )
    if row is None:
        raise Problem("conflict", f"A client has {MOST_WEBHOOKS} webhooks at most. Delete one first.")
    told = {**webhook_told(row), "secret": secret_text(webhook_secret(service.settings.secret, row["id"]))}
    return answer(request, told, 201, location=f"/v1/scheduling/webhooks/{row['id']}")


@router.get("", **documented(answers.DeviceWebhooks))
async def subscriptions(request: Request, service: TheService, caller: TheCaller) -> Response:
    """The caller's subscriptions, and how each is doing."""
    require(caller.scopes, SCHEDULING_DEVICE, WHAT)
    rows = await service.pool.fetch(LISTED, caller.client_id)
    return answer(request, {"webhooks": [webhook_told(row) for row in rows]})


@router.delete("/{identity}", **documented(None, 204))
async def unsubscribe(identity: UUID, request: Request, service: TheService, caller: TheCaller) -> Response:
    """Ends a subscription."""
    require(caller.scopes, SCHEDULING_DEVICE, WHAT)
    if await service.pool.fetchval(REMOVE, caller.client_id, identity) is None:
        raise _missing()
    return Response(status_code=204, headers={"ratelimit": request.state.rate_limit})


@router.post("/{identity}/resume", **documented(answers.DeviceWebhook))
async def resume(identity: UUID, request: Request, service: TheService, caller: TheCaller) -> Response:
    """Sends again what a subscription waits for; a disabled one is active again."""
    require(caller.scopes, SCHEDULING_DEVICE, WHAT)
    row = await service.pool.fetchrow(RESUME, caller.client_id, identity)
    if row is None:
        raise _missing()
    return answer(request, webhook_told(row))


def webhook_told(row: Any) -> dict[str, Any]:
    """A subscription as JSON tells it."""
    return {
        "id": str(row["id"]), "url": row["url"], "operative_refs": row["devices"] or None, "status": row["status"],
        "message": row["message"], "created_at": row["created_at"], "delivered_at": row["delivered_at"],
        "failures": row["failures"], "failing_since": row["failing_since"],
    }  # fmt: skip


def _missing() -> Problem:
    return Problem("not-found", "The client has no webhook of that id.")
