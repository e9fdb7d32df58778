"""What was planted where, and who is who: written beside the estate, read by tests and benchmarks alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

RevealedBy = Literal["row", "file", "system", "cross-system", "nothing"]
"""The least that one must look at to see the fault: the row alone, its file, its system, another system."""

Column: TypeAlias = pd.Series | NDArray[Any] | list[str]
_FAULTS = pa.schema(
    [("system", pa.string()), ("table", pa.string()), ("unit", pa.string()), ("line", pa.int64()),
     ("key", pa.string()), ("field", pa.string()), ("kind", pa.string()), ("revealed_by", pa.string())]
)  # fmt: skip
_KNOWN = {"people": "person_id", "properties": "property_id", "households": "household_id"}
"""What records are about, each a file of its own, and the column with its id."""
_ADDRESSES = pa.schema(
    [("system", pa.string()), ("table", pa.string()), ("key", pa.string()), ("field", pa.string()),
     ("uprn", pa.int64())]
)  # fmt: skip


def key_text(*columns: Column) -> pd.Series:
    """One text a row: the key columns' values without outer blanks, joined by "|"."""
    texts = [pd.Series(np.asarray(column)).astype("str").str.strip() for column in columns]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + "|" + text
    return joined


class Truth:
    """A recorder that the writers share; ``write`` puts what it heard into a folder."""

    def __init__(self) -> None:
        self._faults: list[pa.Table] = []
        self._known: dict[str, list[pa.Table]] = {name: [] for name in _KNOWN.values()}
        self._addresses: list[pa.Table] = []

    def plant(
        self, system: str, table: str, kind: str, revealed_by: RevealedBy, *,
        key: Column | str | None = None, unit: str | None = None, line: Iterable[int] | int | None = None,
        field: str | None = None,
    ) -> None:  # fmt: skip
        """Records one fault for each key or line given; exactly one where both are single or absent.

        ``key`` is a table's key as ``key_text`` makes it; ``line`` counts a unit's records from 1.
        """
        keys: list[str | None] = [key] if key is None or isinstance(key, str) else list(np.asarray(key))
        lines: list[int | None] = [line] if line is None or isinstance(line, int) else [int(one) for one in line]
        count = max(len(keys), len(lines)) if keys and lines else 0
        if count == 0:
            return
        if {len(keys), len(lines)} - {1, count}:
            raise ValueError(f"{system} {table} {kind}: {len(keys)} keys but {len(lines)} lines")
        values = {
            "system": [system] * count, "table": [table] * count, "unit": [unit] * count,
            "line": lines * (count // len(lines)), "key": keys * (count // len(keys)), "field": [field] * count,
            "kind": [kind] * count, "revealed_by": [revealed_by] * count,
        }  # fmt: skip
        self._faults.append(pa.Table.from_pydict(values, schema=_FAULTS))

    def person(self, system: str, table: str, key: Column, person_id: Column) -> None:
        """Says whom each record of a table is about."""
        self._know("person_id", system, table, key, person_id)

    def property(self, system: str, table: str, key: Column, property_id: Column) -> None:
        """Says which property each record of a table is about."""
        self._know("property_id", system, table, key, property_id)

    def household(self, system: str, table: str, key: Column, household_id: Column) -> None:
        """Says which household each record of a table is about."""
        self._know("household_id", system, table, key, household_id)

    def address(self, system: str, table: str, key: Column, field: str, uprn: Column) -> None:
        """Says which place each record's address means; ``uprn`` is -1 where the gazetteer does not have it."""
        uprns = pd.Series(np.asarray(uprn)).astype("int64")
        texts = [pa.repeat(text, len(uprns)) for text in (system, table)]
        columns = [*texts, pa.array(np.asarray(key), pa.string()), pa.repeat(field, len(uprns)),
                   pa.array(uprns, mask=(uprns < 0).to_numpy())]  # fmt: skip
        self._addresses.append(pa.Table.from_arrays(columns, schema=_ADDRESSES))

    def _know(self, name: str, system: str, table: str, key: Column, known: Column) -> None:
        keys, ids = np.asarray(key), np.asarray(known).astype("int64")
        self._known[name].append(
            pa.table(
                {"system": pa.repeat(system, len(ids)), "table": pa.repeat(table, len(ids)),
                 "key": pa.array(keys, pa.string()), name: pa.array(ids)}
            )
        )  # fmt: skip

    def faults(self) -> pa.Table:
        """system, table, unit, line, key, field, kind, revealed_by: one row a planted fault."""
        return pa.concat_tables([_FAULTS.empty_table(), *self._faults])

    def write(self, folder: Path) -> None:
        """Writes faults, people, properties, households and addresses (.parquet) into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(self.faults(), folder / "faults.parquet")
        addresses = pa.concat_tables([_ADDRESSES.empty_table(), *self._addresses])
        pq.write_table(addresses, folder / "addresses.parquet")
        for file, name in _KNOWN.items():
            schema = pa.schema([*list(_FAULTS)[:2], _FAULTS.field("key"), pa.field(name, pa.int64())])
            pq.write_table(pa.concat_tables([schema.empty_table(), *self._known[name]]), folder / f"{file}.parquet")
