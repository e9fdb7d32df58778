"""The days that a plan covers, and the instant from which they are still free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduling import calendars
from scheduling.problem import LONDON


@dataclass(frozen=True)
class Horizon:
    """``days`` local days from ``starts_on`` on. ``now`` is None where a plan is made the night before."""

    starts_on: date
    days: int
    now: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 28:
            raise ValueError(f"a plan covers 1 to 28 days, not {self.days}")

    @property
    def starts_at(self) -> datetime:
        """The first local midnight."""
        return calendars.midnight(self.starts_on)

    @property
    def now_s(self) -> int:
        """What lies before is over; 0 where nothing has begun."""
        return max(0, self.seconds(self.now)) if self.now else 0

    @property
    def end_s(self) -> int:
        """The midnight after the last day."""
        return self.clock(self.days, 0)

    @property
    def dates(self) -> tuple[date, ...]:
        """The local days."""
        return tuple(self.starts_on + timedelta(days=day) for day in range(self.days))

    def seconds(self, at: datetime) -> int:
        """Seconds after the start."""
        return calendars.seconds_after(self.starts_at, at.astimezone(LONDON))

    def clock(self, day: int, minute: int) -> int:
        """When local clocks show that minute of the day, seconds after the start."""
        return calendars.wall_clock(self.starts_at, self.starts_on + timedelta(days=day), minute)
