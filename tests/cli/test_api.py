"""``hub api``: clients, tokens, the server with its workers, and the check of the audit."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from typer.testing import CliRunner, Result

from canonical_model.privacy import DECLARED
from cli.api import call_once, serving
from cli.main import app
from cli.workplace import settings_of, workplace
from ledger.errors import ConfigurationFault
from tests.api.state import ANN, fill

PAGE = f"/v1/people/{ANN}?fields=id,surname"


class Hub:
    """A hub with its state folder and a small database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url, self.file = url, folder / "hub.toml"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.file.write_text(
            f'[hub]\nfolder = "{folder}/var"\n[database]\nurl = "{url}"\n'
            f'[api]\nlisten = "127.0.0.1:{self.port}"\nworkers = 2\ntoken_minutes = 3\n'
        )

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["api", *words, "--config", str(self.file)])

    def add(self, name: str = "portal", *scopes: str) -> str:
        wanted = [word for scope in scopes or ("people:read", "people:name") for word in ("--scope", scope)]
        added = self.run("client", "add", name, *wanted, "--purpose", "a test")
        found = re.search(r"client_secret +(\S+)", added.output)
        assert found, added.output
        return found[1]


@pytest.fixture
def hub(tmp_path: Path, hub_url: str) -> Iterator[Hub]:
    fill(hub_url)
    yield Hub(tmp_path, hub_url)


def test_a_client_comes_and_goes(hub: Hub) -> None:
    secret = hub.add()
    assert secret not in hub.run("client", "list").output
    assert "portal" in hub.run("client", "list").output
    assert hub.run("token", "portal").output.count(".") == 2
    assert "within 3 minutes" in hub.run("client", "revoke", "portal").output
    with pytest.raises(ConfigurationFault, match="revoked"):
        CliRunner().invoke(app, ["api", "token", "portal", "--config", str(hub.file)], catch_exceptions=False)


@pytest.mark.slow
def test_the_first_call_as_the_page_tells_it_is_answered_and_kept(hub: Hub) -> None:
    """Through the real server: two workers, a token for a secret, an answer, a line of the audit, a theft told."""
    secret = hub.add()
    settings = settings_of(hub.file)
    with workplace(settings) as place, serving(place) as api:
        assert api.url == f"http://127.0.0.1:{hub.port}"
        form = {"grant_type": "client_credentials", "scope": "people:read people:name"}
        told = requests.post(f"{api.url}/oauth/token", data=form, auth=("portal", secret), timeout=30).json()
        bearer = {"authorization": f"Bearer {told['access_token']}"}
        answers = [requests.get(api.url + PAGE, headers=bearer, timeout=30) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[0].json() == {"id": str(ANN), "surname": "Marsh"}
        by_hand = hub.run("token", "portal", "--scope", "people:read").output.strip()
        refused = requests.get(api.url + PAGE, headers={"authorization": f"Bearer {by_hand}"}, timeout=30)
        assert refused.status_code == 403
        with pytest.raises(ConfigurationFault, match="cannot be listened on"), serving(place):
            pass
    assert api.process.returncode is not None
    assert not _answers(hub.port)
    whole = hub.run("audit", "check")
    assert (whole.exit_code, "whole" in whole.output) == (0, True), whole.output
    with psycopg.connect(hub.url.replace("+psycopg", "", 1)) as connection:
        connection.execute("DELETE FROM api.audit WHERE id = (SELECT max(id) FROM api.audit)")
    broken = hub.run("audit", "check")
    assert (broken.exit_code, "is missing" in broken.output) == (1, True)
    assert hub.run("audit", "check", "--accept").exit_code == 0


@pytest.mark.slow
def test_the_run_asks_once(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    with workplace(settings_of(hub.file)) as place:
        call_once(place)
    assert '"asset_type_code":"flat"' in capsys.readouterr().out.replace("\n", "")


@pytest.mark.slow
def test_a_server_does_not_outlive_who_started_it(hub: Hub) -> None:
    with workplace(settings_of(hub.file)) as place, serving(place) as api:
        assert api.process.stdin is not None
        os.close(os.dup(api.process.stdin.fileno()))
        api.process.stdin.close()  # as the system does where its starter is killed
        deadline = time.monotonic() + 20
        while api.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert api.process.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
        assert not _answers(hub.port)


@pytest.mark.slow
def test_a_column_without_a_class_is_named_and_nothing_is_served(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the server's own process: it reads a list that lacks a line."""
    kept = DECLARED.read_text()
    package = tmp_path / "sitecustomize.py"
    (tmp_path / "privacy.csv").write_text(kept.replace("person,surname,name\n", ""))
    package.write_text(
        f"import canonical_model.privacy as p, pathlib\np.DECLARED = pathlib.Path({str(tmp_path / 'privacy.csv')!r})\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with workplace(settings_of(hub.file)) as place, pytest.raises(ConfigurationFault, match=r"person\.surname"), (
        serving(place)
    ):  # fmt: skip
        pass


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.ConnectionError:
        return False
