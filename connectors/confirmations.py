"""Messages that a SOAP service sends by itself: a small HTTP receiver that puts each into a folder.

A message is checked against the WSDL, written down as it came and only then acknowledged: what was answered
with a success is safe on the disk. One that is not understood is answered with a fault and not kept. The same
message twice is one file. The feed's next run reads the folder (``layout.message`` of ``connectors.soap``).
"""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from lxml import etree

from connectors.envelope import SOAP
from connectors.soap_client import DRS_WSDL, SoapClient
from ledger.errors import ConfigurationFault, HubError

LARGEST_MESSAGE_BYTES = 1024 * 1024
PATIENCE_SECONDS = 30


class Receiver:
    """Receives messages on ``address`` (host, port; port 0: any) until it is stopped."""

    def __init__(
        self, inbox: Path, *, system: str, wsdl: Path = DRS_WSDL, address: tuple[str, int] = ("127.0.0.1", 0)
    ) -> None:
        self.inbox, self.system, self.address = inbox, system, address
        self._client = SoapClient("", system=system, wsdl=wsdl)
        self._one_at_a_time = threading.Lock()

    def start(self) -> str:
        """The URL that messages are to be sent to, once it answers.

        Raises ConfigurationFault where the address cannot be listened on.
        """
        self.inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        receiver = self

        class Handler(_Handler):
            receiver_of = receiver

        try:
            self._http = ThreadingHTTPServer(self.address, Handler)
        except OSError as error:
            raise ConfigurationFault(
                f"Port {self.address[1]} cannot be listened on ({error.strerror}).",
                system=self.system,
                next_step="Stop what listens there, or choose another port.",
            ) from error
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.05,), name="receiver", daemon=True).start()
        return f"http://{self.address[0]}:{self._http.server_port}/"

    def stop(self) -> None:
        """Ends the receiver."""
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.url = self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def receive(self, message: bytes) -> tuple[int, bytes]:
        """HTTP status and SOAP answer for a message, which is on the disk when the answer is a success."""
        try:
            with self._one_at_a_time:  # the WSDL's types are built at the first message
                name, reply = self._client.heard(message)
        except HubError:
            return 500, _fault("The message is not one of this interface.")
        if not len(reply.element):
            return 500, _fault(f"The {name} is empty.")
        self._keep(name, message)
        return 200, _acknowledgement(name, reply.element)

    def _keep(self, name: str, message: bytes) -> None:
        """Writes the message under a name that its content decides; a name of that kind is a whole message."""
        path = self.inbox / f"{name}-{hashlib.sha256(message).hexdigest()[:24]}.xml"
        part = path.with_suffix(f".{threading.get_ident()}.part")
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS
    receiver_of: Receiver

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_MESSAGE_BYTES:
            self.close_connection = True  # what follows is not read
            return self._send(413 if length.isdecimal() else 411, _fault("The message has no length or is too long."))
        message = self.rfile.read(int(length))
        if len(message) < int(length):  # hung up in the middle
            self.close_connection = True
            return None
        return self._send(*self.receiver_of.receive(message))

    def _send(self, status: int, content: bytes) -> None:
        with suppress(ConnectionError):  # a sender that would not wait sends again
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing: addresses and messages do not belong in a log."""


def _acknowledgement(name: str, element: etree._Element) -> bytes:
    """The wrapper's empty response, as document/literal has it for an operation that returns nothing."""
    root = element.getroottree().getroot()
    namespace = etree.QName(root.find(f"{{{SOAP}}}Body")[0]).namespace
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "ns1": namespace})
    etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{namespace}}}{name}Response")
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def _fault(text: str) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    fault = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soap:Client"
    etree.SubElement(fault, "faultstring").text = text
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))
