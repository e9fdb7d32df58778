import numpy as np
import pandas as pd

from estate.world import World


def test_no_two_tenancies_of_a_home_overlap(small_world: World) -> None:
    held = small_world.tenancies.tenancies.sort_values(["property_id", "start_date"])
    same = held["property_id"].eq(held["property_id"].shift())
    assert (held["start_date"] > held["end_date"].shift())[same].all()
    assert (held["end_date"].isna() | (held["end_date"] >= held["start_date"])).all()
    assert held["tenancy_ref"].is_unique


def test_every_day_since_april_2016_is_let_void_or_sold(small_world: World) -> None:
    held, voids = small_world.tenancies.tenancies, small_world.tenancies.voids
    homes = np.flatnonzero(small_world.places.properties["is_dwelling"])
    for day in pd.to_datetime(["2016-05-02", "2020-02-29", "2026-09-28"]):
        let = held[(held["start_date"] <= day) & ~(held["end_date"] < day)]["property_id"]
        void = voids[(voids["start_date"] <= day) & ~(voids["end_date"] < day)]["property_id"]
        assert let.is_unique and not set(let) & set(void)
        assert set(homes) <= set(let) | set(void)


def test_a_succession_passes_on_to_another_member_the_next_day(small_world: World) -> None:
    held, tenants = small_world.tenancies.tenancies, small_world.people.tenants
    lead = tenants[~tenants["joint"]].set_index("tenancy_id")["person_id"]
    after = held[held["succeeds"] >= 0]
    before = held.loc[after["succeeds"]]
    assert len(after) > 5
    assert (lead[after.index].to_numpy() != lead[before.index].to_numpy()).all()
    assert (after["household_id"].to_numpy() == before["household_id"].to_numpy()).all()
    assert ((after["start_date"].to_numpy() - before["end_date"].to_numpy()) == np.timedelta64(1, "D")).all()


def test_most_tenancies_start_on_a_monday(small_world: World) -> None:
    assert (small_world.tenancies.tenancies["start_date"].dt.day_of_week == 0).mean() > 0.85
