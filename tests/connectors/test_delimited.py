"""Delimited text: line ends, code pages, quotes, headers, and what is no delimited text at all."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import delimited
from connectors.delimited import open_source
from connectors.protocol import Unit
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, only_unit, rows_of

LINE_ENDS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}


def read_bytes(folder: Path, content: bytes, *columns: str, **layout: Any) -> list[dict[str, Any]]:
    """What a file of that content gives, with its lines, faults and raw text."""
    (folder / "file.csv").write_bytes(content)
    table = a_table("file", *(columns or ("a", "b")), **layout)
    return rows_of(open_source(a_system("delimited", table), str(folder), {}), table)


def values(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(value for name, value in row.items() if not name.startswith("_")) for row in rows]


def lines_and_faults(rows: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    return [(row["_line"], row["_fault"]) for row in rows]


class TestDelimited(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path) -> Arranged:
        (tmp_path / "lettings_9.csv").write_bytes(b'ref,name\r\n1,"O\'Neil, \xa3"\r\n2,two\r\nx,3,ragged\r\n4,\r\n')
        (tmp_path / "LETTINGS_10.CSV").write_bytes(b"ref,name\r5,five\r6,\x81\r7,seven")
        (tmp_path / "lettings_11.csv.part").write_bytes(b"ref,name\n8,unfinished\n")
        (tmp_path / "nothing.csv").write_bytes(b"")
        files = {
            "workbook": b"PK\x03\x04 and so on",
            "page": b"<!DOCTYPE html><html>Your session has ended</html>",
            "utf16": "ref,name\n1,x\n".encode("utf-16"),
            "binary": bytes(range(256)) * 4,
            "late": b"only,one\n",
        }
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_bytes(content)
        table = a_table("lettings", "ref", "name", files="lettings_*.csv", encoding="cp1252")
        empty = a_table("nothing", "ref", files="nothing.csv")
        system = a_system("delimited", table, empty)
        source = open_source(system, str(tmp_path), {})

        def reading(name: str, **layout: Any) -> Any:
            return lambda: rows_of(source, a_table(name, "ref", files=f"{name}.csv", **layout))

        return Arranged(
            source,
            table,
            whole_rows=5,
            faults={"broken": 1, "undecodable": 1},
            module=delimited,
            folder=tmp_path,
            empty=empty,
            missing=a_table("voids", "ref", files="voids*.csv"),
            failures=[
                *((reading(name), SourceUnreadable) for name in ("workbook", "page", "utf16", "binary")),
                (reading("late", header_row=3), ContractBroken),
                (reading("late", encoding="cp9999"), ConfigurationFault),
                (reading("late", delimiter="||"), ConfigurationFault),
                (lambda: open_source(system, str(tmp_path / "gone"), {}), ConfigurationFault),
            ],
        )

    def test_files_stand_in_natural_order(self, arranged: Arranged) -> None:
        names = [unit.name for unit in arranged.source.units(arranged.table)]
        assert names == ["lettings_9.csv", "LETTINGS_10.CSV"]

    def test_values_are_decoded(self, arranged: Arranged) -> None:
        rows = rows_of(arranged.source, arranged.table)
        assert rows[0]["name"] == "O'Neil, £"
        assert rows[2]["_raw"] == "x,3,ragged"
        assert rows[3]["name"] == ""
        assert [row["_line"] for row in rows] == [2, 3, 4, 5, 2, 3, 4]


@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_every_kind_of_line_end(tmp_path: Path, end: bytes) -> None:
    rows = read_bytes(tmp_path, end.join([b"a,b", b"1,x", b"", b'2,"y', b'z"', b"3,", b""]))
    assert values(rows) == [("1", "x"), ("2", f"y{end.decode()}z"), ("3", "")]
    assert [row["_line"] for row in rows] == [2, 4, 6]


def test_mixed_line_ends_and_none_at_the_end(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, b"a,b\r\n1,x\r2,y\n3,z\r\n4,end\x1a")
    assert [row["a"] for row in rows] == ["1", "2", "3", "4"]
    assert read_bytes(tmp_path, b"a,b\r\n1,x\r\n\x1a") == rows[:1]


def test_ragged_rows_are_kept_and_the_following_survive(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, b"a,b\n1\n2,x\n3,y,z\n4,w\n")
    assert lines_and_faults(rows) == [(2, "broken"), (3, None), (4, "broken"), (5, None)]
    assert [row["_raw"] for row in rows] == ["1", None, "3,y,z", None]


def test_a_quote_that_is_never_closed_breaks_its_line_alone(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, b'a,b\n1,"open\n2,x\n3,"y\nz"\n4,w\n')
    assert lines_and_faults(rows)[0] == (2, "broken")
    assert values(rows)[1:] == [("2", "x"), ("3", "y\nz"), ("4", "w")]


def test_a_quote_within_a_field_is_a_character(tmp_path: Path) -> None:
    assert values(read_bytes(tmp_path, b'a,b\n1,5" pipe\n2,"a ""b"" c"\n')) == [
        ("1", '5" pipe'),
        ("2", 'a "b" c'),
    ]


def test_quotes_may_mean_nothing(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, b'a\tb\n1\t"x\n2\ty"z\n', delimiter="\t", quote="")
    assert values(rows) == [("1", '"x'), ("2", 'y"z')]


@pytest.mark.parametrize("stray", [b"", b'0,odd "quote"x\n'], ids=["by arrays", "line by line"])
def test_bytes_that_are_no_text_spoil_their_record_alone(tmp_path: Path, stray: bytes) -> None:
    content = b"a,b\n1,\xc2\xa3\n2,\xa3\n3,nul\x00\n4,ok\n" + stray
    rows = read_bytes(tmp_path, content)
    assert lines_and_faults(rows)[:4] == [(2, None), (3, "undecodable"), (4, "undecodable"), (5, None)]
    assert rows[0]["b"] == "£"
    assert (rows[1]["_raw"], rows[2]["_raw"]) == ("2,\\xa3", "3,nul\\x00")


def test_a_byte_order_mark_overrides_the_declared_code_page(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, "a,b\n1,£\n".encode("utf-8-sig"), encoding="cp1252")
    assert values(rows) == [("1", "£")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1140", "latin-1", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    rows = read_bytes(tmp_path, "a,b\n1,£x\n2,y\n".encode(encoding), encoding=encoding)
    assert values(rows) == [("1", "£x"), ("2", "y")]


def test_a_file_without_a_header(tmp_path: Path) -> None:
    assert values(read_bytes(tmp_path, b"1,x\n2,y\n", header=False)) == [("1", "x"), ("2", "y")]


def test_names_of_columns_as_found(tmp_path: Path) -> None:
    (row,) = read_bytes(tmp_path, b'A ,,Name,Name,"Two\nlines"\n1,2,3,4,5\n')
    assert list(row)[3:] == ["A", "column 2", "Name", "Name (2)", "Two lines"]


@pytest.mark.parametrize("content", [b"1,Mrs Example\n2,Mr Example\n", b"a;b\n1;x\n"])
def test_values_are_not_taken_for_names_of_columns(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ContractBroken, match="Row 1 is no header") as stopped:
        read_bytes(tmp_path, content)
    assert "Example" not in str(stopped.value)


def test_rows_after_the_header_are_skipped(tmp_path: Path) -> None:
    content = b'Extract of today\n\na,amount\n"(no\nunit)",(pounds)\n1,2\n'
    (row,) = read_bytes(tmp_path, content, header_row=2, skip_rows=1)
    assert (row["a"], row["amount"], row["_line"]) == ("1", "2", 6)


def test_a_line_without_end_is_not_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 1 << 18)
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"1,x\n" * 2_000 + b"2,")
        file.seek(1 << 31, 1)  # a hole of 2 GB: it takes no room on the disk
        file.write(b"\r\n3,y\n")
    table = a_table("file", "a", "b")
    source = open_source(a_system("delimited", table), str(path), {})
    monkeypatch.setattr(source, "units", lambda _: [Unit("file.csv")])  # no time to hash the hole
    tracemalloc.start()
    rows = rows_of(source, table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines_and_faults(rows)[1999:] == [(2001, None), (2002, "oversized"), (2003, None)]
    assert rows[2000]["_raw"].startswith("2,")
    assert len(rows[2000]["_raw"]) < 1 << 19
    assert peak < 30 << 20


@pytest.mark.parametrize("length", [900, 1_100, 5_000])
def test_long_records_by_length_not_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD_BYTES", 1_000)
    for block in (64, 1_000, 100_000):
        monkeypatch.setattr(delimited, "BLOCK_BYTES", block)
        rows = read_bytes(tmp_path, b"a,b\n1,x\n2," + b"z" * length + b"\n3,y\n")
        assert lines_and_faults(rows) == [(2, None), (3, None if length < 1_000 else "oversized"), (4, None)]


def test_an_open_quote_before_many_lines_is_given_up_at_the_longest_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD_BYTES", 200)
    body = b"".join(b"%d,x\n" % at for at in range(500))
    for block in (50, 300, 100_000):
        monkeypatch.setattr(delimited, "BLOCK_BYTES", block)
        rows = read_bytes(tmp_path, b'a,b\n0,"open\n' + body)
        assert lines_and_faults(rows)[:2] == [(2, "broken"), (3, None)]
        assert len(rows) == 501


CELLS = st.text(st.sampled_from('ab,"\n\r £é;'), max_size=6)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12),
    end=st.sampled_from(["\n", "\r", "\r\n"]),
    block=st.sampled_from([1, 7, 64, 1 << 20]),
    always=st.booleans(),
)
def test_what_is_written_comes_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[tuple[str, ...]],
    end: str,
    block: int,
    always: bool,
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block)

    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if always or set(cell) & set('",\r\n') else cell

    text = "".join(",".join(map(quoted, row)) + end for row in [("x", "y", "z"), *rows])
    found = read_bytes(tmp_path, text.encode("cp1252"), "x", encoding="cp1252")
    assert values(found) == rows


def test_the_register_with_cr_only(real_files: Path) -> None:
    folder = real_files / "hmo-register-oxford"
    table = a_table("licences", "Case Number", files="hmo-simplified-register.csv")
    rows = rows_of(open_source(a_system("delimited", table), str(folder), {}), table)
    assert len(rows) == 3211
    assert all(row["_fault"] is None for row in rows)
    assert (rows[0]["Case Number"], rows[0]["_line"], rows[-1]["_line"]) == ("16/01202/HMOADS", 2, 3212)
    assert sum(not row["Total Number Units"].strip() for row in rows) == 1649


def test_the_lettings_return_with_eight_header_rows_and_labels(real_files: Path) -> None:
    folder = real_files / "core-lettings"
    file = "2026_27_lettings_bulk_upload.csv"
    table = a_table("lettings", "1", files=file, header_row=8, label_column=True)
    source = open_source(a_system("delimited", table), str(folder), {})
    (row,) = rows_of(source, table)
    assert list(row)[3:] == [str(number) for number in range(1, 148)]
    assert (row["1"], row["3"], row["_line"]) == ("ORG1", "support@example.com", 91)
    assert only_unit(source, table).name == file


def test_the_rent_ranges(real_files: Path) -> None:
    table = a_table("rent_range", "ranges_rent_id", files="rent_range_2026.csv")
    rows = rows_of(open_source(a_system("delimited", table), str(real_files / "core-lettings"), {}), table)
    assert len(rows) == 8880
    assert (rows[0]["ranges_rent_id"], rows[0]["la"]) == ("1", "E07000223")
