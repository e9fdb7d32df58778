from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from identity.people.names import divide
from mirror.masks import names, naming
from mirror.masks.name_lists import BRITISH, FORENAME, SURNAME, fold, listed
from mirror.masks.naming import Family, Word

KEY, OTHER = bytes(range(32)), bytes(32)
SMITHS = [
    Word("a", "JANE", FORENAME, "F", 1960), Word("a", "SMITH", SURNAME), Word("a", "MICHAEL", FORENAME, "M", 1990),
    Word("a", "JOHN", FORENAME, "M", 1958), Word("a", "OBRIEN", SURNAME), Word("a", "ROBERT", FORENAME, "M", 1930),
]  # fmt: skip


@pytest.fixture(scope="module")
def smiths() -> Family:
    return naming.families(KEY, SMITHS)["a"]


def written(family: Family, text: str, kind: str = "") -> str:
    return names.masked(KEY, text, family, kind)


def test_the_way_of_writing_stays(smiths: Family) -> None:
    jane, smith = smiths.words["JANE"], smiths.words["SMITH"]
    assert written(smiths, "Mrs Jane Smith") == f"Mrs {jane} {smith}"
    assert written(smiths, "SMITH, JANE MRS") == f"{smith.upper()}, {jane.upper()} MRS"
    assert written(smiths, "smith  j.") == f"{smith.lower()}  {jane[0]}."
    assert written(smiths, "Mr & Mrs Smith") == f"Mr & Mrs {smith}"
    assert written(smiths, "EXORS OF THE LATE MR J SMITH") == f"EXORS OF THE LATE MR {jane[0]} {smith.upper()}"
    assert written(smiths, "O BRIEN M") == written(smiths, "O'BRIEN M") == written(smiths, "OBRIEN M")
    assert written(smiths, "Smith-O'Brien") == f"{smith}-{smiths.words['OBRIEN']}"
    assert written(smiths, "THE OCCUPIER") == "THE OCCUPIER"


def test_initials_follow_the_names(smiths: Family) -> None:
    for word, name in smiths.words.items():
        assert smiths.initials[word[0]] == fold(name)[0]
    assert len(set(smiths.initials.values())) == len(smiths.initials)
    assert written(smiths, "MISS X Y SMITH") == written(smiths, "MISS X Y SMITH")


def test_slips_short_forms_and_old_names_stay_what_they_are(smiths: Family) -> None:
    smith = smiths.words["SMITH"].upper()
    assert sorted(written(smiths, "SIMTH")) == sorted(smith)
    assert written(smiths, "SIMTH") != smith
    assert (
        names.akin(fold(written(smiths, "Bob")), fold(smiths.words["ROBERT"]))
        or written(smiths, "Bob") == (smiths.words["ROBERT"])
    )
    before = written(smiths, "Jane Walker").split()
    assert before[0] == smiths.words["JANE"]
    assert before[1] not in (*smiths.words.values(), "Walker")
    assert written(smiths, "J WALKER").split()[1] == before[1].upper()


def test_another_key_or_family_has_other_names(smiths: Family) -> None:
    assert naming.families(OTHER, SMITHS)["a"].words != smiths.words
    others = [Word("b", word.word, word.kind, word.sex, word.born) for word in SMITHS]
    assert naming.families(KEY, others)["b"].words != smiths.words
    assert naming.families(KEY, reversed(SMITHS))["a"].words == smiths.words


def test_nobody_keeps_a_name_of_the_family_and_no_two_share_one() -> None:
    many = [
        word for number in range(300) for word in (Word(f"{number}", each.word, each.kind, each.sex) for each in SMITHS)
    ]
    for family in naming.families(KEY, many).values():
        plain = {fold(name) for name in family.words.values()}
        assert len(plain) == len(family.words)
        assert not plain & set(family.words)


def test_a_family_of_thirty_still_has_thirty_names() -> None:
    forenames = [f"{a}{b}NE" for a in "ABCDEFGHIJKLMNO" for b in ("AN", "EL")]
    (family,) = naming.families(KEY, [Word("a", word, FORENAME, "F") for word in forenames]).values()
    assert len({fold(name) for name in family.words.values()}) == len(forenames)


def test_sex_and_culture_stay() -> None:
    asked = {"PATEL": "gujarati", "NOWAK": "polish", "HASSAN": "somali", "MURPHY": "celtic"}
    words = [Word(f"{word}{number}", word, SURNAME) for word in asked for number in range(200)]
    words += [Word(f"{word}{number}", "AMINA", FORENAME, "F") for word in asked for number in range(200)]
    found = naming.families(KEY, words)
    for word, culture in asked.items():
        masks = Counter(fold(found[f"{word}{number}"].words[word]) for number in range(200))
        fitting = sum(times for mask, times in masks.items() if culture in {one[0] for one in listed(SURNAME, mask)})
        assert fitting >= 190
        assert len(masks) > 10
    girls = [fold(family.words["AMINA"]) for family in found.values()]
    assert sum("F" in {one[1] for one in listed(FORENAME, girl)} for girl in girls) >= 0.98 * len(girls)


def test_rare_english_names_stay_rare() -> None:
    words = [Word(f"{number}", "HASWARD", SURNAME) for number in range(300)]
    masks = Counter(family.words["HASWARD"] for family in naming.families(KEY, words).values())
    assert masks.most_common(1)[0][1] <= 4
    assert BRITISH == "english"


def test_what_reads_as_a_person_still_does(smiths: Family) -> None:
    for text in ("MRS J SMITH", "SMITH, JANE MRS", "SMITH J", "Mr Michael Smith", "SMITH JA"):
        before, after = divide(pd.Series([text, written(smiths, text)])).to_numpy()
        assert [bool(part) for part in before] == [bool(part) for part in after]
        assert before[0] == after[0]


def test_bodies_are_told_from_people() -> None:
    assert names.is_body("KELBOROUGH BC DD")
    assert not names.is_body("MR J HOUSEMAN")
