"""What becomes of every column of every landed table in the masked extracts: reviewed data, ``plans/<system>.csv``.

``by`` names whom a mask hangs on, as ids that the landed row leads to: ``person(house_ref|person_no)`` is the canonical
person of that source key, ``person/joint(...)`` the one of that part, ``tenancy@tenancy(...)`` one of another system's
keys, ``=u_northing`` the column itself. The first that is known counts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from identity.ids import key_of, stable_ids
from ledger.errors import ConfigurationFault, ContractBroken
from ledger.keys import trimmed

FOLDER = Path(__file__).with_name("plans")
ACTIONS = ("keep", "mask", "blank", "empty")
"""Keep as it stands; mask; leave out what a known code says; leave the table's rows out."""
_ID = re.compile(r"(?P<target>\w+)(?:/(?P<part>\w+))?(?:@(?P<system>\w+))?\((?P<key>[^()]+)\)")


@dataclass(frozen=True)
class Decision:
    """What becomes of a column, and why."""

    system: str
    table: str
    column: str
    action: str
    mask: str
    by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class SourcePlan:
    """The decisions of a system's tables, by table and column."""

    system: str
    tables: Mapping[str, Mapping[str, Decision]]

    def require(self, table: str, columns: Iterable[str]) -> None:
        """Raises ContractBroken where a column has no decision, and names each."""
        if missing := [column for column in columns if column not in self.tables.get(table, {})]:
            raise ContractBroken(
                f"The plan of the masked extracts has no decision for {', '.join(missing)}.",
                system=self.system,
                place=f"table {table}",
                next_step=f"Add a line for each to {FOLDER.name}/{self.system}.csv and have it reviewed.",
            )


@cache
def read(system: str, folder: Path = FOLDER) -> SourcePlan:
    """The reviewed decisions of the system. Raises ConfigurationFault where a line says what nobody understands."""
    path = folder / f"{system}.csv"
    if not path.exists():
        raise ConfigurationFault(
            "The plan of the masked extracts does not know the system.", system=system,
            next_step=f"Write {path.name} with a decision for each column of each table.",
        )  # fmt: skip
    tables: dict[str, dict[str, Decision]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            by = tuple(one for one in line["by"].split(";") if one)
            decision = Decision(system, line["table"], line["column"], line["action"], line["mask"], by, line["reason"])
            if fault := _fault(decision):
                raise ConfigurationFault(
                    f"The decision for {decision.column} {fault}.", system=system, place=f"table {decision.table}",
                    next_step=f"Correct its line in {path.name}.",
                )  # fmt: skip
            tables.setdefault(decision.table, {})[decision.column] = decision
    return SourcePlan(system, tables)


def _fault(decision: Decision) -> str:
    if decision.action not in ACTIONS:
        return f"is not one of {', '.join(ACTIONS)}"
    if (decision.action == "mask") != bool(decision.mask):
        return "masks without a mask" if decision.action == "mask" else "has a mask that nothing asks for"
    if not decision.reason and decision.action != "keep":
        return "gives no reason"
    if wrong := [one for one in decision.by if not one.startswith("=") and not _ID.fullmatch(one)]:
        return f"hangs on {wrong[0]}, which is no id"
    return ""


def whose(expression: str, system: str, columns: Mapping[str, pa.Array]) -> pa.Array:
    """What the rows' mask hangs on by the expression: canonical ids as text, or the column's own values."""
    if expression.startswith("="):
        return pc.utf8_trim_whitespace(columns[expression[1:]])
    found = _ID.fullmatch(expression)
    assert found is not None, "checked when the plan was read"
    parts = [trimmed(columns[name]) for name in found["key"].split("|")]
    keys = pc.binary_join_element_wise(*parts, "|") if len(parts) > 1 else parts[0]
    texts = pc.binary_join_element_wise(
        pa.scalar(key_of(found["system"] or system, found["target"], "", found["part"] or "")), keys, ""
    )
    return _dashed(stable_ids(pa.concat_arrays([texts])))


def _dashed(ids: pa.Array) -> pa.Array:
    """32 hexadecimal digits as the database prints a UUID."""
    places = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    return pc.binary_join_element_wise(*(pc.utf8_slice_codeunits(ids, *place) for place in places), "-")
