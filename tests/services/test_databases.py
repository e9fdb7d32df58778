from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from ledger.errors import ConfigurationFault
from services import databases
from services.databases import check_server, create_database, drop_database


def ask(url: str, sql: str) -> object:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        answer = connection.execute(text(sql))
        return answer.scalar() if answer.returns_rows else None


def test_creates_once_from_a_template_and_drops(postgres: str) -> None:
    model = create_database(postgres, "the model")
    ask(model, "create table kept as select 42 as answer")
    copy = create_database(postgres, "copy", template="the model")
    assert create_database(postgres, "copy") == copy
    assert ask(copy, "select answer from kept") == 42
    drop_database(postgres, "the model")
    drop_database(postgres, "copy")
    assert ask(postgres, "select count(*) from pg_database where datname in ('copy', 'the model')") == 0


def test_processes_that_start_together_make_a_database_once(postgres: str) -> None:
    with ThreadPoolExecutor(6) as together:
        made = list(together.map(lambda _: create_database(postgres, "together"), range(6)))
    assert len(set(made)) == 1
    drop_database(postgres, "together")


def test_a_fresh_database_is_empty(database_url: str) -> None:
    assert ask(database_url, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_the_server_is_new_enough(postgres: str) -> None:
    assert check_server(postgres) >= 18


def test_an_old_server_is_refused(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "MAJOR", 99)
    with pytest.raises(ConfigurationFault, match="needs 99 or newer"):
        check_server(postgres)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "needs PostgreSQL"),
        ("not a url", "not a database URL"),
        ("postgresql+nothing://h/d", "not a database URL"),
        ("postgresql+psycopg://hub:topsecret@127.0.0.1:1/housing", "lets us in"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(url: str, message: str) -> None:
    with pytest.raises(ConfigurationFault, match=message) as caught:
        check_server(url)
    assert "topsecret" not in str(caught.value)
    assert caught.value.next_step


def test_an_unknown_database_is_named(postgres: str) -> None:
    missing = make_url(postgres).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(ConfigurationFault, match="does not exist"):
        check_server(missing)
