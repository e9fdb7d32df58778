"""What is done about arrears: letters and notices as balances climb, agreements to pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import rents
from estate.calendars import CURRENT_YEAR, weeks, year_start
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

Ints = NDArray[np.int64]
ACTIONS = {
    "TXT": ("Text reminder", 0.5), "LT1": ("First letter", 1.5), "LT2": ("Second letter", 3.0),
    "NSP": ("Notice seeking possession", 5.0), "CRT": ("Court application", 10.0), "WAR": ("Warrant", 18.0),
}  # fmt: skip
"""Action codes, what they are, and the arrears in weeks of charge that bring them."""
_YEARS = 3


@dataclass(frozen=True, eq=False)
class Arrears:
    """Ids are row numbers; dates datetime64[s]; money int64 pence.

    actions     action_id, account_id, action_code (ACTIONS), action_date, balance_pence (at that date),
                comment, username
    agreements  agreement_id, account_id, start_date, start_balance_pence, amount_pence, frequency (WK, FN, MN),
                status (active, breached, completed), clear_by_date
    """

    actions: pd.DataFrame
    agreements: pd.DataFrame


def build(world: World) -> Arrears:
    """Actions and agreements of the last three rent years, on accounts of running and ended tenancies."""
    rng = stream(world.seed, "arrears")
    years = range(CURRENT_YEAR - _YEARS + 1, CURRENT_YEAR + 1)
    parts = [part for year in years for part in _actions(world, year)]
    actions = pd.concat(parts).sort_values(["account_id", "action_date"], ignore_index=True)
    actions.insert(0, "action_id", np.arange(len(actions)))
    comments = np.array(
        ["", "", "", "Rang, no answer", "Promised to pay Friday", "HB claim outstanding", "Visited, card left"],
        dtype=object,
    )
    actions["comment"] = pd.Series(comments[rng.integers(len(comments), size=len(actions))], dtype="str")
    users = np.array(["rentoff1", "rentoff2", "rentoff3", "batch"], dtype=object)
    actions["username"] = pd.Series(users[rng.integers(4, size=len(actions))], dtype="str")
    return Arrears(actions, _agreements(world, actions, rng))


def _weekly_balances(found: pd.DataFrame, opening: Ints, first: int, length: int) -> Ints:
    """The balances in pence of the accounts from ``first`` on at the end of each week: accounts by weeks."""
    cell = (found["account_id"].to_numpy() - first) * length + found["period_no"].to_numpy() - 1
    change = np.bincount(cell, found["amount_pence"], len(opening) * length).reshape(len(opening), length)
    running: Ints = opening[:, None] + np.cumsum(change.round().astype("int64"), axis=1)
    return running


def _actions(world: World, rent_year: int) -> Iterator[pd.DataFrame]:
    """The year's actions, some accounts at a time."""
    opening = rents.balances(world, rent_year - 1)
    for part, found in zip(rents.slices(len(opening)), rents.postings(world, rent_year), strict=True):
        balance = _weekly_balances(found, opening[part], part.start, weeks(rent_year))
        yield _climbs(world.accounts.iloc[part], balance, rent_year, world.today)


def _climbs(accounts: pd.DataFrame, balance: Ints, rent_year: int, today: date) -> pd.DataFrame:
    """An action in each week in which an account climbs to a step that it was below for six weeks."""
    weekly = np.maximum(rents.weekly_charges(accounts, rent_year).sum(axis=1).to_numpy(), 1)
    steps = np.array([weeks_owed for _, weeks_owed in ACTIONS.values()])
    step = np.searchsorted(steps, balance / weekly[:, None], side="right")
    step[accounts["account_class"].isin(["recharge", "service charge"]).to_numpy()] = 0
    before = np.zeros_like(step)
    for back in range(1, 7):
        before[:, back:] = np.maximum(before[:, back:], step[:, :-back])
    before[:, 0] = step[:, 0]  # what stood at the year's end was acted on then
    begin = np.datetime64(year_start(rent_year), "D")
    last = (np.datetime64(today, "D") - begin).astype("int64") // 7
    row, week = np.nonzero((step > before) & (np.arange(step.shape[1]) < last))
    account = accounts["account_id"].to_numpy()[row]
    codes = np.array(list(ACTIONS), dtype=object)
    return pd.DataFrame(
        {
            "account_id": account, "action_code": pd.Series(codes[step[row, week] - 1], dtype="str"),
            "action_date": (begin + week * 7 + 7 + account % 3).astype("datetime64[s]"),
            "balance_pence": balance[row, week],
        }
    )  # fmt: skip


def _agreements(world: World, actions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    serious = actions[actions["action_code"].isin(["LT2", "NSP", "CRT"])]
    agreed = serious[rng.random(len(serious)) < 0.35].drop_duplicates("account_id").reset_index(drop=True)
    count = len(agreed)
    start = agreed["action_date"].to_numpy().astype("datetime64[D]") + rng.integers(2, 15, count)
    start = np.minimum(start, np.datetime64(world.today, "D"))
    amount = rng.choice([375, 500, 1_000, 1_500, 2_500], count)
    frequency = rng.choice(["WK", "FN", "MN"], count, p=[0.6, 0.15, 0.25])
    each = np.select([frequency == "WK", frequency == "FN"], [7, 14], 30)
    lasts = np.minimum(agreed["balance_pence"] // amount * each, 1_200)
    clear = start + lasts.to_numpy()
    broken = rng.random(count) < 0.45
    over = clear < np.datetime64(world.today, "D")
    return pd.DataFrame(
        {
            "agreement_id": np.arange(count), "account_id": agreed["account_id"],
            "start_date": start.astype("datetime64[s]"), "start_balance_pence": agreed["balance_pence"],
            "amount_pence": amount, "frequency": frequency.astype(str),
            "status": np.select([broken, over], ["breached", "completed"], "active").astype(str),
            "clear_by_date": clear.astype("datetime64[s]"),
        }
    )  # fmt: skip


def bank_credits(world: World) -> pd.DataFrame:
    """What reached the council's bank account in the last four weeks: one row a receipt by bank or BACS.

    credit_id, date, posting_no, account_id, person_id (who pays), payment_ref, payer (surname and initial),
    amount_pence (positive), code (RDD, RSO, RBP, RDT, RHB).
    """
    since = np.datetime64(world.today, "s") - np.timedelta64(28, "D")
    parts = []
    for found in rents.postings(world, CURRENT_YEAR):
        banked = found["code"].isin(["RDD", "RSO", "RBP", "RDT", "RHB"]) & (found["date"] > since)
        parts.append(found[banked & (found["amount_pence"] < 0)])
    rows = pd.concat(parts).sort_values(["date", "code", "posting_no"], ignore_index=True)
    account = world.accounts.loc[rows["account_id"]].reset_index(drop=True)
    person = world.people.people.loc[account["person_id"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "credit_id": np.arange(len(rows)), "date": rows["date"], "posting_no": rows["posting_no"],
            "account_id": rows["account_id"], "person_id": account["person_id"], "payment_ref": account["payment_ref"],
            "payer": person["surname"] + " " + person["forename"].str[:1], "amount_pence": -rows["amount_pence"],
            "code": rows["code"].astype("str"),
        }
    )  # fmt: skip
