"""Why a visit is where it is, and what planners decide: pins, swaps, blocks, each seen before it is done."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field, StrictBool
from starlette.responses import Response

from api.scheduling import answers
from api.scheduling.answers import documented
from api.scheduling.thread import TheDesk
from api.scheduling.told import answer
from api.scheduling.values import LONGEST_REASON, PLAIN, Body, Instant, Number, Ref, RefPath, Words
from api.scopes import SCHEDULING_PLAN, SCHEDULING_READ, require
from api.service import TheCaller, TheService, read_now
from scheduling import overrides
from scheduling.decisions import Decision
from scheduling.desk import Desk, Refused
from scheduling.effects import Effect
from scheduling.explain import Choice, Why, why
from scheduling.offers import MILE_M
from scheduling.overrides import By
from scheduling.problem import LONDON

LONGEST_NAME, LONGEST_TOKEN, MOST_CREW = 80, 40, 4
router = APIRouter(prefix="/v1/scheduling", tags=["Decisions"])
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=PLAIN)]
Token = Annotated[str, Field(min_length=1, max_length=LONGEST_TOKEN)]


class _Decision(Body):
    """Who decides and why. ``dry_run`` shows what comes of it and its ``token``; with that, and without it, it is done.

    ``consent``: the tenants whose promises would be broken have agreed.
    """

    by: Name
    reason: Words
    dry_run: StrictBool = True
    token: Token | None = None
    consent: StrictBool = False

    def decided(self) -> By:
        """As the desk takes it. Raises Refused where something is to be done that nobody was shown."""
        if not self.dry_run and self.token is None:
            raise Refused("token-needed", "What it costs is seen before it is done.",
                          "Ask with dry_run, and send the token that it gives.")  # fmt: skip
        return By(self.by, self.reason, None if self.dry_run else self.token, self.consent)


class AskedPin(_Decision):
    """The order and what it is pinned to; without operatives, date and time: to where it is."""

    order_ref: Ref
    operatives: Annotated[tuple[Ref, ...], Field(max_length=MOST_CREW)] = ()
    day: Annotated[date | None, Field(alias="date")] = None
    at: Instant | None = None


class AskedSwap(_Decision):
    """Two orders, each of which gets the other's operative and day."""

    order_ref: Ref
    other_ref: Ref


class AskedBlock(_Decision):
    """The operative, and the order, the day, or neither, that they are kept from."""

    operative_ref: Ref
    order_ref: Ref | None = None
    day: Annotated[date | None, Field(alias="date")] = None


@router.get("/visits/{order_ref:path}/why", **documented(answers.WhyTold))
async def explained(
    order_ref: RefPath, request: Request, service: TheService, desk: TheDesk, caller: TheCaller
) -> Response:  # fmt: skip
    """Why an order's jobs are where they are: the next best, the rules, what holds them. It is kept in the audit."""
    require(caller.scopes, SCHEDULING_READ, "The plan")
    found = await desk.do(reasons, order_ref)
    await service.audit.write(
        read_now(caller.client_id, request.headers.get("purpose") or caller.purpose, "scheduling/why",
             ("operative_ref",), len(found["jobs"]))
    )  # fmt: skip
    return answer(request, found)


@router.get("/decisions", **documented(answers.DecisionsTold))
async def decisions(request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The pins and blocks that are in force."""
    require(caller.scopes, SCHEDULING_READ, "The plan")
    return answer(request, await desk.do(in_force))


@router.post("/pins", **documented(answers.EffectTold, 200, 201))
async def pin(asked: AskedPin, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """Holds an order's visit to operatives, a day, a time: 201 once it is done."""
    return await _decide(request, desk, caller, pinned, asked)


@router.post("/swaps", **documented(answers.EffectTold, 200, 201))
async def swap(asked: AskedSwap, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """Swaps the operatives and days of two orders: 201 once it is done."""
    return await _decide(request, desk, caller, swapped, asked)


@router.post("/blocks", **documented(answers.EffectTold, 200, 201))
async def block(asked: AskedBlock, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """Keeps an operative from an order or a day: 201 once it is done."""
    return await _decide(request, desk, caller, blocked, asked)


@router.delete("/pins/{number}", operation_id="unpin", **documented(answers.EffectTold))
@router.delete("/blocks/{number}", operation_id="unblock", **documented(answers.EffectTold))
async def undo(
    number: Number, request: Request, desk: TheDesk, caller: TheCaller,
    by: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME, pattern=PLAIN)],
    reason: Annotated[str, Query(min_length=1, max_length=LONGEST_REASON, pattern=PLAIN)],
    token: Annotated[str | None, Query(max_length=LONGEST_TOKEN)] = None,
) -> Response:  # fmt: skip
    """Takes a pin or block back; without the token it is only shown."""
    require(caller.scopes, SCHEDULING_PLAN, "Deciding in the plan")
    return answer(request, await desk.do(undone, number, By(by, reason, token)))


async def _decide(request: Request, desk: TheDesk, caller: TheCaller, what: Any, asked: _Decision) -> Response:
    require(caller.scopes, SCHEDULING_PLAN, "Deciding in the plan")
    told = await desk.do(what, asked)
    return answer(request, told, 201 if told["is_done"] else 200)


# -- over the desk, for the command line too -------------------------------------------------------------------------


def reasons(desk: Desk, order_ref: str) -> dict[str, Any]:
    """Why an order's jobs are where they are."""
    return {"order_ref": order_ref, "jobs": [_why_told(one) for one in why(desk, order_ref)]}


def in_force(desk: Desk) -> dict[str, Any]:
    """The decisions that nobody took back."""
    return {"data": [_decision_told(one) for one in desk.decisions], "next": None}


def pinned(desk: Desk, asked: AskedPin) -> dict[str, Any]:
    """What a pin comes to."""
    return effect_told(
        overrides.pin(desk, asked.decided(), asked.order_ref, operatives=asked.operatives, day=asked.day, at=asked.at)
    )


def swapped(desk: Desk, asked: AskedSwap) -> dict[str, Any]:
    """What a swap comes to."""
    return effect_told(overrides.swap(desk, asked.decided(), asked.order_ref, asked.other_ref))


def blocked(desk: Desk, asked: AskedBlock) -> dict[str, Any]:
    """What a block comes to."""
    return effect_told(
        overrides.block(desk, asked.decided(), asked.operative_ref, order_ref=asked.order_ref, day=asked.day)
    )


def undone(desk: Desk, number: int, by: By) -> dict[str, Any]:
    """What taking a decision back comes to."""
    return effect_told(overrides.undo(desk, by, number))


def effect_told(effect: Effect) -> dict[str, Any]:
    """The effect as JSON tells it."""
    return {
        "is_done": effect.is_done, "token": effect.token, "decisions": effect.decisions,
        "added_miles": effect.added_miles, "added_drive_minutes": round(effect.added_drive_s / 60),
        "added_overtime_minutes": round(effect.added_overtime_s / 60), "added_late_days": effect.added_late_days,
        "added_cost": effect.added_cost, "left_out": effect.left_out, "promises_touched": effect.touched,
        "promises_broken": effect.broken,
        "moved": [
            {"order_ref": one.job_ref, "role": one.role,
             **{name: where and {"operative_ref": where[0], "starts_at": where[1]}
                for name, where in (("before", one.before), ("after", one.after))}}
            for one in effect.moved
        ],
    }  # fmt: skip


def _why_told(one: Why) -> dict[str, Any]:
    return {
        "order_ref": one.job_ref, "here": _choice_told(one.here), "next_operative": _choice_told(one.next_operative),
        "next_day": _choice_told(one.next_day), "could": one.could, "held_by": one.held_by,
        "rules": [
            {"rule": str(bound.rule), "sentence": bound.sentence, "operatives": bound.operatives,
             "shifts": bound.shifts, "next_step": bound.next_step}
            for bound in one.bounds
        ],
    }  # fmt: skip


def _choice_told(choice: Choice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    return {
        "operatives": choice.operative_refs, "date": choice.day, "starts_at": choice.start_at,
        "added_m": choice.added_m, "added_miles": round(choice.added_m / MILE_M, 1), "cost": choice.cost,
        "more_m": choice.more_m, "more_miles": round(choice.more_m / MILE_M, 1), "more_cost": choice.more_cost,
    }  # fmt: skip


def _decision_told(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind, "order_ref": one.job_ref, "operatives": one.operative_refs, "date": one.day,
        "at": one.start_at and one.start_at.astimezone(LONDON), "decided_at": one.decided_at.astimezone(LONDON),
        "by": one.decided_by, "reason": one.reason, "told": one.told(),
    }  # fmt: skip
