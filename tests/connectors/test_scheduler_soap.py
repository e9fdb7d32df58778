"""The scheduler's interface from its own side, held to the real one where that lies beside the project."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from connectors.envelope import SOAP, Drift
from connectors.opening import LONDON
from connectors.scheduler_soap import BACKGROUND, SERVICE, SOAP_12, Interface, NoRequest, Request, fault, told
from connectors.soap_client import DRS_WSDL, WSDL, SoapClient
from estate.servers.drs import OPERATIONS
from estate.servers.soap import BOMB, OUTSIDE

XS = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture(scope="module")
def interface() -> Interface:
    return Interface()


def asked(body: str, *, version: str = SOAP, header: str = "") -> bytes:
    head = f"<e:Header>{header}</e:Header>" if header else ""
    return f'<e:Envelope xmlns:e="{version}" xmlns:d="{SERVICE}">{head}<e:Body>{body}</e:Body></e:Envelope>'.encode()


def schedule(more: str = "") -> str:
    return (
        "<d:getSchedule><getSchedule><id>0</id><contract>H01</contract><resourceId>OP1</resourceId>"
        f"<returnBookingCodes>true</returnBookingCodes><scheduleDate>2026-09-29T00:00:00</scheduleDate>{more}"
        "</getSchedule></d:getSchedule>"
    )


def test_every_operation_can_be_asked_for(interface: Interface) -> None:
    assert interface.operations == tuple(sorted(OPERATIONS))
    for operation in OPERATIONS:
        request = interface.read(asked(f"<d:{operation}><{operation}/></d:{operation}>"))
        assert request.operation == operation
        written = etree.fromstring(interface.answer(request, {"status": "success"}))
        response = written.find(f"{{{SOAP}}}Body/{{{SERVICE}}}{operation}Response")
        assert [child.tag for child in response] == ["return"]
        assert [(child.tag, child.text) for child in response[0]] == [("id", "0"), ("status", "success")]


def test_a_request_is_read_by_its_types(interface: Interface) -> None:
    request = interface.read(asked(schedule("<sessionId>s</sessionId>")))
    assert request.values == {
        "id": 0, "contract": "H01", "resourceId": "OP1", "returnBookingCodes": True, "returnWarnings": None,
        "scheduleDate": datetime(2026, 9, 29, tzinfo=LONDON), "sessionId": "s",
    }  # fmt: skip
    assert not request.drift


@pytest.mark.parametrize("written", ["2026-09-29T09:00:00", "2026-09-29T09:00:00+01:00", "2026-09-29T08:00:00Z"])
def test_an_instant_is_the_same_however_its_zone_is_told(interface: Interface, written: str) -> None:
    body = f"<d:getSchedule><getSchedule><scheduleDate>{written}</scheduleDate></getSchedule></d:getSchedule>"
    assert interface.read(asked(body)).values["scheduleDate"] == datetime(2026, 9, 29, 8, tzinfo=UTC)


def test_what_is_not_declared_is_kept_and_told_without_its_value(interface: Interface) -> None:
    request = interface.read(asked(schedule("<tenant>Mrs Example</tenant><scheduleDate>soon</scheduleDate>")))
    assert request.drift.undeclared == (("getSchedule/tenant", 1),)
    assert request.drift.unreadable == (("getSchedule/scheduleDate", 1),)
    assert told(request.drift) == "getSchedule/tenant, getSchedule/scheduleDate"
    assert told(interface.read(asked(schedule(f"<{'x' * 99}/>"))).drift) == ""


def test_qualified_elements_are_read_too(interface: Interface) -> None:
    body = "<d:openSession><d:openSession><d:login>me</d:login></d:openSession></d:openSession>"
    assert interface.read(asked(body)).values["login"] == "me"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "not well-formed"),
        (b"hello", "not well-formed"),
        (asked(schedule())[:-9], "not well-formed"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (asked(schedule()).replace(b"<e:Body>", b"<e:Body>" + b"<x>" * 1_000), "not well-formed"),
        (b"<answer/>", "no SOAP"),
        (asked(schedule(), version="http://example.org/soap"), "no SOAP"),
        (asked(""), "one body"),
        (asked(schedule() * 2), "one body"),
        (asked(schedule()).replace(SERVICE.encode(), b"http://example.org/"), "namespace"),
        (asked("<getSchedule><getSchedule/></getSchedule>"), "namespace"),
        (asked("<d:dropTable><dropTable/></d:dropTable>"), "no such operation"),
        (asked("<d:getSchedule/>"), "holds no element"),
        (asked(schedule(), header='<w:Security xmlns:w="urn:w" e:mustUnderstand="1"/>'), "must be understood"),
    ],
)
def test_what_is_no_request_is_refused_without_quoting_it(interface: Interface, message: bytes, why: str) -> None:
    with pytest.raises(NoRequest, match=why) as refused:
        interface.read(message)
    assert "OP1" not in refused.value.text


def test_a_document_type_in_another_encoding_is_refused(interface: Interface) -> None:
    bomb = BOMB.decode().replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16")
    with pytest.raises(NoRequest):
        interface.read(bomb)


def test_who_asks_by_soap_1_2_is_answered_so(interface: Interface) -> None:
    request = interface.read(asked(schedule(), version=SOAP_12))
    assert etree.fromstring(interface.answer(request, {"status": "success"})).tag == f"{{{SOAP_12}}}Envelope"


def test_answers_are_of_the_type_and_instants_have_their_offset(interface: Interface) -> None:
    values = {
        "theSlots": [
            {
                "day": datetime(2026, 10, 25, tzinfo=LONDON), "nonWorkingDay": True,
                "slotsForDay": [{"available": "YES", "beginDate": datetime(2026, 10, 25, 8, tzinfo=LONDON)}],
            }
        ],
        "status": "success", "errorMsg": "A tenant\x00's words",
    }  # fmt: skip
    answer = etree.fromstring(interface.answer(Request("checkAvailability", {}, Drift()), values))
    assert answer.findtext(".//errorMsg") == "A tenant's words"
    day = answer.find(".//theSlots")
    assert [(each.tag, each.text) for each in day.iter() if not len(each)] == [
        ("day", "2026-10-25T00:00:00+01:00"), ("nonWorkingDay", "true"), ("available", "YES"),
        ("beginDate", "2026-10-25T08:00:00+00:00"), ("bestSlot", "false"), ("weeklyDayOff", "false"),
    ]  # fmt: skip


@pytest.mark.parametrize("values", [{"theSlot": []}, {"theOtherOrders": [{"orderId": 1}]}])
def test_an_answer_that_is_not_of_the_type_is_a_defect(interface: Interface, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"theSlot|lacks"):
        interface.answer(Request("checkAvailability", {}, Drift()), values)


def test_faults_are_those_of_each_version() -> None:
    one = etree.fromstring(fault("No.", SOAP))
    assert (one.findtext(".//faultcode"), one.findtext(".//faultstring")) == ("soap:Client", "No.")
    two = etree.fromstring(fault("No.", SOAP_12, caller=False))
    assert two.findtext(f".//{{{SOAP_12}}}Value") == "soap:Receiver"
    assert two.findtext(f".//{{{SOAP_12}}}Text") == "No."


def test_a_confirmation_is_what_the_housing_system_reads(interface: Interface) -> None:
    at = datetime(2026, 9, 29, 7, tzinfo=UTC)
    message = interface.confirmation(
        {
            "bookingId": 5, "planningWindowStart": at, "planningWindowEnd": at, "primaryOrderNumber": "10000007",
            "changedDate": at, "contract": "H01",
        }
    )  # fmt: skip
    heard = SoapClient("", system="works").read(message)
    assert heard.name == "bookingConfirmation"
    assert not heard.drift
    assert heard.values["planningWindowStart"] == at
    assert b"2026-09-29T08:00:00+01:00" in message
    assert etree.fromstring(message).find(f"{{{SOAP}}}Body/{{{BACKGROUND}}}bookingConfirmation") is not None


def test_the_wsdl_tells_clients_the_address(interface: Interface) -> None:
    document = io.BytesIO(interface.wsdl("https://hub.example/soap/scheduler"))
    client = zeep.Client(document)  # type: ignore[no-untyped-call]
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert port.binding_options["address"] == "https://hub.example/soap/scheduler"
    assert sorted(port.binding.all()) == sorted(OPERATIONS)


def test_it_is_the_real_interface(real_files: Path) -> None:
    """Every operation, message, element and type: names, namespaces, order, how often."""
    assert drawn(DRS_WSDL) == drawn(real_files / "drs-soap" / "soap.wsdl")


def drawn(wsdl: Path) -> dict[str, Any]:
    root = etree.parse(wsdl).getroot()
    schema = next(each for each in root.iter(f"{XS}schema") if each.get("targetNamespace") == SERVICE)
    types = {each.get("name"): each for each in schema.findall(f"{XS}complexType")}

    def local(name: str | None) -> str:
        return (name or "").rpartition(":")[2]

    def elements(name: str) -> list[Any]:
        extended = types[name].find(f".//{XS}extension")
        own = [
            (
                each.get("name"),
                local(each.get("type")),
                each.get("minOccurs"),
                each.get("maxOccurs"),
                each.get("default"),
            )
            for each in types[name].iter(f"{XS}element")
        ]
        return own if extended is None else elements(local(extended.get("base"))) + own

    return {
        "namespaces": (root.get("targetNamespace"), schema.get("elementFormDefault")),
        "types": {name: elements(name) for name in types},
        "values": {
            each.get("name"): [value.get("value") for value in each.iter(f"{XS}enumeration")]
            for each in schema.findall(f"{XS}simpleType")
        },
        "elements": {each.get("name"): local(each.get("type")) for each in schema.findall(f"{XS}element")},
        "messages": {
            each.get("name"): [(part.get("name"), local(part.get("element"))) for part in each]
            for each in root.findall(f"{{{WSDL}}}message")
        },
        "operations": {
            each.get("name"): [local(way.get("message")) for way in each if way.get("message")]
            for each in root.findall(f"{{{WSDL}}}portType/{{{WSDL}}}operation")
        },
        "port type": root.find(f"{{{WSDL}}}portType").get("name"),
    }  # fmt: skip
