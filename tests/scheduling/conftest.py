"""A migrated database whose rows last for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from services.databases import create_database, drop_database
from tests.scheduling.council import Council


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
