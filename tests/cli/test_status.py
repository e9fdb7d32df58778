"""What the ledger tells on the terminal: the last runs with whole messages, and what sources send undeclared."""

from __future__ import annotations

from cli.ledger_views import DRIFT_HEADINGS, RUN_HEADINGS, drift, last_runs
from loading import records
from loading.load import connect

MESSAGE = "stock, table properties: 5.6% of 107 rows break the contract. Next step: " + "look at the page " * 20


def test_a_message_is_told_in_full(hub_url: str) -> None:
    with connect(hub_url) as connection:
        for status, message in (("finished", None), ("stopped", MESSAGE)):
            records.set_status(connection, records.start_run(connection), "stock", status, message)
    told = last_runs(hub_url)
    ((system, run, status, *_),) = told.lines
    assert (system, run, status) == ("stock", 2, "stopped")
    assert len(told.lines[0]) == len(RUN_HEADINGS)
    assert told.messages == [f"stock, run 2, stopped: {MESSAGE}"]


def test_drift_is_told_as_the_run_that_last_met_it_counted(hub_url: str) -> None:
    with connect(hub_url) as connection:
        for times in (3, 5):
            run = records.start_run(connection)
            records.record_drift(connection, run, "drs", {("bookings", "theBookings/timeRemaining"): times})
        records.record_drift(connection, records.start_run(connection), "drs", {})
    assert drift(hub_url) == [("drs", "bookings", "theBookings/timeRemaining", 5, 2)]
    assert len(drift(hub_url)[0]) == len(DRIFT_HEADINGS)
