"""The bank's files: statements that carry on from each other, trailers that add up, nothing paid in both."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from estate.truth import Truth
from estate.world import World
from estate.writers import payments


@pytest.fixture
def files(small_world: World, tmp_path: Path) -> Path:
    payments.write(small_world, tmp_path, Truth())
    return tmp_path


def pounds(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_a_statement_opens_where_the_last_one_closed(small_world: World, tmp_path: Path) -> None:
    truth = Truth()
    payments.write(small_world, tmp_path, truth)
    never_sent = [row["unit"] for row in truth.faults().to_pylist() if row["kind"] == "statement-missing"]
    files, closed = tmp_path, None
    assert never_sent
    for path in sorted(files.glob("*.sta")):
        text = path.read_text("ascii")
        opening, closing = (re.findall(rf":6{kind}F:C\d{{6}}GBP([\d,]+)", text) for kind in "02")
        moved = sum(
            (pounds(amount) if mark == "C" else -pounds(amount)
             for mark, amount in re.findall(r":61:\d{10}([CD])([\d,]+)N", text)),
            Decimal(0),
        )  # fmt: skip
        assert pounds(opening[0]) + moved == pounds(closing[0])
        assert closed is None or (pounds(opening[0]) == closed) == (path.name not in never_sent)
        closed = pounds(closing[0])


def test_a_busy_day_has_several_pages(small_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "PAGE_ENTRIES", 5)
    payments.write(small_world, tmp_path, Truth())
    busiest = max((path.read_text("ascii") for path in tmp_path.glob("*.sta")), key=len)
    pages = re.findall(r":28C:\d+/(\d+)", busiest)
    assert pages == [str(page + 1) for page in range(len(pages))] and len(pages) > 1
    assert re.findall(r":62M:(.*)", busiest) == re.findall(r":60M:(.*)", busiest)


def test_a_bacs_trailer_states_number_and_value(files: Path) -> None:
    for path in files.glob("*.bacs"):
        *lines, trailer = path.read_text("ascii").splitlines()
        records = [line for line in lines if line[15:17] == "99"]
        assert {len(line) for line in records} == {106}
        assert int(trailer[17:30]) == sum(int(line[35:46]) for line in records)
        assert int(trailer[37:44]) == len(records)


def test_what_came_in_is_in_one_file_and_nothing_is_lost(files: Path, small_world: World) -> None:
    by_bacs = sum(int(line[35:46]) for path in files.glob("*.bacs")
                  for line in path.read_text("ascii").splitlines() if line[15:17] == "99")  # fmt: skip
    received = small_world.bank_credits
    expected = received.loc[received["code"].isin(payments.ORIGINATORS), "amount_pence"].sum()
    assert by_bacs == expected
