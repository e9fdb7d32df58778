"""Holdings that overlap: two tenancies cannot hold one home at once, though legacy systems say so.

The later-starting one is loaded as disputed, outside the exclusion constraint, with an issue: nobody's tenancy
and balance is lost over it, and nobody takes it for settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import Table

from ledger.spec import TableSpec
from mappings.apply import code

OVERLAPS = """
UPDATE staged_tenancy_holding s SET is_disputed = true
WHERE NOT s.is_disputed AND s.id IN (
  SELECT l.id FROM staged_tenancy_holding l JOIN staged_tenancy_holding o ON o.asset_id = l.asset_id
  WHERE o.id <> l.id AND (o.start_date, o.source_key) < (l.start_date, l.source_key)
    AND daterange(o.start_date, o.end_date, '[)') && daterange(l.start_date, l.end_date, '[)')
  UNION ALL
  SELECT l.id FROM staged_tenancy_holding l JOIN canonical.tenancy_holding o ON o.asset_id = l.asset_id
  WHERE o.id <> l.id AND NOT o.is_disputed AND o.ended_run_id IS NULL
    AND daterange(o.start_date, o.end_date, '[)') && daterange(l.start_date, l.end_date, '[)')
    AND NOT EXISTS (SELECT FROM staged_tenancy_holding again WHERE again.id = o.id))
RETURNING s.source_row, s.source_key, s.start_date::text
"""


def mark_disputes(
    cursor: psycopg.Cursor[tuple[object, ...]], targets: Sequence[Table], table: TableSpec
) -> Iterator[pd.DataFrame]:
    """Marks staged holdings that overlap another one; gives their issues."""
    if all(target.name != "tenancy_holding" for target in targets):
        return
    cursor.execute("ANALYZE staged_tenancy_holding (asset_id)")  # else the planner compares all with all
    cursor.execute(sql.SQL(OVERLAPS))
    found = pd.DataFrame(cursor.fetchall(), columns=["row", "key", "value"])
    if len(found):
        yield found.assign(code=code(table, "HOLDING-OVERLAP"), severity="error", field=table.key[0])
