"""What stands in an unknown database: its tables, the live ones before those that look like copies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine.interfaces import ReflectedColumn

from connectors.sql import connect
from connectors.sql_faults import fault_of
from ledger.errors import SourceRefused

ASIDE = re.compile(
    r"(^|[_ ])(backup|bak|bkp|copy|old|orig|temp|tmp|test|archive|arch|converted|deleted|unused|xx+)([_ 0-9]|$)"
    r"|(19|20)[0-9]{6}|[0-9]{6}(19|20)[0-9]{2}|[_ ](19|20)[0-9]{2}$|backup|[_ ]v[0-9]+$",
    re.IGNORECASE,
)
"""Names of tables that somebody put aside: backup and copy markers, dates, versions."""
DATED_COLUMNS = 8
"""So many date columns of a table are looked into for its last change."""


@dataclass(frozen=True)
class FoundTable:
    """One table as found. ``rows`` is None where the login may not read it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: int | None
    last_change: date | None
    """The latest day up to today that any of its date columns holds: a hint, not a fact."""
    put_aside: bool
    """True where the name looks like a backup, a copy or a test."""


def discover(url: str, secrets: Mapping[str, str], *, today: date, schema: str | None = None) -> list[FoundTable]:
    """The schema's tables, best first: live names before put-aside ones, then last change, then rows.

    Raises what ``connectors.sql`` raises where the database cannot be reached.
    """
    engine = connect("discovery", url, secrets)
    try:
        inspector = sa.inspect(engine)
        tables = inspector.get_table_names(schema=schema)
        found = [
            _look_into(engine, name, schema, inspector.get_columns(name, schema=schema), today,
                       inspector.get_pk_constraint(name, schema=schema)["constrained_columns"])
            for name in tables
        ]  # fmt: skip
    except exc.SQLAlchemyError as error:
        raise fault_of(error, engine.dialect, "discovery", "") from None
    return sorted(found, key=_rank)


def _look_into(
    engine: sa.Engine,
    name: str,
    schema: str | None,
    columns: Sequence[ReflectedColumn],
    today: date,
    key: Sequence[str],
) -> FoundTable:
    relation = sa.table(name, *(sa.column(str(column["name"]), column["type"]) for column in columns), schema=schema)
    dated = [column for column in relation.c if isinstance(column.type, sa.Date | sa.DateTime)]
    # Sentinels far in the future are no changes.
    latest = [sa.func.max(sa.case((sa.cast(column, sa.Date) <= today, column))) for column in dated]
    if engine.dialect.name == "sqlite":
        days = [sa.func.date(column) for column in dated]
        latest = [sa.func.max(sa.case((day <= str(today), day))) for day in days]
    rows: int | None = None
    changes: list[date] = []
    try:
        with engine.connect() as connection:
            rows, *values = connection.execute(
                sa.select(sa.func.count(), *latest[:DATED_COLUMNS]).select_from(relation)
            ).one()
            changes = [day for day in map(_day, values) if day is not None]
    except exc.DBAPIError as error:
        if not isinstance(fault_of(error, engine.dialect, "discovery", name), SourceRefused):
            raise
    return FoundTable(
        name=name,
        columns=tuple(str(column["name"]) for column in columns),
        key=tuple(key),
        rows=rows,
        last_change=max(changes, default=None),
        put_aside=ASIDE.search(name) is not None,
    )


def _day(value: date | str | None) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value


def _rank(table: FoundTable) -> tuple[bool, int, int, str]:
    changed = table.last_change.toordinal() if table.last_change else 0
    return table.put_aside or not table.rows, -changed, -(table.rows or 0), table.name
