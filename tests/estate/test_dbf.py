"""The writer of dBase and FoxPro tables, read back by an independent reader."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dbfread import DBF

from estate import dbf

ROWS = pd.DataFrame(
    {
        "REF": ["A1", "B22", "Ñandú's €"], "COST": [-1_250, 5, 99_999_999], "COUNT": [0, -7, 123],
        "DAY": pd.Series(["2026-02-03", None, "1999-12-31"]).astype("datetime64[s]"),
        "DONE": [True, False, True], "NOTES": ["Gate stuck\r\nring £5", "", "x" * 700],
    }
)  # fmt: skip


@pytest.mark.parametrize(("kind", "page"), [(dbf.FOXPRO, "cp1252"), (dbf.DBASE_III, "cp850")])
def test_an_independent_reader_reads_the_same(tmp_path: Path, kind: dbf.Kind, page: str) -> None:
    layout = "REF C10, COST N11.2, COUNT N4, DAY D, DONE L, NOTES M"
    dbf.write_table(tmp_path / "JOBS.DBF", layout, ROWS, kind)
    read = list(DBF(str(tmp_path / "JOBS.DBF"), encoding=page))
    assert [row["REF"] for row in read] == ["A1", "B22", "Ñandú's €" if page == "cp1252" else "Ñandú's ?"]
    assert [Decimal(str(row["COST"])) for row in read] == [Decimal("-12.5"), Decimal("0.05"), Decimal("999999.99")]
    assert [row["COUNT"] for row in read] == [0, -7, 123]
    assert [row["DAY"] for row in read] == [date(2026, 2, 3), None, date(1999, 12, 31)]
    assert [row["DONE"] for row in read] == [True, False, True]
    assert [row["NOTES"] or "" for row in read] == list(ROWS["NOTES"])


def test_foxpro_types(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "N": [1, -2], "PAID": [123_456, -5],
            "AT": pd.Series(["2026-03-04 09:05:06", None]).astype("datetime64[s]"),
        }
    )  # fmt: skip
    dbf.write_table(tmp_path / "T.DBF", "N I, PAID Y, AT T", rows)
    first, second = DBF(str(tmp_path / "T.DBF"))
    assert first == {"N": 1, "PAID": Decimal("1234.56"), "AT": datetime(2026, 3, 4, 9, 5, 6)}
    assert second == {"N": -2, "PAID": Decimal("-0.05"), "AT": None}


def test_deleted_rows_broken_texts_and_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbf, "SLICE_ROWS", 2)
    rows = ROWS.assign(COST=["*******", "12.50", ""], DAY=["20260231", "", "20260101"])
    marks = np.array([dbf.WHOLE, dbf.DELETED, dbf.WHOLE], np.uint8)
    lost = np.array([False, False, True])
    dbf.write_table(tmp_path / "J.DBF", "COST N7.2, DAY D, NOTES M", rows, marks=marks, lost_memos=lost)
    data = (tmp_path / "J.DBF").read_bytes()
    records = np.frombuffer(data[-3 * 20 - 1 : -1], "S1, S7, S8, <u4").tolist()
    assert records == [
        (b" ", b"*******", b"20260231", 8), (b"*", b"  12.50", b" " * 8, 0), (b" ", b" " * 7, b"20260101", 5_000_009),
    ]  # fmt: skip
