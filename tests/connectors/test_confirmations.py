"""Messages that a service sends by itself: received, kept, acknowledged, read as a table."""

from __future__ import annotations

import http.client
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from lxml import etree

from connectors.confirmations import LARGEST_MESSAGE_BYTES, Receiver
from connectors.soap import open_source
from estate.servers.soap import BACKGROUND, BOMB, HTML, OUTSIDE, SOAP, SoapServer
from ledger.errors import ConfigurationFault, ContractBroken
from ledger.spec import SystemSpec, TableSpec
from tests.connectors.contract import a_system, a_table, rows_of
from tests.connectors.scheduler import a_store

MESSAGE = f"{{{BACKGROUND}}}bookingConfirmation"
EMPTY = f'<b:bookingConfirmation xmlns:b="{BACKGROUND}"/>'
CHANGED = "2026-09-27T14:21:01"
OTHER = '<o:order xmlns:o="urn:other"/>'


def in_envelope(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path / "inbox", system="drs") as running:
        yield running


@pytest.fixture
def message() -> bytes:
    return SoapServer(a_store()).confirmation(1, CHANGED)


def sent(receiver: Receiver, message: bytes) -> requests.Response:
    return requests.post(receiver.url, data=message, timeout=10)


def kept(receiver: Receiver) -> list[Path]:
    return sorted(receiver.inbox.iterdir())


def a_table_of(inbox: Path, *columns: str) -> tuple[SystemSpec, TableSpec]:
    table = a_table("confirmations", *columns, message=MESSAGE)
    return a_system("soap", table, inbox=str(inbox)), table


class TestReceiving:
    def test_what_was_acknowledged_is_on_the_disk_as_it_came(self, receiver: Receiver, message: bytes) -> None:
        answer = sent(receiver, message)
        assert answer.status_code == 200
        body = etree.fromstring(answer.content).find(f"{{{SOAP}}}Body")
        assert body is not None and body[0].tag == f"{MESSAGE}Response"
        (file,) = kept(receiver)
        assert file.read_bytes() == message
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_the_same_message_twice_is_one_file(self, receiver: Receiver, message: bytes) -> None:
        assert {sent(receiver, message).status_code for _ in range(3)} == {200}
        assert len(kept(receiver)) == 1

    def test_the_recorded_message_is_accepted(self, receiver: Receiver, real_files: Path) -> None:
        recorded = (real_files / "drs-soap/DRSConfirmBooking.xml").read_bytes()
        assert sent(receiver, recorded).status_code == 200
        assert kept(receiver)[0].read_bytes() == recorded

    @pytest.mark.parametrize(
        "hostile",
        [b"", b"nothing", HTML, BOMB, OUTSIDE, b"<a/>", in_envelope(""), in_envelope(EMPTY), in_envelope(OTHER)],
    )
    def test_what_is_no_message_is_a_fault_and_not_kept(self, receiver: Receiver, hostile: bytes) -> None:
        answer = sent(receiver, hostile)
        assert answer.status_code == 500
        assert etree.fromstring(answer.content).find(f".//{{{SOAP}}}Fault") is not None
        assert not kept(receiver)

    def test_a_message_that_is_too_long_is_not_read(self, receiver: Receiver) -> None:
        connection = http.client.HTTPConnection(urlsplit(receiver.url).netloc, timeout=10)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", str(LARGEST_MESSAGE_BYTES + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()

    def test_half_a_message_is_not_kept(self, receiver: Receiver, message: bytes) -> None:
        where = urlsplit(receiver.url)
        with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as line:
            head = f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {len(message)}\r\n\r\n"
            line.sendall(head.encode() + message[: len(message) // 2])
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
        assert not kept(receiver)

    def test_a_port_that_is_taken(self, receiver: Receiver, tmp_path: Path) -> None:
        port = int(urlsplit(receiver.url).port or 0)
        with pytest.raises(ConfigurationFault, match="another port"):
            Receiver(tmp_path, system="drs", address=("127.0.0.1", port)).start()


class TestReading:
    def test_a_message_is_a_record(self, receiver: Receiver, message: bytes) -> None:
        sent(receiver, message)
        system, table = a_table_of(receiver.inbox, "bookingId", "changedDate", "planningWindowStart")
        with open_source(system, "http://nowhere.invalid", {}) as source:
            (row,) = rows_of(source, table)
            (unit,) = source.units(table)
        assert (row["bookingId"], row["changedDate"]) == ("1", CHANGED)
        assert row["_line"] == 1 and row["_fault"] is None
        assert unit.sha256 is not None and unit.name.startswith("bookingConfirmation-")

    def test_undeclared_elements_are_counted_for_their_table(self, receiver: Receiver, message: bytes) -> None:
        sent(receiver, message.replace(b"<bookingId>", b"<colour>red</colour><bookingId>", 1))
        system, table = a_table_of(receiver.inbox, "bookingId", "undeclared")
        with open_source(system, "http://nowhere.invalid", {}) as source:
            (row,) = rows_of(source, table)
            assert source.drifted(table) == {"bookingConfirmation/colour": 1}
        assert row["undeclared"] == '[["colour", "red"]]'

    def test_a_file_that_is_no_message_is_a_broken_record(self, tmp_path: Path, message: bytes) -> None:
        (tmp_path / "1.xml").write_bytes(message)
        (tmp_path / "2.xml").write_bytes(message[:200])
        (tmp_path / "3.xml.part").write_bytes(message)
        system, table = a_table_of(tmp_path, "bookingId")
        with open_source(system, "http://nowhere.invalid", {}) as source:
            found = [
                row for unit in source.units(table) for chunk in source.read(table, unit) for row in chunk.to_pylist()
            ]
        assert [(row["bookingId"], row["_fault"]) for row in found] == [("1", None), (None, "broken")]
        assert found[1]["_raw"] == message[:200].decode()

    def test_no_folder_is_no_messages(self, tmp_path: Path) -> None:
        system, table = a_table_of(tmp_path / "none", "bookingId")
        with open_source(system, "http://nowhere.invalid", {}) as source:
            assert source.units(table) == []

    def test_a_column_that_the_message_has_not(self, tmp_path: Path) -> None:
        system, table = a_table_of(tmp_path, "colour")
        with open_source(system, "http://nowhere.invalid", {}) as source, pytest.raises(ContractBroken, match="colour"):
            source.units(table)
