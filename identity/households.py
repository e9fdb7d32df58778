"""Households of the sources that are one household, and who lives in it: over golden people and golden places.

Two household records are one where the same people live in them, or where one applied for the home that the other was
let. Whom a household is named after counts for much: a grown child who has a home of their own was a member of the
parents' household and is the head of another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from identity.properties import MOST_OF_ONE_KEY

MODEL = "households-2"
JOIN, DOUBTFUL = 8.0, 5.0
VETO = -10.0

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "head": {"same": 9.0, "unknown": 0.0, "different": -2.0},
    "people": {"most": 8.0, "half": 5.0, "one": 2.0, "none": 0.0},
    "letting": {"same": 12.0, "unknown": 0.0, "different": -2.0},
    "place": {"same": 4.0, "unknown": 0.0, "different": -2.0},
}
_PAIR = ["left_id", "right_id", "shared"]


def pairs(households: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Pairs of household records that share people or a letting: left_id < right_id, weight, its parts and levels.

    ``households``: record_id, asset_id (golden; where it lives, may be missing), let_to (the record of the household
    that a home was let to, where these are its tenants or applied for it). ``members``: household_id (a
    record_id), person_id (golden), is_head. People in very many households are left out: placeholders.
    """
    who = members.drop_duplicates(["household_id", "person_id"])
    places = households.set_index("record_id")["asset_id"]
    count = who.groupby("person_id")["household_id"].transform("size")
    shared = who.loc[(count > 1) & (count <= MOST_OF_ONE_KEY), ["household_id", "person_id"]]
    met = shared.merge(shared, on="person_id", suffixes=("_left", "_right"))
    met = met[met["household_id_left"] < met["household_id_right"]]
    let = households.set_index("record_id")["let_to"]
    by_letting = let[let.isin(let.index) & (let != let.index)].reset_index().to_numpy(dtype=object)
    both = pd.concat(
        [met[["household_id_left", "household_id_right"]].assign(shared=1).set_axis(_PAIR, axis=1),
         pd.DataFrame(np.sort(by_letting, axis=1), columns=_PAIR[:2]).assign(shared=0)]
    )  # fmt: skip
    found = both.groupby(_PAIR[:2])["shared"].sum().reset_index()
    size = who.groupby("household_id").size()
    smaller = np.minimum(size[found["left_id"]].to_numpy(), size[found["right_id"]].to_numpy())
    several, part = found["shared"].to_numpy() > 1, found["shared"].to_numpy() / smaller
    levels = {
        "head": _heads(who, found),
        "people": np.select([several & (part >= 0.75), several & (part >= 0.5), found["shared"] > 0],
                            ["most", "half", "one"], "none"),
        "letting": _same(let.reindex(found["left_id"]), let.reindex(found["right_id"])),
        "place": _same(places.reindex(found["left_id"]), places.reindex(found["right_id"])),
    }  # fmt: skip
    weights = {name: pd.Series(level).map(WEIGHTS[name]).to_numpy(float) for name, level in levels.items()}
    return pd.DataFrame(
        {
            **{name: found[name] for name in ("left_id", "right_id")},
            "weight": sum(weights.values(), np.zeros(len(found))),
            **{f"w_{name}": weight for name, weight in weights.items()},
            **{f"l_{name}": level for name, level in levels.items()},
        }
    ).sort_values(["left_id", "right_id"], ignore_index=True)  # fmt: skip


def golden(households: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The golden households, and each golden person's time in them.

    ``households``: record_id, golden_id, system, trust, name, asset_id, tenancy_id, start_date, end_date;
    ``members``: household_id (a record_id), person_id (golden), role_code, is_head, start_date, end_date, trust.
    A golden household ended when all its records did; a person left when no record with days still holds them.
    """
    best = households.sort_values(["golden_id", "trust", "record_id"], ascending=[True, False, True])
    ended = best["end_date"].notna().groupby(best["golden_id"]).transform("all")
    by_trust = best.assign(end_date=best["end_date"].where(ended)).groupby("golden_id")
    told = by_trust.agg(
        name=("name", "first"), asset_id=("asset_id", "first"), tenancy_id=("tenancy_id", "first"),
        start_date=("start_date", "min"), end_date=("end_date", "max"), record_count=("record_id", "size"),
        system_count=("system", "nunique"),
    )  # fmt: skip
    of = households.set_index("record_id")["golden_id"]
    lived = members.assign(household_id=members["household_id"].map(of)).dropna(subset=["household_id"])
    lived = lived.sort_values(
        ["household_id", "person_id", "trust", "is_head", "role_code"], ascending=[True, True, False, False, True]
    )
    stays = lived["end_date"].isna() & lived["start_date"].notna()
    dated = lived["end_date"].notna() | stays
    keys = [lived["household_id"], lived["person_id"]]
    gone = ~stays.groupby(keys).transform("any") & dated.groupby(keys).transform("any")
    spans = lived.assign(end_date=lived["end_date"].where(gone)).groupby(["household_id", "person_id"], as_index=False)
    time = spans.agg(
        role_code=("role_code", "first"), is_head=("is_head", "first"), start_date=("start_date", "min"),
        end_date=("end_date", "max"), record_count=("role_code", "size"), system_count=("system", "nunique"),
    )  # fmt: skip
    now = time[time["end_date"].isna()].groupby("household_id").size()
    ever = time.groupby("household_id").size()
    size = now.reindex(told.index).fillna(ever.reindex(told.index)).fillna(0).astype("int64")
    return told.assign(person_count=size).reset_index(), time


def _heads(who: pd.DataFrame, found: pd.DataFrame) -> np.ndarray[Any, Any]:
    """same: somebody heads both; different: both have a head and nobody heads both."""
    heads = who.loc[who["is_head"].fillna(False).astype(bool), ["household_id", "person_id"]]
    led = found[["left_id", "right_id"]].reset_index(names="pair")
    both = led.merge(heads, left_on="left_id", right_on="household_id").merge(
        heads, left_on=["right_id", "person_id"], right_on=["household_id", "person_id"]
    )
    same = np.isin(np.arange(len(found)), both["pair"])
    known = found["left_id"].isin(heads["household_id"]) & found["right_id"].isin(heads["household_id"])
    return np.select([same, known], ["same", "different"], "unknown")


def _same(left: pd.Series[Any], right: pd.Series[Any]) -> np.ndarray[Any, Any]:
    one, two = left.reset_index(drop=True), right.reset_index(drop=True)
    known = (one.notna() & two.notna()).to_numpy()
    return np.select([known & (one == two).fillna(False).to_numpy(bool), known], ["same", "different"], "unknown")
