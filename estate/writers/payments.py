"""What the bank sends each banking day: an MT940 statement of the income account, a Bacs file of credits.

Transfers, standing orders and the DWP's managed payments come in by the statement; housing benefit and collected
direct debits by Bacs, on an account of their own. The bank writes capitals without accents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import dirt
from estate.accounts import payment_refs
from estate.seeds import stream
from estate.spelling import capitals, joined, spelt
from estate.truth import Truth, key_text
from estate.world import World

SYSTEM = "payments"
SORT_CODE, INCOME_ACCOUNT, COLLECTION_ACCOUNT = "204577", "40117233", "40117241"
PAGE_ENTRIES = 200
TYPES = {"RBP": "NTRF", "RSO": "NSTO", "RDT": "NMSC"}
WORDS = {"RBP": "FASTER PAYMENT RECEIPT", "RSO": "STANDING ORDER", "RDT": "DWP UC MANAGED PAYMENT"}
ORIGINATORS = {"RHB": "KELBOROUGH BC HB", "RDD": "KELBOROUGH BC DD"}
FIRST_BALANCE = 18_240_316  # pence
Ints = NDArray[np.int64]


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the files of the last four weeks into the folder ``target``."""
    rng = stream(world.seed, SYSTEM)
    target.mkdir(parents=True, exist_ok=True)
    received = world.bank_credits
    received = received.assign(day=_banking_days(received["date"]))
    received = received[received["day"] <= np.datetime64(world.today, "s")]
    by_bacs = received["code"].isin(ORIGINATORS)
    entries = _entries(_soiled(_paid_twice(received[~by_bacs], rng), world, rng), world, rng)
    days = sorted(received["day"].dt.date.unique())
    balance, missing = FIRST_BALANCE, _missing_days(entries, days, rng)
    for day in days:
        lost = day in missing
        balance = _statement(entries[entries["day"].dt.date == day], day, balance, target, Truth() if lost else truth)
        if lost:
            (target / _statement_name(day)).unlink()
    for after in (days[days.index(day) + 1] for day in missing):
        first = key_text([INCOME_ACCOUNT], [_reference(after)], [str(_number(after))], ["1"])
        truth.plant(SYSTEM, "statements", "statement-missing", "file", key=first, field="opening_balance",
                    unit=_statement_name(after))  # fmt: skip
    bacs = _soiled(received[by_bacs].assign(again=False), world, rng)
    for day in days:
        _bacs_file(bacs[bacs["day"].dt.date == day], day, target, truth)


def _banking_days(dates: pd.Series) -> pd.Series:
    """The dates, those of a weekend moved to Monday."""
    late = dates.dt.day_of_week
    return dates + pd.to_timedelta(np.where(late >= 5, 7 - late, 0), unit="D")


def _missing_days(entries: pd.DataFrame, days: list[date], rng: np.random.Generator) -> list[date]:
    """Days whose statement the bank never sent: not two in a row, none with a fault of its own, and never at an end."""
    soiled = set(entries.loc[entries["kind"] != "", "day"].dt.date)
    quiet = np.array([day not in soiled and 0 < at < len(days) - 1 for at, day in enumerate(days)])
    at = dirt.pick(rng, "statement-missing", quiet, of=len(days))
    return [days[one] for one in at if one - 1 not in at]


def _paid_twice(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some payments come a second time on the same day; ``again`` marks the second."""
    rows = rows.reset_index(drop=True).assign(again=False)
    second = rows.loc[dirt.pick(rng, "paid-twice", len(rows))].assign(again=True)
    return pd.concat([rows, second]).sort_values(["day", "credit_id"], kind="stable", ignore_index=True)


def _soiled(rows: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with the reference as the payer gave it, and ``kind``, the fault of each ('' none)."""
    rows = rows.reset_index(drop=True)
    pairs = rows.duplicated(["credit_id"], keep=False).to_numpy()
    rows = rows.assign(kind=np.where(rows["again"], "paid-twice", ""), given=rows["payment_ref"], phone=False)
    used = pairs.copy()
    at = dirt.take_out(rng, used, "payer-ref-wrong")
    spoilt = dirt.transpose_digits(rows.loc[at, "given"], rng)
    still = payment_refs(np.array(spoilt.str[:9], dtype=np.int64)).to_numpy() == spoilt.to_numpy()
    spoilt = spoilt.where(~still, spoilt.str[:-1])
    rows.loc[at, "given"], rows.loc[at, "kind"] = spoilt, "payer-ref-wrong"
    at = dirt.take_out(rng, used, "payer-ref-missing")
    rows.loc[at, "given"], rows.loc[at, "kind"] = "", "payer-ref-missing"
    at = dirt.take_out(rng, used, "payer-unknown")
    known = set(world.accounts["payment_ref"])
    strange = payment_refs(rng.integers(900_000_000, 999_999_999, len(at)))
    assert known.isdisjoint(strange)
    rows.loc[at, "given"], rows.loc[at, "kind"] = strange.to_numpy(), "payer-unknown"
    if not rows["code"].isin(ORIGINATORS).any():
        at = dirt.take_out(rng, used, "phone-in-text")
        rows.loc[at, "kind"] = "phone-in-text"
    return rows


def _payers(person_ids: pd.Series, world: World) -> pd.Series:
    """Each payer's name as their bank prints it, always the same way: capitals, in one of four orders."""
    whose, first = np.unique(person_ids, return_inverse=True)
    rng = stream(world.seed, SYSTEM, "payers")
    who = spelt(world.people.people.loc[whose], world.habits[SYSTEM], rng)
    letters = dirt.initials(who["forename"]) + " " + dirt.initials(who["middle_names"])
    forms = [
        joined(who["surname"], dirt.initials(who["forename"])), joined(who["title"], letters, who["surname"]),
        joined(who["forename"], who["surname"]), joined(who["surname"], letters.str.replace(" ", "", regex=False)),
    ]  # fmt: skip
    printed = np.choose(rng.integers(len(forms), size=len(who)), [form.to_numpy(dtype=object) for form in forms])
    return capitals(pd.Series(printed[first], index=person_ids.index, dtype="str"))


def _entries(rows: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The statement's entries: adds the type, the bank's reference, the payer's line and the details."""
    payer = _payers(rows["person_id"], world)
    word = rows["code"].map(WORDS)
    phones = dirt.texts_with_phone(pd.Series([f"01632 960{n:03}" for n in rng.integers(0, 1000, len(rows))]), rng)
    details = word.where(rows["kind"] != "payer-ref-missing", "RENT " + payer)
    details = details.where(rows["kind"] != "phone-in-text", word + " " + capitals(phones))
    return rows.assign(
        type=rows["code"].map(TYPES), payer=payer.str[:34], details=details,
        bank_ref=rows["day"].dt.strftime("%y%m%d") + (np.arange(len(rows)) + 1).astype(str).astype(object),
    )  # fmt: skip


def _statement(entries: pd.DataFrame, day: date, opening: int, target: Path, truth: Truth) -> int:
    """Writes the day's statement, a page for each 200 entries; gives its closing balance in pence."""
    reference, number = _reference(day), _number(day)
    amounts = entries["amount_pence"].to_numpy()
    lines = entry_lines(_printed(entries, day))
    if entries["amount_pence"].sum() > 0:  # what came in goes to the general fund at night, in whole thousands
        sweep = int(amounts.sum()) // 100_000 * 100_000
        lines.append(
            f":61:{day:%y%m%d}{day:%m%d}D{_mt940(sweep)}NTRFNONREF//SWEEP{day:%y%m%d}\n:86:SWEEP TO GENERAL FUND"
        )
        amounts = np.append(amounts, -sweep)
    if day.day <= 28 and (day + timedelta(days=7)).month != day.month and day.weekday() == 4:
        lines.append(f":61:{day:%y%m%d}{day:%m%d}D42,50NCHGNONREF//CHARGES\n:86:BANK CHARGES")
        amounts = np.append(amounts, -4_250)
    pages = max(1, -(-len(lines) // PAGE_ENTRIES))
    text, balance = list[str](), opening
    for page in range(pages):
        part = slice(page * PAGE_ENTRIES, (page + 1) * PAGE_ENTRIES)
        closing = balance + int(amounts[part].sum())
        text += page_lines(
            Page(reference, INCOME_ACCOUNT, str(number), page + 1, day, balance, day, closing, page == pages - 1),
            lines[part],
        )
        balance = closing
    write_statement(target / _statement_name(day), text)
    place = np.arange(len(entries))
    keys = key_text(
        np.full(len(entries), INCOME_ACCOUNT), np.full(len(entries), reference), np.full(len(entries), number),
        place // PAGE_ENTRIES + 1, place % PAGE_ENTRIES + 1,
    )  # fmt: skip
    truth.person(SYSTEM, "entries", keys, entries["person_id"])
    _plant(entries["kind"].to_numpy(), "entries", "customer_reference", truth, keys=keys)
    return balance


@dataclass(frozen=True)
class Page:
    """A page of a statement; balances are pence."""

    reference: str
    account: str
    number: str
    sequence: int
    opened: date
    opening: int
    closed: date
    closing: int
    last: bool


def page_lines(page: Page, entries: list[str]) -> list[str]:
    """The page as lines, its entries' own among them."""
    first, last = "F" if page.sequence == 1 else "M", "F" if page.last else "M"
    closing = _balance(page.closing, page.closed)
    return [
        f":20:{page.reference}", f":25:{page.account}", f":28C:{page.number}/{page.sequence}",
        f":60{first}:{_balance(page.opening, page.opened)}", *entries, f":62{last}:{closing}", f":64:{closing}", "-",
    ]  # fmt: skip


def write_statement(path: Path, lines: list[str]) -> None:
    """Writes the statement's lines into the file."""
    path.write_text("\n".join([*lines, ""]), "ascii", newline="\r\n")


def _statement_name(day: date) -> str:
    return f"KBC-{INCOME_ACCOUNT}-{day:%Y%m%d}.sta"


def _reference(day: date) -> str:
    return f"KBC{day:%y%m%d}"


def _number(day: date) -> int:
    """The bank numbers its statements by the day of the year."""
    return day.timetuple().tm_yday


def _printed(entries: pd.DataFrame, day: date) -> pd.DataFrame:
    """The day's entries as ``entry_lines`` takes them."""
    given = entries["given"].where(entries["given"] != "", "NONREF")
    return entries.assign(valued=f"{day:%y%m%d}", entered=f"{day:%m%d}", mark="C", given=given)


def entry_lines(entries: pd.DataFrame) -> list[str]:
    """Each entry as its two fields; it has the value day (yymmdd), the entry day (mmdd), the mark (C or D) and pence.

    An entry without a payer's line has an empty one in ``payer``.
    """
    payer = ("\n" + entries["payer"]).where(entries["payer"] != "", "")
    lines = (
        ":61:" + entries["valued"] + entries["entered"] + entries["mark"] + _mt940_amounts(entries["amount_pence"])
        + entries["type"] + entries["given"] + "//" + entries["bank_ref"] + payer + "\n:86:" + entries["details"]
    )  # fmt: skip
    return list(lines)


def _bacs_file(rows: pd.DataFrame, day: date, target: Path, truth: Truth) -> None:
    """Labels, a record of 106 characters for each credit, and the trailer with their number and value."""
    if rows.empty:
        return
    name = f"KBC-{COLLECTION_ACCOUNT}-{day:%Y%m%d}.bacs"
    received = pd.DataFrame(
        {"own": SORT_CODE + COLLECTION_ACCOUNT + "099" + SORT_CODE + "40117260", "free": "",
         "amount_pence": rows["amount_pence"], "originator": rows["code"].map(ORIGINATORS), "given": rows["given"],
         "payee": "KELBOROUGH BC RENT"}
    )  # fmt: skip
    head = write_credits(target / name, received, day)
    place = np.arange(len(rows)) + head + 1
    _plant(rows["kind"].to_numpy(), "credits", "reference", truth, unit=name, lines=place)


def write_credits(path: Path, rows: pd.DataFrame, day: date) -> int:
    """Writes the day's credits between their labels, the last of which states number and value; gives the lines above.

    ``own`` begins a record: sort code and account of the payee, the type, sort code and account of the originator.
    """
    serial, julian = f"{day:%y%j}9"[-6:], f" {day:%y%j}"
    amount = rows["amount_pence"]
    records = (
        rows["own"] + rows["free"].str.ljust(4) + amount.astype("str").str.zfill(11)
        + rows["originator"].str.ljust(18) + rows["given"].str.ljust(18) + rows["payee"].str.ljust(18) + julian
    )  # fmt: skip
    head = [
        f"VOL1{serial}{'':26}    HSBACS{'':4}{'':30}1",
        f"HDR1 KBC{serial}{'':10}0001{'':12}{julian}{julian}",
        f"UHL1{julian}999999    000000001 DAILY  001",
    ]
    tail = [f"EOF1 KBC{serial}", f"UTL1{0:013}{int(amount.sum()):013}{0:07}{len(rows):07}"]
    lines = [*head, *records, *tail]
    path.write_text("".join(line.ljust(80) + "\r\n" for line in lines), "ascii", newline="")
    return len(head)


def _plant(
    kinds: NDArray[np.object_], table: str, reference: str, truth: Truth, *, keys: pd.Series | None = None,
    unit: str | None = None, lines: Ints | None = None,
) -> None:  # fmt: skip
    fields = {"phone-in-text": "details", "paid-twice": "amount"}
    for kind in sorted(set(kinds) - {""}):
        here = np.flatnonzero(kinds == kind)
        truth.plant(
            SYSTEM, table, kind, dirt.RATES[kind].revealed_by, field=fields.get(kind, reference), unit=unit,
            key=None if keys is None else keys.iloc[here], line=None if lines is None else lines[here],
        )  # fmt: skip


def _mt940(pence: int) -> str:
    return f"{pence // 100},{pence % 100:02}"


def _mt940_amounts(pence: pd.Series) -> pd.Series:
    return (pence // 100).astype("str") + "," + (pence % 100).astype("str").str.zfill(2)


def _balance(pence: int, day: date) -> str:
    return f"{'C' if pence >= 0 else 'D'}{day:%y%m%d}GBP{_mt940(abs(pence))}"
