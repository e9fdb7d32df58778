"""A small source and how it is mirrored in tests: masks that keep everything, or what a test says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pyarrow as pa
from sqlalchemy import create_engine, insert

from ledger.tables import run
from mirror import plan
from mirror.build import Draft, Making, Order, Proof
from mirror.cluster import Site, address
from mirror.copying import Copied, Masks, Snapshot
from tests.canonical_model.rows import add, add_account, add_home, add_tenancy

KEY = "0123456789abcdef"
AWKWARD = ['say "so"', "two\nlines", "back\\slash", "", "\\N", "Zoë, 'O’Neill'", " ends with a blank "]
"""Texts that a file of commas and quotes may lose."""


class Keep:
    """Masks that keep everything."""

    def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch


def making(masks: Masks | None = None, *, key: str = KEY, faults: tuple[str, ...] = ()) -> Making:
    """A making by the plan as reviewed, with other masks."""

    def prove(_source: Snapshot, _draft: Draft, _masks: Masks, _copied: Copied) -> Proof:
        return Proof(faults)

    return Making(plan.read(), key, lambda _: masks or Keep(), prove)


def when_masked(call: Callable[[str], None]) -> Masks:
    """Masks that keep everything and first call somebody with the table's name."""

    class Calling(Keep):
        def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
            call(table)
            return batch

    return Calling()


def order(source: str, folder: Path, *, url: str = "embedded", port: int = 5433) -> Order:
    """An order of a mirror below the folder, or at the URL."""
    return Order(source, Site(folder, port, url))


def council(url: str) -> dict[str, UUID]:
    """Writes three homes on two streets, a tenant of each of two, an account with a posting each; gives their ids."""
    engine = create_engine(url)
    ids: dict[str, UUID] = {}
    with engine.begin() as connection:
        for number, day in ((1, date(2026, 9, 1)), (2, date(2026, 9, 3))):
            connection.execute(insert(run).values(id=number, started_at=day, finished_at=day))
        ids["block"] = add_home(connection, asset_ref="B1", asset_type_code="block")
        for street, ref in ((20400001, "h1"), (20400002, "h2")):
            home = add_home(connection, asset_ref=ref, usrn=street, parent_id=ids["block"], address_line_1=AWKWARD[0])
            tenancy = add_tenancy(connection, tenancy_ref=f"t-{ref}")
            add(
                connection,
                "tenancy_holding",
                tenancy_id=tenancy,
                asset_id=home,
                role_code="main",
                start_date="2020-04-06",
            )
            person = add(connection, "person", person_ref=f"p-{ref}", tenancy_id=tenancy, forename="Invented")
            add(connection, "tenancy_party", tenancy_id=tenancy, person_id=person, role_code="sole_tenant")
            account = add_account(connection, account_ref=f"a-{ref}", tenancy_id=tenancy)
            ids |= {ref: home, f"t-{ref}": tenancy, f"p-{ref}": person, f"a-{ref}": account}
        for position, text in enumerate(AWKWARD):
            add_home(connection, asset_ref=f"awkward {position}", name=text, usrn=20400009)
    engine.dispose()
    return ids


def ask(where: str, query: str) -> list[tuple[object, ...]]:
    """What a database answers."""
    with psycopg.connect(where, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def names(site: Site) -> list[str]:
    """The databases of the mirror's server."""
    with psycopg.connect(site.administration() if site.is_local else address(site.url, "postgres")) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").fetchall()
    return [str(name) for (name,) in found if str(name).startswith(site.database)]
