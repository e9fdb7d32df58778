"""A crowd at scale: person records of seven systems as the hub gathers them, and apart from them who is who.

Names, numbers and dirt are the made-up council's own (``estate``); homes and households are only keys here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.identity.truth import pairs
from estate.contacts import add_contacts
from estate.dirt import RATES, SPOILERS, swappable
from estate.names import CULTURES, SHARES, forenames, surnames
from estate.people import NAMESAKES, TWINS
from estate.seeds import stream
from identity.ids import stable_ids

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_YEAR = 365.25
_NOW = int(np.datetime64("2026-09-28", "D").astype("int64"))


@dataclass(frozen=True)
class Habits:
    """What a system keeps: shares of the adults and children it knows, and of its records that state each thing."""

    table: str
    adults: float
    children: float
    birth_date: float
    nino: float
    initials: float
    middle_names: float
    phone: float
    email: float
    undivided: bool = False
    households: bool = False


SYSTEMS = {
    "tenancy": Habits("member", 0.95, 0.92, 0.82, 0.66, 0.04, 0.5, 0.6, 0.4, households=True),
    "rents": Habits("accounts", 0.78, 0.0, 0.45, 0.5, 0.35, 0.2, 0.0, 0.0, undivided=True),
    "register": Habits("applications", 0.62, 0.65, 0.92, 0.72, 0.02, 0.6, 0.8, 0.6, households=True),
    "works": Habits("rmreqst", 0.7, 0.0, 0.35, 0.12, 0.15, 0.0, 0.8, 0.1, undivided=True),
    "contractor": Habits("orders", 0.4, 0.0, 0.2, 0.0, 0.3, 0.0, 0.85, 0.0, undivided=True),
    "stock": Habits("leaseholders", 0.2, 0.0, 0.3, 0.1, 0.1, 0.3, 0.4, 0.5),
    "licensing": Habits("licences", 0.12, 0.0, 0.4, 0.1, 0.0, 0.4, 0.3, 0.6),
}
"""Over all their records the birth date is missing for about 40 %, the NI number for about 60 %."""

SPOILT = (
    ("name-misspelt", "surname"), ("name-misspelt", "forename"), ("wrong-code-page", "surname"),
    ("double-spaces", "forename"), ("dob-swapped", "birth_date"), ("dob-first-january", "birth_date"),
    ("nino-shape", "nino"), ("nino-transposed", "nino"), ("phone-invalid", "mobile"), ("email-invalid", "email"),
    ("postcode-invalid", "postcode"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Crowd:
    """``raw``: the records as ``identity.people.clean`` takes them. ``truth``: record_id, person_id and the
    household. ``twins`` and ``namesakes``: pairs of people, left and right."""

    raw: pa.Table
    truth: pd.DataFrame
    twins: pd.DataFrame
    namesakes: pd.DataFrame


def crowd(records: int, seed: int) -> Crowd:
    """That many records of about 3.4 a person, in an order that does not say whose they are."""
    people = _people(round(records / 3.1), stream(seed, "crowd"))
    known = pd.concat([_known(people, name, stream(seed, "crowd", name)) for name in SYSTEMS], ignore_index=True)
    if len(known) < records:
        raise ValueError(f"{len(people)} people have {len(known)} records, fewer than {records}")
    order = np.argsort(known["person_id"].to_numpy(), kind="stable")[:records]
    known = known.take(stream(seed, "crowd", "order").permutation(order)).reset_index(drop=True)
    keys = known["system"] + "|" + known["source_table"] + "|" + known.index.astype("str")
    ids = stable_ids(pa.array(keys, pa.string()))
    truth = known[["person_id", "household"]].assign(record_id=ids.to_pylist())
    there = people[people["person_id"].isin(truth["person_id"])]
    return Crowd(_raw(known, ids), truth, _pairs(there, "twin_id"), _pairs(there, "namesake_id"))


def _people(about: int, rng: np.random.Generator) -> pd.DataFrame:
    """Single people, couples, families and lone parents, with their homes, in the order of households."""
    households = round(about / 2.25)
    kind = rng.choice(["single", "couple", "family", "lone"], households, p=[0.36, 0.2, 0.26, 0.18])
    row = np.arange(households)
    female = rng.random(households) < np.where(kind == "lone", 0.86, 0.48)
    age = 19 + rng.gamma(2.2, 12, households)
    born = _NOW - np.minimum(age, 99) * _YEAR
    parts = [pd.DataFrame({"household_id": row, "role": "HEAD", "born": born, "female": female})]
    pair = np.isin(kind, ["couple", "family"])
    partner = np.minimum(born + rng.normal(0, 4 * _YEAR, households), _NOW - 18 * _YEAR)
    parts.append(_role("PART", pair, row, partner, female ^ (rng.random(households) > 0.04)))
    children = np.where(np.isin(kind, ["family", "lone"]), 1 + np.minimum(rng.poisson(0.95, households), 4), 0)
    for number in range(5):
        child = born + (19 + rng.gamma(3, 3.0, households) + number * 2.4) * _YEAR
        parts.append(_role("CHLD", (children > number) & (child < _NOW), row, child, rng.random(households) < 0.49))
    people = pd.concat(parts, ignore_index=True).sort_values("household_id", kind="stable", ignore_index=True)
    people["born"] = people["born"].astype("int64")
    people["culture"] = rng.choice(len(CULTURES), households, p=list(SHARES.values()))[people["household_id"]]
    people["person_id"] = np.arange(len(people))
    people = _named(_twins(people, rng), households, rng)
    days = people["born"].to_numpy()
    dies = (days < _NOW - 60 * _YEAR) & (rng.random(len(people)) < 0.06)
    dead = np.where(dies, _NOW - rng.integers(30, 3_000, len(people)), np.iinfo(np.int64).min)
    people["dob"], people["dod"] = _dates(days), _dates(dead)
    contacts = add_contacts(people, people, rng, _NOW).drop(columns="person_id")
    homes = rng.permutation(round(households * 1.15))
    moved = rng.random(households) < 0.15
    return pd.concat([people[["person_id", "household_id", "role", "born"]], contacts], axis=1).assign(
        home=homes[people["household_id"]],
        old_home=np.where(moved, rng.integers(len(homes), size=households), -1)[people["household_id"]],
    )


def _role(role: str, there: Bools, row: Ints, born: Any, female: Bools) -> pd.DataFrame:
    return pd.DataFrame({"household_id": row[there], "role": role, "born": born[there], "female": female[there]})


def _dates(days: Any) -> NDArray[np.datetime64]:
    found: NDArray[np.datetime64] = np.asarray(days, dtype="int64").astype("datetime64[D]").astype("datetime64[s]")
    return found


def _twins(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The people with some neighbouring children of a household born on one day."""
    household, child = people["household_id"].to_numpy(), (people["role"] == "CHLD").to_numpy()
    after = np.flatnonzero(child[1:] & child[:-1] & (household[1:] == household[:-1])) + 1
    after = after[np.diff(after, prepend=-2) > 1]
    chosen = rng.permutation(after)[: round(len(people) * TWINS / 2)]
    born, twin = people["born"].to_numpy().copy(), np.full(len(people), -1)
    born[chosen] = born[chosen - 1]
    twin[chosen], twin[chosen - 1] = chosen - 1, chosen
    return people.assign(born=born, twin_id=twin)


def _named(people: pd.DataFrame, households: int, rng: np.random.Generator) -> pd.DataFrame:
    """The people with names: most of a household share a surname, a few children have a parent's whole name."""
    count = len(people)
    culture, female, role = people["culture"].to_numpy(), people["female"].to_numpy(), people["role"].to_numpy()
    year = (1970 + people["born"].to_numpy() / _YEAR).astype("int64")
    first = forenames(rng, culture, female, year)
    twin = people["twin_id"].to_numpy()
    while (clash := (twin >= 0) & (first == first[twin]) & (twin < np.arange(count))).any():
        first[clash] = forenames(rng, culture[clash], female[clash], year[clash])
    middle = forenames(rng, culture, female, year)
    middle[rng.random(count) < np.where(culture < 3, 0.4, 0.75)] = ""
    of_household = np.zeros(households, dtype=np.int64)
    of_household[people["household_id"].to_numpy()] = culture
    shared, own = surnames(rng, of_household)[people["household_id"]], surnames(rng, culture)
    keeps = rng.random(count) < np.select([role == "HEAD", role == "CHLD"], [1.0, 0.86], 0.62)
    family = np.where(keeps, shared, own)
    married = female & (role != "CHLD") & (rng.random(count) < 0.35) & (own != family)
    named = people.assign(
        forename=first, middle_names=middle, surname=family, previous_surname=np.where(married, own, "")
    )
    return _namesakes(named, rng)


def _namesakes(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The people with some children named wholly as the head of their household."""
    head = people.index[people["role"] == "HEAD"].to_numpy()[people["household_id"].to_numpy()]
    born, female = people["born"].to_numpy(), people["female"].to_numpy()
    fits = (people["role"] == "CHLD").to_numpy() & (female == female[head]) & (born - born[head] > 16 * _YEAR)
    fits &= people["twin_id"].to_numpy() < 0
    found = people[fits].sample(frac=1, random_state=rng).drop_duplicates("household_id").index.to_numpy()
    found = found[: round(len(people) * NAMESAKES / 2)]
    namesake = np.full(len(people), -1)
    namesake[found], namesake[head[found]] = head[found], found
    for name in ("forename", "surname"):
        values = people[name].to_numpy(dtype=object, copy=True)
        values[found] = values[head[found]]
        people[name] = values
    return people.assign(namesake_id=namesake)


def _pairs(people: pd.DataFrame, other: str) -> pd.DataFrame:
    """Each pair once, both of whom have records."""
    found = pairs(people, other)
    return found[found["right"].isin(people["person_id"])].reset_index(drop=True)


def _known(people: pd.DataFrame, system: str, rng: np.random.Generator) -> pd.DataFrame:
    """A system's records: whom it knows, some of them twice, and what it states of each."""
    habits = SYSTEMS[system]
    adult = (people["born"] < _NOW - 16 * _YEAR).to_numpy()
    there = np.flatnonzero(rng.random(len(people)) < np.where(adult, habits.adults, habits.children))
    twice = rng.choice(there, round(len(there) * RATES["duplicate-person"].rate), replace=False)
    found = people.take(np.concatenate([there, twice])).reset_index(drop=True)
    count = len(found)

    def stated(share: float) -> Bools:
        return rng.random(count) < share

    former = (found["previous_surname"] != "").to_numpy()
    uses_former = former & stated(0.08)
    short = stated(habits.initials)
    middle = found["middle_names"].where(stated(habits.middle_names), "")
    given = found["forename"] + (" " + middle).where(middle != "", "")
    moved = (found["old_home"] >= 0).to_numpy()
    old = stated(RATES["old-address"].rate) | moved & stated(0.15)
    home = np.where(old & moved, found["old_home"], found["home"])
    died = found["dod"].notna().to_numpy()
    last_seen = pd.Series(_dates(_NOW - rng.integers(0, 2_500, count)))
    missing = pd.Series(pd.NaT, index=found.index)
    frame = pd.DataFrame(
        {
            "person_id": found["person_id"], "household": found["household_id"],
            "system": system, "source_table": habits.table, "first_run_id": 1,
            "household_id": f"{system}|" + found["household_id"].astype("str") if habits.households else "",
            "title": found["title"].where(stated(0.75), ""),
            "forename": np.where(short, found["forename"].str[:1], given),
            "surname": found["surname"].where(~uses_former, found["previous_surname"]),
            "other_surname": found["previous_surname"].where(~uses_former & stated(0.3 * habits.households), ""),
            "birth_date": found["dob"].where(stated(habits.birth_date), missing),
            "death_date": found["dod"].where(stated(0.6 * habits.households), missing),
            "active_date": last_seen.where(~died, np.minimum(last_seen, found["dod"].fillna(last_seen))),
            "sex": found["gender"].where(stated(0.9 * habits.households), ""),
            "nino": found["nino"].where(stated(habits.nino), ""),
            "mobile": found["mobile"].where(stated(habits.phone), ""),
            "landline": found["landline"].where(stated(0.6 * habits.phone), ""),
            "email": found["email"].where(stated(habits.email), ""),
            "home": np.where(stated(0.96), "home " + pd.Series(home).astype("str"), ""),
            "postcode": "DN" + pd.Series(home // 6_000 % 90 + 1).astype("str") + " " + _inward(home // 15),
        }
    )  # fmt: skip
    frame.loc[frame["home"] == "", "postcode"] = ""
    for kind, column in SPOILT:
        _spoil(frame, kind, column, rng)
    if not habits.undivided:
        return frame.assign(full_name="")
    whole = (frame["title"] + " " + frame["forename"] + " " + frame["surname"]).str.strip()
    return frame.assign(full_name=whole, title="", forename="", surname="")


def _inward(number: Any) -> pd.Series:
    """The second half of a postcode for each number."""
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), dtype=object)
    pair = letters[number % 20] + letters[number // 20 % 20]
    found: pd.Series = pd.Series(number // 400 % 10).astype("str") + pair
    return found


def _spoil(frame: pd.DataFrame, kind: str, column: str, rng: np.random.Generator) -> None:
    """Spoils the column at the kind's rate, where there is a value that can be spoilt so."""
    values = frame[column]
    there = values.notna() & (values != "")
    if kind == "dob-swapped":
        there &= swappable(values)
    chosen = np.flatnonzero(there.to_numpy() & (rng.random(len(frame)) < RATES[kind].rate))
    if len(chosen):
        frame.loc[chosen, column] = SPOILERS[kind](values.take(chosen), rng)


def _raw(known: pd.DataFrame, ids: pa.Array) -> pa.Table:
    """The records with null for what is not stated, days as dates, phones and emails as lists."""
    texts = {
        name: pa.array(known[name].where(known[name] != "", None), pa.string())
        for name in ("household_id", "title", "forename", "surname", "full_name", "other_surname", "home", "postcode")
    }
    days = {name: pa.array(known[name]).cast(pa.timestamp("s")).cast(pa.date32())
            for name in ("birth_date", "death_date", "active_date")}  # fmt: skip
    sexes = known["sex"].map({"F": "female", "M": "male"})
    return pa.table(
        {
            "record_id": ids,
            "system": pa.array(known["system"], pa.string()),
            "source_table": pa.array(known["source_table"], pa.string()),
            "first_run_id": pa.array(known["first_run_id"], pa.int64()), **texts, **days,
            "sex_code": pa.array(sexes, pa.string(), from_pandas=True),
            "national_insurance_number": pa.array(known["nino"].where(known["nino"] != "", None), pa.string()),
            "phones": _lists(known[["mobile", "landline"]]), "emails": _lists(known[["email"]]),
        }
    )  # fmt: skip


def _lists(columns: pd.DataFrame) -> pa.ListArray:
    """One list a row of the texts that are not empty."""
    there = (columns != "").to_numpy()
    offsets = np.concatenate([[0], there.sum(axis=1).cumsum()])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(columns.to_numpy()[there], pa.string()))
