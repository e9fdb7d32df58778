"""Which places of the sources are the same place, and which of the gazetteer's it is.

Evidence is weighed in bits: a shared reference, a shared UPRN, an address. None of reference and UPRN is enough
where the addresses contradict it, and a UPRN alone is never enough: digits are transposed and flats are given
their block's. A flat and its block, a lift and the block it stands in are never the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from identity.addresses.reading import of_kind, read

Ints = np.ndarray[Any, np.dtype[np.int64]]
MODEL = "places-1"
PLACED = {"golden_id": "str", "blpu_id": "str", "uprn": "Int64", "claims": "int64"}
JOIN, DOUBTFUL, VETO = 12.0, 5.0, -20.0
"""Bits from which two records are joined, from which a person is asked, and up to which they are kept apart."""
MOST_OF_ONE_KEY = 50
"""A UPRN, reference or door that more records share says nothing: it is a placeholder."""

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "reference": {"same": 12.0, "unknown": 0.0, "different": -12.0},
    "uprn": {"same": 10.0, "unknown": 0.0, "different": -4.0},
    "address": {"same": 12.0, "alike": 8.0, "unknown": 0.0, "contradicts": -10.0},
    "kind": {"same": 0.0, "contradicts": -80.0},
}

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("house", "bungalow", "flat", "maisonette", "bedsit", "studio", "room", "dwelling"), "dwelling"),
    **dict.fromkeys(("block", "sub_block"), "block"),
    **dict.fromkeys(("garage", "parking_space", "store"), "garage"),
    **dict.fromkeys(("shop", "office"), "shop"),
    "other": "any", "unit": "any",
}  # fmt: skip
"""Asset types that may be told as one another; a type that is not named here is of its own kind."""


@dataclass(frozen=True)
class Places:
    """``records``: record_id, system, asset_type_code, uprn, matched_uprn, address (text), postcode, of assets.
    ``references``: record_id, allocated_by, value, of assets. ``gazetteer``: record_id, uprn, address, postcode,
    a row an address."""

    records: pd.DataFrame
    references: pd.DataFrame
    gazetteer: pd.DataFrame


def pairs(places: Places) -> pd.DataFrame:
    """Pairs of asset records that may be the same place: left_id < right_id, weight, its parts ``w_<field>`` and their
    levels ``l_<field>``; the parts sum to the weight."""
    records = places.records.reset_index(drop=True)
    doors = _doors(records)
    at = pd.Series(records.index, records["record_id"])
    references = places.references[places.references["record_id"].isin(at.index)]
    references = references.assign(row=at[references["record_id"]].to_numpy())
    claimed = pd.concat([records["uprn"], records["matched_uprn"]]).dropna()
    found = pd.concat(
        [
            _sharing(references["row"], references["allocated_by"] + "\x1f" + references["value"]),
            _sharing(claimed.index.to_series(), claimed.astype("int64").reset_index(drop=True)),
            _sharing(doors.index.to_series(), doors["postcode"].where(doors["first"] != "") + "\x1f" + doors["first"]),
        ]
    ).drop_duplicates(ignore_index=True)
    ids = records["record_id"].to_numpy(dtype=object)
    turned = ids[found["left"]] > ids[found["right"]]
    left = np.where(turned, found["right"], found["left"])
    right = np.where(turned, found["left"], found["right"])
    levels = {
        "reference": _references(references, left, right),
        "uprn": _uprns(records, left, right),
        "address": addresses(doors, doors, left, right),
        "kind": np.where(_kinds_fit(doors["kind"], doors["kind"], left, right), "same", "contradicts"),
    }
    weights = {name: pd.Series(level).map(WEIGHTS[name]).to_numpy(float) for name, level in levels.items()}
    frame = pd.DataFrame(
        {
            "left_id": ids[left], "right_id": ids[right], "weight": sum(weights.values(), np.zeros(len(left))),
            **{f"w_{name}": weight for name, weight in weights.items()},
            **{f"l_{name}": level for name, level in levels.items()},
        }
    )  # fmt: skip
    return frame.sort_values(["left_id", "right_id"], ignore_index=True)


def place(places: Places, golden: pd.Series[str]) -> pd.DataFrame:
    """The gazetteer's record of each golden place: golden_id, blpu_id, uprn, claims (records that name it).

    A UPRN is taken that some record of the place claims and whose address in the gazetteer is alike one of theirs;
    of several the one with the most claims. ``golden``: golden id by record id. No UPRN goes to two places.
    """
    records = places.records.assign(golden_id=places.records["record_id"].map(golden)).dropna(subset="golden_id")
    records = records.reset_index(drop=True)
    gazetteer = places.gazetteer.reset_index(drop=True)
    claims = pd.concat([records["uprn"], records["matched_uprn"]]).dropna().astype("int64").rename("uprn")
    claims = claims.rename_axis("row").reset_index().drop_duplicates()
    met = claims.merge(gazetteer[["uprn"]].reset_index(names="listed"), on="uprn")
    if not len(met):
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in PLACED.items()})
    row, listed = met["row"].to_numpy(), met["listed"].to_numpy()
    level = addresses(_doors(records), _doors(gazetteer), row, listed)
    met = met.assign(
        golden_id=records["golden_id"].to_numpy()[row], blpu_id=gazetteer["record_id"].to_numpy()[listed],
        agrees=np.isin(level, ["same", "alike"]),
    )  # fmt: skip
    told = met.groupby(["golden_id", "uprn", "blpu_id"], as_index=False).agg(
        claims=("row", "nunique"), agrees=("agrees", "sum")
    )
    told = told[told["agrees"] > 0].sort_values(
        ["claims", "agrees", "uprn", "golden_id"], ascending=[False, False, True, True]
    )
    told = told.drop_duplicates("golden_id").drop_duplicates("uprn")
    found: pd.DataFrame = told[list(PLACED)].sort_values("golden_id", ignore_index=True)
    return found


def refuted(places: Places) -> list[str]:
    """The records whose own UPRN the gazetteer gives to another address: transposed digits, a neighbour's UPRN."""
    records, gazetteer = (frame.reset_index(drop=True) for frame in (places.records, places.gazetteer))
    claims = records["uprn"].dropna().astype("int64").rename_axis("row").reset_index()
    met = claims.merge(gazetteer[["uprn"]].reset_index(names="listed"), on="uprn")
    row, listed = met["row"].to_numpy(), met["listed"].to_numpy()
    level = addresses(_doors(records), _doors(gazetteer), row, listed)
    wrong = pd.Series(level == "contradicts").groupby(row).all()
    return [str(one) for one in records["record_id"].to_numpy()[wrong.index[wrong.to_numpy(bool)]]]


def addresses(of_left: pd.DataFrame, of_right: pd.DataFrame, left: Ints, right: Ints) -> np.ndarray[Any, Any]:
    """How two addresses stand to one another: same, alike, unknown, contradicts; row numbers say which two.

    Alike: the first number (the door's) is the same, no side has a number that contradicts the other's, the postcode
    is the same or one character off, and a word is shared where both have words; buildings without a number at the
    door share half of their words. Same: nothing is missing either. A flat's letter is a number here.
    """
    numbers = _shared(of_left["numbers"], of_right["numbers"], left, right)
    words = _shared(of_left["words"], of_right["words"], left, right)
    first = of_left["first"].to_numpy()[left] == of_right["first"].to_numpy()[right]
    known = (of_left["first"].to_numpy()[left] != "") & (of_right["first"].to_numpy()[right] != "")
    within = numbers.shared == np.minimum(numbers.left, numbers.right)
    word = (words.shared > 0) | (np.minimum(words.left, words.right) == 0)
    near, exact = _postcodes(of_left["postcode"].to_numpy()[left], of_right["postcode"].to_numpy()[right])
    stated = (numbers.left + words.left > 0) & (numbers.right + words.right > 0)
    named = ~of_left["leads"].to_numpy()[left] & ~of_right["leads"].to_numpy()[right]
    named &= ~known & (words.shared > 0) & (2 * words.shared >= np.minimum(words.left, words.right))
    alike = near & within & word & ((first & known) | named)
    same = alike & exact & known & (numbers.left == numbers.right) & (words.shared > 0)
    contradicts = stated & ((known & ~within) | (known & ~first & (numbers.left == numbers.right)))
    return np.select([same, alike, contradicts], ["same", "alike", "contradicts"], "unknown")


def _doors(records: pd.DataFrame) -> pd.DataFrame:
    """What is compared of an address: its numbers, the first of them, its names but for words such as road and
    house, its postcode, the kind of place. ``leads``: it begins at a door, not at a building.
    """
    text = records["address"].astype("str").where(records["address"].notna(), "")
    with duckdb.connect() as connection:
        read(connection, pa.array(text, pa.string()), "door")
        found = connection.execute("SELECT text, marks, names, is_unit, tokens[1] AS beginning FROM door").df()
    door = found.set_index("text").reindex(text).reset_index(drop=True).set_axis(records.index)
    first = door["marks"].str[0].astype("object")
    types = frozenset(of_kind("street_type", "building_type"))
    kind = records.get("asset_type_code", pd.Series("other", records.index))
    return pd.DataFrame(
        {
            "numbers": door["marks"],
            "words": door["names"].map(lambda names: [name for name in names if name not in types], na_action="ignore"),
            "first": first.where(first.notna(), "").to_numpy(),
            "leads": (door["is_unit"].eq(True) | (first == door["beginning"])).to_numpy(),
            "postcode": _compact(records["postcode"]),
            "kind": kind.map(KINDS).fillna(kind).to_numpy(),
        },
        index=records.index,
    )  # fmt: skip


def _compact(postcodes: pd.Series[str]) -> np.ndarray[Any, Any]:
    return postcodes.astype("str").where(postcodes.notna(), "").str.replace(" ", "", regex=False).to_numpy(dtype=object)


@dataclass(frozen=True)
class _Common:
    """How many different things each side of each pair has, and how many both have."""

    left: Ints
    right: Ints
    shared: Ints


def _shared(of_left: pd.Series[Any], of_right: pd.Series[Any], left: Ints, right: Ints) -> _Common:
    ours, theirs = _single(of_left), _single(of_right)
    pair = pd.DataFrame({"pair": np.arange(len(left)), "left": left, "right": right})
    both = pair.merge(ours, left_on="left", right_on="row").merge(
        theirs, left_on=["right", "thing"], right_on=["row", "thing"]
    )
    count = np.bincount(both["pair"], minlength=len(left))
    return _Common(_counts(ours, len(of_left))[left], _counts(theirs, len(of_right))[right], count)


def _single(lists: pd.Series[Any]) -> pd.DataFrame:
    """A row for each different thing in each row's list."""
    things = lists.reset_index(drop=True).explode().dropna().astype("str")
    return pd.DataFrame({"row": things.index, "thing": things.array}).drop_duplicates()


def _counts(single: pd.DataFrame, rows: int) -> Ints:
    return np.bincount(single["row"], minlength=rows)


def _postcodes(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Whether two postcodes are at most one character apart (or one is missing), and whether they are the same."""
    if not len(left):
        return np.zeros(0, bool), np.zeros(0, bool)
    blank = (left == "") | (right == "")
    exact = (left == right) & ~blank
    width = max(1, *map(len, left), *map(len, right))
    one, two = (np.char.ljust(side.astype(f"U{width}"), width) for side in (left, right))
    apart = (one.view("U1").reshape(len(left), width) != two.view("U1").reshape(len(left), width)).sum(axis=1)
    return blank | (apart <= 1), exact


def _sharing(row: pd.Series[int], key: pd.Series[Any]) -> pd.DataFrame:
    """Pairs of different rows (left < right) that have a key in common; keys that very many share are left out."""
    keyed = pd.DataFrame({"row": row.to_numpy(), "key": key.to_numpy()}).dropna().drop_duplicates()
    size = keyed.groupby("key")["row"].transform("size")
    keyed = keyed[(size > 1) & (size <= MOST_OF_ONE_KEY)]
    met = keyed.merge(keyed, on="key", suffixes=("_left", "_right"))
    met = met[met["row_left"] < met["row_right"]]
    return pd.DataFrame({"left": met["row_left"].astype("int64"), "right": met["row_right"].astype("int64")})


def _references(references: pd.DataFrame, left: Ints, right: Ints) -> np.ndarray[Any, Any]:
    """same: both have one reference of one allocator; different: both have some of one, and none in common."""
    by = references["allocated_by"].to_numpy()
    rows = references["row"]
    most = int(max(left.max(initial=0), right.max(initial=0), rows.max() if len(rows) else 0)) + 1
    values = pd.Series(by + "\x1f" + references["value"].to_numpy(), rows).groupby(level=0).agg(list)
    givers = pd.Series(by, rows).groupby(level=0).agg(list)
    value = _shared(values.reindex(range(most)), values.reindex(range(most)), left, right).shared
    giver = _shared(givers.reindex(range(most)), givers.reindex(range(most)), left, right).shared
    return np.select([value > 0, giver > 0], ["same", "different"], "unknown")


def _uprns(records: pd.DataFrame, left: Ints, right: Ints) -> np.ndarray[Any, Any]:
    """same: some UPRN that either was given by its source or by its address is the other's too."""
    given = records[["uprn", "matched_uprn"]].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    one, two = given[left], given[right]
    same = (one[:, :, None] == two[:, None, :]).any(axis=(1, 2))
    known = ~np.isnan(one).all(axis=1) & ~np.isnan(two).all(axis=1)
    return np.select([same, known], ["same", "different"], "unknown")


def _kinds_fit(of_left: pd.Series[str], of_right: pd.Series[str], left: Ints, right: Ints) -> Any:
    one, two = of_left.to_numpy()[left], of_right.to_numpy()[right]
    return (one == two) | (one == "any") | (two == "any")
