"""Beginning and ending a run, and running it without Prefect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

from canonical_model import describe
from connectors.opening import Connection
from flows.golden import Resolution
from flows.migrate import SystemResult, migrate_system
from flows.references import Run, mapping_of
from identity.page import page as identity_page
from loading import records
from loading.load import connect
from reconciliation.page import page
from validation.canonical import RULES, check_model
from validation.docs import save, write_index
from validation.standing import Judgement, keep, standing


def begin(database_url: str, folder: Path, landing: Path) -> Run:
    """A new run, noted in the ledger. ``folder`` takes pages and progress, ``landing`` the batches."""
    with connect(database_url) as connection:
        run_id = records.start_run(connection)
    progress = folder / "progress"
    progress.mkdir(parents=True, exist_ok=True)
    return Run(run_id, database_url, landing, folder / "docs", progress / f"run-{run_id:05d}.jsonl")


def finish(run: Run, results: Sequence[SystemResult]) -> bool:
    """Whether the run's books close: every system finished and every line of its reconciliation closes."""
    closes = bool(results) and all(
        result.status == "finished" and all(count.closes for count in result.counts) for result in results
    )
    with connect(run.database_url) as connection:
        for result in results:  # a system that was not let in has no line of its own yet
            records.note_ending(connection, run.run_id, result.system, result.status, result.message)
        records.finish_run(connection, run.run_id, closes=closes)
    return closes


def publish(run: Run, results: Sequence[SystemResult]) -> Judgement:
    """Writes the run's pages; gives what the business rules of the canonical model find, or found and still do."""
    judgement = standing(run.docs, run.database_url, RULES)
    if judgement is None:
        verdicts = check_model(run.database_url, run.docs / f"run-{run.run_id:05d}")
        judgement = keep(run.docs, run.database_url, run.run_id, verdicts, RULES)
    counts = [count for result in results for count in result.counts]
    with connect(run.database_url) as connection:
        save(run.docs / "reconciliation.html", page(connection, run.run_id, counts))
    save(run.docs / "model.html", describe.page())
    write_index(run.docs)
    return judgement


def publish_identity(run: Run, resolution: Resolution) -> None:
    """Writes the page of what the golden records came to."""
    fault = None if resolution.fault is None else str(resolution.fault)
    made = identity_page(resolution.counts, resolution.seconds, resolution.notes, fault)
    save(run.docs / "identity.html", made)


def in_order(names: Sequence[str] | Mapping[str, Connection]) -> list[str]:
    """The systems with those that they refer to before them."""
    graph = {name: [other for other in mapping_of(name).spec.after if other in names] for name in names}
    return list(TopologicalSorter(graph).static_order())


def migrate_plainly(run: Run, connections: Mapping[str, Connection]) -> list[SystemResult]:
    """All systems one after the other in this process."""
    return [migrate_system(run, name, connections[name]) for name in in_order(connections)]
