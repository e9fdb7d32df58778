"""Transfer files by record type: the contract, trailers, editions, and the public AddressBase samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors import records
from connectors.protocol import Controls
from connectors.records import open_source
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import Column, TableSpec
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, only_unit, rows_of

TRAILER = {"record": "99", "count": 3, "without": ["10", "29", "99"]}
DATES = ["START_DATE", "END_DATE", "LAST_UPDATE_DATE", "ENTRY_DATE"]
EDITION_ONE = {
    "11": "USRN RECORD_TYPE SWA_ORG_REF_NAMING STATE STATE_DATE STREET_SURFACE STREET_CLASSIFICATION VERSION "
    "STREET_START_DATE STREET_END_DATE LAST_UPDATE_DATE RECORD_ENTRY_DATE STREET_START_X STREET_START_Y "
    "STREET_END_X STREET_END_Y STREET_TOLERANCE",
    "15": "USRN STREET_DESCRIPTION LOCALITY_NAME TOWN_NAME ADMINISTRATIVE_AREA LANGUAGE",
    "21": "UPRN LOGICAL_STATUS BLPU_STATE BLPU_STATE_DATE PARENT_UPRN X_COORDINATE Y_COORDINATE RPC "
    "LOCAL_CUSTODIAN_CODE START_DATE END_DATE LAST_UPDATE_DATE ENTRY_DATE POSTAL_ADDRESS POSTCODE_LOCATOR "
    "MULTI_OCC_COUNT",
    "23": "UPRN XREF_KEY CROSS_REFERENCE VERSION SOURCE START_DATE END_DATE LAST_UPDATE_DATE ENTRY_DATE",
    "24": "UPRN LPI_KEY LANGUAGE LOGICAL_STATUS START_DATE END_DATE LAST_UPDATE_DATE ENTRY_DATE "
    "SAO_START_NUMBER SAO_START_SUFFIX SAO_END_NUMBER SAO_END_SUFFIX SAO_TEXT PAO_START_NUMBER "
    "PAO_START_SUFFIX PAO_END_NUMBER PAO_END_SUFFIX PAO_TEXT USRN USRN_MATCH_INDICATOR AREA_NAME LEVEL "
    "OFFICIAL_FLAG",
    "28": "UPRN PARENT_ADDRESSABLE_UPRN RM_UDPRN ORGANISATION_NAME DEPARTMENT_NAME SUB_BUILDING_NAME "
    "BUILDING_NAME BUILDING_NUMBER DEPENDENT_THOROUGHFARE_NAME THOROUGHFARE_NAME DOUBLE_DEPENDENT_LOCALITY "
    "DEPENDENT_LOCALITY POST_TOWN POSTCODE POSTCODE_TYPE WELSH_DEPENDENT_THOROUGHFARE_NAME "
    "WELSH_THOROUGHFARE_NAME WELSH_DOUBLE_DEPENDENT_LOCALITY WELSH_DEPENDENT_LOCALITY WELSH_POST_TOWN "
    "PO_BOX_NUMBER PROCESS_DATE START_DATE END_DATE LAST_UPDATE_DATE ENTRY_DATE",
    "31": "UPRN ORG_KEY ORGANISATION LEGAL_NAME START_DATE END_DATE LAST_UPDATE_DATE ENTRY_DATE",
    "32": "UPRN CLASS_KEY CLASSIFICATION_CODE CLASS_SCHEME SCHEME_VERSION START_DATE END_DATE "
    "LAST_UPDATE_DATE ENTRY_DATE",
}
"""Columns of the edition that the public samples are in, after record type, change type and order."""


def premium(record: str, **layout: Any) -> TableSpec:
    columns = ["RECORD_IDENTIFIER", "CHANGE_TYPE", "PRO_ORDER", *EDITION_ONE[record].split()]
    return a_table(f"record_{record}", *columns, key=["PRO_ORDER"], record=record, ignore=["10"], **layout)


def street(name: str = "HIGH STREET", order: str = "1") -> str:
    return f'15,"I",{order},7803555,"{name}","","DUNDEE","DUNDEE CITY","ENG"'


def write(folder: Path, *lines: str | bytes, name: str = "a.csv", end: bytes = b"\r\n") -> None:
    content = [line if isinstance(line, bytes) else line.encode() for line in lines]
    (folder / name).write_bytes(end.join(content) + end)


def opened(folder: Path, *tables: TableSpec) -> records.RecordSource:
    return open_source(a_system("records", *tables), str(folder), {})


class TestRecords(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arranged:
        monkeypatch.setattr(records, "LONGEST_LINE", 200)
        monkeypatch.setattr(records, "BLOCK_BYTES", 300)
        lines: list[str | bytes] = ['10,"GAZ",1', street(), "", street("QUAY, THE"), "15,BADSTREET-1"]
        lines += ["20,what", '15,"I",3,"unclosed,x', b'15,"I",4,1,"\xff","","","","ENG"']
        lines += [street("LANE " * 200), street('THE ""OLD"" MILL'), '99,0,8,""']
        write(tmp_path, *lines)
        (tmp_path / "none").mkdir()
        write(tmp_path / "none", '10,"GAZ",1', "99,0,0")
        table = premium("15", trailer=TRAILER, files="*.csv")
        empty = premium("15", trailer=TRAILER, files="none/*.csv")
        return Arranged(
            opened(tmp_path, table),
            table,
            whole_rows=3,
            faults={"broken": 3, "undecodable": 1, "oversized": 1},
            module=records,
            folder=tmp_path,
            empty=empty,
            missing=premium("15", files="absent/*.csv"),
        )


def test_values_stay_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, '10,"GAZ",1', street("QUAY, THE "), '"15","I",2,1,"",,"","","CYM"')
    first, second = rows_of(opened(tmp_path, table := premium("15")), table)
    assert (first["_line"], first["STREET_DESCRIPTION"], first["LOCALITY_NAME"]) == (2, "QUAY, THE ", "")
    assert (second["RECORD_IDENTIFIER"], second["STREET_DESCRIPTION"], second["LANGUAGE"]) == ("15", "", "CYM")


def test_two_editions_of_one_record(tmp_path: Path) -> None:
    table = premium("15")
    later = TableSpec(**{**vars(table), "columns": (*table.columns, *(Column(name, optional=True) for name in DATES))})
    write(tmp_path, street(), street() + ",2012-01-01,,2012-02-03,2012-01-01", street() + ",2012-01-01")
    rows = rows_of(opened(tmp_path, later), later)
    assert [(row["_fault"], row["START_DATE"]) for row in rows] == [
        (None, None), (None, "2012-01-01"), ("broken", None)
    ]  # fmt: skip


def test_a_trailer_leaves_each_table_its_rows(tmp_path: Path) -> None:
    streets, organisations = premium("15", trailer=TRAILER), premium("31", trailer=TRAILER)
    organisation = '31,"I",1,9059007610,"K","Party Time","",2012-03-20,,2012-03-20,2012-03-20'
    write(tmp_path, "10,x", street(), street(), organisation, "99,0,3,2012-06-08,11:52:32")
    source = opened(tmp_path, streets, organisations)
    for table, rows in ((streets, 2), (organisations, 1)):
        assert source.controls(table, only_unit(source, table)) == Controls(rows=rows)
        assert len(rows_of(source, table)) == rows


def test_a_trailer_with_a_wrong_count_leaves_another_number(tmp_path: Path) -> None:
    write(tmp_path, street(), street(), "99,0,5,2012-06-08,11:52:32")
    source = opened(tmp_path, table := premium("15", trailer=TRAILER))
    assert source.controls(table, only_unit(source, table)) == Controls(rows=5)


@pytest.mark.parametrize("last", ["", "99,0", "99,0,many"])
def test_a_trailer_that_is_missing_or_counts_nothing(tmp_path: Path, last: str) -> None:
    write(tmp_path, street(), last)
    source = opened(tmp_path, table := premium("15", trailer=TRAILER))
    with pytest.raises(ContractBroken, match=r"a\.csv.*record 99"):
        source.controls(table, only_unit(source, table))


def test_a_code_page(tmp_path: Path) -> None:
    write(tmp_path, street("CAFÉ ROW").encode("cp1252"))
    table = premium("15", encoding="cp1252")
    assert rows_of(opened(tmp_path, table), table)[0]["STREET_DESCRIPTION"] == "CAFÉ ROW"


def test_a_line_that_never_ends_is_one_oversized_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", 100_000)
    write(tmp_path, street(), "15," + "x" * 1_000_000, street(order="2"))
    table = premium("15")
    rows = rows_of(opened(tmp_path, table), table)
    assert [(row["_line"], row["_fault"]) for row in rows] == [(1, None), (2, "oversized"), (3, None)]
    assert len(rows[1]["_raw"]) == records.LONGEST_LINE


def test_what_is_no_transfer_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"PK\x03\x04".ljust(600, b"\0"))
    table = premium("15")
    with pytest.raises(SourceUnreadable, match="zip archive"):
        rows_of(opened(tmp_path, table), table)


def test_a_table_needs_a_record_type(tmp_path: Path) -> None:
    write(tmp_path, street())
    table = a_table("streets", "USRN")
    with pytest.raises(ConfigurationFault, match=r"layout\.record"):
        rows_of(opened(tmp_path, table), table)


def sample(real_files: Path, folder: str, **layout: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows of each record type of a folder of public samples."""
    tables = [premium(record, trailer=TRAILER, **layout) for record in EDITION_ONE]
    source = opened(real_files / "addressbase-premium" / folder, *tables)
    return {record: rows_of(source, table) for record, table in zip(EDITION_ONE, tables, strict=True)}


def test_the_public_good_file(real_files: Path) -> None:
    rows = sample(real_files, "good-file")
    assert {record: len(found) for record, found in rows.items()} == dict.fromkeys(EDITION_ONE, 1)
    assert all(row["_fault"] is None for found in rows.values() for row in found)
    (unit,) = rows["21"]
    assert (unit["_line"], unit["UPRN"], unit["X_COORDINATE"], unit["POSTCODE_LOCATOR"]) == (
        6, "9059007610", "346782.00", "DD5 3BZ"
    )  # fmt: skip
    (point,) = rows["28"]
    assert (point["SUB_BUILDING_NAME"], point["BUILDING_NUMBER"], point["POSTCODE"], point["PROCESS_DATE"]) == (
        "FLAT 28", "2", "DD5 4BN", "2012-05-01"
    )  # fmt: skip
    (identifier,) = rows["24"]
    assert (identifier["PAO_START_NUMBER"], identifier["USRN"], identifier["OFFICIAL_FLAG"]) == (
        "2", "7803531", "Y"
    )  # fmt: skip
    assert rows["11"][0]["STREET_TOLERANCE"] == "999"
    assert rows["31"][0]["ORGANISATION"] == "Party Time"
    assert rows["32"][0]["CLASSIFICATION_CODE"] == "RD"
    assert rows["23"][0]["CROSS_REFERENCE"] == "osgb4000000004497443"


def test_the_public_good_files_trailer_counts_the_whole_gazetteer(real_files: Path) -> None:
    """The sample was cut out of a volume of 94,761 records, and its trailer still says so."""
    table = premium("21", trailer=TRAILER)
    source = opened(
        real_files / "addressbase-premium" / "good-file",
        table,
        *(premium(record, trailer=TRAILER) for record in EDITION_ONE if record != "21"),
    )
    assert source.controls(table, only_unit(source, table)) == Controls(rows=94_761 - 7)


def test_two_public_good_files_are_two_units(real_files: Path) -> None:
    rows = sample(real_files, "multiple-good-files")
    assert {record: len(found) for record, found in rows.items()} == dict.fromkeys(EDITION_ONE, 2)
    assert [row["UPRN"] for row in rows["21"]] == ["9059007610", "9059007611"]


def test_the_public_bad_file(real_files: Path) -> None:
    rows = sample(real_files, "single-bad-file")
    faults = {r: [(x["_line"], x["_fault"], x["_raw"]) for x in f if x["_fault"]] for r, f in rows.items()}
    unknown = '20,"I",2,7803555,"WEST QUEEN STREET","BROUGHTY FERRY","DUNDEE","DUNDEE CITY","ENG"'
    assert {record: found for record, found in faults.items() if found} == {
        "11": [(4, "broken", unknown)],
        "15": [(5, "broken", "15,BADSTREET-1")],
        "32": [(2, "broken", "32,BADROW")],
    }
    assert [len(found) for found in rows.values()] == [1, 2, 1, 1, 1, 1, 1, 2]
    assert rows["21"][0]["UPRN"] == ""
