"""Tables that hold what they held the last time take one step from gate to close, and the books close as ever."""

from __future__ import annotations

from typing import Any

from flows.references import Landed, Partition, Run
from flows.stages import compare_table
from flows.unchanged import Repeated, repeat_tables
from tests.flows.hub import Hub, fates
from tests.flows.test_conservation import ALL


def closes(hub: Hub) -> bool:
    return all(line.closes for line in hub.results[-1].counts)


def never(*_: Any) -> Any:
    raise AssertionError("an unchanged table has this step to itself")


def test_nothing_new_is_one_step(hub: Hub) -> None:
    first = hub.run(ALL)
    before = hub.query("SELECT count(*), max(run_id) FROM canonical.rent_transaction")
    again = hub.run(ALL, gate=never, compare=never, load=never, close=never)
    assert again.status == "finished"
    assert closes(hub)
    for line in first.counts:
        held = fates(again, line.table)
        assert held.get("loaded", 0) == 0
        assert held.get("unchanged", 0) == line.loaded
    assert hub.query("SELECT count(*), max(run_id) FROM canonical.rent_transaction") == before


def test_only_what_changed_goes_its_own_way(hub: Hub) -> None:
    hub.run(ALL)
    compared: list[str] = []

    def compare(run: Run, landed: Landed) -> list[Partition]:
        compared.append(landed.table)
        return compare_table(run, landed)

    hub.run({**ALL, "postings": list(ALL["postings"])[:-1]}, compare=compare)
    assert compared == ["postings"]
    assert closes(hub)


def test_the_step_may_be_called_again_after_it_closed_tables(hub: Hub) -> None:
    hub.run(ALL)

    def twice(run: Run, system: str, landed: list[Landed], *, whole: bool) -> Repeated:
        repeat_tables(run, system, landed, whole=whole)
        return repeat_tables(run, system, landed, whole=whole)

    once = hub.run(ALL)
    again = hub.run(ALL, repeat=twice)
    assert [fates(again, line.table) for line in once.counts] == [fates(once, line.table) for line in once.counts]
    assert closes(hub)
    hub.run(ALL)
    assert closes(hub)


def test_what_waits_for_a_reference_is_tried_again_in_the_same_step(hub: Hub) -> None:
    waiting = {**ALL, "accounts": list(ALL["accounts"])[:1]}
    first = hub.run(waiting)
    issues = hub.issues()
    assert issues

    def tried_again(run: Run, system: str, landed: list[Landed], *, whole: bool) -> Repeated:
        repeat_tables(run, system, landed, whole=whole)
        return repeat_tables(run, system, landed, whole=whole)

    again = hub.run(waiting, load=never, close=never, repeat=tried_again)
    assert [line.quarantined for line in again.counts] == [line.quarantined for line in first.counts]
    assert hub.issues() == issues
    assert closes(hub)


def test_another_mapping_is_no_repetition(hub: Hub) -> None:
    hub.run(ALL)
    hub.query("UPDATE ledger.batch SET mapping_version = 'older' RETURNING 1")
    again = hub.run(ALL, repeat=never)
    assert again.status == "finished"
    assert closes(hub)
