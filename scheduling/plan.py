"""Who goes where, when; what is left out and why; and what it costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson


@dataclass(frozen=True)
class Visit:
    """One operative at one job. A crew of two are two visits of the same start."""

    job: int
    role: int  # of the job's roles
    shift: int
    arrive_s: int
    start_s: int  # not before the window; of a crew the same
    end_s: int
    leg_m: int  # driven from the stop before, or from the shift's start


@dataclass(frozen=True)
class Fetch:
    """A call at a store, for all that the van lacks from then on; of a shift at most one."""

    shift: int
    store: int
    arrive_s: int
    start_s: int  # not before the store opens
    end_s: int
    leg_m: int  # driven from the stop before, or from the shift's start


@dataclass(frozen=True)
class Rest:
    """A break as it was planned; ``number`` is its place among the shift's breaks."""

    shift: int
    number: int
    start_s: int
    end_s: int


@dataclass(frozen=True)
class LeftOut:
    """A job that has no visit in the plan."""

    job: int
    code: str
    message: str
    next_step: str


@dataclass(frozen=True)
class Plan:
    """A plan of one problem. Visits stand by shift and start; the same plan has the same bytes."""

    problem_hash: str
    seed: int
    iterations: int
    visits: tuple[Visit, ...]
    rests: tuple[Rest, ...]
    left_out: tuple[LeftOut, ...]
    distance_m: int  # of all legs, those back to the end of each shift included
    cost: int  # as ``problem.Costs`` weighs it
    fetches: tuple[Fetch, ...] = ()  # by shift

    def to_bytes(self) -> bytes:
        """The plan as JSON, keys sorted."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, written: bytes) -> Plan:
        """The plan that ``to_bytes`` wrote."""
        found = orjson.loads(written)
        return cls(
            **{
                **found,
                "visits": tuple(Visit(**each) for each in found["visits"]),
                "rests": tuple(Rest(**each) for each in found["rests"]),
                "left_out": tuple(LeftOut(**each) for each in found["left_out"]),
                "fetches": tuple(Fetch(**each) for each in found.get("fetches", ())),
            }
        )
