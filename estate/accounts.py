"""Rent accounts: references, weekly charges by rent year, how and how well each account pays."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.calendars import CURRENT_YEAR, FIRST_YEAR
from estate.people import People
from estate.places import Places
from estate.seeds import stream
from estate.tenancies import BOOKS_OPEN, Tenancies

Ints = NDArray[np.int64]

CHARGE_CODES = {
    "DBR": "Basic rent", "DSC": "Service charge", "DHE": "Heating", "DWR": "Water rates", "DGA": "Garage",
    "DGR": "Ground rent", "DTA": "Basic rent, temporary", "DRR": "Rechargeable repairs",
}  # fmt: skip
RECEIPT_CODES = {
    "RHB": "Housing benefit", "RDT": "DWP transfer (managed UC)", "RBP": "Bank payment", "RDD": "Direct debit",
    "RDN": "Direct debit unpaid", "RSO": "Standing order", "RCP": "Debit or credit card",
    "RPY": "PayPoint", "RBR": "Post office", "RCO": "Cash office", "RRP": "Recharge credit",
    "REF": "Tenant refund", "WOF": "Write off",
}  # fmt: skip
BEHAVIOURS = ("prompt", "slow", "arrears", "heavy")
METHODS = ("hb", "uc", "managed", "dd", "so", "cash")
"""Housing benefit; UC paid by the tenant; UC paid to the landlord; direct debit; standing order; cash and card."""

# Each year's rent against the year before: four cuts of 1%, then CPI + 1%, capped in 2023.
_RISES = {2017: 0.99, 2018: 0.99, 2019: 0.99, 2020: 1.027, 2021: 1.015, 2022: 1.041, 2023: 1.07, 2024: 1.077,
          2025: 1.027, 2026: 1.048}  # fmt: skip


def index(rent_year: int) -> float:
    """The rent level of a year; 2026/27 is 1."""
    return float(np.prod([1 / _RISES[year] for year in range(rent_year + 1, CURRENT_YEAR + 1)]))


def build(places: Places, held: Tenancies, people: People, seed: int, today: date) -> pd.DataFrame:
    """One row an account: a tenancy's, a garage's, a lease's, or a recharge account beside a tenancy's.

    account_id, payment_ref (10 digits, the last a check digit), account_class (rent, former, garage,
    service charge, recharge), tenancy_id, property_id, person_id (the lead tenant), rent_group, start_date,
    end_date (the tenancy's), behaviour (index of BEHAVIOURS), method_from (rent year of UC, 9999 never),
    method, method_before (index of METHODS), benefit_share (of the charge, percent), pay_day (of the month),
    opening_pence (on 4 April 2016; arrears positive), and the weekly charges in pence of 2026/27 by
    CHARGE_CODES (columns DBR, DSC, ...).
    """
    rng = stream(seed, "accounts")
    tenancies = held.tenancies
    since_books = tenancies["end_date"].isna() | (tenancies["end_date"] >= np.datetime64(BOOKS_OPEN, "D"))
    frame = tenancies.loc[since_books & (tenancies["tenure_code"] != "FRE")]
    frame = frame[["tenancy_id", "property_id", "tenure_code", "start_date", "end_date"]]
    recharged = frame[(rng.random(len(frame)) < 0.04) & ~frame["tenure_code"].isin(["TGA", "LEA"])]
    frame = pd.concat([frame.assign(side=False), recharged.assign(side=True)], ignore_index=True)
    count = len(frame)
    tenure, side = frame["tenure_code"].to_numpy(), frame["side"].to_numpy()
    homes = places.properties.loc[frame["property_id"]].reset_index(drop=True)
    ended = frame["end_date"].notna().to_numpy()
    lead = people.tenants.loc[~people.tenants["joint"]].set_index("tenancy_id")["person_id"]
    frame["account_id"] = np.arange(count)
    frame["payment_ref"] = payment_refs(rng.permutation(count * 3)[:count] + 100_000_000)
    kind = np.select(
        [side, tenure == "TGA", tenure == "LEA", ended], ["recharge", "garage", "service charge", "former"], "rent"
    )
    frame["account_class"] = kind
    frame["person_id"] = lead.loc[frame["tenancy_id"]].to_numpy()
    group = np.where(tenure == "LEA", "LSC", homes["rent_group"].to_numpy())
    frame["rent_group"] = np.where(side, "RCH", group)
    frame["behaviour"] = rng.choice(len(BEHAVIOURS), count, p=[0.62, 0.22, 0.12, 0.04])
    _add_methods(frame, kind, homes["sheltered"].to_numpy(), rng)
    for code, pence in _charges(homes, tenure, frame["rent_group"].to_numpy(), rng).items():
        frame[code] = pence
    weekly = frame[list(CHARGE_CODES)].sum(axis=1).to_numpy() * index(FIRST_YEAR)
    late = np.array([-0.6, 1.5, 6.0, 16.0])[frame["behaviour"]] * rng.gamma(2, 0.5, count)
    before = frame["start_date"].to_numpy() < np.datetime64(BOOKS_OPEN, "D")
    frame["opening_pence"] = np.where(before & ~side, weekly * late, 0).round().astype("int64")
    texts = {"account_class": "str", "rent_group": "str", "payment_ref": "str"}
    return frame.drop(columns=["tenure_code", "side"]).astype(texts)


def payment_refs(numbers: Ints) -> pd.Series:
    """Nine digits and a check digit: weights 10 down to 2, modulus 11, 10 written as 0."""
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = (11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11 % 10
    return pd.Series(numbers * 10 + check).astype("str")


def _add_methods(
    frame: pd.DataFrame, kind: NDArray[np.str_], sheltered: NDArray[np.bool_], rng: np.random.Generator
) -> None:
    count = len(frame)
    plain = np.isin(kind, ["garage", "service charge", "recharge"])
    method = rng.choice(len(METHODS), count, p=[0.3, 0.14, 0.06, 0.27, 0.08, 0.15])
    method = np.where(sheltered & (rng.random(count) < 0.6), 0, method)
    method = np.where(plain, rng.choice([3, 4, 5], count, p=[0.7, 0.15, 0.15]), method)
    # Of those on universal credit today most had housing benefit before; the change came over the years.
    credit = np.isin(method, [1, 2])
    frame["method"] = method
    frame["method_before"] = np.where(credit & (rng.random(count) < 0.8), 0, np.where(credit, 5, method))
    changed = rng.choice(np.arange(2018, 2026), count, p=np.array([3, 5, 12, 9, 6, 8, 12, 10]) / 65)
    frame["method_from"] = np.where(credit, changed, 9999)
    frame["benefit_share"] = np.where(rng.random(count) < 0.7, 100, rng.integers(25, 95, count))
    frame["pay_day"] = np.where(
        np.isin(method, [3, 4]), rng.choice([1, 1, 8, 15, 22], count), rng.integers(1, 29, count)
    )


def _charges(
    homes: pd.DataFrame, tenure: NDArray[np.str_], group: NDArray[np.str_], rng: np.random.Generator
) -> dict[str, Ints]:
    """Weekly pence of 2026/27 in a charged week, by code."""
    count = len(homes)
    bedrooms, flat = homes["bedrooms"].to_numpy(), homes["block_id"].to_numpy() >= 0
    rent = (8_150 + bedrooms * 1_480 + np.where(flat, 0, 900)) * rng.normal(1, 0.04, count)
    rent = np.where(group == "HRA", rent * 52 / 48, rent).astype("int64")
    let = np.isin(group, ["HRA", "TAH", "HGF"])
    large = homes["storey"].to_numpy() + flat > 2
    service = np.where(flat, rng.integers(350, 1_900, count), 0) + np.where(homes["sheltered"], 1_450, 0)
    nothing = np.zeros(count, dtype=np.int64)
    return {
        "DBR": np.where(let & (group == "HRA"), rent, 0),
        "DSC": np.where(let, service, np.where(group == "LSC", service + 1_200, 0)),
        "DHE": np.where(let & large & ~homes["has_gas"].to_numpy(), rng.integers(780, 1_500, count), 0),
        "DWR": np.where(let & (rng.random(count) < 0.3), rng.integers(420, 900, count), 0),
        "DGA": np.where(tenure == "TGA", rng.integers(1_050, 1_900, count), 0),
        "DGR": np.where(group == "LSC", 20, 0),
        "DTA": np.where(let & (group != "HRA"), rent * 13 // 10, 0),
        "DRR": nothing,
    }
