"""XML files: one element a record, its leaves the columns.

Layout: ``files`` (a glob), ``record`` (the record element's name; else the table's), ``fields`` (columns that
records may all leave out). A column is the path of a leaf below the record: ``age1``, ``address/postcode``,
``@id``; the second of a repeated leaf is ``phone[2]``. Namespaces are left out. Text stays as it stands, an
empty element is empty text, one that is not there is null.

A document type is refused: it is how XML bombs and stolen files travel, and no extract needs one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow as pa
from lxml import etree

from connectors.chunks import chunk_of
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Unit
from ledger.errors import ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> XmlSource:
    """The folder or file as a source. Raises ConfigurationFault where it is not there."""
    return XmlSource(system, url)


class _Refused(Exception):
    """A document that is well-formed and still not read."""


class XmlSource(FileSource):
    """XML files of a folder."""

    any_file = "*.xml"

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The file's records as text columns, in the order in which they are first met.

        Raises SourceUnreadable where the file is no well-formed XML or brings a document type,
        ContractBroken where it holds elements, but no record.
        """
        record = str(setting(self.system, table, "record", table.name))
        with self._readable(table, unit), self.path(unit).open("rb") as file:
            # Columns are known once the whole file was seen: it is parsed twice, and never held in memory.
            columns = dict.fromkeys(setting(self.system, table, "fields", ()))
            for values in self._records(table, unit, file, record):
                columns |= dict.fromkeys(values)
            file.seek(0)
            batch: list[dict[str, str]] = []
            first = 1
            for values in self._records(table, unit, file, record):
                batch.append(values)
                if len(batch) == CHUNK_ROWS:
                    yield _chunk(first, batch, columns)
                    first, batch = first + len(batch), []
            if batch:
                yield _chunk(first, batch, columns)

    def _records(self, table: TableSpec, unit: Unit, file: BinaryIO, record: str) -> Iterator[dict[str, str]]:
        place = f"{table.place}, file {unit.name}"
        if not file.read(1):
            return
        file.seek(0)
        try:
            found, others = 0, set[str]()
            for element in _elements(file, record, others):
                found += 1
                yield _leaves(element)
        except (etree.XMLSyntaxError, _Refused) as error:
            raise SourceUnreadable(
                f"{self._what_it_is(unit, error)}.",
                system=self.system.name,
                place=place,
                next_step="Ask for the extract as well-formed XML without a document type.",
            ) from None
        if not found and others:
            raise ContractBroken(
                f"No element <{record}>; there are: {', '.join(sorted(others)[:10])}.",
                system=self.system.name,
                place=place,
                next_step="Correct layout.record in source.toml.",
            )

    def _what_it_is(self, unit: Unit, error: Exception) -> str:
        with self.path(unit).open("rb") as file:
            kind = kind_of(file.read(4096))
        if kind is not None and kind != "an XML document":
            return f"The file is {kind}, not XML"
        if isinstance(error, _Refused):
            return str(error)
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else 0
        return "The file is no well-formed XML" + (f": line {line} is where it breaks" if line else "")


def _elements(file: BinaryIO, record: str, others: set[str]) -> Iterator[Any]:
    """The record elements, each forgotten once it was used. ``others`` gathers the root's other children."""
    events = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth, inside = 0, 0
    for event, element in events:
        if event == "start":
            if depth == 0 and element.getroottree().docinfo.internalDTD is not None:
                raise _Refused("The file brings a document type, which may hide entities")
            depth += 1
            if not inside and _local(element.tag) == record:
                inside = depth
            continue
        if inside == depth:
            yield element
            inside = 0
        elif depth == 2 and not inside:
            others.add(_local(element.tag))
        depth -= 1
        if not inside:
            element.clear()
            while depth and element.getprevious() is not None:
                del element.getparent()[0]


def _leaves(record: Any) -> dict[str, str]:
    """The texts of a record's leaves and attributes by path."""
    values: dict[str, str] = {}

    def gather(element: Any, path: str) -> None:
        prefix = f"{path}/" if path else ""
        for name, value in element.attrib.items():
            values[f"{prefix}@{_local(name)}"] = value
        text = element.text or ""
        if path and (not len(element) or text.strip()):
            values[path] = text
        seen: Counter[str] = Counter()
        for child in element:
            if not isinstance(child.tag, str):
                raise _Refused("The file holds an entity that nothing declares")
            name = _local(child.tag)
            seen[name] += 1
            gather(child, f"{prefix}{name}" if seen[name] == 1 else f"{prefix}{name}[{seen[name]}]")

    gather(record, "")
    return values


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _chunk(first: int, batch: list[dict[str, str]], columns: Mapping[str, None]) -> pa.Table:
    arrays = {name: pa.array([values.get(name) for values in batch], pa.string()) for name in columns}
    return chunk_of(range(first, first + len(batch)), arrays)
