"""Rules over a part of a column, and dates that are dropped where they cannot be."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from mappings.mapping import Lasts
from mappings.rules import Code, Date, Postcode, Within

AT_END = r"(?:^|\s)([A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9O][A-Z]{1,2})$"


def raw(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=pd.ArrowDtype(pa.string())) for name, values in columns.items()})


def test_the_postcode_that_ends_an_address() -> None:
    found = Within(Postcode("a"), AT_END).convert(
        raw(a=["1 Abbey Road OX2 0AE", "1 Abbey Road OX20AE", "1 Abbey Road", None, "1 Abbey Road OX2 OAE"]), {}
    )
    assert found.values.to_pylist() == ["OX2 0AE", "OX2 0AE", None, None, "OX2OAE"]
    (fault,) = [fault for fault in found.faults if fault.kind == "FORMAT"]
    assert fault.mask.to_pylist() == [False, False, False, False, True]
    assert fault.column == "a"


def test_a_code_within_a_case_number() -> None:
    rule = Within(Code("c", code_list="kind"), r"/([A-Z]+)$")
    found = rule.convert(raw(c=["16/01202/HMOADS", "16/01202/HMOXYZ", "16/01202"]), {"kind": {"HMOADS": "additional"}})
    assert found.values.to_pylist() == ["additional", None, None]
    assert found.faults[0].mask.to_pylist() == [False, True, False]


@pytest.mark.parametrize(("unlikely", "kept"), [("warning", date(3017, 3, 2)), ("error", None)])
def test_an_unlikely_day_is_doubted_or_dropped(unlikely: str, kept: date | None) -> None:
    rule = Date("d", fmt="%d/%m/%Y", unlikely="error" if unlikely == "error" else "warning")
    found = rule.convert(raw(d=["02/03/3017", "02/03/2017"]), {})
    assert found.values.to_pylist() == [kept, date(2017, 3, 2)]
    (fault,) = [fault for fault in found.faults if fault.kind == "UNLIKELY"]
    assert (fault.mask.to_pylist(), fault.severity) == ([True, False], unlikely)


def test_a_span_may_last_its_days_and_no_longer() -> None:
    days = pd.DataFrame(
        {
            "first": pd.Series([date(2020, 1, 1)] * 3, dtype=pd.ArrowDtype(pa.date32())),
            "last": pd.Series([date(2020, 1, 11), date(2020, 1, 12), None], dtype=pd.ArrowDtype(pa.date32())),
        }
    )
    assert Lasts("first", "last", 10).broken(days).to_pylist() == [False, True, False]
