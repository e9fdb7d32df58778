"""Some streets of a council: what belongs to their homes, closed over every reference, cycles too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, create_engine, insert, update

from canonical_model.base import CURRENT
from canonical_model.tables import current, metadata
from ledger.errors import ContractBroken
from mirror import copying, subset
from mirror.build import build
from mirror.cluster import Site, address
from mirror.subset import BY_UPRN, BY_USRN, NAMING, NOT_DOWN, OWN_NOTHING, WHOLE, edges
from tests.canonical_model.rows import add, add_tenancy
from tests.mirror.made import ask, council, making, order


def grown(url: str) -> dict[str, UUID]:
    """The small council, with what makes a closure hard."""
    ids = council(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        # one household in both homes: its head moved from the second street to the first
        ids["home"] = add(connection, "household", household_ref="H1", asset_id=ids["h1"])
        add(connection, "household_member", household_id=ids["home"], person_id=ids["p-h1"])
        connection.execute(update(current("tenancy")).values(household_id=ids["home"]))
        add(connection, "tenancy_party", tenancy_id=ids["t-h2"], person_id=ids["p-h1"], role_code="occupant")
        for account in ("a-h1", "a-h2"):
            add(connection, "rent_transaction", account_id=ids[account], effective_date="2026-09-07",
                transaction_type_code="charge", amount="100.00")  # fmt: skip
        # a cycle: the home's person names the tenancy, and the tenancy's people name the person
        ids["manager"] = add(connection, "person", person_ref="p-m", tenancy_id=ids["t-h2"])
        add(connection, "operative", operative_ref="o1", person_id=ids["manager"])
        ids["golden"] = add_golden(connection, ids["p-h1"])
        ids["another golden"] = add_golden(connection, ids["p-h2"])
        add(connection, "identifier", entity_type="person", entity_id=ids["p-h2"], scheme_code="property_ref",
            value="x", allocated_by="rents")  # fmt: skip
        ids["garage"] = add_tenancy(connection, tenancy_ref="garage")
    engine.dispose()
    return ids


def add_golden(connection: Connection, person: UUID) -> UUID:
    golden = uuid4()
    connection.execute(
        insert(current("golden_person")).values(id=golden, record_count=1, system_count=1, run_id=1, row_hash=7)
    )
    connection.execute(
        insert(current("golden_link")).values(
            entity_type="person",
            entity_id=person,
            golden_id=golden,
            decided_by="machine",
            decided_at="2026-09-01",
            first_run_id=1,
        )
    )
    return golden


def test_what_belongs_to_the_homes_comes_and_what_it_refers_to(hub_url: str) -> None:
    ids = grown(hub_url)
    with copying.snapshot(address(hub_url)) as source:
        conditions = subset.choose(source.connection, (20400001,))

        def chosen(table: str) -> set[UUID]:
            return {one for (one,) in source.connection.execute(f"SELECT id FROM pg_temp.in_{table}")}

        assert chosen("asset") == {ids["h1"], ids["block"]}  # not the second home
        assert chosen("tenancy") == {ids["t-h1"], ids["t-h2"]}  # the second as the head's earlier one
        assert chosen("person") == {ids["p-h1"], ids["manager"]}  # nobody else of the second
        assert chosen("rent_account") == {ids["a-h1"]}
        assert len(chosen("rent_transaction")) == 1
        assert chosen("golden_person") == {ids["golden"]}
        assert "canonical.identifier" in conditions
        named = source.connection.execute(
            b"SELECT count(*) FROM canonical.identifier t WHERE " + conditions["canonical.identifier"].as_bytes(None)
        ).fetchone()
        assert named == (0,)


def test_a_street_without_homes_is_told(hub_url: str) -> None:
    council(hub_url)
    with copying.snapshot(address(hub_url)) as source, pytest.raises(ContractBroken, match="no home stands"):
        subset.choose(source.connection, (99999999,))


def test_a_number_of_streets_is_always_the_same_ones(hub_url: str) -> None:
    council(hub_url)
    drawn = []
    for _ in range(2):
        with copying.snapshot(address(hub_url)) as source:
            subset.choose(source.connection, 1)
            drawn.append(source.connection.execute("SELECT id FROM pg_temp.in_asset ORDER BY 1").fetchall())
    assert drawn[0] == drawn[1]
    assert drawn[0]


def test_every_table_is_reached_by_some_rule() -> None:
    """A new table comes by a reference, by what it names, whole or not at all: it must be said which."""
    tables = {table.name for table in metadata.tables.values() if table.schema == CURRENT}
    down = {e.child for e in edges() if e.parent not in OWN_NOTHING and (e.child, e.column) not in NOT_DOWN}
    up = {e.parent for e in edges()}
    reached = down | up | WHOLE | BY_UPRN | BY_USRN | set(NAMING)
    assert {name for name in tables - reached if not name.startswith("golden_")} == set()
    assert tables >= WHOLE | BY_UPRN | BY_USRN | set(NAMING)


@pytest.mark.slow
def test_a_mirror_of_one_street_has_no_orphans(hub_url: str, site_folder: Path) -> None:
    ids = grown(hub_url)
    told = replace(order(hub_url, site_folder), streets=(20400001,))
    state = build(told, making())  # every foreign key is checked over every row
    mirror = Site(told.site.folder).tester_url()
    assert state.streets == 1
    assert ask(mirror, "SELECT id FROM canonical.rent_account") == [(ids["a-h1"],)]
    assert ask(mirror, "SELECT count(*) FROM canonical.operative") == [(1,)]
    assert ask(mirror, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated") == [(0,)]
