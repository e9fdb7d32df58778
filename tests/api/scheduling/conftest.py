"""A council whose housing system calls the hub in place of the old scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.databases import create_database, drop_database
from tests.api.scheduling.callers import Caller, Council, a_client, fill, served
from tests.scheduling.live import Clock, breaches, opened


@pytest.fixture(scope="package")
def council(
    postgres: str, empty_hub: str, tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey
) -> Iterator[Council]:
    name, folder = f"soap_{uuid4().hex[:12]}", tmp_path_factory.mktemp("plans")
    url = create_database(postgres, name, template=empty_hub)
    fill(url)
    secret = a_client(url)
    with served(url, folder, Clock(), key) as address:
        yield Council(url, folder, address, secret, Caller(address, "housing", secret))
    desk = opened(url, folder, Clock())
    assert breaches(desk) == ()  # after all that the tests did
    desk.store.close()
    drop_database(postgres, name)


@pytest.fixture
def caller(council: Council) -> Caller:
    return council.caller
