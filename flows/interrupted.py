"""What a run that was cut off left behind, so that the next one takes it into account."""

from __future__ import annotations

from pathlib import Path

from loading import records


def broke_off_loading(connection: records.Connection, landing: Path, system: str, table: str, batch_id: int) -> bool:
    """Whether a batch between the last finished one and this one may have been loaded in part.

    What it wrote is in no list of fates: the batch after it maps every row again and ends what it does not hold.
    """
    folders = [landing / folder for folder in records.unfinished_batches(connection, system, table, batch_id)]
    return any((folder / "delta.parquet").exists() or not folder.exists() for folder in folders)
