"""A mirror that is built once, and the sources of single tests."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror.build import build
from mirror.cluster import Site
from services.databases import create_database, drop_database
from services.postgres import Postgres
from tests.mirror.made import council, making, order


@pytest.fixture(scope="session")
def another_server(open_folder: Path) -> Iterator[str]:
    """The URL of a server that is not the source's."""
    with Postgres(open_folder / "another") as url:
        yield url


@pytest.fixture
def site_folder(open_folder: Path) -> Iterator[Path]:
    """A folder for a mirror, which is taken down at the end."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o711)
    yield folder / "mirror"
    Site(folder / "mirror").take_down()


@pytest.fixture(scope="session")
def source(postgres: str, empty_hub: str) -> Iterator[str]:
    """The URL of a hub with a small council, which no test changes."""
    name = f"source_{uuid.uuid4().hex[:8]}"
    url = create_database(postgres, name, template=empty_hub)
    council(url)
    yield url
    drop_database(postgres, name)


@pytest.fixture(scope="session")
def built(open_folder: Path, source: str) -> Iterator[Site]:
    """Where a mirror of the source stands; whoever changes it puts it back."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o711)
    site = Site(folder / "mirror")
    build(order(source, folder / "mirror"), making())
    yield site
    site.take_down()
