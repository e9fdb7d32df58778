"""The dirt of real systems: how often each kind is planted, which rows it hits, and what it does to values.

A writer picks rows (``pick``), spoils a column there (the functions below: Series in, Series out, same index)
and records each planted row with the kind's name. ``RATES`` is the one place where rates are stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.truth import RevealedBy

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Dirt:
    """A kind of dirt: its share of a table's rows and what reveals it."""

    kind: str
    rate: float
    revealed_by: RevealedBy


_RATES: tuple[tuple[str, float, RevealedBy], ...] = (
    # The value itself cannot be right.
    ("nino-shape", 0.006, "row"),
    ("dob-impossible", 0.002, "row"),
    ("dob-first-january", 0.015, "row"),
    ("date-clipped", 0.003, "row"),
    ("date-impossible", 0.002, "row"),
    ("end-before-start", 0.002, "row"),
    ("wrong-code-page", 0.004, "row"),
    ("double-spaces", 0.006, "row"),
    ("phone-in-text", 0.02, "row"),
    ("phone-invalid", 0.006, "row"),
    ("email-invalid", 0.005, "row"),
    ("postcode-invalid", 0.004, "row"),
    ("uprn-invalid", 0.003, "row"),
    ("code-unknown", 0.002, "row"),
    ("code-retired", 0.004, "row"),
    ("required-missing", 0.002, "row"),
    ("amount-implausible", 0.001, "row"),
    ("number-as-text", 0.002, "row"),
    ("placeholder", 0.003, "row"),
    ("error-cell", 0.001, "row"),
    # The record cannot be read.
    ("record-broken", 0.0005, "row"),
    ("charge-packed-invalid", 0.0005, "row"),
    # A ledger's postings are written by programs: little is wrong with them, and each fault moves a balance.
    ("packed-decimal-invalid", 0.00005, "row"),
    ("posting-broken", 0.00002, "row"),
    ("posting-date-impossible", 0.00005, "row"),
    ("posting-sign-wrong", 0.0001, "row"),
    ("check-digit-wrong", 0.003, "row"),
    ("former-without-tenancy", 0.04, "row"),
    ("payer-ref-wrong", 0.006, "row"),
    ("payer-ref-missing", 0.01, "row"),
    ("memo-missing", 0.002, "row"),
    ("number-overflow", 0.0015, "row"),
    ("due-inconsistent", 0.003, "row"),
    ("visit-before-booking", 0.002, "row"),
    ("time-impossible", 0.002, "row"),
    # Only the whole file, or the row of files that it comes in, shows it.
    ("weeks-charged-differs", 0.02, "file"),
    ("statement-missing", 0.06, "file"),
    # Only the rest of the system shows it.
    ("duplicate-row", 0.003, "system"),
    ("duplicate-key", 0.002, "system"),
    ("orphan-key", 0.003, "system"),
    ("overlapping-tenancy", 0.003, "system"),
    ("balance-differs", 0.006, "system"),
    ("posting-before-start", 0.0005, "system"),
    ("posting-repeated", 0.0003, "system"),
    ("posting-number-reused", 0.0001, "system"),
    ("account-purged", 0.0015, "system"),
    ("uprn-shared", 0.002, "system"),
    ("nino-shared", 0.002, "system"),
    ("licence-overlap", 0.003, "system"),
    ("report-twice", 0.004, "system"),
    ("order-cost-differs", 0.004, "system"),
    ("job-retired", 0.004, "system"),
    ("visit-before-order", 0.002, "system"),
    ("paid-twice", 0.003, "system"),
    ("property-twice", 0.003, "system"),
    ("lines-differ", 0.003, "system"),
    ("certificate-reused", 0.001, "system"),
    ("engineer-unknown", 0.001, "system"),
    # Only another system shows it.
    ("duplicate-person", 0.01, "cross-system"),
    ("old-address", 0.03, "cross-system"),
    ("old-surname", 0.02, "cross-system"),
    ("name-misspelt", 0.015, "cross-system"),
    ("systems-disagree", 0.01, "cross-system"),
    ("property-missing", 0.004, "cross-system"),
    ("order-missing", 0.01, "cross-system"),
    ("operative-missing", 0.01, "cross-system"),
    ("payer-unknown", 0.003, "cross-system"),
    # A person must know better.
    ("uprn-transposed", 0.004, "nothing"),
    ("nino-transposed", 0.004, "nothing"),
    ("dob-swapped", 0.01, "nothing"),
)
_HABITS: tuple[tuple[str, float, RevealedBy], ...] = (("record-deleted", 0.02, "nothing"),)
HABITS = frozenset(kind for kind, _, _ in _HABITS)
"""Not faults of a row but habits of a system: no truth records them."""
RATES = {kind: Dirt(kind, rate, by) for kind, rate, by in (*_RATES, *_HABITS)}
"""Rates by kind. They are what real extracts show; no test may ask for less."""


def rows(rng: np.random.Generator, count: int, rate: float) -> Ints:
    """Row numbers, ascending, a ``rate`` of ``count``; at least one where there are 50 rows or more."""
    size = min(count, max(round(count * rate), 1 if count >= 50 and rate > 0 else 0))
    found: Ints = np.sort(rng.choice(count, size, replace=False))
    return found


def pick(rng: np.random.Generator, kind: str, among: Ints | NDArray[np.bool_] | int, *, of: int | None = None) -> Ints:
    """Row numbers for a kind at its stated rate.

    ``among`` is a row count, a mask, or the row numbers that may be hit; the rate counts on ``of`` rows
    (default: all of ``among``).
    """
    if isinstance(among, int):
        return rows(rng, among, RATES[kind].rate)
    where = np.flatnonzero(among) if among.dtype == bool else np.asarray(among, dtype=np.int64)
    if of is None or not len(where):
        return where[rows(rng, len(where), RATES[kind].rate)]
    share = min(1.0, RATES[kind].rate * of / len(where))
    return where[rows(rng, len(where), share)]


def take_out(rng: np.random.Generator, used: NDArray[np.bool_], kind: str) -> Ints:
    """Rows for a kind among those not yet ``used``, which it marks: one fault a row keeps the books clear."""
    found = pick(rng, kind, ~used)
    used[found] = True
    return found


def transpose_digits(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Text in which two neighbouring, different characters of the digits are exchanged; never the first digit."""
    return _each(values, rng, _transposed)


def misspell(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Names with one letter dropped, doubled, exchanged or replaced by its neighbour on the keyboard."""
    return _each(values, rng, _misspelt)


def mojibake(values: pd.Series) -> pd.Series:
    """UTF-8 read as cp1252. Where that changes nothing, a typographic apostrophe or hard space stood there."""
    text = values.astype("str")
    typed = text.str.replace("'", "\u2019", regex=False)
    plain = typed.map(str.isascii).astype(bool)
    typed = typed.where(~plain, typed + "\u00a0")
    return typed.map(lambda one: one.encode("utf-8").decode("cp1252", errors="replace")).astype("str")


def double_spaces(values: pd.Series) -> pd.Series:
    """A second blank at each blank; a leading one where there is none."""
    text = values.astype("str")
    return text.str.replace(" ", "  ", regex=False).where(text.str.contains(" ", regex=False), "  " + text)


def swap_day_month(values: pd.Series) -> pd.Series:
    """Dates with day and month exchanged; unchanged where the day is over 12 or equals the month."""
    days, months = values.dt.day, values.dt.month
    swapped = pd.to_datetime(
        {"year": values.dt.year, "month": days.where(days <= 12, 1), "day": months}, errors="coerce"
    )
    found: pd.Series = values.where(~swappable(values), swapped.astype(values.dtype))
    return found


def swappable(values: pd.Series) -> pd.Series:
    """True where exchanging day and month gives another date."""
    found: pd.Series = (values.dt.day <= 12) & (values.dt.day != values.dt.month)
    return found


def first_january(values: pd.Series) -> pd.Series:
    """Dates of which only the year was known."""
    years = pd.to_datetime(values).dt.year.astype("str")
    found: pd.Series = pd.to_datetime(years + "-01-01").astype(values.dtype)
    return found


def clip_dates(values: pd.Series) -> pd.Series:
    """2079-06-06, the last day that SQL Server's smalldatetime knows."""
    return pd.Series(np.datetime64("2079-06-06", "s"), index=values.index)


def impossible_times(values: pd.Series) -> pd.Series:
    """Times of day (HH:MM) at six and twenty hours or later."""
    text = values.astype("str")
    return "2" + text.str[1:].str.replace(r"^\d", "6", regex=True)


def spoil_nino(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """NI numbers that break rule NIM39110: a prefix never used, a digit too few, a letter O for a nought."""
    text = values.astype("str")
    turn = rng.integers(3, size=len(text))
    return text.where(turn != 0, "QQ" + text.str[2:]).where(turn != 1, text.str[:-2] + text.str[-1:]).where(
        turn != 2, text.str[:2] + "O" + text.str[3:]
    )  # fmt: skip


def spoil_phone(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Telephone numbers with digits missing, or a remark in their place."""
    text = values.astype("str")
    turn = rng.integers(3, size=len(text))
    return text.where(turn != 0, text.str[:-3]).where(turn != 1, "ask daughter").where(turn != 2, "0000000")


def spoil_email(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Mail addresses without an @, without a host, or with a blank inside."""
    text = values.astype("str")
    turn = rng.integers(3, size=len(text))
    return text.where(turn != 0, text.str.replace("@", "", regex=False)).where(
        turn != 1, text.str.replace(r"@.*", "@", regex=True)
    ).where(turn != 2, text.str.replace("@", " @", regex=False))  # fmt: skip


def spoil_postcode(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Postcodes with a letter for a digit, without their last character, or a placeholder."""
    text = values.astype("str")
    turn = rng.integers(3, size=len(text))
    inward = text.str[:-3] + "O" + text.str[-2:]
    return text.where(turn != 0, inward).where(turn != 1, text.str[:-1]).where(turn != 2, "XX99 9XX")


def spoil_uprn(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """UPRNs that cannot be: zero, thirteen digits, a letter among them. Text in and out."""
    text = values.astype("str")
    turn = rng.integers(3, size=len(text))
    return (
        text.where(turn != 0, "0").where(turn != 1, text.str.pad(13, fillchar="9")).where(turn != 2, "X" + text.str[1:])
    )


SPOILERS: dict[str, Callable[[pd.Series, np.random.Generator], pd.Series]] = {
    "nino-shape": spoil_nino,
    "nino-transposed": transpose_digits,
    "dob-first-january": lambda days, _: first_january(days),
    "dob-swapped": lambda days, _: swap_day_month(days),
    "date-clipped": lambda days, _: clip_dates(days),
    "name-misspelt": misspell,
    "wrong-code-page": lambda texts, _: mojibake(texts),
    "double-spaces": lambda texts, _: double_spaces(texts),
    "phone-invalid": spoil_phone,
    "email-invalid": spoil_email,
    "postcode-invalid": spoil_postcode,
    "uprn-invalid": spoil_uprn,
    "time-impossible": lambda times, _: impossible_times(times),
}
"""What a kind does to a column wherever it is planted, where that is always the same."""


def texts_with_phone(phones: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Remarks that carry a telephone number."""
    forms = np.array(
        ["Call before on {}", "tel {} after 3pm", "T has no credit, ring {} (sister)", "Mob {} - key with neighbour"]
    )
    chosen = pd.Series(forms[rng.integers(len(forms), size=len(phones))], index=phones.index)
    return pd.Series(
        [form.format(phone) for form, phone in zip(chosen, phones, strict=True)], index=phones.index, dtype="str"
    )


def drama_phones(index: pd.Index) -> pd.Series:
    """A mobile number for each entry, of the range that is kept for drama."""
    return "07700 900" + pd.Series(index % 1_000, index).astype("str").str.zfill(3)


def initials(values: pd.Series) -> pd.Series:
    """Forenames cut to their first letter."""
    return values.astype("str").str[:1]


# Dirt hits few rows, so these go letter by letter.
def _each(values: pd.Series, rng: np.random.Generator, spoil: Callable[[str, np.random.Generator], str]) -> pd.Series:
    return pd.Series([spoil(str(value), rng) for value in values], index=values.index, dtype="str")


def _transposed(text: str, rng: np.random.Generator) -> str:
    pairs = [
        i for i in range(len(text) - 1)
        if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1] and (i > 0 or text[1] != "0")
    ]  # fmt: skip
    if not pairs:
        return text
    at = int(rng.choice(pairs))
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


_NEIGHBOURS = dict(zip("abcdefghijklmnopqrstuvwxyz", "svvfwdhjokjkmbipqetrybexta", strict=True))


def _misspelt(text: str, rng: np.random.Generator) -> str:
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    before, here, after = text[:at], text[at], text[at + 1 :]
    forms = [before + after, before + here * 2 + after, before + after[0] + here + after[1:],
             before + _NEIGHBOURS.get(here, "e") + after]  # fmt: skip
    wrong = [form for form in forms if form != text]
    return wrong[int(rng.integers(len(wrong)))]
