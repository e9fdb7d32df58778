"""Rules and checks that look at a second column."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pyarrow as pa

from mappings.mapping import OneOf, Only, Signed
from mappings.rules import Code


def frame(**columns: pa.Array) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(v, dtype=pd.ArrowDtype(v.type)) for name, v in columns.items()})


def test_only_reads_a_column_where_the_condition_holds() -> None:
    raw = frame(kind=pa.array(["A", "B", "A", None]), code=pa.array(["1", "1", "9", "9"]))
    found = Only(Code("code", code_list="codes"), OneOf("kind", ("A",))).convert(raw, {"codes": {"1": "one"}})
    assert found.values.to_pylist() == ["one", None, None, None]
    (unmapped,) = found.faults
    assert unmapped.mask.to_pylist() == [False, False, True, False]


def test_a_sign_is_judged_by_the_kind_of_the_row() -> None:
    amounts = [Decimal(-1), Decimal(1), Decimal(0), Decimal(1), Decimal(-1), Decimal(1), None]
    kinds = ["charge", "charge", "charge", "receipt", "receipt", "other", "charge"]
    rows = frame(amount=pa.array(amounts, pa.decimal128(12, 2)), kind=pa.array(kinds))
    check = Signed("amount", "kind", positive=("charge",), negative=("receipt",))
    assert check.broken(rows).to_pylist() == [True, False, False, True, False, False, False]
