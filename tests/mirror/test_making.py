"""The key of a mirror that stands is the one it was made with, or nothing is built."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from mirror.cluster import State
from mirror.making import making_of
from tests.mirror.made import order

DAY = date(2026, 9, 28)


def test_the_first_build_makes_the_key_and_the_next_ones_use_it(tmp_path: Path) -> None:
    told = order("postgresql://none", tmp_path / "mirror")
    first = making_of(told, tmp_path / "mirror.key", DAY, tmp_path / "proofs")
    assert making_of(told, tmp_path / "mirror.key", date(2027, 1, 1), tmp_path / "proofs").key == first.key
    assert (tmp_path / "mirror.key").stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_told_and_no_other_is_made(tmp_path: Path) -> None:
    told = order("postgresql://none", tmp_path / "mirror")
    told.site.folder.mkdir()
    told.site.put_up(State("b", "test", datetime(2026, 9, 28, tzinfo=UTC), "plan", "key", "0036", 1, {}))
    with pytest.raises(ConfigurationFault, match="mask key cannot be read"):
        making_of(told, tmp_path / "mirror.key", DAY, tmp_path / "proofs")
    assert not (tmp_path / "mirror.key").exists()
