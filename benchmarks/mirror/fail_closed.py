"""Changes of the schema at random: each stops a whole build, by name, before a row is read."""

from __future__ import annotations

import random
from pathlib import Path

import psycopg

from benchmarks.figures import keep
from benchmarks.mirror.state import PORT
from canonical_model import schema
from ledger.errors import ContractBroken
from mirror import plan
from mirror.build import Draft, Making, Order, Proof, build
from mirror.cluster import Site, address
from mirror.copying import Copied, Masks, Snapshot
from services.databases import create_database, drop_database
from services.postgres import Postgres
from tests.mirror.changes import change

CHANGES, SHORT = 100, 26
SEED = 20
EMPTY, CHANGED = "empty_hub", "changed_hub"


class _ReadingBegan(AssertionError):
    """The build went on to the rows."""


def measure(folder: Path, full: bool) -> None:
    """100 changes in full, two of each kind in short; each of a database of its own."""
    changes = CHANGES if full else SHORT
    dice = random.Random(SEED)  # noqa: S311 - dice need no cryptography
    site, making = Site(folder / "none", PORT), Making(plan.read(), "0" * 16, _masks, _prove)
    stopped = 0
    with Postgres(folder / "changed") as server:
        schema.migrate(create_database(server, EMPTY))
        for number in range(changes):
            url = create_database(server, CHANGED, template=EMPTY)
            with psycopg.connect(address(url), autocommit=True) as connection:
                said = change(connection, dice, number)
            stopped += _is_stopped(Order(url, site), making, said)
            drop_database(server, CHANGED)
    keep("mirror: changed schemas that stop the build by name", stopped, "builds", f"all {changes}",
         stopped == changes, f"seed {SEED}; columns, types, tables, schemas, views, sequences, functions, triggers, "
         "JSON keys; no row was read and no cluster made")  # fmt: skip


def _is_stopped(order: Order, making: Making, said: str) -> bool:
    try:
        build(order, making)
    except ContractBroken as broken:
        return said in str(broken)
    except _ReadingBegan:
        return False
    return False


def _masks(_: Snapshot) -> Masks:
    raise _ReadingBegan


def _prove(_source: Snapshot, _draft: Draft, _masks: Masks, _copied: Copied) -> Proof:
    raise _ReadingBegan
