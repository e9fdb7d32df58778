"""What the benchmark of the API needs of Debian is installed where it is missing, and told where it cannot be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.api import tools


def test_a_program_that_cannot_be_had_is_named_with_what_to_do() -> None:
    command = [str(tools.INSTALL), "a-program-of-nobody a-package-of-nobody"]
    said = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": "/nonexistent:/bin:/usr/bin"}
    ).stdout  # fmt: skip
    assert "what needs a-package-of-nobody will be skipped. Next step: apt-get install a-package-of-nobody" in said


def test_nothing_is_installed_where_all_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in tools.TOOLS:
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "INSTALL", tmp_path / "nobody calls this")
    assert tools.missing() == frozenset()


def test_what_is_still_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called = tmp_path / "install"
    called.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    called.chmod(0o755)
    monkeypatch.setattr(tools, "INSTALL", called)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.missing() == {"wrk", "npm"}
    assert (tmp_path / "asked").read_text() == "wrk wrk npm npm\n"
