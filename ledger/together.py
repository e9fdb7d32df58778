"""Arrow tables of several files as one."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """The tables' rows in order; a column that some of them lack is null there.

    A column that is typed in one file and text in another (workbooks do so from year to year) is text.
    """
    kinds: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for column in table.schema:
            kinds.setdefault(column.name, set()).add(column.type)
    texts = {pa.string(), pa.bool_()}  # neither can be widened to hold the other kinds
    mixed = {name for name, found in kinds.items() if found & texts and len(found - {pa.null()}) > 1}
    if mixed:
        tables = [
            table.cast(pa.schema([c.with_type(pa.string()) if c.name in mixed else c for c in table.schema]))
            for table in tables
        ]
    return pa.concat_tables(tables, promote_options="permissive")
