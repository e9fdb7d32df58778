"""COBOL fields as the made-up mainframe writes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate import cobol


def test_numbers_are_written_as_a_mainframe_does() -> None:
    assert cobol.display([42], 5).tobytes().hex() == "f0f0f0f4f2"
    assert cobol.signed([-125, 125], 4).tobytes().hex() == "f0f1f2d5f0f1f2c5"
    assert cobol.packed([-1_234_567, 5], 9).tobytes().hex() == "001234567d000000005c"
    assert cobol.binary([2016]).tobytes().hex() == "07e0"


def test_texts_are_padded_and_cut_in_ebcdic() -> None:
    assert cobol.text(["AB", "ABCDEF"], 4).tobytes() == "AB  ABCD".encode("cp1140")
    assert cobol.choice(np.array([1, 0]), ["N", "Y"], 1).tobytes() == "YN".encode("cp1140")


def test_days_are_numbers_and_none_is_zero() -> None:
    days = pd.Series(np.array(["2016-04-04", "NaT", "1961-10-16"], "datetime64[s]"))
    assert cobol.day(days).tolist() == [20_160_404, 0, 19_611_016]
    assert cobol.day(days, century=False).tolist() == [160_404, 0, 611_016]
