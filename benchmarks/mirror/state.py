"""A mirror of a council to look at: built and proven as ``hub mirror build`` does, beside the hub's state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.api.state import database_of
from cli.mirror import mirroring_of
from cli.workplace import Workplace
from mirror.build import Draft, Making, Order, Proof
from mirror.cluster import Site, State
from mirror.copying import Copied, Masks, Snapshot
from mirror.making import making_of
from services.databases import create_database, drop_database

Connection = psycopg.Connection[Any]

PORT = 5463
"""Of what is built beside the mirror that stands."""

FOREIGN_KEYS = """
SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
       array_agg(a.attname::text ORDER BY place), array_agg(b.attname::text ORDER BY place)
FROM pg_constraint k CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY AS key (own, other, place)
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.own
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = key.other
WHERE k.contype = 'f' GROUP BY k.oid ORDER BY 1, 2
"""


def mirror_of(place: Workplace) -> tuple[Site, State]:
    """The mirror that stands of the council, with its proof; built where there is none."""
    told = mirroring_of(place)
    state = told.order.site.standing() or told.run()
    return told.order.site, state


def making(place: Workplace, order: Order, *, is_proven: bool = True) -> Making:
    """How the hub makes that mirror, or the same without the proof."""
    told = mirroring_of(place)
    made = making_of(order, told.key, told.reference_day, told.proofs)
    return made if is_proven else replace(made, prove=_unproven)


def _unproven(_source: Snapshot, _draft: Draft, _masks: Masks, _copied: Copied) -> Proof:
    return Proof()


@contextmanager
def beside(place: Workplace, folder: Path, **told: Any) -> Iterator[Order]:
    """An order of a mirror that stands beside the hub's own and is taken down at the end."""
    site = Site(folder, PORT)
    try:
        yield replace(mirroring_of(place).order, site=site, **told)
    finally:
        site.take_down()


@contextmanager
def copy_of(place: Workplace, name: str) -> Iterator[str]:
    """The URL of a copy of the council's database, to be changed."""
    assert place.server_url is not None
    try:
        yield create_database(place.server_url, name, template=database_of(place).name)
    finally:
        drop_database(place.server_url, name)


def orphans(connection: Connection) -> tuple[int, int]:
    """How many rows refer to what is not there, asked of each foreign key; and how many keys there are."""
    times, keys = 0, connection.execute(FOREIGN_KEYS).fetchall()
    for child, parent, columns, targets in keys:
        pairs = zip(targets, columns, strict=True)
        same = [sql.SQL("p.{} = c.{}").format(sql.Identifier(one), sql.Identifier(other)) for one, other in pairs]
        known = [sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(name)) for name in columns]
        query = sql.SQL("SELECT count(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {})").format(
            sql.Identifier(*child.split(".")), sql.SQL(" AND ").join(known), sql.Identifier(*parent.split(".")),
            sql.SQL(" AND ").join(same),
        )  # fmt: skip
        row = connection.execute(query).fetchone()
        times += int(row[0]) if row else 0
    return times, len(keys)


@contextmanager
def inside(site: Site) -> Iterator[Connection]:
    """A connection to the mirror that stands, as the hub's own role."""
    with psycopg.connect(site.administration(), dbname=site.database, autocommit=True) as connection:
        yield connection


def machine() -> str:
    """How busy the machine is, for a figure's protocol."""
    return f"load {os.getloadavg()[0]:.0f}"
