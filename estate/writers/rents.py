"""The rents mainframe: account master, calendar and ten closed rent years of postings, in EBCDIC.

``RENTACCT.DAT``, ``RENTCAL.DAT`` and ``RENTTRAN.Y2016.DAT`` to ``Y2025``, with the copybooks that describe them.
Each file ends with a trailer that states its records and, where there is money, its pounds.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from estate import cobol, dirt, rents
from estate.calendars import CURRENT_YEAR, FIRST_YEAR, year_start
from estate.cobol import Bytes, Ints
from estate.seeds import stream
from estate.soil import Soil
from estate.spelling import capitals, joined, spelt
from estate.truth import Truth, key_text
from estate.world import World
from estate.writers.rent_postings import Master, write_year

SYSTEM = "rents"
COPYBOOKS = Path(__file__).parent / "copybooks"
CLOSED = np.datetime64(year_start(CURRENT_YEAR) - timedelta(days=1), "s")
"""5 April 2026: the day on which the mainframe's last year ended."""
CLOSED_ON = 20_260_405
LENGTH = 275
MAX_CHARGES = 6
CHARGES_AT = 129
"""Where the count of charges stands in an account's record; each charge takes 24 bytes."""
CLASSES = {"rent": "RT", "former": "FT", "garage": "GA", "service charge": "SC", "recharge": "RC"}
EXECUTORS = 0.85
"""Share of the dead whose account was put into their executors' name."""
MOST_CHARGED = 53
"""Weeks of the longest rent year."""
METHODS = ["HB", "UC", "MP", "DD", "SO", "CA"]


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the files and their copybooks into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    copy_layouts(target)
    rng = stream(world.seed, SYSTEM, "accounts")
    accounts = _accounts(world)
    purged = dirt.pick(rng, "account-purged", (accounts["class"] == "FT").to_numpy(), of=len(accounts))
    recent = (accounts["start"] >= np.datetime64(year_start(FIRST_YEAR), "s")).to_numpy()
    late = dirt.pick(rng, "posting-before-start", np.setdiff1d(np.flatnonzero(recent), purged), of=len(accounts))
    accounts.loc[late, "start"] += np.timedelta64(35, "D")
    master = _master(world, accounts, accounts["account_id"].iloc[purged])
    _write_calendar(world, target, truth)
    for rent_year in range(FIRST_YEAR, CURRENT_YEAR):
        write_year(world, rent_year, master, target, truth)
    accounts["balance"] = rents.balances(world, CURRENT_YEAR - 1)[accounts["account_id"]]
    accounts = accounts.drop(index=purged.tolist()).reset_index(drop=True)
    _write_accounts(world, accounts, target, truth, rng)


def copy_layouts(target: Path) -> None:
    """Puts the copybooks into the folder ``target``."""
    for copybook in sorted(COPYBOOKS.glob("*.cpy")):
        shutil.copyfile(copybook, target / copybook.name)


def _accounts(world: World) -> pd.DataFrame:
    """The accounts that were open in the ten years, as they stood when the last one closed."""
    accounts = world.accounts[world.accounts["start_date"] <= CLOSED]
    tenancies = world.tenancies.tenancies.loc[accounts["tenancy_id"]].reset_index(drop=True)
    places = world.places.properties.loc[accounts["property_id"]].reset_index(drop=True)
    weekly = rents.weekly_charges(world.accounts, CURRENT_YEAR - 1).sum(axis=1)
    accounts = accounts.reset_index(drop=True)
    end = accounts["end_date"].where(accounts["end_date"] <= CLOSED)
    kind = accounts["account_class"].where(end.notna() | (accounts["account_class"] != "former"), "rent")
    method = np.array(METHODS)[rents.method_in(accounts, CURRENT_YEAR - 1)]
    claim = "HB" + (40_000_000 + accounts["person_id"]).astype("str")
    detail = np.select(
        [(kind == "rent") & (method == "HB"), kind == "garage", kind == "former"],
        [claim, places["street"].str[:14].str.ljust(14) + places["property_ref"].str[-6:],
         tenancies["end_reason"].str.ljust(3) + places["property_ref"]],
        "",
    )  # fmt: skip
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"], "account": _number(accounts["account_id"]),
            "pay_ref": accounts["payment_ref"], "class": kind.map(CLASSES), "status": np.where(end.isna(), "A", "C"),
            "tenancy": tenancies["tenancy_ref"], "group": accounts["rent_group"], "start": accounts["start_date"],
            "end": end, "method": method, "weekly": weekly.to_numpy()[accounts["account_id"]], "detail": detail,
            "name": _holders(world, accounts["person_id"]),
            "person_id": accounts["person_id"], "property_id": accounts["property_id"],
        }
    )  # fmt: skip


def _holders(world: World, person_ids: pd.Series) -> pd.Series:
    """The account holders as the mainframe has them: SMITH J A MRS; of the dead their executors."""
    rng = stream(world.seed, SYSTEM, "holders")
    true = world.people.people.loc[person_ids].reset_index(drop=True)
    who = spelt(true, world.habits[SYSTEM], rng)
    own = joined(who["surname"], who["forename"], dirt.initials(who["middle_names"]), who["title"])
    called = joined(who["title"], dirt.initials(who["forename"]), who["surname"])
    late = np.choose(
        rng.integers(3, size=len(who)),
        ["EXORS OF THE LATE " + called, own + " (DECD)", "PERS REPS OF " + called + " DECD"],
    )  # fmt: skip
    dead = (true["dod"] <= CLOSED).to_numpy() & (rng.random(len(who)) < EXECUTORS)
    return capitals(pd.Series(np.where(dead, late, own), dtype="str"))


def _number(account_id: pd.Series | Ints) -> Ints:
    """The mainframe's account numbers: eight digits."""
    found: Ints = 20_000_001 + np.asarray(account_id)
    return found


def _master(world: World, accounts: pd.DataFrame, purged: pd.Series) -> Master:
    count = len(world.accounts)
    start = np.zeros(count, dtype=np.int64)
    start[accounts["account_id"]] = accounts["start"].to_numpy().astype("datetime64[D]").astype("int64")
    gone = np.zeros(count, dtype=bool)
    gone[purged] = True
    return Master(_number(np.arange(count)), gone, start)


def _write_accounts(world: World, accounts: pd.DataFrame, target: Path, truth: Truth, rng: np.random.Generator) -> None:
    keys = key_text(accounts["account"])
    truth.person(SYSTEM, "accounts", keys, accounts["person_id"])
    truth.property(SYSTEM, "accounts", keys, accounts["property_id"])
    accounts = _soiled(accounts, truth, world.seed)
    ended = cobol.day(accounts["end"])
    dated = accounts.assign(ended=ended, debit_to=np.where(ended, ended, CLOSED_ON), balanced=CLOSED_ON)
    matrix = cobol.records(account_records(dated), _charges(world, accounts, truth, rng), length=LENGTH)
    spoilt = dirt.pick(rng, "charge-packed-invalid", matrix[:, CHARGES_AT + 1] > 0xF0)
    matrix[spoilt, CHARGES_AT + 5 : CHARGES_AT + 9] = 0
    truth.plant(SYSTEM, "charges", "charge-packed-invalid", "row", unit="RENTACCT.DAT", line=spoilt + 2)
    write_master(target, matrix, int(accounts["balance"].sum()))


def write_master(target: Path, records: Bytes, balance: int) -> None:
    """Writes the account master into the folder ``target``; ``balance`` is the sum of the accounts' pence."""
    header = cobol.records(cobol.text(["H"], 1), cobol.text(["RENTACCT"], 8), _closed(1), length=LENGTH)
    sums = [cobol.display([len(records)], 9), cobol.packed([balance], 13)]
    trailer = [cobol.records(cobol.text(["T"], 1), *sums, length=LENGTH - 3), cobol.text(["EOF"], 3)]
    with (target / "RENTACCT.DAT").open("wb") as file:
        for part in (header, records, np.hstack(trailer)):
            file.write(part.tobytes())


def _soiled(accounts: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The accounts as the master has them; ``opened`` is the opening day as CCYYMMDD."""
    soil = Soil(SYSTEM, "accounts", accounts.assign(opened=cobol.day(accounts["start"])), ["account"], seed)
    frame, rng = soil.frame, soil.rng
    frame.loc[soil.hit("former-without-tenancy", None, frame["class"] == "FT"), "tenancy"] = ""
    at = soil.hit("check-digit-wrong", "RA-PAY-REF")
    last = (frame.loc[at, "pay_ref"].str[-1].astype("int64") + 1) % 10
    frame.loc[at, "pay_ref"] = frame.loc[at, "pay_ref"].str[:-1] + last.astype("str")
    frame.loc[soil.hit("code-unknown", "RA-METHOD"), "method"] = "XX"
    at = soil.hit("balance-differs")
    frame.loc[at, "balance"] += rng.choice([-1, 1], len(at)) * rng.integers(1, 50_000, len(at))
    at = soil.hit("end-before-start", "RA-END", frame["end"].notna())
    frame.loc[at, "end"] = frame.loc[at, "start"] - np.timedelta64(1, "D")
    at = soil.hit("date-impossible", "RA-START")
    frame.loc[at, "opened"] = np.where(np.arange(len(at)) % 2, 99_999_999, 20_170_231)
    return soil.repeated(truth, "status", "S")


def account_records(accounts: pd.DataFrame) -> Bytes:
    """The records up to the charges. Days are whole numbers CCYYMMDD, amounts pence."""
    count = len(accounts)
    texts = {"pay_ref": 10, "class": 2, "status": 1, "tenancy": 11, "name": 30, "group": 3}
    return np.hstack(
        [
            cobol.text(["A"] * count, 1), cobol.display(accounts["account"], 8),
            *(cobol.text(accounts[name], width) for name, width in texts.items()),
            *(cobol.display(accounts[name], 8) for name in ("opened", "ended", "debit_to")),
            cobol.text(accounts["method"], 2), cobol.packed(accounts["weekly"], 7),
            cobol.packed(accounts["balance"], 9), cobol.display(accounts["balanced"], 8),
            cobol.text(accounts["detail"], 20),
        ]
    )  # fmt: skip


def _charges(world: World, accounts: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> Bytes:
    """The count of charges and the charges: each element as it was last charged in the closed years."""
    closed = (part[part["rent_year"] < CURRENT_YEAR] for part in rents.elements(world))
    lines = pd.concat([part.drop_duplicates(["account_id", "code"], keep="last") for part in closed])
    at = pd.Series(np.arange(len(accounts)), index=accounts["account_id"])
    at = at[~at.index.duplicated()]
    lines = lines[lines["account_id"].isin(at.index)].reset_index(drop=True)
    lines["slot"] = lines.groupby("account_id").cumcount()
    first = cobol.day(lines["start_date"])
    retired = dirt.pick(rng, "code-retired", len(lines))
    lines.loc[retired, "code"] = "DCT"  # cable television, which was given up
    keys = key_text(_number(lines["account_id"]), lines["code"], first)
    truth.plant(SYSTEM, "charges", "code-retired", "row", key=keys[retired], field="RA-ELEMENT")
    quarterly = lines["account_id"].isin(accounts.loc[accounts["class"] == "SC", "account_id"])
    weekly = lines["weekly_pence"].to_numpy()
    charged = lines.assign(
        pence=np.where(quarterly, weekly * 13, weekly), first=first, last=cobol.day(lines["end_date"]),
        frequency=np.where(quarterly, "Q", "W"), row=at.loc[lines["account_id"]].to_numpy(),
    )  # fmt: skip
    of = at.loc[accounts["account_id"]].to_numpy()  # a repeated record has the same charges
    found: Bytes = charge_records(charged, len(at))[of]
    return found


def charge_records(lines: pd.DataFrame, accounts: int) -> Bytes:
    """The count of charges and the charges of each account: ``row`` is its account's place, ``slot`` its own.

    Days are whole numbers CCYYMMDD, amounts pence.
    """
    cells = np.hstack(
        [cobol.text(lines["code"], 3), cobol.packed(lines["pence"], 7), cobol.display(lines["first"], 8),
         cobol.display(lines["last"], 8), cobol.text(lines["frequency"], 1)]
    )  # fmt: skip
    places = np.full((accounts, MAX_CHARGES, cells.shape[1]), 0x40, np.uint8)
    places[lines["row"], lines["slot"]] = cells
    counts = np.bincount(lines["row"], minlength=accounts)
    found: Bytes = np.hstack([cobol.display(counts, 2), places.reshape(accounts, -1)])
    return found


def _write_calendar(world: World, target: Path, truth: Truth) -> None:
    """The weeks; for some a group's year states one week more or less than its weeks are marked as charged."""
    weeks = world.rent_calendar.query("rent_year < @CURRENT_YEAR").reset_index(drop=True)
    years = weeks.groupby(["rent_group", "rent_year"])
    number, charged = years.ngroup(), years["charged"].transform("sum")
    at = dirt.pick(stream(world.seed, SYSTEM, "calendar"), "weeks-charged-differs", int(number.max()) + 1)
    wrong = number.isin(at)
    charged = charged.where(~wrong, np.where(charged < MOST_CHARGED, charged + 1, charged - 1))
    first = weeks[wrong & (weeks["period_no"] == 1)]
    truth.plant(
        SYSTEM, "periods", "weeks-charged-differs", "file", unit="RENTCAL.DAT", field="RC-WEEKS-CHARGED",
        key=key_text(first["rent_group"], first["rent_year"], first["period_no"]),
    )  # fmt: skip
    write_periods(
        target,
        weeks.assign(
            monday=cobol.day(weeks["week_start"]), debit=np.where(weeks["charged"], "Y", "N"), weeks_charged=charged
        ),
    )


def write_periods(target: Path, weeks: pd.DataFrame) -> None:
    """Writes the calendar into the folder ``target``; ``monday`` is a whole number CCYYMMDD."""
    matrix = cobol.records(
        cobol.text(["P"] * len(weeks), 1), cobol.text(weeks["rent_group"], 3), cobol.display(weeks["rent_year"], 4),
        cobol.display(weeks["period_no"], 2), cobol.display(weeks["monday"], 8), cobol.text(weeks["debit"], 1),
        cobol.display(weeks["weeks_charged"], 2), length=24,
    )  # fmt: skip
    trailer = [cobol.records(cobol.text(["T"], 1), cobol.display([len(matrix)], 9), length=21), cobol.text(["EOF"], 3)]
    (target / "RENTCAL.DAT").write_bytes(matrix.tobytes() + np.hstack(trailer).tobytes())


def _closed(count: int) -> Bytes:
    return cobol.display(np.full(count, CLOSED_ON), 8)
