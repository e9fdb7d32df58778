"""Which technology a system's extracts are written in, and where they stand in an estate's folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from estate.council import FOLDERS
from estate.writers.works import FILE as WORKS
from ledger.errors import ConfigurationFault
from mirror.extracts.landed import Landed, Tables
from mirror.extracts.writing import bank, databases, dbase, delimited, mainframe, scheduler, workbooks

UNFOLD: Mapping[str, Callable[[Landed], Landed]] = {"contractor": dbase.unfolded, "rents": mainframe.unfolded}
"""Systems whose broken records landed as bytes, and what finds the cells in them."""
ORDER = (
    "tenancy", "rents", "register", "works", "drs", "payments", "stock", "contractor", "licensing", "gazetteer",
)  # fmt: skip


def unfolded(landed: Landed) -> Landed:
    """The table with the cells of its broken records, where its technology leaves them to be found."""
    unfold = UNFOLD.get(landed.table.system)
    return unfold(landed) if unfold else landed


def write(system: str, tables: Tables, estate: Path, tenancy_url: str, today: date) -> None:
    """Writes the system's tables where an estate has them: in its folder below ``estate``, or the tenancy database."""
    if system == "tenancy":
        databases.write(system, tables, tenancy_url)
        return
    if system not in FOLDERS:
        raise ConfigurationFault(
            "No writer of extracts knows the system's technology.", system=system,
            next_step="Add it to mirror/extracts/writing/systems.py, or leave the system out.",
        )  # fmt: skip
    target = estate / FOLDERS[system]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    match system:
        case "works":
            databases.write(system, tables, f"sqlite:///{target / WORKS}")
        case "rents":
            mainframe.write(tables, target)
        case "register":
            delimited.write_register(tables, target)
        case "drs":
            scheduler.write(tables, target, today)
        case "payments":
            bank.write(tables, target)
        case "stock":
            workbooks.write(tables, target, today)
        case "contractor":
            dbase.write(tables, target)
        case "licensing":
            delimited.write_licensing(tables, target)
        case "gazetteer":
            delimited.write_gazetteer(tables, target)
