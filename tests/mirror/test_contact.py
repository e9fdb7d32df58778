"""A mirror can contact nobody: with every sender on not a packet leaves, and each says why; of a hub all do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mirror import databases
from mirror.cluster import State, address
from services import outside
from services.databases import create_database, drop_database
from tests.mirror.senders import NAMES, SENDERS, over
from tests.mirror.wire import unable

STATE = State("20260914-0400", "test", datetime(2026, 9, 14, tzinfo=UTC), "plan", "key", "0001", 1, {})


@pytest.fixture(scope="module")
def alone() -> None:
    if why := unable():
        pytest.skip(why)


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What this process has seen stays within the test."""
    yield
    outside._over = None


def marked(url: str) -> None:
    """Has a database say that it is a mirror, as a build does."""
    with databases.administration(address(url)) as connection:
        databases.mark(connection, databases.name_of(url), STATE)


@pytest.fixture(params=["mirror", "hub"])
def databases_of(request: pytest.FixtureRequest, postgres: str, empty_hub: str) -> Iterator[tuple[str, str, str]]:
    """Of which kind, and the URLs of two databases of it."""
    names = [f"contact_{request.param}_{part}" for part in ("api", "desk")]
    urls = [create_database(postgres, name, template=empty_hub) for name in names]
    if request.param == "mirror":
        for url in urls:
            marked(url)
    yield request.param, urls[0], urls[1]
    for name in names:
        drop_database(postgres, name)


@pytest.mark.slow
@pytest.mark.usefixtures("alone")
def test_of_a_mirror_no_packet_leaves_and_of_a_hub_all_do(databases_of: tuple[str, str, str], tmp_path: Path) -> None:
    kind, api_url, desk_url = databases_of
    found = over(api_url, desk_url, tmp_path)
    assert set(found) == {*SENDERS, NAMES}
    if kind == "hub":
        assert {sender: said for sender, (packets, said) in found.items() if not packets} == {}
    else:
        assert {sender: packets for sender, (packets, _) in found.items() if packets} == {}
        assert {sender: said for sender, (_, said) in found.items() if "a mirror sends nothing" not in str(said)} == {}
