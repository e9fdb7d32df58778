"""The change log: every way a canonical row changes is written down, and read in order without a gap."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from canonical_model import changes, schema
from canonical_model.changes import Change, Horizon, Place, Purged
from canonical_model.tables import metadata
from services.databases import create_database, drop_database

Connection = psycopg.Connection[Any]
ADD = """
INSERT INTO canonical.trade (id, trade_ref, name, source_key, source_row, batch_id, run_id, row_hash)
SELECT id, 'T', 'Trade', id::text, 1, 1, 1, 7 FROM unnest(%s::uuid[]) AS given (id)
"""
CHANGE = "UPDATE canonical.trade SET run_id = run_id + 1 WHERE id = ANY(%s)"
ONE, TWO, THREE = (uuid.UUID(int=number) for number in (1, 2, 3))
TABLES = sorted(
    table.name for table in metadata.tables.values() if table.schema == "canonical" and "ended_run_id" in table.columns
)


@pytest.fixture
def hub(hub_url: str) -> Iterator[Connection]:
    with connect(hub_url) as connection:
        yield connection


def connect(url: str) -> Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def horizon(connection: Connection) -> Horizon:
    return changes.horizon_of(connection.execute(changes.HORIZON).fetchall()[0])[0]


def purged(connection: Connection) -> Purged:
    return changes.horizon_of(connection.execute(changes.HORIZON).fetchall()[0])[1]


def page(connection: Connection, place: Place, limit: int = 100, entities: list[str] | None = None) -> list[Change]:
    query = re.sub(r"\$(\d)", r"%(p\1)s", changes.PAGE)
    given = changes.page_arguments(place, entities or TABLES, limit)
    named = {f"p{number}": value for number, value in enumerate(given, 1)}
    return changes.page_of(connection.execute(query, named).fetchall())[0]


def read(connection: Connection, place: Place, limit: int = 100) -> tuple[list[Change], Place]:
    """All there is to read now, and the place after it."""
    found: list[Change] = []
    place = place.upto(horizon(connection))
    while place.window != place.seen:
        some = page(connection, place, limit)
        place, found = place.after(some, limit), [*found, *some]
    return found, place


def start(connection: Connection) -> Place:
    return changes.beginning(purged(connection))


def told(found: list[Change]) -> list[tuple[str, uuid.UUID, int | None]]:
    return [(change.kind, change.entity_id, change.run_id) for change in found]


def test_a_page_costs_the_same_however_long_the_log_is(hub: Connection) -> None:
    """Also by a plan that is made once for all values, as a connection keeps it."""
    hub.execute(
        "INSERT INTO feed.change (entity, kind, run_id, entity_ids, tx) "
        "SELECT 'trade', 'changed', 1, ARRAY[gen_random_uuid()], (1000 + n / 3)::text::xid8 "
        "FROM generate_series(1, 20000) n"
    )
    hub.execute("ANALYZE feed.change")
    [[last, tx]] = hub.execute("SELECT max(id), max(tx)::text::bigint FROM feed.change").fetchall()
    place = Place(Horizon(tx - 20, last - 60), Horizon(tx - 5, last - 15))
    hub.execute("SET plan_cache_mode = force_generic_plan")
    hub.execute(f"PREPARE page (bigint, bigint, bigint, bigint, bigint, text[], bigint) AS {changes.PAGE}")
    given = [*place.numbers, ["trade"], 10]
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page (%s, %s, %s, %s, %s, %s::text[], %s)"
    with psycopg.ClientCursor(hub) as cursor:
        [[[told]]] = cursor.execute(query, given).fetchall()
    assert told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"] < 50


def test_every_table_that_is_served_is_followed_in_every_replication_role(hub: Connection) -> None:
    rows = hub.execute(
        "SELECT relname, count(*) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
        "WHERE tgname LIKE 'feed\\_%' AND tgenabled = 'A' AND relnamespace = 'canonical'::regnamespace "
        "AND tgname <> 'feed_event' GROUP BY relname ORDER BY relname"
    ).fetchall()
    assert rows == [(table, 4) for table in TABLES]


def test_created_changed_ended_deleted(hub: Connection) -> None:
    hub.execute(ADD, ([ONE, TWO],))
    hub.execute(CHANGE, ([ONE],))
    hub.execute("UPDATE canonical.trade SET ended_run_id = 3 WHERE id = %s", (TWO,))
    hub.execute("UPDATE canonical.trade SET ended_run_id = NULL, run_id = 4 WHERE id = %s", (TWO,))
    hub.execute("DELETE FROM canonical.trade WHERE id = %s", (ONE,))
    hub.execute("TRUNCATE canonical.trade CASCADE")
    found, _ = read(hub, start(hub))
    assert told(found) == [
        ("created", ONE, 1), ("created", TWO, 1), ("changed", ONE, 2), ("ended", TWO, 3), ("changed", TWO, 4),
        ("deleted", ONE, None), ("deleted", TWO, None),
    ]  # fmt: skip
    assert {change.entity for change in found} == {"trade"}


def test_what_is_loaded_past_ordinary_triggers_is_written_down(hub: Connection) -> None:
    with hub.transaction():
        hub.execute("SET LOCAL session_replication_role = replica")
        hub.execute(ADD, ([ONE],))
    assert told(read(hub, start(hub))[0]) == [("created", ONE, 1)]


def test_merges_and_splits_have_old_and_new_ids(hub: Connection) -> None:
    hub.execute(
        "INSERT INTO canonical.golden_event (kind_code, entity_type, old_id, new_id, decided_by, run_id) VALUES "
        "('created', 'person', NULL, %(one)s, 'machine', 1), ('merge', 'person', %(one)s, %(two)s, 'machine', 1), "
        "('split', 'asset', %(two)s, %(one)s, 'ann', NULL), ('split', 'asset', %(two)s, %(three)s, 'ann', NULL)",
        {"one": ONE, "two": TWO, "three": THREE},
    )
    found, _ = read(hub, start(hub))
    assert sorted((change.kind, change.entity, change.entity_id, change.new_id) for change in found) == [
        ("merged", "golden_person", ONE, TWO),
        ("split", "golden_asset", TWO, ONE),
        ("split", "golden_asset", TWO, THREE),
    ]


def test_many_changes_are_few_rows_and_read_in_pages(hub: Connection) -> None:
    ids = [uuid.UUID(int=number) for number in range(2_500)]
    hub.execute(ADD, (ids,))
    hub.execute(CHANGE, (ids[:3],))
    assert hub.execute("SELECT count(*) FROM feed.change").fetchall() == [(4,)]
    for limit in (7, 500, 1_000, 5_000):
        found, place = read(hub, start(hub), limit)
        numbers = [change.number for change in found]
        assert numbers == sorted(set(numbers))
        assert sorted(change.entity_id for change in found[:2_500]) == ids
        assert {change.entity_id for change in found[2_500:]} == set(ids[:3])
        assert read(hub, place, limit)[0] == []


def test_only_the_tables_asked_for(hub: Connection) -> None:
    hub.execute(ADD, ([ONE],))
    place = start(hub).upto(horizon(hub))
    assert page(hub, place, entities=["person"]) == []
    assert len(page(hub, place, entities=["person", "trade"])) == 1


def test_what_commits_late_is_read_later(hub: Connection, hub_url: str) -> None:
    """The naive reader has seen number 2 by then and never reads number 1."""
    with connect(hub_url) as late:
        with late.transaction():
            late.execute(ADD, ([ONE],))
            hub.execute(ADD, ([TWO],))
            seen, place = read(hub, start(hub))
            assert seen == []
        found, place = read(hub, place)
    assert told(found) == [("created", ONE, 1), ("created", TWO, 1)]
    hub.execute(CHANGE, ([ONE],))
    assert told(read(hub, place)[0]) == [("changed", ONE, 2)]


def test_a_record_stays_in_order_where_its_transactions_are_not(hub: Connection, hub_url: str) -> None:
    """The second change is of the older transaction; a third, between the two, has not ended."""
    hub.execute(ADD, ([ONE, TWO, THREE],))
    _, place = read(hub, start(hub))
    with ExitStack() as stack:
        old, between, young = (stack.enter_context(connect(hub_url)) for _ in range(3))
        for one, touched in ((old, THREE), (between, TWO)):
            one.execute("BEGIN")
            one.execute(CHANGE, ([touched],))
        young.execute(CHANGE, ([ONE],))
        old.execute("UPDATE canonical.trade SET run_id = 10 WHERE id = %s", (ONE,))
        old.execute("COMMIT")
        first, place = read(hub, place)
        between.execute("COMMIT")
        second, place = read(hub, place)
    assert told(first) == [("changed", THREE, 2)]
    assert told(second) == [("changed", TWO, 2), ("changed", ONE, 2), ("changed", ONE, 10)]


def test_what_was_rolled_back_never_was(hub: Connection) -> None:
    with hub.transaction(force_rollback=True):
        hub.execute(ADD, ([ONE],))
    hub.execute(ADD, ([TWO],))
    assert told(read(hub, start(hub))[0]) == [("created", TWO, 1)]


def test_retention_takes_the_oldest_and_tells_who_comes_too_late(hub: Connection) -> None:
    hub.execute(ADD, ([ONE],))
    none_read = start(hub)
    _, first_read = read(hub, none_read)
    hub.execute("UPDATE feed.change SET at = now() - interval '40 days'")
    hub.execute(ADD, ([TWO, THREE],))
    half_read = first_read.upto(horizon(hub)).after(page(hub, first_read.upto(horizon(hub)), 1), 1)
    assert changes.purge_changes(hub, datetime.now(UTC) - timedelta(days=30)) == 1
    assert not none_read.is_kept(purged(hub))
    assert first_read.is_kept(purged(hub))
    assert half_read.is_kept(purged(hub))
    assert [change.entity_id for change in read(hub, start(hub))[0]] == [TWO, THREE]
    _, all_read = read(hub, first_read)
    assert changes.purge_changes(hub, datetime.now(UTC) + timedelta(days=1)) == 2
    assert not first_read.is_kept(purged(hub))
    assert not half_read.is_kept(purged(hub))
    assert all_read.is_kept(purged(hub))
    assert start(hub).is_kept(purged(hub))
    hub.execute(CHANGE, ([TWO],))
    assert told(read(hub, all_read)[0]) == told(read(hub, start(hub))[0]) == [("changed", TWO, 2)]


def test_what_somebody_still_waits_for_is_not_purged(hub: Connection, hub_url: str) -> None:
    with connect(hub_url) as late, late.transaction():
        late.execute("SELECT pg_current_xact_id()")
        hub.execute(ADD, ([ONE],))
        assert changes.purge_changes(hub, datetime.now(UTC) + timedelta(days=1)) == 0


def test_a_place_is_five_numbers() -> None:
    place = Place(Horizon(1, 2), Horizon(3, 4), 5)
    assert Place.from_numbers(place.numbers) == place


def test_down_leaves_nothing(postgres: str) -> None:
    url = create_database(postgres, "change_log_down")
    schema.migrate(url, "0026")
    engine = create_engine(url)
    with engine.begin() as connection:
        command.downgrade(schema.configured(connection), "0025")
    engine.dispose()
    with connect(url) as connection:
        left = "SELECT nspname FROM pg_namespace WHERE nspname IN ('feed', 'api')"
        assert connection.execute(left).fetchall() == []
        assert connection.execute("SELECT FROM pg_trigger WHERE tgname LIKE 'feed\\_%'").fetchall() == []
    drop_database(postgres, "change_log_down")
