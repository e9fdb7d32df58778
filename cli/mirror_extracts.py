"""``hub mirror extracts`` and ``hub mirror replay``: every source masked in its own technology, and migrated again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event
from typing import Annotated

import psycopg
import typer
from psycopg import sql
from rich.table import Table

from cli import running
from cli.show import console
from cli.workplace import Workplace, connections, settings_of, workplace
from mirror import key, subjects
from mirror import plan as masking_plan
from mirror.extracts import originals
from mirror.extracts.compare import Agreement, Side, agreement
from mirror.extracts.extract import Extract, extract
from mirror.extracts.likeness import Likeness, likeness
from mirror.extracts.writing.systems import ORDER
from mirror.masked import Masker
from mirror.proof.leaks import Leak
from services import outside
from services.postgres import Postgres
from settings.model import ESTATE, Database, Hub, Settings, System

HUB_TOML = Path("hub.toml")
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
Systems = Annotated[list[str] | None, typer.Argument(help="The systems; all that are enabled where none is named.")]
_FOLDER = Path("mirror") / "extracts"


def extracts(
    systems: Systems = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve them until it is stopped.")] = False,
    config: Config = HUB_TOML,
) -> None:
    """Writes every source's last batch again under the masks, in its own technology; --serve serves what was written.

    Examples: hub mirror extracts, hub mirror extracts tenancy rents, hub mirror extracts --serve
    """
    settings = settings_of(config)
    names = _named(settings, systems)
    with workplace(settings) as place, masker_of(place) as masks, target_of(place, names) as target:
        shown = Table("system", "tables", "rows", title="Masked extracts")
        for one in written(place, target, names, masks):
            shown.add_row(one.system, str(one.tables), f"{one.rows:,}")
        console.print(shown)
        console.print(f"They stand in {target.estate}. 'hub mirror replay' migrates them.")
        if serve:
            _serve(target, names)


def replay(systems: Systems = None, config: Config = HUB_TOML) -> None:
    """Migrates the masked extracts in a state of their own, compares with the run that they come from, and looks for
    originals in all that was served and written.

    Exit code 0 only where rows, people, properties and money agree and nothing of anybody is found.
    Example: hub mirror replay
    """
    settings = settings_of(config)
    names = _named(settings, systems)
    with workplace(settings) as place, masker_of(place) as masks:
        emptied(place.folder / _FOLDER)
        with target_of(place, names) as target:
            found, alike = replayed(place, target, names, masks)
            left = originals_in(place, target, names, masks)
    show_likeness(alike)
    show_agreement(found)
    for leak in left:
        console.print(f"{leak.times:,} originals ({leak.kind}) in {leak.place}", markup=False, highlight=False)
    console.print(f"Originals in what was served and written: {sum(leak.times for leak in left):,}.")
    raise typer.Exit(0 if found.passes and not left else 1)


@contextmanager
def masker_of(place: Workplace) -> Iterator[Masker]:
    """The masks of the hub's people and places, under the key of its state."""
    path = place.settings.mirror.key or place.folder / "mirror.key"
    kept = key.keep(path, place.today or date.today())
    with psycopg.connect(_driverless(place.database_url)) as connection:
        yield Masker(masking_plan.read(), kept, subjects.read(connection))


@contextmanager
def target_of(place: Workplace, names: list[str]) -> Iterator[Workplace]:
    """Where the extracts stand and are replayed: a state of its own, every system served from the extracts."""
    settings = Settings(
        hub=Hub(folder=place.folder / _FOLDER), database=Database(),
        systems={name: System(source=ESTATE) for name in names},
    )  # fmt: skip
    with workplace(settings) as target:
        yield target


def written(place: Workplace, target: Workplace, names: list[str], masks: Masker) -> list[Extract]:
    """What was written of each system's last batch below the target."""
    today = place.today or date.today()
    return extract(names, place.landing, target.estate, target.legacy_tenancy_url, masks, today)


def replayed(place: Workplace, target: Workplace, names: list[str], masks: Masker) -> tuple[Agreement, list[Likeness]]:
    """How the migration of the target's extracts, which is now run, agrees with the hub's, and its masks with them.

    Whatever becomes of it, its database bears the mark of a mirror from then on: nothing is sent from it.
    """
    try:
        running.migrate(target, dict.fromkeys(names, ESTATE), under_prefect=False)
    finally:
        _mark(target)
    with (
        psycopg.connect(_driverless(place.database_url)) as before,
        psycopg.connect(_driverless(target.database_url)) as after,
    ):
        found = agreement(names, Side(before, place.landing), Side(after, target.landing), masks)
        return found, likeness(before, after, masks, masking_plan.read())


def originals_in(place: Workplace, target: Workplace, names: list[str], masks: Masker) -> list[Leak]:
    """What of anybody is in the extracts, as they were served to the replay and as they were written."""
    with psycopg.connect(_driverless(place.database_url)) as source:
        sought = originals.search(names, place.landing, source, masking_plan.read(), masks)
    return originals.found(names, target.landing, target.estate, sought)


def _mark(target: Workplace) -> None:
    """Writes into the comment of the target's database that it is a mirror."""
    mark = f'{outside.TEST_DATA} {{"build": "masked replay", "profile": "test"}}'
    with psycopg.connect(_driverless(target.database_url), autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(mark)))


def emptied(folder: Path) -> None:
    """Takes away what an earlier replay left: its batches, its evidence and its database, but not the extracts."""
    for name in ("landing", "identity", "inbox", "progress", "docs"):
        shutil.rmtree(folder / name, ignore_errors=True)
    with (
        Postgres(folder / "postgres") as url,
        psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as server,
    ):
        server.execute("DROP DATABASE IF EXISTS hub WITH (FORCE)")


def show_agreement(found: Agreement) -> None:
    """How the replay agrees, a line a table that differs."""
    shown = Table("system", "table", "rows", "differ", "issues more (+) or fewer (-)", title="Rows that differ")
    for one in found.rows:
        if one.same < one.rows:
            codes = ", ".join(f"{code} {more:+}" for code, more in one.codes.items())
            shown.add_row(one.system, one.table, f"{one.rows:,}", f"{one.rows - one.same:,}", codes)
    console.print(shown)
    console.print(f"Rows of the same fate and issues: {found.share:.4%} of {sum(r.rows for r in found.rows):,}.")
    for pairs in found.pairs:
        console.print(
            f"{pairs.kind}: pair F1 {pairs.f1:.4f} ({pairs.records:,} records, {pairs.before:,} pairs, "
            f"{pairs.after:,} in the replay)."
        )
    differ = f"sums differ in {', '.join(found.money)}" if found.money else "every sum agrees to the penny"
    console.print(f"Money: {differ}; {found.balances:,} of {found.accounts:,} accounts have another balance.")


def show_likeness(found: list[Likeness]) -> None:
    """By mask, how many values of the replay are those that a mirror of the database has."""
    shown = Table("mask", "values", "the same", title="The same mask in the mirror's database and in the replay")
    for mask in sorted({one.mask for one in found}):
        mine = [one for one in found if one.mask == mask]
        values, same = sum(one.values for one in mine), sum(one.same for one in mine)
        shown.add_row(mask, f"{values:,}", f"{same / values:.2%}" if values else "")
    console.print(shown)


def _named(settings: Settings, systems: list[str] | None) -> list[str]:
    enabled = [name for name in ORDER if name in settings.systems and settings.systems[name].enabled]
    if unknown := set(systems or ()) - set(enabled):
        raise typer.BadParameter(f"not enabled, or without masked extracts: {', '.join(sorted(unknown))}")
    return [name for name in enabled if name in systems] if systems else enabled


def _driverless(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def _serve(place: Workplace, names: list[str]) -> None:
    """Serves the extracts and says where, until it is interrupted."""
    with connections(place, dict.fromkeys(names, ESTATE)) as reached:
        for name, connection in reached.items():
            console.print(f"{name}: {connection.url}", markup=False)
        console.print("TEST DATA. Served until Ctrl-C.")
        try:
            Event().wait()
        except KeyboardInterrupt:
            return
