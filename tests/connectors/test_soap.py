"""Tables read by SOAP: the repairs scheduler's answers as rows, period by period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connectors import soap
from connectors.envelope import Drift
from connectors.soap import SoapSource, open_source
from estate.servers.soap import SoapServer
from ledger.errors import (
    ConfigurationFault,
    ContractBroken,
    SourceRefused,
    SourceUnavailable,
    SourceUnreadable,
)
from ledger.spec import SystemSpec, TableSpec
from tests.connectors.contract import (
    Arranged,
    ConnectorContract,
    a_system,
    a_table,
    only_unit,
    rows_of,
)
from tests.connectors.scheduler import AN_ORDER, SECRETS, a_store

PERIOD = {
    "from": "returnBookingsFrom",
    "to": "returnBookingsTo",
    "first": date(2026, 9, 1),
    "last": date(2026, 10, 15),
}


@pytest.fixture
def server() -> Iterator[SoapServer]:
    with SoapServer(a_store()) as running:
        yield running


BOOKINGS = a_table(
    "appointments",
    "bookingId",
    "assignedStart",
    "planner",
    "theBookingCodes",
    "undeclared",
    operation="selectBooking",
    records="theBookings",
    arguments={"contract": ["H01"]},
    period=PERIOD,
    paths={"planner": "theResources/resourceID"},
)
HOURS = a_table(
    "working_hours",
    "operative",
    "dayOfWeek",
    operation="selectResource",
    records="theResources/theWorkingHours",
    arguments={"includeWorkingHours": True},
    period={**PERIOD, "from": "returnWorkingHoursFrom", "to": "returnWorkingHoursTo"},
    paths={"operative": "../resourceID"},
)
NOTHING = a_table("alerts", "comments", operation="selectAlerts", records="theAlerts", arguments={"contract": ["H01"]})
MISSING = a_table("ghosts", "x", operation="selectGhosts", records="theGhosts")


def a_source(url: str, *tables: TableSpec, **secrets: str) -> SoapSource:
    system: SystemSpec = a_system("soap", *(tables or (BOOKINGS,)))
    return open_source(system, url, {**SECRETS, **secrets})


class TestContract(ConnectorContract):
    @pytest.fixture
    def arranged(self, server: SoapServer) -> Iterator[Arranged]:
        def trouble(name: str) -> object:
            server.troubles.append(name)
            return rows_of(a_source(server.url), BOOKINGS)

        with a_source(server.url, BOOKINGS, NOTHING, MISSING) as source:
            yield Arranged(
                source,
                BOOKINGS,
                whole_rows=4,
                module=soap,
                empty=NOTHING,
                missing=MISSING,
                failures=[
                    (lambda: trouble("html"), SourceUnreadable),
                    (lambda: trouble("http 503"), SourceUnavailable),
                    (lambda: rows_of(a_source(server.url, password="wrong"), BOOKINGS), SourceRefused),
                    (lambda: rows_of(a_source("http://127.0.0.1:1/"), BOOKINGS), SourceUnavailable),
                ],
            )


class TestTables:
    def test_bookings_are_asked_for_14_days_at_most(self, server: SoapServer) -> None:
        with a_source(server.url) as source:
            rows = rows_of(source, BOOKINGS)
        assert [row["bookingId"] for row in rows] == ["1", "2", "3", "4"]
        assert [row["_line"] for row in rows] == [1, 2, 3, 4]
        assert rows[0]["assignedStart"] == "2026-09-02T08:00:00+01:00" and rows[0]["planner"] == "OP1"
        assert rows[1]["assignedStart"] == "2026-09-14T23:30:00Z"
        assert '"quantity": "2"' in rows[0]["theBookingCodes"] and rows[2]["theBookingCodes"] is None
        assert server.requests == ["openSession", *["selectBooking"] * 4, "closeSession"]
        assert not server.store.sessions

    def test_undeclared_elements_are_kept_and_counted(self, server: SoapServer) -> None:
        with a_source(server.url) as source:
            rows = rows_of(source, BOOKINGS)
        assert [row["undeclared"] for row in rows] == [None, None, '[["timeRemaining", "20"]]', None]
        assert source.drift == Drift((("return/theBookings/timeRemaining", 1),))

    def test_records_in_records_and_what_stands_above_them(self, server: SoapServer) -> None:
        with a_source(server.url, HOURS) as source:
            rows = [(row["operative"], row["dayOfWeek"]) for row in rows_of(source, HOURS)]
        # asked four times, once for each period, and given once
        assert rows == [("OP1", "monday"), ("OP1", "tuesday"), ("OP2", "monday")]

    def test_an_answer_that_is_not_whole_is_not_taken_for_whole(
        self, server: SoapServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slots = a_table(
            "slots",
            "day",
            "available",
            operation="checkAvailability",
            records="theSlots/slotsForDay",
            arguments={"canSelectOtherOrders": False, "theOrder": {**AN_ORDER}},
            period={**PERIOD, "from": "periodBegin", "to": "periodEnd", "days": 60},
            paths={"day": "../day"},
        )
        with a_source(server.url, slots) as source:
            rows = rows_of(source, slots)
            assert len({row["day"] for row in rows}) == 32  # weekdays but the one that is not worked
            assert rows[0]["day"] == "2026-09-01T00:00:00+01:00"
            monkeypatch.setattr(soap, "LONGEST_PERIOD_DAYS", 60)
            with pytest.raises(ContractBroken, match=r"table slots.*not whole.*fewer days"):
                rows_of(source, slots)

    def test_a_session_that_ended_is_opened_again_by_the_next_try(self, server: SoapServer) -> None:
        with a_source(server.url) as source:
            rows_of(source, BOOKINGS)
            server.store.sessions.clear()
            with pytest.raises(SourceUnavailable, match="session has ended"):
                rows_of(source, BOOKINGS)
            assert len(rows_of(source, BOOKINGS)) == 4

    def test_a_refused_question(self, server: SoapServer) -> None:
        table = a_table(
            "slots",
            "available",
            operation="checkAvailability",
            records="theSlots/slotsForDay",
            arguments={"canSelectOtherOrders": False, "theOrder": {**AN_ORDER, "contract": "X99"}},
        )
        with a_source(server.url, table) as source, pytest.raises(ContractBroken, match="table slots"):
            rows_of(source, table)

    def test_a_column_that_the_wsdl_does_not_know(self, server: SoapServer) -> None:
        table = a_table("appointments", "colour", operation="selectBooking", records="theBookings")
        with a_source(server.url, table) as source, pytest.raises(ContractBroken, match="colour"):
            only_unit(source, table)

    def test_a_period_is_counted_from_today(self, server: SoapServer) -> None:
        period = {"from": "returnBookingsFrom", "to": "returnBookingsTo", "days_back": 14, "days_ahead": 17}
        table = a_table("t", "bookingId", operation="selectBooking", records="theBookings", period=period)

        def asked(today: date) -> list[str]:
            with open_source(a_system("soap", table, today=today), server.url, SECRETS) as source:
                return [row["bookingId"] for row in rows_of(source, table)]

        assert asked(date(2026, 9, 28)) == ["2", "3", "4"]
        assert asked(date(2026, 9, 16)) == ["1", "2", "3"]
        assert asked(date(2026, 11, 15)) == ["5"]

    def test_a_period_from_today_needs_a_day(self, server: SoapServer) -> None:
        period = {"from": "returnBookingsFrom", "to": "returnBookingsTo", "days_back": 1, "days_ahead": 1}
        table = a_table("t", "bookingId", operation="selectBooking", records="theBookings", period=period)
        with a_source(server.url, table) as source, pytest.raises(ConfigurationFault, match=r"layout\.period"):
            rows_of(source, table)

    @pytest.mark.parametrize("period", [{}, {**PERIOD, "first": "soon"}, {**PERIOD, "last": date(2020, 1, 1)}])
    def test_a_period_that_is_none(self, server: SoapServer, period: dict[str, Any]) -> None:
        table = a_table("t", "bookingId", operation="selectBooking", records="theBookings", period=period)
        with a_source(server.url, table) as source, pytest.raises(ConfigurationFault, match=r"layout\.period"):
            rows_of(source, table)

    def test_no_secret(self, server: SoapServer) -> None:
        with a_source(server.url, password="") as source, pytest.raises(ConfigurationFault, match="password"):
            rows_of(source, BOOKINGS)
