"""What tenants think of the service."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, reference

SATISFACTION_SURVEYS = ("tenant_perception", "repair", "letting", "complaint", "planned_work", "other")


class SatisfactionResponse(Sourced, Base):
    """A tenant's answer to one question of a survey."""

    survey_code: Mapped[str] = code(SATISFACTION_SURVEYS, "What the survey was about")
    question_ref: Mapped[str | None] = column("The question, such as TP02 of the satisfaction measures")
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order that was asked about")
    asset_id: Mapped[UUID | None] = reference("asset", "The home", index=False)
    person_id: Mapped[UUID | None] = reference("person", "Who answered", index=False)
    response_date: Mapped[date | None] = column("Day of the answer")
    score: Mapped[int | None] = column("Answer; higher is better", SmallInteger, check="{} BETWEEN 0 AND 10")
    max_score: Mapped[int | None] = column("Best answer possible", SmallInteger, check="{} BETWEEN 1 AND 10")
    comment: Mapped[str | None] = column("What the tenant wrote; free text that may name people")
