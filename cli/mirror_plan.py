"""``hub mirror plan``: what becomes of every column in a mirror, and what is not decided yet."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.table import Table

from cli.show import console
from cli.workplace import settings_of, workplace
from mirror import catalogue
from mirror.extracts import lineage
from mirror.extracts.writing.systems import ORDER
from mirror.plan import ACTIONS, Plan, check, draft, line, read

HUB_TOML = Path("hub.toml")
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]


def plan(
    table: Annotated[str | None, typer.Argument(help="Only that table, such as canonical.person.")] = None,
    drafted: Annotated[
        bool, typer.Option("--draft", help="Print a line for each undecided column, as its like are decided.")
    ] = False,
    config: Config = HUB_TOML,
) -> None:
    """Shows the masking plan and what of the database it does not decide; exits 1 where there is any.

    Examples: hub mirror plan, hub mirror plan canonical.person, hub mirror plan --draft >> mirror/planned/canonical.csv
    """
    planned = read()
    with workplace(settings_of(config)) as place, psycopg.connect(place.database_url.replace("+psycopg", "", 1)) as hub:
        stands = catalogue.read(hub, planned.crossing)
    faults = check(planned, stands)
    if drafted:
        csv.writer(sys.stdout, lineterminator="\n").writerows(map(line, draft(planned, stands)))
        raise typer.Exit(bool(faults))
    if table is not None and not planned.table(table):
        raise typer.BadParameter(f"the plan has no table {table}; 'hub mirror plan' lists them")
    console.print(_table(planned, table) if table is not None else _tables(planned))
    apart = [fault for name in ORDER for fault in lineage.apart(name, planned)]
    for fault in (*faults, *(f"the extracts' plan differs: {fault}" for fault in apart)):
        console.print(fault, markup=False, highlight=False)
    console.print(
        f"Plan {planned.fingerprint[:12]}: {len(planned.decisions):,} columns, {len(faults) + len(apart):,} faults."
    )
    if faults:
        console.print("A build stops before the first row. Decide them in mirror/planned; --draft drafts the lines.")
    if apart:
        console.print("Extracts stop before the first row. Decide them alike in mirror/extracts/plans.")
    if faults or apart:
        raise typer.Exit(1)


def _tables(planned: Plan) -> Table:
    shown = Table("table", *ACTIONS, "masks", title="What becomes of the columns of each table")
    for name in planned.tables:
        decisions = planned.table(name).values()
        times = Counter(decision.action for decision in decisions)
        masks = ", ".join(sorted({decision.mask for decision in decisions} - {""}))
        shown.add_row(name, *(str(times[action] or "") for action in ACTIONS), masks)
    return shown


def _table(planned: Plan, name: str) -> Table:
    shown = Table("column", "type", "action", "mask", "beside", "demo", "reason", title=name)
    for each in planned.table(name).values():
        shown.add_row(each.column, each.type, each.action, each.mask, ", ".join(each.by), each.demo, each.reason)
    return shown
