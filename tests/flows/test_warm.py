"""Workers are forked from one process that has everything imported, and hear no Ctrl-C."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKER = """
import json, os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from flows import warm
warm.WORKERS_IMPORT = "colorsys"
def told():
    return ["colorsys" in sys.modules, "wave" in sys.modules, int(signal.SIGINT) in signal.pthread_sigmask(0, [])]
if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=warm.warm_up("wave")) as workers:
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
        found = workers.submit(told).result()
    print(json.dumps(found))
"""


def test_a_worker_has_what_it_needs_and_hears_no_ctrl_c(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(WORKER, "utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert json.loads(done.stdout) == [True, True, True]
    assert not done.stderr
