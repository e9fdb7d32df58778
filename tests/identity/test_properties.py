"""Which places are one place: references, UPRNs and addresses must bear each other out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from identity import properties
from identity.joining import judged
from identity.properties import DOUBTFUL, JOIN, VETO, Places, addresses, pairs, place

COLUMNS = ["record_id", "system", "asset_type_code", "uprn", "matched_uprn", "address", "postcode"]
HOME = ("house", 100, None, "1 Wood Lane", "KB1 1AA")


def places(*records: tuple[Any, ...], refs: Any = (), listed: tuple[tuple[Any, ...], ...] = ()) -> Places:
    """Assets a, b, ... as (kind, uprn, matched uprn, address, postcode), their references, the gazetteer."""
    ids = [chr(ord("a") + at) for at in range(len(records))]
    frame = pd.DataFrame(
        [(one, f"system {one}", *record) for one, record in zip(ids, records, strict=True)], columns=COLUMNS
    )
    frame = frame.astype({"uprn": "Int64", "matched_uprn": "Int64"})
    references = pd.DataFrame(
        [(one, "council", value) for one, value in refs], columns=["record_id", "allocated_by", "value"]
    )
    gazetteer = pd.DataFrame(listed, columns=["record_id", "uprn", "address", "postcode"])
    return Places(frame, references, gazetteer)


def status(of: Places) -> list[str]:
    return judged(pairs(of), join=JOIN, doubt=DOUBTFUL, veto=VETO)["status"].tolist()


SAME_REF = (("a", "7"), ("b", "7"))
OTHER_REF = (("a", "7"), ("b", "8"))


@pytest.mark.parametrize(
    ("other", "refs", "expected"),
    [
        (("flat", 100, None, "1 WOOD LA", "KB1 1AA"), (), ["joined"]),
        (("house", 999, None, "1 Wood Lane, Kelborough", "KB1 1AA"), SAME_REF, ["joined"]),  # transposed UPRN
        (("house", 100, None, "3 Wood Lane", "KB1 1AA"), (), ["apart"]),  # a UPRN that a neighbour was given
        (("house", 100, None, "3 Wood Lane", "KB1 1AA"), SAME_REF, ["joined"]),  # two keys outweigh one typing error
        (("house", None, None, "3 Wood Lane", "KB1 1AA"), SAME_REF, ["apart"]),  # a mistyped reference
        (("house", 100, None, None, None), (), ["doubtful"]),  # a UPRN alone is never enough
        (
            ("house", 100, None, "1 Wood Lane", "KB1 1AA"),
            OTHER_REF,
            ["doubtful"],
        ),  # entered twice in the council's list
        (("lift", 100, None, "1 Wood Lane", "KB1 1AA"), SAME_REF, ["vetoed"]),
        (("house", None, 100, "Wood Lane 1", "KB1 1AB"), (), ["joined"]),  # the address was given the same UPRN
        (("other", None, None, "1 Wood Lane", "KB1 1AA"), (), ["joined"]),  # of a type that nobody knows
        (("house", None, None, "1 Wood Lane", "KB1 1AA"), (), ["joined"]),  # a whole address says it all
        (("house", None, None, "1 Oak Lane", "KB1 1AA"), (), ["apart"]),
    ],
)
def test_what_two_records_of_a_home_come_to(other: tuple[Any, ...], refs: Any, expected: list[str]) -> None:
    assert status(places(HOME, other, refs=refs)) == expected


def test_the_parts_sum_to_the_weight() -> None:
    found = pairs(places(HOME, HOME, ("flat", 100, 100, "Flat 2, 1 Wood Lane", "KB1 1AA"), refs=SAME_REF))
    assert len(found) == 3
    parts = [name for name in map(str, found) if name.startswith("w_")]
    assert np.array_equal(found["weight"], found[parts].sum(axis=1))
    assert (found["left_id"] < found["right_id"]).all()


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        (("Flat 24, Salter House, 28 Laburnum Green", "KB1 1BU"), ("FLT 24 SALTER HSE", "KB1 1BU"), "alike"),
        (("Flat B, 25 Laburnum Green", "KB1 1AU"), ("Flat K, 25 Laburnum Green", "KB1 1AU"), "contradicts"),
        (("Flat 24, Salter House", "KB1 1BU"), ("Salter House", "KB1 1BU"), "unknown"),
        (("Octavia House, 39 Wood Lane", "KB1 1AA"), ("OCTAVIA HSE", "KB1 1AA"), "alike"),
        (("St John's Court, 4 Hill Rise", "KB1 1AA"), ("4 HILL RISE", "KB1 1AA"), "alike"),
        (("1 Wood Lane", "KB1 1AA"), ("1 Wood Lane", "KB9 9ZZ"), "unknown"),
        (("1 Wood Lane", "KB1 1AA"), ("1 Wood Lane", None), "alike"),
        ((None, None), ("1 Wood Lane", "KB1 1AA"), "unknown"),
    ],
)
def test_how_two_addresses_stand_to_one_another(one: Any, two: Any, level: str) -> None:
    left, right = (
        properties._doors(pd.DataFrame({"address": [text], "postcode": [code]})) for text, code in (one, two)
    )
    assert addresses(left, right, np.array([0]), np.array([0])).tolist() == [level]
    assert addresses(right, left, np.array([0]), np.array([0])).tolist() == [level]


LISTED = (("x", 100, "1 WOOD LANE", "KB1 1AA"), ("y", 101, "3 WOOD LANE", "KB1 1AA"))


def test_a_place_is_given_the_uprn_whose_address_is_its_own() -> None:
    transposed = ("house", 101, None, "1 Wood Lane", "KB1 1AA")
    neighbour = ("house", 100, None, "3 Wood Lane", "KB1 1AA")
    of = places(HOME, transposed, neighbour, listed=LISTED)
    golden = pd.Series({"a": "G", "b": "G", "c": "H"})
    found = place(of, golden)
    assert found[["golden_id", "blpu_id", "uprn"]].to_numpy().tolist() == [["G", "x", 100]]


def test_no_uprn_goes_to_two_places() -> None:
    of = places(HOME, HOME, listed=LISTED)
    assert place(of, pd.Series({"a": "G", "b": "H"}))["golden_id"].tolist() == ["G"]


def test_a_placeholder_that_many_records_share_brings_nobody_together() -> None:
    crowd = [("house", 1, None, f"{number} Long Road", "KB1 1AA") for number in range(1, 200)]
    frame = places(*crowd[:60])
    assert len(pairs(frame)) == 0


def test_no_records_no_pairs() -> None:
    assert len(pairs(places())) == 0
    assert len(place(places(), pd.Series(dtype=object))) == 0


def test_a_veto_keeps_apart_what_a_third_record_would_bring_together() -> None:
    frame = pd.DataFrame(
        [("a", "b", 20.0), ("b", "c", 15.0), ("a", "c", -40.0), ("c", "d", 6.0)],
        columns=["left_id", "right_id", "weight"],
    )
    assert judged(frame, join=12, doubt=5, veto=-20)["status"].tolist() == ["joined", "doubtful", "vetoed", "doubtful"]


def test_places_without_any_address_are_weighed_by_what_is_left() -> None:
    bare = ("house", 100, None, None, None)
    assert status(places(bare, bare, refs=SAME_REF)) == ["joined"]
    assert properties.refuted(places(bare, listed=(("g", 100, None, None),))) == []
