"""What happens during the day: emergencies, reports from the field, and what waits for a tenant's consent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.scheduling import answers
from api.scheduling.answers import documented
from api.scheduling.thread import TheDesk
from api.scheduling.told import answer, visits_told
from api.scheduling.values import Body, Instant, Number, OfferRef, Ref, Word, Words
from api.scopes import SCHEDULING_BOOK, SCHEDULING_DEVICE, SCHEDULING_PLAN, require
from api.service import TheCaller
from scheduling import emergencies, proposals, replan
from scheduling.desk import Desk, Refused
from scheduling.emergencies import Dispatch
from scheduling.events import Proposal
from scheduling.offers import Rules
from scheduling.problem import Job, Place, Priority, Role
from scheduling.replan import Changes

router = APIRouter(prefix="/v1/scheduling", tags=["The day"])


class AskedEmergency(Body):
    """An order of the plan, or where, of what trade, how long and how many must come; ``due_at`` where it is less than
    a day."""

    order_ref: Ref
    latitude: Annotated[float, Field(strict=True, ge=49, le=61)] | None = None
    longitude: Annotated[float, Field(strict=True, ge=-9, le=2)] | None = None
    trade: Word | None = None
    skills: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    minutes: Annotated[int, Field(strict=True, ge=1, le=600)] = 60
    crew: Annotated[int, Field(strict=True, ge=1, le=4)] = 1
    due_at: Instant | None = None
    reason: Words | None = None

    def check(self) -> None:
        """Raises Refused where a place is told in part."""
        if len({self.latitude is None, self.longitude is None, self.trade is None}) > 1:
            raise Refused("told-in-part", "Latitude, longitude and trade are told together.", "Send all or none.")


class AskedReport(Body):
    """What happened: to a job, to an order (cancelled) or to an operative (away: from now, or ``from_at``)."""

    kind: Literal["arrived", "started", "completed", "no_access", "overrun", "cancelled", "away"]
    order_ref: Ref | None = None
    operative_ref: Ref | None = None
    minutes_left: Annotated[int, Field(strict=True, ge=1, le=1_440)] | None = None
    from_at: Instant | None = None
    until_at: Instant | None = None
    reason: Words | None = None

    def check(self) -> None:
        """Raises Refused where a report of that kind says too little, or what is not its own."""
        if self.kind == "away":
            if self.operative_ref is None or self.until_at is None:
                raise Refused("told-in-part", "Who is away is told with operative_ref and until_at.", "Send both.")
        elif self.order_ref is None:
            raise Refused("told-in-part", f"What is {self.kind} is told by its order_ref.", "Send it.")
        if (self.kind == "overrun") != (self.minutes_left is not None):
            raise Refused("told-in-part", "minutes_left is told of an overrun.", "Send it of an overrun alone.")


class AskedConsent(Body):
    """The offer that the tenant agreed to."""

    offer: OfferRef


@router.post("/emergencies", **documented(answers.DispatchTold, 201))
async def emergency(asked: AskedEmergency, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """Who goes, and when; or whose consent it waits for."""
    require(caller.scopes, SCHEDULING_BOOK, "An emergency")
    return answer(request, await desk.do(_emergency, asked, caller.client_id), 201)


@router.post("/reports", **documented(answers.ChangesTold))
async def report(asked: AskedReport, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """What a report changed, and what it needs consent for."""
    scope = SCHEDULING_PLAN if asked.kind in ("cancelled", "away") else SCHEDULING_DEVICE
    require(caller.scopes, scope, "This report")
    return answer(request, await desk.do(_report, asked, caller.client_id))


@router.get("/proposals", **documented(answers.ProposalsTold))
async def listed(request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """What waits for a tenant's consent, the oldest first."""
    require(caller.scopes, SCHEDULING_PLAN, "Proposals")
    found = await desk.do(proposals.open_proposals)
    return answer(request, {"data": [proposal_told(one) for one in found], "next": None})


@router.get("/proposals/{number}", **documented(answers.ProposalTold))
async def one(number: Number, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """A proposal; while it is open with the slots that it can be accepted with."""
    require(caller.scopes, SCHEDULING_PLAN, "Proposals")
    return answer(request, await desk.do(_proposal, request.app.state.rules, number))


@router.post("/proposals/{number}/accepted", **documented(answers.ProposalTold))
async def accepted(number: Number, asked: AskedConsent, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The tenant agrees to another slot."""
    require(caller.scopes, SCHEDULING_PLAN, "Proposals")
    done = await desk.do(proposals.accept, request.app.state.rules, number, asked.offer, caller.client_id)
    return answer(request, proposal_told(done))


@router.post("/proposals/{number}/refused", **documented(answers.ProposalTold))
async def refused(number: Number, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The tenant does not agree; what was promised stays."""
    require(caller.scopes, SCHEDULING_PLAN, "Proposals")
    return answer(request, proposal_told(await desk.do(proposals.refuse, number, caller.client_id)))


def _emergency(desk: Desk, asked: AskedEmergency, by: str) -> dict[str, Any]:
    asked.check()
    if asked.trade is None or asked.latitude is None or asked.longitude is None:
        return dispatch_told(emergencies.dispatch_order(desk, asked.order_ref, by, asked.reason))
    job = Job(
        asked.order_ref, 0, (Role(asked.trade, frozenset(asked.skills)),) * asked.crew, asked.minutes * 60,
        Priority.EMERGENCY,
        due_s=None if asked.due_at is None else int((asked.due_at - desk.at(0)).total_seconds()),
    )  # fmt: skip
    place = Place(asked.order_ref, asked.latitude, asked.longitude)
    return dispatch_told(emergencies.dispatch(desk, job, place, by, asked.reason))


def _report(desk: Desk, asked: AskedReport, by: str) -> dict[str, Any]:
    asked.check()
    if asked.kind == "away":
        assert asked.operative_ref is not None
        assert asked.until_at is not None
        begin = asked.from_at or desk.clock()
        return changes_told(replan.away(desk, asked.operative_ref, begin, asked.until_at, by, asked.reason))
    assert asked.order_ref is not None
    if asked.kind == "cancelled":
        return changes_told(replan.cancelled(desk, asked.order_ref, by, asked.reason))
    if asked.kind == "overrun":
        assert asked.minutes_left is not None
        return changes_told(replan.overrun(desk, asked.order_ref, asked.minutes_left, by))
    does = {"arrived": replan.arrived, "started": replan.started, "completed": replan.completed,
            "no_access": replan.no_access}[asked.kind]  # fmt: skip
    return changes_told(does(desk, asked.order_ref, by))


def _proposal(desk: Desk, rules: Rules, number: int) -> dict[str, Any]:
    found = proposals.find(desk, number)
    told = proposal_told(found)
    return {**told, "offers": proposals.slots(desk, rules, number)} if found.status_code == "open" else told


def dispatch_told(found: Dispatch) -> dict[str, Any]:
    """An emergency's answer as JSON tells it."""
    return {
        "order_ref": found.job_ref, "visits": visits_told(found.visits), "moved": found.moved,
        "left_out": found.left_out, "proposals": [proposal_told(one) for one in found.proposals],
    }  # fmt: skip


def changes_told(found: Changes) -> dict[str, Any]:
    """What a report changed as JSON tells it."""
    return {
        "moved": found.moved, "left_out": found.left_out, "filled": found.filled,
        "proposals": [proposal_told(one) for one in found.proposals],
    }  # fmt: skip


def proposal_told(found: Proposal) -> dict[str, Any]:
    """A proposal as JSON tells it."""
    return {
        "id": found.id, "order_ref": found.job_ref, "for_order_ref": found.for_ref, "why": found.why, **found.told,
        "status": found.status_code, "made_at": found.made_at, "decided_at": found.decided_at,
    }  # fmt: skip
