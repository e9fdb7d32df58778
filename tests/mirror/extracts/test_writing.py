"""Extracts written back: what was landed, written and read again is what was landed, dirt and all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from estate.world import TODAY
from mappings.catalogue import load_system
from mirror.extracts import dirt, landed
from mirror.extracts.writing import systems
from tests.mirror.extracts.conftest import SYSTEMS, Unmasked
from tests.mirror.extracts.conftest import landed as land

OWN = ("_row_hash", "_raw", "_row")
"""What differs where a record broke: its bytes, of which the masks leave the form alone."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_written_lands_as_it_landed(name: str, small_landing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenancy.sqlite'}"
    specs = load_system(name).spec.tables
    found = {table.name: systems.unfolded(landed.read(small_landing, table)) for table in specs}
    whole = {table: dirt.torn(rows, Unmasked()) if len(rows.raws()) else rows for table, rows in found.items()}
    systems.write(name, whole, tmp_path / "estate", url, TODAY)

    land(name, tmp_path / "estate", url, tmp_path / "landing")

    for table in specs:
        before, after = (landed.read(place, table).frame() for place in (small_landing, tmp_path / "landing"))
        columns = [column for column in before if column not in OWN]
        pd.testing.assert_frame_equal(_texts(before[columns]), _texts(after[columns]), obj=f"{name}.{table.name}")


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as text: a column may have another type where no row has a value of the first one left."""
    return frame.astype("str").fillna("")
