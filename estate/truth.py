"""What was planted where, and who is who: written beside the estate, read by tests and benchmarks alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
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
_ADDRESSES = pa.schema(
    [("system", pa.string()), ("table", pa.string()), ("key", pa.string()), ("field", pa.string()),
     ("uprn", pa.int64())]
)  # fmt: skip
_KNOWN = {
    file: pa.schema([*list(_FAULTS)[:2], _FAULTS.field("key"), pa.field(name, pa.int64())])
    for file, name in (("people", "person_id"), ("properties", "property_id"), ("households", "household_id"))
}
"""What records are about, each a file of its own; its last column is the id."""
_FILES = {"faults": _FAULTS, "addresses": _ADDRESSES, **_KNOWN}


def key_text(*columns: Column) -> pd.Series:
    """One text a row: the key columns' values without outer blanks, joined by "|"."""
    texts = [pd.Series(np.asarray(column)).astype("str").str.strip() for column in columns]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + "|" + text
    return joined


class Truth:
    """A recorder that the writers share; ``write`` and ``files`` put what it heard into a folder."""

    def __init__(self) -> None:
        self._heard: dict[str, list[pa.Table]] = {file: [] for file in _FILES}

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
        self._heard["faults"].append(pa.Table.from_pydict(values, schema=_FAULTS))

    def person(self, system: str, table: str, key: Column, person_id: Column) -> None:
        """Says whom each record of a table is about."""
        self._know("people", system, table, key, person_id)

    def property(self, system: str, table: str, key: Column, property_id: Column) -> None:
        """Says which property each record of a table is about."""
        self._know("properties", system, table, key, property_id)

    def household(self, system: str, table: str, key: Column, household_id: Column) -> None:
        """Says which household each record of a table is about."""
        self._know("households", system, table, key, household_id)

    def address(self, system: str, table: str, key: Column, field: str, uprn: Column) -> None:
        """Says which place each record's address means; ``uprn`` is -1 where the gazetteer does not have it."""
        uprns = pd.Series(np.asarray(uprn)).astype("int64")
        texts = [pa.repeat(text, len(uprns)) for text in (system, table)]
        columns = [*texts, pa.array(np.asarray(key), pa.string()), pa.repeat(field, len(uprns)),
                   pa.array(uprns, mask=(uprns < 0).to_numpy())]  # fmt: skip
        self._heard["addresses"].append(pa.Table.from_arrays(columns, schema=_ADDRESSES))

    def _know(self, file: str, system: str, table: str, key: Column, known: Column) -> None:
        keys, ids = pa.array(np.asarray(key), pa.string()), np.asarray(known).astype("int64")
        columns = [pa.repeat(system, len(ids)), pa.repeat(table, len(ids)), keys, pa.array(ids)]
        self._heard[file].append(pa.Table.from_arrays(columns, schema=_KNOWN[file]))

    def faults(self) -> pa.Table:
        """system, table, unit, line, key, field, kind, revealed_by: one row a planted fault."""
        return self._tables()["faults"]

    def write(self, folder: Path) -> None:
        """Writes faults, people, properties, households and addresses (.parquet) into ``folder``."""
        with files(folder) as add:
            add(self)

    def taken(self) -> dict[str, pa.Table]:
        """What it heard since this was last asked, by file; forgotten here."""
        found = self._tables()
        self._heard = {file: [] for file in _FILES}
        return found

    def _tables(self) -> dict[str, pa.Table]:
        return {file: pa.concat_tables([_FILES[file].empty_table(), *parts]) for file, parts in self._heard.items()}


@contextmanager
def files(folder: Path) -> Iterator[Callable[[Truth], None]]:
    """A function that adds what a truth has heard to the files in ``folder``, so that it need not keep it."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        writers = {
            file: opened.enter_context(pq.ParquetWriter(folder / f"{file}.parquet", schema))
            for file, schema in _FILES.items()
        }

        def add(truth: Truth) -> None:
            for file, table in truth.taken().items():
                writers[file].write_table(table)

        yield add
