"""Payment references and their check digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from estate.accounts import payment_refs
from mappings.payment_refs import PaymentRef, holds


@pytest.mark.parametrize("ref", ["", "123", "12345678901", "12345678Z1", "1234567892"])
def test_a_reference_that_is_none_does_not_hold(ref: str) -> None:
    assert not holds(ref)


def test_the_council_s_own_references_hold() -> None:
    assert all(map(holds, payment_refs(np.arange(100_000_000, 100_000_200))))


def test_a_wrong_check_digit_is_told_and_the_reference_used() -> None:
    raw = pd.DataFrame({"ref": pd.Series(["1000002586", "1000002587", "  "], dtype=pd.ArrowDtype(pa.string()))})
    found = PaymentRef("ref").convert(raw, {})
    assert found.values.to_pylist() == ["1000002586", "1000002587", None]
    assert found.faults[0].mask.to_pylist() == [False, True, False]
