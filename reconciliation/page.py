"""The reconciliation as a page that opens in any browser: rows, money, rent groups. Counts and pounds only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import Any

import psycopg

from ledger.values import TableCount

GROUPS = """
SELECT system, source_table, rent_group, accounts, money_source, money_canonical, money_merged,
       money_quarantined, money_excluded
FROM ledger.group_money WHERE run_id = %s ORDER BY 1, 2, 3
"""
STOPPED = b"SELECT system, status, message FROM ledger.system_run WHERE run_id = %s AND status <> 'finished' ORDER BY 1"
ROWS = ("extracted", "loaded", "unchanged", "merged", "quarantined", "excluded", "ended")
MONEY = ("source", "canonical", "merged", "quarantined", "excluded", "stated_difference")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 2rem; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid #b1b4b6; padding: .3rem .8rem; text-align: right; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; } .no { background: #fbe3de; font-weight: 600; }
"""


def page(connection: psycopg.Connection[tuple[object, ...]], run: int, counts: Sequence[TableCount]) -> str:
    """The page of one run's reconciliation."""
    groups = connection.execute(GROUPS, (run,)).fetchall()
    stopped = connection.execute(STOPPED, (run,)).fetchall()
    money = [count for count in counts if count.money_source is not None]
    rows = (
        (c.system, c.table, *(f"{getattr(c, name):,}" for name in ROWS), "yes" if c.closes else "no") for c in counts
    )
    pounds = (
        (c.system, c.table, *(_pounds(getattr(c, f"money_{name}")) for name in MONEY), "yes" if c.closes else "no")
        for c in money
    )
    by_group = ((*line[:4], *map(_pounds, line[4:])) for line in groups)
    body = [
        f"<h1>Reconciliation of run {run}</h1>",
        f"<p>{_verdict(counts, [str(system) for system, _, _ in stopped])}</p>",
        "<p>Every source row has exactly one fate: extracted = loaded + unchanged + merged + "
        "quarantined + excluded. Every penny has a place: source = hub + merged + quarantined + excluded, for each "
        "account, each rent group and in total.</p>",
        *([_table("Systems that stopped", ("system", "how", "why"), stopped)] if stopped else []),
        _table("Rows", ("system", "table", *ROWS, "closes"), rows),
        _table("Money", ("system", "table", *MONEY, "closes"), pounds),
        _table("Money by rent group", ("system", "table", "group", "accounts", *MONEY[:-1]), by_group),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reconciliation</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>"
    )


def _verdict(counts: Sequence[TableCount], stopped: Sequence[str]) -> str:
    broken = [f"{count.system}.{count.table}" for count in counts if not count.closes]
    if broken:
        return f"<strong>The books do not close: {escape(', '.join(broken))}.</strong>"
    if stopped:
        return f"<strong>Not everything was read: {escape(', '.join(stopped))} stopped.</strong>"
    return "The books close." if counts else "<strong>No table was read.</strong>"


def _table(caption: str, headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(heading.replace('_', ' '))}</th>" for heading in headings)
    rows = "".join(
        f"<tr{' class=no' if line[-1] == 'no' else ''}>{''.join(f'<td>{escape(str(cell))}</td>' for cell in line)}</tr>"
        for line in lines
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _pounds(amount: object) -> str:
    return f"£{amount:,.2f}" if isinstance(amount, Decimal) else ""
