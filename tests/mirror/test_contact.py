"""A mirror can contact nobody: with every sender on not a packet leaves, and each says why; of a hub all do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from api.settings import ApiSettings
from cli.mirrored import mirrored
from cli.workplace import masked, workplace
from mirror import snapshots
from mirror.cluster import Site, address
from services import outside
from settings.model import EMBEDDED, Database, Hub, Settings
from settings.model import Mirror as MirrorSettings
from tests.api.conftest import Api as Asking
from tests.api.tokens import AUDIENCE, ISSUER
from tests.mirror.senders import NAMES, SENDERS, marked, over
from tests.mirror.wire import unable


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What this process has seen stays within the test."""
    yield
    outside._over = None


@pytest.fixture(scope="module")
def alone() -> None:
    if why := unable():
        pytest.skip(why)


@pytest.mark.slow
@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("is_mirror", [True, False])
def test_of_a_mirror_no_packet_leaves_and_of_a_hub_all_senders_are_heard(
    postgres: str, empty_hub: str, tmp_path: Path, is_mirror: bool
) -> None:
    found = over(postgres, empty_hub, tmp_path, is_mirror=is_mirror)
    assert set(found) == {*SENDERS, NAMES}
    if is_mirror:
        assert {sender: packets for sender, (packets, _) in found.items() if packets} == {}
        assert {sender: said for sender, (_, said) in found.items() if "a mirror sends nothing" not in str(said)} == {}
    else:
        assert {sender: said for sender, (packets, said) in found.items() if not packets} == {}


def test_whatever_database_of_a_built_mirror_a_hub_works_over_its_door_shuts(built: Site) -> None:
    where = built.administration()
    snapshots.branch(where, built.database, "amina")
    for database in ("mirror", "mirror_branch_amina", "postgres"):
        outside._over = None
        with psycopg.connect(where, dbname=database) as connection:
            found = outside.look(connection)
        assert found is not None
        assert (found.build == built.standing().build) == (database != "postgres")  # type: ignore[union-attr]
        with pytest.raises(outside.Shut, match="a mirror sends nothing: SFTP is closed"):
            outside.require("SFTP", system="rents")
    snapshots.drop(where, built.database, "amina")


def test_a_tester_cannot_have_a_mirror_forget_that_it_is_one(built: Site) -> None:
    built.administration()
    with psycopg.connect(address(built.tester_url()), autocommit=True) as connection:
        told = connection.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                                  "WHERE datname = 'mirror'").fetchone()  # fmt: skip
        connection.execute("COMMENT ON DATABASE mirror IS NULL")
        with pytest.raises(psycopg.Error):
            connection.execute("ALTER SYSTEM SET cluster_name = ''")
        assert outside.look(connection) == outside.Mirror("", "")
        assert told is not None
        connection.execute(sql.SQL("COMMENT ON DATABASE mirror IS {}").format(told[0]))


def test_an_api_over_a_mirror_does_not_start_without_its_mark(hub_url: str) -> None:
    key = Ed25519PrivateKey.generate()
    marked(hub_url)
    settings = ApiSettings(hub_url, ISSUER, AUDIENCE, {"k1": key.public_key()}, b"a secret of the tests" * 2)
    with pytest.raises(AssertionError, match="its answers would not say so"):
        Asking(settings, key)
    asking = Asking(replace(settings, test_data=True), key)
    assert asking.get("/v1/people", "people:read").headers["hub-data"] == "TEST DATA"
    assert asking.get("/v1/openapi.json").json()["info"]["title"] == "Housing Hub - TEST DATA"
    page = asking.get("/docs")
    assert '<h1 id="title">Housing Hub API - TEST DATA</h1>' in page.text
    asking.close()


def test_a_hub_that_is_pointed_at_a_mirror_by_its_settings_is_marked_all_the_same(hub_url: str, tmp_path: Path) -> None:
    marked(hub_url)
    told = Settings.model_validate({
        "hub": {"folder": tmp_path}, "database": {"url": hub_url.replace("+psycopg", "", 1)},
        "api": {"issuer": "https://login.council.example", "test_data": False},
    })  # fmt: skip
    with workplace(told) as place:
        assert place.settings.api.test_data
        assert place.settings.api.issuer == EMBEDDED  # another one would have to be asked for its keys
    with pytest.raises(outside.Shut):
        outside.require("webhooks")


def test_the_hub_over_the_mirror_has_a_folder_and_addresses_of_its_own(built: Site) -> None:
    hub = Settings(hub=Hub(folder=built.folder.parent), mirror=MirrorSettings(api_listen="127.0.0.1:4999"))
    told = mirrored(hub)
    assert told.hub.folder == built.folder / "served"
    assert told.api.listen == "127.0.0.1:4999"
    with workplace(told) as place, psycopg.connect(address(place.database_url)) as connection:
        assert connection.execute("SELECT current_database(), current_user").fetchone() == ("mirror", "tester")
        assert place.settings == masked(told)


def test_a_hub_stays_as_it_is(hub_url: str, tmp_path: Path) -> None:
    told = Settings(hub=Hub(folder=tmp_path), database=Database(url=hub_url.replace("+psycopg", "", 1)))
    with workplace(told) as place:
        assert not place.settings.api.test_data
    outside.require("webhooks")
