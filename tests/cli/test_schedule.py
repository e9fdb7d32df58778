"""``hub schedule serve``: one desk for a database, which stops with the command and is told why it does not start."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest
import requests

from cli.api import start_of
from cli.schedule import serving, serving_what_is_published
from cli.workplace import Workplace, settings_of
from ledger.errors import ConfigurationFault
from tests.scheduling.live import published, town


@pytest.fixture
def place(tmp_path: Path, hub_url: str) -> Workplace:
    file = tmp_path / "hub.toml"
    file.write_text(f'[hub]\nfolder = "{tmp_path}/var"\n[database]\nurl = "{hub_url}"\n[scheduling]\nroads = "none"\n')
    return Workplace(settings_of(file), hub_url, None)


def bearer(place: Workplace) -> dict[str, str]:
    """The header of a token that the hub issues."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from api.clients import Client  # noqa: PLC0415
    from api.workers import issuer_of  # noqa: PLC0415

    issuer = issuer_of(start_of(place))
    assert issuer is not None
    now, scopes = datetime.now(UTC), frozenset({"scheduling:read"})
    return {"authorization": f"Bearer {issuer.token(Client('test', scopes, '', now, None), scopes, now.timestamp())}"}


def test_without_a_published_plan_it_says_what_to_do(place: Workplace) -> None:
    with pytest.raises(ConfigurationFault, match="no plan is published"), serving(place, anywhere=True):
        pass
    with serving_what_is_published(place) as nothing:
        assert nothing is None


def test_the_desk_is_up_alone_and_begins_again_after_it_was_killed(place: Workplace, hub_url: str) -> None:
    published(hub_url, place.plans, town())
    with serving(place, anywhere=True) as desk:
        told = requests.get(f"{desk.url}/v1/scheduling/plan", headers=bearer(place), timeout=30).json()
        assert (told["jobs"], told["left_out"]) == (20, 0)
        with (
            pytest.raises(ConfigurationFault, match=r"already kept by a desk: hub desk .* since"),
            serving(place, anywhere=True),
        ):
            pass
        os.kill(desk.process.pid, signal.SIGKILL)
        desk.process.wait()
    with psycopg.connect(hub_url.replace("+psycopg", "", 1)) as connection:
        connection.execute("SELECT pg_sleep(1)")  # until the database has seen that its client is gone
    with serving_what_is_published(place) as again:
        assert again is not None
        assert requests.get(f"{again.url}/v1/scheduling/plan", headers=bearer(place), timeout=30).json() == told
