"""A proof is what was signed, or it is told that it is not."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault, ContractBroken
from mirror.key import MaskKey
from mirror.proof import bundle

KEY = MaskKey(b"k" * 32, datetime.date(2026, 9, 28))
TOLD = {"build": "b1", "faults": ["a £ sign"], "is_complete": False, "rows": {"canonical.person": 3}}


def test_what_was_signed_is_read_again(tmp_path: Path) -> None:
    path = bundle.place(tmp_path / "proofs", "b1")
    bundle.write(TOLD, path, KEY)
    read = bundle.read(path, KEY)
    assert read.told == TOLD
    assert (read.faults, read.is_complete) == (("a £ sign",), False)


@pytest.mark.parametrize(
    ("before", "after"), [('"canonical.person": 3', '"canonical.person": 4'), ('["a', '["b'), ("{", "")]
)
def test_a_changed_proof_is_told(tmp_path: Path, before: str, after: str) -> None:
    path = bundle.place(tmp_path, "b1")
    bundle.write(TOLD, path, KEY)
    text = path.read_text("utf-8").replace('[\n   "a', '["a')
    path.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(ContractBroken, match="changed after it was signed"):
        bundle.read(path, KEY)


def test_a_proof_of_another_key_is_told(tmp_path: Path) -> None:
    path = bundle.place(tmp_path, "b1")
    bundle.write(TOLD, path, KEY)
    with pytest.raises(ContractBroken, match="another mask key"):
        bundle.read(path, MaskKey(b"x" * 32, datetime.date(2026, 9, 28)))


def test_no_proof_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="hub mirror build"):
        bundle.read(bundle.place(tmp_path, "none"), KEY)
