"""In place of the old scheduler: its 22 operations at one address, over the same desk that REST works on.

A message that cannot be read is answered with a SOAP fault; what is not done, as the old scheduler does it: with status
failure and why. Elements that the interface does not declare are read over, and named in ``Hub-Undeclared``.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from api.problems import Problem
from api.scheduling.confirmations import Sender, follow
from api.scheduling.soap_counter import Counter, Values
from api.scheduling.soap_operations import answer, failure
from api.scheduling.soap_sessions import Sessions
from api.scheduling.thread import DeskThread, TheDesk
from api.scopes import SCHEDULING_BOOK
from api.service import Service, TheService
from connectors.envelope import SOAP
from connectors.scheduler_soap import MEDIA_TYPES, Interface, NoRequest, fault, told
from connectors.scheduler_soap import Request as Asked
from scheduling.callers import Callers, Raising
from scheduling.desk import Desk
from scheduling.local_rules import LocalRules
from scheduling.offers import Rules
from scheduling.order_book import OrderBook

PATH = "/soap/scheduler"
NO_SESSION = "The session has expired or was never opened"
NO_STORE = {"cache-control": "no-store"}
router = APIRouter()
log = logging.getLogger("api.scheduling")


@dataclass(frozen=True)
class Serving:
    """How the operations are served. ``confirm_to``: where the housing system takes bookingConfirmation, if it does."""

    local: LocalRules
    callers: Callers
    confirm_to: str | None = None


@dataclass(frozen=True)
class Front:
    """What the endpoint works with, as long as the process lives."""

    interface: Interface
    sessions: Sessions
    counter: Counter


@asynccontextmanager
async def fronted(
    app: FastAPI, serving: Serving, service: Service, desk: DeskThread, rules: Rules
) -> AsyncIterator[None]:
    """The operations are served within, and bookings confirmed to the housing system."""
    interface = Interface()

    def opening(live: Desk) -> Counter:
        first = serving.callers.contracts[0]
        book = OrderBook(service.settings.database_url, first, serving.callers.old_scheduler)
        live.store.followers.append(follow)
        return Counter(live, book, Raising(book, serving.local, serving.callers), rules)

    counter = await desk.do(opening)
    app.state.front = Front(interface, Sessions(service.pool), counter)
    sender = Sender(interface, desk, counter, serving.confirm_to)
    try:
        async with sender.sending():
            yield
    finally:
        await desk.do(lambda _: counter.book.close())


@router.get(PATH, include_in_schema=False)
async def the_interface(request: Request) -> Response:
    """The WSDL, with a binding and the address that it was asked at."""
    address = str(request.url.replace(query=""))
    return Response(_front(request).interface.wsdl(address), 200, NO_STORE, MEDIA_TYPES[SOAP])


@router.post(PATH, include_in_schema=False)
async def the_operations(request: Request, service: TheService, desk: TheDesk) -> Response:
    """The answer to an operation."""
    front = _front(request)
    try:
        asked = front.interface.read(await request.body())
    except NoRequest as no:
        status = 500 if no.version == SOAP else 400
        return _message(fault(no.text, no.version, party=no.party), no.version, status)
    try:
        values = await _answered(front, asked, request, service, desk)
    except Problem as problem:
        content = fault(problem.detail, asked.version, caller=problem.status < 500)
        return _message(content, asked.version, problem.status, problem.headers)
    undeclared = {"hub-undeclared": told(asked.drift)} if asked.drift.undeclared else {}
    if undeclared:
        log.info("%s has elements beyond the interface: %s", asked.operation, undeclared["hub-undeclared"])
    return _message(front.interface.answer(asked, values), asked.version, 200, undeclared)


async def _answered(front: Front, asked: Asked, request: Request, service: Service, desk: DeskThread) -> Values:
    values = asked.values
    if asked.operation == "openSession":
        address = request.client.host if request.client else ""
        session = await front.sessions.open(str(values["login"] or ""), str(values["password"] or ""), address)
        return {"status": "success", "sessionId": session} if session else failure("Invalid login")
    caller = await front.sessions.client(values.get("sessionId"))
    if caller is None:
        return failure(NO_SESSION)
    client, scopes = caller
    service.limits.take(client)
    if asked.operation == "closeSession":
        await front.sessions.close(values["sessionId"])
        return {"status": "success"}
    if SCHEDULING_BOOK not in scopes:
        return failure(f"The client may not do this: it needs the scope {SCHEDULING_BOOK}")

    def at_the_desk(_: Desk) -> Values:
        return answer(front.counter, asked, client)

    return await desk.do(at_the_desk)


def _front(request: Request) -> Front:
    front: Front | None = getattr(request.app.state, "front", None)
    if front is None:
        raise Problem("not-found", "The old scheduler's operations are not served here.")
    return front


def _message(content: bytes, version: str, status: int, headers: Any = None) -> Response:
    return Response(content, status, {**NO_STORE, **(headers or {})}, MEDIA_TYPES[version])
