"""Live progress: a bar for each system and stage, with rows and rate; plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from cli.show import console
from flows.progress import Done, read

STAGES = ("read", "gate", "load")
REFRESH_SECONDS = 0.5
LINE_SECONDS = 10


@contextmanager
def live_progress(path: Path, systems: Sequence[str]) -> Iterator[None]:
    """Shows, while the block runs, what the stages of the systems tell in the progress file."""
    if console.is_terminal:
        with (
            Live(console=console, auto_refresh=False, transient=True) as live,
            following(REFRESH_SECONDS, lambda: live.update(bars(read(path), systems), refresh=True)),
        ):
            yield
    else:
        with following(LINE_SECONDS, lambda: _line(read(path))):
            yield


@contextmanager
def following(seconds: float, show: Callable[[], None]) -> Iterator[None]:
    """Calls ``show`` every so many seconds in a thread until the block ends."""
    over = Event()

    def follow() -> None:
        while not over.wait(seconds):
            show()

    watcher = Thread(target=follow, name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def bars(done: dict[tuple[str, str], Done], systems: Sequence[str]) -> Table:
    """One line a system, one bar a stage, with rows and rows a second."""
    table = Table.grid(padding=(0, 2))
    table.add_row("", *STAGES)
    for system in systems:
        cells = []
        for stage in STAGES:
            at = done.get((system, stage))
            of = done.get((system, "read"))
            finished = bool(at and of and stage != "read" and at.rows >= of.rows) or (system, "gate") in done
            total = of.rows if of and (stage != "read" or finished) else None
            cells.append(_cell(at, total))
        table.add_row(system, *cells)
    return table


def _cell(at: Done | None, total: int | None) -> Table:
    cell = Table.grid(padding=(0, 1))
    if at is None:
        cell.add_row(ProgressBar(total=1, completed=0, width=12), " " * 22)
    else:
        bar = ProgressBar(total=total, completed=at.rows, width=12, pulse=total is None)
        cell.add_row(bar, f"{at.rows:>9,} {at.rate:>9,.0f}/s")
    return cell


def _line(done: dict[tuple[str, str], Done]) -> None:
    rows = {stage: sum(at.rows for (_, of), at in done.items() if of == stage) for stage in STAGES}
    newest = max(done, key=lambda key: done[key].last, default=None)
    if newest:
        told = "  ".join(f"{stage} {count:,}" for stage, count in rows.items())
        console.print(f"{told}  ({newest[0]} {newest[1]} {done[newest].rate:,.0f} rows/s)", highlight=False)
