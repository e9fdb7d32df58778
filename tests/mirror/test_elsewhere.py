"""A mirror on a server that is not the hub's: built under another name, then put in the place of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from ledger.errors import ConfigurationFault, ContractBroken
from mirror import snapshots
from mirror.build import build
from mirror.cluster import Site, address
from tests.mirror.made import ask, making, names, order, when_masked


@pytest.fixture
def target(another_server: str) -> Iterator[str]:
    """The URL of a database that is not there yet."""
    url = make_url(another_server).set(drivername="postgresql", database="housing_test")
    yield url.render_as_string(hide_password=False)
    snapshots.remove(address(another_server), "housing_test")


def test_the_cluster_of_the_source_is_refused_however_it_is_spelled(source: str, site_folder: Path) -> None:
    url = make_url(source).set(drivername="postgresql")
    socket = str(url.query["host"])
    for spelled in (
        url,
        url.set(database="quite_another"),
        url.set(query={"host": f"{socket}/../socket/", "port": "5432"}, username="hub"),
    ):
        told = order(source, site_folder, url=spelled.render_as_string(hide_password=False))
        with pytest.raises(ConfigurationFault, match="the very cluster that holds the originals"):
            build(told, making())


def test_a_database_with_anything_in_it_is_refused_and_left(source: str, site_folder: Path, target: str) -> None:
    with psycopg.connect(target, dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE housing_test")
    ask_nothing(target, "CREATE TABLE somebodys (n int)")
    with pytest.raises(ContractBroken, match="no mirror and not empty: 1 tables"):
        build(order(source, site_folder, url=target), making())
    assert ask(target, "SELECT count(*) FROM somebodys") == [(0,)]
    with psycopg.connect(target, dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE housing_test")


@pytest.mark.slow
def test_it_takes_the_place_of_the_one_before_and_a_fault_leaves_that(
    source: str, site_folder: Path, target: str
) -> None:
    told = order(source, site_folder, url=target)
    site = told.site
    first = build(told, making())
    assert ask(target, "SELECT count(*) FROM canonical.rent_account") == [(2,)]
    snapshots.branch(site.administration(), site.database, "amina")
    stand = names(site)

    def fail(table: str) -> None:
        if table == "canonical.person":
            raise ContractBroken("as told.", next_step="none.")

    with pytest.raises(ContractBroken, match="as told"):
        build(told, making(when_masked(fail)))
    assert names(site) == stand
    assert site.standing() == first
    ask_nothing(target, "CREATE TABLE public.testers (n int)")
    second = build(told, making())
    assert ask(target, "SELECT to_regclass('public.testers')::text") == [(None,)]
    assert {each.kind: each.state.build for each, _ in snapshots.listed(site)} == {
        "mirror": second.build, "snapshot": second.build, "spare": second.build, "branch": first.build,
    }  # fmt: skip
    ask_nothing(target, "CREATE TABLE public.testers (n int)")
    snapshots.reset(site.administration(), site.database)
    assert ask(target, "SELECT to_regclass('public.testers')::text") == [(None,)]
    assert Site(told.site.folder, url=target).tester_url().startswith("postgresql://hub@/housing_test")


def ask_nothing(where: str, statement: str) -> None:
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(statement.encode())
