"""``hub schedule why|pin|swap|block|unpin|unblock|decisions``: what a planner asks of the live plan, and decides in it.

A desk that is up is asked over its API; without one the command opens the desk itself, which nobody else can meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import orjson
import requests
import typer
from rich.markup import escape

from cli import api
from cli.mirrored import Mirrored, settings_over
from cli.schedule import HUB_TOML, Config, app
from cli.show import console, rows
from cli.workplace import Workplace, workplace
from ledger.errors import ConfigurationFault, ContractBroken
from settings.model import Settings

if TYPE_CHECKING:
    from scheduling.desk import Desk

# The desk is imported where it is used: it takes seconds.

__all__ = ["app"]
Answered = Mapping[str, Any]
Call = Callable[[str, str, Mapping[str, Any] | None], Answered]
"""Asks the desk: method, path under /v1/scheduling, body."""
Order = Annotated[str, typer.Argument(help="Number of the order; of several trades with one of them, as W90/EL.")]
By = Annotated[str, typer.Option("--by", help="Name of the person who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; never a value of a tenant.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking once more.")]
Consent = Annotated[bool, typer.Option("--consent", help="The tenants whose promises would be broken have agreed.")]
Day = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="The day.")]
Decided = Annotated[int, typer.Argument(metavar="DECISION", help="Its number, of hub schedule decisions.")]


@app.command()
def why(order: Order, mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Says why an order's visits are where they are, what the next best would cost, and which rules left no more.

    Example: hub schedule why W123
    """
    with workplace(settings_over(config, mirror)) as place, _desk(place) as call:
        for one in call("GET", f"/visits/{quote(order, safe='/')}/why", None)["jobs"]:
            _tell_why(one)


@app.command()
def pin(
    order: Order, by: By, reason: Reason,
    operative: Annotated[list[str] | None, typer.Option("--operative", help="Who; once for each of a crew.")] = None,
    day: Day = None,
    at: Annotated[
        datetime | None, typer.Option("--at", formats=["%Y-%m-%dT%H:%M"], help="When it begins, local time.")
    ] = None,
    consent: Consent = False, yes: Yes = False, mirror: Mirrored = False, config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Holds a visit to an operative, a day, a time; without any, to where it is. Shows what it costs first.

    Example: hub schedule pin W123 --operative OP7 --day 2026-09-30 --by "A Planner" --reason "knows the boiler"
    """
    from scheduling.problem import LONDON  # noqa: PLC0415

    begins = at.replace(tzinfo=LONDON).isoformat() if at else None
    body = {"order_ref": order, "operatives": operative or [], "date": _date(day), "at": begins}
    with workplace(settings_over(config, mirror)) as place, _desk(place) as call:
        _decide(call, "/pins", {**body, "by": by, "reason": reason, "consent": consent}, yes=yes)


@app.command()
def swap(
    order: Order, other: Order, by: By, reason: Reason, consent: Consent = False, yes: Yes = False,
    mirror: Mirrored = False, config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Gives each of two visits the other's operative and day, and pins both. Shows what it costs first.

    Example: hub schedule swap W123 W456 --by "A Planner" --reason "the van with the ladder"
    """
    body = {"order_ref": order, "other_ref": other, "by": by, "reason": reason, "consent": consent}
    with workplace(settings_over(config, mirror)) as place, _desk(place) as call:
        _decide(call, "/swaps", body, yes=yes)


@app.command()
def block(
    operative: Annotated[str, typer.Argument(help="Number of the operative.")], by: By, reason: Reason,
    order: Annotated[str | None, typer.Option("--order", help="Only this order.")] = None, day: Day = None,
    consent: Consent = False, yes: Yes = False, mirror: Mirrored = False, config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Keeps an operative from an order, a day, or the whole plan; others get the work. Shows what it costs first.

    Example: hub schedule block OP7 --day 2026-09-30 --by "A Planner" --reason "course"
    """
    body = {"operative_ref": operative, "order_ref": order, "date": _date(day)}
    with workplace(settings_over(config, mirror)) as place, _desk(place) as call:
        _decide(call, "/blocks", {**body, "by": by, "reason": reason, "consent": consent}, yes=yes)


@app.command()
def unpin(
    decision: Decided, by: By, reason: Reason, yes: Yes = False, mirror: Mirrored = False, config: Config = HUB_TOML
) -> None:
    """Takes a pin back; the visit stays where it is until something moves it.

    Example: hub schedule unpin 4 --by "A Planner" --reason "no longer so"
    """
    _undo(settings_over(config, mirror), f"/pins/{decision}", by, reason, yes=yes)


@app.command()
def unblock(
    decision: Decided, by: By, reason: Reason, yes: Yes = False, mirror: Mirrored = False, config: Config = HUB_TOML
) -> None:
    """Takes a block back. Example: hub schedule unblock 5 --by "A Planner" --reason "the course was cancelled" """
    _undo(settings_over(config, mirror), f"/blocks/{decision}", by, reason, yes=yes)


@app.command()
def decisions(mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Lists the pins and blocks in force. Example: hub schedule decisions"""
    with workplace(settings_over(config, mirror)) as place, _desk(place) as call:
        found = call("GET", "/decisions", None)["data"]
    console.print(rows("Decisions", ("No", "Since", "Decision"),
                       [(one["id"], one["decided_at"][:16], escape(one["told"])) for one in found]))  # fmt: skip


def _undo(settings: Settings, path: str, by: str, reason: str, *, yes: bool) -> None:
    asked = f"{path}?by={quote(by)}&reason={quote(reason)}"
    with workplace(settings) as place, _desk(place) as call:
        shown = call("DELETE", asked, None)
        _tell_effect(shown)
        if yes or typer.confirm("Take it back?"):
            call("DELETE", f"{asked}&token={shown['token']}", None)
            console.print("It is taken back.")


def _decide(call: Call, path: str, body: Mapping[str, Any], *, yes: bool) -> None:
    """Shows what a decision costs, asks, and does what was shown."""
    shown = call("POST", path, {**body, "dry_run": True})
    _tell_effect(shown)
    if yes or typer.confirm("Do it?"):
        done = call("POST", path, {**body, "dry_run": False, "token": shown["token"]})
        numbers = ", ".join(str(one) for one in done["decisions"])
        console.print(f"Done: decision {numbers}. Every later plan keeps to it.", highlight=False)


def _tell_effect(effect: Answered) -> None:
    console.print(
        f"It costs {effect['added_miles']:+.1f} miles, {effect['added_drive_minutes']:+d} minutes of driving, "
        f"{effect['added_overtime_minutes']:+d} of overtime, {effect['added_late_days']:+d} days late.",
        highlight=False,
    )  # fmt: skip
    moved = [(one["order_ref"], _where(one["before"]), _where(one["after"])) for one in effect["moved"]]
    if moved:
        console.print(rows("Visits that change", ("Order", "From", "To"), moved))
    for name, told in (("promises_touched", "Promised, and kept as promised"), ("left_out", "Left out"),
                       ("promises_broken", "[bold red]Promises broken[/], for which consent is needed")):  # fmt: skip
        if effect[name]:
            console.print(f"{told}: {', '.join(effect[name])}.", highlight=False)


def _tell_why(one: Answered) -> None:
    choices = [
        (told, ", ".join(choice["operatives"]), choice["starts_at"][:16].replace("T", " "),
         f"{choice['added_m']:,} m ({choice['added_miles']} miles)", f"{choice['cost']:,}",
         f"{choice['more_m']:+,} m", f"{choice['more_cost']:+,}")
        for told, choice in (("here", one["here"]), ("next best operative", one["next_operative"]),
                             ("next best day", one["next_day"]))
        if choice is not None
    ]  # fmt: skip
    console.print(rows(f"{one['order_ref']}: {'planned' if one['here'] else 'left out'}",
                       ("Where", "Operative", "Begins", "Adds", "Cost", "More way", "More cost"), choices))  # fmt: skip
    ruled = [(one["rule"], str(one["operatives"]), str(one["shifts"]), one["sentence"], one["next_step"])
             for one in one["rules"]]  # fmt: skip
    console.print(rows(f"Rules; {one['could']} operatives could do it",
                       ("Rule", "Operatives", "Shifts", "It says", "What would help"), ruled))  # fmt: skip
    for sentence in one["held_by"]:
        console.print(escape(sentence), highlight=False)


def _where(at: Answered | None) -> str:
    return "left out" if at is None else f"{at['operative_ref']} {at['starts_at'][:16].replace('T', ' ')}"


def _date(day: datetime | None) -> str | None:
    return day.date().isoformat() if day else None


# -- the desk, up or not ---------------------------------------------------------------------------------------------


@contextmanager
def _desk(place: Workplace) -> Iterator[Call]:
    """How the desk is asked: over its API where it is up, else opened here, with its lock, for as long as it takes."""
    url = f"http://{place.settings.scheduling.listen}"
    if _is_up(url):
        yield partial(_over_api, f"{url}/v1/scheduling", _bearer(place))
        return
    desk = _opened(place)
    try:
        yield partial(_here, desk)
    finally:
        desk.store.close()


def _is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=5).status_code == requests.codes.ok
    except requests.RequestException:
        return False


def _bearer(place: Workplace) -> str:
    from api import clients, workers  # noqa: PLC0415
    from api.scopes import SCHEDULING_PLAN, SCHEDULING_READ  # noqa: PLC0415

    issuer = workers.issuer_of(api.start_of(place))
    if issuer is None:
        raise ConfigurationFault(
            f"tokens are issued by {place.settings.api.issuer}, and the desk is up.", system="scheduling",
            next_step="Use the desk's API with a token of that issuer.",
        )  # fmt: skip
    scopes = frozenset({SCHEDULING_READ, SCHEDULING_PLAN})
    return issuer.token(clients.Client("hub-schedule", scopes, "hub schedule"), scopes, time.time())


def _over_api(url: str, bearer: str, method: str, path: str, body: Mapping[str, Any] | None) -> Answered:
    answer = requests.request(method, url + path, json=body, headers={"authorization": f"Bearer {bearer}"}, timeout=60)
    told: Answered = answer.json()
    if not answer.ok:
        raise ContractBroken(
            f"the desk refused it ({told.get('code', answer.status_code)}).", system="scheduling",
            next_step=str(told.get("detail", "Read the desk's log.")),
        )  # fmt: skip
    return told


def _opened(place: Workplace) -> Desk:
    from api.scheduling.server import clock_of  # noqa: PLC0415
    from scheduling.desk import Desk  # noqa: PLC0415
    from scheduling.roads.travel import roads  # noqa: PLC0415
    from scheduling.store import Store  # noqa: PLC0415

    told = place.settings.scheduling
    ways = roads(place.roads, place.kept_roads, told.day_parts)
    return Desk(
        Store(place.database_url, place.plans), clock_of(place.today), ways.beside, told.slot_margin_minutes * 60
    )


def _here(desk: Desk, method: str, path: str, body: Mapping[str, Any] | None) -> Answered:
    """The same answers as the API's, from a desk of our own."""
    from urllib.parse import parse_qs, unquote, urlsplit  # noqa: PLC0415

    from api.scheduling import decisions as asked  # noqa: PLC0415
    from scheduling.overrides import By as Person  # noqa: PLC0415

    parts = urlsplit(path)
    if method == "GET":
        order = unquote(parts.path.removeprefix("/visits/").removesuffix("/why"))
        told = asked.in_force(desk) if parts.path == "/decisions" else asked.reasons(desk, order)
    elif method == "DELETE":
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        number = int(parts.path.rpartition("/")[2])
        told = asked.undone(desk, number, Person(given["by"], given["reason"], given.get("token")))
    elif parts.path == "/pins":
        told = asked.pinned(desk, asked.AskedPin.model_validate(body))
    elif parts.path == "/swaps":
        told = asked.swapped(desk, asked.AskedSwap.model_validate(body))
    else:
        told = asked.blocked(desk, asked.AskedBlock.model_validate(body))
    answer: Answered = orjson.loads(orjson.dumps(told))
    return answer
