"""Golden rows: what survives of linked records, ready to be written. Frames in, frames out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from identity import households as houses
from identity.addresses.grid import to_degrees
from identity.ids import key_of, stable_ids
from identity.survivorship import ASSET, PERSON, survive
from identity.trust import Trust

SURE = 0.99999
"""The probability that is told of a link that a person made, and the highest that is told of any."""


@dataclass(frozen=True)
class Rows:
    """``rows`` of a golden table by its columns' names, and what their records had for each field (``kept``)."""

    rows: pd.DataFrame
    kept: pa.Table


def assets(
    records: pd.DataFrame, units: pd.DataFrame, placed: pd.DataFrame, golden: pd.Series[str], faults: pd.DataFrame,
    trust: Trust,
) -> Rows:  # fmt: skip
    """The golden places. ``records`` and ``units`` as gathered, ``placed`` as ``properties.place`` gives it, ``golden``
    the golden id by record id.

    A place that the gazetteer knows has its unit as one more record.
    """
    own = records.assign(golden_id=records["record_id"].map(golden)).dropna(subset="golden_id")
    parent = own["parent_id"].map(golden)
    own = own.assign(parent_id=parent.where(parent != own["golden_id"]), as_of=None)
    of_unit = placed.merge(units.drop(columns="uprn"), left_on="blpu_id", right_on="record_id")
    both = pd.concat([own, of_unit.drop(columns=["blpu_id", "claims"]).assign(as_of=None)], ignore_index=True)
    survived = survive(_same_kinds(both, records), faults, trust, ASSET)
    rows = survived.golden.rename(columns={"golden_id": "id"})
    by_uprn = rows.dropna(subset="uprn").set_index("uprn")["id"]
    within = rows["parent_uprn"].map(by_uprn[~by_uprn.index.duplicated()]).astype("str")
    rows["parent_id"] = rows["parent_id"].fillna(within.where(within != rows["id"]))
    shared = rows["uprn"].notna() & rows["uprn"].duplicated(keep=False)
    degrees = to_degrees(rows["easting_m"], rows["northing_m"]).round(7)
    rows = rows.assign(**degrees, flags=np.where(shared, "{shared_uprn}", "{}"))
    return Rows(rows, survived.kept)


def people(
    records: pd.DataFrame, contacts: pd.DataFrame, golden: pd.Series[str], golden_asset: pd.Series[str],
    faults: pd.DataFrame, trust: Trust,
) -> Rows:  # fmt: skip
    """The golden people. ``contacts``: record_id, mobile, telephone, email; ``golden`` and ``golden_asset``: golden ids
    by the id of the person's and of the home's record."""
    own = records.assign(golden_id=records["record_id"].map(golden)).dropna(subset="golden_id")
    own = own.assign(asset_id=own["asset_id"].map(golden_asset)).merge(contacts, "left", on="record_id")
    survived = survive(own, faults, trust, PERSON)
    rows = survived.golden.rename(columns={"golden_id": "id"})
    after = rows["death_date"].notna() & rows["birth_date"].notna() & (rows["death_date"] < rows["birth_date"])
    rows = rows.assign(
        death_date=rows["death_date"].mask(after, None), flags=np.where(after, "{died_before_birth}", "{}")
    )
    return Rows(rows, survived.kept)


def households(
    records: pd.DataFrame, members: pd.DataFrame, golden: pd.Series[str], person: pd.Series[str],
    asset: pd.Series[str], trust: Trust,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """The rows of golden_household and golden_member. ``golden``, ``person``, ``asset``: golden ids by record id."""
    own = records.assign(
        golden_id=records["record_id"].map(golden), asset_id=records["asset_id"].map(asset),
        trust=records["system"].map(lambda system: trust.of(system, "")),
    ).dropna(subset="golden_id")  # fmt: skip
    of = members.assign(
        person_id=members["person_id"].map(person), trust=members["system"].map(lambda system: trust.of(system, ""))
    ).dropna(subset="person_id")
    told, time = houses.golden(own, of)
    texts = key_of("golden", "member", "") + time["household_id"] + "\x1f" + time["person_id"]
    ids = stable_ids(pa.array(np.asarray(texts, dtype=object), pa.string())).to_pandas()
    time = _in_order(time.assign(id=np.asarray(ids, dtype=object), flags="{}"))
    return _in_order(told.rename(columns={"golden_id": "id"}).assign(flags="{}")), time


def home(time: pd.DataFrame) -> pd.Series[str]:
    """The golden household that each golden person lives in now, by person: the one that they joined last."""
    now = time[time["end_date"].isna()].assign(since=pd.to_datetime(time["start_date"]))
    last = now.sort_values(["person_id", "since", "household_id"], na_position="first").drop_duplicates(
        "person_id", keep="last"
    )
    found: pd.Series[str] = last.set_index("person_id")["household_id"]
    return found


def confidence(rows: pd.DataFrame, edges: pd.DataFrame, golden: pd.Series[str]) -> pd.DataFrame:
    """The rows with ``confidence``: the probability of the weakest of the ``edges`` (left_id, weight in bits) that hold
    a golden record together; null where none does."""
    weight = edges["weight"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    weakest = pd.Series(weight, edges["left_id"].map(golden).to_numpy()).groupby(level=0).min()
    bits = rows["id"].map(weakest).to_numpy(dtype=float)
    chance = pd.Series(np.minimum(1 / (1 + np.exp2(-bits)), SURE).round(5), rows.index)
    return rows.assign(confidence=chance.where(rows["record_count"] > 1))


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Without an end before its beginning, which two sources may tell between them."""
    start, end = pd.to_datetime(frame["start_date"]), pd.to_datetime(frame["end_date"])
    return frame.assign(start_date=frame["start_date"].mask(end < start, frame["end_date"]))


def _same_kinds(frame: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The frame with whole numbers whole, as they were before rows without them joined it."""
    whole = {name: "Int64" for name in like if isinstance(like[name].dtype, pd.Int64Dtype)}
    return frame.astype(whole)
