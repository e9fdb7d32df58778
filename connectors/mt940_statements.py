"""SWIFT MT940 bank statements, in the dialects that the mt-940 library reads."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import mt940
import pyarrow as pa

from connectors.bank_rows import MONEY, PENNY, Columns, NotThisFormat, Row
from connectors.protocol import Controls

HEAD: Columns = {
    "reference": pa.string(),
    "account": pa.string(),
    "statement_number": pa.string(),
    "sequence_number": pa.string(),
    "currency": pa.string(),
}
COLUMNS: dict[str, Columns] = {
    "statement": {
        **HEAD,
        "opening_date": pa.date32(),
        "opening_balance": MONEY,
        "closing_date": pa.date32(),
        "closing_balance": MONEY,
        "available_balance": MONEY,
        "entries": pa.int64(),
        "entries_total": MONEY,
    },
    "entry": {
        **HEAD,
        "entry": pa.int64(),
        "value_date": pa.date32(),
        "entry_date": pa.date32(),
        "amount": MONEY,
        "mark": pa.string(),
        "funds_code": pa.string(),
        "transaction_type": pa.string(),
        "customer_reference": pa.string(),
        "bank_reference": pa.string(),
        "extra_details": pa.string(),
        "details": pa.string(),
    },
}
"""Columns by record. ``amount`` is negative for debits and for credits taken back (D, RC); ``entry`` is the
entry's place in its statement; ``entries_total`` should be closing less opening balance."""

OPTIONS = mt940.Options(
    reversal_sign=True,
    case_insensitive_marks=True,
    unbounded_details=True,
    merge_keeps_values=True,
    strip_bom=True,
)
AS_WRITTEN: dict[str, list[Any]] = {"post_transaction_details": []}
"""Structured details (?20...) stay text: to read them is the mapping's work."""


@dataclass(frozen=True)
class Statement:
    """One statement: its first line, its row and its entries' rows, or why it has none."""

    line: int
    text: str
    values: dict[str, Any]
    entries: tuple[Row, ...]
    fault: str | None = None


def rows(text: str, record: str) -> Iterator[Row]:
    """The statements or their entries. A statement that cannot be read is one faulty row of either."""
    for statement in statements(text):
        if statement.fault:
            yield Row(statement.line, {}, statement.fault, statement.text)
        elif record == "statement":
            yield Row(statement.line, statement.values)
        else:
            yield from statement.entries


def controls(text: str, record: str) -> Controls:
    """For entries, the total that opening and closing balances leave for them."""
    if record != "entry":
        return Controls()
    whole = [s.values for s in statements(text) if s.fault is None]
    return Controls(total=sum((s["closing_balance"] - s["opening_balance"] for s in whole), Decimal(0)))


def statements(text: str) -> Iterator[Statement]:
    """The file's statements: a new one begins at each ``:20:``. Raises NotThisFormat where there is none."""
    # The library logs what it cannot match, which would be people's names and references.
    logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)
    starts = [found.start() for found in re.finditer(r"(?m)^:20:", text)]
    if not starts and text.strip():
        raise NotThisFormat("it has no :20: line, with which a statement begins")
    for start, end in pairwise([*starts, len(text)]):
        yield _statement(text[start:end], 1 + text.count("\n", 0, start))


def _statement(text: str, line: int) -> Statement:
    if not re.search(r"(?m)^:62[FM]?:", text):
        return Statement(line, text, {}, (), "truncated")
    try:
        (parsed,) = mt940.parse_statements(text, processors=AS_WRITTEN, options=OPTIONS)
        opening, closing = _balance(parsed.data, "opening"), _balance(parsed.data, "closing")
        head = {
            "reference": parsed.data.get("transaction_reference"),
            "account": parsed.data.get("account_identification"),
            "statement_number": parsed.data.get("statement_number"),
            "sequence_number": parsed.data.get("sequence_number"),
            "currency": closing.amount.currency,
        }
        lines = [line + text.count("\n", 0, found.start()) for found in re.finditer(r"(?m)^:61:", text)]
        entries = tuple(
            Row(at, {**head, "entry": turn, **_entry(transaction.data)})
            for turn, (at, transaction) in enumerate(zip(lines, parsed.transactions, strict=True), start=1)
        )
        available = parsed.data.get("available_balance")
        values = {
            **head,
            "opening_date": opening.date,
            "opening_balance": _money(opening.amount.amount),
            "closing_date": closing.date,
            "closing_balance": _money(closing.amount.amount),
            "available_balance": _money(available.amount.amount) if available else None,
            "entries": len(entries),
            "entries_total": sum((row.values["amount"] for row in entries), Decimal(0)),
        }
    except (RuntimeError, ValueError, ArithmeticError, LookupError, TypeError):
        return Statement(line, text, {}, (), "broken")
    return Statement(line, text, values, entries)


def _balance(data: dict[str, Any], kind: str) -> Any:
    """The statement's first or last balance: final, or intermediate where it is one of several pages."""
    for name in (f"final_{kind}_balance", f"intermediate_{kind}_balance", f"{kind}_balance"):
        if name in data:
            return data[name]
    raise LookupError(kind)


def _entry(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "value_date": data["date"],
        "entry_date": data.get("entry_date"),
        "amount": _money(data["amount"].amount),
        "mark": data["status"],
        "funds_code": data.get("funds_code"),
        "transaction_type": data.get("id"),
        "customer_reference": data.get("customer_reference"),
        "bank_reference": data.get("bank_reference"),
        "extra_details": data.get("extra_details"),
        "details": data.get("transaction_details"),
    }


def _money(amount: Decimal) -> Decimal:
    """The amount in whole pennies. Raises ValueError where it has parts of one."""
    exact = amount.quantize(PENNY)
    if exact != amount:
        raise ValueError("an amount has parts of a penny")
    return exact
