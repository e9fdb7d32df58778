"""The rents mainframe, from its SFTP server to reconciled accounts and postings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from estate import cobol
from estate.servers.sftp import SftpServer
from flows.migrate import SystemResult
from ledger.values import TableCount
from tests.flows.support import judged, migrate_one, rows, written

LENGTH = 54
LAST_YEAR = "RENTTRAN.Y2025.DAT"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the mainframe of a small council delivers, with its truth beside it."""
    return written("rents", tmp_path_factory.mktemp("mainframe"), homes=100)


@pytest.fixture
def folder(delivered: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    shutil.copytree(delivered.parent / "truth", tmp_path / "truth")
    return Path(shutil.copytree(delivered, tmp_path / "outgoing"))


@pytest.fixture
def server(folder: Path) -> Iterator[SftpServer]:
    with SftpServer(folder, user="hub", password="open sesame") as serving:
        yield serving


def fetched(server: SftpServer, database_url: str, tmp_path: Path) -> SystemResult:
    return migrate_one(
        "rents", server.address.url, database_url, tmp_path, {"password": server.password}, server.address.host_key
    )


def by_table(result: SystemResult) -> dict[str, TableCount]:
    assert result.status == "finished", result.message
    assert all(count.closes for count in result.counts), result.counts
    return {count.table: count for count in result.counts}


def test_ten_rent_years_close_to_the_penny_and_their_faults_are_caught(
    server: SftpServer, database_url: str, tmp_path: Path
) -> None:
    first = by_table(fetched(server, database_url, tmp_path))
    assert first["debits"].loaded > 30_000
    assert first["debits"].merged > 0 and first["debits"].quarantined > 0
    report = judged(database_url, tmp_path)
    assert report.passes, report
    ((people, late, paying),) = rows(
        database_url, "SELECT count(*), count(*) FILTER (WHERE is_deceased), count(payment_ref) FROM canonical.person"
    )
    assert people == paying == first["accounts"].loaded and 0 < late < people / 2
    again = by_table(fetched(server, database_url, tmp_path))
    assert {count.loaded + count.ended for count in again.values()} == {0}
    assert again["debits"].unchanged == first["debits"].loaded
    assert rows(database_url, "SELECT count(*) FROM history.rent_transaction") == [(0,)]


def test_stated_balances_differ_by_what_the_ledger_says(folder: Path, database_url: str, tmp_path: Path) -> None:
    counts = by_table(migrate_one("rents", str(folder), database_url, tmp_path))
    (stated,) = rows(database_url, "SELECT sum(balance) FROM canonical.balance_snapshot")
    (posted,) = rows(
        database_url,
        "SELECT sum(t.amount) FROM canonical.rent_transaction t JOIN canonical.balance_snapshot USING (account_id)",
    )
    assert counts["accounts"].money_stated_difference == stated[0] - posted[0]
    (issues,) = rows(
        database_url,
        "SELECT sum(value::numeric) FROM restricted.issue WHERE code = 'RENTS-ACCOUNTS-BALANCE-DIFFERS'",
    )
    assert issues[0] == stated[0] - posted[0]


def test_a_posting_keeps_its_way_from_the_record(folder: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("rents", str(folder), database_url, tmp_path)
    (opening,) = rows(
        database_url,
        "SELECT t.effective_date::text, t.transaction_type_code, t.amount > 0, t.rent_year, t.period_no, a.account_ref "
        "FROM canonical.rent_transaction t JOIN canonical.rent_account a ON a.id = t.account_id "
        "WHERE t.transaction_type_code = 'opening_balance' ORDER BY t.source_row LIMIT 1",
    )
    assert opening[:2] == ("2016-04-04", "opening_balance")
    assert opening[3:5] == (2016, 0)
    kinds = dict(
        rows(database_url, "SELECT transaction_type_code, sum(amount) FROM canonical.rent_transaction GROUP BY 1")
    )
    assert kinds["charge"] > 0 > kinds["receipt"]
    assert kinds["housing_benefit"] < 0 < kinds["refund"]


def test_a_changed_file_brings_the_difference_with_its_history(
    server: SftpServer, folder: Path, database_url: str, tmp_path: Path
) -> None:
    by_table(fetched(server, database_url, tmp_path))
    change_last_year(folder / LAST_YEAR)
    counts = by_table(fetched(server, database_url, tmp_path))
    assert (counts["debits"].loaded, counts["debits"].ended) == (1, 1)
    assert (counts["receipts"].loaded, counts["receipts"].ended) == (0, 0)
    ((before, after),) = rows(
        database_url,
        "SELECT h.amount, t.amount FROM history.rent_transaction h JOIN canonical.rent_transaction t ON t.id = h.id",
    )
    assert after - before == Decimal("10.00")


def change_last_year(path: Path) -> None:
    """Ten pounds more on the first plain debit, and the one after it is gone; the trailer says so too."""
    records = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, LENGTH).copy()
    plain = [at for at, record in enumerate(records) if debit_pence(record) is not None]
    first, gone = plain[10:12]
    pence = debit_pence(records[first])
    assert pence is not None
    records[first, 32:37] = cobol.packed([pence + 1_000], 9)
    count, total = int("".join(f"{byte & 15}" for byte in records[-1, 1:10])), packed_pence(records[-1, 10:17])
    lost = debit_pence(records[gone])
    assert lost is not None
    records[-1, 1:10], records[-1, 10:17] = cobol.display([count - 1], 9), cobol.packed([total + 1_000 - lost], 13)
    path.write_bytes(np.delete(records, gone, axis=0).tobytes())


def debit_pence(record: np.ndarray) -> int | None:
    """The amount of a week's debit; None for any other record."""
    is_debit = bytes(record[:1]) == b"\xc4" and bytes(record[29:32]) == "RNT".encode("cp1140")
    return packed_pence(record[32:37]) if is_debit else None


def packed_pence(packed: np.ndarray) -> int:
    digits = packed.tobytes().hex()
    return int(digits[:-1]) * (-1 if digits[-1] == "d" else 1)


def test_a_file_sent_twice_under_two_names_is_taken_once(
    server: SftpServer, folder: Path, database_url: str, tmp_path: Path
) -> None:
    shutil.copyfile(folder / LAST_YEAR, folder / "RENTTRAN.Y2025B.DAT")
    counts = by_table(fetched(server, database_url, tmp_path))
    assert not (tmp_path / "inbox/rents/RENTTRAN.Y2025B.DAT").exists()
    postings = sum(len((folder / f"RENTTRAN.Y{year}.DAT").read_bytes()) // LENGTH - 2 for year in range(2016, 2026))
    assert counts["debits"].extracted + counts["receipts"].extracted == postings


@pytest.mark.parametrize(
    ("place", "said"),
    [(slice(1, 10), "rows"), (slice(10, 17), "total")],
    ids=["count", "pounds"],
)
def test_a_trailer_that_is_wrong_stops_the_system_and_the_books_close(
    folder: Path, database_url: str, tmp_path: Path, place: slice, said: str
) -> None:
    path = folder / LAST_YEAR
    records = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, LENGTH).copy()
    records[-1, place] = cobol.display([7], 9)[0] if said == "rows" else cobol.packed([7], 13)[0]
    path.write_bytes(records.tobytes())
    result = migrate_one("rents", str(folder), database_url, tmp_path)
    assert result.status == "stopped"
    assert "debits" in str(result.message) and LAST_YEAR in str(result.message)
    assert said in str(result.message) and "Next step" in str(result.message)
    assert all(count.closes and count.extracted == count.quarantined for count in result.counts)
    assert rows(database_url, "SELECT count(*) FROM canonical.rent_transaction") == [(0,)]


def test_a_file_cut_short_stops_the_system_and_names_the_file(folder: Path, database_url: str, tmp_path: Path) -> None:
    path = folder / LAST_YEAR
    os.truncate(path, path.stat().st_size - 20)
    result = migrate_one("rents", str(folder), database_url, tmp_path)
    assert result.status == "stopped"
    assert "trailer" in str(result.message) and LAST_YEAR in str(result.message)
    assert all(count.closes for count in result.counts)
