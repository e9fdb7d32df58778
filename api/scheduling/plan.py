"""The live plan: what it comes to, and its visits."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.scheduling import answers
from api.scheduling.answers import documented
from api.scheduling.thread import TheDesk
from api.scheduling.told import answer, visits_told
from api.scheduling.values import LONGEST_REF, PLAIN
from api.scopes import SCHEDULING_READ, require
from api.service import TheCaller, TheService, read_now
from scheduling.desk import Desk
from scheduling.events import VisitRow
from scheduling.offers import MILE_M

router = APIRouter(prefix="/v1/scheduling", tags=["Plan"])


@router.get("/plan", **documented(answers.PlanTold))
async def plan(request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The live plan in figures: days, visits, miles, what has no visit, and the last event."""
    require(caller.scopes, SCHEDULING_READ, "The plan")
    return answer(request, await desk.do(_figures))


@router.get("/visits", **documented(answers.VisitsTold))
async def visits(
    request: Request, service: TheService, desk: TheDesk, caller: TheCaller,
    day: Annotated[date, Query(alias="date")],
    operative_ref: Annotated[str | None, Query(max_length=LONGEST_REF, pattern=PLAIN)] = None,
) -> Response:  # fmt: skip
    """The visits of a day, of all operatives or one, in their order. Where somebody will be is kept in the audit."""
    require(caller.scopes, SCHEDULING_READ, "The plan")
    found = await desk.do(_visits, day, operative_ref)
    await service.audit.write(
        read_now(caller.client_id, request.headers.get("purpose") or caller.purpose, "scheduling/visits",
             ("operative_ref",), len(found))
    )  # fmt: skip
    return answer(request, {"data": visits_told(found), "next": None})


def _figures(desk: Desk) -> dict[str, Any]:
    visits = desk.board.visits(range(len(desk.shifts)))
    planned = {visit.job for visit in visits}
    return {
        "plan": desk.plan_id, "starts_on": desk.date_of(0), "days": desk.days, "event": desk.last_event,
        "jobs": len(planned), "visits": len(visits), "left_out": len(desk.open_jobs() - planned),
        "miles": round(desk.board.distance_m / MILE_M, 1),
        "held": len(desk.holds()), "operatives": len(desk.operatives),
    }  # fmt: skip


def _visits(desk: Desk, day: date, operative_ref: str | None) -> list[VisitRow]:
    shifts = [
        number for number, shift in enumerate(desk.shifts)
        if desk.date_of(shift.day) == day
        and operative_ref in (None, desk.operatives[shift.operative].operative_ref)
    ]  # fmt: skip
    return desk.visits(shifts)
