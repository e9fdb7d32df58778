"""What the stages are told and pass on: references to a run, a batch and a part of one, never rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from connectors.landing import read_batch
from flows.progress import Progress
from ledger.values import Batch
from loading import records
from loading.load import connect
from mappings.catalogue import System, load_system


@dataclass(frozen=True)
class Run:
    """What every stage of a run is told: its number, the database, where batches and pages go."""

    run_id: int
    database_url: str
    landing: Path
    docs: Path
    progress: Path

    @contextmanager
    def connection(self) -> Iterator[records.Connection]:
        """A connection tuned for bulk loading, closed at the end."""
        with connect(self.database_url) as connection:
            yield connection

    def heard(self, system: str, stage: str) -> Progress:
        """Where a stage of a system tells its progress."""
        return Progress(self.progress, system, stage)


@dataclass(frozen=True)
class Landed:
    """A reference to a batch: enough to find it on disk and in the ledger."""

    system: str
    table: str
    batch_id: int
    folder: Path

    def batch(self) -> Batch:
        """The batch itself, from its manifest."""
        return read_batch(self.folder, mapping_of(self.system).spec.table(self.table))


@dataclass(frozen=True)
class Partition:
    """A reference to the rows that must be mapped of the parts ``part`` up to before ``until`` of a batch.

    ``first``: nothing of the table was loaded before; ``remapped``: the mapping is another than the last time;
    ``orphans``: only rows that this run loaded with a reference to a row that came later.
    """

    landed: Landed
    part: int
    until: int
    first: bool
    remapped: bool
    orphans: bool = False


@lru_cache
def mapping_of(system: str) -> System:
    """The system's mapping; read once a process."""
    return load_system(system)
