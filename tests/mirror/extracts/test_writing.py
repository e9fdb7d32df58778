"""Extracts written back: what was landed, written and read again is what was landed, dirt and all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from estate.world import TODAY
from mappings.catalogue import load_system
from mirror.extracts import decisions, landed
from mirror.extracts.masking import masked
from mirror.extracts.writing import systems
from tests.mirror.extracts.conftest import SYSTEMS, Unmasked
from tests.mirror.extracts.conftest import landed as land

LEFT_OUT = ("blank", "empty")
OWN = ("_row_hash", "_raw", "_row")


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_written_unmasked_lands_as_it_landed(name: str, small_landing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenancy.sqlite'}"
    plan, tables = decisions.read(name), {}
    for table in load_system(name).spec.tables:
        tables[table.name] = masked(systems.unfolded(landed.read(small_landing, table)), plan, Unmasked())
    systems.write(name, tables, tmp_path / "estate", url, TODAY)

    land(name, tmp_path / "estate", url, tmp_path / "landing")

    for table in load_system(name).spec.tables:
        kept = {column for column, decided in plan.tables[table.name].items() if decided.action not in LEFT_OUT}
        if not kept:
            continue
        before, after = (landed.read(place, table).frame() for place in (small_landing, tmp_path / "landing"))
        columns = [c for c in before if c in kept or (c.startswith("_") and c not in OWN)]
        pd.testing.assert_frame_equal(_texts(before[columns]), _texts(after[columns]), obj=f"{name}.{table.name}")


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as text: a column may have another type where no row has a value of the first one left."""
    return frame.astype("str").fillna("")
