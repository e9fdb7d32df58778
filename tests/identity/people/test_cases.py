"""People who are hard to tell apart, and records that are hard to bring together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from identity.people import resolve
from tests.identity.people.conftest import CROWD, cleaned, groups, said, stood

JOHN = {"forename": "John", "surname": "Holroyd", "title": "Mr", "home": "home 1", "birth_date": "1950-03-04"}


def who(record_id: str, **row: Any) -> dict[str, Any]:
    return {"record_id": record_id, "system": record_id, **row}


SAME = {
    "whole names and birth dates": (who("a", **JOHN), who("b", **JOHN | {"home": "home 2"})),
    "day and month swapped": (who("a", **JOHN), who("b", **JOHN | {"birth_date": "1950-04-03"})),
    "first of January for a year": (who("a", **JOHN), who("b", **JOHN | {"birth_date": "1950-01-01"})),
    "one digit wrong": (who("a", **JOHN), who("b", **JOHN | {"birth_date": "1950-03-14"})),
    "a short form": (who("a", **JOHN), who("b", **JOHN | {"forename": "Jack", "birth_date": None})),
    "initial at home": (who("a", **JOHN), who("b", full_name="MR J HOLROYD", home="home 1")),
    "surname first": (who("a", **JOHN), who("b", full_name="HOLROYD J MR", home="home 1")),
    "the executors": (who("a", **JOHN), who("b", full_name="Exors of the late Mr John Holroyd", home="home 1")),
    "a married name, one NI number": (
        who("a", forename="Mary", surname="Doyle", national_insurance_number="AB123456C", birth_date="1970-05-06"),
        who("b", forename="Mary", surname="Fisher", national_insurance_number="AB123456C", birth_date="1970-05-06"),
    ),
    "two characters of the NI number exchanged": (
        who("a", **JOHN | {"national_insurance_number": "AB123456C"}),
        who("b", **JOHN | {"national_insurance_number": "AB132456C"}),
    ),
    "an old address, one mobile": (
        who("a", **JOHN | {"birth_date": None, "phones": ["07700 900123"]}),
        who("b", **JOHN | {"birth_date": None, "home": "home 9", "phones": ["+44 7700 900123"]}),
    ),
    "accents and apostrophes": (
        who("a", forename="José", surname="O’Brien", birth_date="1980-02-03"),
        who("b", forename="Jose", surname="OBRIEN", birth_date="1980-02-03"),
    ),
    "read in the wrong code page": (
        who("a", forename="Rui", surname="GonÃ§alves", birth_date="1980-02-03"),
        who("b", forename="Rui", surname="Gonçalves", birth_date="1980-02-03"),
    ),
}

APART = {
    "twins": (who("a", **JOHN), who("b", **JOHN | {"forename": "James"})),
    "twins with one mobile": (
        who("a", **JOHN | {"phones": ["07700900123"]}),
        who("b", **JOHN | {"forename": "Mark", "phones": ["07700900123"]}),
    ),
    "parent and child of one name": (who("a", **JOHN), who("b", **JOHN | {"birth_date": "1976-11-20"})),
    "parent and child in one household's list": (
        who("a", **JOHN | {"household_id": "h1"}), who("b", **JOHN | {"household_id": "h1", "birth_date": None}),
    ),
    "a shared landline, home and surname": (
        who("a", surname="Holroyd", home="home 1", phones=["01632 960001"]),
        who("b", surname="Holroyd", home="home 1", phones=["01632 960001"]),
    ),
    "a couple with one mobile and email": (
        who("a", **JOHN | {"phones": ["07700900123"], "emails": ["x@example.org"]}),
        who("b", **JOHN | {"forename": "Susan", "title": "Mrs", "birth_date": None, "phones": ["07700900123"],
                           "emails": ["x@example.org"]}),
    ),
    "namesakes of two homes": (
        who("a", forename="Adam", surname="Patel", title="Mr", home="home 1"),
        who("b", forename="Adam", surname="Patel", title="Mr", home="home 2"),
    ),
    "another NI number": (
        who("a", **JOHN | {"national_insurance_number": "AB123456C"}),
        who("b", **JOHN | {"national_insurance_number": "AB987654D"}),
    ),
    "a son of one name after the father's death": (
        who("a", **JOHN | {"death_date": "2015-01-01"}),
        who("b", **JOHN | {"birth_date": None, "active_date": "2022-06-01"}),
    ),
    "no names at all": (who("a", home="home 1"), who("b", home="home 1")),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_the_same_person(case: str, together: Any) -> None:
    assert together(list(SAME[case])) == {frozenset("ab")}


@pytest.mark.parametrize("case", APART)
def test_two_people(case: str, together: Any) -> None:
    assert together(list(APART[case])) == set()


KITS = [
    who("a", forename="Christopher", surname="Holroyd", home="home 1", birth_date="1950-03-04"),
    who("b", forename="Catherine", surname="Holroyd", home="home 1", birth_date="1952-06-09"),
    who("c", forename="Kit", surname="Holroyd", home="home 1"),
]
"""Kit is short for both."""


def test_a_record_that_fits_two_people_joins_neither_and_is_asked_about(tmp_path: Path) -> None:
    found = resolve(cleaned([*KITS, *CROWD]), tmp_path)
    assert groups(found.clusters) == set()
    assert {(row["kind"], row["right_id"]) for row in found.doubtful.to_pylist()} == {("rivalled", "c")}


def test_a_name_alone_is_neither_of_two_namesakes(tmp_path: Path) -> None:
    """Father and son of one name at one home: a record with the name alone is no evidence, and no question either."""
    rows = [who("a", **JOHN), who("b", **JOHN | {"birth_date": "1976-11-20"}), who("c", **JOHN | {"birth_date": None})]
    found = resolve(cleaned([*rows, *CROWD]), tmp_path)
    assert groups(found.clusters) == set()
    assert found.doubtful.num_rows == 0
    assert {row["reason"] for row in found.vetoed.to_pylist() if row["right_id"] == "c"} == {
        "too little is known of the person to tell"
    }


def test_what_nobody_could_tell_is_no_question(tmp_path: Path) -> None:
    """An initial fits both; no person could say whose it is, so nobody is asked."""
    rows = [who("a", **JOHN), who("b", **JOHN | {"forename": "Jeremy", "birth_date": "1976-11-20"})]
    found = resolve(cleaned([*rows, who("c", full_name="MR J HOLROYD", home="home 1"), *CROWD]), tmp_path)
    assert groups(found.clusters) == set()
    assert found.doubtful.num_rows == 0


def test_records_alike_in_all_that_fit_two_people_stay_apart(tmp_path: Path) -> None:
    rows = [who("a", **JOHN), who("b", **JOHN | {"forename": "Jeremy", "birth_date": "1976-11-20"})]
    rows += [who(one, full_name="MR J HOLROYD", home="home 1", system="works") for one in "cde"]
    assert groups(resolve(cleaned([*rows, *CROWD]), tmp_path).clusters) == set()


def test_a_persons_word_outranks_every_veto(together: Any) -> None:
    twins = list(APART["twins"])
    assert together(twins, decisions=said(("a", "b", "same"))) == {frozenset("ab")}


def test_others_still_join_whom_a_person_joined(together: Any) -> None:
    rows = [*APART["another NI number"], who("c", full_name="Mr John Holroyd", home="home 1")]
    assert together(rows, decisions=said(("a", "b", "same"))) == {frozenset("abc")}


def test_not_the_same_stands_against_all_evidence(tmp_path: Path) -> None:
    found = resolve(cleaned([who("a", **JOHN), who("b", **JOHN), *CROWD]), tmp_path, said(("a", "b", "not_same")))
    assert groups(found.clusters) == set()
    assert [row["reason"] for row in found.vetoed.to_pylist() if row["left_id"] == "a"] == [
        "a person decided: not the same"
    ]


def test_edges_hold_every_cluster_together(tmp_path: Path) -> None:
    found = resolve(cleaned([who(one, **JOHN) for one in "abcd"] + CROWD), tmp_path)
    assert groups(found.clusters) == {frozenset("abcd")}
    assert [(row["left_id"], row["right_id"]) for row in found.edges.to_pylist()] == [
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
    ]


def test_what_stood_before_stays_and_is_asked_about(tmp_path: Path) -> None:
    """Kit was Christopher's before Catherine came, and stays his until somebody decides."""
    found = resolve(cleaned([*KITS, *CROWD]), tmp_path, previous=stood({"a": "a", "c": "a", "b": "b"}))
    assert groups(found.clusters) == {frozenset("ac")}
    assert [(row["kind"], row["left_id"], row["right_id"]) for row in found.doubtful.to_pylist()] == [
        ("held", "a", "c")
    ]


def test_a_name_known_by_two_tenancies_is_not_one_person_but_a_number_is(together: Any) -> None:
    held: list[dict[str, Any]] = [
        {"tenancy_id": one, "household_id": one, "home": one, "start_date": "2015-01-01", "tenants": []}
        for one in ("h1", "h2")
    ]
    rare = {"forename": "Ebenezer", "surname": "Holroyd", "title": "Mr"}
    listed = [who("a", **rare, household_id="h1"), who("b", **rare, household_id="h2")]
    assert together(listed, held) == set()
    number = {"national_insurance_number": "AB123456C"}
    assert together([one | number for one in listed], held) == {frozenset("ab")}


def test_a_name_that_one_of_the_list_is_called_by_is_no_veto(together: Any) -> None:
    """Jane is Mary on the list: a repair she reported under her own number tells so, and others follow."""
    held = [{"tenancy_id": "t", "household_id": "h", "home": "home 1", "start_date": "2015-01-01", "tenants": ["a"]}]
    phones = {"phones": ["07700 900123"]}
    mary = {"surname": "Holroyd", "title": "Mrs", "birth_date": "1970-05-06"}
    rows = [
        who("a", forename="Mary", household_id="h", **mary, **phones),
        who("b", full_name="MRS JANE HOLROYD", tenancy_id="t", **phones),
        who("c", full_name="MRS JANE HOLROYD", tenancy_id="t"),
        who("d", forename="Mary", **mary, **phones),
    ]
    assert together(rows, held) == {frozenset("abcd")}
