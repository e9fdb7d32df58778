"""The bank's files: MT940 statements and Bacs credits, whose balances and totals the masks leave alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from estate.writers.payments import Page, entry_lines, page_lines, write_credits, write_statement
from mirror.extracts.landed import Tables
from mirror.extracts.writing.amounts import pence


def write(tables: Tables, target: Path) -> None:
    """Writes the statements and the files of credits into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    entries = dict(tables["entries"].by_unit())
    for unit, pages in tables["statements"].by_unit():
        lines: list[str] = []
        own = entries.get(unit, tables["entries"].frame().iloc[:0])
        last = len(pages)
        for page in _pages(pages):
            here = own[own["sequence_number"] == page["sequence_number"]]
            lines += page_lines(_page(page, last), _entries(here))
        write_statement(target / _named(unit, pages), lines)
    for unit, rows in tables["credits"].by_unit():
        write_credits(target / _named(unit, rows), _credits(rows), rows["processing_date"].iloc[0])


def _pages(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The pages of a statement in their order."""
    found = rows.assign(
        _sequence=rows["sequence_number"].astype("int64"), _opening=pence(rows["opening_balance"]),
        _closing=pence(rows["closing_balance"]),
    ).sort_values("_sequence")  # fmt: skip
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def _page(row: dict[str, Any], pages: int) -> Page:
    return Page(
        row["reference"], row["account"], row["statement_number"], row["_sequence"], _day(row["opening_date"]),
        int(row["_opening"]), _day(row["closing_date"]), int(row["_closing"]), row["_sequence"] == pages,
    )  # fmt: skip


def _day(value: Any) -> date:
    found: date = value.date() if hasattr(value, "date") else value
    return found


def _entries(rows: pd.DataFrame) -> list[str]:
    texts = {name: rows[name].astype("str").where(rows[name].notna(), "") for name in rows}
    valued, entered = (pd.to_datetime(rows[name].astype(object)) for name in ("value_date", "entry_date"))
    amount = pence(rows["amount"])
    return entry_lines(
        pd.DataFrame(
            {
                "valued": valued.dt.strftime("%y%m%d"), "entered": entered.dt.strftime("%m%d"), "mark": texts["mark"],
                "amount_pence": amount.abs(), "type": texts["transaction_type"], "given": texts["customer_reference"],
                "bank_ref": texts["bank_reference"], "payer": texts["extra_details"], "details": texts["details"],
            }
        )
    )  # fmt: skip


def _credits(rows: pd.DataFrame) -> pd.DataFrame:
    texts = {name: rows[name].astype("str").where(rows[name].notna(), "") for name in rows}
    own = ("destination_sort_code", "destination_account", "account_type", "transaction_code", "originating_sort_code",
           "originating_account")  # fmt: skip
    begin = texts[own[0]]
    for name in own[1:]:
        begin = begin + texts[name]
    return pd.DataFrame(
        {
            "own": begin, "free": texts["free_format"], "amount_pence": pence(rows["amount"]),
            "originator": texts["originator_name"], "given": texts["reference"], "payee": texts["destination_name"],
        }
    )  # fmt: skip


def _named(unit: str, rows: pd.DataFrame) -> str:
    """The file's name with the masked account in it."""
    column = "account" if "account" in rows else "destination_account"
    parts = unit.split("-")
    return "-".join([parts[0], str(rows[column].iloc[0]).strip(), *parts[2:]]) if len(parts) == 3 else unit
