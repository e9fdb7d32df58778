"""``hub schedule``: the scheduling service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from cli import api
from cli.mirrored import Mirrored, mark_of, settings_over
from cli.served import Server, Serving, not_serving, served
from cli.show import console
from cli.workplace import Workplace, workplace

# The service itself is imported where it is used: it takes seconds, and most commands need none of it.

HUB_TOML = Path("hub.toml")
START_SECONDS = 300
"""On a machine that has never run the engine, it is compiled first."""
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]

app = typer.Typer(no_args_is_help=True, help="The scheduling service: the live plan and who decides in it.")


@app.callback()
def _group() -> None:
    """The scheduling service: the live plan and who decides in it."""


@app.command()
def serve(mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Keeps the desk of the live plan up until Ctrl-C, with the database: a plan must be published.

    Examples: hub schedule serve, hub schedule serve --mirror
    """
    with workplace(settings_over(config, mirror)) as place, serving(place) as desk:
        console.print(
            f"[bold]Scheduling[/]  {desk.url}/v1/scheduling   Ctrl-C stops it.{mark_of(place)}", highlight=False
        )
        while desk.process.poll() is None:
            time.sleep(0.5)
        raise not_serving(desk.server)


@contextmanager
def serving(place: Workplace, *, anywhere: bool = False) -> Iterator[Serving]:
    """The scheduling service in its one process as long as the context lasts, once it answers.

    Raises ConfigurationFault where another desk is up, no plan is published, or its address is taken.
    """
    from api.scheduling.server import DeskStart  # noqa: PLC0415
    from api.scheduling.soap import Serving as CallersServing  # noqa: PLC0415
    from scheduling import callers, local_rules  # noqa: PLC0415
    from scheduling.offers import Rules  # noqa: PLC0415

    told = place.settings.scheduling
    rules = Rules(
        told.hold_minutes, told.lead_minutes, told.slot_margin_minutes * 60, told.wait_metres, tuple(told.slots)
    )
    local = local_rules.load(told.local_rules)
    soap = CallersServing(local, callers.load(told.local_rules, local), told.confirm_bookings_to)
    log = place.plans / "server.log"
    server = Server("scheduling", "the scheduling service", "api.scheduling.server", told.listen, log, START_SECONDS)
    start = api.start_of(place)

    def known(descriptor: int) -> DeskStart:
        listening = replace(start, descriptor=descriptor)
        return DeskStart(
            listening, place.plans, rules, place.roads, place.kept_roads, told.day_parts, soap, place.today
        )

    with served(server, known, anywhere=anywhere) as desk:
        yield desk


@contextmanager
def serving_what_is_published(place: Workplace) -> Iterator[Serving | None]:
    """The same where a plan is published; None where none is yet."""
    with psycopg.connect(place.database_url.replace("+psycopg", "", 1)) as connection:
        is_live = (
            connection.execute("SELECT FROM scheduling.plan WHERE status_code = 'published'").fetchone() is not None
        )
    if not is_live:
        yield None
        return
    with serving(place) as desk:
        yield desk
