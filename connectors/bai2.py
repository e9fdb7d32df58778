"""BAI2 bank statements (Cash Management Balance Reporting, version 2).

01 file, 02 group, 03 account with its balances, 16 entry, 88 continuation, 49, 98 and 99 trailers, each with
the sum and the number of the records it closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors.bank_rows import MONEY, Columns, NotThisFormat, Row, TotalsDiffer, pennies
from connectors.protocol import Controls

HEAD: Columns = {"account": pa.string(), "currency": pa.string(), "as_of_date": pa.date32()}
BALANCES = {
    "opening_balance": "010",
    "closing_balance": "015",
    "opening_available": "040",
    "closing_available": "045",
    "credits_total": "100",
    "debits_total": "400",
}
COLUMNS: dict[str, Columns] = {
    "statement": {
        **HEAD,
        "originator": pa.string(),
        "group_status": pa.string(),
        **dict.fromkeys(BALANCES, MONEY),
        "other_amounts": pa.string(),
        "entries": pa.int64(),
    },
    "entry": {
        **HEAD,
        "type_code": pa.string(),
        "amount": MONEY,
        "funds_type": pa.string(),
        "value_date": pa.date32(),
        "bank_reference": pa.string(),
        "customer_reference": pa.string(),
        "text": pa.string(),
    },
}
"""Columns by record. Amounts have two decimals; an entry's is negative for the debit codes 401 to 699.
``other_amounts`` are those of any other type code, such as ``072 10200.00; 074 5000.00``."""

FUNDS_FIELDS = {"S": 3, "V": 2}
OPENED_BY = {"49": "03", "98": "02", "99": "01"}
CLOSED_INTO = {"49": "98", "98": "99"}


@dataclass
class Tally:
    """What the records add up to that a trailer closes: amounts in pence, accounts or groups, lines."""

    total: int = 0
    parts: int = 0
    records: int = 0


@dataclass
class Logical:
    """A record with its continuations; ``line`` is its first."""

    code: str
    line: int
    pieces: list[str]

    @property
    def raw(self) -> str:
        """The record as it stood."""
        return "\n88,".join([f"{self.code},{self.pieces[0]}", *self.pieces[1:]])


@dataclass
class Account:
    """An account's part of the file."""

    head: dict[str, Any]
    group: Sequence[str]
    identifier: Logical
    entries: list[Logical] = field(default_factory=list)


def rows(text: str, record: str) -> Iterator[Row]:
    """The accounts' statements or their entries, broken ones as they stood."""
    for account in _accounts(text):
        if record == "statement":
            yield _row(account.identifier, account, _statement)
        else:
            yield from (_row(entry, account, _entry) for entry in account.entries)


def controls(text: str, record: str) -> Controls:
    """Nothing to compare: the trailers are checked here. Raises TotalsDiffer naming the trailer's line."""
    tallies = {trailer: Tally() for trailer in OPENED_BY}
    last = ""
    for logical in _logical(text):
        last = logical.code
        for trailer, opener in OPENED_BY.items():
            if last == opener:
                tallies[trailer] = Tally()
            tallies[trailer].records += len(logical.pieces)
        if last in ("03", "16"):
            tallies["49"].total += sum(_amounts(logical))
        if last in tallies:
            _check(logical, tallies[last])
            if last in CLOSED_INTO:
                tallies[CLOSED_INTO[last]].total += tallies[last].total
                tallies[CLOSED_INTO[last]].parts += 1
    if last != "99":
        raise TotalsDiffer("the file trailer (99) is missing, so the file may not be whole")
    return Controls()


def _check(trailer: Logical, tally: Tally) -> None:
    """Raises TotalsDiffer where a trailer states another total, number of parts or number of records."""
    stated = [text.strip() for text in ",".join(trailer.pieces).split(",")]
    found = {"a total of": tally.total, "parts": tally.parts, "records": tally.records}
    if trailer.code == "49":
        del found["parts"]
    for (what, comes_to), says in zip(found.items(), stated, strict=False):
        if says.lstrip("+-").isdigit() and int(says) != comes_to:
            raise TotalsDiffer(
                f"the trailer {trailer.code} on line {trailer.line} states {what} {int(says)}, "
                f"but its records come to {comes_to}"
            )


def _logical(text: str) -> Iterator[Logical]:
    """The records with their continuations. Raises NotThisFormat where the file does not begin as BAI2."""
    held: Logical | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.strip("\ufeff \t\x1a")
        if not content:
            continue
        code, _, rest = content.removesuffix("/").partition(",")
        if held is None and code != "01":
            raise NotThisFormat("it does not begin with a file header (01)")
        if code == "88" and held is not None:
            held.pieces.append(rest)
            continue
        if held is not None:
            yield held
        held = Logical(code, number, [rest])
    if held is not None:
        yield held


def _accounts(text: str) -> Iterator[Account]:
    group: list[str] = []
    account: Account | None = None
    for logical in _logical(text):
        if logical.code == "02":
            group = ",".join(logical.pieces).split(",")
        elif logical.code == "03":
            if account:
                yield account
            fields = [*logical.pieces[0].split(","), "", ""]
            head = {
                "account": fields[0],
                "currency": fields[1] or _at(group, 5) or None,
                "as_of_date": _date(_at(group, 3)),
            }
            account = Account(head, group, logical)
        elif logical.code not in ("01", "49", "98", "99") and account:
            account.entries.append(logical)
    if account:
        yield account


def _row(logical: Logical, account: Account, read: Any) -> Row:
    try:
        return Row(logical.line, {**account.head, **read(logical, account)})
    except (ValueError, IndexError):
        return Row(logical.line, {}, "broken", logical.raw)


def _statement(logical: Logical, account: Account) -> dict[str, Any]:
    stated = dict(_summaries(logical))
    return {
        "originator": _at(account.group, 1),
        "group_status": _at(account.group, 2),
        **{name: pennies(stated.pop(code)) if stated.get(code) else None for name, code in BALANCES.items()},
        "other_amounts": "; ".join(f"{code} {pennies(amount)}" for code, amount in stated.items() if amount) or None,
        "entries": len(account.entries),
    }


def _entry(logical: Logical, _: Account) -> dict[str, Any]:
    if logical.code != "16":
        raise ValueError("not an entry")
    tokens = logical.pieces[0].split(",")
    for piece in logical.pieces[1:]:
        if len(tokens) > _after_funds(tokens, 2) + 2:
            tokens[-1] += "\n" + piece  # the text goes on
        else:
            tokens += piece.split(",")
    kind, amount, funds = tokens[:3]
    rest = _after_funds(tokens, 2)
    money = pennies(amount) if amount else Decimal(0)
    return {
        "type_code": kind,
        "amount": -money if "401" <= kind <= "699" else money,
        "funds_type": funds or None,
        "value_date": _date(tokens[3]) if funds == "V" else None,
        "bank_reference": _at(tokens, rest) or None,
        "customer_reference": _at(tokens, rest + 1) or None,
        "text": ",".join(tokens[rest + 2 :]) or None,
    }


def _summaries(logical: Logical) -> list[tuple[str, str]]:
    """Type code and amount of each amount that an account's record states."""
    tokens = ",".join(logical.pieces).split(",")
    found, at = [], 2
    while at < len(tokens):
        if tokens[at]:
            found.append((tokens[at], _at(tokens, at + 1)))
        at = _after_funds(tokens, at + 3)
    return found


def _after_funds(tokens: Sequence[str], at: int) -> int:
    """Where the next field stands after the funds type there and what it brings with it."""
    funds = _at(tokens, at)
    if funds == "D":
        return at + 2 + 2 * int(_at(tokens, at + 1) or 0)
    return at + 1 + FUNDS_FIELDS.get(funds, 0)


def _amounts(logical: Logical) -> Iterator[int]:
    """The amounts of a record that its account's trailer adds up; none of those that are no numbers."""
    if logical.code == "16":
        amounts = [_at(",".join(logical.pieces).split(","), 1)]
    else:
        amounts = [amount for _, amount in _summaries(logical)]
    for amount in amounts:
        if amount.lstrip("+-").isdigit():
            yield int(amount)


def _at(tokens: Sequence[str], at: int) -> str:
    return tokens[at].strip() if at < len(tokens) else ""


def _date(text: str) -> date | None:
    return datetime.strptime(text, "%y%m%d").date() if text else None
