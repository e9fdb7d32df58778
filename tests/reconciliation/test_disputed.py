"""A key that stands twice with two contents: every reason of the row that does not stand is told, once."""

from __future__ import annotations

from tests.flows.hub import Hub, Row, fates
from tests.flows.test_conservation import ALL, POSTINGS

OTHER: Row = ("A2", "1", "no day", "RNT", "eight")
REASONS = [
    ("LEDGERS-POSTINGS-AMOUNT-FORMAT", "A2|1"),
    ("LEDGERS-POSTINGS-KEY-DUPLICATE", "A2|1"),
    ("LEDGERS-POSTINGS-POSTED-FORMAT", "A2|1"),
]


def test_all_reasons_of_a_row_are_told_at_once(hub: Hub) -> None:
    for _ in range(2):
        result = hub.run({**ALL, "postings": [*POSTINGS, OTHER]})
        assert hub.issues() == REASONS
        assert fates(result, "postings")["quarantined"] == 1
        assert all(line.closes for line in result.counts)
    assert fates(result, "postings") == {"extracted": 4, "unchanged": 3, "quarantined": 1}
    mended = hub.run(ALL)
    assert hub.issues() == []
    assert fates(mended, "postings") == {"extracted": 3, "unchanged": 3}


def test_a_dispute_about_a_row_that_stood_ends_with_it(hub: Hub) -> None:
    hub.run(ALL)
    hub.run({**ALL, "postings": [*POSTINGS, OTHER]})
    assert hub.issues() == REASONS
    hub.run(ALL)
    assert hub.issues() == []


def test_the_issues_of_the_row_that_stands_stay(hub: Hub) -> None:
    faulty: list[Row] = [("A1", "4", "2024-04-01", "???", "1.00")]
    other: Row = ("A1", "4", "2024-04-02", "RNT", "one")
    hub.run({**ALL, "postings": [*POSTINGS, *faulty]})
    before = hub.issues()
    assert before
    for _ in range(2):
        hub.run({**ALL, "postings": [*POSTINGS, *faulty, other]})
        assert set(before) < set(hub.issues())
        assert len(hub.issues()) == len(before) + 2
    hub.run({**ALL, "postings": [*POSTINGS, *faulty]})
    assert hub.issues() == before
