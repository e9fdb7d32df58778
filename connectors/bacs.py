"""Fixed-width payment files in the form of Bacs Standard 18: labels, records of 100 or 106 characters, UTL1.

Positions of a record, from 1: 1-6 and 7-14 destination sort code and account, 15 account type,
16-17 transaction code, 18-23 and 24-31 originating sort code and account, 32-35 free, 36-46 amount in pence,
47-64 originator's name, 65-82 reference, 83-100 destination account's name, 101-106 processing day.
UTL1: 5-17 and 18-30 debit and credit value, 31-37 and 38-44 debit and credit items.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from connectors.bank_rows import MONEY, Columns, NotThisFormat, Row, TotalsDiffer, pennies
from connectors.protocol import Controls

COLUMNS: Columns = {
    "destination_sort_code": pa.string(),
    "destination_account": pa.string(),
    "account_type": pa.string(),
    "transaction_code": pa.string(),
    "originating_sort_code": pa.string(),
    "originating_account": pa.string(),
    "free_format": pa.string(),
    "amount": MONEY,
    "originator_name": pa.string(),
    "reference": pa.string(),
    "destination_name": pa.string(),
    "processing_date": pa.date32(),
}
TEXTS = {
    "destination_sort_code": (0, 6),
    "destination_account": (6, 14),
    "account_type": (14, 15),
    "transaction_code": (15, 17),
    "originating_sort_code": (17, 23),
    "originating_account": (23, 31),
    "free_format": (31, 35),
    "originator_name": (46, 64),
    "reference": (64, 82),
    "destination_name": (82, 100),
}
CODES = {
    "credit": ("99", "Z4", "Z5"),
    "debit": ("01", "17", "18", "19", "0C", "0N", "0S"),
}
"""Transaction codes by side: bank giro credits; direct debits, their instructions and contra entries."""
LABELS = ("VOL1", "HDR1", "HDR2", "UHL1", "EOF1", "EOF2", "UTL1")
SHORTEST = 100


def rows(text: str, side: str) -> Iterator[Row]:
    """The records of one side. One of no known code is a broken record among the credits."""
    lines = text.splitlines()
    if lines and not any(line.startswith(LABELS) for line in lines):
        raise NotThisFormat("it has no label (VOL1, HDR1, UHL1, UTL1)")
    day: date | None = None
    for number, line in enumerate(lines, start=1):
        if line.startswith("UHL1"):
            day = _day(line[4:10])
        if line.startswith(LABELS) or not line.strip("\x1a "):
            continue
        code = line[15:17]
        known = [name for name, codes in CODES.items() if code in codes]
        if (known and known[0] != side) or (not known and side != "credit"):
            continue
        if len(line) < SHORTEST or not known:
            yield Row(number, {}, "truncated" if len(line) < SHORTEST else "broken", line)
            continue
        try:
            values = {name: line[start:end] for name, (start, end) in TEXTS.items()}
            amount, processed = pennies(line[35:46]), _day(line[100:106]) or day
        except ValueError:
            yield Row(number, {}, "broken", line)
            continue
        yield Row(number, {**values, "amount": amount, "processing_date": processed})


def controls(text: str, side: str) -> Controls:
    """Items and value of one side as the user trailers state them. Raises TotalsDiffer where none is there."""
    trailers = [line for line in text.splitlines() if line.startswith("UTL1")]
    if not trailers:
        raise TotalsDiffer("the user trailer (UTL1) is missing, so the file may not be whole")
    value, items = ((17, 30), (37, 44)) if side == "credit" else ((4, 17), (30, 37))
    try:
        return Controls(
            rows=sum(int(line[slice(*items)]) for line in trailers),
            total=sum((pennies(line[slice(*value)]) for line in trailers), Decimal(0)),
        )
    except ValueError as error:
        raise TotalsDiffer("the user trailer (UTL1) holds no totals") from error


def _day(text: str) -> date | None:
    """The day of a year that `` YYDDD`` writes; None for blanks."""
    digits = text.strip()
    return datetime.strptime(digits, "%y%j").date() if digits else None
