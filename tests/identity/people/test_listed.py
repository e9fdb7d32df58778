"""Whom a record means that names a tenancy and little more: the one of the household's list who alone fits."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from identity.people.names import divide
from tests.identity.people.conftest import cleaned

HOUSE: dict[str, Any] = {"household_id": "h", "tenancy_id": "t", "tenancy_from": "2010-01-01", "home": "uprn 1"}
ANNE = {**HOUSE, "record_id": "a" * 32, "title": "Mrs", "forename": "Anne", "surname": "Lewis"}
BEN = {**HOUSE, "record_id": "b" * 32, "title": "Mr", "forename": "Ben", "surname": "Lewis"}
ALICE = {**ANNE, "record_id": "c" * 32, "forename": "Alice"}
ASKED: dict[str, Any] = {"record_id": "d" * 32, "system": "works", "tenancy_id": "t", "active_date": "2024-05-01"}


def meant(*listed: dict[str, Any], **asked: Any) -> str | None:
    """The record of the list whom the asked one means."""
    found = cleaned([*listed, ASKED | asked]).to_pandas().set_index("record_id")["listed"]["d" * 32]
    return None if pd.isna(found) else str(found)


@pytest.mark.parametrize("name", ["MRS LEWIS", "LEWIS A MRS", "MRS A LEWIS", "MRS ANN LEWIZ", "ANNE LEWIS"])
def test_the_one_who_alone_fits_is_meant(name: str) -> None:
    assert meant(ANNE, BEN, full_name=name) == ANNE["record_id"]


def test_where_two_fit_nobody_can_tell_unless_a_mobile_is_the_ones_alone() -> None:
    assert meant(ANNE, ALICE, full_name="MRS A LEWIS") is None
    mine = ["07700 900123"]
    assert meant(ANNE | {"phones": mine}, ALICE, full_name="MRS A LEWIS", phones=mine) == ANNE["record_id"]


def test_where_two_fit_a_named_tenant_is_the_one_who_is_one() -> None:
    tenant = ANNE | {"is_tenant": True}
    assert meant(tenant, ALICE | {"is_tenant": False}, full_name="LEWIS A MRS", is_tenant=True) == ANNE["record_id"]


def test_the_dead_and_children_ask_for_nothing() -> None:
    assert meant(ANNE | {"death_date": "2020-01-01"}, full_name="MRS A LEWIS") is None
    assert meant(ANNE | {"birth_date": "2015-01-01"}, full_name="MRS A LEWIS") is None


def test_a_home_and_a_day_tell_the_tenancy() -> None:
    later = {**ANNE, "record_id": "e" * 32, "household_id": "i", "tenancy_id": "u", "tenancy_from": "2020-01-01"}
    asked = {"full_name": "MRS A LEWIS", "tenancy_id": None, "home": "uprn 1"}
    earlier = ANNE | {"tenancy_to": "2020-01-01"}
    assert meant(earlier, later, **asked) == later["record_id"]
    assert meant(earlier, later, **asked | {"active_date": "2015-03-01"}) == ANNE["record_id"]


def test_names_that_end_in_their_title_have_the_family_name_first() -> None:
    texts = pd.Series(["SMITH JOHN A MR", "DE SOUZA J MR", "Mrs. Smith", "SMITH JA", "EXORS OF THE LATE MR J SMITH"])
    assert divide(texts).to_numpy().tolist() == [
        ["MR", "JOHN A", "SMITH"], ["MR", "J", "DE SOUZA"], ["MRS", "", "SMITH"], ["", "J A", "SMITH"],
        ["MR", "J", "SMITH"],
    ]  # fmt: skip
