"""A column of a source and the column of the model that it becomes are decided alike in both plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import ContractBroken
from mappings.catalogue import load_system
from mappings.mapping import Mapping
from mirror import plan
from mirror.extracts import lineage
from mirror.plan import Plan
from tests.mirror.extracts.conftest import SYSTEMS

PLANNED = plan.read()


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_plans_agree(name: str) -> None:
    assert list(lineage.apart(name, PLANNED)) == []


def test_what_one_plan_keeps_and_the_other_masks_is_told_by_name() -> None:
    changed = _decided("canonical.contractor", "contractor_ref", action="mask", mask="reference")

    told = "works.supplier.sup_ref -> contractor.contractor_ref (mask reference, keep)"
    assert list(lineage.apart("works", changed)) == [told]
    with pytest.raises(ContractBroken) as broken:
        lineage.require(["tenancy", "works"], changed)
    assert told in str(broken.value)


def test_another_mask_of_the_same_value_is_told() -> None:
    notes = _decided("canonical.housing_application", "preferred_areas", mask="text.note")
    leave = _decided("canonical.absence", "absence_type_code", mask="code:LEAVE")

    assert [fault.split(" ->")[0] for fault in lineage.apart("register", notes)] == ["register.applications.Areas"]
    assert [fault.split(" ->")[0] for fault in lineage.apart("works", leave)] == ["works.opabs.abs_code"]


def test_what_is_said_to_lead_on_names_columns_that_there_are() -> None:
    for place in lineage.DERIVED:
        source, target = place.split(" -> ")
        name, table, column = source.split(".", 2)
        canonical, field = target.split(".")
        assert any(
            mapping.target == canonical and field in mapping.fields and column in mapping.fields[field].columns
            for mapping in _mappings(name, table)
        ), place


def _mappings(name: str, table: str) -> tuple[Mapping, ...]:
    return tuple(load_system(name).mappings[table])


def _decided(table: str, column: str, **change: Any) -> Plan:
    """The plan with another decision for the column."""
    return replace(PLANNED, decisions=tuple(
        replace(one, **change) if (one.table, one.column) == (table, column) else one for one in PLANNED.decisions
    ))  # fmt: skip
