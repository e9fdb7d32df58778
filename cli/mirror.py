"""``hub mirror``: the test environment, everything real except the people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli import mirror_extracts, mirror_plan, mirror_proof, running
from cli.live import LINE_SECONDS, REFRESH_SECONDS, following
from cli.show import console, rows
from cli.workplace import Workplace, settings_of, workplace
from flows.progress import read
from ledger.errors import ConfigurationFault, ContractBroken
from mirror import key as keys
from mirror import snapshots
from mirror.cluster import Site, State
from mirror.databases import BASE
from services.binaries import psql
from settings.model import Settings

if TYPE_CHECKING:
    from flows.mirrors import Mirroring

HUB_TOML = Path("hub.toml")
MOST_STREETS = 9_999
"""A greater number is a street's USRN."""
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
Snapshot = Annotated[str, typer.Argument(metavar="[NAME]", help="Name of the snapshot; default: as it was built.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="As it was at the end of that day.")
]

app = typer.Typer(no_args_is_help=True, help="The test environment: a mirror, everything real except the people.")
app.command()(mirror_plan.plan)
app.command()(mirror_extracts.extracts)
app.command()(mirror_extracts.replay)


@app.command()
def build(
    profile: Annotated[str | None, typer.Option(help="test or demo; default: hub.toml's.")] = None,
    streets: Annotated[
        str | None, typer.Option(help="Only so many streets, or those of these USRNs, with commas between them.")
    ] = None,
    as_of: AsOf = None,
    over: Annotated[bool, typer.Option("--over", help="Though testers' snapshots and branches go with it.")] = False,
    config: Config = HUB_TOML,
) -> None:
    """Builds the mirror anew and puts it in the place of the one that stands, which is left as it is until then.

    Under Prefect where its server is up, else plainly.
    Examples: hub mirror build, hub mirror build --streets 10, hub mirror build --profile demo --as-of 2026-09-30
    """
    with workplace(settings_of(config)) as place, running.standing_prefect(place.settings) as is_under_prefect:
        from flows import mirrors as flow  # noqa: PLC0415 - Prefect reads its settings when it is imported

        told = mirroring_of(place, profile, _streets(streets), as_of.date() if as_of else None, over=over)
        with _progress(told.progress):
            state = flow.under_prefect(told) if is_under_prefect else told.run()
    _tell(told.order.site, state)


@app.command()
def status(config: Config = HUB_TOML) -> None:
    """Shows what stands: which build, of what, its databases, and how a tester gets to each.

    Example: hub mirror status
    """
    site = site_of(settings_of(config))
    if site.is_busy():
        console.print("Something builds or changes the mirror at this moment.")
    state = site.standing()
    if state is None:
        console.print("No mirror stands. Next step: hub mirror build")
        return
    if site.is_local and not site.server(state.build).is_running:
        console.print(f"Mirror {state.build} stands and is down. Next step: hub mirror start", highlight=False)
        return
    _tell(site, state)
    lines = [
        (each.kind, each.name, f"{size / 1e6:,.0f} MB", _address(site, each.database, each.kind))
        for each, size in snapshots.listed(site)
    ]
    console.print(rows("Databases", ("", "Name", "Size", "To get there"), lines))


@app.command()
def proof(
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False, config: Config = HUB_TOML
) -> None:
    """Shows what the proof of the mirror that stands found, once its signature holds; exits 1 where it has faults.

    Examples: hub mirror proof, hub mirror proof --json
    """
    settings = settings_of(config)
    state = site_of(settings).standing()
    if state is None:
        raise ContractBroken("no mirror stands.", system="mirror", next_step="run 'hub mirror build'.")
    key = keys.read(settings.mirror.key or settings.hub.folder / "mirror.key")
    if not mirror_proof.show(settings.hub.folder / "mirror" / "proofs", state.build, key, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def reset(
    snapshot: Snapshot = BASE,
    branch: Annotated[str | None, typer.Option(help="A tester's branch, instead of the mirror.")] = None,
    config: Config = HUB_TOML,
) -> None:
    """Puts the mirror, or a branch, back to a snapshot. Sessions in it end; the next ones find the snapshot.

    Examples: hub mirror reset, hub mirror reset before_go_live, hub mirror reset --branch amina
    """
    settings = settings_of(config)
    site = site_of(settings)
    with site.alone():
        where = site.administration()
        began = perf_counter()
        snapshots.reset(where, site.database, snapshot, branch)
        took = perf_counter() - began
        console.print(f"Back at {snapshot}, in {1000 * took:.0f} ms.", highlight=False)
        with console.status("Making the next spare ..."):
            snapshots.refill(where, site.database, settings.mirror.spares)


@app.command()
def snapshot(
    name: Annotated[str, typer.Argument(help="Its name.")], as_of: AsOf = None, config: Config = HUB_TOML
) -> None:
    """Keeps the mirror as testers have left it, to go back to; with --as-of as it was built, at the end of that day.

    Sessions in the mirror end. Examples: hub mirror snapshot before_go_live,
    hub mirror snapshot year_end --as-of 2026-03-31
    """
    settings = settings_of(config)
    site = site_of(settings)
    with site.alone(), console.status("Copying ..."):
        day = as_of.date() if as_of else None
        snapshots.take(site.administration(), site.database, name, day, spares=settings.mirror.spares)
    console.print(f"Next step: hub mirror reset {name}", highlight=False)


@app.command()
def branch(
    tester: Annotated[str, typer.Argument(help="Name of the branch, as of its tester.")],
    begin: Annotated[str, typer.Option("--from", help="Snapshot that it begins at.")] = BASE,
    config: Config = HUB_TOML,
) -> None:
    """Makes a database of a tester's own, which nobody else's tests disturb.

    Examples: hub mirror branch amina, hub mirror branch amina --from before_go_live
    """
    site = site_of(settings_of(config))
    with site.alone(), console.status("Copying ..."):
        made = snapshots.branch(site.administration(), site.database, tester, begin)
    console.print(_address(site, made, "branch"), highlight=False, soft_wrap=True)


@app.command()
def drop(name: Annotated[str, typer.Argument(help="The branch or snapshot.")], config: Config = HUB_TOML) -> None:
    """Drops a branch or a snapshot.

    Example: hub mirror drop amina
    """
    site = site_of(settings_of(config))
    with site.alone():
        was = snapshots.drop(site.administration(), site.database, name)
    console.print(f"The {was} {name} is gone.", highlight=False)


@app.command()
def start(config: Config = HUB_TOML) -> None:
    """Starts the mirror's server, after a restart of the machine; it runs on when the command ends.

    Example: hub mirror start
    """
    site = site_of(settings_of(config))
    with site.alone():
        site.sweep()
        snapshots.refill(site.administration(), site.database, 0)
    console.print(_address(site, site.database, "mirror"), highlight=False, soft_wrap=True)


@app.command()
def stop(config: Config = HUB_TOML) -> None:
    """Stops the mirror's server. What stands in it stays.

    Example: hub mirror stop
    """
    site = site_of(settings_of(config))
    with site.alone():
        site.sweep()
        site.stop()


@app.command()
def remove(config: Config = HUB_TOML) -> None:
    """Removes the mirror with its snapshots and branches: nothing of it is left.

    Example: hub mirror remove
    """
    site = site_of(settings_of(config))
    with site.alone():
        if not site.is_local and site.standing():
            snapshots.remove(site.administration(), site.database)
        site.take_down()


def site_of(settings: Settings) -> Site:
    """Where the settings say that mirrors stand."""
    told = settings.mirror
    return Site(settings.hub.folder / "mirror", told.port, told.url)


def mirroring_of(
    place: Workplace,
    profile: str | None = None,
    streets: int | tuple[int, ...] | None = None,
    as_of: date | None = None,
    *,
    over: bool = False,
) -> Mirroring:
    """How the settings say that the mirror is built."""
    from flows.mirrors import Mirroring  # noqa: PLC0415
    from mirror.build import Order  # noqa: PLC0415

    told, folder = place.settings.mirror, place.folder / "mirror"
    profile = profile or told.profile
    if profile not in ("test", "demo"):
        raise ConfigurationFault("there is no such profile.", place="--profile", next_step="Give test or demo.")
    order = Order(place.database_url, site_of(place.settings), profile, streets, as_of, told.spares, over)
    return Mirroring(
        order=order,
        key=told.key or place.folder / "mirror.key",
        reference_day=place.today or date.today(),
        proofs=folder / "proofs",
        progress=folder / "progress.jsonl",
    )


def _streets(told: str | None) -> int | tuple[int, ...] | None:
    if told is None:
        return None
    numbers = [int(part) for part in told.split(",") if part.strip().isdecimal()]
    if not numbers or len(numbers) != len(told.split(",")) or 0 in numbers:
        raise ContractBroken("that is no number of streets and no USRNs.", place="--streets", next_step="Give digits.")
    return numbers[0] if len(numbers) == 1 and numbers[0] <= MOST_STREETS else tuple(numbers)


def _address(site: Site, database: str, kind: str) -> str:
    return f"{psql()} '{site.tester_url(database)}'" if kind in ("mirror", "branch") else ""


def _tell(site: Site, state: State) -> None:
    """What stands, in few lines."""
    part = f", {state.streets} streets" if state.streets else ""
    part += f", as of {state.as_of:%d %B %Y}" if state.as_of else ""
    proof = "proven, files and WAL too" if state.is_complete else "files and WAL not scanned: the proof is not complete"
    console.print(
        f"Mirror {state.build} ([bold]TEST DATA[/], profile {state.profile}{part}): {state.rows:,} rows, made "
        f"{state.made_at:%d %B %Y %H:%M} UTC in {sum(state.seconds.values()):.0f} s; {proof}.",
        highlight=False,
    )
    console.print(escape(_address(site, site.database, "mirror")), highlight=False, soft_wrap=True)


@contextmanager
def _progress(path: Path) -> Iterator[None]:
    """Shows, while the block runs, how far the build is."""
    if console.is_terminal:
        with (
            console.status("Building the mirror ...") as shown,
            following(REFRESH_SECONDS, lambda: shown.update(_done(path))),
        ):
            yield
    else:
        with following(LINE_SECONDS, lambda: console.print(_done(path), highlight=False)):
            yield


def _done(path: Path) -> str:
    done = read(path)
    copied = sum(at.rows for (_, stage), at in done.items() if stage == "copy")
    made = sum(at.rows for (_, stage), at in done.items() if stage == "index")
    return f"Building the mirror: {copied:,} rows copied, {made:,} indexes and keys checked ..."
