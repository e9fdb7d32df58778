"""The golden records at the end of a migration: decided anew where something changed, and shown."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from cli.show import console
from flows import golden, runs
from flows.golden import Resolution
from flows.references import Run
from identity import page


def resolve(run: Run, *, under_prefect: bool) -> Resolution:
    """Decides who is who, unless nothing has changed since the last time, and shows what it came to."""
    standing = golden.standing(run)
    if standing:
        show(standing)
        return standing
    with console.status("Deciding who is who and what is where ..."):
        resolution = _under_prefect(run) if under_prefect else golden.resolve(run)
    runs.publish_identity(run, resolution)
    show(resolution)
    return resolution


def _under_prefect(run: Run) -> Resolution:
    from flows.orchestrate import flush_log  # noqa: PLC0415 - Prefect reads its settings when it is imported
    from flows.orchestrate import resolve as flow  # noqa: PLC0415

    try:
        return flow(run)
    finally:
        flush_log()


def show(resolution: Resolution) -> None:
    """The counts, what was left out, and why nothing was published if so."""
    for note in resolution.notes:
        console.print(f"[yellow]{escape(note)}[/]", highlight=False, soft_wrap=True)
    if resolution.fault:
        console.print(
            f"[bold red]No golden record was published[/]: {escape(str(resolution.fault))}",
            highlight=False,
            soft_wrap=True,
        )
    elif resolution.skipped:
        people = resolution.counts.get("person_golden", 0)
        console.print(f"Golden records: nothing that decides has changed; the {people:,} people stand as they are.")
    elif any(resolution.counts.values()):
        console.print(_table(resolution))
        console.print(page.addresses(resolution.counts), highlight=False)


def _table(resolution: Resolution) -> Table:
    table = Table(title="Golden records: who is who, and what is where", title_justify="left")
    for at, heading in enumerate(page.HEADINGS):
        table.add_column(heading, justify="right" if at else "left")
    for line in page.lines(resolution.counts):
        table.add_row(*line)
    return table
