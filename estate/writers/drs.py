"""The repairs scheduler: ``drs.json``, what its SOAP service answers from, and the confirmations that it sent.

The scheduler holds the visits of the last five weeks and of the next two, the operatives with their hours and
absences, and the orders that the visits are for. It writes instants as real answers have them: some with an
offset, some in UTC, some without a zone. Some records carry elements that its interface does not declare.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from estate import dirt
from estate.places import one_line
from estate.repairs import SLOTS
from estate.seeds import stream
from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from estate.truth import Truth
from estate.world import World

Values: TypeAlias = dict[str, Any]
SYSTEM, FILE, CONTRACT = "drs", "drs.json", "H01"
CONFIRMATIONS = "confirmations"
"""The folder of the messages that the scheduler sent by itself."""
DAYS_BACK, DAYS_AHEAD = 35, 14
FIRST_BOOKING, FIRST_ORDER = 600_001, 800_001
COMPLETIONS = {"completed": "COMPLETE", "no access": "NOACCESS", "refused": "REFUSED", "parts needed": "INCOMPLETE"}
REASONS = {"AL": "LEAVE", "SK": "SICK", "TR": "TRAINING"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AGENCY = "A90001"
"""A worker whom the repairs system does not know."""


def booking_refs(appointments: pd.DataFrame, today: date) -> np.ndarray:
    """The scheduler's number of each visit; 0 for those that were before its time."""
    recent = appointments["date"] >= np.datetime64(today, "s") - np.timedelta64(DAYS_BACK, "D")
    return np.where(recent, appointments["appointment_id"] + FIRST_BOOKING, 0)


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes ``drs.json`` and the folder of confirmations into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    rng = stream(world.seed, SYSTEM)
    visits = _visits(world, rng)
    bookings = _bookings(world, visits, truth, rng)
    content = {
        "today": world.today.isoformat(), "contracts": [CONTRACT], "resources": _resources(world, truth),
        "orders": _orders(world, visits, truth), "bookings": bookings, "alerts": [],
        "reasons": [{"name": name, "description": name.capitalize()} for name in REASONS.values()],
    }  # fmt: skip
    (target / FILE).write_text(json.dumps(content), "utf-8")
    _confirm(target / CONFIRMATIONS, content, truth)


def _visits(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The visits that the scheduler knows, by date: those of the plan, and open orders promised a window."""
    repairs = world.repairs
    plan = repairs.allocation[["appointment_id", "planned_start_at", "planned_end_at"]]
    known = repairs.appointments.merge(plan, on="appointment_id")
    known["booking_id"] = booking_refs(known, world.today)
    known = known[known["booking_id"] > 0]
    waiting = repairs.orders[(repairs.orders["status"] == "open") & (repairs.orders["contractor_id"] < 0)]
    waiting = waiting[~waiting["order_id"].isin(known["order_id"])]
    working = pd.bdate_range(pd.Timestamp(world.today) + pd.Timedelta(days=7), periods=5)
    later = pd.DataFrame(
        {
            "order_id": waiting["order_id"].to_numpy(), "visit_no": 1, "outcome": "", "operative_id": -1,
            "date": rng.choice(working.to_numpy(), len(waiting)), "slot": rng.choice(["AM", "PM"], len(waiting)),
            "booking_id": FIRST_BOOKING + len(repairs.appointments) + np.arange(len(waiting)),
        }
    )  # fmt: skip
    return pd.concat([known, later], ignore_index=True).sort_values(["date", "booking_id"], ignore_index=True)


def _bookings(world: World, visits: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> list[Values]:
    orders, operatives = world.repairs.orders, world.workforce.operatives
    of = orders.loc[visits["order_id"]].reset_index(drop=True)
    refs = world.places.properties["property_ref"].loc[of["property_id"]]
    payroll = operatives["payroll_no"].reindex(visits["operative_id"]).fillna("")
    lines = _lines(world, visits)
    found = [
        _booking(visit, order, location, worker, lines)
        for visit, order, location, worker in zip(_records(visits), _records(of), refs, payroll, strict=True)
    ]
    _spoil(found, truth, rng)
    return found


def _booking(visit: Any, order: Any, location: str, worker: str, lines: dict[int, list[Values]]) -> Values:
    begin, end = SLOTS[visit.slot]
    number = int(visit.booking_id)
    planned = pd.notna(visit.planned_start_at)
    codes = [{**line, "bookingId": number} for line in lines[visit.order_id]]
    booking: Values = {
        "bookingId": number, "orderId": FIRST_ORDER + int(visit.order_id), "primaryOrderNumber": order.order_ref,
        "contract": CONTRACT, "locationID": location,
        "planningWindowStart": _instant(visit.date, begin, number),
        "planningWindowEnd": _instant(visit.date, end, number + 1),
        "assignedStart": _wall(visit.planned_start_at, number) if planned else None,
        "assignedEnd": _wall(visit.planned_end_at, number + 1) if planned else None,
        "bookingLifeCycleStatus": _status(visit.outcome, worker, number),
        "bookingCompletionStatus": COMPLETIONS.get(visit.outcome),
        "bookingReason": "first" if visit.visit_no == 1 else "follow on",
        "duration": sum(int(line["standardMinuteValue"]) for line in codes), "isEmergency": order.priority_code in "IE",
        "isNextBooking": visit.visit_no > 1, "userId": "repairs", "theBookingCodes": codes,
        "theResources": [{"resourceID": worker}] if worker else [],
    }  # fmt: skip
    if number % 4 == 0:  # what the interface does not declare, and real installations send
        booking["timeRemaining"] = "0" if visit.outcome else str(booking["duration"])
    return booking


def _status(outcome: str, worker: str, number: int) -> str:
    if outcome:
        return "COMPLETED"
    if number % 3:
        return "PLANNED"
    return "DESPATCHED" if worker else "RESERVED"  # held for a tenant who has not agreed yet


def _lines(world: World, visits: pd.DataFrame) -> dict[int, list[Values]]:
    """The lines of the visits' orders, as bookings repeat them."""
    jobs, book, ref = world.repairs.jobs, world.repairs.sor, world.repairs.orders["order_ref"]
    lines: dict[int, list[Values]] = {}
    for job in _records(jobs[jobs["order_id"].isin(visits["order_id"])]):
        lines.setdefault(int(job.order_id), []).append(
            {
                "bookingCodeSORCode": book["sor_code"].iat[job.sor_id], "itemNumberWithinBooking": str(job.line_no),
                "orderId": FIRST_ORDER + int(job.order_id), "primaryOrderNumber": ref.iat[job.order_id],
                "quantity": str(job.quantity), "standardMinuteValue": str(job.minutes),
                "trade": book["trade_code"].iat[job.sor_id], "originalQuantity": str(job.quantity),
            }
        )  # fmt: skip
    return lines


def _spoil(bookings: list[Values], truth: Truth, rng: np.random.Generator) -> None:
    """Plants the bookings' dirt: at most one fault a booking."""
    used = np.zeros(len(bookings), dtype=bool)

    def hit(kind: str, field: str) -> list[Values]:
        at = dirt.take_out(rng, used, kind)
        keys = [str(bookings[one]["bookingId"]) for one in at]
        truth.plant(SYSTEM, "bookings", kind, dirt.RATES[kind].revealed_by, key=keys, field=field)
        return [bookings[one] for one in at]

    for booking in hit("order-missing", "primaryOrderNumber"):
        booking["primaryOrderNumber"] = "9" + booking["primaryOrderNumber"][1:]
    for booking in hit("operative-missing", "resourceID"):
        booking["theResources"] = [{"resourceID": AGENCY}]
    for booking in hit("code-unknown", "bookingLifeCycleStatus"):
        booking["bookingLifeCycleStatus"] = "PARKED"
    for booking in hit("date-impossible", "planningWindowEnd"):
        booking["planningWindowEnd"] = "2026-09-31T12:00:00Z"
    for booking in hit("end-before-start", "planningWindowEnd"):
        booking["planningWindowEnd"] = booking["planningWindowStart"].replace("T", "T00:00:00Z|").split("|")[0]
    for booking in hit("phone-in-text", "plannerComments"):
        booking["plannerComments"] = f"Tenant asked for a call on 07700 900{booking['bookingId'] % 1_000:03}"


def _orders(world: World, visits: pd.DataFrame, truth: Truth) -> list[Values]:
    """The orders that the visits are for."""
    known = world.repairs.orders.loc[visits["order_id"].unique()]
    place = world.places.properties.loc[known["property_id"]]
    request = world.repairs.requests.loc[known["request_id"]]
    people = world.people.people["surname"].reindex(request["person_id"]).fillna("")
    lines = _lines(world, visits)
    keys = (FIRST_ORDER + known["order_id"]).astype("str")
    truth.property(SYSTEM, "orders", keys, known["property_id"])
    called = (request["person_id"] >= 0).to_numpy()
    truth.person(SYSTEM, "orders", keys[called], request.loc[called, "person_id"])
    return [
        {
            "orderId": FIRST_ORDER + int(order.order_id), "primaryOrderNumber": order.order_ref, "contract": CONTRACT,
            "locationID": ref, "priority": order.priority_code, "targetDate": f"{order.due_date:%Y-%m-%dT00:00:00}",
            "orderComments": f"{name} has ordered: {what}" if name else what, "userId": "repairs", "message": False,
            "status": "COMPLETED" if order.status == "completed" else "PLANNED",
            "theBookingCodes": [{**line, "bookingId": 0} for line in lines[order.order_id]],
            "theLocation": {
                "locationId": ref, "name": name or "Occupier", "address1": address, "postCode": postcode,
                "excludedFromMsging": False, "workflowType": "0000",
            },
        }
        for order, ref, address, postcode, name, what in zip(
            _records(known), place["property_ref"], one_line(place, town=False), place["postcode"], people,
            request["description"], strict=True,
        )
    ]  # fmt: skip


def _resources(world: World, truth: Truth) -> list[Values]:
    """The operatives who can be booked, with weekly hours, the hours of the next days, and absences."""
    team = world.workforce
    first, last = pd.Timestamp(world.today), pd.Timestamp(world.today) + pd.Timedelta(days=DAYS_AHEAD - 1)
    soon = team.absences[(team.absences["end_date"] >= first) & (team.absences["start_date"] <= last)]
    found = []
    for operative in _records(team.operatives[team.operatives["active"]]):
        shifts = team.shifts[team.shifts["operative_id"] == operative.operative_id]
        away = soon[soon["operative_id"] == operative.operative_id]
        found.append(
            {
                "resourceID": operative.payroll_no, "externalResourceCode": operative.payroll_no,
                "resourceName": f"{operative.forename} {operative.surname}",
                "theAbilities": [{"name": "trade", "value": operative.trade_code}],
                "theWorkingHours": _hours(shifts, away, first),
                "theUnavailabilities": [
                    {
                        "beginDateTime": f"{one.start_date:%Y-%m-%dT00:00:00}",
                        "endDateTime": f"{one.end_date:%Y-%m-%dT23:59:59}", "reason": REASONS[one.reason],
                    }
                    for one in _records(away)
                ],
            }
        )  # fmt: skip
    hours = _hours(team.shifts[team.shifts["operative_id"] == 0], soon.iloc[:0], first)
    found.append({"resourceID": AGENCY, "externalResourceCode": "", "resourceName": "Agency", "theWorkingHours": hours})
    keys = [f"{AGENCY}|{one['dayOfWeek']}|{one['beginDate']}" for one in hours if "specificDate" in one]
    truth.plant(SYSTEM, "hours", "operative-missing", "cross-system", key=keys, field="resourceID")
    return found


def _hours(shifts: pd.DataFrame, away: pd.DataFrame, first: pd.Timestamp) -> list[Values]:
    """A pattern for each weekday, then the hours of each day on which the operative is there."""
    pattern = {int(one.weekday): (int(one.start_minute), int(one.end_minute)) for one in _records(shifts)}
    monday = pd.Timestamp(1970, 1, 5)
    found = [
        {
            "dayOfWeek": WEEKDAYS[day], "beginDate": _plain(monday + pd.Timedelta(days=day), begin),
            "endDate": _plain(monday + pd.Timedelta(days=day), end),
        }
        for day, (begin, end) in pattern.items()
    ]  # fmt: skip
    gone = {day for one in _records(away) for day in pd.date_range(one.start_date, one.end_date)}
    for day in pd.date_range(first, periods=DAYS_AHEAD):
        if day.weekday() in pattern and day not in gone:
            begin, end = pattern[day.weekday()]
            found.append(
                {
                    "dayOfWeek": WEEKDAYS[day.weekday()], "specificDate": _plain(day, 0),
                    "beginDate": _instant(day, begin, 0), "endDate": _instant(day, end, 1),
                }
            )  # fmt: skip
    return found


def _confirm(folder: Path, content: Values, truth: Truth) -> None:
    """The messages by which the scheduler told of bookings that it moved this week, as they were received."""
    folder.mkdir(exist_ok=True)
    server = SoapServer(DrsStore(content, login="", password=""))
    to_come = [each for each in content["bookings"] if each["planningWindowStart"] >= content["today"]]
    moved = [each["bookingId"] for each in to_come if each["bookingId"] % 3 == 0]
    for turn, number in enumerate(moved):
        at = pd.Timestamp(content["today"]) - pd.Timedelta(minutes=37 * turn + 30)
        message = server.confirmation(number, f"{at:%Y-%m-%dT%H:%M:%S}")
        name = f"confirmation-{number}-{turn:05}.xml"
        if turn == 3 and len(moved) > 7:  # the line went dead in the middle of it
            message = message[: len(message) // 2]
            truth.plant(SYSTEM, "confirmations", "record-broken", "row", unit=name, line=1)
        (folder / name).write_bytes(message)


def _records(frame: pd.DataFrame) -> Iterator[Any]:
    """The frame's rows: the scheduler holds thousands, not millions."""
    return iter(frame.itertuples())


def _plain(day: pd.Timestamp, minutes: int) -> str:
    return f"{day + pd.Timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}"


def _instant(day: pd.Timestamp, minutes: int, turn: int) -> str:
    return _wall(pd.Timestamp(day) + pd.Timedelta(minutes=minutes), turn)


def _wall(at: pd.Timestamp, turn: int) -> str:
    """A London wall-clock time as text: with its offset, in UTC or without a zone, turn by turn."""
    if turn % 5 == 4:
        return f"{at:%Y-%m-%dT%H:%M:%S}"
    here = at.tz_localize("Europe/London")
    return here.isoformat() if turn % 2 == 0 else f"{here.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"
