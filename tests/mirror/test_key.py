from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from mirror import key

DAY = date(2026, 11, 22)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mirror.key"
    made = key.keep(path, DAY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.keep(path, date(2027, 1, 1)) == made == key.read(path)


def test_two_keys_and_two_purposes_have_nothing_in_common(tmp_path: Path) -> None:
    one, other = key.keep(tmp_path / "one", DAY), key.keep(tmp_path / "other", DAY)
    assert len({one.sub("name"), one.sub("uuid"), other.sub("name")}) == 3
    assert one.fingerprint != other.fingerprint
    assert one.secret.hex() not in repr(one) + one.fingerprint


@pytest.mark.parametrize("text", [None, "{", '{"secret": "00", "reference_day": "2026-11-22"}'])
def test_a_key_that_is_lost_or_damaged_is_told(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "mirror.key"
    if text is not None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    with pytest.raises(ConfigurationFault, match="mask key") as told:
        key.read(path)
    assert "backup" in told.value.next_step


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mirror.key"
    key.keep(path, DAY)
    path.chmod(0o644)
    with pytest.raises(ConfigurationFault, match="read by others"):
        key.read(path)
