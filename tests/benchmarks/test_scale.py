"""What the measurements at scale call a difference, worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from benchmarks.identity import scale
from benchmarks.identity.crowd import crowd
from identity import people


def test_a_record_differs_unless_it_is_with_the_same_others() -> None:
    """{a b} {c d} {e} beside {a b} {c} {d e}: the first two are as they were."""
    both = pd.DataFrame({"record_id": list("abcde"), "cluster": list("aacce"), "cluster_whole": list("xxyzz")})
    assert scale._differing(both) == ["c", "d", "e"]


def test_an_id_is_renamed_for_nothing_where_its_records_are_the_same() -> None:
    """1 becomes 9 with the same records; 2 and 3 merge; 4 splits; 5 stays."""
    both = pd.DataFrame({"golden_id_old": list("1123445"), "golden_id_new": list("9922485")})
    assert scale._renamed(both) == 1


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    made = crowd(2_000, seed=9)
    pq.write_table(made.raw, source / "raw.parquet")
    pq.write_table(people.clean(made.raw), source / "cleaned.parquet")
    for after in (0.5, 3.0):
        scale._killed(source, tmp_path / "killed", after)
    for part in scale.PARTS:
        assert scale._killed_writing(part, source, tmp_path / "stages"), f"{part} was killed while it was written"
    for name in ("killed", "stages", "whole"):
        command = [sys.executable, "-m", "benchmarks.identity.whole", str(source), str(tmp_path / name), "2"]
        subprocess.run(command, cwd=scale.ROOT, check=True, stdout=subprocess.DEVNULL)
    made_whole = scale._digest(tmp_path / "whole")
    assert len(made_whole) > 6
    assert scale._digest(tmp_path / "killed") == scale._digest(tmp_path / "stages") == made_whole
