"""Back to a known state at once: resets, snapshots, branches and days that are over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import psycopg
import pytest

from ledger.errors import ContractBroken
from mirror import databases, snapshots
from mirror.cluster import Site
from tests.mirror.made import ask, names

CLIENTS, RESETS = 20, 5


@pytest.fixture
def site(built: Site) -> Iterator[Site]:
    """The mirror, put back at the end."""
    yield built
    where = built.administration()
    for each, _ in snapshots.listed(built):
        if each.kind in ("snapshot", "branch") and each.name != "base":
            snapshots.drop(where, built.database, each.name)
    snapshots.reset(where, built.database)
    snapshots.refill(where, built.database)


def write(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_a_reset_ends_sessions_and_whoever_comes_after_reads_the_snapshot(site: Site) -> None:
    url, where = site.tester_url(), site.administration()
    write(url, "DELETE FROM canonical.rent_account")
    with psycopg.connect(url, autocommit=True) as tester:
        snapshots.reset(where, site.database)
        assert ask(url, "SELECT count(*) FROM canonical.rent_account") == [(2,)]
        with pytest.raises(psycopg.OperationalError):
            tester.execute("SELECT 1")
    snapshots.refill(where, site.database)
    assert sorted(each.kind for each, _ in snapshots.listed(site)) == ["mirror", "snapshot", "spare"]
    assert not [name for name in names(site) if "_gone_" in name]


@pytest.mark.slow
def test_of_many_clients_none_reads_what_was_before_a_reset_that_is_done(site: Site) -> None:
    """Each reset is told as done; a client that begins to read after it must not find what was written before it."""
    url, where = site.tester_url(), site.administration()
    done, over, reads, wrong = [0], threading.Event(), [0], []

    def client() -> None:
        while not over.is_set():
            with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                while not over.is_set():
                    told = done[0]
                    row = connection.execute("SELECT max(bedrooms) FROM canonical.asset").fetchone()
                    reads[0] += 1
                    if row and row[0] is not None and row[0] <= told:
                        wrong.append((told, row[0]))
                    time.sleep(0.005)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for number in range(1, RESETS + 1):
        write(url, f"UPDATE canonical.asset SET bedrooms = {number}")
        snapshots.reset(where, site.database)
        done[0] = number
        snapshots.refill(where, site.database)
    over.set()
    for each in clients:
        each.join()
    assert reads[0] > CLIENTS
    assert wrong == []


def test_a_snapshot_keeps_what_testers_have_made(site: Site) -> None:
    url, where, name = site.tester_url(), site.administration(), site.database
    write(url, "UPDATE canonical.rent_account SET account_ref = 'prepared'")
    snapshots.take(where, name, "prepared")
    write(url, "DELETE FROM canonical.rent_account")
    snapshots.reset(where, name, "prepared")
    assert ask(url, "SELECT DISTINCT account_ref FROM canonical.rent_account") == [("prepared",)]
    snapshots.reset(where, name)
    assert ask(url, "SELECT count(*) FROM canonical.rent_account WHERE account_ref = 'prepared'") == [(0,)]
    with pytest.raises(ContractBroken, match="no snapshot elsewhere"):
        snapshots.reset(where, name, "elsewhere")
    with pytest.raises(ContractBroken, match="as it was built"):
        snapshots.take(where, name, "base")


def test_a_branch_is_one_testers_alone(site: Site) -> None:
    where, name = site.administration(), site.database
    own = site.tester_url(snapshots.branch(where, name, "amina"))
    write(own, "DELETE FROM canonical.rent_account")
    assert ask(site.tester_url(), "SELECT count(*) FROM canonical.rent_account") == [(2,)]
    write(site.tester_url(), "CREATE TABLE public.kept (n int)")
    snapshots.reset(where, name, branch="amina")
    assert ask(own, "SELECT count(*) FROM canonical.rent_account") == [(2,)]
    assert ask(site.tester_url(), "SELECT count(*) FROM public.kept") == [(0,)]
    with pytest.raises(ContractBroken, match="amina has a branch"):
        snapshots.branch(where, name, "amina")
    with pytest.raises(ContractBroken, match="small letters"):
        snapshots.branch(where, name, 'x"; drop')
    assert snapshots.drop(where, name, "amina") == "branch"
    with pytest.raises(psycopg.OperationalError):
        ask(own, "SELECT 1")


def test_a_snapshot_of_a_day_that_is_over(site: Site) -> None:
    """Run 1 ended on 1 September, run 2 on the 3rd; what run 2 wrote is not there on the 2nd."""
    where, name, url = site.administration(), site.database, site.tester_url()
    snapshots.take(where, name, "early", date(2026, 9, 2))
    snapshots.reset(where, name, "early")
    assert ask(url, "SELECT count(*) FROM ledger.run") == [(1,)]
    assert ask(url, "SELECT count(*) FROM canonical.rent_account") == [(2,)]
    assert ask(url, "SELECT count(*) FROM feed.change") == [(0,)]
    with pytest.raises(ContractBroken, match="no run had ended by 01 January 2020"):
        snapshots.take(where, name, "never", date(2020, 1, 1))
    assert not [each for each in names(site) if "never" in each or "_new_" in each]


def test_after_a_crash_in_an_exchange_testers_are_let_in_again(site: Site) -> None:
    where = site.administration()
    with databases.administration(where) as connection:
        databases.close(connection, site.database)
        with pytest.raises(psycopg.OperationalError, match="not currently accepting"):
            ask(site.tester_url(), "SELECT 1")
        databases.tidy(connection, site.database)
    assert ask(site.tester_url(), "SELECT 1") == [(1,)]
