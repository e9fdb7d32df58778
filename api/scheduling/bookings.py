"""Offers, holds and bookings: a tenant's slot, from the question to the promise."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import Field
from starlette.responses import Response

from api.scheduling import answers
from api.scheduling.answers import documented
from api.scheduling.thread import TheDesk
from api.scheduling.told import answer, booking_told, offers_told
from api.scheduling.values import (
    LARGEST,
    LONGEST_KEY,
    Body,
    Instant,
    Number,
    OfferRef,
    Reason,
    Ref,
    RefPath,
    Word,
)
from api.scopes import SCHEDULING_BOOK, require
from api.service import TheCaller
from scheduling import booking
from scheduling.desk import Desk, Refused
from scheduling.events import Booking
from scheduling.offers import Asked, Offers, Rules
from scheduling.problem import Job, Place, Priority, Role

router = APIRouter(prefix="/v1/scheduling", tags=["Bookings"])


class AskedOffers(Body):
    """Which order (or which booking, to change it), from which day on, for how many days, which slots."""

    order_ref: Ref | None = None
    work_order_id: UUID | None = None
    booking: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] | None = None
    first: Annotated[date | None, Field(alias="from")] = None
    days: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 20
    slots: Annotated[tuple[Word, ...], Field(max_length=10)] = ()

    def check(self) -> None:
        """Raises Refused unless one thing is asked about."""
        if sum(each is not None for each in (self.order_ref, self.work_order_id, self.booking)) != 1:
            raise Refused("one-is-needed", "One of order_ref, work_order_id and booking is needed.", "Send one.")


class AskedHold(Body):
    """An offer, as it was told."""

    offer: OfferRef


class AskedBooking(Body):
    """A hold, by its number."""

    hold: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]


class AskedOrder(Body):
    """An order that was raised since the plan was made: where, of what trade, how long, how soon."""

    order_ref: Ref
    latitude: Annotated[float, Field(strict=True, ge=49, le=61)]
    longitude: Annotated[float, Field(strict=True, ge=-9, le=2)]
    trade: Word
    skills: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    minutes: Annotated[int, Field(strict=True, ge=1, le=600)]
    crew: Annotated[int, Field(strict=True, ge=1, le=4)] = 1
    priority: Annotated[str, Field(pattern="^(emergency|urgent|routine|planned)$")] = "routine"
    due_at: Instant | None = None


@router.post("/offers", **documented(answers.OffersTold))
async def offers(asked: AskedOffers, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The slots that can be had now, in the order of preference, and every day that was asked for."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    return answer(request, offers_told(await desk.do(_offers, _rules(request), asked)))


@router.post("/holds", **documented(answers.HoldTold, 201))
async def hold(
    asked: AskedHold, request: Request, desk: TheDesk, caller: TheCaller,
    idempotency_key: Annotated[str | None, Header(max_length=LONGEST_KEY)] = None,
) -> Response:  # fmt: skip
    """The offer's place, held for some minutes. With an Idempotency-Key it is safe to ask again."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    held = await desk.do(booking.hold, _rules(request), asked.offer, caller.client_id, idempotency_key)
    return answer(request, {"hold": held.id, **booking_told(held)}, 201)


@router.delete("/holds/{number}", **documented(answers.BookingTold))
async def give_back(number: Number, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The hold, given back before its time."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    return answer(request, booking_told(await desk.do(_give_back, number, caller.client_id)))


@router.post("/bookings", **documented(answers.BookingTold, 201, 200))
async def book(asked: AskedBooking, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The booking that a hold becomes: 201; 200 where it was confirmed before."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    is_new, done = await desk.do(_confirm, _rules(request), asked.hold, caller.client_id)
    return answer(request, booking_told(done), 201 if is_new else 200, location=f"/v1/scheduling/bookings/{done.id}")


@router.get("/bookings/{number}", **documented(answers.BookingTold))
async def a_booking(number: Number, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """A hold or booking as it is now."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    return answer(request, booking_told(await desk.do(booking.find, number)))


@router.post("/bookings/{number}/change", **documented(answers.BookingTold))
async def change(
    number: Number, asked: AskedHold, request: Request, desk: TheDesk, caller: TheCaller
) -> Response:  # fmt: skip
    """The booking in the slot of an offer, as its tenant agreed to."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    moved = await desk.do(booking.change, _rules(request), number, asked.offer, caller.client_id)
    return answer(request, booking_told(moved))


@router.delete("/bookings/{number}", **documented(answers.BookingTold))
async def cancel(
    number: Number, request: Request, desk: TheDesk, caller: TheCaller, reason: Reason = None
) -> Response:  # fmt: skip
    """The booking, cancelled; its order stays open."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    return answer(request, booking_told(await desk.do(booking.cancel, number, caller.client_id, reason)))


@router.post("/orders", **documented(answers.OrderTold, 201))
async def raise_order(asked: AskedOrder, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """Takes an order into the plan that was raised since it was made; asked again it is the same one."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    await desk.do(_raise_order, asked, caller.client_id)
    return answer(request, {"order_ref": asked.order_ref}, 201)


@router.delete("/orders/{order_ref:path}", **documented(answers.OrderTold))
async def withdraw(
    order_ref: RefPath, request: Request, desk: TheDesk, caller: TheCaller,
    reason: Reason = None,
) -> Response:  # fmt: skip
    """Takes an order out of the plan with its bookings: nobody wants it any more, or it is done."""
    require(caller.scopes, SCHEDULING_BOOK, "Booking")
    await desk.do(booking.withdraw, order_ref, caller.client_id, reason)
    return answer(request, {"order_ref": order_ref})


def _rules(request: Request) -> Rules:
    rules: Rules = request.app.state.rules
    return rules


def _offers(desk: Desk, rules: Rules, asked: AskedOffers) -> Offers:
    asked.check()
    wanted = Asked(asked.first, asked.days, tuple(asked.slots))
    if asked.booking is not None:
        return booking.offers_to_change(desk, rules, asked.booking, wanted)
    order_ref = asked.order_ref
    if asked.work_order_id is not None:
        order_ref = desk.store.order_ref(asked.work_order_id)
    if order_ref is None:
        raise Refused("unknown-order", "There is no such order.", "Check the id with the repairs system.")
    return booking.offers(desk, rules, order_ref, wanted)


def _confirm(desk: Desk, rules: Rules, number: int, by: str) -> tuple[bool, Booking]:
    is_new = number in desk.bookings and desk.bookings[number].status_code == "held"
    return is_new, booking.confirm(desk, rules, number, by)


def _give_back(desk: Desk, number: int, by: str) -> Booking:
    if booking.find(desk, number).status_code == "confirmed":
        raise Refused("already-booked", "The hold is a booking.", "Cancel the booking.", booking=number)
    return booking.cancel(desk, number, by)


def _raise_order(desk: Desk, asked: AskedOrder, by: str) -> None:
    if not any(asked.trade in one.proficiency_percent for one in desk.operatives):
        raise Refused("unknown-trade", "Nobody of the plan has the trade.", "Use a trade of the operatives.")
    due_s = None if asked.due_at is None else desk.seconds(asked.due_at)
    job = Job(
        asked.order_ref, 0, (Role(asked.trade, frozenset(asked.skills)),) * asked.crew, asked.minutes * 60,
        Priority[asked.priority.upper()], earliest_s=max(0, desk.now_s), due_s=due_s,
    )  # fmt: skip
    booking.raise_order(desk, job, Place(asked.order_ref, asked.latitude, asked.longitude), by)
