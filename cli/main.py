"""``hub``: one command for everything. Each command's help ends with examples."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from canonical_model.changes import purge_changes
from cli import (
    api,
    identity,
    ledger_views,
    lineage_views,
    mirror,
    planning,
    running,
    schedule,
    schedule_decisions,
    show,
)
from cli.show import console
from cli.workplace import connections, settings_of, workplace
from estate.council import Size
from estate.habits import FIRST
from flows.faults import only_hub_faults
from ledger.errors import ConfigurationFault, HubError
from loading.load import connect
from loading.purge import purge as purge_raw
from mappings.catalogue import load_system, system_names
from reconciliation.truth import compare
from scheduling import purging
from services.interrupts import stop_at_the_first, was_heard

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
estate_app = typer.Typer(no_args_is_help=True, help="The made-up council: seven legacy systems and their feeds.")
app.add_typer(estate_app, name="estate")
app.add_typer(identity.app, name="identity")
app.add_typer(api.app, name="api")
app.add_typer(schedule_decisions.app, name="schedule")
app.add_typer(mirror.app, name="mirror")

HUB_TOML = Path("hub.toml")
STOPPED = 130  # what a shell says of a command that Ctrl-C ended
HOMES, SEED = 1_900, 20260928  # 1.5 million source rows
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
Homes = Annotated[int, typer.Option(min=100, max=100_000, help="Homes of the made-up council.")]
Seed = Annotated[int, typer.Option(help="Seed of the made-up council.")]
Dirt = Annotated[str, typer.Option(callback=running.known_mix, help="The mix of habits by which its data is dirty.")]
System = Annotated[str | None, typer.Option("--system", help="Only this system.")]


def main() -> None:
    """Runs the command; a fault that a person can mend is a message and exit code 1, not a stack trace."""
    stop_at_the_first()
    try:
        with only_hub_faults():
            app()
    except HubError as fault:
        if was_heard():
            sys.exit(STOPPED)
        console.print(f"[bold red]{type(fault).__name__}[/]: {escape(str(fault))}", highlight=False, soft_wrap=True)
        sys.exit(1)


@app.command()
def run(homes: Homes = HOMES, seed: Seed = SEED, dirt: Dirt = FIRST, config: Config = HUB_TOML) -> None:
    """Sets up the made-up council, migrates it under Prefect, shows the books, asks the API once and plans its repairs.

    Exit code 0 only if the books close. Examples: hub run, hub run --homes 5000
    """
    began, settings = perf_counter(), settings_of(config)
    with (
        running.prefect_server(settings) as server, workplace(settings) as place, planning.compiling(place) as compiled,
    ):  # fmt: skip
        running.write_estate(place, Size(homes, seed, dirt))
        running.use_prefect(settings, server)
        closes = running.migrate(place, running.enabled_sources(settings), under_prefect=True)
        if server:
            server.ask_to_stop()  # while the API is asked and the database stops
        api.call_once(place)
        if "works" in settings.systems and settings.systems["works"].enabled:
            planning.plan_ahead(place, compiled)
        console.print(f"{perf_counter() - began:.0f} s. Data Docs: {place.folder / 'docs' / 'index.html'}")
    raise typer.Exit(0 if closes else 1)


@app.command()
def migrate(
    system: System = None,
    source: Annotated[str | None, typer.Option(help="Read the system here instead: a file, folder or URL.")] = None,
    config: Config = HUB_TOML,
) -> None:
    """Migrates the configured systems, or one of them, or one source that the hub has never seen.

    Under Prefect where its server is up, else plainly. Exit code 0 only if the books close.
    Examples: hub migrate, hub migrate --system works,
    hub migrate --system licensing --source register.csv
    """
    if source and not system:
        raise ConfigurationFault("--source needs --system.", next_step="Say which system the source is of.")
    settings = settings_of(config)
    sources = running.enabled_sources(settings)
    if system:
        sources = {system: source or sources.get(system, "")}
        if not sources[system]:
            raise ConfigurationFault(
                "hub.toml does not say where it is.", system=system, next_step="Add its section, or give --source."
            )
    with workplace(settings) as place, running.standing_prefect(settings) as under_prefect:
        closes = running.migrate(place, sources, under_prefect=under_prefect)
    raise typer.Exit(0 if closes else 1)


@app.command()
def status(config: Config = HUB_TOML) -> None:
    """Shows each system's last run, what it said, its schedule, and what sources send beyond what they declare.

    Example: hub status
    """
    settings = settings_of(config)
    with workplace(settings) as place:
        runs = ledger_views.last_runs(place.database_url)
        drift = ledger_views.drift(place.database_url)
    console.print(show.rows("Last runs", ledger_views.RUN_HEADINGS, runs.lines))
    for message in runs.messages:
        console.print(escape(message), highlight=False, soft_wrap=True)
    console.print(show.rows("Schedules", ("System", "Schedule", "Next run"), running.schedules(settings)))
    if drift:
        console.print(show.rows("Sent and not declared", ledger_views.DRIFT_HEADINGS, drift))


@app.command()
def issues(
    system: System = None,
    code: Annotated[str | None, typer.Option(help="Only this code.")] = None,
    rows: Annotated[int, typer.Option(help="Show so many rows with their values: personal data.")] = 0,
    config: Config = HUB_TOML,
) -> None:
    """Shows what stands to be corrected, by code and by whom; with --rows the rows themselves.

    Examples: hub issues, hub issues --system tenancy, hub issues --code TENANCY-TENAGREE-EOT-CLIPPED --rows 20
    """
    if system:
        load_system(system)  # a name mistyped would look like a system without faults
    with workplace(settings_of(config)) as place:
        if rows:
            lines = ledger_views.issue_rows(place.database_url, system, code, rows)
            headings: tuple[str, ...] = ledger_views.ISSUE_HEADINGS
        else:
            lines = ledger_views.issue_codes(place.database_url, system, code)
            headings = ("Code", "Severity", "Who corrects it", "Rows")
    console.print(show.rows("Issues", headings, lines))


@app.command()
def reconcile(
    run: Annotated[int | None, typer.Option(help="Number of the run; default: the last.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, money as strings.")] = False,
    config: Config = HUB_TOML,
) -> None:
    """Shows the reconciliation of a run. Exit code 0 only if it closes and every system finished.

    Examples: hub reconcile, hub reconcile --run 3 --json
    """
    with workplace(settings_of(config)) as place:
        closes = ledger_views.run_closes(place.database_url, run)
        counts = ledger_views.table_counts(place.database_url, run)
        endings = ledger_views.endings(place.database_url, run)
    if as_json:
        typer.echo(show.as_json(counts))
    else:
        console.print(show.reconciliation(counts) if counts else "That run read no table.")
        show.verdict(endings, closes=closes)
    raise typer.Exit(0 if closes else 1)


@app.command()
def lineage(
    entity: Annotated[str, typer.Argument(help="Canonical table, such as rent_transaction, or SYSTEM.TABLE.")],
    key: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the canonical row; key or UNIT:LINE of the source row.")
    ],
    field: Annotated[str | None, typer.Argument(help="Only this field.")] = None,
    config: Config = HUB_TOML,
) -> None:
    """Shows where a canonical value comes from, or what became of a source row.

    Examples: hub lineage tenancy 0b9e..., hub lineage rent_account 0b9e... weekly_rent,
    hub lineage tenancy.tenagree 001671/04, hub lineage register.lettings LETTINGS_2024-25.csv:12
    """
    with workplace(settings_of(config)) as place:
        if "." in entity:
            system, _, table = entity.partition(".")
            shown = lineage_views.of_source_row(place, system, table, key)
        else:
            try:
                row_id = UUID(key)
            except ValueError as error:
                raise ConfigurationFault("That is no id.", next_step="Give the canonical row's UUID.") from error
            shown = lineage_views.of_canonical_row(place, entity, row_id, field)
    console.print(shown)


@app.command()
def purge(
    days: Annotated[
        int | None, typer.Option(min=0, help="Keep so many days; default: retention_days of hub.toml.")
    ] = None,
    config: Config = HUB_TOML,
) -> None:
    """Removes landed batches, quarantine, raw values, the feed's changes and what scheduling told past their retention.

    Examples: hub purge, hub purge --days 0
    """
    settings = settings_of(config)
    now = datetime.now(UTC)
    older_than = now - timedelta(days=settings.landing.retention_days if days is None else days)
    with workplace(settings) as place, connect(place.database_url) as connection:
        went = purge_raw(connection, place.landing, older_than, map(place.inbox, system_names()))
        changes = purge_changes(connection, now - timedelta(days=settings.api.change_days))
        told = purging.purge(connection, now - timedelta(days=settings.scheduling.keep_days))
    console.print(
        f"Removed {went.batches:,} batches of {went.rows:,} rows, {went.issues:,} closed issues, the values of "
        f"{went.values:,} that stand, {went.quarantined:,} set-aside rows, {went.files:,} replaced files and "
        f"{changes:,} changes of the feed; of scheduling {told.sessions:,} sessions, {told.confirmations:,} "
        f"confirmations and {told.messages:,} messages to devices."
    )


@app.command()
def serve(config: Config = HUB_TOML) -> None:
    """Keeps database, feeds, Prefect, API, scheduling and pages up, with the systems' schedules, until Ctrl-C.

    Example: hub serve
    """
    from cli import serving  # noqa: PLC0415 - SOAP takes half a second to import

    settings = settings_of(config)
    with running.prefect_server(settings) as server, workplace(settings) as place:
        sources = running.enabled_sources(settings)
        if running.needs_estate(sources):
            running.write_estate(place, running.estate_size(place, Size(HOMES, SEED)))
        running.use_prefect(settings, server)
        with (
            connections(place, sources) as reached, serving.receivers(place, reached) as listening,
            serving.pages(place) as pages, api.serving(place) as canonical,
            schedule.serving_what_is_published(place) as desk,
        ):  # fmt: skip
            planned = f"{desk.url}/v1/scheduling" if desk else "no plan is published yet"
            found = [
                *serving.addresses(place, reached, server), ("API", f"{canonical.url}/docs"), ("scheduling", planned),
                *listening, pages,
            ]  # fmt: skip
            serving.print_addresses(found)
            serving.run_deployments(place, reached)


@app.command()
def confirm(
    booking_ref: Annotated[str, typer.Argument(help="The scheduler's number of the booking.")],
    system: Annotated[str, typer.Option("--system", help="The scheduler.")] = "drs",
    config: Config = HUB_TOML,
) -> None:
    """Tells the repairs scheduler that the tenant agreed to a visit which it holds as reserved.

    The visit must stand there in the window that the hub knows. Example: hub confirm 600123
    """
    from cli.confirming import confirm_visit  # noqa: PLC0415 - SOAP takes half a second to import

    settings = settings_of(config)
    source = running.enabled_sources(settings).get(system)
    if source is None:
        raise ConfigurationFault("hub.toml does not say where it is.", system=system, next_step="Add its section.")
    with workplace(settings) as place:
        visit = confirm_visit(place, system, source, booking_ref)
    window = f"{visit.window_start_at:%A %d %B %Y, %H:%M}-{visit.window_end_at:%H:%M}"
    console.print(f"Booking {booking_ref} of order {visit.work_order_ref} is confirmed: {window}.", highlight=False)


@estate_app.command("write")
def estate_write(homes: Homes = HOMES, seed: Seed = SEED, dirt: Dirt = FIRST, config: Config = HUB_TOML) -> None:
    """Writes the made-up council anew.

    Examples: hub estate write, hub estate write --homes 20000 --seed 7, hub estate write --seed 7 --dirt second
    """
    with workplace(settings_of(config)) as place:
        running.write_estate(place, Size(homes, seed, dirt), anew=True)


@estate_app.command("check")
def estate_check(config: Config = HUB_TOML) -> None:
    """Compares the hub's issues with the faults that the estate planted. Exit code 0 only if all marks are met.

    Example: hub estate check
    """
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        report = compare(connection, place.landing, place.estate / "truth")
    lines = report.kinds.sort_values(["revealed_by", "system", "table", "kind"]).itertuples(index=False)
    headings = ("System", "Table", "Planted fault", "Revealed by", "Planted", "Caught")
    console.print(show.rows("Planted faults", headings, lines))
    share = report.accused / max(report.sound, 1)
    console.print(f"{report.accused:,} of {report.sound:,} sound rows carry an error ({share:.3%}).")
    raise typer.Exit(0 if report.passes else 1)


if __name__ == "__main__":
    main()
