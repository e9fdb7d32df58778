"""A source in memory: what other rooms' tests read from, and the contract's own proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import pyarrow as pa

from connectors.protocol import Controls, Unit
from ledger.errors import ContractBroken, SourceUnavailable
from ledger.spec import TableSpec

CHUNK_ROWS = 100_000


@dataclass
class FakeSource:
    """Frames by table and unit. ``fail_after`` chunks in all the connection is lost, once."""

    frames: Mapping[str, Mapping[str, pa.Table]]
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Hashes by unit name, for units that stand for files."""
    stated: Mapping[str, Controls] = field(default_factory=dict)
    fail_after: int | None = None

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """The table's units. Raises ContractBroken where the table is not there."""
        if table.name not in self.frames:
            raise ContractBroken(
                "The table is not there.",
                system=table.system,
                place=table.place,
                next_step="Give the fake source a frame of that name.",
            )
        return [Unit(name, self.sha256.get(name)) for name in self.frames[table.name]]

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The frame in chunks. Raises SourceUnavailable once, where ``fail_after`` says so."""
        frame = self.frames[table.name][unit.name]
        for start in range(0, frame.num_rows, CHUNK_ROWS):
            if self.fail_after == 0:
                self.fail_after = None
                raise SourceUnavailable(
                    "The connection was lost.",
                    system=table.system,
                    place=table.place,
                    next_step="Run again.",
                )
            if self.fail_after is not None:
                self.fail_after -= 1
            yield frame.slice(start, CHUNK_ROWS)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """What the test says that the unit states."""
        return self.stated.get(unit.name, Controls())

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def frame(
    columns: Mapping[str, Sequence[object]],
    *,
    faults: Mapping[int, tuple[str, str]] | None = None,
) -> pa.Table:
    """A chunk of those columns; ``faults`` gives kind and raw text by row, and nulls that row's values."""
    rows = len(next(iter(columns.values()))) if columns else 0
    bad = faults or {}
    return pa.table(
        {
            "_line": pa.array(range(1, rows + 1), pa.int64()),
            "_fault": pa.array([bad[at][0] if at in bad else None for at in range(rows)], pa.string()),
            "_raw": pa.array([bad[at][1] if at in bad else None for at in range(rows)], pa.string()),
            **{
                name: pa.array([None if at in bad else value for at, value in enumerate(values)])
                for name, values in columns.items()
            },
        }
    )
