"""What commands show on a terminal: the reconciliation, issues, live progress."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Column, Table

from ledger.values import TableCount

console = Console() if Console().is_terminal else Console(width=132)
NUMBERS = ("extracted", "loaded", "unchanged", "merged", "quarantined", "excluded", "ended")


def reconciliation(counts: Sequence[TableCount]) -> Group:
    """The reconciliation: what became of the rows and of the money of each source table, the totals below."""
    money = [c for c in counts if c.money_source is not None or c.money_stated_difference is not None]
    return Group(_row_books(counts), *([_money_books(money)] if money else []))


def _row_books(counts: Sequence[TableCount]) -> Table:
    table = Table(title="Rows: extracted = loaded + unchanged + merged + quarantined + excluded", title_justify="left")
    table.add_column("system")
    table.add_column("table")
    for name in NUMBERS:
        table.add_column(name, justify="right")
    table.add_column("closes")
    for count in counts:
        numbers = (f"{getattr(count, name):,}" for name in NUMBERS)
        table.add_row(count.system, count.table, *numbers, _closes(count.closes))
    table.add_section()
    totals = (f"{sum(getattr(count, name) for count in counts):,}" for name in NUMBERS)
    closes = _closes(all(count.closes for count in counts))
    table.add_row("all", f"{len(counts)} tables", *totals, closes, style="bold")
    return table


def _money_books(counts: Sequence[TableCount]) -> Table:
    table = Table(title="Money: source = hub + set aside, per account, rent group and in total", title_justify="left")
    table.add_column("system")
    table.add_column("table")
    for name in ("in the source", "in the hub", "set aside", "stated differs by"):
        table.add_column(name, justify="right")
    table.add_column("closes")
    for count in counts:
        money = (count.money_source, count.money_canonical, _aside(count), count.money_stated_difference)
        table.add_row(count.system, count.table, *map(_pounds, money), _closes(count.closes))
    return table


def _closes(closes: bool) -> str:
    return "yes" if closes else "[bold red]NO"


def verdict(endings: Iterable[Sequence[Any]], *, closes: bool) -> None:
    """Prints how systems ended (system, status, message) that stopped or left a message, and the verdict."""
    for system, status, message in endings:
        colour = "yellow" if status == "finished" else "bold red"
        console.print(f"[{colour}]{system} {status}[/]: {escape(message or '')}", highlight=False)
    console.print(
        "[bold green]The books close." if closes else "[bold red]The books do not close, or a system stopped."
    )


def as_json(counts: Sequence[TableCount]) -> str:
    """The reconciliation as JSON: money as strings, null where a table has none."""
    return json.dumps(
        [{key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(count).items()}
         for count in counts], indent=1,
    )  # fmt: skip


def rows(title: str, headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> Table:
    """A plain table."""
    table = Table(*(Column(heading, overflow="fold") for heading in headings), title=title)
    for line in lines:
        table.add_row(*map(_cell, line))
    return table


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return _closes(value)
    return "" if value is None else escape(str(value))


def without_password(url: str) -> str:
    """The address as it may stand on a screen."""
    return re.sub(r"^([a-z0-9+.]+://[^:/@]*):.*@", r"\1:***@", url)


def _aside(count: TableCount) -> Decimal | None:
    if count.money_source is None:
        return None
    parts = (count.money_merged, count.money_quarantined, count.money_excluded)
    return sum((part or Decimal(0) for part in parts), Decimal(0))


def _pounds(amount: Decimal | None) -> str:
    return "" if amount is None else f"£{amount:,.2f}"
