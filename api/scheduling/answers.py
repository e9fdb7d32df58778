"""What the scheduling API answers, as its description tells it: a model a document, each with an example.

Answers are written by ``told`` and its like; tests hold every one of them against its model here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.problems import MEDIA_TYPE

AT = "2026-09-28T08:40:00+01:00"
END = "2026-09-28T12:00:00+01:00"
PROBLEMS = {
    400: "A value is wrong or missing; the problem says which", 401: "A valid access token is needed",
    403: "The token lacks the scope that the problem names", 404: "There is no such thing",
    405: "The method is not offered here", 406: "The media type is not offered", 408: "The request was too slow",
    409: "It conflicts with what is there: `code` says how, and there may be fresh `offers`",
    410: "It is no longer there: `code` says why, and there may be fresh `offers`", 413: "The body is too large",
    414: "The address is too long", 415: "The body is not JSON",
    422: "It is understood, but cannot be done: `code` says why", 429: "Too many requests; Retry-After says when",
    431: "The headers are too large", 503: "The desk cannot answer now; ask again",
}  # fmt: skip


class Told(BaseModel):
    """A document that is answered."""

    model_config = ConfigDict(extra="forbid")


class ProblemTold(BaseModel):
    """A problem document (RFC 9457). ``code`` is for programs; other members depend on it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {
        "type": "/docs#problem-conflict", "title": "It conflicts with what is there", "status": 409,
        "detail": "The slot has no room for the order any more. Hold one of these offers.", "code": "slot-taken",
    }})  # fmt: skip

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    code: str | None = None


def documented(model: type[BaseModel] | None, status: int = 200, *more: int) -> dict[str, Any]:
    """Arguments of a route that answers with that model, and with problem documents."""
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemTold"}}}}
    told: dict[int | str, Any] = {code: {"description": text, **problem} for code, text in PROBLEMS.items()}
    told |= {code: {"model": model, "description": "As it is now"} for code in more}
    return {"response_model": model, "status_code": status, "responses": told}


def streamed() -> dict[str, Any]:
    """Arguments of a route that answers with server-sent events, or a problem document."""
    stream = {"text/event-stream": {"schema": {"type": "string"}}}
    told = documented(None)
    told["responses"][200] = {"description": "Messages as they come, each with its number as `id`", "content": stream}
    return told | {"response_class": Response}


# -- slots ----------------------------------------------------------------------------------------------------------


class OfferTold(Told):
    """A slot that can be had now; ``preference`` 1 is the best for miles and tenant together."""

    offer: str = Field(examples=["2026-09-28.AM.10215310"])
    order_ref: str = Field(examples=["10215310"])
    date: date
    slot: str = Field(examples=["AM"])
    starts_at: datetime = Field(examples=[AT])
    ends_at: datetime = Field(examples=[END])
    expected_at: datetime = Field(examples=[AT])
    operative_ref: str = Field(examples=["900104"])
    added_miles: float = Field(examples=[1.2])
    within_target: bool
    late_days: int
    preference: int
    why: str = Field(examples=["Somebody is near that day; within the target."])


class OfferedDay(Told):
    """A day that was asked for; ``closed`` says why nothing can be had on it."""

    date: date
    offers: int
    closed: str | None


class OffersTold(Told):
    """The slots of an order, in the order of preference."""

    order_ref: str = Field(examples=["10215310"])
    offers: list[OfferTold]
    days: list[OfferedDay]


class BookingTold(Told):
    """A hold or booking."""

    id: int = Field(examples=[17])
    order_ref: str = Field(examples=["10215310"])
    status: Literal["held", "confirmed", "done", "expired", "cancelled"]
    date: date
    slot: str = Field(examples=["AM"])
    starts_at: datetime = Field(examples=[AT])
    ends_at: datetime = Field(examples=[END])
    expires_at: datetime | None


class HoldTold(BookingTold):
    """A hold; ``hold`` is its number."""

    hold: int = Field(examples=[17])


class OrderTold(Told):
    """An order that came into the plan or left it."""

    order_ref: str = Field(examples=["10215310"])


# -- the plan -------------------------------------------------------------------------------------------------------


class PlanTold(Told):
    """The live plan in figures."""

    plan: int
    starts_on: date
    days: int
    event: int
    jobs: int
    visits: int
    left_out: int
    miles: float
    held: int
    operatives: int


class VisitTold(Told):
    """A visit of the live plan."""

    order_ref: str = Field(examples=["10215310"])
    role: int
    operative_ref: str = Field(examples=["900104"])
    date: date
    sequence: int
    arrives_at: datetime
    starts_at: datetime
    ends_at: datetime
    miles: float


class VisitsTold(Told):
    """The visits of a day."""

    data: list[VisitTold]
    next: None


class ChoiceTold(Told):
    """Where a job is, or could be; ``more_`` is against where it is."""

    operatives: list[str]
    date: date
    starts_at: datetime
    added_m: int
    added_miles: float
    cost: int
    more_m: int
    more_miles: float
    more_cost: int


class RuleTold(Told):
    """A rule that kept shifts away."""

    rule: str = Field(examples=["window"])
    sentence: str
    operatives: int
    shifts: int
    next_step: str


class JobWhy(Told):
    """Why a job is where it is; ``here`` is null where it has no visit."""

    order_ref: str = Field(examples=["10215310"])
    here: ChoiceTold | None
    next_operative: ChoiceTold | None
    next_day: ChoiceTold | None
    could: int
    held_by: list[str]
    rules: list[RuleTold]


class WhyTold(Told):
    """Why an order's jobs are where they are."""

    order_ref: str = Field(examples=["10215310"])
    jobs: list[JobWhy]


# -- decisions ------------------------------------------------------------------------------------------------------


class DecisionTold(Told):
    """A pin or block that is in force."""

    id: int
    kind: Literal["pin", "block"]
    order_ref: str | None
    operatives: list[str] | None
    date: date | None
    at: datetime | None
    decided_at: datetime
    by: str
    reason: str
    told: str


class DecisionsTold(Told):
    """The pins and blocks that are in force."""

    data: list[DecisionTold]
    next: None


class Spot(Told):
    """Who visits, and when."""

    operative_ref: str = Field(examples=["900104"])
    starts_at: datetime


class MovedTold(Told):
    """A visit that goes elsewhere; null: nowhere, or from nowhere."""

    order_ref: str = Field(examples=["10215310"])
    role: int
    before: Spot | None
    after: Spot | None


class EffectTold(Told):
    """What a decision comes to. With the ``token`` it is done, if that is still what comes of it."""

    is_done: bool
    token: str
    decisions: list[int]
    added_miles: float
    added_drive_minutes: int
    added_overtime_minutes: int
    added_late_days: int
    added_cost: int
    left_out: list[str]
    promises_touched: list[str]
    promises_broken: list[str]
    moved: list[MovedTold]


# -- the day --------------------------------------------------------------------------------------------------------


class ProposalTold(Told):
    """What the plan cannot keep unless a tenant agrees to another slot; ``offers`` while it is open and asked for."""

    id: int
    order_ref: str = Field(examples=["10215310"])
    for_order_ref: str | None
    why: str = Field(examples=["no-access"])
    promised: list[datetime] = []
    operative_ref: str | None = None
    offers: list[str] = []
    status: Literal["open", "accepted", "refused", "void"]
    made_at: datetime
    decided_at: datetime | None


class ProposalsTold(Told):
    """What waits for a tenant's consent."""

    data: list[ProposalTold]
    next: None


class DispatchTold(Told):
    """Who goes to an emergency, and when; or whose consent it waits for."""

    order_ref: str = Field(examples=["10215310"])
    visits: list[VisitTold]
    moved: list[str]
    left_out: list[str]
    proposals: list[ProposalTold]


class ChangesTold(Told):
    """What a report came to: jobs that moved, that have no visit now, that have one now, and what is asked."""

    moved: list[str]
    left_out: list[str]
    filled: list[str]
    proposals: list[ProposalTold]


class MessageTold(BaseModel):
    """A message to a device; what it says depends on its kind."""

    model_config = ConfigDict(extra="allow")

    id: int
    operative_ref: str
    sequence: int
    kind: str = Field(examples=["emergency"])
    sent_at: datetime
    acknowledge_by: datetime | None
    acknowledged_at: datetime | None
    escalated_at: datetime | None


class DeviceWebhook(Told):
    """A subscription to messages of devices; ``operative_refs`` null: of all."""

    id: str
    url: str = Field(examples=["https://devices.example/hook"])
    operative_refs: list[str] | None
    status: Literal["active", "disabled"]
    message: str | None
    created_at: datetime
    delivered_at: datetime | None
    failures: int
    failing_since: datetime | None


class NewDeviceWebhook(DeviceWebhook):
    """A new subscription, with the secret that its messages are signed with."""

    secret: str = Field(examples=["whsec_..."])


class DeviceWebhooks(Told):
    """The caller's subscriptions."""

    webhooks: list[DeviceWebhook]
