"""What many tests stand on: the real files, an embedded PostgreSQL, an empty database."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from canonical_model import schema
from services.databases import create_database, drop_database
from services.postgres import Postgres

REAL_FILES = "HOUSING_HUB_REAL_FILES"


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real public files: beside the checkout, or where the environment says."""
    folder = Path(os.environ.get(REAL_FILES) or Path(__file__).parents[2] / "shared/real")
    if not folder.is_dir():
        pytest.skip(f"the real files are not at {folder}; {REAL_FILES} may name another folder")
    return folder


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A temporary folder that service users can pass through; pytest's own ones are shut to them."""
    with tempfile.TemporaryDirectory(prefix="hub-tests-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[str]:
    """The URL of an embedded server that lives as long as the tests."""
    with Postgres(open_folder / "postgres") as url:
        yield url


@pytest.fixture(scope="session")
def empty_hub(postgres: str) -> Iterator[str]:
    """The name of a database that is migrated and empty, to be copied."""
    schema.migrate(create_database(postgres, "empty_hub"))
    yield "empty_hub"
    drop_database(postgres, "empty_hub")


@pytest.fixture
def hub_url(postgres: str, empty_hub: str) -> Iterator[str]:
    """The URL of a migrated database for one test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres, name, template=empty_hub)
    drop_database(postgres, name)


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """The URL of an empty database for one test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres, name)
    drop_database(postgres, name)
