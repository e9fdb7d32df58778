"""The made-up council's estate: every legacy system written in its own technology below one folder.

<folder>/works/ contractor/ stock/ register/ licensing/ drs/   systems read in place
<folder>/sftp/rents/ sftp/payments/ sftp/gazetteer/            what the SFTP server offers
<folder>/roads/                                                the town's roads, an OpenStreetMap extract
<folder>/truth/                                                who is who, and which rows are faulty
<folder>/estate.json                                           size, seed, mix of dirt and what wrote it; written last
"""

from __future__ import annotations

import ctypes
import gc
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pyarrow as pa

from estate.habits import FIRST
from estate.truth import Truth
from estate.truth import files as truth_files
from estate.world import TODAY, build

HERE = Path(__file__).parent
FOLDERS = {
    "rents": "sftp/rents", "works": "works", "contractor": "contractor", "stock": "stock", "register": "register",
    "licensing": "licensing", "drs": "drs", "payments": "sftp/payments", "gazetteer": "sftp/gazetteer",
    "roads": "roads",
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """What an estate is made from: homes, seed, and the mix of habits by which its systems are dirty."""

    homes: int
    seed: int
    mix: str = FIRST


def write(folder: Path, size: Size, tenancy_url: str, on_system: Callable[[str], None] = lambda _: None) -> None:
    """Writes the whole estate anew; ``on_system`` hears each system's name before it is written."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    on_system("world")
    world, truth = build(size.homes, size.seed, TODAY, size.mix), Truth()
    places = {"tenancy": tenancy_url} | {system: folder / place for system, place in FOLDERS.items()}
    with truth_files(folder / "truth") as add_truth:
        for system, place in places.items():
            on_system(system)
            import_module(f"estate.writers.{system}").write(world, place, truth)
            # What one system needed is built again for the next, so that memory never holds it all.
            add_truth(truth)
            world.forget()
            _give_back()
    (folder / "estate.json").write_text(json.dumps({**asdict(size), "written_by": _version()}), "utf-8")


def written(folder: Path) -> Size | None:
    """What the estate in ``folder`` is made from; None where none is whole, or other code wrote it."""
    note = folder / "estate.json"
    if not note.exists():
        return None
    known = json.loads(note.read_text("utf-8"))
    return Size(**known) if known.pop("written_by", None) == _version() else None


def _give_back() -> None:
    """Gives the system what is free of the memory that Python, Arrow and the C library hold for later."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _version() -> str:
    """The hash of what decides an estate's bytes, beside its size: this package."""
    digest = sha256()
    for path in sorted(path for path in HERE.rglob("*") if path.suffix in (".py", ".csv", ".cpy")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
