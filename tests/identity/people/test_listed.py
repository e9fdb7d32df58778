"""Whom a record means that names a tenancy and little more: the one of the household's list who alone fits."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from identity.people.names import divide
from tests.identity.people.conftest import cleaned

HOUSE: dict[str, Any] = {"household_id": "h", "home": "uprn 1"}
ANNE = {**HOUSE, "record_id": "a" * 32, "title": "Mrs", "forename": "Anne", "surname": "Lewis"}
BEN = {**HOUSE, "record_id": "b" * 32, "title": "Mr", "forename": "Ben", "surname": "Lewis"}
ALICE = {**ANNE, "record_id": "c" * 32, "forename": "Alice"}
ASKED: dict[str, Any] = {"record_id": "d" * 32, "system": "works", "tenancy_id": "t", "active_date": "2024-05-01"}
HELD = {"tenancy_id": "t", "household_id": "h", "home": "uprn 1", "start_date": "2010-01-01", "tenants": []}


def meant(*listed: dict[str, Any], held: list[dict[str, Any]] | None = None, **asked: Any) -> str | None:
    """The record of the list whom the asked one means."""
    records = cleaned([*listed, ASKED | asked], held or [HELD]).to_pandas().set_index("record_id")
    found = records["listed"]["d" * 32]
    return None if pd.isna(found) else str(found)


@pytest.mark.parametrize("name", ["MRS LEWIS", "LEWIS A MRS", "MRS A LEWIS", "MRS ANN LEWIZ", "ANNE LEWIS"])
def test_the_one_who_alone_fits_is_meant(name: str) -> None:
    assert meant(ANNE, BEN, full_name=name) == ANNE["record_id"]


def test_where_two_fit_nobody_can_tell_unless_a_mobile_is_the_ones_alone() -> None:
    assert meant(ANNE, ALICE, full_name="MRS A LEWIS") is None
    mine = ["07700 900123"]
    assert meant(ANNE | {"phones": mine}, ALICE, full_name="MRS A LEWIS", phones=mine) == ANNE["record_id"]


def test_where_two_fit_the_tenant_is_meant_unless_the_name_fits_the_other_better() -> None:
    by_anne = [HELD | {"tenants": [ANNE["record_id"]]}]
    assert meant(ANNE, ALICE, held=by_anne, full_name="LEWIS A MRS") == ANNE["record_id"]
    namesake = ALICE | {"forename": "Anne"}
    assert meant(ANNE, namesake, held=by_anne, full_name="ANNE LEWIS") == ANNE["record_id"]
    assert meant(ANNE | {"forename": "A"}, namesake, held=by_anne, full_name="ANNE LEWIS") is None


def test_those_who_write_a_listed_name_tell_first_whom_slips_of_the_pen_mean() -> None:
    """The list has the tenant's own name wrong; her child's, who is called the same, it has right."""
    tenant = ANNE | {"title": "Ms", "forename": "Agnieszka", "surname": "Piitrowska"}
    child = tenant | {"record_id": "c" * 32, "surname": "Piotrowska"}
    by_her = [HELD | {"tenants": [tenant["record_id"]]}]
    job = ASKED | {"record_id": "e" * 32, "full_name": "MS A PIOTROWSKA"}
    assert meant(tenant, child, job, held=by_her, full_name="MS A POOTROWSKA") == tenant["record_id"]


def test_the_dead_and_children_ask_for_nothing() -> None:
    assert meant(ANNE | {"death_date": "2020-01-01"}, full_name="MRS A LEWIS") is None
    assert meant(ANNE | {"birth_date": "2015-01-01"}, full_name="MRS A LEWIS") is None
    alive = {**ASKED, "record_id": "e" * 32, "full_name": "MRS A LEWIS", "active_date": "2018-05-01"}
    assert meant(ANNE | {"death_date": "2020-01-01"}, alive, full_name="MRS A LEWIS") is None


def test_a_household_is_known_by_all_the_tenancies_it_has_had() -> None:
    earlier = HELD | {"tenancy_id": "s", "home": "uprn 2", "start_date": "2001-01-01", "end_date": "2009-12-31"}
    before = {"tenancy_id": "s", "home": "uprn 2", "active_date": "2008-03-01"}
    assert meant(ANNE, BEN, held=[HELD, earlier], full_name="MRS A LEWIS", **before) == ANNE["record_id"]
    by_day = before | {"tenancy_id": None}
    assert meant(ANNE, BEN, held=[HELD, earlier], full_name="MRS A LEWIS", **by_day) == ANNE["record_id"]


def test_a_home_and_a_day_tell_the_tenancy() -> None:
    later = {**ANNE, "record_id": "e" * 32, "household_id": "i"}
    lets = [HELD | {"end_date": "2019-12-31"},
            HELD | {"tenancy_id": "u", "household_id": "i", "start_date": "2020-01-01"}]  # fmt: skip
    asked = {"full_name": "MRS A LEWIS", "tenancy_id": None, "home": "uprn 1"}
    assert meant(ANNE, later, held=lets, **asked) == later["record_id"]
    assert meant(ANNE, later, held=lets, **asked | {"active_date": "2015-03-01"}) == ANNE["record_id"]
    wrong = [*lets, HELD | {"tenancy_id": "w", "household_id": "x", "home": "uprn 9"}]
    assert meant(ANNE, later, held=wrong, **asked | {"tenancy_id": "w"}) == later["record_id"]


def test_whoever_is_known_by_another_name_tells_whom_others_mean_by_it() -> None:
    mine = ["07700 900123"]
    as_jill = {**ASKED, "record_id": "e" * 32, "full_name": "MRS JILL LEWIS", "phones": mine}
    assert meant(ANNE, BEN, full_name="MRS JILL LEWIS") is None
    assert meant(ANNE | {"phones": mine}, BEN, as_jill, full_name="MRS JILL LEWIS") == ANNE["record_id"]
    daughter, by_anne = BEN | {"forename": "Jill", "title": "Mrs"}, [HELD | {"tenants": [ANNE["record_id"]]}]
    listed = (ANNE | {"phones": mine}, daughter, as_jill)
    assert meant(*listed, held=by_anne, full_name="MRS JILL LEWIS") == ANNE["record_id"]
    assert meant(*listed, full_name="MRS JILL LEWIS") is None


def test_those_who_applied_for_a_home_are_those_it_was_let_to() -> None:
    child = {**HOUSE, "record_id": "e" * 32, "forename": "C", "surname": "Lewis", "birth_date": "2019-02-03"}
    asked: dict[str, Any] = {
        "system": "register",
        "household_id": "application",
        "forename": "Carol",
        "surname": "Lewis",
    }
    assert meant(ANNE, BEN, child, **asked, birth_date="2019-02-03") == child["record_id"]
    assert meant(ANNE, BEN, child, **asked, birth_date="1990-06-07") is None


def test_names_that_end_in_their_title_have_the_family_name_first() -> None:
    texts = pd.Series(["SMITH JOHN A MR", "DE SOUZA J MR", "Mrs. Smith", "SMITH JA", "EXORS OF THE LATE MR J SMITH"])
    assert divide(texts).to_numpy().tolist() == [
        ["MR", "JOHN A", "SMITH"], ["MR", "J", "DE SOUZA"], ["MRS", "", "SMITH"], ["", "J A", "SMITH"],
        ["MR", "J", "SMITH"],
    ]  # fmt: skip


def test_an_o_before_the_family_name_is_part_of_it_and_a_cut_remark_is_not() -> None:
    texts = pd.Series(["MR PATRICK O CONNOR", "SMITH JO", "BRADCOTE C B MR (DE", "PERS REPS OF MR G WAKEDALE DEC"])
    assert divide(texts).to_numpy().tolist() == [
        ["MR", "PATRICK", "O CONNOR"], ["", "J O", "SMITH"], ["MR", "C B", "BRADCOTE"], ["MR", "G", "WAKEDALE"],
    ]  # fmt: skip
