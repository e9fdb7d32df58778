"""Tables of several files as one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa

from ledger.together import together


def test_a_column_that_is_typed_here_and_text_there_is_text() -> None:
    typed = pa.table({"built": [1961, None], "day": [date(2024, 2, 1), None], "decent": [True, None]})
    texts = pa.table({"built": ["c. 1950"], "day": ["31/02/2022"], "decent": ["Y"]})
    assert together([typed, texts]).to_pydict() == {
        "built": ["1961", None, "c. 1950"],
        "day": ["2024-02-01", None, "31/02/2022"],
        "decent": ["true", None, "Y"],
    }


def test_kinds_that_can_be_widened_stay_typed() -> None:
    whole, exact = pa.table({"cost": [5]}), pa.table({"cost": pa.array([Decimal("1.2500")], pa.decimal128(28, 4))})
    assert together([whole, exact])["cost"].to_pylist() == [Decimal(5), Decimal("1.25")]
    assert together([whole, pa.table({"cost": pa.nulls(1)})])["cost"].to_pylist() == [5, None]


def test_a_column_that_a_file_lacks_is_null_there() -> None:
    assert together([pa.table({"a": [1], "b": ["x"]}), pa.table({"a": [2]})])["b"].to_pylist() == ["x", None]
