"""The repairs scheduler, from its SOAP service to reconciled rows: drift, confirmations, and answers that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests

from connectors.confirmations import Receiver
from estate import world
from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from estate.truth import Truth
from estate.world import World
from estate.writers import drs, works
from flows.migrate import SystemResult
from ledger.values import TableCount
from tests.flows.places import know_places
from tests.flows.support import judged, migrate_one, rows

SECRETS = {"username": "hub", "password": "right"}
TODAY = date(2026, 9, 28)


@dataclass(frozen=True)
class Scheduler:
    """The service, and how it is migrated."""

    server: SoapServer
    inbox: Path
    migrate: Callable[[], SystemResult]


@pytest.fixture(scope="module")
def council() -> World:
    return world.build(300, seed=7)


@pytest.fixture
def scheduler(council: World, database_url: str, tmp_path: Path) -> Iterator[Scheduler]:
    """The made-up council's scheduler, with nothing before it but the places."""
    know_places(database_url, council)
    truth = Truth()
    drs.write(council, tmp_path / "drs", truth)
    truth.write(tmp_path / "truth")
    inbox = tmp_path / "drs" / drs.CONFIRMATIONS
    store = DrsStore.from_file(tmp_path / "drs" / drs.FILE, login="hub", password="right")
    with SoapServer(store) as server:
        yield Scheduler(
            server,
            inbox,
            lambda: migrate_one("drs", server.url, database_url, tmp_path, SECRETS, inbox=inbox, today=TODAY),
        )


@pytest.fixture
def repairs(council: World, database_url: str, tmp_path: Path, scheduler: Scheduler) -> None:
    """The repairs system, migrated before the scheduler as a run does it."""
    works.write(council, tmp_path, Truth())
    migrated = migrate_one("works", f"sqlite:///{tmp_path / works.FILE}", database_url, tmp_path)
    assert migrated.status == "finished", migrated.message


def by_table(result: SystemResult) -> dict[str, TableCount]:
    return {count.table: count for count in result.counts}


@pytest.mark.usefixtures("repairs")
def test_the_books_close_and_every_planted_fault_is_caught(
    scheduler: Scheduler, database_url: str, tmp_path: Path
) -> None:
    first = scheduler.migrate()
    assert first.status == "finished", first.message
    assert all(count.closes for count in first.counts)
    kinds = judged(database_url, tmp_path).kinds
    mine = kinds[(kinds["system"] == "drs")]
    assert len(mine) and (mine["planted"] == mine["caught"]).all()
    errors = "SELECT count(*) FROM restricted.issue WHERE severity = 'error' AND code LIKE 'DRS-%%'"
    assert rows(database_url, errors) == [(int(mine.loc[mine["kind"] != "phone-in-text", "planted"].sum()),)]
    again = scheduler.migrate()
    assert all(count.closes and not count.loaded and not count.ended for count in again.counts)


@pytest.mark.usefixtures("repairs")
def test_visits_are_of_orders_and_operatives_that_the_repairs_system_has(
    scheduler: Scheduler, database_url: str
) -> None:
    scheduler.migrate()
    found = "SELECT count(*) FROM canonical.appointment a JOIN canonical.work_order o ON o.id = a.work_order_id "
    same = found + "JOIN ledger.batch b ON b.id = a.batch_id WHERE b.system = 'drs' AND a.asset_id = o.asset_id"
    assert rows(database_url, same)[0][0] > 100
    both = (
        "SELECT count(*), count(*) FILTER (WHERE d.window_start_at = w.window_start_at) FROM canonical.appointment d "
        "JOIN canonical.appointment w ON w.booking_ref = d.booking_ref AND w.id <> d.id "
        "JOIN ledger.batch b ON b.id = d.batch_id WHERE b.system = 'drs'"
    )
    # instants with an offset, in UTC and without a zone are the same moments as the repairs system's wall clock
    ((pairs, equal),) = rows(database_url, both)
    assert pairs == equal > 50


def test_what_the_interface_does_not_declare_is_in_the_ledger(scheduler: Scheduler, database_url: str) -> None:
    scheduler.migrate()
    drift = "SELECT source_table, element, times FROM ledger.drift WHERE system = 'drs'"
    found = {(table, element): times for table, element, times in rows(database_url, drift)}
    sent = sum("timeRemaining" in booking for booking in scheduler.server.store.bookings.values())
    assert found["bookings", "return/theBookings/timeRemaining"] == sent > 0
    assert ("confirmations", "bookingConfirmation/theBookingCodes/originalQuantity") in found


def test_a_confirmation_is_received_kept_and_migrated_once(scheduler: Scheduler, database_url: str) -> None:
    before = by_table(scheduler.migrate())["confirmations"]
    number = max(scheduler.server.store.bookings)
    with Receiver(scheduler.inbox, system="drs") as receiver:
        message = scheduler.server.confirmation(number, "2026-09-28T09:15:00")
        for _ in range(2):
            assert requests.post(receiver.url, data=message, timeout=10).status_code == 200
    after = by_table(scheduler.migrate())["confirmations"]
    assert (after.extracted, after.loaded, after.ended) == (before.extracted + 1, 1, 0)
    held = f"SELECT count(*) FROM canonical.visit_confirmation WHERE booking_ref = '{number}'"
    assert rows(database_url, held + " AND changed_at = '2026-09-28 09:15+01'") == [(1,)]


def test_a_booking_that_was_deleted_ends_and_one_that_moved_has_a_history(
    scheduler: Scheduler, database_url: str
) -> None:
    scheduler.migrate()
    bookings = scheduler.server.store.bookings
    to_come = [number for number, booking in bookings.items() if booking["bookingLifeCycleStatus"] == "PLANNED"]
    del bookings[to_come[0]]
    bookings[to_come[1]]["planningWindowEnd"] = "2026-10-09T16:00:00+01:00"
    again = by_table(scheduler.migrate())["bookings"]
    assert (again.loaded, again.ended, again.closes) == (1, 1, True)
    assert rows(database_url, "SELECT count(*) FROM history.appointment") == [(1,)]


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        ("server fault", "stopped", "fault 'Server'"),
        ("client fault", "stopped", "fault 'Client'"),
        ("html", "stopped", "an HTML page"),
        ("html 500", "stopped", "HTML page"),
        ("http 503", "stopped", "503"),
        ("bomb", "stopped", "document type"),
        ("external entity", "stopped", "document type"),
        ("cut", "stopped", "Next step"),
        ("login fault", "stopped", "user and password"),
    ],
)
def test_trouble_in_the_middle_stops_the_system_and_the_books_close(
    scheduler: Scheduler, database_url: str, trouble: str, status: str, said: str
) -> None:
    # the session, the first fortnight's bookings, and then this
    scheduler.server.troubles.extend(["", "", trouble])
    result = scheduler.migrate()
    assert result.status == status
    assert said in str(result.message) and "Next step" in str(result.message)
    assert "Example" not in str(result.message)  # the fault's own text may name a tenant
    assert all(count.closes for count in result.counts)
    assert rows(database_url, "SELECT count(*) FROM canonical.appointment") == [(0,)]
    assert scheduler.migrate().status == "finished"


def test_a_wrong_password(scheduler: Scheduler, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("drs", scheduler.server.url, database_url, tmp_path, {"username": "hub", "password": "no"})
    assert result.status == "stopped" and not any(count.extracted for count in result.counts)
    assert "does not accept the user and password" in str(result.message)
