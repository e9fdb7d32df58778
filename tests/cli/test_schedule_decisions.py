"""A planner at the command line: the cost first, then the question; on a desk that is up, or one that is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from cli import schedule_decisions
from ledger.errors import ContractBroken
from scheduling.decisions import Decision, in_force
from scheduling.desk import Desk
from scheduling.store import Store
from settings.model import Settings
from tests.scheduling.live import Clock, published, town

ANN = ["--by", "Ann Planner", "--reason", "knows the boiler"]


@pytest.fixture
def config(tmp_path: Path, hub_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings of a hub with a live plan, and no desk up."""
    published(hub_url, tmp_path, town())
    monkeypatch.setattr(schedule_decisions, "_opened", lambda _: Desk(Store(hub_url, tmp_path), Clock()))
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "hub.toml"
    path.write_text(
        f'[hub]\nfolder = "{tmp_path / "var"}"\n[database]\nurl = "{hub_url}"\n'
        '[scheduling]\nroads = "none"\nlisten = "127.0.0.1:4"\n', "utf-8",
    )  # fmt: skip
    yield path


def hub(config: Path, *words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(schedule_decisions.app, [*words, "--config", str(config)], input=said)


def kept(url: str) -> tuple[Decision, ...]:
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        return in_force(connection)


def test_the_cost_comes_first_and_nothing_is_done_without_a_yes(config: Path, hub_url: str) -> None:
    asked = ["pin", "W05", "--operative", "OP2", "--day", "2026-09-22", *ANN]
    no = hub(config, *asked, said="n\n")
    assert "It costs" in no.stdout
    assert "Do it?" in no.stdout
    assert kept(hub_url) == ()
    yes = hub(config, *asked, said="y\n")
    assert yes.exit_code == 0, yes.exception
    (made,) = kept(hub_url)
    assert (made.job_ref, made.operative_refs, made.decided_by) == ("W05", ("OP2",), "Ann Planner")
    assert f"decision {made.id}" in yes.stdout


def test_a_planner_sees_why_and_what_was_decided(config: Path, hub_url: str) -> None:
    assert hub(config, "swap", "W05", "W06", *ANN, "--yes").exit_code == 0
    assert hub(config, "block", "OP1", "--day", "2026-09-16", *ANN, "--yes").exit_code == 0
    told = hub(config, "decisions").stdout
    assert told.count("knows the boiler") == 3
    why = hub(config, "why", "W05").stdout
    assert "pin" in why
    assert "here" in why
    assert "Ann Planner" in why
    assert "next best day" in hub(config, "why", "W07").stdout
    pinned, _, blocked = (one.id for one in kept(hub_url))
    assert "taken back" in hub(config, "unpin", str(pinned), *ANN, "--yes").stdout
    assert "taken back" in hub(config, "unblock", str(blocked), *ANN, "--yes").stdout
    assert len(kept(hub_url)) == 1


def test_what_is_forbidden_is_said_with_its_rule(config: Path, hub_url: str) -> None:
    refused = hub(config, "pin", "W05", "--operative", "OP3", *ANN, "--yes")
    assert "Rule trade" in str(refused.exception)
    assert kept(hub_url) == ()


@pytest.mark.parametrize("asked", [
    ["why", "W05"], ["decisions"], ["pin", "W05", *ANN, "--yes"], ["swap", "W05", "W06", *ANN, "--yes"],
    ["block", "OP1", "--day", "2026-09-16", *ANN, "--yes"],
])  # fmt: skip
def test_over_the_mirror_nothing_of_the_hub_is_touched(
    config: Path, hub_url: str, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    over: list[tuple[Path, bool]] = []

    def told(path: Path, mirror: bool) -> Settings:
        over.append((path, mirror))
        raise ContractBroken("no mirror stands", system="mirror", next_step="run 'hub mirror build'")

    monkeypatch.setattr(schedule_decisions, "settings_over", told)
    assert "no mirror stands" in str(hub(config, *asked, "--mirror").exception)
    assert over == [(config, True)]
    assert kept(hub_url) == ()
