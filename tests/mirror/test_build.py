"""A mirror stands whole or not at all, in a cluster of its own, and the one before it stands until then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from ledger.errors import ConfigurationFault, ContractBroken
from mirror import build as building
from mirror import snapshots
from mirror.build import Draft, Order, Steps, build
from mirror.cluster import OWNER, TESTER, Site, address
from tests.canonical_model.rows import add_home
from tests.mirror.made import AWKWARD, ask, council, making, names, order, when_masked

ROOT = Path(__file__).parents[2]
HOMES = "SELECT asset_ref, coalesce(name, '(null)') FROM canonical.asset ORDER BY asset_ref"
DEFINITIONS = """
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace::regnamespace::text IN ('canonical', 'history', 'identity', 'ledger', 'scheduling')
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to a service user")


def test_it_is_the_source_in_another_cluster(built: Site, source: str) -> None:
    mirror, hub = built.tester_url(), address(source)
    assert ask(mirror, HOMES) == ask(hub, HOMES)
    assert [name for _, name in ask(mirror, HOMES) if name in AWKWARD] == AWKWARD
    assert ask(mirror, DEFINITIONS) == ask(hub, DEFINITIONS)
    system = "SELECT system_identifier FROM pg_control_system()"
    assert ask(mirror, system) != ask(hub, system)
    assert ask(mirror, "SHOW port") == [(str(built.port),)]
    assert ask(mirror, "SHOW fsync") == [("on",)]
    assert ask(mirror, "SHOW listen_addresses") == [("",)]
    state = built.standing()
    assert state is not None
    assert state.rows == sum(int(str(n)) for (n,) in ask(hub, "SELECT count(*) FROM canonical.asset")) + 12


def test_a_tester_owns_what_stands_there_and_nothing_else(built: Site) -> None:
    mirror = built.tester_url()
    assert ask(
        mirror, "SELECT current_user::text, usesuper, usecreatedb FROM pg_user WHERE usename = current_user"
    ) == [(TESTER, False, False)]
    assert ask(mirror, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user") == [(False,)]
    assert ask(mirror, "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'canonical'") == [(TESTER,)]
    for name in ("postgres", "mirror_snapshot_base"):
        with pytest.raises(psycopg.OperationalError):
            ask(built.tester_url(name), "SELECT 1")


@as_root
def test_its_server_runs_as_another_user_than_the_hubs(built: Site, open_folder: Path) -> None:
    state = built.standing()
    assert state is not None
    data = built.home(state.build) / "data"
    assert data.stat().st_uid not in (0, (open_folder / "postgres/data").stat().st_uid)
    assert data.stat().st_mode & 0o077 == 0
    assert ask(built.administration(), "SELECT rolname::text FROM pg_roles WHERE rolsuper") == [(OWNER,)]


@pytest.mark.slow
def test_what_is_written_meanwhile_is_not_there_and_the_next_build_has_it(hub_url: str, site_folder: Path) -> None:
    council(hub_url)
    engine = create_engine(hub_url)

    def write(table: str) -> None:
        if table == "canonical.asset":
            with engine.begin() as connection:
                add_home(connection, asset_ref="late")

    first = build(order(hub_url, site_folder), making(when_masked(write)))
    site = Site(site_folder)
    late = "SELECT count(*) FROM canonical.asset WHERE asset_ref = 'late'"
    assert ask(site.tester_url(), late) == [(0,)]
    address_of_testers = site.tester_url()
    second = build(order(hub_url, site_folder), making())
    assert ask(address_of_testers, late) == [(1,)]
    assert second.rows == first.rows + 1
    assert [home.name for home in (site_folder / "clusters").glob("[!.]*")] == [second.build]
    engine.dispose()


def interrupted(told: Order, name: str) -> Draft:
    """Ctrl-C, when the cluster stands."""
    building.raise_cluster(told, name)
    raise KeyboardInterrupt


@pytest.mark.slow
def test_a_fault_anywhere_leaves_the_last_good_mirror(built: Site, source: str) -> None:
    told = Order(source, built)
    before, databases = built.standing(), names(built)

    def untouched() -> None:
        assert built.standing() == before
        assert names(built) == databases
        assert before is not None
        assert [home.name for home in (built.folder / "clusters").glob("[!.]*")] == [before.build]
        assert ask(built.tester_url(), "SELECT count(*) FROM canonical.rent_account") == [(2,)]

    with pytest.raises(ContractBroken, match="proof failed: 3 leaks"):
        build(told, making(faults=("3 leaks",)))
    untouched()
    with pytest.raises(KeyboardInterrupt):
        build(told, making(), steps=replace(Steps(), raise_cluster=interrupted))
    untouched()
    with pytest.raises(ConfigurationFault, match="key of the masks is not the one"):
        build(told, making(key="another"))
    untouched()
    with pytest.raises(ContractBroken, match="no run had ended"):
        build(replace(told, as_of=date(2020, 1, 1)), making())
    untouched()


@pytest.mark.slow
def test_rows_that_break_a_rule_are_told_by_table_and_rule(source: str, site_folder: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415

    class Twins:
        def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
            if table != "canonical.rent_account":
                return batch
            ids = pa.array([batch.column("id")[0].as_py()] * batch.num_rows)
            return batch.set_column(batch.schema.get_field_index("id"), "id", ids)

    with pytest.raises(ContractBroken, match=r"canonical\.rent_account: masked rows break .*rent_account") as fault:
        build(order(source, site_folder), making(Twins()))
    assert "mirror/planned" in fault.value.next_step
    assert Site(site_folder).standing() is None


def test_a_column_without_a_decision_stops_it_before_anything_is_made(hub_url: str, site_folder: Path) -> None:
    ask_nothing(address(hub_url), "ALTER TABLE canonical.person ADD shoe_size int")
    with pytest.raises(ContractBroken, match=r"canonical\.person\.shoe_size"):
        build(order(hub_url, site_folder), making())
    assert not (site_folder / "clusters").exists()


@pytest.mark.slow
def test_a_full_disk_in_the_middle_is_told_and_leaves_nothing(hub_url: str, site_folder: Path) -> None:
    """Files may not grow beyond 20 MiB: the WAL's can be written, the table of 27 MB can not."""
    ask_nothing(
        address(hub_url),
        "INSERT INTO canonical.street (id, usrn, source_key, source_row, batch_id, run_id, row_hash) "
        "SELECT gen_random_uuid(), n, repeat('x', 900), n, 1, 1, n FROM generate_series(1, 30000) n",
    )
    given = [sys.executable, "-m", "tests.mirror.full_disk", hub_url, str(site_folder), str(20 << 20)]
    ended = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "there is no room for the mirror" in ended.stdout, ended.stdout + ended.stderr
    assert not list((site_folder / "clusters").glob("*"))
    assert Site(site_folder).standing() is None


def test_too_little_room_is_told_before_anything_is_made(
    source: str, site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "ROOM", 10**9)
    with pytest.raises(ConfigurationFault, match="no room"):
        build(order(source, site_folder), making())
    assert not (site_folder / "clusters").exists()


def test_what_testers_made_is_not_taken_from_them_unasked(
    built: Site, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = built.administration()
    snapshots.branch(where, built.database, "amina")
    snapshots.take(where, built.database, "before_go_live")
    before = built.standing()
    try:
        with pytest.raises(ContractBroken, match="branch amina, snapshot before_go_live") as fault:
            build(Order(source, built), making())
        assert "--over" in fault.value.next_step
        monkeypatch.setattr(building, "ROOM", 10**9)  # what is looked at next
        with pytest.raises(ConfigurationFault, match="no room"):
            build(Order(source, built, over=True), making())
        assert built.standing() == before
        assert f"{built.database}_branch_amina" in names(built)
    finally:
        snapshots.drop(where, built.database, "amina")
        snapshots.drop(where, built.database, "before_go_live")


def test_two_do_not_build_at_once(source: str, site_folder: Path) -> None:
    with Site(site_folder).alone(), pytest.raises(ContractBroken, match="at this moment"):
        build(order(source, site_folder), making())


KILLED = """
import os, signal, sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from mirror import build as building
from mirror import snapshots
from mirror.build import Steps, build
from tests.mirror.made import making, order, when_masked

source, folder, point = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

def then_die(stage):
    def step(*given):
        getattr(building, stage)(*given)
        die()
    return replace(Steps(), **{stage: step})

masks = when_masked(lambda table: die() if point == "copy" and table == "canonical.tenancy" else None)
tell = lambda stage, *_: die() if point == stage else None
build(order(source, folder), making(masks), tell, then_die(point) if hasattr(Steps, point) else Steps())
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", ["check", "raise_cluster", "copy", "index", "fill", "put_up"])
def test_after_a_kill_the_last_good_mirror_serves_and_the_next_command_tidies(
    point: str, built: Site, source: str
) -> None:
    before = built.standing()
    assert before is not None
    killed = subprocess.run([sys.executable, "-c", KILLED, source, built.folder, point], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    after = built.standing()
    assert after is not None
    assert (after == before) is (point != "put_up")  # there it was whole
    assert ask(built.tester_url(), "SELECT count(*) FROM canonical.rent_account") == [(2,)]
    with built.alone():
        built.sweep()
    assert [home.name for home in (built.folder / "clusters").glob("[!.]*")] == [after.build]
    assert ask(built.tester_url(), "SELECT count(*) FROM canonical.rent_account") == [(2,)]


def ask_nothing(where: str, statement: str) -> None:
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(statement.encode())
