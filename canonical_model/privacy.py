"""What may be shown of the model to whom: a declared class for every column.

========  ==============================================================================================
open      what a caller sees who may read the resource at all
name      who somebody is: names, birth and death, references of persons, names of officers
contact   how to reach somebody: telephone, mail, where a person lives
special   health, origin, vulnerability, alerts, National Insurance numbers, free text that may name people
money     what somebody owes, pays, earns or is paid; every amount in pounds
internal  never shown: the hub's own bookkeeping
========  ==============================================================================================

``privacy.csv`` has one line a column, so that a change of a class is a line that somebody signs off.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Table

DECLARED = Path(__file__).with_name("privacy.csv")
OPEN, INTERNAL = "open", "internal"
PERSONAL = ("name", "contact", "special", "money")
CLASSES = (OPEN, *PERSONAL, INTERNAL)


@cache
def declared(path: Path = DECLARED) -> Mapping[tuple[str, str], str]:
    """(table, column) -> class."""
    with path.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({(line["table"], line["column"]): line["class"] for line in csv.DictReader(lines)})


def undeclared(tables: Iterable[Table], path: Path = DECLARED) -> list[str]:
    """The columns, as ``table.column``, that have no class or one that there is not."""
    known = declared(path)
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if known.get((table.name, column.name)) not in CLASSES
    ]
