"""SOAP: the repairs scheduler's interface, its drift, its faults, and what must never be believed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.envelope import Drift
from connectors.soap_client import DRS_WSDL, SoapClient, bound
from estate.servers.drs import OPERATIONS
from estate.servers.soap import BOMB, OUTSIDE, SoapServer
from ledger.errors import (
    ConfigurationFault,
    HubError,
    SourceRefused,
    SourceUnavailable,
    SourceUnreadable,
    Terminal,
)
from tests.connectors.scheduler import AN_ORDER, STORE, a_store

XS = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture
def server() -> Iterator[SoapServer]:
    with SoapServer(a_store()) as running:
        yield running


@pytest.fixture
def client(server: SoapServer) -> Iterator[SoapClient]:
    with SoapClient(server.url, system="testing") as opened:
        yield opened


@pytest.fixture
def drs_files() -> Path:
    folder = Path(__file__).parents[2].parent / "shared" / "real" / "drs-soap"
    if not folder.is_dir():
        pytest.skip("the real scheduler's WSDL and message are not on this machine")
    return folder


def session_of(client: SoapClient) -> str:
    return str(client.call("openSession", login="hub", password="right").values["sessionId"])


# the interface


def least(kind: Any, session: str, depth: int = 0) -> Any:
    """The smallest value of a schema type: what it requires and nothing else."""
    if not hasattr(kind, "elements"):
        return {"dateTime": datetime(2026, 9, 28), "int": 1, "boolean": False}.get(
            etree.QName(kind.qname).localname if kind.qname else "", "x"
        )
    values: dict[str, Any] = {}
    for name, element in kind.elements:
        if name == "sessionId":
            values[name] = session
        elif not element.is_optional and depth < 6:
            value = least(element.type, session, depth + 1)
            values[name] = [value] if element.accepts_multiple else value
    return values


def call_every_operation(client: SoapClient, server: SoapServer) -> dict[str, str]:
    """Status by operation, each called with all that the client's own WSDL requires."""
    session = session_of(client)
    statuses = {}
    for name in sorted(client.operations, key=lambda name: (name == "closeSession", name)):
        ((_, wrapper),) = client.operation(name).input.body.type.elements
        arguments = least(wrapper.type, session)
        if name == "openSession":
            arguments = {"login": "hub", "password": "right"}
        server.store = a_store()
        server.store.sessions.add(session)
        number = {"primaryOrderNumber": "10000007"}
        if "theOrder" in arguments and name != "createOrder":
            arguments["theOrder"].update(number)
        if name in {"createOrder", "checkAvailability"}:
            arguments.setdefault("theOrder", least(_member(wrapper.type, "theOrder"), session))["contract"] = "H01"
        if name in {"completeOrder", "createBooking"}:
            (arguments if name == "completeOrder" else arguments["theBooking"]).update(number)
        if name == "confirmReservation":
            server.store.bookings[1]["bookingLifeCycleStatus"] = "RESERVED"
        statuses[name] = client.call(name, **arguments).values["status"]
    return statuses


def _member(kind: Any, name: str) -> Any:
    return dict(kind.elements)[name].type


class TestInterface:
    def test_all_22_operations_by_our_wsdl(self, client: SoapClient, server: SoapServer) -> None:
        statuses = call_every_operation(client, server)
        assert len(statuses) == 22
        assert set(statuses.values()) == {"success"}
        assert set(statuses) == set(OPERATIONS)

    def test_all_22_operations_by_the_real_wsdl_which_has_no_binding(self, drs_files: Path, server: SoapServer) -> None:
        assert b"<wsdl:binding" not in (drs_files / "soap.wsdl").read_bytes()
        with SoapClient(server.url, system="testing", wsdl=drs_files / "soap.wsdl") as client:
            statuses = call_every_operation(client, server)
        assert len(statuses) == 22
        assert set(statuses.values()) == {"success"}

    def test_our_wsdl_has_the_real_ones_operations_elements_and_types(self, drs_files: Path) -> None:
        real = SoapClient("http://nowhere", system="testing", wsdl=drs_files / "soap.wsdl")
        ours = SoapClient("http://nowhere", system="testing")
        assert ours.operations == real.operations
        for name in ours.operations:
            mine, theirs = ours.operation(name), real.operation(name)
            for direction in ("input", "output"):
                one, other = getattr(mine, direction).body, getattr(theirs, direction).body
                assert one.qname == other.qname
                assert _shape(one.type) == _shape(other.type)

    def test_answers_of_the_made_up_service_are_valid_by_our_schema(
        self, client: SoapClient, server: SoapServer
    ) -> None:
        own = etree.parse(str(DRS_WSDL)).find(f".//{XS}schema")
        schema = etree.XMLSchema(etree.fromstring(etree.tostring(own)))
        session = session_of(client)
        server.store.bookings.pop(3)  # the one that drifts
        questions: dict[str, dict[str, Any]] = {
            "selectBooking": {"contract": ["H01"], "bookingStatus": ["PLANNED"]},
            "selectOrder": {"includeCompletedBookings": True},
            "selectResource": {"includeWorkingHours": True},
            "checkAvailability": {"canSelectOtherOrders": False, "theOrder": AN_ORDER},
            "selectMetaData": {"contract": "H01"},
        }
        for name, arguments in questions.items():
            reply = client.ask(name, sessionId=session, **arguments)
            schema.assertValid(reply.element.getparent())

    def test_a_bound_wsdl_is_left_as_it_is(self) -> None:
        document = etree.parse(str(DRS_WSDL)).getroot()
        before = etree.tostring(document)
        assert etree.tostring(bound(document)) == before


def _shape(kind: Any, depth: int = 0) -> object:
    if not hasattr(kind, "elements") or depth > 5:
        return kind.qname.localname if kind.qname else None
    return [(name, e.min_occurs, e.max_occurs, e.default, _shape(e.type, depth + 1)) for name, e in kind.elements]


# answers


class TestAnswers:
    def test_undeclared_elements_are_kept_and_counted_and_nothing_after_them_is_lost(self, client: SoapClient) -> None:
        order = {**AN_ORDER, "primaryOrderNumber": "2", "theBookingCodes": STORE["bookings"][0]["theBookingCodes"]}
        answer = client.call("createOrder", sessionId=session_of(client), theOrder=order)
        (line,) = answer.values["theOrder"]["theBookingCodes"]
        assert (line["originalQuantity"], line["quantityUsed"], line["timeRemaining"]) == ("2", "0", "0")
        assert line["primaryOrderNumber"] == "10000007" and line["quantity"] == "2"
        path = "return/theOrder/theBookingCodes/"
        assert answer.drift == Drift(
            tuple((path + name, 1) for name in ("originalQuantity", "quantityUsed", "timeRemaining"))
        )

    def test_drift_adds_up(self) -> None:
        one, other = Drift((("a", 1), ("b", 2))), Drift((("b", 1),), (("c", 1),))
        assert one + other == Drift((("a", 1), ("b", 3)), (("c", 1),))
        assert not Drift() and one

    def test_instants_with_and_without_z(self, client: SoapClient) -> None:
        session = session_of(client)
        first, second, *_ = client.call("selectBooking", sessionId=session, contract=["H01"]).values["theBookings"]
        assert first["assignedStart"].astimezone(UTC) == datetime(2026, 9, 2, 7, tzinfo=UTC)
        assert second["assignedStart"] == datetime(2026, 9, 14, 23, 30, tzinfo=UTC)
        assert (first["bookingId"], first["isEmergency"], first["tokenId"]) == (1, False, None)

    def test_a_value_of_the_wrong_type_is_kept_as_text_and_never_logged(
        self, client: SoapClient, server: SoapServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.store.bookings[1]["assignedStart"] = "Mrs Example's day"
        answer = client.call("selectBooking", sessionId=session_of(client), contract=["H01"])
        assert answer.values["theBookings"][0]["assignedStart"] == "Mrs Example's day"
        assert answer.drift.unreadable == (("return/theBookings/assignedStart", 1),)
        assert "Example" not in caplog.text and "Example" not in str(answer.drift)

    def test_slots_overlap_days_without_any_are_listed_and_a_long_period_is_cut(self, client: SoapClient) -> None:
        def days(**period: Any) -> Mapping[str, Any]:
            kind = _member(client.operation("checkAvailability").input.body.type.elements[0][1].type, "theOrder")
            order = {**least(kind, ""), "contract": "H01"}
            answer = client.call(
                "checkAvailability", sessionId=session_of(client), canSelectOtherOrders=False, theOrder=order, **period
            )
            return dict(answer.values)

        week = days(periodBegin=datetime(2026, 9, 28))["theSlots"]
        assert [len(day["slotsForDay"]) for day in week] == [4, 0, 4, 4, 4, 0, 0]
        assert [slot["bestSlot"] for day in week for slot in day["slotsForDay"]].count(True) == 1
        assert week[1]["nonWorkingDay"] and week[5]["weeklyDayOff"]
        slot = week[0]["slotsForDay"][0]
        assert slot["endDate"] - slot["beginDate"] == datetime(2026, 1, 1, 4) - datetime(2026, 1, 1)
        cut = days(periodBegin=datetime(2026, 9, 28), periodEnd=datetime(2026, 10, 28))
        assert (len(cut["theSlots"]), cut["status"]) == (14, "success") and "14 days" in cut["errorMsg"]


# messages from outside


class TestInbound:
    def test_the_recorded_message_is_accepted(self, drs_files: Path) -> None:
        recorded = (drs_files / "DRSConfirmBooking.xml").read_bytes()
        client = SoapClient("http://nowhere", system="testing")
        template = client.read(recorded)
        assert template.name == "bookingConfirmation"
        # Its recorder left two places open; filled in, everything is as declared.
        assert [path for path, _ in template.drift.unreadable] == [
            "bookingConfirmation/planningWindowEnd",
            "bookingConfirmation/planningWindowStart",
        ]
        for name, value in (("planningWindowEnd", b"2021-06-01T16:00:00Z"), ("planningWindowStart", b"2021-06-01")):
            recorded = recorded.replace(b"{{%s}}" % name.encode(), value)
        answer = client.read(recorded.replace(b"{{workOrderId}}", b"10000012"))
        assert not answer.drift
        assert answer.values["planningWindowEnd"] == datetime(2021, 6, 1, 16, tzinfo=UTC)
        assert answer.values["changedDate"] == datetime(2021, 5, 27, 14, 21, 1)
        assert answer.values["theBookingCodes"][0]["standardMinuteValue"] == "76"

    def test_the_made_up_services_confirmation_is_accepted(self, server: SoapServer, client: SoapClient) -> None:
        answer = client.read(server.confirmation(1))
        assert not answer.drift and answer.values["bookingId"] == 1
        assert answer.values["theBookingCodes"][0]["quantity"] == "2"

    @pytest.mark.parametrize("message", [BOMB, OUTSIDE, b"<html>", b"", b"\x00\x01", b"<a/>"])
    def test_what_is_no_message_is_refused(self, client: SoapClient, message: bytes) -> None:
        with pytest.raises(SourceUnreadable):
            client.read(message)

    def test_a_message_of_another_interface(self, client: SoapClient, server: SoapServer) -> None:
        with pytest.raises(SourceUnreadable, match="not of this interface"):
            client.read(server.confirmation(1).replace(b"OTBackgroundService", b"Other"))


# trouble


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "error", "says"),
        [
            ("html", SourceUnreadable, "an HTML page"),
            ("html 500", SourceUnreadable, "HTTP 500 and an HTML page"),
            ("http 401", SourceRefused, "HTTP 401"),
            ("http 404", ConfigurationFault, "HTTP 404"),
            ("http 500", SourceUnreadable, "HTTP 500 and nothing"),
            ("http 502", SourceUnavailable, "HTTP 502"),
            ("http 503", SourceUnavailable, "HTTP 503"),
            ("server fault", SourceUnavailable, "'Server'"),
            ("client fault", Terminal, "'Client'"),
            ("login fault", SourceRefused, "password in the environment"),
            ("bomb", SourceUnreadable, "document type"),
            ("external entity", SourceUnreadable, "document type"),
            ("not soap", SourceUnreadable, "not a SOAP 1.1 message"),
            ("broken xml", SourceUnavailable, "breaks off"),
            ("empty", SourceUnreadable, "not XML"),
            ("cut", SourceUnavailable, "hung up"),
        ],
    )
    def test_each_answer_ends_in_its_error(
        self, client: SoapClient, server: SoapServer, trouble: str, error: type[HubError], says: str
    ) -> None:
        session = session_of(client)
        server.troubles.append(trouble)
        began = time.monotonic()
        with pytest.raises(error, match=says) as caught:
            client.call("selectBooking", sessionId=session, contract=["H01"])
        assert time.monotonic() - began < 5
        assert caught.value.system == "testing" and "operation selectBooking" in caught.value.place
        assert "Example" not in str(caught.value)
        assert client.call("selectBooking", sessionId=session, contract=["H01"]).values["status"] == "success"

    def test_a_time_out(self, server: SoapServer) -> None:
        server.delay_seconds = 1
        client = SoapClient(server.url, system="testing", timeout_seconds=0.1)
        with client, pytest.raises(SourceUnavailable, match="in time"):
            session_of(client)
        server.delay_seconds = 0

    def test_a_host_that_is_down(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            session_of(SoapClient(f"http://127.0.0.1:{port}/x", system="testing"))

    def test_an_endpoint_that_is_none(self) -> None:
        with pytest.raises(ConfigurationFault, match="not a URL"):
            session_of(SoapClient("scheduler", system="testing"))

    def test_an_answer_larger_than_any_may_be(self, client: SoapClient, monkeypatch: pytest.MonkeyPatch) -> None:
        session = session_of(client)
        monkeypatch.setattr("connectors.soap_client.LARGEST_ANSWER_BYTES", 1000)
        with pytest.raises(SourceUnreadable, match="larger than"):
            client.call("selectBooking", sessionId=session, contract=["H01"])

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"sessionId": "x"}, "Missing element login"),
            ({"login": "x", "password": "x", "colour": "Mrs Example"}, "colour"),
        ],
    )
    def test_arguments_that_do_not_fit(self, client: SoapClient, arguments: dict[str, Any], says: str) -> None:
        with pytest.raises(ConfigurationFault) as caught:
            client.call("openSession", **{"password": "p", **arguments} if "login" in arguments else {"password": "p"})
        assert says in str(caught.value) and "Example" not in str(caught.value)

    def test_an_unknown_operation(self, client: SoapClient) -> None:
        with pytest.raises(ConfigurationFault, match=r"has no operation dance.*checkAvailability"):
            client.call("dance")

    @pytest.mark.parametrize("content", [b"<html></html>", BOMB, b'<d xmlns="http://schemas.xmlsoap.org/wsdl/"/>'])
    def test_a_wsdl_that_is_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.wsdl").write_bytes(content)
        with pytest.raises(HubError) as caught:
            SoapClient("http://nowhere", system="testing", wsdl=tmp_path / "x.wsdl").call("openSession")
        assert isinstance(caught.value, Terminal)

    def test_a_missing_wsdl(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationFault, match=r"WSDL gone\.wsdl"):
            SoapClient("http://nowhere", system="testing", wsdl=tmp_path / "gone.wsdl").call("openSession")
