"""A migrated database, and a connection to it that keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from canonical_model import schema
from services.databases import create_database, drop_database


@pytest.fixture(scope="session")
def model_url(postgres: str) -> Iterator[str]:
    url = create_database(postgres, "canonical_model_tests")
    schema.migrate(url)
    yield url
    drop_database(postgres, "canonical_model_tests")


@pytest.fixture
def model(model_url: str) -> Iterator[Connection]:
    engine = create_engine(model_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
