from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from settings.load import load
from settings.model import Settings

ROOT = Path(__file__).parents[2]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGExampleExampleExampleExampleExample"


def read(folder: Path, text: str, **environment: str) -> Settings:
    path = folder / "hub.toml"
    path.write_text(text)
    return load(path, environment)


def faults(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(ConfigurationFault) as caught:
        read(folder, text, **environment)
    assert caught.value.next_step
    return str(caught.value)


def test_the_default_file_runs_the_made_up_council() -> None:
    settings = load(ROOT / "hub.toml", {})
    assert {system.source for system in settings.systems.values()} == {"estate"}
    assert len(settings.systems) == 10
    assert settings.hub.folder == ROOT / "var"
    unscheduled = settings.scheduling.model_copy(update={"schedule": None})
    made_by_hand = settings.mirror.model_copy(update={"schedule": None})
    same = {"hub": Settings().hub, "systems": {}, "scheduling": unscheduled, "mirror": made_by_hand}
    assert settings.model_copy(update=same) == Settings()


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, '[systems.stock]\nsource = "extracts/stock"\ninbox = "in"\n')
    assert settings.systems["stock"].source == str(tmp_path / "extracts/stock")
    assert settings.systems["stock"].inbox == tmp_path / "in"
    assert settings.hub.folder == tmp_path / "var"


def test_roads_are_a_file_those_of_the_estate_or_none(tmp_path: Path) -> None:
    settings = read(tmp_path, '[scheduling]\nroads = "county.osm.pbf"\nday_parts = "traffic.csv"\n')
    assert settings.scheduling.roads == str(tmp_path / "county.osm.pbf")
    assert settings.scheduling.day_parts == tmp_path / "traffic.csv"
    assert read(tmp_path, '[scheduling]\nroads = "none"\n').scheduling.roads == "none"
    assert read(tmp_path, "").scheduling.roads == "estate"


def test_variables_come_from_the_environment(tmp_path: Path) -> None:
    text = '[systems.a]\nsource = "mysql://u:${PW}@h/d"\n[systems.b]\nsource = "${WHOLE}"\n'
    settings = read(tmp_path, text, PW="p@ss/word", WHOLE="mysql://u:p%40@h/d")
    assert settings.systems["a"].source == "mysql://u:p%40ss%2Fword@h/d"
    assert settings.systems["b"].source == "mysql://u:p%40@h/d"
    assert "p%40" not in repr(settings)


def test_a_system_left_out_needs_no_variables(tmp_path: Path) -> None:
    settings = read(tmp_path, '[systems.a]\nsource = "mysql://u:${PW}@h/d"\nenabled = false\n')
    assert not settings.systems["a"].enabled


def test_all_faults_at_once_each_with_its_place(tmp_path: Path) -> None:
    said = faults(
        tmp_path,
        """
        [hub]
        foldr = "x"
        [database]
        url = "postgresql://hub:topsecret@h/db"
        [landing]
        retention_days = 0
        [prefect]
        api = "nope"
        database = "mysql://h/d"
        [system.rents]
        source = "x"
        [systems.rents]
        source = "sftp://u:${RENTS_PASSWORD}@h/x"
        host_key = "abc"
        schedule = "nightly"
        receive = "8081"
        [systems.works]
        suorce = "a"
        [systems.payments]
        source = "sftp://u@h/x"
        """,
    )
    for expected in (
        "[hub] foldr: is not a setting; did you mean folder?",
        "[database] url: holds a password; put it into a variable",
        "[landing] retention_days: Input should be greater than or equal to 1",
        '[prefect] api: must be "embedded" or an address',
        '[prefect] database: must be "sqlite", "embedded" or a postgresql:// URL',
        "[system]: is not a setting; did you mean systems?",
        "[systems.rents] source: the environment variable RENTS_PASSWORD is not set",
        "[systems.rents] host_key: must be as",
        "[systems.rents] schedule: must be five cron fields",
        "[systems.rents] receive: must be a host and a port",
        "[systems.works] source: is missing",
        "[systems.works] suorce: is not a setting; did you mean source?",
        "[systems.payments]: an sftp:// source needs host_key",
    ):
        assert expected in said
    assert "topsecret" not in said
    assert str(tmp_path / "hub.toml") in said


@pytest.mark.parametrize(
    "source",
    ["mysql://u:topsecret@h/d", "mssql://h/d?user=u&password=topsecret", "sftp://u:${A}topsecret@h/x"],
)
def test_a_password_in_the_file_is_refused(tmp_path: Path, source: str) -> None:
    said = faults(tmp_path, f'[systems.a]\nsource = "{source}"\nhost_key = "{KEY}"\n', A="1")
    assert "holds a password" in said
    assert "topsecret" not in said


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in faults(tmp_path, '[hub]\nfolder = "x\n')
    with pytest.raises(ConfigurationFault, match="No such file"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize("schedule", ["0 2 * * *", "*/15 6-20 * * 1-5", "0 0 1,15 * MON"])
def test_cron_schedules(tmp_path: Path, schedule: str) -> None:
    settings = read(tmp_path, f'[systems.a]\nsource = "x"\nschedule = "{schedule}"\n')
    assert settings.systems["a"].schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "told"),
    [("61 2 * * *", "holds 61 where cron takes 0 to 59"), ("*/90 2 0 * *", "holds 0 where cron takes 1 to 31"),
     ("0 2 * * 1-9", "holds 9 where cron takes 0 to 7")],
)  # fmt: skip
def test_schedules_that_no_clock_keeps(tmp_path: Path, schedule: str, told: str) -> None:
    assert told in faults(tmp_path, f'[systems.a]\nsource = "x"\nschedule = "{schedule}"\n')


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert '[hub] folder: must be a folder in quotes, as "/srv/hub"' in faults(tmp_path, "[hub]\nfolder = 3\n")


@pytest.mark.parametrize("key", [KEY, "SHA256:" + "a" * 43])
def test_pinned_keys(tmp_path: Path, key: str) -> None:
    settings = read(tmp_path, f'[systems.a]\nsource = "sftp://u@h/x"\nhost_key = "{key}"\n')
    assert settings.systems["a"].host_key == key


def test_unknown_systems_are_named_with_all_other_faults(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text('[systems.tenacy]\nsource = ""\n[systems.zzz]\nsource = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load(path, known={"tenancy", "rents"})
    assert "[systems.tenacy]: there is no system of this name; did you mean tenancy?" in str(caught.value)
    assert "[systems.zzz]: there is no system of this name; known: rents, tenancy" in str(caught.value)
    assert "must not be empty" in str(caught.value)


def test_a_private_key_comes_from_the_environment_alone(tmp_path: Path) -> None:
    source = f'[systems.a]\nsource = "sftp://u@h/x"\nhost_key = "{KEY}"\n'
    path = tmp_path / "hub.toml"
    path.write_text(source + 'private_key = "${SFTP_KEY}"\n', encoding="utf-8")
    settings = load(path, {"SFTP_KEY": "-----BEGIN KEY-----\nabc"})
    assert settings.systems["a"].private_key == "-----BEGIN KEY-----\nabc"
    path.write_text(source + 'private_key = "-----BEGIN KEY-----"\n', encoding="utf-8")
    with pytest.raises(ConfigurationFault, match="private_key: is a secret"):
        load(path, {})


@pytest.mark.parametrize("receive", ["127.0.0.1:8081", "0.0.0.0:80", "hub.example:65535"])
def test_where_messages_are_received(tmp_path: Path, receive: str) -> None:
    settings = read(tmp_path, f'[systems.a]\nsource = "x"\nreceive = "{receive}"\n')
    assert settings.systems["a"].receive == receive


@pytest.mark.parametrize("receive", ["8081", "http://127.0.0.1:8081", "127.0.0.1:99999", "127.0.0.1:"])
def test_where_nothing_can_be_received(tmp_path: Path, receive: str) -> None:
    assert "must be a host and a port" in faults(tmp_path, f'[systems.a]\nsource = "x"\nreceive = "{receive}"\n')
