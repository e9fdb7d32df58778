"""Settings that are wrong and a database that does not serve the hub, as the ``hub`` command meets them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, make_url

from flows import stages
from loading.load import Loaded, connect, load
from services.databases import create_database, drop_database
from tests.flows.desk import CANARY, Answer, Desk, Shop
from tests.flows.test_bad_files import register


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Iterator[Desk]:
    with shop.desk(tmp_path, "licensing", register) as desk:
        yield desk


def refused(desk: Desk, toml: str, *words: str) -> Answer:
    """What ``hub migrate`` says of this ``hub.toml``: one message before anything is read."""
    desk.config.write_text(toml, "utf-8")
    answer = desk.type("migrate", *words)
    assert answer.code == 1, answer.text
    assert answer.text.startswith("ConfigurationFault: "), answer.text
    assert "Next step: " in answer.text
    assert CANARY not in answer.text and "Traceback" not in answer.text and "Run " not in answer.text
    return answer


SETTINGS = {
    "no TOML": ("[hub\nfolder = 1", "is not TOML"),
    "an unknown section": ("[hubb]\nfolder = 'var'", "did you mean hub?"),
    "an unknown setting": ("[hub]\nfolders = 'var'", "[hub] folders: is not a setting; did you mean folder?"),
    "an unknown system": ("[systems.licencing]\nsource = 'x.csv'", "did you mean licensing?"),
    "a source that is missing": ("[systems.licensing]\nenabled = true", "[systems.licensing] source: is missing"),
    "a password in the file": (
        f"[systems.tenancy]\nsource = 'mysql+pymysql://hub:{CANARY}@db.example/uh'", "holds a password",
    ),
    "a variable that is not set": (
        "[systems.tenancy]\nsource = 'mysql+pymysql://hub:${NOT_SET}@db.example/uh'", "variable NOT_SET is not set",
    ),
    "a feed without its host key": ("[systems.rents]\nsource = 'sftp://hub@host.example/out'", "needs host_key"),
    "a schedule that is none": ("[systems.licensing]\nsource = 'x.csv'\nschedule = 'nightly'", "five cron fields"),
    "another database": (f"[database]\nurl = 'mysql://hub:${{HOME}}@db.example/{CANARY}'", "a postgresql:// URL"),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_that_are_wrong(desk: Desk, case: str) -> None:
    toml, said = SETTINGS[case]
    assert said in refused(desk, toml).text


def test_all_faults_of_the_settings_are_told_together(desk: Desk) -> None:
    names = ("an unknown setting", "a source that is missing", "a feed without its host key")
    answer = refused(desk, "\n".join(SETTINGS[name][0] for name in names))
    assert answer.text.count(" - ") == 3
    assert not [name for name in names if SETTINGS[name][1] not in answer.text]


def test_settings_that_are_not_there(desk: Desk) -> None:
    desk.type("status")
    desk.config.unlink()
    desk.config.mkdir()
    answer = desk.type("migrate")
    assert answer.code == 1 and "hub.toml: cannot be read: Is a directory" in answer.text


def test_words_that_do_not_go_together(desk: Desk) -> None:
    toml = f'[database]\nurl = "{desk.database_url}"\n'
    assert "--source needs --system" in refused(desk, toml, "--source", "register.csv").text
    assert "hub.toml does not say where it is" in refused(desk, toml, "--system", "licensing").text
    mistyped = refused(desk, toml, "--system", "licencing", "--source", "x")
    assert "There is no mapping folder for 'licencing'. Next step: Did you mean 'licensing'?" in mistyped.text


def test_a_file_in_place_of_the_state_folder(desk: Desk) -> None:
    (desk.folder / "state").write_text("")
    toml = f'[hub]\nfolder = "state"\n[database]\nurl = "{desk.database_url}"\n'
    assert "the hub's own files cannot be written" in refused(desk, toml, "--system", "licensing", "--source", "x").text


DATABASES: dict[str, tuple[Callable[[URL], URL], str]] = {
    "no server": (lambda url: url.set(query={"host": "/nowhere"}), "does not lead to a server that lets us in"),
    "no such database": (lambda url: url.set(database="nowhere"), "does not exist"),
    "an unknown role": (lambda url: url.set(username="nobody_here"), "does not lead to a server that lets us in"),
}


@pytest.mark.parametrize("case", DATABASES)
def test_a_database_of_the_hub_that_is_not_there(desk: Desk, case: str) -> None:
    change, said = DATABASES[case]
    url = change(make_url(desk.database_url)).render_as_string(hide_password=False)
    assert said in refused(desk, f'[database]\nurl = "{url}"\n', "--system", "licensing", "--source", "x").text


def test_a_role_without_rights(desk: Desk, postgres: str) -> None:
    name = f"bare_{os.getpid()}"
    with psycopg.connect(desk.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
    try:
        for database in (desk.database_url, create_database(postgres, name)):
            url = make_url(database).set(username=name).render_as_string()
            answer = refused(desk, f'[database]\nurl = "{url}"\n', "--system", "licensing", "--source", "x")
            assert "the hub's role may not do this in the hub's database" in answer.text
    finally:
        drop_database(postgres, name)
        with psycopg.connect(desk.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}")


def test_the_hubs_database_goes_away_in_the_middle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connections are cut and refused while a partition is loaded; the next run closes the books of this one."""
    (desk.folder / "source" / "register.csv").write_bytes(
        (desk.folder / "source" / "register.csv").read_bytes().replace(b",5,3,", b",6,3,")
    )
    name = make_url(desk.database_url).database

    def cut(*given: Any, **named: Any) -> Loaded:
        monkeypatch.setattr(stages, "load", load)
        with psycopg.connect(desk.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (name,),
            )
        return load(*given, **named)

    monkeypatch.setattr(stages, "load", cut)
    before = desk.standing()
    answer = desk.type("migrate", "--system", "licensing", "--source", desk.folder / "source")
    assert answer.code == 1
    assert "the hub's database did not answer" in answer.text and "Traceback" not in answer.text
    assert desk.standing() == before
    desk.migrates("licensing", desk.folder / "source")
    with connect(desk.database_url) as connection:
        lines = "SELECT run_id, loaded, quarantined, closes FROM ledger.table_count ORDER BY 1"
        assert connection.execute(lines).fetchall() == [(1, 100, 0, True), (2, 0, 100, True), (3, 100, 0, True)]
        ends = connection.execute("SELECT status FROM ledger.system_run ORDER BY run_id").fetchall()
        assert ends == [("finished",), ("failed",), ("finished",)]
