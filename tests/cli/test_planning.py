"""A planner's way at the command line: plan, see, be refused for the miles, have them answered for, publish."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine
from typer.main import get_command
from typer.testing import CliRunner, Result

from cli import main, schedule
from ledger.errors import ContractBroken
from tests.scheduling.council import MONDAY, Council, at

APP = schedule.app
ANN = ["--by", "Ann Planner"]


@pytest.fixture
def config(tmp_path: Path, hub_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A council of four operatives and five orders, one of them promised."""
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        council = Council(connection)
        for number in range(4):
            council.line(council.order(f"W{number}", home=council.home(f"H{number}", 400 * number)))
        promised = council.order("SOON", trade="EL")
        council.line(promised, trade="EL")
        council.visit(promised, at(1, 8), at(1, 12))
    engine.dispose()
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "hub.toml"
    path.write_text(
        f'[hub]\nfolder = "{tmp_path / "var"}"\n[database]\nurl = "{hub_url}"\n'
        '[scheduling]\nroads = "none"\nlisten = "127.0.0.1:4"\niterations = 200\n', "utf-8",
    )  # fmt: skip
    return path


def hub(config: Path, *words: str) -> Result:
    return CliRunner().invoke(APP, [*words, "--config", str(config)])


def test_a_plan_is_made_seen_answered_for_and_published(config: Path) -> None:
    asked = ["plan", "--from", f"{MONDAY}", "--days", "5"]
    first = hub(config, *asked)
    assert first.exit_code == 0, first.exception
    assert "Plan 1 (draft), 5 days from 19 October 2026: 5 of 5 jobs" in first.stdout
    assert "hub schedule publish 1" in first.stdout
    assert "it stands as it is" in hub(config, *asked).stdout
    page = Path(hub(config, "show", "1").stdout.split("Page: ")[1].strip())
    made = page.read_text()
    assert page.stat().st_mode & 0o077 == 0
    for text in ("Left out", "Miles by operative", "SOON", "hub schedule why"):
        assert text in made
    refused = hub(config, "publish", "1", *ANN)
    assert isinstance(refused.exception, ContractBroken)
    assert "approve" in str(refused.exception)
    assert hub(config, "approve", "1", *ANN, "--reason", "no manual week is kept").exit_code == 0
    assert "Plan 1 is the live plan." in hub(config, "publish", "1", *ANN).stdout
    assert "Ann Planner" in Path(hub(config, "show").stdout.split("Page: ")[1].strip()).read_text()
    told = hub(config, "miles", "--by", "operative").stdout
    assert "plan" in told
    assert all(ref in told for ref in ("1", "3"))


def test_what_is_not_there_says_what_to_do(config: Path) -> None:
    for words in (("show",), ("publish",), ("publish", "7"), ("approve", "7", *ANN, "--reason", "why")):
        assert "hub schedule plan" in str(hub(config, *words).exception)


def test_every_command_of_a_planner_is_there_with_an_example() -> None:
    found = get_command(main.app).commands["schedule"].commands  # type: ignore[attr-defined]
    for name in ("plan", "publish", "approve", "show", "miles", "serve", "why", "pin", "swap", "block", "unpin",
                 "unblock", "decisions"):  # fmt: skip
        assert f"hub schedule {name}" in found[name].help, name
