"""The tables of a system that hold what they held the last time: one step takes them all from gate to close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyarrow import default_memory_pool

from flows.faults import only_hub_faults
from flows.references import Landed, Partition, Run
from flows.stages import close_table, compare_table, gate_table, load_partition, passed_before
from loading import records


def unchanged(run: Run, landed: Sequence[Landed]) -> list[Landed]:
    """The tables whose batch has the content of the last finished one, under the same mapping."""
    with run.connection() as connection:
        return [table for table in landed if passed_before(connection, table)]


@dataclass(frozen=True)
class Repeated:
    """What repeating unchanged tables came to.

    ``partitions``: by table what is still to be mapped. ``written``: how many canonical rows were written.
    """

    partitions: dict[str, list[Partition]]
    written: int


@only_hub_faults()
def repeat_tables(run: Run, system: str, landed: Sequence[Landed], *, whole: bool) -> Repeated:
    """Gates and compares the system's unchanged tables, and closes those that have nothing to be mapped.

    To be mapped all the same are rows whose references may have come by now, and all rows after a run that broke
    off. Where the ``whole`` system is unchanged the former are mapped here too: nothing that they could refer to
    is still to be loaded. Any other such table is closed once its partitions are loaded.
    """
    found: dict[str, list[Partition]] = {table.table: [] for table in landed}
    written = 0
    for table in _open(run, landed):
        gate_table(run, table).raise_if_stopped()
        partitions = compare_table(run, table)
        found[table.table] = [partition for partition in partitions if partition.remapped or not whole]
        if not found[table.table]:
            written += sum(load_partition(run, partition) for partition in partitions)
            close_table(run, table)
        default_memory_pool().release_unused()
    return Repeated(found, written)


def _open(run: Run, landed: Sequence[Landed]) -> list[Landed]:
    """The tables that no earlier try of the step has closed."""
    with run.connection() as connection:
        closed = {records.earlier_batch(connection, table.system, table.table) for table in landed}
    numbers = {batch.batch_id for batch in closed if batch}
    return [table for table in landed if table.batch_id not in numbers]
