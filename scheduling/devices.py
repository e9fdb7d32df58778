"""What operatives' devices are told: written with the event that it follows from, in one transaction.

A device's messages are numbered from 1 without gaps, so it sees that one is missing. Who is sent to an emergency has to
say that they have it; if they do not in time, the next nearest is sent, and after them a supervisor is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

import orjson
import psycopg
from psycopg.types.json import Jsonb

from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import HUB, Booking, Event
from scheduling.problem import LONDON

SUPERVISOR = "supervisor"
"""Who is told what nobody else has taken; no operative is named so."""
CHANNEL = "hub_devices"
"""On which PostgreSQL tells that there are messages, once they can be read."""
URGENT = frozenset({"emergency", "emergency-escalated", "proposal-accepted"})

WRITE: LiteralString = """
INSERT INTO scheduling.message (operative_ref, sequence, event_number, kind, told, sent_at, acknowledge_by)
SELECT %(whose)s, coalesce(max(sequence), 0) + 1, %(event)s, %(kind)s, %(told)s, %(at)s, %(by)s
FROM scheduling.message WHERE operative_ref = %(whose)s
"""
ACKNOWLEDGE: LiteralString = (
    "UPDATE scheduling.message SET acknowledged_at = %s WHERE id = %s AND acknowledged_at IS NULL"
)
HANDED_ON: LiteralString = "UPDATE scheduling.message SET escalated_at = %s WHERE id = %s"
MESSAGES: LiteralString = """
SELECT id, operative_ref, sequence, kind, told, sent_at, acknowledge_by, acknowledged_at, escalated_at
FROM scheduling.message
"""


@dataclass(frozen=True)
class Rules:
    """How long a device has to say that it has an emergency, and how many are tried before a supervisor is told."""

    acknowledge_minutes: int = 5
    most_tried: int = 3


@dataclass(frozen=True)
class Message:
    """Something that a device is told."""

    id: int
    operative_ref: str
    sequence: int
    kind: str
    told: dict[str, Any]
    sent_at: datetime
    acknowledge_by: datetime | None
    acknowledged_at: datetime | None
    escalated_at: datetime | None


class Devices:
    """Writes the messages that follow from the desk's events; ``follow`` is among the store's followers."""

    def __init__(self, desk: Desk, rules: Rules | None = None) -> None:
        self.desk, self.rules = desk, rules or Rules()
        desk.store.followers.append(self.follow)

    def follow(self, cursor: psycopg.Cursor[Any], event: Event, bookings: Sequence[Booking]) -> None:
        """The messages of one event; those that it answers are marked."""
        told = event.told
        if event.kind == "acknowledged":
            cursor.execute(ACKNOWLEDGE, (event.happened_at, told["message"]))
            return
        if event.kind == "emergency-escalated":
            cursor.execute(HANDED_ON, (event.happened_at, told["message"]))
        urgent = set(told.get("operatives", ())) if event.kind in URGENT else set()
        ref = told.get("emergency") or told.get("job_ref")
        by = event.happened_at + timedelta(minutes=self.rules.acknowledge_minutes)
        for whose in sorted(urgent):
            self._write(cursor, event, whose, "emergency", {"job_ref": ref, **self._where(whose)}, by)
        for whose, shifts in self._changed(event):
            if whose not in urgent:
                self._write(cursor, event, whose, "changed", {"visits": self._visits(shifts)}, None)
        for kind, what in _for_a_supervisor(event):
            self._write(cursor, event, SUPERVISOR, kind, what, by if kind == "consent-needed" else None)
        cursor.execute("SELECT pg_notify(%s, '')", (CHANNEL,))

    def _write(
        self, cursor: psycopg.Cursor[Any], event: Event, whose: str, kind: str, told: dict[str, Any],
        by: datetime | None,
    ) -> None:  # fmt: skip
        cursor.execute(
            WRITE,
            {"whose": whose, "event": event.number, "kind": kind, "told": Jsonb(told, dumps=orjson.dumps),
             "at": event.happened_at, "by": by},
        )  # fmt: skip

    def _changed(self, event: Event) -> list[tuple[str, list[int]]]:
        """Whose visits of today are others now, and in which shifts."""
        today = event.happened_at.astimezone(LONDON).date()
        found: dict[str, list[int]] = {}
        for shift in sorted(event.change.routes):
            if self.desk.date_of(self.desk.shifts[shift].day) == today and event.kind != "begun":
                found.setdefault(self.desk.operative_of(shift), []).append(shift)
        return sorted(found.items())

    def _visits(self, shifts: Iterable[int]) -> list[dict[str, Any]]:
        return [
            {"job_ref": row.job_ref, "sequence": row.sequence, "starts_at": row.start_at, "ends_at": row.end_at}
            for row in self.desk.visits(shifts)
        ]

    def _where(self, operative_ref: str) -> dict[str, Any]:
        """The visits of an operative's shift of now, the emergency among them."""
        now = self.desk.now_s
        shifts = [
            number for number, shift in enumerate(self.desk.shifts)
            if abs(shift.start_s - now) <= 86_400 and self.desk.operative_of(number) == operative_ref
        ]  # fmt: skip
        return {"visits": self._visits(shifts)}


def _for_a_supervisor(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """What nobody at the desk can settle: the kind of the message, and what it says."""
    told = event.told
    if told.get("proposals"):
        yield "consent-needed", {"proposals": told["proposals"]}
    if event.kind == "emergency" and not told.get("operatives"):
        yield "emergency-without-place", {"job_ref": told["job_ref"]}
    if event.kind == "proposal-refused":
        yield "consent-refused", {"proposal": told["proposal"], "job_ref": told["job_ref"], "for_ref": told["for_ref"]}
    if told.get("nobody"):
        yield "nobody-acknowledged", {"job_ref": told["job_ref"]}


def messages(desk: Desk, operative_ref: str, after: int = 0) -> list[Message]:
    """The messages of a device after a number, in order."""
    return desk.store.fetch(
        Message, f"{MESSAGES} WHERE operative_ref = %s AND id > %s ORDER BY id", (operative_ref, after)
    )


def message(desk: Desk, number: int) -> Message:
    """The message of that number. Raises Refused."""
    found = desk.store.fetch(Message, f"{MESSAGES} WHERE id = %s", (number,))
    if not found:
        raise Refused("unknown-message", "There is no such message.", "Use the id of the event in the stream.")
    return found[0]


def acknowledge(desk: Desk, number: int, by: str) -> Message:
    """The message, which the operative has; told once or twice."""
    one = message(desk, number)
    if one.acknowledged_at is not None:
        return one
    with desk.changing("acknowledged", by) as draft:
        draft.told |= {"message": number}
    return message(desk, number)


def escalate(desk: Desk, rules: Rules) -> list[Message]:
    """The messages that nobody acknowledged in time, passed on: to the next nearest, at last to a supervisor."""
    over = desk.store.fetch(
        Message,
        f"{MESSAGES} WHERE acknowledged_at IS NULL AND escalated_at IS NULL AND acknowledge_by <= %s "
        "AND kind = 'emergency' ORDER BY id",
        (desk.clock(),),
    )
    for one in over:
        _pass_on(desk, rules, one)
    return over


def _pass_on(desk: Desk, rules: Rules, one: Message) -> None:
    ref = one.told["job_ref"]
    tried = {
        other.operative_ref
        for other in desk.store.fetch(Message, f"{MESSAGES} WHERE kind = 'emergency' AND told->>'job_ref' = %s", (ref,))
    }
    with desk.changing("emergency-escalated", HUB) as draft:
        numbers = desk.numbers_of(ref)
        told = {"message": one.id, "job_ref": ref, "from": one.operative_ref}
        sent = numbers and len(tried) < rules.most_tried and _send_next(draft, numbers[0], tried)
        draft.told |= {**told, "operatives": [sent]} if sent else {**told, "operatives": [], "nobody": True}


def _send_next(draft: Draft, number: int, tried: set[str]) -> str | None:
    """Who goes now in place of those who did not answer; None, and nothing is changed, where there is nobody else."""
    desk = draft.desk
    stands = desk.board.shifts_of(number)
    if len(stands) != 1 or desk.board.starts(number) <= desk.now_s:
        return None
    others = [shift for shift in range(len(desk.shifts)) if desk.operative_of(shift) not in tried]
    with draft.trial() as trial:
        draft.remove(number)
        until = max(desk.jobs[number].due_s or 0, desk.now_s + 3_600)
        for reach in desk.board.nearest(number, desk.now_s, until, others):
            if desk.board.send(reach):
                trial.keep()
                return desk.operative_of(reach.shift)
    return None
