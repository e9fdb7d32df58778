"""``hub mirror``: what it says of a mirror that does not stand, and how a subset is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.mirror import _streets, site_of
from cli.workplace import settings_of
from ledger.errors import ContractBroken


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "hub.toml"
    file.write_text(f'[hub]\nfolder = "{tmp_path}/var"\n[mirror]\nport = 5999\n')
    return str(file)


def test_without_a_mirror_status_says_what_to_type(config: str) -> None:
    told = CliRunner().invoke(app, ["mirror", "status", "--config", config])
    assert (told.exit_code, told.output) == (0, "No mirror stands. Next step: hub mirror build\n")


@pytest.mark.parametrize("command", [["reset"], ["snapshot", "x"], ["branch", "amina"], ["drop", "amina"], ["start"]])
def test_what_needs_a_mirror_says_that_none_stands(config: str, command: list[str]) -> None:
    told = CliRunner().invoke(app, ["mirror", *command, "--config", config])
    assert isinstance(told.exception, ContractBroken)
    assert "no mirror stands. Next step: run 'hub mirror build'" in str(told.exception)


@pytest.mark.parametrize("command", ["stop", "remove"])
def test_what_takes_a_mirror_down_needs_none(config: str, command: str) -> None:
    assert CliRunner().invoke(app, ["mirror", command, "--config", config]).exit_code == 0


def test_streets_are_a_number_or_usrns() -> None:
    assert _streets(None) is None
    assert _streets("10") == 10
    assert _streets("20400001") == (20400001,)
    assert _streets("20400001,20400002") == (20400001, 20400002)
    for wrong in ("ten", "0", "1,x", ""):
        with pytest.raises(ContractBroken, match="no number of streets"):
            _streets(wrong)


def test_testers_get_an_address_that_no_build_changes(config: str, tmp_path: Path) -> None:
    url = site_of(settings_of(Path(config))).tester_url()
    assert url == f"postgresql://tester@/mirror?host={tmp_path}/var/mirror/socket&port=5999"
