import numpy as np
import pandas as pd
import pytest

from estate import calendars, rents, world
from estate.accounts import CHARGE_CODES
from estate.world import World


@pytest.mark.parametrize(
    ("rent_year", "first_day", "weeks"),
    [(2016, "2016-04-04", 52), (2019, "2019-04-01", 53), (2020, "2020-04-06", 52), (2023, "2023-04-03", 52),
     (2024, "2024-04-01", 53), (2025, "2025-04-07", 52), (2026, "2026-04-06", 52)],
)  # fmt: skip
def test_rent_years_begin_on_the_first_monday_of_april(rent_year: int, first_day: str, weeks: int) -> None:
    assert calendars.year_start(rent_year).isoformat() == first_day
    assert calendars.weeks(rent_year) == weeks


@pytest.mark.parametrize("rent_year", [2018, 2024])
def test_charged_weeks_of_each_rent_group(small_world: World, rent_year: int) -> None:
    calendar = small_world.rent_calendar
    charged = calendar[calendar["rent_year"] == rent_year].groupby("rent_group")["charged"].sum()
    longer = rent_year == 2024
    assert charged["HRA"] == 48 + longer
    assert charged["GPS"] == 50 + longer
    assert charged["TAH"] == 52 + longer


def test_each_balance_is_the_sum_of_its_postings(small_world: World) -> None:
    balance = small_world.accounts["opening_pence"].to_numpy().copy()
    for rent_year in range(calendars.FIRST_YEAR, calendars.CURRENT_YEAR + 1):
        found = pd.concat(rents.postings(small_world, rent_year))
        np.add.at(balance, found["account_id"].to_numpy(), found["amount_pence"].to_numpy())
        assert (balance == rents.balances(small_world, rent_year)).all()


def test_postings_are_numbered_and_balanced_over_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rents, "ACCOUNTS_AT_ONCE", 100)
    made = world.build(150, seed=3)
    parts = list(rents.postings(made, 2020))
    found = pd.concat(parts)
    assert len(parts) == -(-len(made.accounts) // 100) > 2
    assert all(part["account_id"].between(100 * turn, 100 * turn + 99).all() for turn, part in enumerate(parts))
    assert (np.diff(found["posting_no"]) == 1).all()
    paid = found.groupby("account_id")["amount_pence"].sum().reindex(range(len(made.accounts)), fill_value=0)
    assert (rents.balances(made, 2019) + paid.to_numpy() == rents.balances(made, 2020)).all()


def test_postings_lie_in_their_week_and_their_tenancy(small_world: World) -> None:
    found = pd.concat(rents.postings(small_world, 2024))
    start = np.datetime64(calendars.year_start(2024), "D")
    day = found["date"].to_numpy().astype("datetime64[D]")
    assert ((day - start).astype(int) // 7 + 1 == found["period_no"]).all()
    accounts = small_world.accounts.loc[found["account_id"]].reset_index(drop=True)
    assert not (found["date"] < accounts["start_date"] - np.timedelta64(7, "D")).any()
    assert found["posting_no"].is_unique
    debits = found[found["code"] == "RNT"].groupby("account_id").size()
    group = small_world.accounts["rent_group"].reindex(debits.index)
    assert debits[group == "HRA"].max() == 49


def test_no_debit_is_posted_before_the_tenancy_begins(small_world: World) -> None:
    found = pd.concat(rents.postings(small_world, 2022))
    debits = found[found["kind"] == "debit"]
    start = small_world.accounts["start_date"].to_numpy()[debits["account_id"]]
    assert not (debits["date"].to_numpy() + np.timedelta64(6, "D") < start).any()


def test_the_current_year_is_posted_by_charge_element_up_to_today(small_world: World) -> None:
    found = pd.concat(rents.postings(small_world, calendars.CURRENT_YEAR))
    assert found["date"].max() <= np.datetime64(small_world.today, "s")
    assert set(found.loc[found["kind"] == "debit", "code"]) <= set(CHARGE_CODES)
    assert (found.loc[found["kind"] == "debit", "amount_pence"] > 0).all()


def test_payment_references_carry_their_check_digit(small_world: World) -> None:
    refs = small_world.accounts["payment_ref"]
    digits = np.array([[int(digit) for digit in ref] for ref in refs])
    remainder = (digits[:, :9] * np.arange(10, 1, -1)).sum(axis=1) % 11
    assert ((11 - remainder) % 11 % 10 == digits[:, 9]).all()
    assert refs.is_unique


def test_charge_elements_cover_each_year(small_world: World) -> None:
    found = pd.concat(rents.elements(small_world))
    year = found[found["rent_year"] == 2023].groupby("account_id")["weekly_pence"].sum()
    assert (year == rents.weekly_charges(small_world.accounts, 2023).sum(axis=1).reindex(year.index)).all()
    assert (found["end_date"].isna() | (found["end_date"] >= found["start_date"])).all()


def test_bank_credits_are_postings(small_world: World) -> None:
    credits_ = small_world.bank_credits
    found = pd.concat(rents.postings(small_world, calendars.CURRENT_YEAR)).set_index("posting_no")
    assert len(credits_) > 50
    assert (found.loc[credits_["posting_no"], "amount_pence"].to_numpy() == -credits_["amount_pence"]).all()


def test_actions_state_the_balance_of_their_week(small_world: World) -> None:
    actions = small_world.arrears.actions
    assert len(actions) > 100
    assert (actions["balance_pence"] > 0).all()
    assert (actions["action_date"] <= np.datetime64(small_world.today, "s") + np.timedelta64(7, "D")).all()
