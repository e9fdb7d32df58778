"""Every row has one fate and every penny a place: extracted = loaded + unchanged + merged + quarantined + excluded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors import landing
from flows import references, stages
from mappings.rules import Date
from tests.flows.hub import BROKEN, DELETED, Hub, Row, Tables, count, fates

HOMES: list[Row] = [("B1", "", "B"), ("F1", "B1", "F"), ("F2", "B1", "F")]
ACCOUNTS: list[Row] = [("A1", "2020-04-06", "", "ring at noon"), ("A2", "2021-04-05", "2022-04-04", "")]
POSTINGS: list[Row] = [
    ("A1", "1", "2024-04-01", "RNT", "100.10"),
    ("A1", "2", "2024-04-08", "PAY", "-40.05"),
    ("A2", "1", "2024-04-01", "RNT", "7.00"),
]
RECEIPTS: list[Row] = [("R1", "A1", "2024-04-09", "40.05"), ("R2", "", "2024-04-09", "1.00")]
ALL: Tables = {"homes": HOMES, "accounts": ACCOUNTS, "postings": POSTINGS, "receipts": RECEIPTS}


def test_a_first_run_loads_everything(hub: Hub) -> None:
    result = hub.run(ALL)
    assert result.message is None
    assert fates(result, "homes") == {"extracted": 3, "loaded": 3}
    assert fates(result, "postings") == {"extracted": 3, "loaded": 3}
    assert all(line.closes for line in result.counts)
    assert hub.issues() == []


def test_a_rerun_finds_nothing_changed(hub: Hub) -> None:
    hub.run(ALL)
    before = hub.query("SELECT id, xmin::text, ctid::text FROM canonical.rent_transaction ORDER BY 1")
    result = hub.run(ALL)
    assert fates(result, "postings") == {"extracted": 3, "unchanged": 3}
    assert hub.query("SELECT id, xmin::text, ctid::text FROM canonical.rent_transaction ORDER BY 1") == before
    assert all(line.closes for line in result.counts)


def test_what_changed_is_written_and_its_earlier_version_kept(hub: Hub) -> None:
    hub.run(ALL)
    result = hub.run({**ALL, "postings": [("A1", "1", "2024-04-01", "RNT", "100.11"), *POSTINGS[1:]]})
    assert fates(result, "postings") == {"extracted": 3, "loaded": 1, "unchanged": 2}
    assert all(line.closes for line in result.counts)
    assert hub.query("SELECT amount, run_id, replaced_run_id FROM history.rent_transaction") == [
        (Decimal("100.10"), 1, 2)
    ]


def test_a_vanished_row_ends_and_may_come_back(hub: Hub) -> None:
    hub.run(ALL)
    result = hub.run({**ALL, "postings": POSTINGS[:2]})
    assert fates(result, "postings") == {"extracted": 2, "unchanged": 2, "ended": 1}
    assert all(line.closes for line in result.counts)
    assert hub.query("SELECT source_key, ended_run_id FROM canonical.rent_transaction ORDER BY 1")[-1] == ("A2|1", 2)
    again = hub.run(ALL)
    assert fates(again, "postings") == {"extracted": 3, "loaded": 1, "unchanged": 2}
    assert hub.query("SELECT count(*) FROM canonical.rent_transaction WHERE ended_run_id IS NULL") == [(3,)]
    assert all(line.closes for line in again.counts)


def test_a_row_that_stands_twice(hub: Hub) -> None:
    """An exact copy is merged; of a key with two contents the first stands and the others are quarantined."""
    twice: list[Row] = [*POSTINGS, POSTINGS[0], ("A2", "1", "2024-04-01", "RNT", "8.00")]
    for _ in range(2):
        result = hub.run({**ALL, "postings": twice})
        assert {k: v for k, v in fates(result, "postings").items() if k not in ("loaded", "unchanged")} == {
            "extracted": 5, "merged": 1, "quarantined": 1,
        }  # fmt: skip
        line = count(result, "postings")
        assert (line.money_merged, line.money_quarantined) == (Decimal("100.10"), Decimal("8.00"))
        assert all(line.closes for line in result.counts)
        assert hub.issues() == [
            ("LEDGERS-POSTINGS-KEY-DUPLICATE", "A2|1"), ("LEDGERS-POSTINGS-ROW-DUPLICATE", "A1|1"),
        ]  # fmt: skip


def test_deleted_excluded_broken_and_keyless_rows(hub: Hub) -> None:
    odd: list[Row] = [
        *POSTINGS,
        (DELETED, "A1,9,..."),
        (BROKEN, "half a reco"),
        ("A1", "3", "2024-04-01", "TST", "1.00"),
        ("A1", " ", "2024-04-01", "RNT", "2.00"),
        ("A1", "4", "2024-04-01", "RNT", "two pounds"),
        ("A1", "5", "2024-04-01", "RNT", "2.005"),
    ]
    for _ in range(2):
        result = hub.run({**ALL, "postings": odd})
        line = count(result, "postings")
        assert (line.extracted, line.quarantined, line.excluded) == (9, 4, 2)
        assert (line.money_source, line.money_quarantined, line.money_excluded) == (
            Decimal("70.05"), Decimal("2.00"), Decimal("1.00"),
        )  # fmt: skip
        assert all(line.closes for line in result.counts)
        assert [code for code, _ in hub.issues()] == [
            "LEDGERS-POSTINGS-AMOUNT-FORMAT", "LEDGERS-POSTINGS-AMOUNT-FORMAT", "LEDGERS-POSTINGS-KEY-MISSING",
            "LEDGERS-POSTINGS-NUMBER-MISSING", "LEDGERS-POSTINGS-ROW-BROKEN",
        ]  # fmt: skip
    mended = hub.run(ALL)
    assert hub.issues() == []
    assert all(line.closes for line in mended.counts)


def test_an_orphan_waits_for_its_parent(hub: Hub) -> None:
    """A required reference keeps the row out, an optional one only its field; both are tried again."""
    orphans = {**ALL, "accounts": ACCOUNTS[:1], "receipts": [("R1", "A2", "2024-04-09", "40.05")]}
    result = hub.run(orphans)
    assert fates(result, "postings") == {"extracted": 3, "loaded": 2, "quarantined": 1}
    assert fates(result, "receipts") == {"extracted": 1, "loaded": 1}
    assert hub.issues() == [
        ("LEDGERS-POSTINGS-ACCOUNT-ORPHAN", "A2|1"), ("LEDGERS-RECEIPTS-ACCOUNT-ORPHAN", "R1"),
    ]  # fmt: skip
    assert all(line.closes for line in result.counts)
    result = hub.run({**orphans, "accounts": ACCOUNTS})
    assert fates(result, "postings") == {"extracted": 3, "loaded": 1, "unchanged": 2}
    assert fates(result, "receipts") == {"extracted": 1, "loaded": 1}
    assert hub.issues() == []
    assert all(line.closes for line in result.counts)


def test_a_row_that_becomes_faulty_keeps_its_last_good_version_until_it_vanishes(hub: Hub) -> None:
    hub.run(ALL)
    result = hub.run({**ALL, "postings": [*POSTINGS[:2], ("A2", "1", "no day", "RNT", "7.00")]})
    assert fates(result, "postings") == {"extracted": 3, "unchanged": 2, "quarantined": 1}
    assert all(line.closes for line in result.counts)
    gone = hub.run({**ALL, "postings": POSTINGS[:2]})
    assert fates(gone, "postings") == {"extracted": 2, "unchanged": 2, "ended": 1}
    assert all(line.closes for line in gone.counts)
    assert hub.issues() == []


def test_a_row_that_goes_out_of_scope_ends(hub: Hub) -> None:
    hub.run(ALL)
    result = hub.run({**ALL, "postings": [*POSTINGS[:2], ("A2", "1", "2024-04-01", "TST", "7.00")]})
    assert fates(result, "postings") == {"extracted": 3, "unchanged": 2, "excluded": 1}
    assert all(line.closes for line in result.counts)
    assert hub.query("SELECT source_key FROM canonical.rent_transaction WHERE ended_run_id IS NULL ORDER BY 1") == [
        ("A1|1",), ("A1|2",),
    ]  # fmt: skip


def test_a_second_row_that_a_record_no_longer_makes_ends(hub: Hub) -> None:
    hub.run(ALL)
    result = hub.run({**ALL, "accounts": [("A1", "2020-04-06", "", ""), ACCOUNTS[1]]})
    assert fates(result, "accounts") == {"extracted": 2, "loaded": 1, "unchanged": 1}
    assert hub.query("SELECT ended_run_id FROM canonical.identifier") == [(2,)]
    assert all(line.closes for line in result.counts)


@pytest.mark.parametrize("part_rows", [1, 100])
def test_a_home_may_be_part_of_one_that_comes_later(hub: Hub, part_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same part or in a later one; what waits in vain is told once."""
    monkeypatch.setattr(landing, "PART_ROWS", part_rows)
    monkeypatch.setattr(stages, "PART_ROWS", part_rows)
    result = hub.run({"homes": [("F9", "B9", "F"), *reversed(HOMES)]})
    assert fates(result, "homes") == {"extracted": 4, "loaded": 4}
    assert hub.issues(standing=False) == [("LEDGERS-HOMES-PART-OF-ORPHAN", "F9")]
    assert hub.query("SELECT rows FROM ledger.issue_count") == [(1,)]
    assert hub.query("SELECT count(*) FROM canonical.asset WHERE parent_id IS NOT NULL") == [(2,)]


def test_a_row_that_the_model_refuses_is_set_aside_alone(hub: Hub) -> None:
    """The mapping lets a blank day through here, which the canonical table does not."""
    known = references.mapping_of("ledgers")
    loose = tuple(
        replace(m, fields={**m.fields, "value_date": Date("received", fmt="%Y-%m-%d")})
        for m in known.mappings["receipts"]
    )
    hub.know(replace(known, mappings={**known.mappings, "receipts": loose}))
    for _ in range(2):
        result = hub.run({**ALL, "receipts": [*RECEIPTS, ("R3", "A1", "", "9.00")]})
        assert result.message is None
        assert count(result, "receipts").quarantined == 1
        assert count(result, "receipts").money_quarantined == Decimal("9.00")
        assert all(line.closes for line in result.counts)
        assert hub.query("SELECT code, value FROM restricted.issue WHERE closed_run_id IS NULL") == [
            ("LEDGERS-RECEIPTS-ROW-REFUSED", "bank_entry: value_date")
        ]
