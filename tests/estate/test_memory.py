"""The estate streams: what a home more takes of memory is small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = 28_000
"""Bytes a home more at most between the two sizes; a system held whole, or kept while the next is made, takes more."""
WRITE = """
import sys
from pathlib import Path
from estate import council, rents
from estate.writers import database, tenancy, works

# As small beside these sizes as the parts in use are beside a large estate.
rents.ACCOUNTS_AT_ONCE, tenancy.POSTINGS_AT_ONCE, works.ROWS_AT_ONCE, database.ROWS_AT_ONCE = 1_000, 5_000, 5_000, 500
folder = Path(sys.argv[1])
council.write(folder, council.Size(int(sys.argv[2]), seed=7), f"sqlite:///{folder}.sqlite")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(status["VmHWM"].split()[0])
"""


def peak(folder: Path, homes: int) -> int:
    """Bytes that a process of its own needs at most to write an estate of that size."""
    command = [sys.executable, "-c", WRITE, str(folder / str(homes)), str(homes)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not state a process's peak")
def test_memory_grows_by_a_few_kilobytes_a_home(tmp_path: Path) -> None:
    small, large = 800, 3_200
    assert (peak(tmp_path, large) - peak(tmp_path, small)) / (large - small) < GROWTH
