from __future__ import annotations

import pyarrow as pa
import pytest

from ledger.errors import ContractBroken
from mirror.masks import text

KEY, OTHER = bytes(range(32)), bytes(32)
TEXTS = [
    "tap leaking in kitchen - ring 07700 900123", "Mrs Okafor is away until May, key with her sister at 12 Fry House",
    "RANG, NO ANSWER", "boiler", "x" * 900,
]  # fmt: skip


@pytest.mark.parametrize("kind", text.KINDS)
def test_nothing_of_a_text_is_left(kind: str) -> None:
    found = text.written(KEY, kind, pa.array([*TEXTS, None, ""])).to_pylist()
    assert found[-2:] == [None, ""]
    for before, after in zip(TEXTS, found, strict=False):
        assert after.lower() != before.lower()
        assert not any(word in after for word in ("07700", "Okafor", "sister", "Fry", "12", "xxx"))
    assert found[2].isupper()
    assert found[:-2] == text.written(KEY, kind, pa.array(TEXTS)).to_pylist()


def test_lengths_are_about_as_they_were() -> None:
    texts = [("door " * (1 + number % 30)).strip() for number in range(300)]
    texts = [f"{one}{number}" for number, one in enumerate(texts)]
    found = text.written(KEY, "note", pa.array(texts)).to_pylist()
    assert 0.75 < sum(map(len, found)) / sum(map(len, texts)) < 1.35


def test_a_repair_keeps_its_trade() -> None:
    texts = pa.array([f"radiator {number} cold" for number in range(50)])
    found = text.written(KEY, "repair", texts).to_pylist()
    heating = text._lists()["repair.heating"]
    assert all(any(thing in one for thing in heating) for one in found)
    assert len(set(found)) > 10
    assert (
        found
        != text.written(OTHER, "repair", pa.array([f"radiator {number} cold" for number in range(50)])).to_pylist()
    )


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(ContractBroken, match="kind 'poem'"):
        text.written(KEY, "poem", pa.array(["x"]))
