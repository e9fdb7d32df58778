"""A hub that knows the small made-up system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import references
from tests.flows.desk import Shop
from tests.flows.hub import Hub, know_ledgers


@pytest.fixture
def hub(hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    know_ledgers(monkeypatch, Path(__file__).parent, "tests.flows")
    yield Hub(hub_url, tmp_path, patch=monkeypatch)
    monkeypatch.undo()
    references.mapping_of.cache_clear()


@pytest.fixture(scope="session")
def shop(postgres: str, empty_hub: str, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(postgres, empty_hub, tmp_path_factory.mktemp("shop"))
