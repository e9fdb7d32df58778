"""The tables of a system that hold what they held the last time: one step takes them all from gate to close."""

from __future__ import annotations

from collections.abc import Sequence

from pyarrow import default_memory_pool

from flows.faults import only_hub_faults
from flows.stages import Landed, Partition, Run, close_table, compare_table, gate_table, passed_before


def unchanged(run: Run, landed: Sequence[Landed]) -> list[Landed]:
    """The tables whose batch has the content of the last finished one, under the same mapping."""
    with run.connection() as connection:
        return [table for table in landed if passed_before(connection, table)]


@only_hub_faults()
def repeat_tables(run: Run, system: str, landed: Sequence[Landed]) -> dict[str, list[Partition]]:
    """Gates and compares the system's unchanged tables, and closes those that have nothing to be mapped.

    Gives by table what is to be mapped all the same: rows whose references may have come by now, and all rows
    after a run that broke off. Such a table is closed once that is loaded.
    """
    found: dict[str, list[Partition]] = {}
    for table in landed:
        gate_table(run, table).raise_if_stopped()
        found[table.table] = compare_table(run, table)
        if not found[table.table]:
            close_table(run, table)
        default_memory_pool().release_unused()
    return found
