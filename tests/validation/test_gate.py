"""The gate: what passes, what stops, and what is said of it."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from ledger.errors import ConfigurationFault, ContractBroken
from ledger.spec import TableSpec
from tests.validation.support import COLUMNS, TABLE, landed, write_parts
from validation import sheets
from validation.docs import write_index
from validation.gate import Verdict, check
from validation.sheets import StatedControls


def row(number: int, **changed: object) -> dict[str, object]:
    good: dict[str, object] = {
        "ref": f"{number:04d}  ", "week": 1, "code": "RNT", "amount": Decimal("10.10"), "text_amount": " +1.50",
        "posted": date(2026, 4, 6), "note": "paid",
    }  # fmt: skip
    return good | changed


def judged(
    folder: Path,
    *parts: pa.Table,
    controls: StatedControls = (),
    columns: Sequence[str] = COLUMNS,
    table: TableSpec = TABLE,
    docs: Path | None = None,
) -> Verdict:
    paths = write_parts(folder / "batch", *parts)
    rows = {f"unit-{n}": len(part) for n, part in enumerate(parts)}
    return check(table, paths, controls, columns=columns, rows_by_unit=rows, docs=docs)


def test_clean_rows_pass(tmp_path: Path) -> None:
    verdict = judged(tmp_path, landed([row(n) for n in range(8)]), landed([row(n) for n in range(8, 12)]))
    assert verdict == Verdict("rents", "post_ings", passed=True, rows=12)
    verdict.raise_if_stopped()


def test_every_kind_of_row_fault_is_counted_with_its_keys(tmp_path: Path) -> None:
    dirty = [
        row(1, ref="12345678"), row(2, ref="xx"), row(3, ref="   "), row(4, week=54), row(5, week=0),
        row(6, code="ZZZ"), row(7, code=" "), row(8, amount=Decimal("-100.00")), row(9, amount=Decimal("100.00")),
        row(10, text_amount="0.49"), row(11, text_amount="a lot"), row(12, posted=None), row(13, note="much too long"),
    ]  # fmt: skip
    verdict = judged(tmp_path, landed([row(n) for n in range(20, 80)] + dirty))
    counts = {(fault.column, fault.kind): (fault.count, fault.keys) for fault in verdict.faults}
    assert verdict.passed
    assert counts == {
        ("record", "FAULTY"): (12, ()),
        ("ref", "LENGTH"): (1, ("12345678|1",)),
        ("ref", "PATTERN"): (2, ("12345678|1", "xx|1")),
        ("ref", "MISSING"): (1, ("   |1",)),
        ("week", "ABOVE"): (1, ("0004  |54",)),
        ("week", "BELOW"): (1, ("0005  |0",)),
        ("code", "UNKNOWN"): (1, ("0006  |1",)),
        ("code", "MISSING"): (1, ("0007  |1",)),
        ("amount", "BELOW"): (1, ("0008  |1",)),
        ("amount", "ABOVE"): (1, ("0009  |1",)),
        ("text_amount", "BELOW"): (1, ("0010  |1",)),
        ("posted", "MISSING"): (1, ("0012  |1",)),
        ("note", "LENGTH"): (1, ("0013  |1",)),
    }
    assert "RENTS-POST-INGS-TEXT-AMOUNT-BELOW" in {fault.code for fault in verdict.faults}


def test_slices_add_up_to_the_same_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [
        landed([row(n), row(n, week=2, code="ZZZ"), row(1, week=3)], [None, None, "broken" if n % 2 else None])
        for n in range(6)
    ]
    whole = judged(tmp_path / "whole", *parts)
    monkeypatch.setattr(sheets, "SLICE_ROWS", 3)
    monkeypatch.setattr(sheets, "KEY_ROWS", 5)
    assert judged(tmp_path / "sliced", *parts) == whole
    assert not whole.passed
    duplicate = next(fault for fault in whole.faults if fault.kind == "DUPLICATE")
    assert (duplicate.count, duplicate.keys) == (3, ("0001|3",))


def test_nothing_of_a_judged_batch_is_held_in_memory(tmp_path: Path) -> None:
    # not until the collector comes by either: of millions of rows that is hundreds of MB
    part = landed([row(n) for n in range(2_000)])
    judged(tmp_path, part)
    gc.collect()
    held = pa.total_allocated_bytes()
    gc.disable()
    try:
        judged(tmp_path, part)
        assert pa.total_allocated_bytes() == held
    finally:
        gc.enable()


def test_too_many_faulty_rows_stop_the_table(tmp_path: Path) -> None:
    rows = [row(n) for n in range(6)] + [row(n, code="ZZZ") for n in range(6, 8)]
    verdict = judged(tmp_path, landed([*rows, row(8)], [None] * 8 + ["truncated"]))
    assert not verdict.passed
    with pytest.raises(ContractBroken) as stopped:
        verdict.raise_if_stopped()
    message = str(stopped.value)
    assert "rents, table post_ings: 33.3% of 9 rows break the contract, 25.0% may" in message
    assert "code UNKNOWN (2 rows, first 0006  |1), record BROKEN (1 row, first line 9 of unit-0)" in message
    assert "rents.post_ings.html" in message
    assert "mappings/rents/source.toml" in message


def test_deleted_records_are_no_faults(tmp_path: Path) -> None:
    verdict = judged(tmp_path, landed([row(n) for n in range(4)], [None, "deleted", "deleted", None]))
    assert verdict == Verdict("rents", "post_ings", passed=True, rows=2)


def test_missing_and_new_columns_are_told_together(tmp_path: Path) -> None:
    part = landed([row(n) for n in range(4)]).drop_columns(["note"])
    columns = [name for name in COLUMNS if name != "note"] + ["surprise"]
    verdict = judged(tmp_path, part, columns=columns)
    assert verdict.stop_reason == "missing column note. new column surprise."
    assert "aliases in mappings/rents/source.toml" in verdict.next_step
    assert "ignore it with a reason" in verdict.next_step


def test_columns_in_another_order_are_told_and_pass(tmp_path: Path) -> None:
    verdict = judged(tmp_path, landed([row(1)]), columns=COLUMNS[::-1])
    assert verdict.passed
    assert [fault.kind for fault in verdict.faults] == ["ORDER"]


def test_an_optional_column_is_judged_where_it_is(tmp_path: Path) -> None:
    early, late = landed([row(1)]), landed([row(2), row(3), row(4), row(5)])
    late = late.append_column("late", [["yes", None, "no", "never"]])
    verdict = judged(tmp_path, early, late, columns=[*COLUMNS, "late"])
    assert [(fault.column, fault.count) for fault in verdict.faults] == [("record", 1), ("late", 1)]


@pytest.mark.parametrize(
    ("controls", "said"),
    [
        ([("unit-0", 2, Decimal("20.20")), ("unit-1", 1, Decimal("10.10"))], ""),
        ([("unit-0", 2, None), ("unit-1", None, None)], ""),
        ([("unit-0", 3, None)], "the number of rows of unit unit-0."),
        ([("unit-1", 1, Decimal("10.11"))], "the total amount of unit unit-1."),
        ([("unit-0", 1, Decimal(0))], "the number of rows and total amount of unit unit-0."),
        ([("unit-9", 7, None)], "the number of rows of unit unit-9."),
    ],
)
def test_control_totals(tmp_path: Path, controls: StatedControls, said: str) -> None:
    verdict = judged(tmp_path, landed([row(1), row(2)]), landed([row(3)]), controls=controls)
    assert verdict.passed == (not said)
    assert verdict.stop_reason.endswith(said)


def test_the_total_of_a_unit_with_a_broken_record_cannot_be_held_against_it(tmp_path: Path) -> None:
    rows = [row(n) for n in range(9)]
    verdict = judged(tmp_path, landed(rows, ["broken"] + [None] * 8), controls=[("unit-0", 9, Decimal("90.90"))])
    assert verdict.passed


def test_an_empty_table(tmp_path: Path) -> None:
    may = dataclasses.replace(TABLE, may_be_empty=True)
    for parts, columns in ([()], ()), ([landed([])], COLUMNS):
        verdict = judged(tmp_path / "a", *(part for part in parts if part != ()), columns=columns)
        assert verdict.stop_reason == "the table is empty."
        assert "may_be_empty = true" in verdict.next_step
        assert judged(tmp_path / "b", *(part for part in parts if part != ()), columns=columns, table=may).passed


def test_a_table_without_a_key(tmp_path: Path) -> None:
    keyless = dataclasses.replace(TABLE, key=("*",))
    assert judged(tmp_path, landed([row(1), row(1), row(2)]), table=keyless).passed


def test_a_pattern_that_is_none_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    wrong = dataclasses.replace(TABLE, columns=(*TABLE.columns[:-1],
                                dataclasses.replace(TABLE.columns[-1], pattern="(open")))  # fmt: skip
    part = landed([row(1)]).append_column("late", [["yes"]])
    with pytest.raises(ConfigurationFault, match="pattern of column late"):
        judged(tmp_path, part, columns=[*COLUMNS, "late"], table=wrong)


def test_no_value_of_a_row_stands_in_any_page_or_message(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    canary = "Canary47"
    rows = [row(n, code=canary, note=canary * 2, text_amount=canary) for n in range(5)]
    rows += [row(n, amount=Decimal("-4711.47")) for n in range(5, 9)]
    docs = tmp_path / "docs"
    verdict = judged(tmp_path, landed(rows), docs=docs / "run-00001", controls=[("unit-0", 1, Decimal("1"))])
    write_index(docs)
    written = [path for path in docs.rglob("*") if path.is_file()]
    assert {path.name for path in written} == {"index.html", "rents.post_ings.html", "rents.post_ings.json"}
    for text in [path.read_text("utf-8") for path in written] + [repr(verdict), caplog.text]:
        assert canary not in text
        assert "4711" not in text
        assert "http" not in text
    page = (docs / "run-00001" / "rents.post_ings.html").read_text("utf-8")
    assert "0003  |1" in page
    assert "stopped" in (docs / "index.html").read_text("utf-8")
