"""Calls of a SOAP service, also by a WSDL without a binding; answers may hold what the WSDL does not know."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, Self

import requests
import zeep
import zeep.exceptions
from lxml import etree

from connectors.envelope import Drift, body_of, decoded, parsed
from connectors.files import kind_of
from ledger.errors import ConfigurationFault, SourceRefused, SourceUnavailable, SourceUnreadable
from ledger.spec import SystemSpec
from services import outside

DRS_WSDL = Path(__file__).with_name("drs.wsdl")
"""The repairs scheduler's interface, as the hub wrote it down."""

INBOUND = "inbound message"

LARGEST_ANSWER_BYTES = 256 * 1024 * 1024

NOT_A_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)

WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"


@dataclass(frozen=True)
class Answer:
    """What an operation answered, or what a message from outside says."""

    name: str
    """The message's element, e.g. ``createOrderResponse``."""
    values: Any
    """The one element in it as ``connectors.envelope.decoded`` gives it."""
    drift: Drift


@dataclass(frozen=True)
class Reply:
    """An answer as it came: the one element in the message, and its schema type."""

    element: etree._Element
    kind: Any


class SoapClient:
    """Calls the operations of a WSDL at an endpoint (SOAP 1.1, document/literal).

    ``endpoint`` is the service's URL; what the WSDL says about it does not count. Raises ConfigurationFault
    for a WSDL or arguments that do not fit, and by what the service answers: SourceUnavailable (down,
    time-out, HTTP 502, 503, 504, a server's fault), SourceRefused (HTTP 401, 403, login), SourceUnreadable
    (no SOAP, a document type, too large), Terminal (a caller's fault).
    """

    def __init__(self, endpoint: str, *, system: str, wsdl: Path = DRS_WSDL, timeout_seconds: float = 60.0) -> None:
        self.endpoint, self.system, self.wsdl = endpoint, system, wsdl
        self._http = _Post(system, timeout_seconds)

    def call(self, operation: str, **arguments: Any) -> Answer:
        """The operation's answer, typed. ``arguments`` are the elements inside the request's one element."""
        reply = self.ask(operation, **arguments)
        values, drift = decoded(reply.element, reply.kind)
        return Answer(f"{operation}Response", values, drift)

    def ask(self, operation: str, **arguments: Any) -> Reply:
        """The operation's answer as XML, checked but not decoded: for answers of many records."""
        agreed = self.operation(operation)
        wrapper = [name for name, _ in agreed.input.body.type.elements]
        place = f"operation {operation}"
        try:
            send = self._service[operation]
            response = send(**{wrapper[0]: arguments} if len(wrapper) == 1 else arguments)
        except (zeep.exceptions.ValidationError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, requests.RequestException):  # which are ValueErrors, some of them
                self._unreached(error, place)
            raise ConfigurationFault(
                f"The arguments do not fit the WSDL ({_where(error)}).",
                system=self.system,
                place=place,
                next_step="Compare the arguments (layout.arguments in source.toml) with the operation's types.",
            ) from None
        except requests.RequestException as error:
            self._unreached(error, place)
        element = body_of(self._message(response, place), self.system, place)
        return self._inside(element, agreed.output.body.type)

    def read(self, message: bytes) -> Answer:
        """A message that came from outside, e.g. a bookingConfirmation, by the same types."""
        name, inside = self.heard(message)
        values, drift = decoded(inside.element, inside.kind)
        return Answer(name, values, drift)

    def heard(self, message: bytes) -> tuple[str, Reply]:
        """The name of a message that came from outside, and what is in it as XML, checked but not decoded."""
        element = body_of(parsed(message, self.system, INBOUND), self.system, INBOUND)
        name = etree.QName(element).localname
        return name, self._inside(element, self.message_kind(element.tag))

    def message_kind(self, tag: str) -> Any:
        """The schema type of a message, which is named ``{namespace}name``."""
        try:
            return self._client.get_element(tag).type  # type: ignore[no-untyped-call]
        except (zeep.exceptions.LookupError, zeep.exceptions.NamespaceError):
            raise SourceUnreadable(
                f"The message {etree.QName(tag).localname[:80]} is not of this interface.",
                system=self.system,
                place=INBOUND,
                next_step="Ask the sender which interface it speaks, and add the message to the WSDL.",
            ) from None

    def operation(self, name: str) -> Any:
        """zeep's description of the operation. Raises ConfigurationFault where the WSDL has none."""
        try:
            return self._binding.get(name)
        except (KeyError, ValueError):
            raise ConfigurationFault(
                f"The WSDL {self.wsdl.name} has no operation {name}.",
                system=self.system,
                next_step=f"Use one of: {', '.join(self.operations)}.",
            ) from None

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of all operations that can be called."""
        return tuple(sorted(self._binding.all()))

    def close(self) -> None:
        """Gives the connections back."""
        self._http.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _client(self) -> zeep.Client:
        place = f"WSDL {self.wsdl.name}"
        try:
            document = bound(parsed(self.wsdl.read_bytes(), self.system, place))
            settings = zeep.Settings(
                strict=False, raw_response=True, xml_huge_tree=False, forbid_dtd=True, forbid_external=True
            )
            # The document is handed over as text, so that nothing is loaded from anywhere.
            text = io.BytesIO(etree.tostring(document))
            return zeep.Client(text, transport=self._http, settings=settings)  # type: ignore[no-untyped-call]
        except (OSError, zeep.exceptions.Error, KeyError, ValueError) as error:
            raise ConfigurationFault(
                f"The WSDL cannot be used ({type(error).__name__}).",
                system=self.system,
                place=place,
                next_step="Set layout.wsdl in source.toml to the service's WSDL (SOAP 1.1, document/literal).",
            ) from error

    @cached_property
    def _binding(self) -> Any:
        bindings = list(self._client.wsdl.bindings.values())
        if not bindings:
            raise ConfigurationFault(
                "The WSDL has neither a binding nor a port type.",
                system=self.system,
                place=f"WSDL {self.wsdl.name}",
                next_step="Set layout.wsdl in source.toml to the service's WSDL (SOAP 1.1, document/literal).",
            )
        return bindings[0]

    @cached_property
    def _service(self) -> Any:
        return self._client.create_service(self._binding.name, self.endpoint)  # type: ignore[no-untyped-call]

    def _message(self, response: requests.Response, place: str) -> etree._Element:
        status, content = response.status_code, response.content
        if status in {401, 403}:
            raise SourceRefused(
                f"The service does not let us in (HTTP {status}).",
                system=self.system,
                place=place,
                next_step="Check the user and password in the environment and the service's list of addresses.",
            )
        if status in {408, 429, 502, 503, 504}:
            raise SourceUnavailable(
                f"The service is not available (HTTP {status}).",
                system=self.system,
                place=place,
                next_step="Run again later; if it stays so, tell the supplier.",
            )
        if status != 500 and not 200 <= status < 300:
            raise ConfigurationFault(
                f"There is no such service (HTTP {status}).",
                system=self.system,
                place=place,
                next_step="Correct the endpoint in hub.toml.",
            )
        if status == 500 and (not content or kind_of(content[:4096]) == "an HTML page"):
            raise SourceUnreadable(
                f"The service failed with HTTP 500 and {'an HTML page' if content else 'nothing'} "
                "in place of a SOAP fault.",
                system=self.system,
                place=place,
                next_step="Look up the service's own log at this time, then run again.",
            )
        try:
            return parsed(content, self.system, place)
        except SourceUnreadable:
            head = content[:4096]
            if b"Envelope" in head and b"<!DOCTYPE" not in head and not content.rstrip().endswith(b"Envelope>"):
                raise SourceUnavailable(
                    f"The answer breaks off after {len(content):,} bytes.",
                    system=self.system,
                    place=place,
                    next_step="Run again; if it stays so, give the supplier the time and the operation.",
                ) from None
            raise

    def _inside(self, element: etree._Element, kind: Any) -> Reply:
        """The one element that a document/literal wrapper holds, with its type."""
        ((name, inner),) = kind.elements
        found = element.find(f"{{*}}{name}")
        return Reply(etree.Element(name) if found is None else found, inner.type)

    def _unreached(self, error: requests.RequestException, place: str) -> NoReturn:
        if isinstance(error, requests.exceptions.SSLError):
            raise SourceRefused(
                "The service's certificate is not trusted.",
                system=self.system,
                place=place,
                next_step="Check the endpoint's name in hub.toml and the certificate authority of this machine.",
            ) from None
        if isinstance(error, NOT_A_URL):
            raise ConfigurationFault(
                "The endpoint is not a URL.",
                system=self.system,
                place=place,
                next_step="Set it in hub.toml as https://host/path.",
            ) from None
        if isinstance(error, requests.exceptions.ContentDecodingError):
            raise SourceUnreadable(
                f"The answer cannot be unpacked, or is larger than {LARGEST_ANSWER_BYTES // 1024**2} MB.",
                system=self.system,
                place=place,
                next_step="Ask for fewer days at a time (layout.period.days in source.toml).",
            ) from None
        slow = isinstance(error, requests.Timeout)
        raise SourceUnavailable(
            "The service did not answer in time." if slow else "The service cannot be reached, or hung up.",
            system=self.system,
            place=place,
            next_step="Check that it is up and that the firewall lets us through, then run again.",
        ) from None


def _where(error: BaseException) -> str:
    """Which argument it was, without its value."""
    if isinstance(error, zeep.exceptions.ValidationError):
        return f"{error.message.split(' (')[0]} at {'.'.join(str(step) for step in error.path)}"
    text = str(error)
    return text[: text.index(". Signature")] if ". Signature" in text else type(error).__name__


class _Post(zeep.Transport):
    """zeep's transport without its log, which writes whole messages down, and with a largest answer."""

    def __init__(self, system: str, timeout_seconds: float) -> None:
        super().__init__(session=requests.Session(), operation_timeout=timeout_seconds)  # type: ignore[no-untyped-call]
        self._system = system

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        outside.require("SOAP", system=self._system)
        response: requests.Response = self.session.post(
            address, data=message, headers=headers, timeout=self.operation_timeout, stream=True
        )
        with response:
            content = bytearray()
            for block in response.iter_content(1 << 16):
                content += block
                if len(content) > LARGEST_ANSWER_BYTES:
                    raise requests.exceptions.ContentDecodingError
            response._content = bytes(content)
        return response


def wsdl_of(system: SystemSpec) -> Path:
    """The WSDL that the system is asked by: ``layout.wsdl``, or the repairs scheduler's."""
    return Path(system.layout.get("wsdl", DRS_WSDL))


def bound(document: etree._Element) -> etree._Element:
    """The WSDL with a SOAP 1.1 document/literal binding for every port type, where it has no binding at all."""
    if document.find(f"{{{WSDL}}}binding") is not None:
        return document
    prefixes = {"wsdl": WSDL, "soap": WSDL_SOAP, "target": document.get("targetNamespace")}
    for port_type in document.findall(f"{{{WSDL}}}portType"):
        name = port_type.get("name")
        binding = etree.SubElement(
            document, f"{{{WSDL}}}binding", {"name": f"{name}Binding", "type": f"target:{name}"}, prefixes
        )
        http = {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"}
        etree.SubElement(binding, f"{{{WSDL_SOAP}}}binding", http)
        for abstract in port_type.findall(f"{{{WSDL}}}operation"):
            operation = etree.SubElement(binding, f"{{{WSDL}}}operation", {"name": abstract.get("name")})
            etree.SubElement(operation, f"{{{WSDL_SOAP}}}operation", {"soapAction": ""})
            for direction in ("input", "output"):
                if abstract.find(f"{{{WSDL}}}{direction}") is not None:
                    message = etree.SubElement(operation, f"{{{WSDL}}}{direction}")
                    etree.SubElement(message, f"{{{WSDL_SOAP}}}body", {"use": "literal"})
    return document
