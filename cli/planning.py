"""``hub schedule plan|publish|approve|show|miles``: plans on their way to be the live one, and their miles."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

import scheduling
from cli.mirrored import Mirrored, settings_over
from cli.schedule import HUB_TOML, Config, app
from cli.show import console, rows
from cli.workplace import Workplace, workplace

if TYPE_CHECKING:
    from flows.planning import Planning
    from scheduling.publish import Kept

# Planning is imported where it is used: it takes a second, and most commands need none of it.

Number = Annotated[int, typer.Argument(metavar="PLAN", help="Number of the plan.")]
Newest = Annotated[int | None, typer.Argument(metavar="[PLAN]", help="Number of the plan; default: the newest.")]
By = Annotated[str, typer.Option("--by", help="Name of the person.")]
ENGINE = Path(next(iter(scheduling.__path__))) / "engine"
COMPILE = ["nice", sys.executable, "-c", "from scheduling.engine.warm import warm; warm()"]


@app.command()
def plan(
    days: Annotated[int | None, typer.Option(min=1, max=28, help="Days; default: hub.toml's.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; default: from now on.")
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Work of the search; default: hub.toml's.")] = None,
    mirror: Mirrored = False,
    config: Config = HUB_TOML,
) -> None:
    """Plans the next days and keeps the plan as a draft, unless a plan of the very same problem stands.

    Examples: hub schedule plan, hub schedule plan --days 28 --iterations 200000, hub schedule plan --mirror
    """
    from flows import planning as steps  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place:
        planning = planning_of(place, days=days, first=first.date() if first else None, iterations=iterations)
        asked = steps.ask(planning)
        number = steps.draft(planning, asked)
        _tell(place, number, is_new=asked.is_new)
        console.print(f"Next step: hub schedule show {number}, then hub schedule publish {number}.", highlight=False)


@app.command()
def publish(plan: Newest = None, by: By = "", mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Makes a draft the live plan. One with more miles a job than the manual week's needs an approval first.

    Example: hub schedule publish 3 --by "A Planner"
    """
    from scheduling import publish as publishing  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place:
        planning = planning_of(place)
        with planning.connection() as connection:
            found = publishing.kept(connection, place.plans, plan)
            found = publishing.publish(connection, planning.setup(), found.plan_id, by or publishing.HUB)
        console.print(f"Plan {found.plan_id} is the live plan.", highlight=False)


@app.command()
def approve(
    plan: Number,
    by: By,
    reason: Annotated[str, typer.Option(help="Why more miles are right; never a value of a tenant.")],
    mirror: Mirrored = False,
    config: Config = HUB_TOML,
) -> None:
    """Keeps that a named person answers for the miles of a plan, which may then be published.

    Example: hub schedule approve 3 --by "A Manager" --reason "both vans of the north are off the road"
    """
    from scheduling import publish as publishing  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place:
        planning = planning_of(place)
        with planning.connection() as connection:
            found = publishing.approve(connection, planning.setup(), plan, by, reason)
        console.print(
            f"{escape(by)} answers for the miles of plan {found.plan_id}. Next step: hub schedule publish {plan}.",
            highlight=False,
        )


@app.command()
def show(plan: Newest = None, mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Writes a plan as a page of its own: chart, map, miles, what is left out; it opens without a network.

    Examples: hub schedule show, hub schedule show 3
    """
    from flows import planning as steps  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place:
        console.print(f"Page: {steps.draw(planning_of(place), plan)}", highlight=False, soft_wrap=True)


@app.command()
def miles(
    by: Annotated[Literal["week", "trade", "operative"], typer.Option(help="What a row is.")] = "week",
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = datetime(2000, 1, 1),
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = datetime(2100, 1, 1),
    mirror: Mirrored = False,
    config: Config = HUB_TOML,
) -> None:
    """Shows miles a job side by side: by hand, by a rota of four areas, as planned and as driven.

    Examples: hub schedule miles, hub schedule miles --by operative --from 2026-09-01
    """
    from scheduling import mileage_watch  # noqa: PLC0415
    from scheduling.tables import MILEAGE_KINDS  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place, planning_of(place).connection() as connection:
        found = mileage_watch.side_by_side(connection, by, first.date(), last.date())
    told = [
        (key, *(_figures(jobs, each) for jobs, each in zip(line[::2], line[1::2], strict=True)))
        for key, *line in found.reindex(
            columns=[(kind, what) for kind in MILEAGE_KINDS for what in ("jobs", "miles_per_job")]
        ).itertuples(name=None)
    ]
    console.print(rows("Miles a job (of jobs)", (by, *(kind.replace("_", " ") for kind in MILEAGE_KINDS)), told))


def _figures(jobs: float, miles_per_job: float) -> str:
    return f"{miles_per_job:.2f} ({jobs:,.0f})" if jobs == jobs else ""  # noqa: PLR0124 - not a number


def planning_of(
    place: Workplace, *, days: int | None = None, first: date | None = None, iterations: int | None = None
) -> Planning:
    """How the settings say that plans are made; the made-up council plans from its own today on."""
    from flows.planning import Planning  # noqa: PLC0415

    told = place.settings.scheduling
    return Planning(
        place.database_url,
        place.plans,
        place.folder / "docs",
        place.roads,
        place.kept_roads,
        told.day_parts,
        told.local_rules,
        days or told.days,
        iterations or told.iterations,
        Decimal(str(told.mileage_limit_percent)),
        first or place.today,
        place.settings.api.test_data or place.today is not None,  # masked, or of the made-up council
    )


@contextmanager
def compiling(place: Workplace) -> Iterator[Callable[[], None]]:
    """Compiles the engine beside what else is done, where it was not compiled yet; what it gives waits for that."""
    known = place.plans / "engine.compiled"
    if known.exists() and known.stat().st_mtime > max(module.stat().st_mtime for module in ENGINE.glob("*.py")):
        yield lambda: None
        return
    process = subprocess.Popen(COMPILE, stdin=subprocess.DEVNULL, start_new_session=True)

    def wait() -> None:
        with console.status("Compiling the scheduling engine, once on this machine ..."):
            if process.wait() == 0:
                known.touch()

    try:
        yield wait
    finally:
        process.kill()
        process.wait()


def plan_ahead(place: Workplace, wait: Callable[[], None]) -> None:
    """Plans over what was just migrated, publishes, draws, and tells the miles beside the manual week's."""
    from flows import planning as steps  # noqa: PLC0415

    wait()
    with console.status("Planning the next days ..."):
        planned = steps.plan_ahead(planning_of(place))
    _tell(place, planned.plan_id, is_new=planned.is_new)
    if planned.waits:
        console.print(f"[yellow]Not published[/]: {escape(planned.waits)}", highlight=False, soft_wrap=True)
    console.print(f"Plan's page: {planned.page}", highlight=False, soft_wrap=True)


def _tell(place: Workplace, number: int, *, is_new: bool) -> None:
    """The plan in few lines."""
    from scheduling import publish as publishing  # noqa: PLC0415

    planning = planning_of(place)
    with planning.connection() as connection:
        found = publishing.kept(connection, place.plans, number)
    if not is_new:
        console.print(f"Plan {number}: nothing that it depends on has changed; it stands as it is.", highlight=False)
    console.print(_lines(found), highlight=False)


def _lines(found: Kept) -> str:
    ratio = found.planned.miles_per_job / found.manual.miles_per_job if found.manual.miles_per_job else 0
    beside = f", by hand {found.manual.miles_per_job:.2f} (x {ratio:.2f})" if ratio else ", and nothing by hand"
    return (
        f"Plan {found.plan_id} ({found.status_code}), {found.horizon.days} days from "
        f"{found.horizon.starts_on:%d %B %Y}: {found.planned.jobs:,} of {len(found.problem.jobs):,} jobs, "
        f"{len(found.problem.operatives):,} operatives, every rule kept; "
        f"{found.planned.miles_per_job:.2f} miles a job{beside}. {len(found.plan.left_out):,} left out and "
        f"{len(found.problem.faults):,} faults of what was given, each with what to do."
    )
