"""SOAP messages taken apart: hardened XML, faults by what a person can do, values by declared type, drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.files import kind_of
from ledger.errors import HubError, SourceRefused, SourceUnavailable, SourceUnreadable, Terminal

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Drift:
    """Where messages and their schema differ: paths of elements with how often, never a value."""

    undeclared: Counts = ()
    """Elements that the schema does not know. They are kept."""
    unreadable: Counts = ()
    """Elements whose text is not of the declared type. The text is kept as it stands."""

    def __add__(self, other: Drift) -> Drift:
        return Drift(_sum(self.undeclared, other.undeclared), _sum(self.unreadable, other.unreadable))

    def __bool__(self) -> bool:
        return bool(self.undeclared or self.unreadable)


def _sum(one: Counts, other: Counts) -> Counts:
    return tuple(sorted((Counter(dict(one)) + Counter(dict(other))).items()))


def parsed(content: bytes, system: str, place: str) -> etree._Element:
    """The root element. Raises SourceUnreadable for what is no XML, and for any document type declaration."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    kind = kind_of(content[:4096])
    if kind != "an HTML page":
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError:
            # The parser's own message quotes the text, which may be about a person; and a document that is
            # stopped for what its entities would grow to is no document of another kind.
            root = None
        if b"<!DOCTYPE" in content[:4096] or (root is not None and root.getroottree().docinfo.doctype):
            raise SourceUnreadable(
                "The message declares a document type: entities could read files or fill the memory.",
                system=system,
                place=place,
                next_step="Do not use this message. Ask the supplier who changed the service: SOAP forbids it.",
            )
        if root is not None:
            return root
    found = "XML that is not well formed" if kind in {None, "an XML document"} and b"<" in content[:64] else kind
    raise SourceUnreadable(
        f"It is {found or 'not XML'} in place of a SOAP message ({len(content):,} bytes).",
        system=system,
        place=place,
        next_step="Check the endpoint in hub.toml and whether a proxy or a login page stands before it.",
    )


def body_of(root: etree._Element, system: str, place: str) -> etree._Element:
    """The element in the SOAP body. Raises by the fault where the body is one, else SourceUnreadable."""
    body = root.find(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else None
    if body is None or len(body) != 1:
        raise SourceUnreadable(
            "The answer is XML but not a SOAP 1.1 message with one body.",
            system=system,
            place=place,
            next_step="Check the endpoint in hub.toml: another service answers there.",
        )
    if body[0].tag == f"{{{SOAP}}}Fault":
        raise _fault(body[0], system, place)
    return body[0]


def _fault(fault: etree._Element, system: str, place: str) -> HubError:
    """The error for a SOAP fault: the server's own trouble may pass, the caller's will not.

    The fault's text stays out of it: it may quote a tenant's name.
    """
    code = (fault.findtext("faultcode") or "unknown").rpartition(":")[2][:40]
    text = (fault.findtext("faultstring") or "").casefold()
    fault_is = f"The service answered with the fault {code!r}."
    if any(word in text for word in ("password", "login", "unauthori", "not authori", "access denied")):
        return SourceRefused(
            fault_is,
            system=system,
            place=place,
            next_step="Correct the user and password in the environment, or ask the supplier to unlock them.",
        )
    if code.split(".")[0] in {"Server", "Receiver"} or "session" in text:
        return SourceUnavailable(
            fault_is,
            system=system,
            place=place,
            next_step="Run again; if it stays so, look up the service's own log at this time.",
        )
    return Terminal(
        fault_is,
        system=system,
        place=place,
        next_step="Compare the operation's arguments with the WSDL, and look up the service's own log.",
    )


def declared(kind: Any) -> Mapping[str, Any] | None:
    """The elements a schema type declares, by name; None for a type of plain text.

    ``kind`` is a type of zeep's: of these it has ``elements`` or ``pythonvalue``.
    """
    return dict(kind.elements) if hasattr(kind, "elements") else None


def decoded(element: etree._Element, kind: Any) -> tuple[Any, Drift]:
    """The element's value by its schema type, with what was not as declared.

    An element with elements becomes a dictionary: repeatable ones are lists, absent ones None. Undeclared
    elements stand beside the others under their own names. (zeep's own tolerant reading drops every declared
    element that follows an undeclared one.)
    """
    undeclared: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()

    def value(element: etree._Element, kind: Any, path: str) -> Any:
        members = declared(kind)
        if members is None:
            return _plain(element, kind, path, unreadable)
        if element.get(f"{{{XSI}}}nil") in {"true", "1"}:
            return None
        values: dict[str, Any] = {name: [] if known.accepts_multiple else None for name, known in members.items()}
        for child in element:
            name = etree.QName(child).localname
            below = f"{path}/{name}"
            known = members.get(name)
            if known is None:
                undeclared[below] += 1
                _add(values, name, as_found(child))
            elif known.accepts_multiple:
                values[name].append(value(child, known.type, below))
            else:
                values[name] = value(child, known.type, below)
        return values

    result = value(element, kind, etree.QName(element).localname)
    return result, Drift(tuple(sorted(undeclared.items())), tuple(sorted(unreadable.items())))


def _plain(element: etree._Element, kind: Any, path: str, unreadable: Counter[str]) -> Any:
    text = element.text
    if text is None or not hasattr(kind, "pythonvalue"):
        return text
    try:
        return kind.pythonvalue(text)
    except (ValueError, TypeError, ArithmeticError):
        unreadable[path] += 1
        return text


def _add(values: dict[str, Any], name: str, value: Any) -> None:
    if name not in values:
        values[name] = value
    elif isinstance(values[name], list):
        values[name].append(value)
    else:
        values[name] = [values[name], value]


def as_found(element: etree._Element) -> Any:
    """The element without a schema: its text, or a dictionary of what is in it."""
    if not len(element):
        return element.text
    values: dict[str, Any] = {}
    for child in element:
        _add(values, etree.QName(child).localname, as_found(child))
    return values


def undeclared_in(element: etree._Element, kind: Any, path: str = "") -> Iterator[str]:
    """Paths of all elements that the schema type does not declare, as often as they occur."""
    members = declared(kind)
    if members is None:
        return
    path = path or etree.QName(element).localname
    for child in element:
        name = etree.QName(child).localname
        if name not in members:
            yield f"{path}/{name}"
        elif len(child):
            yield from undeclared_in(child, members[name].type, f"{path}/{name}")
