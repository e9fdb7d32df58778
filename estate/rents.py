"""What was charged and paid, one rent year and some accounts at a time, and the balances that follow from it.

Money is int64 pence; a debit is positive, a receipt negative, an unpaid direct debit positive again. A
balance is the sum of an account's opening and its postings: arrears positive, credit negative.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.accounts import CHARGE_CODES, RECEIPT_CODES, index
from estate.calendars import CURRENT_YEAR, FIRST_YEAR, RENT_GROUPS, free_weeks, weeks, year_start
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ACCOUNTS_AT_ONCE = 10_000  # bounds memory; part of the random stream, so a change changes the estate
CODES = ("RNT", *CHARGE_CODES, *RECEIPT_CODES)
"""``RNT`` is the debit of a closed year: all elements of a week in one posting."""
_SKIP = np.array([0.01, 0.06, 0.15, 0.3])  # share of payments missed, by behaviour


def postings(world: World, rent_year: int) -> Iterator[pd.DataFrame]:
    """A rent year's postings up to today, by account, then date: a frame for each ACCOUNTS_AT_ONCE accounts.

    account_id, date (datetime64[s]), period_no (1..53), kind (debit, receipt), code (category of CODES),
    amount_pence, posting_no (unique over all years). In a closed year one debit ``RNT`` a charged week; in
    the current year one debit a charge element. Recharge debits are ``DRR``.
    """
    opening = balances(world, rent_year - 1)
    closing, number = opening.copy(), (rent_year - 2000) * 100_000_000 + 1
    for part in slices(len(opening)):
        found = _year(world, rent_year, part.start, opening[part])
        found["posting_no"] = np.arange(number, number + len(found))
        number += len(found)
        change = np.bincount(found["account_id"] - part.start, found["amount_pence"], len(opening[part]))
        closing[part] += change.round().astype("int64")
        yield found
    world.closing[rent_year] = closing


def slices(count: int) -> Iterator[slice]:
    """The accounts of each frame of ``postings`` and ``elements``, by row number."""
    return (slice(first, first + ACCOUNTS_AT_ONCE) for first in range(0, count, ACCOUNTS_AT_ONCE))


def balances(world: World, rent_year: int) -> Ints:
    """Each account's balance in pence at the end of a rent year (or today), by account_id.

    The year before the first, 2015, gives the openings of 4 April 2016. Computed years are kept.
    """
    if rent_year < FIRST_YEAR:
        return world.accounts["opening_pence"].to_numpy()
    if rent_year not in world.closing:
        deque(postings(world, rent_year), maxlen=0)
    return world.closing[rent_year]


def weekly_charges(accounts: pd.DataFrame, rent_year: int) -> pd.DataFrame:
    """The accounts' charges in pence for a charged week of that year: a column a charge code, by account_id."""
    return (accounts[list(CHARGE_CODES)] * index(rent_year)).round().astype("int64")


def elements(world: World) -> Iterator[pd.DataFrame]:
    """Charges by account, code and year: a frame for each ACCOUNTS_AT_ONCE accounts.

    account_id, code, weekly_pence, rent_year, start_date, end_date (NaT: runs on).
    """
    for part in slices(len(world.accounts)):
        yield _elements(world.accounts.iloc[part])


def _elements(accounts: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for rent_year in range(FIRST_YEAR, CURRENT_YEAR + 1):
        begin, after = pd.Timestamp(year_start(rent_year)), pd.Timestamp(year_start(rent_year + 1))
        end = after - pd.Timedelta(days=1)
        long = weekly_charges(accounts, rent_year).rename_axis("account_id").reset_index()
        long = long.melt("account_id", var_name="code", value_name="weekly_pence").query("weekly_pence > 0")
        of = accounts.loc[long["account_id"]].reset_index(drop=True)
        since = of["start_date"].where(of["start_date"] > begin, begin)
        long = long.reset_index(drop=True).assign(rent_year=rent_year, start_date=since)
        runs_on = pd.NaT if rent_year == CURRENT_YEAR else end
        long["end_date"] = of["end_date"].where(of["end_date"] <= end, runs_on)
        parts.append(long[(of["start_date"] < after) & ~(of["end_date"] < begin)])
    return pd.concat(parts).sort_values(["account_id", "code", "rent_year"], kind="stable", ignore_index=True)


def method_in(accounts: pd.DataFrame, rent_year: int) -> Ints:
    """How each account pays in that year (index of METHODS)."""
    changed = accounts["method_from"].to_numpy() <= rent_year
    return np.where(changed | (accounts["method_from"] == 9999), accounts["method"], accounts["method_before"])


def _days(value: date) -> int:
    return int(np.datetime64(value, "D").astype("int64"))


def _charged(rent_year: int, groups: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which periods each account is charged: accounts by weeks."""
    table = np.ones((len(RENT_GROUPS), weeks(rent_year)), dtype=bool)
    for row, free in enumerate(RENT_GROUPS["free_weeks"]):
        table[row, [period - 1 for period in free_weeks(rent_year, free)]] = False
    number = {group: row for row, group in enumerate(RENT_GROUPS["rent_group"])}
    charged: NDArray[np.bool_] = table[[number[group] for group in groups]]
    return charged


def _year(world: World, rent_year: int, first: int, opening: Ints) -> pd.DataFrame:
    """The postings of one slice of accounts."""
    rng = stream(world.seed, "postings", rent_year, first)
    accounts = world.accounts.iloc[first : first + len(opening)]
    begin, today = _days(year_start(rent_year)), _days(world.today)
    monday = begin + 7 * np.arange(weeks(rent_year))
    start = accounts["start_date"].to_numpy().astype("datetime64[D]").astype("int64")
    end = accounts["end_date"].fillna(pd.Timestamp("2100-01-01")).to_numpy().astype("datetime64[D]").astype("int64")
    days = np.clip(np.minimum(end[:, None], monday + 6) - np.maximum(start[:, None], monday) + 1, 0, 7)
    days = np.where((monday <= today) & _charged(rent_year, accounts["rent_group"].to_numpy(dtype=object)), days, 0)
    charges = weekly_charges(accounts, rent_year).to_numpy()
    lease = (accounts["account_class"] == "service charge").to_numpy()
    quarterly = np.isin(np.arange(len(monday)) % 13, [0])  # leaseholders are billed once a quarter
    days = np.where(lease[:, None], np.where(quarterly, (days > 0) * 91, 0), days)
    debits = _debits(charges, days, monday, by_element=rent_year == CURRENT_YEAR)
    annual = charges.sum(axis=1) * days.sum(axis=1) / 7
    parts = [debits, *_receipts(accounts, charges.sum(axis=1), annual, opening, begin, rent_year, start,
                       np.minimum(end, today), rng),
             *_recharges(accounts, begin, len(monday), start, end, opening, rng),
             *_after_the_end(opening, begin, end, rng)]  # fmt: skip
    row, day, code, pence = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    kept = (pence != 0) & (day <= today) & (day >= begin) & (day <= monday[-1] + 6)
    row, day, code, pence = row[kept], day[kept], code[kept], pence[kept]
    order = np.lexsort([code, day, row])
    row, day, code, pence = row[order], day[order], code[order], pence[order]
    debit = code <= len(CHARGE_CODES)
    return pd.DataFrame(
        {
            "account_id": row + first,
            "date": day.astype("datetime64[D]").astype("datetime64[s]"),
            "period_no": (day - begin) // 7 + 1,
            "kind": pd.Categorical.from_codes((~debit).astype("int64"), pd.Index(["debit", "receipt"])),
            "code": pd.Categorical.from_codes(code, pd.Index(CODES)),
            "amount_pence": pence,
        }
    )


Part = tuple[Ints, Ints, Ints, Ints]


def _debits(charges: Ints, days: Ints, monday: Ints, *, by_element: bool) -> Part:
    row, week = np.nonzero(days)
    part = days[row, week]
    shares = (charges[row] * part[:, None] + 3) // 7  # to the nearest penny, element by element
    if not by_element:
        return row, monday[week], np.zeros(len(row), dtype=np.int64), shares.sum(axis=1)
    at, element = np.nonzero(shares)
    return row[at], monday[week[at]], element + 1, shares[at, element]


def _receipts(
    accounts: pd.DataFrame, weekly: Ints, annual: Floats, opening: Ints, begin: int, rent_year: int, start: Ints,
    end: Ints, rng: np.random.Generator,
) -> list[Part]:  # fmt: skip
    """Payments on the dates of each method, less those missed, plus something off the arrears."""
    length = weeks(rent_year) * 7
    method = method_in(accounts, rent_year)
    behaviour, pay_day = accounts["behaviour"].to_numpy(), accounts["pay_day"].to_numpy()
    share = np.where(method == 0, accounts["benefit_share"].to_numpy() / 100, 1.0)
    begins, ends = np.maximum(start, begin), np.minimum(end, begin + length - 1)
    lived = np.maximum(ends - begins + 1, 1)
    active = (annual > 0) & (ends >= begins)
    repay = np.clip(opening * 0.9 * lived / length, -annual * 0.5, annual * 0.4)
    due = (annual + np.where(method == 0, 0, repay)) / lived  # pence a day
    parts = []
    # Housing benefit comes every four weeks, the tenant's own share with the month.
    periods = np.arange(1, length // 28 + 1) * 28
    parts.append(
        _pay(active & (method == 0), begin + periods, annual / lived * 28 * share, begins, ends, 0.01, "RHB", rng)
    )
    months = _months(begin, length)
    own = active & ((method != 0) | (share < 1))
    monthly = (
        np.where(method == 0, due * (1 - share) + repay / lived, due) * 365.25 / 11.5
    )  # a little over the month, against what is missed
    codes = {0: "RCP", 1: "RBP", 2: "RDT", 3: "RDD", 4: "RSO"}
    for number, code in codes.items():
        dates = months[None, :] + pay_day[:, None] - 1
        missed = np.where(number == 2, 0.01, _SKIP[behaviour])
        parts.append(_pay(own & (method == number), dates, monthly, begins, ends, missed, code, rng))
    unpaid = rng.random(len(parts[4][0])) < 0.015
    row, day, code_no, pence = (column[unpaid] for column in parts[4])
    parts.append((row, day + 3, np.full_like(code_no, CODES.index("RDN")), -pence))
    parts.append(_cash(own & (method == 5), due, weekly, begins, ends, behaviour, rng))
    return parts


def _months(begin: int, length: int) -> Ints:
    """The first days of the months that touch the year."""
    first = np.datetime64(begin, "D").astype("datetime64[M]")
    found: Ints = (first + np.arange(0, length // 28 + 1)).astype("datetime64[D]").astype("int64")
    return found


def _pay(
    who: NDArray[np.bool_], dates: Ints, amount: Floats, begins: Ints, ends: Ints, missed: Floats | float, code: str,
    rng: np.random.Generator,
) -> Part:  # fmt: skip
    rows = np.flatnonzero(who)
    table = np.broadcast_to(dates, (len(who), dates.shape[-1]))[rows]
    kept = rng.random(table.shape) >= np.broadcast_to(missed, len(who))[rows, None]
    kept &= (table > begins[rows, None]) & (table <= ends[rows, None] + 27)
    at, column = np.nonzero(kept)
    pence = -np.maximum(amount[rows[at]], 0).round().astype("int64")
    return rows[at], table[at, column], np.full(len(at), CODES.index(code)), pence


def _cash(
    who: NDArray[np.bool_], due: Floats, weekly: Ints, begins: Ints, ends: Ints, behaviour: Ints,
    rng: np.random.Generator,
) -> Part:  # fmt: skip
    """Irregular payments every three to seven weeks, in whole pounds, at counters and by card."""
    rows = np.flatnonzero(who)
    gaps = rng.integers(21, 49, (len(rows), 18))
    days = begins[rows, None] + np.cumsum(gaps, axis=1)
    kept = (days <= ends[rows, None]) & (rng.random(days.shape) >= _SKIP[behaviour[rows], None])
    at, column = np.nonzero(kept)
    pounds = np.maximum(due[rows[at]] * gaps[at, column] / 100, weekly[rows[at]] / 200).round()
    codes = np.array([CODES.index(code) for code in ("RCP", "RPY", "RBR", "RCO")])
    picks = codes[rng.choice(4, len(at), p=[0.45, 0.3, 0.15, 0.1])]
    return rows[at], days[at, column], picks, -(pounds.astype("int64") * 100)


def _recharges(
    accounts: pd.DataFrame, begin: int, length: int, start: Ints, end: Ints, opening: Ints, rng: np.random.Generator
) -> list[Part]:
    """Repairs charged to the tenant now and then, and what is paid of them."""
    side = (accounts["account_class"] == "recharge").to_numpy()
    day = begin + rng.integers(0, length * 7, len(accounts))
    rows = np.flatnonzero(side & (rng.random(len(accounts)) < 0.35) & (day >= start) & (day <= end))
    pence = rng.choice([7_640, 12_893, 20_628, 4_500, 31_250], len(rows))
    payers = np.flatnonzero(side & (opening > 0) & (rng.random(len(accounts)) < 0.6))
    paid = np.minimum(opening[payers], rng.choice([1_000, 2_000, 5_000, 10_000], len(payers)))
    return [
        (rows, day[rows], np.full(len(rows), CODES.index("DRR")), pence),
        (payers, begin + rng.integers(0, 360, len(payers)), np.full(len(payers), CODES.index("RRP")), -paid),
    ]


def _after_the_end(opening: Ints, begin: int, end: Ints, rng: np.random.Generator) -> list[Part]:
    """Former tenants: credits are refunded, debts paid in part or written off."""
    count = len(opening)
    over = end < begin
    draw, day = rng.random(count), begin + rng.integers(5, 350, count)
    refunds = np.flatnonzero(over & (opening < 0) & (draw < 0.6))
    written = np.flatnonzero(over & (opening > 0) & ((draw < 0.25) | (opening < 500)))
    payers = np.flatnonzero(over & (opening >= 500) & (draw > 0.75))
    paid = opening[payers] // 3
    return [
        (refunds, day[refunds], np.full(len(refunds), CODES.index("REF")), -opening[refunds]),
        (written, day[written], np.full(len(written), CODES.index("WOF")), -opening[written]),
        (payers, day[payers], np.full(len(payers), CODES.index("RBP")), -paid),
    ]
