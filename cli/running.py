"""Running the migration from the command line: under Prefect where a server is up, with live progress."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, flock

import typer
from rich.markup import escape

from cli import golden, show
from cli.live import live_progress
from cli.show import console
from cli.workplace import Workplace, connections, create_database_once
from connectors.opening import Connection
from estate import council
from estate.habits import mixes
from flows import runs
from flows.migrate import SystemResult
from flows.references import Run
from services.postgres import Postgres
from services.prefect_server import PrefectServer, client_environment, find_server, next_runs
from settings.model import EMBEDDED, ESTATE, SQLITE, Settings


def enabled_sources(settings: Settings) -> dict[str, str]:
    """Each enabled system's source."""
    return {name: system.source for name, system in settings.systems.items() if system.enabled}


@contextmanager
def prefect_server(settings: Settings) -> Iterator[PrefectServer | None]:
    """The embedded Prefect server, already starting while others work; None where another one is configured."""
    if settings.prefect.api != EMBEDDED:
        yield None
        return
    with ExitStack() as stack:
        server = PrefectServer(settings.hub.folder / "prefect", database_url=_prefect_database(settings, stack))
        stack.callback(server.stop)
        server.begin()
        yield server


def _prefect_database(settings: Settings, stack: ExitStack) -> str | None:
    """The URL of the database that the Prefect server writes; None for a file."""
    if settings.prefect.database == SQLITE:
        return None
    if settings.prefect.database == EMBEDDED:
        return create_database_once(stack.enter_context(Postgres(settings.hub.folder / "postgres")), "prefect")
    return settings.prefect.database


def use_prefect(settings: Settings, server: PrefectServer | None) -> None:
    """Points this process at the Prefect server; must come before Prefect is imported."""
    if server is not None:
        os.environ |= server.start().environment(settings.hub.folder / "prefect")
    else:
        os.environ |= client_environment(settings.prefect.api)


@contextmanager
def standing_prefect(settings: Settings) -> Iterator[bool]:
    """Whether a Prefect server is up or configured; this process is pointed at it, and it stays up that long."""
    if settings.prefect.api != EMBEDDED:
        use_prefect(settings, None)
        yield True
        return
    folder = settings.hub.folder / "prefect"
    server = PrefectServer(folder)
    try:
        found = server.join()
        if found:
            os.environ |= found.environment(folder)
        yield found is not None
    finally:
        server.stop()


def write_estate(place: Workplace, size: council.Size, *, anew: bool = False) -> None:
    """Writes the made-up council unless it stands there already, of the same size, seed and dirt.

    Of two processes that would write it one waits for the other.
    """
    homes, seed = size.homes, size.seed
    with (place.folder / ".estate.lock").open("a") as lock, console.status("") as status:
        flock(lock, LOCK_EX)
        stands = not anew and council.written(place.estate) == size
        if not stands:
            council.write(
                place.estate, size, place.legacy_tenancy_url,
                lambda system: status.update(f"Writing the made-up council of {homes:,} homes: {system} ..."),
            )  # fmt: skip
    if stands:
        console.print(f"The made-up council of {homes:,} homes (seed {seed}) stands in {place.estate}.")
        return
    console.print(f"Wrote the made-up council of {homes:,} homes (seed {seed}) to {place.estate}.")


def migrate(place: Workplace, sources: Mapping[str, str], *, under_prefect: bool) -> bool:
    """Runs the migration of these systems, decides who is who, and shows how it ended; True where the books close
    and the golden records stand."""
    with connections(place, sources) as reached:
        run = runs.begin(place.database_url, place.folder, place.landing)
        console.print(f"Run {run.run_id}: {', '.join(runs.in_order(reached))}")
        with live_progress(run.progress, runs.in_order(reached)):
            results = _under_prefect(run, reached) if under_prefect else runs.migrate_plainly(run, reached)
        closes = runs.finish(run, results)
    show_results(results)
    resolution = golden.resolve(run, under_prefect=under_prefect)
    judgement = runs.publish(run, results)
    if judgement.run_id != run.run_id:
        console.print(f"Business rules: as run {judgement.run_id} found; no row that they read was written since.")
    for verdict in judgement.verdicts:
        if not verdict.passed:
            console.print(
                f"[yellow]canonical {verdict.table}[/]: {escape(verdict.stop_reason)} {escape(verdict.next_step)}"
            )
    return closes and resolution.fault is None


def _under_prefect(run: Run, reached: Mapping[str, Connection]) -> list[SystemResult]:
    from flows.orchestrate import flush_log  # noqa: PLC0415 - Prefect reads its settings when it is imported
    from flows.orchestrate import migrate as flow  # noqa: PLC0415

    try:
        results: list[SystemResult] = flow(run, dict(reached))
    finally:
        flush_log()
    return results


def show_results(results: list[SystemResult]) -> None:
    """The reconciliation, and what stopped."""
    counts = sorted((c for result in results for c in result.counts), key=lambda c: (c.system, c.table))
    console.print(show.reconciliation(counts))
    closes = all(count.closes for count in counts) and all(r.status == "finished" for r in results)
    show.verdict(((r.system, r.status, r.message) for r in results if r.message), closes=bool(counts) and closes)


def known_mix(name: str) -> str:
    """The name of a mix of dirt; for any other a usage error that lists them."""
    if name not in mixes():
        raise typer.BadParameter(f"Choose one of: {', '.join(mixes())}.")
    return name


def estate_size(place: Workplace, otherwise: council.Size) -> council.Size:
    """What the estate that stands there is made from; where there is none, what it would be ``otherwise``."""
    return council.written(place.estate) or otherwise


def needs_estate(sources: Mapping[str, str]) -> bool:
    """Whether some source is the made-up council's."""
    return ESTATE in sources.values()


def schedules(settings: Settings) -> list[tuple[str, str, str]]:
    """System, schedule and, where a Prefect server is up, the next run, in this machine's time."""
    found = find_server(settings.hub.folder / "prefect") if settings.prefect.api == EMBEDDED else None
    api = found.api_url if found else "" if settings.prefect.api == EMBEDDED else settings.prefect.api
    following = next_runs(api) if api else {}
    return [
        (name, system.schedule or "by hand", f"{following[name]:%Y-%m-%d %H:%M}" if name in following else "")
        for name, system in settings.systems.items()
        if system.enabled
    ]
