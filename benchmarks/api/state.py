"""A migrated council for the API to serve, and what the benchmark asks of it."""

# ruff: noqa: S608 - the SQL is of the table's own names

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import scalar_row
from sqlalchemy import make_url

from cli.running import enabled_sources
from cli.workplace import Workplace, connections, settings_of, workplace
from estate import council
from flows import golden, runs

ROOT = Path(__file__).parents[2]
SEED = 20_261_122
HOMES = 300
"""Homes of the council; they have more than 100,000 rent transactions."""
TABLE = "canonical.rent_transaction"
PATH = "rent-transactions"

MULTIPLY = f"""
INSERT INTO {TABLE} ({{columns}})
SELECT {{chosen}} FROM {TABLE} t CROSS JOIN generate_series(1, %s) copy WHERE t.ended_run_id IS NULL ORDER BY 1 LIMIT %s
"""


@dataclass(frozen=True)
class Database:
    """Where a database is, as the peers' drivers want it told in parts."""

    host: str
    port: int
    user: str
    name: str

    @property
    def conninfo(self) -> str:
        return f"host={self.host} port={self.port} user={self.user} dbname={self.name}"


@contextmanager
def council_of(folder: Path, homes: int = HOMES) -> Iterator[Workplace]:
    """A workplace whose database holds a made-up council, migrated and resolved; made where the folder has none."""
    settings = settings_of(ROOT / "hub.toml")
    settings = settings.model_copy(update={"hub": settings.hub.model_copy(update={"folder": folder / "hub"})})
    with workplace(settings) as place:
        if not count_of(place):
            council.write(place.estate, council.Size(homes, SEED), place.legacy_tenancy_url)
            run = runs.begin(place.database_url, place.folder, place.landing)
            with connections(place, enabled_sources(place.settings)) as reached:
                results = runs.migrate_plainly(run, reached)
            if not runs.finish(run, results):
                raise RuntimeError("the council's books do not close")
            if fault := golden.resolve(run).fault:
                raise fault
            with psycopg.connect(database_of(place).conninfo, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        yield place


def database_of(place: Workplace) -> Database:
    url = make_url(place.database_url)
    return Database(str(url.query["host"]), int(str(url.query.get("port", 5432))), str(url.username), str(url.database))


def ids_of(place: Workplace, count: int) -> list[str]:
    """Ids of rent transactions that stand, taken at random."""
    query = f"SELECT id::text FROM {TABLE} WHERE ended_run_id IS NULL ORDER BY hashtext(id::text) LIMIT %s"
    with psycopg.connect(database_of(place).conninfo, row_factory=scalar_row) as connection:
        return [str(one) for one in connection.execute(query, (count,)).fetchall()]


def multiply(place: Workplace, rows: int) -> None:
    """Makes the rent transactions that many, by copies under ids of their own."""
    missing = rows - count_of(place)
    if missing <= 0:
        return
    with psycopg.connect(database_of(place).conninfo, row_factory=scalar_row) as connection:
        names = [str(name) for name in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema || '.' || table_name = %s "
            "ORDER BY ordinal_position", (TABLE,),
        ).fetchall()]  # fmt: skip
        chosen = ["gen_random_uuid()" if name == "id" else f"t.{name}" for name in names]
        statement = MULTIPLY.format(columns=", ".join(names), chosen=", ".join(chosen))
        connection.execute(statement, (rows // max(1, rows - missing) + 1, missing))
        connection.commit()
        connection.autocommit = True
        connection.execute(f"VACUUM ANALYZE {TABLE}")


def count_of(place: Workplace) -> int:
    """How many rent transactions stand."""
    query = f"SELECT count(*) FROM {TABLE} WHERE ended_run_id IS NULL"
    with psycopg.connect(database_of(place).conninfo, row_factory=scalar_row) as connection:
        return int(str(connection.execute(query).fetchone()))
