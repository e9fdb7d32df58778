"""bookingConfirmation out: what the old scheduler sent to the housing system for every booking made or moved.

What is to be sent is written down in the transaction that makes or moves the booking, whoever asked for it, and sent
afterwards, in order, again after a while where it is not taken; the desk never waits for it. A confirmation whose
window is over, or that a later one of the same job has overtaken, is not sent any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import httpx
import psycopg

from api.problems import Problem
from api.scheduling.soap_counter import Counter, Values
from api.scheduling.soap_values import code_elements
from api.scheduling.thread import DeskThread
from connectors.scheduler_soap import Interface
from scheduling.desk import Desk
from scheduling.events import Booking, Event
from scheduling.order_book import Due
from services import outside

LOOK_SECONDS = 1.0
TIMEOUT = httpx.Timeout(15.0)
WRITE: LiteralString = """
INSERT INTO scheduling.confirmation (event_number, booking_id, job_ref, window_start_at, window_end_at, changed_at)
SELECT %s, %s, %s, %s, %s, %s
WHERE NOT EXISTS (SELECT FROM scheduling.confirmation c WHERE c.booking_id = %s AND c.window_start_at = %s
    AND c.window_end_at = %s AND NOT EXISTS (SELECT FROM scheduling.confirmation later
        WHERE later.booking_id = c.booking_id AND later.id > c.id))
"""
HEADERS = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
log = logging.getLogger("api.scheduling")


def follow(cursor: psycopg.Cursor[Any], event: Event, bookings: Sequence[Booking]) -> None:
    """Writes down what is to be told of an event's bookings: those that are promised, unless it was told already."""
    for one in bookings:
        if one.status_code == "confirmed":
            window = one.window_start_at, one.window_end_at
            cursor.execute(
                WRITE, (event.number, one.id, one.job_ref, *window, event.happened_at, one.id, *window)
            )  # fmt: skip


@dataclass(frozen=True)
class Sender:
    """Sends what is written down to the housing system; without an address it stays written down."""

    interface: Interface
    desk: DeskThread
    counter: Counter
    address: str | None

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Confirmations go out within."""
        if self.address is None:
            yield
            return
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
            task = asyncio.create_task(self._run(client))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self, client: httpx.AsyncClient) -> None:
        while True:
            try:
                while (due := await self.desk.do(self._next)) is not None:
                    number, message = due
                    problem = await self._post(client, message)
                    await self.desk.do(self._note, number, problem)
                    if problem is not None:
                        log.warning("confirmation %s was not taken: %s", number, problem)
                        break
            except (Problem, psycopg.Error) as fault:
                log.warning("confirmations wait: %s", type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    def _next(self, desk: Desk) -> tuple[int, bytes] | None:
        due = self.counter.book.due_confirmation(desk.clock())
        return None if due is None else (due.id, self.interface.confirmation(self._told(due)))

    def _note(self, desk: Desk, number: int, problem: str | None) -> None:
        self.counter.book.confirmed(number, problem)

    def _told(self, due: Due) -> Values:
        """The confirmation as the old scheduler wrote it: references and times."""
        counter = self.counter
        order = counter.order(counter.order_of(due.job_ref))
        counter.numbered(order)
        visit = counter.book.visits_of([due.job_ref]).get(due.job_ref)
        rows = counter.rows([due.job_ref]).get(due.job_ref, [])
        number = visit.id if visit else 0
        return {
            "bookingId": number, "originalBookingId": number, "bookingReason": visit.reason if visit else None,
            "bookingSequence": "FIRST" if visit is None or visit.reason == "first" else "FOLLOW ON",
            "changedDate": due.changed_at, "contract": order.contract_ref, "locationID": order.location_ref,
            "numberOfOperatives": len(rows) or None, "assignedStart": rows[0].start_at if rows else None,
            "assignedEnd": rows[0].end_at if rows else None, "planningWindowStart": due.window_start_at,
            "planningWindowEnd": due.window_end_at, "primaryOrderNumber": order.order_ref,
            "targetDate": order.target_at, "theBookingCodes": code_elements(order, number), "userId": order.user_ref,
        }  # fmt: skip

    async def _post(self, client: httpx.AsyncClient, message: bytes) -> str | None:
        """Why a message was not taken; None where it was."""
        assert self.address is not None
        try:
            outside.require("confirmations of bookings")
            async with client.stream("POST", self.address, content=message, headers=HEADERS) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"no answer ({type(error).__name__})"
        except outside.Shut as shut:
            return shut.fault
        return None if 200 <= status < 300 else f"status {status}"
