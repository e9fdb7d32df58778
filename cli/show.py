"""What commands show on a terminal: the reconciliation, issues, live progress."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from flows.progress import totals
from ledger.values import TableCount

console = Console() if Console().is_terminal else Console(width=132)
NUMBERS = ("extracted", "loaded", "unchanged", "merged", "quarantined", "excluded", "ended")
STAGES = ("read", "gate", "load")


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
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in line))
    return table


@contextmanager
def live_progress(path: Path, systems: Sequence[str]) -> Iterator[None]:
    """Bars by system and stage while the block runs: rows done, rows a second. Plain lines without a terminal."""
    progress = Progress(
        SpinnerColumn(), TextColumn("{task.description:<12}"), BarColumn(bar_width=24),
        TextColumn("{task.fields[rows]:<60}"), TimeElapsedColumn(), console=console,
    )  # fmt: skip
    bars = {system: progress.add_task(system, total=None, rows="", start=False) for system in systems}
    over = Event()

    def follow() -> None:
        while not over.wait(0.5):
            _advance(progress, bars, path)
        _advance(progress, bars, path)

    watcher = Thread(target=follow, name="progress", daemon=True)
    with Live(progress, console=console, refresh_per_second=4, transient=not console.is_terminal):
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _advance(progress: Progress, bars: dict[str, TaskID], path: Path) -> None:
    done = totals(path)
    for system, bar in bars.items():
        counts = {stage: done[system, stage] for stage in STAGES if (system, stage) in done}
        if not counts:
            continue
        progress.start_task(bar)
        task = next(task for task in progress.tasks if task.id == bar)
        stage = list(counts)[-1]
        rate = counts[stage] / max(task.elapsed or 0.0, 0.1)
        read = counts.get("read", 0)
        text = "  ".join(f"{name} {count:,}" for name, count in counts.items())
        finished = stage == "load" and read and counts[stage] >= read
        progress.update(
            bar, total=3 * read if stage == "load" and read else None, completed=sum(counts.values()),
            rows=text + ("" if finished else f"  {rate:,.0f}/s"),
        )  # fmt: skip
        if finished:
            progress.stop_task(bar)


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
