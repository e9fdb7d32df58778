from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from services.account import Account, service_account
from services.binaries import find_binaries


@dataclass(frozen=True)
class ShutOut(Account):
    """An account that can run nothing outside one folder."""

    only: Path = Path()

    def can_run(self, program: Path) -> bool:
        return program.is_relative_to(self.only) and super().can_run(program)


def test_programs_out_of_reach_are_copied_once(open_folder: Path) -> None:
    mine = service_account(Path("missing"))
    shared = open_folder / "binaries"
    account = ShutOut(mine.name, mine.uid, mine.gid, mine.other, only=shared)
    programs = find_binaries(account, shared)
    assert programs.is_relative_to(shared)
    assert account.can_run(programs / "initdb")
    made = programs.stat().st_ctime_ns
    assert find_binaries(account, shared) == programs
    assert programs.stat().st_ctime_ns == made


def test_missing_programs_are_named_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationFault, match=r"not installed.*make install"):
        find_binaries(service_account(Path("missing")), Path("/nowhere"))
