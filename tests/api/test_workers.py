"""What a worker serves is set apart from what is searched for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from api.app import create_app
from api.settings import ApiSettings
from api.workers import settled


class Silent:
    async def write(self, *reads: object) -> None:
        return None


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_stands_when_a_worker_begins_is_never_searched_again() -> None:
    before = gc.get_freeze_count()
    app = create_app(ApiSettings("", "", "", {}, b""), lambda _: Silent())
    assert settled(app) is app
    assert gc.get_freeze_count() > before + 10_000
    assert not any(one is app for one in gc.get_objects())
