"""Survivorship: which record's value stands in the golden record, field by field, and what the others had.

Of a golden record's values for a field the one stands whose source is trusted most for that field, less what
faults and abbreviations cost it; of equally trusted ones the newest, then the one of the fullest record, then the
one of the least record id. Nothing depends on the order in which records come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from identity.trust import Trust

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
STEPS = 1_000
"""Trust is compared in thousandths."""

REASONS = (
    "no other record has one",
    "its source is trusted most for it",
    "it is the newest",
    "its record is the fullest",
    "nothing else decides but the order of ids",
    "it agrees with the value that stands",
    "a fault of its field costs it trust",
    "an abbreviation costs it trust",
    "its source is trusted less for it",
    "it is older",
    "its record is less full",
    "all that have one agree",
)
ONLY, MOST, NEWEST, FULLEST, BY_ID, AGREES, FAULTY, THIN, LESS, OLDER, EMPTIER, UNANIMOUS = range(len(REASONS))


@dataclass(frozen=True)
class Field:
    """A field that survives, with those that go with it: an address comes from one record or it is none.

    ``thin`` says which values are worth less than others would be.
    """

    name: str
    together: tuple[str, ...] = ()
    thin: Callable[[pd.Series], Bools] | None = None


@dataclass(frozen=True)
class Survived:
    """``golden``: a row a golden record, with its id, fields and counts of records and systems. ``kept``: every value
    of golden records of several records: golden_id, field, rank (1 stands), value (text), record_id, system, trust,
    reason."""

    golden: pd.DataFrame
    kept: pa.Table


def is_initial(names: pd.Series) -> Bools:
    """True where a name is initials only."""
    return np.asarray(names.str.fullmatch(r"\W*(?:\w\W+)*\w\W*"), dtype=bool)


def is_first_january(days: pd.Series) -> Bools:
    """True where a date is 1 January, as those are of whom only the year is known."""
    dates = pd.to_datetime(days)
    return np.asarray((dates.dt.day == 1) & (dates.dt.month == 1), dtype=bool)


PERSON = (
    Field("title"), Field("forename", thin=is_initial), Field("surname"), Field("full_name"), Field("preferred_name"),
    Field("birth_date", thin=is_first_january), Field("death_date"), Field("is_deceased"), Field("sex_code"),
    Field("national_insurance_number"), Field("nationality"), Field("ethnic_origin"), Field("preferred_language"),
    Field("is_disabled"), Field("has_support_needs"), Field("mobile"), Field("telephone"), Field("email"),
    Field("asset_id"),
)  # fmt: skip
ASSET = (
    Field("asset_type_code"), Field("parent_id"), Field("asset_ref"), Field("name"), Field("uprn"),
    Field("parent_uprn"), Field("usrn"), Field("postcode"),
    Field("address_line_1", ("address_line_2", "address_line_3", "address_line_4")),
    Field("easting_m", ("northing_m",)), Field("ownership_code"), Field("bedrooms"),
    Field("storeys"), Field("floor_level"), Field("floor_area_m2"), Field("built_year"),
    Field("occupancy_status_code"), Field("is_active"),
)  # fmt: skip
FIELDS: Mapping[str, Sequence[Field]] = {"person": PERSON, "asset": ASSET}


def names(fields: Sequence[Field]) -> list[str]:
    """The names of all fields, those that go with another among them."""
    return [name for field in fields for name in (field.name, *field.together)]


def survive(records: pd.DataFrame, faults: pd.DataFrame, trust: Trust, fields: Sequence[Field]) -> Survived:
    """The golden records of ``records`` and what was kept of them.

    ``records``: record_id, golden_id, system, as_of (day from which the record speaks, may be missing), and the
    fields. ``faults``: record_id, field, severity of the issues that stand against canonical fields.
    """
    ordered, golden = _ordered(records, names(fields))
    group = _Group(ordered, golden)
    lost = _costs(ordered, faults, trust)
    found: dict[str, pd.Series] = {}
    kept: list[pa.Table] = []
    for field in fields:
        column = ordered[field.name]
        rows = np.flatnonzero(column.notna().to_numpy())
        judged = _judge(ordered, group, rows, field, trust, lost.get(field.name))
        for name in (field.name, *field.together):
            values = ordered[name].take(judged.winner)
            found[name] = values.set_axis(judged.golden).reindex(range(len(golden)))
            kept.append(judged.kept(ordered, group, name))
    counts = {
        "record_count": np.bincount(group.code, minlength=len(golden)),
        "system_count": _distinct(group.code, pd.factorize(ordered["system"])[0], len(golden)),
    }
    frame = pd.DataFrame({"golden_id": golden, **found, **counts}).reset_index(drop=True)
    return Survived(frame, pa.concat_tables(kept))


def _ordered(records: pd.DataFrame, fields: Sequence[str]) -> tuple[pd.DataFrame, pd.Index[Any]]:
    """The records by golden id, newest first, then fullest, then by id; and the golden ids in order."""
    filled = records[list(fields)].notna().sum(axis=1).to_numpy()
    age = -pd.to_datetime(records["as_of"]).astype("datetime64[s]").astype("int64").to_numpy()
    age[records["as_of"].isna().to_numpy()] = np.iinfo(np.int64).max
    code, golden = pd.factorize(records["golden_id"], sort=True)
    by_id = np.argsort(np.argsort(np.asarray(records["record_id"], dtype=object), kind="stable"), kind="stable")
    order = np.lexsort((by_id, -filled, age, code))
    ordered = records.take(order).reset_index(drop=True)
    return ordered.assign(_code=code[order], _age=age[order], _filled=filled[order]), pd.Index(golden)


class _Group:
    """What every field needs of the ordered records: golden record, size of it, texts as dictionaries."""

    def __init__(self, ordered: pd.DataFrame, golden: pd.Index[Any]) -> None:
        self.code: Ints = ordered["_code"].to_numpy()
        self.several: Bools = (np.bincount(self.code, minlength=len(golden)) > 1)[self.code]
        self.golden = pa.array(golden, pa.string())
        self.record = pa.array(ordered["record_id"], pa.string())
        self.system_code, systems = pd.factorize(ordered["system"], sort=True)
        self.systems = [str(name) for name in systems]


@dataclass(frozen=True)
class _Judged:
    """The rows that have a value for a field, in the order of its trust; where each golden record's begin."""

    rows: Ints
    first: Bools
    rank: Ints
    trust: Ints
    reason: Ints
    golden: Ints

    @property
    def winner(self) -> Ints:
        return self.rows[self.first]

    def kept(self, ordered: pd.DataFrame, group: _Group, name: str) -> pa.Table:
        """What golden records of several records have for the field, in order."""
        at = np.flatnonzero(group.several[self.rows])
        rows = self.rows[at]
        values = pa.array(ordered[name].take(rows), from_pandas=True)
        return pa.table(
            {
                "golden_id": _listed(group.code[rows], group.golden),
                "field": _listed(np.zeros(len(rows), np.int32), [name]),
                "rank": pa.array(self.rank[at], pa.int32()),
                "value": _text(values),
                "record_id": _listed(rows, group.record),
                "system": _listed(group.system_code[rows], group.systems),
                "trust": pa.array(self.trust[at] / STEPS, pa.float64()),
                "reason": _listed(self.reason[at], REASONS),
            }
        )


def _judge(ordered: pd.DataFrame, group: _Group, rows: Ints, field: Field, trust: Trust, lost: Ints | None) -> _Judged:
    """The rows by golden record and trust; they come newest first, then fullest, then by id, and stay so."""
    declared = np.array([round(trust.of(system, field.name) * STEPS) for system in group.systems], dtype=np.int64)
    costs = np.zeros(len(rows), np.int64) if lost is None else lost[rows]
    thin = field.thin(ordered[field.name].take(rows)) if field.thin and len(rows) else np.zeros(len(rows), bool)
    left = declared[group.system_code[rows]] - costs - thin * round(trust.costs["thin"] * STEPS)
    left = np.maximum(left, 0)
    order = np.argsort(group.code[rows] * (STEPS + 1) + (STEPS - left), kind="stable")
    rows, left, costs, thin = rows[order], left[order], costs[order], thin[order]
    code = group.code[rows]
    first = np.r_[True, code[1:] != code[:-1]] if len(rows) else np.zeros(0, bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    rank = np.arange(len(rows)) - start + 1
    reason = _reasons(ordered, field, rows, start, left, costs, thin)
    return _Judged(rows, first, rank, left, reason, code[first])


def _reasons(
    ordered: pd.DataFrame, field: Field, rows: Ints, start: Ints, left: Ints, costs: Ints, thin: Bools
) -> Ints:
    """Why each row stands where it does: losers beside the winner, winners beside the first that says otherwise."""
    if not len(rows):
        return np.zeros(0, np.int64)
    value = pd.factorize(ordered[field.name].take(rows))[0]
    age, filled = ordered["_age"].to_numpy()[rows], ordered["_filled"].to_numpy()[rows]
    winner = start
    wins = winner == np.arange(len(rows))
    loses = np.select(
        [value == value[winner], (left < left[winner]) & (costs > 0), (left < left[winner]) & thin,
         left < left[winner], age > age[winner], filled < filled[winner]],
        [AGREES, FAULTY, THIN, LESS, OLDER, EMPTIER], BY_ID,
    )  # fmt: skip
    other = np.full(len(rows), -1)
    against = np.flatnonzero(~wins & (value != value[winner]))[::-1]
    other[winner[against]] = against  # the last one written is the first in order
    alone = np.r_[wins[1:], True] & wins
    beside = np.where(other < 0, winner, other)
    stands = np.select(
        [alone, other < 0, left > left[beside], age < age[beside], filled > filled[beside]],
        [ONLY, UNANIMOUS, MOST, NEWEST, FULLEST], BY_ID,
    )  # fmt: skip
    found: Ints = np.where(wins, stands, loses)
    return found


def _costs(ordered: pd.DataFrame, faults: pd.DataFrame, trust: Trust) -> dict[str, Ints]:
    """By field, what standing issues take from each record's trust, in thousandths; the worst issue counts."""
    if not len(faults):
        return {}
    at = pd.Series(np.arange(len(ordered)), ordered["record_id"].to_numpy())
    hit = faults[faults["record_id"].isin(at.index)]
    price = hit["severity"].map(trust.costs).fillna(0.0).mul(STEPS).round().astype("int64")
    found = {}
    for field, group in hit.assign(price=price).groupby("field"):
        lost = np.zeros(len(ordered), np.int64)
        np.maximum.at(lost, at[group["record_id"]].to_numpy(), group["price"].to_numpy())
        found[str(field)] = lost
    return found


def _distinct(code: Ints, value: Ints, groups: int) -> Ints:
    """How many different values each group has."""
    pairs = np.unique(code * (int(value.max(initial=0)) + 1) + value)
    found: Ints = np.bincount(pairs // (int(value.max(initial=0)) + 1), minlength=groups)
    return found


def _listed(codes: Ints, texts: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


def _text(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return pc.cast(whole, pa.string())
