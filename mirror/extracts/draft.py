"""A first draft of a system's decisions, from its mappings and the masking plan of the canonical model.

A source column is treated as the canonical columns that it feeds. A draft is read and corrected by people before it
becomes the plan: it knows nothing of columns that no mapping reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.spec import TableSpec
from mappings.catalogue import System, load_system
from mappings.mapping import Mapping
from mappings.row_rules import Ref
from mappings.rule import Rule
from mirror.extracts.decisions import Decision
from mirror.plan import Plan

UNREAD = "No mapping reads it: decide"
CODED = ("trade", "sor_item", "contract", "contractor", "pay_scheme")
"""Canonical tables whose keys are codes of the council's own and lead to nobody."""
KEYS = ("uuid", "reference", "identifier")


def draft(name: str, plan: Plan) -> Iterator[Decision]:
    """A decision for each column of each table of the system."""
    system = load_system(name)
    for table in system.spec.tables:
        for column in table.columns:
            yield _decided(system, table, column.name, plan)


def _decided(system: System, table: TableSpec, column: str, plan: Plan) -> Decision:
    found = list(_uses(system, table, column, plan))
    keep = Decision(system.spec.name, table.name, column, "keep", "", (), "" if found else UNREAD)
    masked = [use for use in found if use[0] == "mask" and use[1] not in KEYS]
    if masked:
        _, mask, by, reason = masked[0]
        return Decision(keep.system, keep.table, column, "mask", mask, by, reason)
    if any(mask in KEYS for _, mask, _, _ in found):
        reason = "A key that other tables, systems and letters bear: the same mask wherever it stands"
        return Decision(keep.system, keep.table, column, "mask", "reference", (), reason)
    for action, put in (("drop", "blank"), ("empty", "empty")):
        if left := [use for use in found if use[0] == action]:
            return Decision(keep.system, keep.table, column, put, "", (), left[0][3])
    return keep


def _uses(system: System, table: TableSpec, column: str, plan: Plan) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Action, mask, by and reason of each canonical column that the source column feeds."""
    for mapping in system.mappings[table.name]:
        decisions = plan.table(f"canonical.{mapping.target}") if mapping.target else {}
        for name, rule in mapping.fields.items():
            decision = decisions.get(name)
            if column in rule.columns and decision and not (isinstance(rule, Ref) and rule.target in CODED):
                by = tuple(filter(None, (_by(mapping, field) for field in decision.by)))
                yield decision.action, decision.mask, by, decision.reason


def _by(mapping: Mapping, field: str) -> str:
    """How the landed row leads to what the canonical column ``field`` holds; empty where it does not."""
    if field == "id":
        return _expression(mapping.target, mapping.key, mapping.part)
    rule: Rule | None = mapping.fields.get(field)
    if isinstance(rule, Ref):
        return _expression(rule.target, rule.key, rule.part, rule.system)
    return f"={rule.columns[0]}" if rule and rule.columns else ""


def _expression(target: str | None, key: tuple[str, ...], part: str, system: str | None = None) -> str:
    return f"{target}{'/' + part if part else ''}{'@' + system if system else ''}({'|'.join(key)})"
