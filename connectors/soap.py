"""Tables read from a SOAP service: an operation asked period by period, a record for every repeated element.

``layout`` of the system: ``wsdl`` (a path; the repairs scheduler's own by default), ``session`` (the operations
that open and close one and the element that carries it; the scheduler's by default).

``layout`` of a table::

    operation = "selectBooking"
    records = "theBookings"                  # path of the repeated element in the answer
    arguments = { contract = ["H01"] }       # the request's elements that never change
    period = { from = "returnBookingsFrom", to = "returnBookingsTo", first = 2026-06-01, last = 2026-10-25, days = 14 }
    paths = { priority = "theOrder/priority", day = "../day" }   # columns that are not a child of the record

A column is the text of the record's child of that name, as found: instants keep their ``Z`` or ``+01:00``.
A column named ``undeclared`` receives, as JSON, the record's children that neither WSDL nor table knows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from lxml import etree

from connectors.chunks import chunk_of
from connectors.envelope import Drift, as_found, declared, undeclared_in
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from connectors.soap_client import DRS_WSDL, Reply, SoapClient
from ledger.errors import ConfigurationFault, ContractBroken, SourceRefused, SourceUnavailable
from ledger.spec import SystemSpec, TableSpec

UNDECLARED = "undeclared"

LONGEST_PERIOD_DAYS = 14
"""The scheduler cuts longer periods off and calls that a success."""

SESSION = {"open": "openSession", "close": "closeSession", "element": "sessionId"}


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> SoapSource:
    """The service at ``url`` as a source of tables; ``secrets`` holds ``username`` and ``password``."""
    return SoapSource(system, url, secrets)


class SoapSource:
    """One session with a service, opened at the first question. ``drift`` grows with every table read."""

    def __init__(self, system: SystemSpec, url: str, secrets: Mapping[str, str]) -> None:
        self.system, self.drift = system, Drift()
        self._secrets = secrets
        self._client = SoapClient(url, system=system.name, wsdl=Path(system.layout.get("wsdl", DRS_WSDL)))
        self._words: Mapping[str, str] = system.layout.get("session", SESSION)
        self._session: str | None = None

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """One unit, the operation. Raises ContractBroken where the WSDL lacks what the table is agreed to have."""
        known = declared(self._record_kind(table)) or {}
        for column in table.columns:
            step = _path(table, column.name)[0]
            if step not in known and step != ".." and not column.optional and column.name != UNDECLARED:
                raise ContractBroken(
                    f"The WSDL knows no element {step} in {_setting(table, 'records')}.",
                    system=self.system.name,
                    place=table.place,
                    next_step="Correct the column's name or path, or mark it optional in source.toml.",
                )
        return [Unit(_setting(table, "operation"))]

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The records of all periods as chunks of text columns."""
        kind = self._record_kind(table)
        paths = {column.name: _path(table, column.name) for column in table.columns}
        known = frozenset(declared(kind) or ()) | {path[-1] for path in paths.values()}
        rows: list[list[str | None]] = []
        done = 0
        for record in self._records(table):
            rows.append(
                [
                    _undeclared(record, known) if name == UNDECLARED else _text(record, path)
                    for name, path in paths.items()
                ]
            )
            if len(rows) == CHUNK_ROWS:
                yield _chunk(list(paths), rows, done)
                done, rows = done + len(rows), []
        if rows:
            yield _chunk(list(paths), rows, done)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """Nothing: the service states no totals."""
        return Controls()

    def close(self) -> None:
        """Ends the session and gives the connections back."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(SourceUnavailable):  # a session that nobody ends lasts until midnight
                self._client.ask(self._words["close"], **{self._words["element"]: session})
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _records(self, table: TableSpec) -> Iterator[etree._Element]:
        """Every record once: one that stands in two neighbouring periods is given with the first."""
        path = "/".join(f"{{*}}{step}" for step in _setting(table, "records").split("/"))
        drifted: Counter[str] = Counter()
        before: set[bytes] = set()
        for period in _periods(table):
            reply = self._ask(table, period)
            drifted.update(undeclared_in(reply.element, reply.kind))
            now: set[bytes] = set()
            for record in reply.element.iterfind(path):
                digest = hashlib.blake2b(_identity(table, record), digest_size=16).digest()
                now.add(digest)
                if digest not in before:
                    yield record
            before = now
        self.drift += Drift(tuple(sorted(drifted.items())))

    def _ask(self, table: TableSpec, period: Mapping[str, Any]) -> Reply:
        operation, arguments = _setting(table, "operation"), dict(table.layout.get("arguments", {}))
        if self._session is None:
            self._session = self._log_in()
        reply = self._client.ask(operation, **arguments, **period, **{self._words["element"]: self._session})
        said = reply.element.findtext("{*}errorMsg") or ""
        if not _succeeded(reply):
            if "session" in said.casefold():
                self._session = None
                raise SourceUnavailable(
                    "The session has ended.",
                    system=self.system.name,
                    place=table.place,
                    next_step="Run again: a new session is opened.",
                )
            raise ContractBroken(
                f"The service could not answer {operation}.",
                system=self.system.name,
                place=table.place,
                next_step="Compare layout.arguments with what the service knows (contract, operatives).",
            )
        if said and period:
            raise ContractBroken(
                f"The service says that its answer to {operation} is not whole.",
                system=self.system.name,
                place=table.place,
                next_step="Ask for fewer days at a time (layout.period.days in source.toml).",
            )
        return reply

    def _log_in(self) -> str:
        missing = [name for name in ("username", "password") if not self._secrets.get(name)]
        if missing:
            raise ConfigurationFault(
                f"The {' and the '.join(missing)} of the service is not set.",
                system=self.system.name,
                next_step="Set it in the environment.",
            )
        reply = self._client.ask(
            self._words["open"], login=self._secrets["username"], password=self._secrets["password"]
        )
        session: str | None = reply.element.findtext(f"{{*}}{self._words['element']}")
        if not session or not _succeeded(reply):
            raise SourceRefused(
                "The service does not accept the user and password.",
                system=self.system.name,
                next_step="Correct them in the environment, or ask the supplier to unlock the user.",
            )
        return session

    def _record_kind(self, table: TableSpec) -> Any:
        """The schema type of a table's record."""
        operation = _setting(table, "operation")
        steps = _setting(table, "records").split("/")
        try:
            ((_, wrapper),) = self._client.operation(operation).output.body.type.elements
            kind = wrapper.type
            for step in steps:
                kind = (declared(kind) or {})[step].type
        except (ConfigurationFault, KeyError) as error:
            raise ContractBroken(
                f"The WSDL has no {operation} with records {'/'.join(steps)}.",
                system=self.system.name,
                place=table.place,
                next_step="Correct layout.operation and layout.records in source.toml.",
            ) from error
        return kind


def _setting(table: TableSpec, name: str) -> str:
    value = table.layout.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigurationFault(
            f"layout.{name} is not set.",
            system=table.system,
            place=table.place,
            next_step=f"Set layout.{name} of the table in source.toml.",
        )
    return value


def _path(table: TableSpec, column: str) -> tuple[str, ...]:
    return tuple(str(table.layout.get("paths", {}).get(column, column)).split("/"))


def _succeeded(reply: Reply) -> bool:
    return reply.element.findtext("{*}status") in {None, "success", "undefined"}


def _periods(table: TableSpec) -> Iterator[dict[str, datetime]]:
    """The request's elements for each period; one empty period where the table has none."""
    period = table.layout.get("period")
    if period is None:
        yield {}
        return
    try:
        first, last = period["first"], period["last"]
        days = min(int(period.get("days", LONGEST_PERIOD_DAYS)), LONGEST_PERIOD_DAYS)
        names = period["from"], period["to"]
        sound = isinstance(first, date) and isinstance(last, date) and first <= last and days > 0
    except (KeyError, ValueError, TypeError):
        sound = False
    if not sound:
        raise ConfigurationFault(
            "layout.period needs from, to, first and last (dates, first <= last) and days.",
            system=table.system,
            place=table.place,
            next_step="Correct it in source.toml.",
        )
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield {
            names[0]: datetime.combine(first, time.min),
            names[1]: datetime.combine(end, time(23, 59, 59)),
        }
        first = end + timedelta(days=1)


def _identity(table: TableSpec, record: etree._Element) -> bytes:
    """What makes a record the same: all that it holds, and what its columns take from above it."""
    above = [_text(record, path) or "" for path in (_path(table, c.name) for c in table.columns) if path[0] == ".."]
    return bytes(etree.tostring(record, method="c14n")) + "\0".join(above).encode()


def _text(record: etree._Element, path: Sequence[str]) -> str | None:
    """The text at the path; several as lines; an element of elements as JSON; None where there is none."""
    node = record
    while path and path[0] == "..":
        node, path = node.getparent(), path[1:]
    found = node.findall("/".join(f"{{*}}{step}" for step in path))
    return "\n".join(json.dumps(as_found(each)) if len(each) else each.text or "" for each in found) if found else None


def _undeclared(record: etree._Element, known: frozenset[str]) -> str | None:
    kept = [[etree.QName(child).localname, as_found(child)] for child in record]
    return json.dumps([pair for pair in kept if pair[0] not in known]) if {n for n, _ in kept} - known else None


def _chunk(names: Sequence[str], rows: Sequence[Sequence[str | None]], before: int) -> pa.Table:
    columns = zip(*rows, strict=True)
    return chunk_of(
        range(before + 1, before + len(rows) + 1),
        {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)},
    )
