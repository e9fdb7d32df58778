"""A job that fits into no shift says the true reason, and what would help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.misfit import misfit
from scheduling.problem import Block, Operative, Problem
from scheduling.rules import Rule
from tests.scheduling import small

HOUR = small.HOUR


def one_job(hours: float = 1.0, people: int = 1, crew: int = 1, max_leg_s: int | None = None, **job: object) -> Problem:
    """A plumber at one end of the road, the job at the other; a shift from eight to four with a break at noon."""
    staff = [replace(small.operative(f"OP{who}", {"PL": 100}), max_leg_s=max_leg_s) for who in range(people)]
    shifts = [small.shift(who, breaks=(small.lunch(),)) for who in range(people)]
    task = replace(small.job("A", 8, *["PL"] * crew), duration_s=round(hours * HOUR), **job)  # type: ignore[arg-type]
    return small.problem(staff, shifts, [task])


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (one_job(windows=(small.window(17, 19),)), Rule.WINDOW),
        (one_job(people=1, crew=2), Rule.WINDOW),
        (one_job(max_leg_s=600), Rule.LEG_LIMIT),
        (one_job(hours=4, windows=(small.window(13, 15),)), Rule.SHIFT),
        (one_job(hours=6), Rule.BREAK),
        (one_job(hours=6, people=2, crew=2), Rule.BREAK),
    ],
    ids=[
        "no shift in the window",
        "too few for the crew",
        "too far",
        "ends too late",
        "no break",
        "no break of a crew",
    ],
)
def test_the_rule_that_leaves_no_place_is_named(problem: Problem, rule: Rule) -> None:
    assert misfit(problem, 0)[0] is rule
    left = solve(problem, Stop(iterations=20), 1).left_out
    if len(problem.operatives) >= len(problem.jobs[0].roles):
        assert [one.code for one in left] == [rule]


def test_a_decision_is_told_before_all_else() -> None:
    problem = replace(one_job(hours=6), blocks=(Block(0, 0, None, "p", "r"),))
    assert misfit(problem, 0)[0] is Rule.BLOCK


def test_an_operative_without_the_skill_is_nobody() -> None:
    problem = one_job()
    other = Operative("OP9", {"EL": 100})
    assert misfit(replace(problem, operatives=(other,)), 0)[0] is Rule.WINDOW
