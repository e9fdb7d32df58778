"""SQL databases: the tables as the vendor laid them out."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from estate.writers import tenancy_tables, works_tables
from estate.writers.database import append, new_tables
from mirror.extracts.landed import Tables

LAYOUTS: dict[str, sa.MetaData] = {"tenancy": tenancy_tables.METADATA, "works": works_tables.METADATA}


def write(system: str, tables: Tables, url: str) -> None:
    """Writes the system's tables into the database at ``url``, made anew."""
    layout = LAYOUTS[system]
    with new_tables(url, layout) as connection:
        for name, landed in tables.items():
            for _, rows in landed.by_unit():
                append(connection, layout.tables[name], _plain(rows, landed.columns))


def _plain(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    return rows[list(columns)]
