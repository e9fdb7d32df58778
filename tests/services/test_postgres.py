from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from ledger.errors import ConfigurationFault
from services.postgres import Postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to a service user")


@pytest.fixture
def folder(open_folder: Path) -> Path:
    home = Path(tempfile.mkdtemp(dir=open_folder))
    home.chmod(0o711)
    return home / "postgres"


def ask(url: str, sql: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        answer = connection.execute(text(sql))
        return answer.scalar() if answer.returns_rows else None


def postmaster(folder: Path) -> int:
    return int((folder / "data/postmaster.pid").read_text().split("\n", 1)[0])


def test_starts_empty_private_and_off_the_network(folder: Path) -> None:
    with Postgres(folder) as url:
        assert make_url(url).drivername == "postgresql+psycopg"
        assert int(str(ask(url, "show server_version_num"))) >= 180000
        assert ask(url, "show listen_addresses") == ""
        assert ask(url, "show wal_level") == "minimal"
        assert ask(url, "show synchronous_commit") == "on"
        assert ask(url, "show timezone") == "UTC"
        assert ask(url, "select upper('zoë')") == "ZOË"
        for private in (folder, folder / "data", folder / "socket"):
            assert private.stat().st_mode & 0o777 == 0o700
            assert private.stat().st_uid != 0
    assert not (folder / "data/postmaster.pid").exists()


def test_keeps_its_data_over_a_stop(folder: Path) -> None:
    with Postgres(folder) as url:
        ask(url, "create table kept as select 42 as answer")
    with Postgres(folder) as url:
        assert ask(url, "select answer from kept") == 42


def test_survives_kill_9(folder: Path) -> None:
    server = Postgres(folder)
    url = server.start()
    ask(url, "create table kept as select 42 as answer")
    os.kill(postmaster(folder), signal.SIGKILL)
    with Postgres(folder) as url:
        assert ask(url, "select answer from kept") == 42
        server.stop()
        assert ask(url, "select 1") == 1
    assert not (folder / "data/postmaster.pid").exists()


def test_a_stale_pid_of_a_living_process_is_no_server(folder: Path) -> None:
    with Postgres(folder):
        pid_file = (folder / "data/postmaster.pid").read_text()
    lines = pid_file.splitlines()
    (folder / "data/postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    (folder / "socket/.s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with Postgres(folder) as url:
        assert ask(url, "select 1") == 1


def test_half_made_data_is_made_anew(folder: Path) -> None:
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new/PG_VERSION").write_text("18\n")
    with Postgres(folder) as url:
        assert ask(url, "select 1") == 1


def test_the_last_user_stops_the_server(folder: Path) -> None:
    first, second = Postgres(folder), Postgres(folder)
    url = first.start()
    assert second.start() == url
    first.stop()
    assert ask(url, "select 1") == 1
    second.stop()
    assert not (folder / "data/postmaster.pid").exists()


def test_a_server_left_by_a_killed_hub_is_taken_over(folder: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        Postgres(folder).start()
        os.write(writer, b"up")
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.read(reader, 2) == b"up"
    os.waitpid(child, 0)
    left = postmaster(folder)
    with Postgres(folder) as url:
        assert ask(url, "select 1") == 1
        assert postmaster(folder) == left
    assert not (folder / "data/postmaster.pid").exists()


def test_a_long_path_still_has_a_socket(open_folder: Path) -> None:
    folder = open_folder / ("a-very-long-name-of-a-folder-" * 4) / "it's ours" / "postgres"
    with Postgres(folder) as url:
        assert ask(url, "select 1") == 1
        short = (folder / "socket").resolve()
        assert short != folder / "socket"
    assert not short.exists()


def test_the_log_holds_no_values(folder: Path) -> None:
    with Postgres(folder) as url, pytest.raises(Exception, match="invalid input syntax"):
        ask(url, "select 'Ada Lovelace'::date")
    assert "Lovelace" not in (folder / "server.log").read_text()


def test_data_of_another_version_are_refused(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data/PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationFault, match=r"PostgreSQL 17.*move the folder away"):
        Postgres(folder).start()


@as_root
def test_a_home_under_a_shut_folder_stands_elsewhere(open_folder: Path) -> None:
    shut, shared = open_folder / "shut", open_folder / "shared"
    shut.mkdir(mode=0o700)
    folder = shut / "postgres"
    with Postgres(folder, shared_home=shared) as url:
        ask(url, "create table kept as select 42 as answer")
        assert folder.resolve().parent == shared
    with Postgres(folder, shared_home=shared) as url:
        assert ask(url, "select answer from kept") == 42
    folder.unlink()  # the state was removed: nothing of it may come back
    with Postgres(folder, shared_home=shared) as url:
        assert ask(url, "select to_regclass('kept')") is None
