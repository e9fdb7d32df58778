"""The mainframe's postings: one file a closed rent year, debits and receipts in the order of their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import cobol, dirt, rents
from estate.calendars import FIRST_YEAR, year_start
from estate.cobol import Bytes, Ints
from estate.seeds import stream
from estate.truth import Truth
from estate.world import World

SYSTEM, TABLES = "rents", ("debits", "receipts")
LENGTH = 54
TYPES = ["D", "R", "B"]
DEBIT, RECEIPT, BROUGHT_FORWARD = range(3)
CODES = [*rents.CODES, "BFD", "RGB", "R9X"]
BFD, RETIRED, UNKNOWN = range(len(CODES) - 3, len(CODES))
"""Balance brought forward; National Giro, which no office took after 2018; a code that nobody remembers."""
GIRO_UNTIL = 2018
DAMAGED_YEARS = (2017, 2022)
"""Years whose files were restored from a tape that had suffered."""
AMOUNT_AT = 32
"""Where a debit's packed amount stands in its record."""


@dataclass(frozen=True, eq=False)
class Master:
    """What the postings need of the account master, by account_id.

    ``start`` is the day (since 1970) on which the master says that the account was opened.
    """

    number: Ints
    purged: NDArray[np.bool_]
    start: Ints


def write_year(world: World, rent_year: int, master: Master, target: Path, truth: Truth) -> None:
    """Writes ``RENTTRAN.Y<rent_year>.DAT`` into the folder ``target``."""
    rng = stream(world.seed, SYSTEM, "postings", rent_year)
    name = f"RENTTRAN.Y{rent_year}.DAT"
    lines, sums = 1, np.zeros((2, 2), np.int64)
    with (target / name).open("wb") as file:
        file.write(header(rent_year).tobytes())
        for found in rents.postings(world, rent_year):
            rows = _rows(found)
            if rent_year == FIRST_YEAR and lines == 1:
                rows = pd.concat([_brought_forward(world), rows], ignore_index=True)
            rows = _soiled(_entered(rows, master), master, rent_year, truth, rng)
            debit = (rows["type"] != RECEIPT).to_numpy()
            unreadable, broken = _unreadable(debit, rent_year, rng)
            for kind, at in (("packed-decimal-invalid", unreadable), ("posting-broken", broken)):
                truth.plant(SYSTEM, "debits", kind, dirt.RATES[kind].revealed_by, unit=name, line=at + lines + 1)
            matrix = posting_records(rows, rent_year, CODES)
            matrix[unreadable, AMOUNT_AT : AMOUNT_AT + 5] = 0x40  # blanks moved into a packed field
            matrix[broken, :20] = 0  # a disk block that was never written
            file.write(matrix.tobytes())
            amount = rows["amount"].to_numpy().copy()
            amount[unreadable] = amount[broken] = 0
            sums += [[kind.sum(), amount[kind].sum()] for kind in (debit, ~debit)]
            lines += len(rows)
        file.write(trailer(sums).tobytes())


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    """type, number, account_id, day, week, code, amount: a row a posting."""
    receipt = found["kind"].cat.codes.to_numpy() == 1
    pence = found["amount_pence"].to_numpy()
    return pd.DataFrame(
        {
            "type": receipt.astype("int8"),
            "number": found["posting_no"],
            "account_id": found["account_id"],
            "day": found["date"].to_numpy().astype("datetime64[D]").astype("int64"),
            "week": found["period_no"],
            "code": found["code"].cat.codes,
            "amount": np.where(receipt, -pence, pence),
        }
    )


def _brought_forward(world: World) -> pd.DataFrame:
    """The balances of 4 April 2016, on which the ten years stand."""
    opening = world.accounts["opening_pence"].to_numpy()
    has = np.flatnonzero(opening)
    begin = np.datetime64(year_start(FIRST_YEAR), "D").astype("int64")
    return pd.DataFrame(
        {"type": np.int8(BROUGHT_FORWARD), "number": 1_500_000_001 + has, "account_id": has, "day": begin, "week": 0,
         "code": np.int8(BFD), "amount": opening[has]}
    )  # fmt: skip


def _entered(rows: pd.DataFrame, master: Master) -> pd.DataFrame:
    """The rows with date (YYMMDD) and account as the master has it."""
    days = pd.Series(rows["day"].to_numpy().astype("datetime64[D]"))
    return rows.assign(date=cobol.day(days, century=False), account=master.number[rows["account_id"]])


def _soiled(rows: pd.DataFrame, master: Master, rent_year: int, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with values spoiled and records repeated; the repeated ones at the end."""
    used = master.purged[rows["account_id"]]
    _plant(truth, "account-purged", rows[used])
    early = ~used & (rows["day"] < master.start[rows["account_id"]] - 6).to_numpy()
    _plant(truth, "posting-before-start", rows[early])
    used |= early

    def hit(kind: str, among: NDArray[np.bool_]) -> Ints:
        at = dirt.pick(rng, kind, among & ~used, of=int(among.sum()))
        used[at] = True
        return at

    receipt = (rows["type"] == RECEIPT).to_numpy()
    usual = ~np.isin(rows["code"], [CODES.index(code) for code in ("RDN", "REF", "BFD")])
    everything = np.ones(len(rows), dtype=bool)
    repeated = [hit("posting-repeated", everything), hit("posting-number-reused", everything)]
    at = hit("posting-sign-wrong", usual)
    rows.loc[at, "amount"] = -rows.loc[at, "amount"]
    _plant(truth, "posting-sign-wrong", rows.loc[at], ("RP-DR-AMOUNT", "RP-RC-AMOUNT"))
    at = hit("posting-date-impossible", everything)
    rows.loc[at, "date"] = np.where(np.arange(len(at)) % 2, 0, 999_999)
    _plant(truth, "posting-date-impossible", rows.loc[at], ("RP-DATE", "RP-DATE"))
    codes = [("code-unknown", UNKNOWN), *([("code-retired", RETIRED)] if rent_year <= GIRO_UNTIL else [])]
    for kind, code in codes:
        at = hit(kind, receipt & usual)
        rows.loc[at, "code"] = code
        _plant(truth, kind, rows.loc[at], ("", "RP-RC-CODE"))
    twins, others = rows.loc[repeated[0]], rows.loc[repeated[1]]
    others = others.assign(amount=others["amount"] + rng.integers(1, 5_000, len(others)))
    _plant(truth, "posting-repeated", twins)
    _plant(truth, "posting-number-reused", others)
    return pd.concat([rows, twins, others], ignore_index=True)


def _unreadable(debit: NDArray[np.bool_], rent_year: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Debits with blanks in their packed amount, and records overwritten: all of the ten years' in a few files."""
    if rent_year not in DAMAGED_YEARS:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(debit)
    rate_of = len(rows) * 10 // len(DAMAGED_YEARS)
    blank = dirt.pick(rng, "packed-decimal-invalid", rows, of=rate_of)
    return blank, dirt.pick(rng, "posting-broken", np.setdiff1d(rows, blank), of=rate_of)


def _plant(truth: Truth, kind: str, rows: pd.DataFrame, fields: tuple[str, str] | None = None) -> None:
    for receipts, table in enumerate(TABLES):
        mine = rows.loc[(rows["type"] == RECEIPT) == bool(receipts), "number"].astype("str")
        field = fields[receipts] if fields else None
        truth.plant(SYSTEM, table, kind, dirt.RATES[kind].revealed_by, key=mine, field=field)


def posting_records(rows: pd.DataFrame, rent_year: int, codes: list[str], batches: Bytes | None = None) -> Bytes:
    """The records as bytes: type, number, account, date (YYMMDD), week, code (its place in ``codes``) and pence.

    Without ``batches`` a receipt's batch is its code and date.
    """
    amount, code = rows["amount"].to_numpy(), rows["code"].to_numpy()
    debit = cobol.records(
        cobol.choice(code, codes, 3), cobol.packed(amount, 9),
        cobol.display(rent_year * 100 + rows["week"].to_numpy(), 6), length=25,
    )  # fmt: skip
    receipt = (rows["type"] == RECEIPT).to_numpy()
    detail = debit
    if batches is None:
        short = [code[1:] for code in codes]
        batches = np.hstack([cobol.choice(code, short, 2), cobol.display(rows["date"], 6)])
    detail[receipt] = cobol.records(
        cobol.choice(code[receipt], codes, 3), cobol.signed(amount[receipt], 9), batches[receipt], length=25
    )
    return cobol.records(
        cobol.choice(rows["type"], TYPES, 1), cobol.display(rows["number"], 10), cobol.display(rows["account"], 8),
        cobol.display(rows["date"], 6), cobol.binary(np.full(len(rows), rent_year)), cobol.display(rows["week"], 2),
        detail, length=LENGTH,
    )  # fmt: skip


def header(rent_year: int) -> Bytes:
    """The first record of a year's postings."""
    closed = year_start(rent_year + 1) - timedelta(days=1)
    run_date = closed.year * 10_000 + closed.month * 100 + closed.day
    return cobol.records(
        cobol.text(["H"], 1), cobol.text(["RENTTRAN"], 8), cobol.display([rent_year], 4),
        cobol.display([run_date], 8), length=LENGTH,
    )  # fmt: skip


def trailer(sums: Ints) -> Bytes:
    """Records and pence of debits, then of receipts; amounts that are not numeric were not added."""
    fields = [field for count, pence in sums for field in (cobol.display([count], 9), cobol.packed([pence], 13))]
    return np.hstack([cobol.records(cobol.text(["T"], 1), *fields, length=LENGTH - 3), cobol.text(["EOF"], 3)])
