from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest

from mirror.masks import bodies, places, staff
from mirror.masks.name_lists import fold
from mirror.masks.places import Addresses, vocabulary

KEY, OTHER = bytes(range(32)), bytes(32)
STREETS = [
    "LABURNUM GREEN",
    "FRY HOUSE",
    "THE GREEN",
    "MILL LANE",
    "NETHERFOLD ROAD",
    "WORDSWORTH GARDENS",
    "FIRST FLOOR FLAT",
]
KNOWN = vocabulary(STREETS, ["NETHERFOLD", "KELBOROUGH"], ["1 Laburnum Green Kelborough Kelshire"] * 5)


def address(text: str, key: bytes = KEY) -> str:
    (found,) = Addresses(key, KNOWN).addresses(pa.array([text])).to_pylist()
    return str(found)


def test_the_words_that_tell_and_those_that_stay() -> None:
    assert KNOWN.telling == {"LABURNUM", "FRY", "WORDSWORTH"}
    assert KNOWN.areas == {"NETHERFOLD", "KELBOROUGH", "KELSHIRE"}
    assert len(KNOWN.plain_names) == 3


def test_an_address_keeps_all_but_the_names() -> None:
    found = address("Flat 3A, Fry House, 27 Laburnum Green, Netherfold, Kelborough, KB1 1AU")
    told = re.fullmatch(r"Flat 3A, (\w{3}) House, 27 (\w{8}) Green, Netherfold, Kelborough, KB1 1([A-Z]{2})", found)
    assert told
    assert told[2] != "Laburnum"
    assert told[3] != "AU"
    assert address("FLT 3A FRY HSE, 27 LABURNUM GRN") == f"FLT 3A {told[1].upper()} HSE, 27 {told[2].upper()} GRN"
    assert address("12\nLaburnum Green\nKelborough Kelshire") == f"12\n{told[2]} Green\nKelborough Kelshire"
    assert address("27 Laburnum Green", OTHER) != f"27 {told[2]} Green"


def test_a_slip_in_a_street_stays_a_slip() -> None:
    right, slip = (address(text).split()[1] for text in ("27 LABURNUM GREEN", "27 LABRUNUM GREEN"))
    assert slip != right
    assert sorted(slip) == sorted(right)
    assert address("5 KELBOROGH ROAD") == "5 KELBOROGH ROAD"


@pytest.mark.parametrize("name", ["The Green", "Mill Lane", "Netherfold Road"])
def test_streets_named_by_common_words_alone_are_masked_too(name: str) -> None:
    found = address(f"4 {name}, Kelborough")
    assert name not in found
    assert found.startswith("4 ")
    assert found.endswith(f"{name.split()[1]}, Kelborough")
    assert address(name) == found[2:].partition(",")[0]
    assert address("First Floor Flat") == "First Floor Flat"


def test_invented_words_are_none_of_the_sources() -> None:
    streets = [f"{name} ROAD" for length in (3, 5, 7, 9, 11) for name in places._invented(length)[:400:2]]
    known = vocabulary(streets, [], [])
    masked = Addresses(KEY, known).addresses(pa.array(streets)).to_pylist()
    assert len(set(masked)) == len({street.upper() for street in streets})
    assert not {fold(name.split()[0]) for name in masked} & {fold(street.split()[0]) for street in streets}


def test_postcodes_keep_their_sector_and_how_far_they_are_apart() -> None:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    units = [one + other for one in letters for other in letters]
    masked = places.postcodes(KEY, pa.array([f"KB1 1{unit}" for unit in units])).to_pylist()
    assert len(set(masked)) == 400
    assert {value[:5] for value in masked} == {"KB1 1"}
    assert all(
        one != other
        for value, unit in zip(masked, units, strict=True)
        for one, other in zip(value[5:], unit, strict=True)
    )
    spelt = places.postcodes(
        KEY, pa.array(["KB1 1AU", "KB11AU", "KB1 OAU", "KB1 1A", "kb1 1au", "XX99 9XX", "NONE", None])
    )
    right, bare, letter, short, small, *rest = spelt.to_pylist()
    assert (bare, letter, short, small) == (right.replace(" ", ""), f"KB1 O{right[5:]}", right[:6], right.lower())
    assert rest == ["XX99 9XX", "NONE", None]


def test_coordinates_move_a_little_and_neighbours_together() -> None:
    rng = np.random.default_rng(2)
    east, north = 440_000 + rng.random(5_000) * 9_000, 280_000 + rng.random(5_000) * 9_000
    x, y = places.moved(KEY, east, north)
    moved = np.hypot(x - east, y - north)
    assert moved.max() <= 150
    assert np.median(moved) > 20
    beside = places.moved(KEY, east + 10, north)
    assert np.hypot(beside[0] - x - 10, beside[1] - y).max() < 25
    texts = places.coordinates(KEY, pa.array(["446135.00", None, "446135"]), pa.array(["280743.00"] * 3), 0).to_pylist()
    assert texts[1] is None
    assert re.fullmatch(r"446\d{3}\.00", texts[0])
    assert texts[2] == f"{float(texts[0]):.0f}"


def test_bodies_keep_their_trade_and_officers_their_initials() -> None:
    names = ["Tallis Roofing Ltd", "TALLIS ROOFING LTD", "Kelborough Direct Repairs"]
    one, other, council = bodies.bodies(KEY, pa.array(names), {"KELBOROUGH"}).to_pylist()
    assert one.endswith(" Roofing Ltd")
    assert "Tallis" not in one
    assert other == one.upper()
    assert council == "Kelborough Direct Repairs"
    officer, user, machine, none = staff.staff(KEY, pa.array(["J. Holt", "jholt2", "machine", None])).to_pylist()
    assert re.fullmatch(r"[A-Z]\. \w+", officer)
    assert "Holt" not in officer
    assert re.fullmatch(r"[a-z]{5}\d", user)
    assert user != "jholt2"
    assert (machine, none) == ("machine", None)
