"""What the page and the ledger say of a run in which a system stopped before all its tables landed."""

from __future__ import annotations

import stat
from dataclasses import replace
from decimal import Decimal

import pytest

from flows import runs
from flows.migrate import SystemResult
from loading.load import connect
from reconciliation.page import page
from tests.flows.hub import Hub, fates
from tests.flows.test_conservation import ALL


def shown(hub: Hub, run: int, result: SystemResult | None = None) -> str:
    with connect(hub.database_url) as connection:
        return page(connection, run, result.counts if result else ())


def test_a_table_that_did_not_land_reads_zero(hub: Hub) -> None:
    result = hub.run(ALL, fail_after=2)
    assert result.status == "stopped"
    assert sorted(line.table for line in result.counts) == ["accounts", "homes", "postings", "receipts"]
    line = next(line for line in result.counts if line.table == "postings")
    assert (fates(result, "postings"), line.closes) == ({}, True)
    assert (line.money_source, line.money_stated_difference) == (Decimal(0), None)
    assert hub.query("SELECT extracted, closes FROM ledger.table_count WHERE source_table = 'postings'") == [(0, True)]
    assert hub.query("SELECT closes FROM ledger.run") == [(False,)]


def test_the_page_says_what_stopped(hub: Hub) -> None:
    whole = hub.run(ALL)
    assert "The books close." in shown(hub, 1, whole)
    stopped = hub.run(ALL, fail_after=1)
    told = shown(hub, 2, stopped)
    assert "The books close." not in told
    assert "ledgers stopped" in told
    assert "The books close." not in shown(hub, 3)
    broken = replace(whole, counts=(replace(whole.counts[0], closes=False), *whole.counts[1:]))
    assert f"do not close: ledgers.{whole.counts[0].table}" in shown(hub, 1, broken)


@pytest.mark.parametrize("message", ["another run of it is under way.", None])
def test_a_system_that_was_not_let_in_is_noted(hub: Hub, message: str | None) -> None:
    run = hub.begin()
    assert not runs.finish(run, [SystemResult("ledgers", "stopped", message, (), {})])
    assert hub.query("SELECT system, status, message FROM ledger.system_run") == [("ledgers", "stopped", message)]
    assert "ledgers stopped" in shown(hub, run.run_id)


def test_pages_are_for_the_hub_alone(hub: Hub) -> None:
    result = hub.run(ALL)
    run = hub.begin()
    runs.publish(run, [result])
    for path in (run.docs, *run.docs.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
