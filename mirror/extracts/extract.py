"""Masked extracts of a whole hub: every system's last batches, masked, in its own technology."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mappings.catalogue import load_system
from mirror import plan
from mirror.extracts import decisions, landed, lineage
from mirror.extracts.masking import Masks, masked
from mirror.extracts.writing import systems


@dataclass(frozen=True)
class Extract:
    """What was written of a system."""

    system: str
    tables: int
    rows: int


def extract(
    names: Sequence[str],
    landing: Path,
    estate: Path,
    tenancy_url: str,
    masks: Masks,
    today: date,
    on_system: Callable[[Extract], None] = lambda _: None,
) -> list[Extract]:
    """Writes the systems' extracts below ``estate``, each anew; ``tenancy_url`` is where the tenancy database goes.

    Raises ContractBroken, naming the columns, where one has no decision, or another than in the mirror's plan: before
    a row is read.
    """
    check(names, landing)
    estate.mkdir(parents=True, mode=0o700, exist_ok=True)
    found = []
    for name in names:
        own, tables = decisions.read(name), {}
        for table in load_system(name).spec.tables:
            rows = systems.unfolded(landed.read(landing, table))
            tables[table.name] = masked(rows, own, masks)
        systems.write(name, tables, estate, tenancy_url, today)
        found.append(Extract(name, len(tables), sum(len(rows) for rows in tables.values())))
        on_system(found[-1])
    return found


def check(names: Sequence[str], landing: Path) -> None:
    """Raises ContractBroken where a landed column of the systems has no decision, or another than what it becomes in
    the mirror's plan. Reads no row."""
    lineage.require(names, plan.read())
    for name in names:
        own = decisions.read(name)
        for table in load_system(name).spec.tables:
            own.require(table.name, landed.columns_of(landing, table))
