"""What is read from the canonical model: SQL that API, mirror, scheduling and console share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, or_, select, union_all

from canonical_model.base import history_of


def as_of(table: Table, run_id: int) -> Select[Any]:
    """The rows of a canonical table as they stood after that run, with the columns of the table.

    A row that its source had dropped by then is left out.
    """
    earlier = history_of(table)
    now = select(*table.columns).where(table.c.run_id <= run_id)
    then = select(*(earlier.c[column.name] for column in table.columns)).where(
        earlier.c.run_id <= run_id, earlier.c.replaced_run_id > run_id
    )
    rows = union_all(now, then).subquery(table.name)
    return select(*rows.columns).where(or_(rows.c.ended_run_id.is_(None), rows.c.ended_run_id > run_id))
