"""The masking plan: a reviewed decision for every column of every table of the hub's database.

``planned/canonical.csv`` and ``planned/hub.csv`` have a line a column, ``planned/objects.csv`` one for everything else
that may stand in the database, ``planned/json_keys.csv`` one for each key within JSON that reaches a mirror. A table of
``history`` is decided as the canonical table of its name; what it has beyond that stands in ``hub.csv``.

======  =====================================================================================================
keep    as it is
mask    by the mask named, with the columns of ``by`` beside it
drop    null
empty   no row of its table reaches a mirror
own     the mirror's own migrations write its table
======  =====================================================================================================

``demo`` says what the profile for showing does instead: ``drop``, or how it makes a value coarser. ``quasi`` names the
quasi-identifier that the column is: it shows what ``mirror.showing`` lets it show. What has no decision stops a build
before the first row is read.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from canonical_model.base import CURRENT, HISTORY
from ledger.errors import ConfigurationFault, ContractBroken
from mirror.catalogue import Catalogue
from mirror.showing import ATTRIBUTES

PLANNED = Path(__file__).with_name("planned")
COLUMNS = ("canonical.csv", "hub.csv")
KEEP, MASK, DROP, EMPTY, OWN = ACTIONS = ("keep", "mask", "drop", "empty", "own")
DEMO = ("", "drop", "decade", "sector", "initial", "street", "no address")
ANY = "*"
"""In a path of JSON: a key of any name, where the hub makes keys of its own names of tables, fields and stages."""
SHOWN_AT_ONCE = 20


@dataclass(frozen=True)
class Decision:
    """What becomes of a column, and why. ``table`` has its schema; ``by`` are columns of the same table."""

    table: str
    column: str
    type: str
    action: str
    mask: str = ""
    by: tuple[str, ...] = ()
    demo: str = ""
    quasi: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """All decisions; ``objects`` (kind, name) and ``json_keys`` (table.column, path, kind of value) that may stand."""

    decisions: tuple[Decision, ...]
    objects: frozenset[tuple[str, ...]]
    json_keys: frozenset[tuple[str, ...]]

    @cached_property
    def by_table(self) -> Mapping[str, Mapping[str, Decision]]:
        """Table -> column -> decision."""
        tables: dict[str, dict[str, Decision]] = {}
        for decision in self.decisions:
            tables.setdefault(decision.table, {})[decision.column] = decision
        return MappingProxyType(tables)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables, with their schema, as the plan has them."""
        return tuple(self.by_table)

    def table(self, name: str) -> Mapping[str, Decision]:
        """Column -> decision of that table; empty where the plan does not know it."""
        return self.by_table.get(name, {})

    def kept(self, name: str) -> bool:
        """Whether every column of the table goes over as it is."""
        return all(decision.action == KEEP for decision in self.table(name).values())

    def crosses(self, name: str) -> bool:
        """Whether rows of the table are copied at all."""
        return not any(decision.action in (EMPTY, OWN) for decision in self.table(name).values())

    @property
    def crossing(self) -> list[tuple[str, str]]:
        """The (table, column) whose values, masked or not, reach a mirror."""
        return [(each.table, each.column) for each in self.decisions if each.action in (KEEP, MASK)]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the whole plan: two plans with one fingerprint decide alike."""
        lines = [*map(str, map(astuple, self.decisions)), *map(str, sorted(self.objects | self.json_keys))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read(folder: Path = PLANNED) -> Plan:
    """The plan of that folder. Raises ConfigurationFault with every line that decides nothing."""
    faults: list[str] = []
    stated = [decision for name in COLUMNS for decision in _decisions(folder / name, faults)]
    twice = [name for name, times in Counter((each.table, each.column) for each in stated).items() if times > 1]
    faults += [f"{table}.{column} is decided twice" for table, column in twice]
    objects = frozenset(_listed(folder / "objects.csv", ("kind", "name"), faults))
    keys = frozenset(_listed(folder / "json_keys.csv", ("column", "path", "kind"), faults))
    if faults:
        raise ConfigurationFault(
            f"{len(faults)} lines of the masking plan decide nothing: {_some(faults)}.",
            place=str(folder),
            next_step="complete them; 'hub mirror plan' shows the plan.",
        )
    tables = {("table", decision.table) for decision in stated}
    return Plan(tuple(_with_history(stated)), objects | tables, keys)


def check(plan: Plan, catalogue: Catalogue) -> tuple[str, ...]:
    """What stands in the database without a decision, or is decided and does not stand there; by name, sorted."""
    return tuple(
        sorted({*_column_faults(plan, catalogue), *_object_faults(plan, catalogue), *_key_faults(plan, catalogue)})
    )


def require(plan: Plan, catalogue: Catalogue) -> None:
    """Nothing where the plan decides all that stands there. Raises ContractBroken with what it does not, by name."""
    if faults := check(plan, catalogue):
        raise ContractBroken(
            f"the masking plan and the database differ: {_some(faults)}. Nothing was read.",
            place="mirror/planned",
            next_step="decide them there ('hub mirror plan --draft' drafts the lines), then build again.",
        )


def draft(plan: Plan, catalogue: Catalogue) -> list[Decision]:
    """A line for each undecided column, proposed as the column of that name and type is decided elsewhere.

    Without a reason, which somebody has to write: a line without one decides nothing.
    """
    alike: dict[tuple[str, str], Counter[Decision]] = {}
    for each in plan.decisions:
        if each.action in (KEEP, MASK, DROP):
            core = replace(each, table="", reason="")
            alike.setdefault((each.column, each.type), Counter())[core] += 1
    lines = []
    for (table, column), kind in catalogue.columns.items():
        known = plan.table(table).get(column)
        if known is not None and known.type == kind:
            continue
        proposed = (
            alike[column, kind].most_common(1)[0][0] if (column, kind) in alike else Decision("", column, kind, "")
        )
        lines.append(replace(proposed, table=table))
    return lines


def line(decision: Decision) -> list[str]:
    """The decision as a line of the plan's files."""
    return [";".join(value) if isinstance(value, tuple) else value for value in astuple(decision)]


def _decisions(path: Path, faults: list[str]) -> Iterator[Decision]:
    names = [field.name for field in fields(Decision)]
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            stated = {name: row.get(name) or "" for name in names}
            decision = Decision(**(stated | {"by": tuple(filter(None, stated["by"].split(";")))}))
            if fault := _fault(decision):
                faults.append(f"{decision.table}.{decision.column} {fault}")
            yield decision


def _fault(decision: Decision) -> str:
    if decision.action not in ACTIONS:
        return f"has the action '{decision.action}', which there is not"
    if not decision.reason.strip():
        return "has no reason"
    if (decision.action == MASK) != bool(decision.mask):
        return "names a mask and does not mask" if decision.mask else "names no mask"
    if decision.demo not in DEMO:
        return f"has '{decision.demo}' for the demo, which there is not"
    if decision.quasi and decision.quasi not in ATTRIBUTES:
        return f"has the quasi-identifier '{decision.quasi}', which there is not"
    return ""


def _listed(path: Path, names: Sequence[str], faults: list[str]) -> Iterator[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not (row.get("reason") or "").strip():
                faults.append(f"{path.name}: {' '.join(row[name] for name in names)} has no reason")
            yield tuple(row[name] for name in names)


def _with_history(stated: Iterable[Decision]) -> Iterator[Decision]:
    """The stated decisions, and those of history: each canonical column's, before the columns of its own."""
    stated = list(stated)
    earlier = {each.table.removeprefix(f"{HISTORY}.") for each in stated if each.table.startswith(f"{HISTORY}.")}
    yield from (each for each in stated if not each.table.startswith(f"{HISTORY}."))
    for each in stated:
        schema, name = each.table.split(".", 1)
        if schema == CURRENT and name in earlier:
            yield replace(each, table=f"{HISTORY}.{name}")
    yield from (each for each in stated if each.table.startswith(f"{HISTORY}."))


def _column_faults(plan: Plan, catalogue: Catalogue) -> Iterator[str]:
    for (table, column), kind in catalogue.columns.items():
        decided = plan.table(table)
        if decided and column not in decided:
            yield f"column {table}.{column} is not decided"
        elif decided and decided[column].type != kind:
            yield f"column {table}.{column} is of type {kind}, and decided as {decided[column].type}"
    for decision in plan.decisions:
        if ("table", decision.table) in catalogue.objects and (
            decision.table,
            decision.column,
        ) not in catalogue.columns:
            yield f"column {decision.table}.{decision.column} is decided and gone"


def _object_faults(plan: Plan, catalogue: Catalogue) -> Iterator[str]:
    for kind, name in catalogue.objects - plan.objects:
        yield f"{kind} {name} is not decided"
    for name in set(plan.tables) - {name for kind, name in catalogue.objects if kind == "table"}:
        yield f"table {name} is decided and gone"


def _key_faults(plan: Plan, catalogue: Catalogue) -> Iterator[str]:
    decided: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for column, path, kind in plan.json_keys:
        pattern = re.compile(re.escape(path).replace(re.escape(ANY), r"[^\[\]]+?"))
        decided.setdefault(column, []).append((pattern, kind))
    for column, path, kind in catalogue.json_keys:
        kinds = {known for pattern, known in decided.get(column, ()) if pattern.fullmatch(path)}
        if not kinds:
            yield f"JSON key {path} of {column} is not decided"
        elif kind not in kinds | {"null"}:
            yield f"JSON key {path} of {column} is of type {kind}, and decided as {' or '.join(sorted(kinds))}"


def _some(faults: Sequence[str]) -> str:
    more = len(faults) - SHOWN_AT_ONCE
    return "; ".join(faults[:SHOWN_AT_ONCE]) + (f"; and {more} more" if more > 0 else "")
