"""A migrated database whose rows last for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from scheduling.desk import Desk
from services.databases import create_database, drop_database
from tests.scheduling.council import Council
from tests.scheduling.live import Clock, opened, published, town


@pytest.fixture(scope="session")
def scheduling_url(postgres: str, empty_hub: str) -> Iterator[str]:
    url = create_database(postgres, "scheduling_tests", template=empty_hub)
    yield url
    drop_database(postgres, "scheduling_tests")


@pytest.fixture
def council(scheduling_url: str) -> Iterator[Council]:
    engine = create_engine(scheduling_url)
    with engine.connect() as connection:
        yield Council(connection)
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(hub_url: str, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """A desk over the live plan of a small town."""
    published(hub_url, tmp_path, town())
    desk = opened(hub_url, tmp_path, clock)
    yield desk
    desk.store.close()
