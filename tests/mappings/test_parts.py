"""Days and postcodes in several columns, days in several spellings, references that exist only sometimes."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa

from mappings.rules import Date, Instant, Parts, Postcode, Ref


def frame(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype=pd.ArrowDtype(pa.string())) for name, cells in columns.items()})


def test_a_day_in_three_columns() -> None:
    raw = frame(day=["1", "31", "", None], month=["4", "2", "", "4"], year=["26", "26", "", "26"])
    rule = Parts(Date("day", fmt="%d/%m/%y"), ("day", "month", "year"), "/", 2)
    converted = rule.convert(raw, {})
    assert converted.values.to_pylist() == [date(2026, 4, 1), None, None, None]
    (wrong,) = (fault for fault in converted.faults if fault.kind == "FORMAT")
    assert (wrong.column, wrong.mask.to_pylist()) == ("day", [False, True, False, True])


def test_a_postcode_in_two_columns() -> None:
    raw = frame(outward=["kb1", "KB1", ""], inward=["1aa", "", ""])
    converted = Parts(Postcode("outward"), ("outward", "inward"), " ").convert(raw, {})
    assert converted.values.to_pylist() == ["KB1 1AA", "KB1", None]
    assert converted.faults[0].mask.to_pylist() == [False, True, False]


def test_a_day_is_read_in_the_spellings_that_are_stated_and_no_other() -> None:
    raw = frame(day=["31/12/2024", "2024-12-31", "31-Dec-2024", "31.12.2024"])
    days = Date("day", fmt="%d/%m/%Y", also=("%Y-%m-%d",)).convert(raw, {}).values.to_pylist()
    assert days == [date(2024, 12, 31), date(2024, 12, 31), None, None]
    (first, *_) = Instant("day", fmt="%d-%b-%Y", also=("%d/%m/%Y",)).convert(raw, {}).values.to_pylist()
    assert first.date() == date(2024, 12, 31)


def test_a_reference_is_null_where_nobody_stands_beside_it() -> None:
    raw = frame(ref=["1", "2", ""], joint=["Example", " ", "Sample"])
    rule = Ref("person", ("ref",), part="joint", beside="joint")
    assert rule.columns == ("ref", "joint")
    assert rule.convert(raw, {}).values.to_pylist() == ["1", None, None]
