"""Bank statements and Bacs credits: by SFTP into the books, and files that contradict themselves."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from estate.servers.sftp import SftpServer
from tests.flows.support import judged, migrate_one, rows, written

GAPS = (
    "SELECT count(*) FROM restricted.issue "
    "WHERE code = 'PAYMENTS-STATEMENTS-OPENING-BALANCE-GAP' AND closed_run_id IS NULL"
)


def never_sent(folder: Path) -> int:
    """Number of statements that the bank itself left out."""
    faults = pd.read_parquet(folder / "truth/faults.parquet")
    return int((faults["kind"] == "statement-missing").sum())


def truth_of(folder: Path) -> pd.DataFrame:
    """The bank's entries that somebody paid, and who."""
    return pd.read_parquet(folder / "truth/people.parquet")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four weeks of files of a council with 400 homes."""
    return written("payments", tmp_path)


def test_the_feed_comes_by_sftp_closes_and_its_faults_are_caught(
    source: Path, database_url: str, tmp_path: Path
) -> None:
    with SftpServer(source, user="hub", password="right") as server:
        fetch = (server.address.url, database_url, tmp_path, {"password": "right"}, server.address.host_key)
        first = migrate_one("payments", *fetch)
        assert first.status == "finished", first.message
        assert all(count.closes for count in first.counts)
        assert judged(database_url, tmp_path).passes
        ((people, paying),) = rows(
            database_url,
            "SELECT count(p.id), count(e.payer_ref) FROM canonical.person p JOIN canonical.bank_entry e "
            "ON e.source_key = p.source_key AND e.payer_ref IS NOT DISTINCT FROM p.payment_ref",
        )
        assert people == len(truth_of(tmp_path)) and paying > 0.9 * people
        again = migrate_one("payments", *fetch)
    assert [(count.loaded, count.ended, count.closes) for count in again.counts] == [(0, 0, True)] * 3


def test_money_closes_for_each_bank_account_and_in_total(source: Path, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("payments", str(source), database_url, tmp_path)
    counts = {count.table: count for count in result.counts}
    trailers = [path.read_text("ascii").splitlines()[-1] for path in source.glob("*.bacs")]
    by_bacs = sum((Decimal(int(line[17:30])) / 100 for line in trailers), Decimal(0))
    assert counts["credits"].money_source == counts["credits"].money_canonical == by_bacs > 0
    balances = [
        re.findall(r":6[02]F:C\d{6}GBP([\d,]+)", path.read_text("ascii")) for path in sorted(source.glob("*.sta"))
    ]
    # each file by itself: the statement of a day may never have come
    moved = sum((Decimal(b[-1].replace(",", ".")) - Decimal(b[0].replace(",", ".")) for b in balances), Decimal(0))
    assert counts["entries"].money_source == counts["entries"].money_canonical == moved
    by_account = dict(
        rows(database_url, "SELECT bank_account_ref, sum(amount) FROM canonical.bank_entry GROUP BY 1 ORDER BY 1")
    )
    assert by_account == {"40117233": moved, "40117241": by_bacs}


def test_payments_without_a_usable_reference_wait_in_suspense(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("payments", str(source), database_url, tmp_path)
    suspense = (
        "SELECT count(*), count(*) FILTER (WHERE s.amount = -e.amount AND s.status_code = 'open') "
        "FROM canonical.suspense_item s JOIN canonical.bank_entry e ON e.id = s.bank_entry_id"
    )
    ((waiting, right),) = rows(database_url, suspense)
    assert waiting == right > 0


def test_references_of_no_known_rent_account_are_reported(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("payments", str(source), database_url, tmp_path)
    strange = "SELECT count(*) FROM restricted.issue WHERE code LIKE '%-NO-ACCOUNT' AND closed_run_id IS NULL"
    assert rows(database_url, strange) == [(0,)]  # no rent accounts, nothing to compare with
    ((known, payments),) = rows(
        database_url, "SELECT payer_ref, count(*) FROM canonical.bank_entry WHERE payer_ref IS NOT NULL "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
    )  # fmt: skip
    ((every,),) = rows(database_url, "SELECT count(payer_ref) FROM canonical.bank_entry")
    rows(
        database_url,
        "INSERT INTO canonical.rent_account (id, account_ref, payment_ref, account_class_code, source_key, source_row, "
        f"batch_id, run_id, row_hash) VALUES (gen_random_uuid(), '1', '{known}', 'rent', '1', 0, 0, 0, 0) RETURNING id",
    )
    migrate_one("payments", str(source), database_url, tmp_path)
    assert rows(database_url, strange) == [(every - payments,)]


def test_a_missing_statement_shows_as_a_gap(source: Path, database_url: str, tmp_path: Path) -> None:
    files = sorted(source.glob("*.sta"))
    files[len(files) // 4].unlink()
    result = migrate_one("payments", str(source), database_url, tmp_path)
    assert result.status == "finished"
    assert rows(database_url, GAPS) == [(never_sent(tmp_path) + 1,)]


def test_a_day_later_only_the_new_files_are_new(source: Path, database_url: str, tmp_path: Path) -> None:
    latest = [sorted(source.glob(f"*.{kind}"))[-1] for kind in ("sta", "bacs")]
    kept = [path.rename(tmp_path / path.name) for path in latest]
    migrate_one("payments", str(source), database_url, tmp_path)
    for path in kept:
        path.rename(source / path.name)
    result = migrate_one("payments", str(source), database_url, tmp_path)
    assert all(count.unchanged and count.loaded and not count.ended and count.closes for count in result.counts)
    assert rows(database_url, GAPS) == [(never_sent(tmp_path),)]


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [("sta", r"(:62F:C\d{6}GBP)\d+", r"\g<1>1"), ("bacs", r"(UTL1\d{13})\d{13}", r"\g<1>0000000000001")],
)
def test_a_file_that_contradicts_itself_stops_the_feed(
    source: Path, database_url: str, tmp_path: Path, kind: str, wrong: str, right: str
) -> None:
    file = sorted(source.glob(f"*.{kind}"))[0]
    file.write_text(re.sub(wrong, right, file.read_text("ascii")), "ascii")
    result = migrate_one("payments", str(source), database_url, tmp_path)
    assert result.status == "stopped"
    assert file.name in str(result.message) and "Next step" in str(result.message)
    assert rows(database_url, "SELECT count(*) FROM canonical.bank_entry") == [(0,)]
    assert all(count.closes and count.loaded == 0 for count in result.counts)


def test_another_banks_statements_in_euros_stop_the_feed(real_files: Path, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("payments", str(real_files / "bank/mt940/jejik/abnamro.sta"), database_url, tmp_path)
    assert result.status == "stopped"
    assert "currency" in str(result.message) and "Next step" in str(result.message)
    entries = next(count for count in result.counts if count.table == "entries")
    assert (entries.extracted, entries.quarantined, entries.closes) == (10, 10, True)
    assert entries.money_source == entries.money_quarantined == Decimal("-345.93")
