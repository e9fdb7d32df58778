"""The ``hub`` command: help for everything, exit codes, messages of one line, no personal value unasked."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import main as hub
from cli.show import without_password

LICENCES = "Case Number,Location,Total Number Occupants,Total Number Units,Licence Commenced,Licence Expires\n"
SOUND = "".join(f"22/{n:05d}/HMOLIC,{n} Alder Road Kelborough KB1 1AB,6,6,01/02/2023,31/01/2028\n" for n in range(40))
FAULTY = "22/00099/HMOLIC,9 Canary Lane,6,6,31/02/2023,31/01/2028\n"


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands(typer.main.get_command(hub.app)))


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_help_and_an_example(name: str) -> None:
    told = " ".join((ALL[name].help or "").split())
    assert "Example" in told
    assert f"hub {name}" in told.partition("Example")[2]
    for parameter in ALL[name].params:
        if parameter.param_type_name == "option" and "--help" not in parameter.opts:
            assert parameter.help, f"hub {name} {parameter.opts[0]} has no help"


@pytest.fixture
def config(tmp_path: Path, hub_url: str) -> Path:
    path = tmp_path / "hub.toml"
    path.write_text(f'[hub]\nfolder = "{tmp_path / "var"}"\n[database]\nurl = "{hub_url}"\n', "utf-8")
    return path


def called(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> int:
    """The exit code of ``hub`` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["hub", *arguments])
    with pytest.raises(SystemExit) as ended:
        hub.main()
    return int(ended.value.code or 0)


def test_a_file_that_the_hub_has_never_seen(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register = tmp_path / "register.csv"
    register.write_text(LICENCES + SOUND + FAULTY, "utf-8")
    migrate = ["migrate", "--system", "licensing", "--source", str(register), "--config", str(config)]
    assert called(monkeypatch, migrate) == 0
    assert "The books close." in capsys.readouterr().out

    assert called(monkeypatch, ["reconcile", "--json", "--config", str(config)]) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["run"], line["extracted"], line["closes"], line["money_source"]) == (1, 41, True, None)

    assert called(monkeypatch, ["issues", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "LICENSING-LICENCES-LICENCE-COMMENCED-FORMAT" in told
    assert "31/02/2023" not in told
    assert "Canary" not in told
    assert called(monkeypatch, ["issues", "--rows", "5", "--config", str(config)]) == 0
    shown = capsys.readouterr().out
    assert "31/02/2023" in shown
    assert "System" in shown

    assert called(monkeypatch, ["status", "--config", str(config)]) == 0
    assert re.search(r"licensing +│ 1 +│ finished │ .* │ yes ", capsys.readouterr().out)
    assert called(monkeypatch, ["lineage", "licensing.licences", "22/00099/HMOLIC", "--config", str(config)]) == 0
    assert "hmo_licence" in capsys.readouterr().out

    register.write_text("Case Number,Location\n1,2\n", "utf-8")
    assert called(monkeypatch, migrate) == 1
    capsys.readouterr()
    assert called(monkeypatch, ["reconcile", "--config", str(config)]) == 1
    told = capsys.readouterr().out
    assert "licensing stopped: " in told
    assert "or a system stopped" in told
    assert called(monkeypatch, ["reconcile", "--json", "--config", str(config)]) == 1
    assert len(json.loads(capsys.readouterr().out)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate", "--source", "x.csv"],
        ["migrate", "--system", "licencing", "--source", "x.csv"],
        ["issues", "--system", "licencing"],
        ["reconcile"],
        ["reconcile", "--run", "99", "--json"],
        ["lineage", "tenancy", "no-uuid"],
        ["lineage", "nothing", "00000000-0000-0000-0000-000000000000"],
        ["lineage", "licensing.nothing", "1"],
    ],
)
def test_a_fault_is_one_line_with_the_next_step(
    config: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(monkeypatch, [*arguments, "--config", str(config)]) == 1
    told = capsys.readouterr()
    lines = (told.out + told.err).strip().splitlines()
    assert len(lines) == 1
    assert "Next step: " in lines[0]


def test_a_database_that_is_down_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "hub.toml"
    config.write_text('[database]\nurl = "postgresql://hub:secret@127.0.0.1:9/none"\n', "utf-8")
    assert called(monkeypatch, ["status", "--config", str(config)]) == 1
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert "secret" not in told.out + told.err
    assert "Next step: " in told.out + told.err or "next step" in (told.out + told.err).lower()


def test_addresses_are_shown_without_passwords() -> None:
    assert without_password("mysql+pymysql://hub:pa:ss@db/uh") == "mysql+pymysql://hub:***@db/uh"
    assert without_password("/srv/a:b@c") == "/srv/a:b@c"
    assert without_password("postgresql+psycopg://hub@/hub?host=/x") == "postgresql+psycopg://hub@/hub?host=/x"
