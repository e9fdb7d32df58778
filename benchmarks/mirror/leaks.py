"""Leaks: none in a mirror of a council with 200 canaries in it, all of which are found where nothing is masked.

The control is a database masked in place: its values are clean, and its files still have what stood in them.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from benchmarks.figures import keep
from benchmarks.mirror.state import Connection, beside, copy_of, machine, making
from canonical_model import schema
from cli.mirror import mirroring_of
from cli.mirror_extracts import masker_of
from cli.workplace import Workplace
from mirror import plan
from mirror.build import build
from mirror.cluster import address
from mirror.key import read
from mirror.proof import bundle, leaks
from services.databases import create_database
from services.postgres import Postgres
from tests.mirror import canaries
from tests.mirror.canaries import CANARIES, HIDDEN


def measure(place: Workplace, folder: Path) -> None:
    """The mirror of a council with the canaries, the search without masks, and the control."""
    with copy_of(place, "planted") as url:
        _plant(url)
        with beside(place, folder / "planted", source_url=url, spares=0) as order:
            state = build(order, making(place, order))
            told = mirroring_of(place)
            proof = bundle.read(bundle.place(told.proofs, state.build), read(told.key)).told
    scans = [proof["leaks"]["values"], proof["leaks"]["files"]]
    found = sum(leak["times"] for scan in scans for leak in scan["leaks"]) + sum(proof["leaks"]["own records"].values())
    keep("mirror: leaks", found, "originals", "0", found == 0 and proof["is_complete"],
         f"{state.rows:,} rows and {len(CANARIES) * len(HIDDEN)} canaries; values, catalogue, and "
         f"{scans[1]['places']:,} files with {scans[1]['bytes'] / 1e6:,.0f} MB of data, WAL and logs, looked through "
         f"for {sum(proof['identifiers']['sought'].values()):,} identifiers; {machine()}")  # fmt: skip
    with Postgres(folder / "control") as server:
        url = create_database(server, "hub")
        schema.migrate(url)
        _plant(url)
        with masker_of(place) as masks, psycopg.connect(address(url), autocommit=True) as connection:
            search = canaries.search(connection, plan.read(), masks)
            _without_masks(connection, search)
            _masked_in_place(connection, search, (folder / "control" / "data").resolve())


def _plant(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        canaries.plant(connection)
    engine.dispose()


def _without_masks(connection: Connection, search: leaks.Search) -> None:
    hidden = len(CANARIES) * len(HIDDEN)
    found = canaries.found(connection, search)
    protocol = f"{len(CANARIES)} fictional people, their identifiers hidden in {len(HIDDEN)} ways: {', '.join(HIDDEN)}"
    keep("mirror: canaries found without masks", found, "canaries", f"all {hidden}", found == hidden, protocol)


def _masked_in_place(connection: Connection, search: leaks.Search, data: Path) -> None:
    for table, hide in HIDDEN.values():
        masked = [sql.SQL("{} = '{{}}'").format(sql.Identifier(column)) for column in hide(CANARIES[0])]
        connection.execute(
            sql.SQL("UPDATE {} SET {}").format(sql.Identifier(*table.split(".")), sql.SQL(", ").join(masked))
        )
    connection.execute("CHECKPOINT")
    places = {leak.place for leak in leaks.values(connection, search).leaks}
    clean = not places & {f"{table}.{column}" for table, hide in HIDDEN.values() for column in hide(CANARIES[0])}
    names = [table for table, _ in HIDDEN.values()]
    query = "SELECT pg_relation_filepath(each::regclass) FROM unnest(%s::text[]) each"
    paths = connection.execute(query, (names,)).fetchall()
    left = sum(leak.times for leak in leaks.files([data / str(path) for (path,) in paths], search).leaks)
    logged = sum(leak.times for leak in leaks.files([data / "pg_wal"], search).leaks)
    protocol = f"the {len(names)} tables that hide canaries, their values clean: {clean}; {logged:,} more in the WAL"
    keep("mirror: originals in files after masking in place", left, "originals", "> 0: the control", left > 0 and clean,
         protocol)  # fmt: skip
