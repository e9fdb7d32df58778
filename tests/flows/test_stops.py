"""A run that stops: its books close, and the next run neither loses anything nor takes anything twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from connectors import landing
from flows import references, stages
from flows.references import Landed, Partition, Run
from ledger.errors import ContractBroken, Transient
from loading import records
from loading.load import connect
from tests.flows.hub import Hub, Row, Tables, count, fates
from tests.flows.test_conservation import ALL, POSTINGS
from validation.verdict import Verdict

MANY: list[Row] = [("A1", str(n), "2024-04-01", "RNT", "1.00") for n in range(20)]
MORE: Tables = {**ALL, "postings": MANY}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "PART_ROWS", 5)
    monkeypatch.setattr(stages, "PART_ROWS", 5)


def closes(hub: Hub) -> bool:
    return all(line.closes for line in hub.results[-1].counts)


def standing(hub: Hub) -> list[tuple[str, Decimal]]:
    """Key and amount of the postings that stand."""
    return hub.query("SELECT source_key, amount FROM canonical.rent_transaction WHERE ended_run_id IS NULL ORDER BY 1")


def fails_at(part: int) -> object:
    def load(run: Run, partition: Partition) -> int:
        if partition.landed.table == "postings" and partition.part == part:
            raise ContractBroken("the test says so.", system="ledgers", next_step="None.")
        return stages.load_partition(run, partition)

    return load


def test_the_source_dies_while_it_is_read(hub: Hub) -> None:
    result = hub.run(ALL, fail_after=2)
    assert result.status == "stopped"
    assert "connection was lost" in str(result.message)
    assert {line.table: line.quarantined for line in result.counts} == {
        "homes": 3, "accounts": 2, "postings": 0, "receipts": 0,
    }  # fmt: skip
    assert closes(hub)
    again = hub.run(ALL)
    assert fates(again, "postings") == {"extracted": 3, "loaded": 3}
    assert closes(hub)


def test_the_gate_stops_a_system(hub: Hub) -> None:
    def shut(run: Run, landed: Landed) -> Verdict:
        return Verdict("ledgers", landed.table, passed=landed.table != "postings", rows=3, stop_reason="too many.")

    result = hub.run(ALL, gate=shut)
    assert result.status == "stopped"
    assert count(result, "postings").money_quarantined == Decimal("67.05")
    assert closes(hub)
    assert hub.query("SELECT count(*) FROM canonical.rent_transaction") == [(0,)]
    hub.run(ALL)
    assert closes(hub)


@pytest.mark.usefixtures("small_parts")
def test_the_load_fails_in_a_partition(hub: Hub) -> None:
    result = hub.run(MORE, load=fails_at(2))
    assert result.status == "stopped"
    assert fates(result, "postings") == {"extracted": 20, "loaded": 10, "quarantined": 10}
    assert count(result, "postings").money_canonical == Decimal("10.00")
    assert closes(hub)
    again = hub.run(MORE)
    assert fates(again, "postings") == {"extracted": 20, "loaded": 10, "unchanged": 10}
    assert closes(hub)
    assert len(standing(hub)) == 20


@pytest.mark.usefixtures("small_parts")
def test_what_a_stopped_run_changed_is_not_taken_for_unchanged(hub: Hub) -> None:
    """The source goes back to what it was before the stopped run: so must the hub."""
    hub.run(MORE)
    before = standing(hub)
    changed = [("A1", "99", "2024-04-01", "RNT", "9.00"), *((*row[:4], "5.00") for row in MANY[1:])]
    changed[4] = (*MANY[4][:4], "two")
    result = hub.run({**MORE, "postings": changed}, load=fails_at(3))
    assert result.status == "stopped"
    assert closes(hub)
    assert standing(hub) != before
    hub.run(MORE)
    assert standing(hub) == before
    assert hub.issues() == []
    assert closes(hub)


@pytest.mark.usefixtures("small_parts")
def test_what_only_a_stopped_run_held_ends(hub: Hub) -> None:
    hub.run(MORE, load=fails_at(2))
    result = hub.run(ALL)
    assert fates(result, "postings") == {"extracted": 3, "loaded": 3, "ended": 8}
    assert {key for key, _ in standing(hub)} == {"A1|1", "A1|2", "A2|1"}
    assert closes(hub)


def test_a_fault_of_the_hub_tells_no_value(hub: Hub) -> None:
    def load(run: Run, partition: Partition) -> int:
        raise KeyError("Mrs Canary")

    result = hub.run(ALL, load=load)
    assert result.status == "failed"
    assert "KeyError at tests/flows/test_stops.py" in str(result.message)
    assert "Canary" not in str(result.message)
    assert closes(hub)


def test_a_database_fault_is_transient_and_a_refused_row_is_not(hub: Hub) -> None:
    def gone(run: Run, partition: Partition) -> int:
        raise psycopg.OperationalError("password of Mrs Canary")

    result = hub.run(ALL, load=gone)
    assert result.status == "stopped"
    assert "did not answer" in str(result.message)
    assert "Canary" not in str(result.message)


def test_a_second_run_of_the_same_system_is_refused(hub: Hub) -> None:
    with connect(hub.database_url) as other, records.sole_run(other, "ledgers"):
        result = hub.run(ALL)
    assert result.status == "stopped"
    assert "another run of it is under way" in str(result.message)
    assert hub.query("SELECT count(*) FROM ledger.batch") == [(0,)]
    assert hub.run(ALL).status == "finished"


def test_a_run_may_wait_for_another_a_while(hub: Hub) -> None:
    with connect(hub.database_url) as one, connect(hub.database_url) as other:
        with (
            records.sole_run(one, "golden"),
            pytest.raises(Transient, match="another run of it is under way"),
            records.sole_run(other, "golden", patience_seconds=1),
        ):
            pass
        with records.sole_run(other, "golden", patience_seconds=1):
            pass


CHILD = """
import json, sys
from pathlib import Path
import pytest
from connectors import landing
from flows import references, runs, stages
from tests.flows.hub import Hub, know_ledgers
url, folder, rows = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
landing.PART_ROWS = stages.PART_ROWS = 5
know_ledgers(pytest.MonkeyPatch(), Path("tests/flows"), "tests.flows")
def load(run, partition):
    if partition.landed.table == "postings" and partition.part == 2:
        print("here", flush=True)
        sys.stdin.read()
    return stages.load_partition(run, partition)
Hub(url, folder).run(rows, load=load)
"""


@pytest.mark.usefixtures("small_parts")
def test_a_killed_run_is_accounted_for_and_completed(hub: Hub) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, hub.database_url, str(hub.folder), json.dumps(MORE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 10  # the server lets go of the dead run's lock when it sees it gone
    while (result := hub.run(MORE)).status != "finished" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert result.status == "finished", result.message
    assert fates(result, "postings") == {"extracted": 20, "loaded": 10, "unchanged": 10}
    assert len(standing(hub)) == 20
    assert closes(hub)
    assert hub.query("SELECT status FROM ledger.system_run WHERE run_id = 1") == [("failed",)]
    assert hub.query(
        "SELECT extracted, loaded, quarantined, closes FROM ledger.table_count "
        "WHERE run_id = 1 AND source_table = 'postings'"
    ) == [(20, 10, 10, True)]
    assert fates(hub.run(MORE), "postings") == {"extracted": 20, "unchanged": 20}


@pytest.mark.usefixtures("small_parts")
def test_another_mapping_version_maps_again_and_writes_only_what_differs(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.run(ALL)
    other = replace(references.mapping_of("ledgers"), version="another")
    monkeypatch.setattr(references, "load_system", lambda _: other)
    references.mapping_of.cache_clear()
    result = hub.run({**ALL, "postings": [("A1", "1", "2024-04-01", "RNT", "100.11"), *POSTINGS[1:]]})
    assert fates(result, "postings") == {"extracted": 3, "loaded": 1, "unchanged": 2}
    assert fates(result, "homes") == {"extracted": 3, "unchanged": 3}
    assert closes(hub)


def test_a_table_that_is_read_twice_in_a_run_is_counted_once(hub: Hub) -> None:
    """As under Prefect, which calls a step again after a transient fault."""
    tries: list[str] = []

    def land(run: Run, source: object, table: object) -> Landed:
        landed = stages.land_table(run, source, table)  # type: ignore[arg-type]
        if landed.table == "postings" and not tries:
            tries.append("once")
            return land(run, source, table)
        return landed

    result = hub.run(ALL, land=land)
    assert fates(result, "postings") == {"extracted": 3, "loaded": 3}
    assert closes(hub)
