"""What a request to the scheduling API may say: texts, numbers and instants, each with its bounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

LARGEST = 2**53 - 1
"""Of a number: the largest that every reader of JSON has exactly."""
LONGEST_REF, LONGEST_OFFER, LONGEST_KEY, LONGEST_REASON, LONGEST_WORD = 60, 100, 100, 200, 20
PLAIN = r"^[^\u0000]*$"
"""Of a text: PostgreSQL keeps every character but this one."""
YEARS = range(2000, 2200)
"""Of an instant: beyond them lies nothing that is planned, and arithmetic with days comes to an end."""


def _text(value: object) -> object:
    """An instant is a text; a number would be read as seconds. Raises ValueError."""
    if value is not None and not isinstance(value, str):
        raise ValueError("an instant is a text, as ISO 8601 has it")
    return value


def _of_these_years(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError(f"an instant lies from {YEARS[0]} to {YEARS[-1]}")
    return value


Ref = Annotated[str, Field(min_length=1, max_length=LONGEST_REF, pattern=PLAIN)]
RefPath = Annotated[str, Path(min_length=1, max_length=LONGEST_REF, pattern=PLAIN)]
Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD, pattern=PLAIN)]
OfferRef = Annotated[str, Field(min_length=1, max_length=LONGEST_OFFER, pattern=PLAIN)]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=PLAIN)]
Reason = Annotated[str | None, Query(max_length=LONGEST_REASON, pattern=PLAIN)]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Instant = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_of_these_years)]


class Body(BaseModel):
    """A document that is sent: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
