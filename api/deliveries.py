"""The sending of webhooks: at least once, in the order of the log, again after a while where it failed.

Of all workers one sends: the one that holds an advisory lock, which falls with its connection. The window that a
message is of is written down before it is sent, so that a retry, of another worker too, is the same message with the
same id. While a message is not taken the next ones wait, so a record's changes never overtake one another.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from api.device_messages import LastMessage, next_message
from api.feed import Feed, may_follow, without_record
from api.problems import Problem
from api.scopes import SCHEDULING_DEVICE
from api.service import Service
from api.webhooks import check_url, is_public, signed_headers, webhook_secret
from canonical_model.changes import Place
from services import outside

LOCK = 0x68756277  # any number; the worker that has it sends
LOOK_SECONDS, ELECTION_SECONDS = 0.5, 5.0
IN_A_MESSAGE = 100
BACK_OFF = tuple(timedelta(seconds=wait) for wait in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""The waits after the first, second ... failure, as Standard Webhooks proposes."""
LONGEST_FAILURE = timedelta(days=5)
TIMEOUT = httpx.Timeout(15.0)
LONGEST_SECONDS = 30.0
"""Of one attempt, however slowly the receiver answers."""
LOOKUPS = 100
"""Hosts' names that are looked up at once, apart from the loop's few threads: dead name servers answer slowly."""
NOTED = timedelta(hours=1)
"""So often a place is written down where there was nothing to send."""
DATABASE_FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = logging.getLogger("api")

# What the issuer knows of a client counts now, not what its scopes were when it subscribed.
DUE = """
SELECT w.*, c.scopes FROM api.webhook w LEFT JOIN api.client c ON c.id = w.client_id
WHERE w.status = 'active' AND w.next_at <= now() AND c.revoked_at IS NULL
"""
# Nothing is noted where the client has moved or deleted the subscription meanwhile.
READING = "UPDATE api.webhook SET position = $3 WHERE id = $1 AND position = $2 RETURNING id"
TAKEN = """
UPDATE api.webhook SET position = $3, failures = 0, failing_since = NULL, delivered_at = now()
WHERE id = $1 AND position = $2 RETURNING id
"""
FAILED = """
UPDATE api.webhook SET failures = failures + 1, failing_since = coalesce(failing_since, now()), next_at = now() + $3
WHERE id = $1 AND position = $2
"""
DISABLE = "UPDATE api.webhook SET status = 'disabled', message = $3 WHERE id = $1 AND position = $2"


@dataclass(frozen=True)
class Webhook:
    """A subscription that is due."""

    id: UUID
    url: str
    tables: tuple[str, ...]
    place: Place | LastMessage
    failures: int = 0
    failing_since: datetime | None = None
    devices: tuple[str, ...] | None = None

    @classmethod
    def of(cls, row: Any) -> Webhook | None:
        """The subscription as its client may have it now; None where it may have nothing of it any more."""
        failing = {"failures": row["failures"], "failing_since": row["failing_since"]}
        if row["devices"] is not None:
            if row["scopes"] is not None and SCHEDULING_DEVICE not in row["scopes"]:
                return None
            return cls(row["id"], row["url"], (), LastMessage(*row["position"]), **failing, devices=(*row["devices"],))
        tables, place = row["entities"], Place.from_numbers(row["position"])
        if row["scopes"] is not None:
            tables = [table for table in tables if may_follow(table, frozenset(row["scopes"]))]
        return cls(row["id"], row["url"], tuple(tables), place, **failing)


@dataclass(frozen=True)
class Message:
    """What is sent: ``numbers`` tell it from every other of the subscription."""

    numbers: str
    kind: str
    at: datetime
    told: dict[str, Any]


@dataclass(frozen=True)
class Idle:
    """How far nothing was to be sent, beyond the place that is written down, and since when."""

    noted: Place | LastMessage
    now: Place | LastMessage
    since: datetime


class Refusal(Exception):
    """A message was not taken. ``for_good``: the receiver wants no more."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


class Deliveries:
    """The sender of one worker."""

    def __init__(self, service: Service, feed: Feed, client: httpx.AsyncClient, lookups: Executor) -> None:
        self._service, self._feed, self._client, self._lookups = service, feed, client, lookups
        self._at_work: dict[UUID, asyncio.Task[None]] = {}
        self._idle: dict[UUID, Idle] = {}

    async def run(self) -> None:
        """Sends while this worker has the lock, and waits for it while another one has."""
        while True:
            try:
                async with self._service.pool.acquire() as connection:
                    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                        await self._send_while_connected(connection)
            except DATABASE_FAULTS as error:
                log.warning("webhooks wait for the database: %s", type(error).__name__)
            await asyncio.sleep(ELECTION_SECONDS)

    async def _send_while_connected(self, connection: Any) -> None:
        outside.heed(await connection.fetchval(outside.MARK))
        try:
            while True:
                for row in await connection.fetch(DUE):
                    webhook = None if row["id"] in self._at_work else Webhook.of(row)
                    if webhook is not None:
                        self._begin(webhook)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._at_work.values():
                task.cancel()
            if not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)

    def _begin(self, webhook: Webhook) -> None:
        task = self._at_work[webhook.id] = asyncio.create_task(self._work(webhook))
        task.add_done_callback(lambda _: self._at_work.pop(webhook.id))

    async def _work(self, webhook: Webhook) -> None:
        """Sends what there is for a subscription, message by message."""
        more: Webhook | None = webhook
        try:
            while more is not None:
                more = await self._deliver(more)
        except DATABASE_FAULTS as error:
            log.warning("webhook %s waits for the database: %s", webhook.id, type(error).__name__)

    async def _deliver(self, webhook: Webhook) -> Webhook | None:
        """Sends one message; gives the subscription as it is then, None where nothing can be sent any more."""
        try:
            found, place, after = await self._message(webhook)
        except Problem as problem:  # retention took what was still to be sent
            await self._disable(webhook, problem.detail)
            return None
        if found is None:
            await self._rest(webhook, place)
            return None
        reading = replace(webhook, place=place)  # of changes: with the window that is being sent
        if place != webhook.place and not await self._note(READING, webhook, place.numbers):
            return None
        try:
            await self._send(reading, found)
        except Refusal as refusal:
            await self._failed(reading, refusal)
            return None
        except outside.Shut as shut:
            await self._disable(reading, str(shut))
            return None
        taken = await self._note(TAKEN, reading, after.numbers)
        return replace(webhook, place=after, failures=0, failing_since=None) if taken else None

    async def _message(self, webhook: Webhook) -> tuple[Message | None, Place | LastMessage, Place | LastMessage]:
        """The next message, the place that it is read from and the place after it; None where all were sent."""
        if isinstance(webhook.place, Place):
            return await self._changes(webhook, webhook.place)
        found = await next_message(self._service.pool, webhook.devices or (), webhook.place)
        if found is None:
            return None, webhook.place, webhook.place
        message = Message(f"{found.number}", "device-message", found.at, found.told)
        return message, webhook.place, LastMessage(found.number)

    async def _changes(self, webhook: Webhook, noted: Place) -> tuple[Message | None, Place, Place]:
        """Of a subscription that follows tables: the next changes, as one message."""
        idle = self._idle.get(webhook.id)
        place = idle.now if idle is not None and idle.noted == noted and isinstance(idle.now, Place) else noted
        horizon, _ = await self._feed.horizon()
        place = place.upto(horizon)
        while place.window != place.seen:
            page, after = await self._feed.step(place, webhook.tables, IN_A_MESSAGE)
            if found := page.changes:
                told = {"changes": [without_record(change) for change in found]}
                return Message(f"{found[0].number}_{found[-1].number}", "changes", found[-1].at, told), place, after
            place = after.upto(horizon)
        return None, place, place

    async def _rest(self, webhook: Webhook, place: Place | LastMessage) -> None:
        """Remembers how far there was nothing to send; writes it down now and then, as the log is purged."""
        idle = self._idle.get(webhook.id)
        since = idle.since if idle is not None and idle.noted == webhook.place else datetime.now(UTC)
        self._idle[webhook.id] = Idle(webhook.place, place, since)
        if datetime.now(UTC) - since > NOTED:
            await self._note(READING, webhook, place.numbers)

    async def _send(self, webhook: Webhook, found: Message) -> None:
        """Posts a message. Raises Refusal unless it is taken, and Shut in a mirror."""
        outside.require("webhooks")
        body = orjson.dumps({"type": found.kind, "timestamp": found.at, "data": found.told})
        message_id = f"msg_{webhook.id.hex}_{found.numbers}"
        key = webhook_secret(self._service.settings.secret, webhook.id)
        headers = {"content-type": "application/json", **signed_headers(key, message_id, datetime.now(UTC), body)}
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                url, host, extensions = await self._route(webhook.url)
                async with self._client.stream(
                    "POST", url, content=body, headers={**headers, "host": host}, extensions=extensions
                ) as answer:  # its body is not read
                    status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Refusal(f"no answer ({type(error).__name__})") from None
        if not 200 <= status < 300:
            raise Refusal(f"status {status}", for_good=status == 410)

    async def _route(self, url: str) -> tuple[httpx.URL, str, dict[str, str]]:
        """Where to connect to: the address that was looked at, under the host's name. Raises Refusal."""
        private = self._service.settings.private_webhooks
        try:
            check_url(url, private=private)
        except Problem as problem:
            raise Refusal(problem.detail) from None
        to = httpx.URL(url)
        look_up = partial(socket.getaddrinfo, to.host, to.port or 443, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._lookups, look_up)
        except OSError:
            raise Refusal("its host has no address") from None
        addresses = [str(address[4][0]) for address in found]
        if not private and not all(map(is_public, addresses)):
            raise Refusal("its host leads to a private address")
        return to.copy_with(host=addresses[0]), to.netloc.decode("ascii"), {"sni_hostname": to.host}

    async def _note(self, statement: str, webhook: Webhook, numbers: list[int]) -> bool:
        """Writes down a place; False where the subscription has changed meanwhile."""
        noted = await self._service.pool.fetchval(statement, webhook.id, webhook.place.numbers, numbers)
        return noted is not None

    async def _failed(self, webhook: Webhook, refusal: Refusal) -> None:
        since = webhook.failing_since or datetime.now(UTC)
        if refusal.for_good:
            await self._disable(webhook, "The receiver answered 410 Gone. Resume it when it wants messages again.")
        elif datetime.now(UTC) - since > LONGEST_FAILURE:
            await self._disable(
                webhook,
                f"No message was taken for {LONGEST_FAILURE.days} days; the last attempt: {refusal.reason}. Mend the "
                f"receiver, then POST /v1/webhooks/{webhook.id}/resume.",
            )
        else:
            wait = BACK_OFF[min(webhook.failures, len(BACK_OFF) - 1)]
            await self._service.pool.execute(FAILED, webhook.id, webhook.place.numbers, wait)

    async def _disable(self, webhook: Webhook, message: str) -> None:
        log.warning("webhook %s is disabled", webhook.id)
        await self._service.pool.execute(DISABLE, webhook.id, webhook.place.numbers, message)


@asynccontextmanager
async def delivering(service: Service) -> AsyncIterator[None]:
    """Webhooks are sent within, by this worker or another one of the same database.

    A subscription has one connection at a time and waits for no other's: who does not answer delays nobody else.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)  # a connection is of one host's name
    lookups = ThreadPoolExecutor(LOOKUPS, "webhook-names")
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False, follow_redirects=False) as client:
        feed = Feed(service.pool, service.settings.secret)
        task = asyncio.create_task(Deliveries(service, feed, client, lookups).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            lookups.shutdown(wait=False, cancel_futures=True)
