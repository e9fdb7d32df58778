"""XML: records by element, and what must never be resolved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors import xml
from connectors.xml import open_source
from ledger.errors import ContractBroken, SourceUnreadable
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, rows_of

FORMS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<f:forms xmlns:f="urn:lettings"><!-- of the year -->
  <head><made>2026-09-28</made></head>
  <f:form id="7"><ref>1</ref><rent> £90.00</rent><note/></f:form>
  <f:form><ref>2</ref><home><beds>3</beds></home><phone>a</phone><phone>b</phone></f:form>
  <f:form><ref>3</ref><note>x &amp; y</note></f:form>
</f:forms>"""
TROUBLE = {
    "bomb": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><forms><form><ref>&b;</ref></form></forms>',
    "external": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><forms><form>&a;</form></forms>',
    "remote": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><forms><form><ref>1</ref></form></forms>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><forms/>',
    "undeclared": "<forms><form><ref>&nothing;</ref></form></forms>",
    "cut": "<forms><form><ref>1</ref></form><form><re",
    "page": "<html><body>Please sign in<br></body></html>",
    "comma": "ref,name\n1,x\n",
    "deep": "<forms><form>" + "<a>" * 2000 + "</a>" * 2000 + "</form></forms>",
}


class TestXml(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path) -> Arranged:
        (tmp_path / "forms_1.xml").write_text(FORMS, "latin-1")
        (tmp_path / "none.xml").write_text("<forms/>")
        for name, content in TROUBLE.items():
            (tmp_path / f"{name}.xml").write_text(content)
        table = a_table("form", "ref", "rent", files="forms_*.xml")
        source = open_source(a_system("xml", table), str(tmp_path), {})

        def reading(name: str, **layout: Any) -> Any:
            return lambda: rows_of(source, a_table("form", "ref", files=f"{name}.xml", **layout))

        return Arranged(
            source,
            table,
            whole_rows=3,
            module=xml,
            folder=tmp_path,
            empty=a_table("form", "ref", files="none.xml"),
            missing=a_table("sales", "ref", files="sales*.xml"),
            failures=[
                *((reading(name), SourceUnreadable) for name in TROUBLE),
                (reading("forms_1", record="letting"), ContractBroken),
            ],
        )

    def test_leaves_are_columns(self, arranged: Arranged) -> None:
        first, second, third = rows_of(arranged.source, arranged.table)
        assert list(first)[3:] == ["@id", "ref", "rent", "note", "home/beds", "phone", "phone[2]"]
        assert (first["@id"], first["rent"], first["note"], first["home/beds"]) == ("7", " £90.00", "", None)
        assert (second["home/beds"], second["phone"], second["phone[2]"]) == ("3", "a", "b")
        assert (third["_line"], third["note"]) == (3, "x & y")

    def test_nothing_of_another_file_is_shown(self, arranged: Arranged) -> None:
        with pytest.raises(SourceUnreadable) as caught:
            rows_of(arranged.source, a_table("form", "ref", files="external.xml"))
        assert "root:" not in str(caught.value)


def test_fields_that_every_record_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<forms><form><ref>1</ref></form></forms>")
    table = a_table("form", "ref", fields=["ref", "rent"])
    (row,) = rows_of(open_source(a_system("xml", table), str(tmp_path / "a.xml"), {}), table)
    assert (row["ref"], row["rent"]) == ("1", None)


def test_the_lettings_export(real_files: Path) -> None:
    file = real_files / "core-lettings" / "general_needs_log_26_27.xml"
    table = a_table("form", "tenancycode")
    (row,) = rows_of(open_source(a_system("xml", table), str(file), {}), table)
    assert (row["tenancycode"], row["age1"], row["age3"], row["providertype"]) == ("BZ737", "35", "", "1")
    assert len(row) == 3 + file.read_text("utf-8").count("\n    <")
