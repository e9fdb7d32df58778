"""The people deserve the test of identity that is put to them."""

import numpy as np

from estate.people import NAMESAKES, TWINS
from estate.world import World


def test_twins_share_a_birthday_but_no_forename(small_world: World) -> None:
    people = small_world.people.people
    twins = people[people["twin_id"] >= 0]
    other = people.loc[twins["twin_id"]]
    assert abs(len(twins) / len(people) - TWINS) < 0.003
    assert (other["twin_id"].to_numpy() == twins["person_id"].to_numpy()).all()
    assert (other["dob"].to_numpy() == twins["dob"].to_numpy()).all()
    assert (other["forename"].to_numpy() != twins["forename"].to_numpy()).all()


def test_namesakes_are_parent_and_child_at_one_address(small_world: World) -> None:
    people, members = small_world.people.people, small_world.people.members
    same = people[people["namesake_id"] >= 0]
    other = people.loc[same["namesake_id"]]
    assert abs(len(same) / len(people) - NAMESAKES) < 0.005
    assert (other["forename"].to_numpy() == same["forename"].to_numpy()).all()
    assert (other["surname"].to_numpy() == same["surname"].to_numpy()).all()
    years = np.abs((other["dob"].to_numpy() - same["dob"].to_numpy()).astype("timedelta64[D]").astype(int)) / 365.25
    assert years.min() >= 15
    household = members.groupby("person_id")["household_id"].agg(set)
    assert all(household[one] & household[two] for one, two in zip(same["person_id"], other["person_id"], strict=True))


def test_national_insurance_numbers_have_the_valid_shape(small_world: World) -> None:
    numbers = small_world.people.people["nino"]
    shape = r"^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$"
    assert numbers[numbers != ""].str.match(shape).all()
    assert numbers[numbers != ""].is_unique


def test_tenants_are_of_age_and_alive(small_world: World) -> None:
    tenants = small_world.people.tenants.merge(small_world.people.people, on="person_id")
    assert ((tenants["start_date"] - tenants["dob"]).dt.days >= 18 * 365).all()
    assert not (tenants["start_date"] > tenants["dod"]).any()
    assert tenants["joint"].any()


def test_some_people_stand_in_two_households_and_share_landlines(small_world: World) -> None:
    members, people = small_world.people.members, small_world.people.people
    assert members.groupby("person_id")["household_id"].nunique().gt(1).sum() >= 5
    lines = people.loc[people["landline"] != "", "landline"]
    assert lines.duplicated().mean() > 0.2
    assert (people["previous_surname"] != "").mean() > 0.05


def test_numbers_and_mail_are_invented(small_world: World) -> None:
    people = small_world.people.people
    assert people["email"].str.match(r"^$|.+@example\.(org|com)$").all()
    assert people["mobile"].str.match(r"^$|^071\d\d \d{6}$").all()
    assert (small_world.addresses["person_id"].value_counts() > 1).any()
