"""Ctrl-C at any moment of ``hub run``: told in a word, nothing left behind, and the next run does its work again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_serving import environment, processes, until

pytestmark = pytest.mark.slow

HUB = [sys.executable, "-m", "cli.main"]
SETTINGS = """
[systems.licensing]
source = "estate"
[systems.payments]
source = "estate"
"""


@pytest.fixture(scope="module")
def folder(open_folder: Path) -> Path:
    made = open_folder / "interrupting"
    made.mkdir(mode=0o711)
    (made / "hub.toml").write_text(SETTINGS, "utf-8")
    subprocess.run([*HUB, "estate", "write", "--homes", "100"], cwd=made, env=environment(), check=True)
    return made


@pytest.mark.parametrize(
    ("heard", "seconds"),
    [("The made-up council", 0), ("Run ", 0), ("Run ", 2), ("Run ", 5), ("The books close", 0)],
)
def test_ctrl_c_is_quiet_and_leaves_nothing_behind(folder: Path, heard: str, seconds: float) -> None:
    """So long after it says so; the later ones come while the workers import, and while they work."""
    run = subprocess.Popen(
        [*HUB, "run", "--homes", "100"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env=environment(), start_new_session=True,
    )  # fmt: skip
    said = ""
    assert run.stdout is not None
    while heard not in said:
        said += run.stdout.readline()
    time.sleep(seconds)
    os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to all of them
    os.killpg(run.pid, signal.SIGINT)
    said += run.communicate(timeout=60)[0]
    assert run.returncode == 130, said
    assert not re.search("Traceback|Error|Warning|Exception", said), said
    until(lambda: not [line for line in processes() if str(folder) in line], 5)


WRAPPED = """
import os, signal
import cli.main

def app():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt as interrupt:
        raise ValueError("as a library in Rust wraps it") from interrupt

cli.main.app = app
cli.main.main()
"""


def test_an_interrupt_that_a_library_wraps_is_no_defect() -> None:
    run = subprocess.run([sys.executable, "-c", WRAPPED], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


HEARD_BY_ANOTHER_THREAD = """
import os, signal, threading, time
from services.interrupts import stop_at_the_first, unheard, was_heard

stop_at_the_first()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
try:
    with unheard():
        os.kill(os.getpid(), signal.SIGINT)
        while not was_heard():
            time.sleep(0.01)
        print("all of it was done")
    print("never said")
except KeyboardInterrupt:
    print("and then heard")
"""


def test_what_must_not_be_cut_off_is_not_cut_off_by_the_signal_of_another_thread() -> None:
    run = subprocess.run(
        [sys.executable, "-c", HEARD_BY_ANOTHER_THREAD], capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.stdout, run.stderr) == ("all of it was done\nand then heard\n", "")
