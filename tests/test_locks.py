"""The locks hold what pyproject.toml asks for, and nothing of where it was fetched."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in requirements}


def _locked(name: str) -> set[str]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return _names([line for line in lines if "==" in line and not line.startswith((" ", "#"))])


def test_every_dependency_is_locked() -> None:
    wanted = _names(PROJECT["project"]["dependencies"])
    assert wanted <= _locked("lock.txt"), "run 'make lock'"
    assert wanted | _names(PROJECT["dependency-groups"]["dev"]) <= _locked("dev.txt"), "run 'make lock'"


@pytest.mark.parametrize("name", ["lock.txt", "dev.txt", "extras.txt", "bootstrap.txt"])
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry.split()[0]


def test_the_tests_run_what_the_run_runs() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.+!-]+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    assert pins("lock.txt") <= pins("dev.txt"), "run 'make lock'"
