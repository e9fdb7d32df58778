"""The published stub of Universal Housing: its own script makes the tables, a few made-up rows fill them."""

from __future__ import annotations

import re
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.support import migrate_one, rows

ROWS = """
INSERT INTO property (prop_ref, short_address, address1, post_code, num_bedrooms) VALUES
  ('00012345    ', 'Flat 2, Elm House, 8 Oak Lane    ', 'Flat 2, Elm House, 8 Oak Lane, Kelborough', 'KB1 1AA   ', 2),
  ('00012346    ', '10 Oak Lane', '10 Oak Lane, Kelborough', 'KB1 1AB', 3);
INSERT INTO member (house_ref, person_no, title, forename, surname, age, responsible) VALUES
  ('0000017   ', 1, 'Ms        ', 'Ada                     ', 'Okafor              ', 41, 1),
  ('0000017', 2, ' ', 'Ben', 'Okafor', 0, 0),
  ('0000018', 1, 'Mr', 'Carl', 'O''Neill', 67, 1),
  ('0000099', 2, 'Mr', 'Dan', 'Lost', 30, 0);
INSERT INTO tenagree (tag_ref, prop_ref, house_ref, cur_bal, tenure, rent, service, other_charge, u_saff_rentacc, cot)
VALUES
  ('000017/01  ', '00012345    ', '0000017   ', 95.00, 'SEC', 110.00, 12.50, 0, '1900017001          ',
   '2014-05-12 00:00:00'),
  ('000018/02', '00012346', '0000018', -20.00, 'INT', 130.00, 0, 4.00, '1900018002', '2026-04-06 00:00:00');
INSERT INTO rtrans (prop_ref, tag_ref, trans_type, post_date, trans_ref, real_value) VALUES
  ('00012345', '000017/01  ', 'ROB', '2026-04-06 00:00:00', ' ', 50.00),
  ('00012345', '000017/01', 'DBR', '2026-09-21 00:00:00', ' ', 122.50),
  ('00012345', '000017/01', 'RPY', '2026-09-23 00:00:00', 'P1', -40.00),
  ('00012345', '000017/01', 'RPY', '2026-09-23 00:00:00', 'P1', -40.00),
  ('00012346', '000018/02', 'DBR', '2026-09-21 00:00:00', ' ', 134.00),
  ('00012346', '000018/02', 'RDD', '2026-09-24 00:00:00', ' ', -154.00),
  ('00012346', '999999/99', 'RDD', '2026-09-24 00:00:00', ' ', -7.25);
INSERT INTO contacts (tag_ref, con_name, con_address, con_postcode, con_phone1) VALUES
  ('000017/01', 'Ms A Okafor', 'Flat 2, Elm House', 'KB1 1AA', '01632 960123'),
  ('000018/02', 'Mr C O''Neill', ' ', ' ', 'ask his son');
INSERT INTO araction (araction_sid, tag_ref, action_code, action_date, action_balance, action_comment, username) VALUES
  (1, '000017/01', 'LS1', '2026-08-03 00:00:00', 80.10, 'ring 07123 456789 after six', 'rentoff1'),
  (2, '000017/01', 'Z00', '2026-08-10 00:00:00', 80.10, '', 'batch');
INSERT INTO arag (tag_ref, arag_sid, arag_status, arag_startdate, arag_breached, arag_startbal, arag_clearby) VALUES
  ('000017/01', 5, '200       ', '2026-08-17 00:00:00', 0, 80.100, '2027-03-01 00:00:00');
INSERT INTO aragdet (arag_sid, aragdet_amount, aragdet_frequency) VALUES (5, 5.000, '1  ');
"""


@pytest.fixture
def stub(real_files: Path, tmp_path: Path) -> str:
    script = (real_files / "universal-housing-stub/setup.sql").read_text("utf-8-sig")
    with sqlite3.connect(tmp_path / "stub.db") as database:
        database.executescript(as_sqlite(script) + ROWS)
    return f"sqlite:///{tmp_path / 'stub.db'}"


def as_sqlite(script: str) -> str:
    """The script of SQL Server in SQLite's words; nothing else is changed."""
    script = re.sub(r"--.*", "", script)
    script = re.sub(r"(?im)^\s*(GO|CREATE DATABASE .*|USE .*)\s*$", "", script)
    for pattern, other in (
        (r"\[dbo\]\.|\[|\]", ""),
        (r"ON PRIMARY", ""),
        (r"(?i)default\s*(\(space\(+\d\)+|space\(\d\))", "DEFAULT ' '"),
        (r"(?i)\bsmalldatetime\b", "DATETIME"),
        (r"(?i)\bbit\b", "BOOLEAN"),
        (r"(?i)\bbinary\(1\)|\btimestamp\b", "BLOB"),
        (r",\s*\)", ")"),
        (r"(?i)(?<!^)\b(create table|insert into)\b", r";\n\1"),
    ):
        script = re.sub(pattern, other, script)
    return script + ";\n"


def test_its_tables_migrate(stub: str, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("universal_housing_stub", stub, database_url, tmp_path)
    assert (result.status, result.message) == ("finished", None)
    assert all(count.closes for count in result.counts)
    counts = {count.table: count for count in result.counts}
    assert (counts["property"].loaded, counts["tenagree"].loaded, counts["debtype"].excluded) == (2, 2, 42)
    assert (counts["member"].loaded, counts["member"].quarantined) == (3, 1)
    postings = counts["rtrans"]
    assert (postings.extracted, postings.loaded, postings.quarantined) == (7, 6, 1)
    assert postings.money_source == Decimal("65.25")
    assert (postings.money_canonical, postings.money_quarantined) == (Decimal("72.50"), Decimal("-7.25"))
    # 95.00 is stated for the first account and 92.50 was posted; the second's -20.00 is right
    assert counts["tenagree"].money_stated_difference == Decimal("2.50")
    accounts = rows(database_url, "SELECT account_ref, weekly_rent FROM canonical.rent_account ORDER BY account_ref")
    codes = {code for (code,) in rows(database_url, "SELECT code FROM restricted.issue")}
    assert accounts == [("000017/01", Decimal("122.50")), ("000018/02", Decimal("134.00"))]
    assert codes == {
        "UNIVERSAL-HOUSING-STUB-" + code
        for code in (
            "TENAGREE-BALANCE-DIFFERS", "RTRANS-TAG-REF-ORPHAN", "MEMBER-HOUSE-REF-ORPHAN",
            "CONTACTS-CON-PHONE1-FORMAT", "CONTACTS-ROW-UNMAPPED", "ARACTION-ACTION-COMMENT-TELEPHONE",
            "ARACTION-ACTION-CODE-UNMAPPED",
        )
    }  # fmt: skip


def test_a_second_run_finds_nothing_new(stub: str, database_url: str, tmp_path: Path) -> None:
    migrate_one("universal_housing_stub", stub, database_url, tmp_path)
    again = migrate_one("universal_housing_stub", stub, database_url, tmp_path)
    assert all(count.closes and not count.loaded and not count.ended for count in again.counts)
