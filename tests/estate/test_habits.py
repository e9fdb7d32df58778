"""The people of the written estate deserve the test that is put to them: measured from what the systems hold."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from estate import council, dbf
from estate.habits import FIRST, habits_of, mixes
from estate.names import variants
from estate.people import NAMESAKES, TWINS
from estate.spelling import joined, spelt
from estate.world import World
from estate.writers import contractor_dirt, rents

HOLDERS = {"tenancy", "rents", "works", "contractor", "register", "drs", "payments"}
TODAYS = {"DOB": "Date of Birth", "NI_NO": "NI Number", "JT_DOB": "Joint Date of Birth", "JT_SURNAME": "Joint Surname"}


@pytest.fixture(scope="module", params=[FIRST, pytest.param("second", marks=pytest.mark.slow)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A council of 400 homes in each mix of dirt."""
    target = tmp_path_factory.mktemp("habits") / "estate"
    council.write(target, council.Size(400, 11, request.param), f"sqlite:///{target / 'tenancy.sqlite'}")
    return target


@pytest.fixture(scope="module")
def members(folder: Path) -> pd.DataFrame:
    """The tenancy system's members, a row each, with the ``person_id`` of the truth."""
    return read(folder / "tenancy.sqlite", "member", ["house_ref", "person_no"]).merge(
        known(folder, "tenancy", "member"), on="key"
    )


@pytest.fixture(scope="module")
def register(folder: Path) -> dict[str, pd.DataFrame]:
    """The register's files by name, with today's headers; records that somebody broke are left out."""
    return {path.stem: extract(path).rename(columns=TODAYS) for path in (folder / "register").glob("*.csv")}


def extract(path: Path) -> pd.DataFrame:
    encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "cp1252"
    return pd.read_csv(path, dtype="str", encoding=encoding, keep_default_na=False, on_bad_lines="skip")


def read(database: Path, table: str, key: list[str]) -> pd.DataFrame:
    """A table's rows, one a key, without the blanks that pad them; ``key`` as the truth has it."""
    rows = pd.read_sql_table(table, sa.create_engine(f"sqlite:///{database}")).astype("str")
    rows = rows.apply(lambda column: column.str.strip())
    found: pd.DataFrame = rows.assign(key=rows[key].agg("|".join, axis=1)).drop_duplicates("key")
    return found


def known(folder: Path, system: str, table: str) -> pd.DataFrame:
    """key and person_id of a table's records, as the truth has them."""
    truth = pd.read_parquet(folder / "truth/people.parquet")
    return truth.loc[(truth["system"] == system) & (truth["table"] == table), ["key", "person_id"]]


def test_people_stand_in_every_system_and_many_times_over(folder: Path) -> None:
    truth = pd.read_parquet(folder / "truth/people.parquet")
    assert set(truth["system"]) == HOLDERS
    assert (truth.groupby("person_id")["system"].nunique() >= 3).mean() > 0.25
    assert truth.groupby("person_id").size().max() > 10


def test_birth_dates_lack_for_two_fifths_and_numbers_for_three(
    members: pd.DataFrame, register: dict[str, pd.DataFrame]
) -> None:
    """Of the records of the systems that ask for them."""
    born, numbered = [~members["dob"].str.startswith("1900-01-01")], [members["ni_no"] != ""]
    for name, rows in register.items():
        if name.startswith("APPLICATIONS"):
            born += [rows["Date of Birth"] != "", rows.loc[rows["Joint Surname"] != "", "Joint Date of Birth"] != ""]
            numbered.append(rows["NI Number"] != "")
        elif name.startswith("HOUSEHOLD"):
            born.append(rows["Date of Birth"] != "")
    assert 0.36 < 1 - pd.concat(born).mean() < 0.44
    assert 0.55 < 1 - pd.concat(numbered).mean() < 0.66


def test_birth_dates_are_swapped_and_guessed(folder: Path, members: pd.DataFrame) -> None:
    faults = pd.read_parquet(folder / "truth/faults.parquet")
    kinds = faults.loc[faults["field"] == "dob", "kind"].value_counts() / len(members)
    assert kinds["dob-first-january"] > 0.01 and kinds["dob-swapped"] > 0.007
    assert members["dob"].str[5:10].eq("01-01").mean() > 0.01


def test_twins_namesakes_and_shared_lines_are_as_frequent_as_stated(small_world: World) -> None:
    people = small_world.people.people
    assert abs((people["twin_id"] >= 0).mean() - TWINS) < 0.003
    assert abs((people["namesake_id"] >= 0).mean() - NAMESAKES) < 0.005
    lines = people.loc[people["landline"] != "", "landline"]
    assert lines.duplicated(keep=False).mean() > 0.4


def test_one_person_is_written_otherwise_from_system_to_system(folder: Path, members: pd.DataFrame) -> None:
    calls = read(folder / "works/works.sqlite", "rmreqst", ["rq_ref"]).merge(
        known(folder, "works", "rmreqst"), on="key"
    )
    both = calls.merge(members.drop_duplicates("person_id"), on="person_id", suffixes=("", "_member"))
    surname = both["rq_name"].str.split().str[-1].str.casefold()
    other = surname != both["surname"].str.casefold()
    assert 0.1 < other.mean() < 0.5
    initial = both["rq_name"].str.contains(r"(?:^|\s)\w(?:\s|$)")
    assert 0.3 < initial.mean() < 0.85
    assert (calls["rq_name"] != "").all() and 0.2 < (calls["rq_phone"] == "").mean() < 0.5


def test_the_mainframe_says_who_died(folder: Path) -> None:
    data = (folder / "sftp/rents/RENTACCT.DAT").read_bytes()
    names = pd.Series(
        [data[at + 33 : at + 63].decode("cp037").strip() for at in range(rents.LENGTH, len(data), rents.LENGTH)]
    )
    names = names[:-1]
    assert names.str.fullmatch(r"[A-Z '()-]+").all()
    assert 0.02 < names.str.contains("EXORS|PERS REPS|DECD").mean() < 0.4
    assert names.str.contains(r" (?:MR|MRS|MISS|MS|DR|MASTER)$").mean() > 0.6


def test_firms_print_capitals_and_numbers_without_blanks(folder: Path) -> None:
    layout = dbf.fields(contractor_dirt.LAYOUTS["JOBS"], dbf.FOXPRO)
    data = (folder / "contractor/JOBS.DBF").read_bytes()
    head, length = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10))
    start = 1 + sum(field.length for field in layout[: [field.name for field in layout].index("TENANT")])
    names = [data[at + start : at + start + 30].decode("cp1252").strip() for at in range(head, len(data) - 1, length)]
    named = pd.Series([name for name in names if name])
    assert len(named) / len(names) > 0.7 and (named == named.str.upper()).all()


def test_addresses_and_households_have_their_truth(folder: Path) -> None:
    addresses = pd.read_parquet(folder / "truth/addresses.parquet")
    places = {("tenancy", "property"), ("tenancy", "contacts"), ("stock", "properties"), ("contractor", "PROPLIST"),
              ("register", "applications"), ("licensing", "licences")}  # fmt: skip
    assert set(zip(addresses["system"], addresses["table"], strict=True)) == places
    asked = addresses[addresses["system"] == "register"]
    assert 0 < asked["uprn"].isna().mean() < 0.12
    assert addresses.loc[addresses["system"] != "register", "uprn"].notna().all()
    assert not addresses.duplicated(["system", "table", "key", "field"]).any()
    households = pd.read_parquet(folder / "truth/households.parquet")
    assert set(households["system"]) == {"tenancy", "register"}
    assert households.groupby("household_id")["system"].nunique().max() == 2


@pytest.mark.parametrize("mix", mixes())
def test_each_habit_touches_its_share(small_world: World, mix: str) -> None:
    people = pd.concat([small_world.people.people] * 10)
    for system, habits in habits_of(mix).items():
        written = spelt(people, habits, np.random.default_rng(3))
        before = people["previous_surname"].to_numpy() != ""
        same = written["dob"].isna().mean() - people["dob"].isna().mean()
        assert abs(same - habits.no_birth_date) < 0.02, system
        short = written["forename"].str.len() == 1
        assert abs(short.mean() - habits.initial) < 0.03, system
        maiden = written["surname"].to_numpy() == people["previous_surname"].to_numpy()
        assert maiden[before].mean() <= habits.maiden + 0.03, system


def test_names_vary_as_people_vary_them(small_world: World) -> None:
    people = small_world.people.people
    none = dict.fromkeys(habits_of(FIRST)["works"].__dict__, 0.0)
    plain = type(habits_of(FIRST)["works"])
    robert = people.head(3).assign(forename="Robert", surname=["O'Brien", "Al-Sayed", "José"], previous_surname="Hall")
    heard = spelt(robert, plain(**{**none, "nickname": 1.0}), np.random.default_rng(1))
    assert set(heard["forename"]) <= set(variants("nickname")["Robert"])
    unmarked = spelt(robert, plain(**{**none, "marks": 1.0}), np.random.default_rng(1))["surname"]
    assert not unmarked.str.contains("['-]|[^ -~]").any()
    assert (spelt(robert, plain(**{**none, "maiden": 1.0}), np.random.default_rng(1))["surname"] == "Hall").all()
    assert spelt(robert, plain(**none), np.random.default_rng(1))["surname"].tolist() == robert["surname"].tolist()
    assert joined(pd.Series(["Mr", ""]), pd.Series(["", ""]), pd.Series(["Hall", ""])).tolist() == ["Mr Hall", ""]


def test_the_second_mix_is_another_and_a_third_is_refused() -> None:
    first, second = (habits_of(mix) for mix in mixes())
    assert first.keys() == second.keys() and all(astuple(first[name]) != astuple(second[name]) for name in first)
    with pytest.raises(ValueError, match="first, second"):
        habits_of("third")
