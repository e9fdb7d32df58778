"""The made-up council's estate: every legacy system written in its own technology below one folder.

<folder>/works/ contractor/ stock/ register/ licensing/ drs/   systems read in place
<folder>/sftp/rents/ sftp/payments/ sftp/gazetteer/            what the SFTP server offers
<folder>/truth/                                                who is who, and which rows are faulty
<folder>/estate.json                                           size and seed, written last
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from estate.truth import Truth
from estate.world import build

FOLDERS = {
    "rents": "sftp/rents", "works": "works", "contractor": "contractor", "stock": "stock", "register": "register",
    "licensing": "licensing", "drs": "drs", "payments": "sftp/payments", "gazetteer": "sftp/gazetteer",
}  # fmt: skip


def write(
    folder: Path, homes: int, seed: int, tenancy_url: str, on_system: Callable[[str], None] = lambda _: None
) -> None:
    """Writes the whole estate anew; ``on_system`` hears each system's name before it is written."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    on_system("world")
    world, truth = build(homes, seed), Truth()
    on_system("tenancy")
    import_module("estate.writers.tenancy").write(world, tenancy_url, truth)
    for system, place in FOLDERS.items():
        on_system(system)
        target = folder / place
        target.mkdir(parents=True)
        import_module(f"estate.writers.{system}").write(world, target, truth)
    truth.write(folder / "truth")
    (folder / "estate.json").write_text(json.dumps({"homes": homes, "seed": seed}), "utf-8")


def written(folder: Path) -> tuple[int, int] | None:
    """Homes and seed of the estate that stands in ``folder``; None where none was written to its end."""
    note = folder / "estate.json"
    if not note.exists():
        return None
    known = json.loads(note.read_text("utf-8"))
    return known["homes"], known["seed"]
