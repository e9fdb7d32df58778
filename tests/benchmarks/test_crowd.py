"""The crowd deserves the test: what is missing, who is easily confused, and that it does not tell who is who."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.identity.crowd import Crowd, crowd

RECORDS = 20_000


@pytest.fixture(scope="module")
def made() -> Crowd:
    return crowd(RECORDS, seed=3)


@pytest.fixture(scope="module")
def whose(made: Crowd) -> pd.DataFrame:
    return made.truth.merge(made.raw.to_pandas(), on="record_id")


def test_it_has_the_records_asked_for_each_of_one_person(made: Crowd) -> None:
    assert made.raw.num_rows == len(made.truth) == made.truth["record_id"].nunique() == RECORDS
    assert 3.2 < RECORDS / made.truth["person_id"].nunique() < 3.7


def test_the_same_seed_gives_the_same_records(made: Crowd) -> None:
    assert crowd(RECORDS, seed=3).raw.equals(made.raw)
    assert not crowd(RECORDS, seed=4).raw.equals(made.raw)


def test_records_do_not_say_whose_they_are(made: Crowd, whose: pd.DataFrame) -> None:
    assert not {"person_id", "household"} & set(made.raw.column_names)
    neighbours = whose["person_id"].to_numpy()
    assert (neighbours[1:] == neighbours[:-1]).mean() < 0.01


def test_birth_dates_and_ni_numbers_are_missing_as_in_a_council(made: Crowd) -> None:
    missing = made.raw.to_pandas().isna().mean()
    assert 0.36 < missing["birth_date"] < 0.45
    assert 0.57 < missing["national_insurance_number"] < 0.65


def test_twins_share_the_birth_date_and_namesakes_the_name(made: Crowd, whose: pd.DataFrame) -> None:
    people = made.truth["person_id"].nunique()
    assert 0.005 < 2 * len(made.twins) / people < 0.009
    assert 0.011 < 2 * len(made.namesakes) / people < 0.016
    dated = whose.dropna(subset="birth_date").astype({"birth_date": "str"})
    born = dated.groupby("person_id")["birth_date"].agg(lambda dates: dates.mode().iloc[0])
    both = made.twins.assign(a=made.twins["left"].map(born), b=made.twins["right"].map(born)).dropna()
    assert (both["a"] == both["b"]).mean() > 0.9
    surname = whose.dropna(subset="surname").groupby("person_id")["surname"].agg(lambda names: names.mode().iloc[0])
    named = made.namesakes.assign(a=made.namesakes["left"].map(surname), b=made.namesakes["right"].map(surname))
    assert (named.dropna()["a"] == named.dropna()["b"]).mean() > 0.8
