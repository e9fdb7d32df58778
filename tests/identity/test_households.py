"""Which households are one: the same people under the same head, not a grown child's and their parents'."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from identity.households import DOUBTFUL, JOIN, VETO, golden, pairs
from identity.joining import judged

HOUSEHOLD = [
    "record_id", "golden_id", "system", "trust", "name", "asset_id", "tenancy_id", "start_date", "end_date",
]  # fmt: skip
MEMBER = ["household_id", "person_id", "role_code", "is_head", "start_date", "end_date", "trust", "system"]


def homes(let_to: str | None = None, **places: str | None) -> pd.DataFrame:
    """Households by their places; ``let_to`` is the one that got the home which the last one applied for."""
    lets = [let_to if let_to in (one, None) or one == list(places)[-1] else None for one in places]
    return pd.DataFrame({"record_id": list(places), "asset_id": list(places.values()), "let_to": lets})


def people(*rows: tuple[str, str]) -> pd.DataFrame:
    """Household and its members; the first one heads it."""
    return pd.DataFrame(
        [(home, one, at == 0) for home, who in rows for at, one in enumerate(who)],
        columns=["household_id", "person_id", "is_head"],
    )


def status(households: pd.DataFrame, members: pd.DataFrame) -> list[str]:
    return judged(pairs(households, members), join=JOIN, doubt=DOUBTFUL, veto=VETO)["status"].tolist()


def test_an_application_of_a_tenant_is_of_the_tenants_household() -> None:
    assert status(homes(tenancy="P", register=None), people(("tenancy", "abcd"), ("register", "ab"))) == ["joined"]
    assert status(homes(tenancy="P", register=None), people(("tenancy", "a"), ("register", "a"))) == ["joined"]


def test_an_application_that_led_to_a_letting_is_of_the_household_that_moved_in_whoever_is_known_of_it() -> None:
    strangers = people(("tenancy", "ab"), ("register", "cd"))
    assert status(homes(let_to="tenancy", tenancy="P", register="Q"), strangers) == ["joined"]
    assert status(homes(tenancy="P", register="Q"), strangers) == []


def test_a_partner_may_apply_for_all_of_them() -> None:
    assert status(homes(tenancy="P", register="P"), people(("tenancy", "abcd"), ("register", "bacd"))) == ["joined"]


def test_a_grown_child_with_a_home_of_their_own_is_not_the_parents_household() -> None:
    assert status(homes(parents="P", child="Q"), people(("parents", "abc"), ("child", "c"))) == ["apart"]
    assert status(homes(parents="P", child="P"), people(("parents", "abc"), ("child", "c"))) == ["apart"]


def test_a_parent_who_left_with_the_children_is_for_a_person_to_judge_at_most() -> None:
    assert status(homes(old="P", new="Q"), people(("old", "abcd"), ("new", "bcd"))) in (["doubtful"], ["apart"])


def test_a_placeholder_person_in_very_many_households_joins_none() -> None:
    many = {f"h{number:03}": None for number in range(60)}
    assert len(pairs(homes(**many), people(*((name, "z") for name in many)))) == 0


def test_the_parts_sum_to_the_weight() -> None:
    found = pairs(homes(a="P", b="P", c=None), people(("a", "xyz"), ("b", "xyz"), ("c", "zy")))
    parts = [name for name in map(str, found) if name.startswith("w_")]
    assert len(found) == 3
    assert np.array_equal(found["weight"], found[parts].sum(axis=1))


def member(*values: Any) -> dict[str, Any]:
    return dict(zip(MEMBER, values, strict=True))


def test_a_golden_household_takes_each_field_from_the_source_that_is_trusted_most() -> None:
    households = pd.DataFrame(
        [("r1", "G", "register", 0.6, "Ms B", None, None, date(2020, 1, 1), None),
         ("t1", "G", "tenancy", 0.8, "Mr A", "P", "T", date(2015, 5, 1), None),
         ("t2", "H", "tenancy", 0.8, None, None, None, date(2010, 1, 1), date(2012, 1, 1))],
        columns=HOUSEHOLD,
    )  # fmt: skip
    members = pd.DataFrame(
        [
            member("t1", "a", "tenant", True, date(2015, 5, 1), None, 0.8, "tenancy"),
            member("t1", "b", "partner", False, date(2015, 5, 1), date(2019, 1, 1), 0.8, "tenancy"),
            member("r1", "b", "tenant", True, None, None, 0.6, "register"),
            member("r1", "c", "dependant", False, None, None, 0.6, "register"),
        ]
    )
    told, time = golden(households, members)
    assert told["golden_id"].tolist() == ["G", "H"]
    first = told.iloc[0]
    assert (first["name"], first["asset_id"], first["tenancy_id"], first["person_count"]) == ("Mr A", "P", "T", 2)
    assert (first["record_count"], first["system_count"], first["start_date"]) == (2, 2, date(2015, 5, 1))
    assert told["end_date"].isna().tolist() == [True, False]
    left = time.set_index("person_id")["end_date"]
    assert (left["b"], pd.isna(left["a"]), pd.isna(left["c"])) == (date(2019, 1, 1), True, True)
    assert time["role_code"].tolist() == ["tenant", "partner", "dependant"]
