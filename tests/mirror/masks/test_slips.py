from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.masks.slips import between, repeated

NAMES = st.text("ABCDEGHIKLMNORSTU", min_size=4, max_size=10)


@pytest.mark.parametrize(
    ("right", "written", "other", "expected"),
    [
        ("SMITH", "SIMTH", "Barker", "Braker"),
        ("SMITH", "SMTH", "Barker", "Baker"),
        ("SMITH", "SMITTH", "Barker", "Barkeer"),
        ("SMITH", "SNITH", "Barker", "BNrker"),
        ("ABDIKARIM", "ABDI", "Mohamed", "Moh"),
        ("SMITH", "JONES", "Barker", None),
        ("SMITH", "SMITH", "Barker", None),
    ],
)
def test_a_slip_is_made_again(right: str, written: str, other: str, expected: str | None) -> None:
    slip = between(right, written)
    assert (slip and repeated(slip, other)) == expected


@settings(deadline=None, max_examples=50)
@given(NAMES, NAMES, st.data())
def test_a_slip_is_never_without_effect_and_is_found_again(right: str, other: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(right) - 2))
    written = data.draw(
        st.sampled_from(
            [right[:at] + right[at + 1 :], right[:at] + right[at + 1] + right[at] + right[at + 2 :],
             right[:at] + "Z" + right[at:], right[:at] + "Z" + right[at + 1 :]]
        )
    )  # fmt: skip
    slip = between(right, written)
    if written == right:
        assert slip is None
    elif slip:
        assert repeated(slip, right) == written or slip.kind in ("cut", "longer", "put in", "exchanged", "left out")
        assert repeated(slip, other) != other
