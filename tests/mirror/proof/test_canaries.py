"""Identifiers hidden in twenty ways are found where masking is off or done in place, and not in a mirror."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from mirror import plan, subjects
from mirror.build import Order, build
from mirror.cluster import Site
from mirror.key import MaskKey
from mirror.making import making_of
from mirror.masked import Masker
from mirror.proof import bundle, leaks
from mirror.proof.leaks import Search
from mirror.proof.rows import Connection
from tests.mirror import canaries
from tests.mirror.canaries import CANARIES, HIDDEN

KEY = MaskKey(b"k" * 32, datetime.date(2026, 9, 28))
PLAN = plan.read()
PORT = 5489


@pytest.fixture
def planted(hub_url: str) -> Iterator[Connection]:
    """A connection to a hub that holds the canaries."""
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        canaries.plant(connection)
    engine.dispose()
    with psycopg.connect(hub_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def search(connection: Connection) -> Search:
    """The search for the identifiers of a hub."""
    return canaries.search(connection, PLAN, Masker(PLAN, KEY, subjects.read(connection)))


def test_without_masks_all_200_are_found(planted: Connection) -> None:
    sought = search(planted)
    assert canaries.found(planted, sought) == len(CANARIES) * len(HIDDEN) == 200
    scanned = {leak.place.removesuffix(" (encoded)") for leak in leaks.values(planted, sought).leaks}
    for table, hide in HIDDEN.values():
        assert scanned & {table, *(f"{table}.{column}" for column in hide(CANARIES[0]))}, table


def test_masked_in_place_the_values_are_gone_and_the_files_still_have_them(
    planted: Connection, open_folder: Path
) -> None:
    sought = search(planted)
    planted.execute("UPDATE canonical.repair_request SET access_notes = 'masked', reported_by_name = NULL")
    planted.execute("UPDATE canonical.contact_method SET value = 'masked'")
    planted.execute("CHECKPOINT")
    places = {leak.place for leak in leaks.values(planted, sought).leaks}
    assert "canonical.repair_request.access_notes" not in places
    (row,) = planted.execute(
        "SELECT pg_relation_filepath('canonical.repair_request'), pg_relation_filepath('canonical.contact_method')"
    ).fetchall()
    data = open_folder / "postgres" / "data"
    left = leaks.files([data / str(path) for path in row], sought)
    assert sum(leak.times for leak in left.leaks if leak.kind == "telephone") >= 20
    assert sum(leak.times for leak in leaks.files([data / "pg_wal"], sought).leaks) >= 20


@pytest.mark.slow
def test_in_a_mirror_there_is_none(planted: Connection, hub_url: str, open_folder: Path, tmp_path: Path) -> None:
    site = Site(open_folder / "mirror", PORT)
    order = Order(hub_url, site, spares=0)
    try:
        state = build(order, making_of(order, tmp_path / "mirror.key", KEY.reference_day, tmp_path / "proofs"))
        told = bundle.read(bundle.place(tmp_path / "proofs", state.build), _key(tmp_path)).told
    finally:
        site.stop()
    assert state.is_complete
    assert told["faults"] == []
    assert told["leaks"]["values"]["leaks"] == told["leaks"]["files"]["leaks"] == []
    assert told["leaks"]["files"]["bytes"] > 10_000_000
    assert told["identifiers"]["sought"]["telephone"] >= len(CANARIES)


def _key(folder: Path) -> MaskKey:
    from mirror import key  # noqa: PLC0415

    return key.read(folder / "mirror.key")
