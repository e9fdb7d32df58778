"""Which address is given which UPRN, and why the others are given none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pandas as pd
import pytest

from identity.addresses.match import OUTCOMES, match
from ledger.errors import ContractBroken

HERE, THERE, FAR, WAY = "KB1 1AA", "KB1 1BX", "KB1 1QZ", "KB1 1CY"
GIVEN = {
    "3 Aspen Walk, Netherfold": (HERE, 1),
    "3 ASPEN WLK": (HERE, 1),
    "3, Aspen Wlak, Kelborough": (HERE, 1),  # a slip
    "3 AspenWalk": (HERE, 1),
    "3 Aspen Walk, Kelborough, KB1 1AA": (None, 1),  # the postcode in the text
    "3 Aspen Walk Kelborough": ("kb11ab", 1),  # one letter off
    "Flat A, 27 Aspen Walk": (HERE, 3),
    "27 Aspen Walk, Flat A": (HERE, 3),
    "Apartment A 27 Aspen Walk": (HERE, 3),
    "Ground Floor Flat A, 27 Aspen Walk": (HERE, 3),  # its letter tells it, the floor is said besides
    "1st Flr Flat, 27 Aspen Walk": (HERE, 4),
    "29a Aspen Walk": (HERE, 6),
    "Flat, 29B, Aspen Walk": (HERE, 7),
    "Flat 3, Calder Court, Aspen Walk": (HERE, 9),
    "3 Calder Ct, Kelborough": (HERE, 9),
    "Flat 003 Calder Court Aspen Walk": (HERE, 9),
    "Garage 3, Aspen Walk": (HERE, 11),
    "Rose Cottage, 31 Aspen Walk": (HERE, 12),
    "131 Aspen Walk": (HERE, 12),  # the number it once had
    "31 Aspen Walk": (THERE, 12),  # a neighbouring postcode, where nothing has that number
    "3 Aspen Terrace": (THERE, 13),
    "12-14 Aspen Terrace": (THERE, 14),
    "12 - 14 Aspen Terrace": (THERE, 14),
    "Flat 3A, 27 Aspen Terrace": (THERE, 15),
    "Flat 3, 27 Aspen Terrace": (THERE, 16),
    "3/27 Aspen Terrace": (THERE, 16),
    "27 Aspen Walk, First Floor Flat": (HERE, 4),  # the floor last
    "Flaat A, 27 Aspen Walk": (HERE, 3),
    "Garagge 3, Aspen Walk": (HERE, 11),
    "3, aSpen Walk": (HERE, 1),
    "3, Netherfold, Aspen Walk": (HERE, 1),
    "3 W Lane": (FAR, 18),
    "3 Aspen Walk, Kelborough": (FAR, 1),  # a number 3 stands there too, but kilometres off
    "3 AspenWalk, Kelborough": (FAR, 1),
    "3 Aspenwalk, Kelborough": (FAR, 1),
    "31Aspen Walk": (HERE, 12),
    "31 Aspen WalkNetherfold": (HERE, 12),
    "31 Apsne Walk": (HERE, 12),  # two slips, and the one number 31 of that postcode
    "31 Walk, Netherfld": (HERE, 12),  # the one number 31 of that postcode
    "Flat 2, West Lane": (FAR, 19),  # one building there has flats
    "Flat 6, Elm House, Aspen Way": (WAY, 23),  # a named building without its number, which is the flat's too
}  # fmt: skip
REFUSED = {
    "27 Aspen Walk": (HERE, "block_not_named"),  # which of its flats?
    "Calder Court, Aspen Walk": (HERE, "block_not_named"),
    "Flat B, 27 Aspen Walk": (HERE, None),  # no such flat: never its house
    "Second floor flat, 27 Aspen Walk": (HERE, None),
    "Flat 4, Calder Court, Aspen Walk": (HERE, None),
    "Flat 2, 31 Aspen Walk": (HERE, "unit_not_known"),  # a flat of a house that has none
    "27A Aspen Walk": (HERE, None),  # Flat A, or another home?
    "31A Aspen Walk": (HERE, "number_differs"),
    "29 Aspen Walk": (HERE, "block_not_named"),
    "Flat, 27 Aspen Walk": (HERE, None),
    "13 Aspen Walk": (HERE, None),
    "3 Aspen Close": (HERE, None),
    "3 Aspen Walk": ("KB9 9ZZ", None),
    "3 Aspen Walk, Netherfold, Kelborough": (THERE, "postcode_differs"),  # a number 3 stands at that postcode
    "31, Aspen Walk, Kelborough": (None, "postcode_missing"),
    "31 Kelborough": (HERE, None),  # no street
    "The Annexe, 31 Aspen Walk": (HERE, "use_differs"),
    "Land rear of 31 Aspen Walk": (HERE, "use_differs"),
    "Garage 31, Aspen Walk": (HERE, None),
    "3 Elland House, Aspen Walk": (HERE, "number_elsewhere"),
    "12 Aspen Terrace": (THERE, None),
    "77 Aspen Terrace": (THERE, None),  # its record was rejected
    "77 Aspen Way": (WAY, "block_not_named"),  # a shell, whose flats are not listed
    "77 Aspen Walk": (WAY, None),  # Walk and Way are two words
    "3 Apsne Walk": (HERE, None),
    "3 Walk": (HERE, None),  # 3 Aspen Walk, or Calder Court?
    "31 Elland Walk": (HERE, None),
    "Flat 3, Aspen Walk": (HERE, "street_incomplete"),  # of which building?
    "Flat 2, Larch House, West Lane": (FAR, "street_incomplete"),
    "2 West Lane": (FAR, "street_incomplete"),  # a house that is not listed, or the flat?
    "5 Aspen Way": (WAY, "postcode_differs"),  # or Flat 5 at number 9, which has that postcode?
}


def _match(town: pd.DataFrame, addresses: Sequence[tuple[str | None, str | None]]) -> pd.DataFrame:
    texts, postcodes = zip(*addresses, strict=True)
    messy = pd.DataFrame({"address_id": range(len(texts)), "address": texts, "postcode": postcodes})
    return match(messy, town)


@pytest.fixture(scope="module")
def found(town: pd.DataFrame) -> pd.DataFrame:
    every = [(text, of[0]) for text, of in (*GIVEN.items(), *REFUSED.items())]
    return _match(town, every).set_index(pd.Index([*GIVEN, *REFUSED]))


@pytest.mark.parametrize("text", GIVEN)
def test_an_address_that_agrees_is_given_its_uprn(found: pd.DataFrame, text: str) -> None:
    row = found.loc[text]
    assert (row["uprn"], row["status"], list(row["reasons"])) == (GIVEN[text][1], "matched", ["agrees"])


@pytest.mark.parametrize("text", REFUSED)
def test_an_address_that_does_not_agree_is_given_none_and_says_why(found: pd.DataFrame, text: str) -> None:
    row, reason = found.loc[text], REFUSED[text][1]
    assert pd.isna(row["uprn"])
    assert row["status"] in ("queued", "unmatched")
    assert set(row["reasons"]) <= set(OUTCOMES) - {"agrees"}
    if reason:
        assert reason in row["reasons"]


def test_a_building_is_given_its_own_uprn_where_the_record_is_of_a_building(town: pd.DataFrame) -> None:
    messy = pd.DataFrame(
        {"address_id": ["block", "home"], "address": "Calder Court, Aspen Walk", "postcode": HERE,
         "says_block": [True, False]}
    )  # fmt: skip
    found = match(messy, town).set_index("address_id")
    assert found.loc["block", "uprn"] == 8
    assert found.loc["home", "status"] == "queued"
    assert found.loc["home", "candidate_uprn"] == 8


def test_two_equal_addresses_are_left_to_a_person(town: pd.DataFrame) -> None:
    twin = town[town["uprn"] == 13].assign(uprn=99)
    row = _match(pd.concat([town, twin], ignore_index=True), [("3 Aspen Terrace", THERE)]).iloc[0]
    assert (row["status"], list(row["reasons"])) == ("queued", ["ambiguous"])


def test_what_is_no_address_is_named_and_given_nothing(town: pd.DataFrame) -> None:
    odd = [(None, None), ("  ", HERE), ("x" * 2_000, HERE), ("3 Rue de la Paix, Paris", "75002"),
           ("No fixed abode", None), ("'; DROP TABLE ways; --", HERE)]  # fmt: skip
    found = _match(town, odd)
    assert found["uprn"].isna().all()
    assert [list(reasons) for reasons in found["reasons"].head(4)] == [
        ["empty"], ["empty"], ["too_long"], ["not_a_uk_postcode"]
    ]  # fmt: skip


def test_control_characters_and_line_ends_are_blanks(town: pd.DataFrame) -> None:
    assert _match(town, [("3\x00\x07 Aspen\r\nWalk\t", HERE)])["uprn"].tolist() == [1]


def test_the_same_text_is_answered_alike_in_any_order(town: pd.DataFrame) -> None:
    texts = [(text, of[0]) for text, of in GIVEN.items()]
    once, again = _match(town, texts), _match(town, [*reversed(texts), *texts])
    assert again["uprn"].tolist() == [*reversed(once["uprn"].tolist()), *once["uprn"].tolist()]


def test_an_empty_gazetteer_stops_with_the_next_step(town: pd.DataFrame) -> None:
    with pytest.raises(ContractBroken, match="Next step: load the gazetteer feed"):
        _match(town.head(0), [("3 Aspen Walk", HERE)])


def test_the_gazetteer_of_another_area_stops(town: pd.DataFrame) -> None:
    elsewhere = [(f"{number} Aspen Walk", f"ZE{number % 9 + 1} 9AA") for number in range(1, 201)]
    with pytest.raises(ContractBroken, match="of another area"):
        _match(town, elsewhere)


def test_no_address_at_all_is_no_fault(town: pd.DataFrame) -> None:
    assert match(pd.DataFrame({"address_id": [], "address": [], "postcode": []}), town).empty


def test_igraph_is_never_imported() -> None:
    told = (
        "import sys, pandas as pd\n"
        "from identity.addresses.match import match\n"
        "way = dict(uprn=1, parent_uprn=0, standing=0, unit='', building='', number='3', street='ASPEN WALK',"
        " locality='', town='KELBOROUGH', postcode='KB1 1AA', is_unit=False, is_block=False,\n"
        " easting_m=None, northing_m=None)\n"
        "town = pd.DataFrame([way, way | dict(uprn=2, number='5')])\n"
        "messy = pd.DataFrame(dict(address_id=[1], address=['3 Aspen Wk'], postcode=['KB1 1AB']))\n"
        "assert match(messy, town)['uprn'].tolist() == [1]\n"
        "assert 'splink' in sys.modules\n"
        "assert 'igraph' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", told], check=True)
