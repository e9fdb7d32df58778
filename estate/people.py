"""Who lives there: people of many cultures, their households' members, and who signed each tenancy.

What makes them hard to tell apart is real: twins, a parent and child of one name, shared landlines, married
names, grown children with a tenancy of their own, people who moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.contacts import add_contacts
from estate.names import CULTURES, SHARES, forenames, surnames
from estate.seeds import stream
from estate.tenancies import BOOKS_OPEN, Tenancies

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_YEAR = 365.25
TWINS, NAMESAKES = 0.008, 0.015
"""Shares of people who are a twin, and who are one of a parent and child of one name at one address."""

RELATIONSHIPS = {"HEAD": "Tenant", "PART": "Partner", "CHLD": "Son or daughter", "PRNT": "Parent", "OTHR": "Other"}


@dataclass(frozen=True, eq=False)
class People:
    """People and what binds them. Dates are datetime64[s]; ids are row numbers, -1 is none.

    people   person_id, title, forename, middle_names, surname, previous_surname, gender (F, M), culture,
             dob, dod (NaT alive), nino ('' under 16), landline, mobile, email, ethnicity, religion, disability
             (special category; '' not asked), language, twin_id, namesake_id
    members  household_id, person_id, person_no (1 is the head), relationship (RELATIONSHIPS), responsible,
             start_date, end_date (NaT still there)
    tenants  tenancy_id, person_id, joint (the second to sign), start_date, end_date
    """

    people: pd.DataFrame
    members: pd.DataFrame
    tenants: pd.DataFrame


def build(held: Tenancies, seed: int, today: date) -> People:
    """The people of all households, alive or not, who were there since April 2016."""
    rng = stream(seed, "people")
    now = int(np.datetime64(today, "D").astype("int64"))
    households = _spans(held, now)
    crowd = _crowd(households, now, rng)
    crowd = _grown_children(crowd, households, rng)
    crowd = _twins(crowd, rng)
    persons = crowd.drop_duplicates("person").sort_values("person", ignore_index=True)
    persons = _named(persons, households, rng)
    persons = _dated(persons, crowd, households, now, rng)
    crowd["person_id"] = np.searchsorted(persons["person"].to_numpy(), crowd["person"].to_numpy())
    persons["person_id"] = np.arange(len(persons))
    for name in ("twin", "namesake"):
        known = persons[name].to_numpy()
        position = np.searchsorted(persons["person"].to_numpy(), known)
        persons[f"{name}_id"] = np.where(known >= 0, position, -1)
    people = add_contacts(persons, crowd, stream(seed, "contacts"), now)
    return People(people, _members(crowd, now), _tenants(held, crowd, people))


def _days(dates: pd.Series) -> Ints:
    return dates.to_numpy().astype("datetime64[D]").astype("int64")


def _dates(days: pd.Series | Ints, open_after: int) -> NDArray[np.datetime64]:
    values = np.asarray(days, dtype="int64")
    found = values.astype("datetime64[D]").astype("datetime64[s]")
    found[values > open_after] = np.datetime64("NaT")
    return found


def _spans(held: Tenancies, now: int) -> pd.DataFrame:
    """Households with their first and last day and the days on which the tenancy passed on."""
    households = held.households.copy()
    households["first"] = _days(households["first_start"])
    households["last"] = np.where(
        households["last_end"].isna(), now + 1, _days(households["last_end"].fillna(pd.Timestamp(0)))
    )
    heirs = held.tenancies[held.tenancies["succeeds"] >= 0].sort_values(["household_id", "start_date"])
    turn = heirs.groupby("household_id").cumcount()
    for number in (0, 1):
        days = pd.Series(_days(heirs["start_date"]), heirs["household_id"])[(turn == number).to_numpy()]
        households[f"passed_{number}"] = days.reindex(households.index, fill_value=now + 10**5).to_numpy()
    return households


def _crowd(households: pd.DataFrame, now: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row a member: household, role, born, female, first and last day there; sorted by household."""
    count = len(households)
    first, last = households["first"].to_numpy(), households["last"].to_numpy()
    ref = np.minimum(last, now)
    death, successions = households["death"].to_numpy(), households["successions"].to_numpy()
    born = _heads_born(households, ref, rng)
    small = households["bedrooms"].to_numpy() < 2
    draw = rng.random(count)
    kind = np.select(
        [death | (draw < np.where(small, 0.72, 0.3)), draw < np.where(small, 0.9, 0.42), draw < 0.7, draw < 0.95],
        ["single", "couple", "family", "lone"], "sharers",
    )  # fmt: skip
    by_partner = (successions > 0) & (rng.random(count) < 0.55)
    kind = np.where(successions > 0, np.where(by_partner, "family", "lone"), kind)
    female = rng.random(count) < np.select([kind == "lone", kind == "family"], [0.86, 0.45], 0.5)
    culture = rng.choice(len(CULTURES), count, p=list(SHARES.values()))
    row = np.arange(count)
    parts = [pd.DataFrame({"household_id": row, "role": "HEAD", "born": born, "female": female, "from": first})]
    paired = np.isin(kind, ["couple", "family"])
    partner = (born + rng.normal(0, 4 * _YEAR, count)).astype("int64")
    partner_female = female ^ (rng.random(count) > 0.04)
    joined = first + np.where(rng.random(count) < 0.15, rng.integers(100, 2500, count), 0)
    parts.append(_role("PART", paired, row, partner, partner_female, np.maximum(np.minimum(joined, ref - 30), first)))
    mother = np.where(paired & partner_female & ~female, partner, born)
    with_children = np.isin(kind, ["family", "lone"])
    children = np.where(with_children, 1 + np.minimum(rng.poisson(0.95, count), 4), 0)
    for number in range(5):
        child = (mother + (19 + rng.gamma(3, 3.0, count) + number * 2.4) * _YEAR).astype("int64")
        heir = successions - by_partner > number
        # Whoever takes the tenancy over is of age by then, and lives there.
        passed = np.where(by_partner | (number > 0), households["passed_1"], households["passed_0"])
        child = np.where(heir, np.minimum(child, passed - 19 * _YEAR), child).astype("int64")
        there = ((children > number) & (child <= ref) & (child > first - 17 * _YEAR)) | heir
        part = _role("CHLD", there, row, child, rng.random(count) < 0.49, np.maximum(child, first))
        leaves = child + ((18 + rng.gamma(2, 3, count)) * _YEAR).astype("int64")
        stays = (rng.random(count) < 0.25) | heir
        parts.append(part.assign(until=np.where(stays, last, np.minimum(leaves, last))[there]))
    grown = (rng.random(count) < 0.04) & ~death
    parts.append(_role("PRNT", grown, row, (born - (20 + rng.random(count) * 15) * _YEAR).astype("int64"),
                       rng.random(count) < 0.6, first))  # fmt: skip
    extra = (kind == "sharers") | (rng.random(count) < 0.02) & ~death
    parts.append(_role("OTHR", extra, row, (born + rng.normal(0, 9 * _YEAR, count)).astype("int64"),
                       rng.random(count) < 0.45, first))  # fmt: skip
    crowd = pd.concat(parts, ignore_index=True)
    crowd["until"] = crowd["until"].fillna(pd.Series(last[crowd["household_id"]])).astype("int64")
    oldest = np.minimum(crowd["until"], now) - 101 * _YEAR
    crowd["born"] = crowd["born"].clip(lower=oldest, upper=now - 1).astype("int64")
    adult = crowd["role"].isin(["HEAD", "PART", "OTHR"])
    crowd.loc[adult, "born"] = np.minimum(crowd.loc[adult, "born"], crowd.loc[adult, "from"] - int(18.1 * _YEAR))
    crowd = crowd[(crowd["until"] >= BOOKS_OPEN) & (crowd["until"] >= crowd["from"]) | (crowd["role"] == "HEAD")]
    crowd = crowd.sort_values("household_id", kind="stable", ignore_index=True)
    crowd["single"] = (kind == "single")[crowd["household_id"]]
    crowd["culture"] = culture[crowd["household_id"]]
    crowd["person"] = np.arange(len(crowd))
    return crowd


def _heads_born(households: pd.DataFrame, ref: Ints, rng: np.random.Generator) -> Ints:
    """Birth days of the heads: of age at the start, old enough for their death or succession, under 97."""
    count = len(households)
    age = np.where(households["sheltered"], 62 + rng.gamma(2, 5, count), 19 + rng.gamma(2.0, 8.5, count))
    born = households["first"].to_numpy() - age * _YEAR
    old = ref - (58 + rng.gamma(3, 5, count)) * _YEAR
    born = np.where(households["death"], np.minimum(born, old), born)
    born = np.minimum(born, households["passed_0"].to_numpy() - 44 * _YEAR)
    return np.maximum(born, ref - (97 - rng.random(count) * 12) * _YEAR).astype("int64")


def _role(role: str, there: Bools, row: Ints, born: Ints, female: Bools, since: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"household_id": row[there], "role": role, "born": born[there], "female": female[there], "from": since[there]}
    )


def _grown_children(crowd: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some single heads are the grown child of another household; that is one person in two households."""
    of = households.loc[crowd["household_id"]].reset_index(drop=True)
    alone = crowd["single"] & (crowd["role"] == "HEAD") & of["kind"].isin(["tenant", "applicant"])
    alone &= (of["first"] > BOOKS_OPEN) & ~of["death"] & ~of["sheltered"] & (of["successions"] == 0)
    heads = crowd.loc[alone & (rng.random(len(crowd)) < 0.3), ["person", "from", "household_id"]]
    child = (crowd["role"] == "CHLD") & (of["successions"] == 0)
    children = crowd.loc[child, ["person", "born", "household_id"]].assign(of_age=crowd["born"] + int(18.5 * _YEAR))
    pairs = pd.merge_asof(
        heads.sort_values("from", kind="stable"),
        children.sample(frac=1, random_state=rng).sort_values("of_age", kind="stable"),
        left_on="from", right_on="of_age", tolerance=9 * 365, suffixes=("", "_child"),
    ).dropna(subset="person_child")  # fmt: skip
    pairs = pairs.drop_duplicates("person_child").astype({"person_child": "int64", "household_id_child": "int64"})
    moved = pairs[households["kind"].to_numpy()[pairs["household_id"]] == "tenant"]
    crowd.loc[moved["person_child"], "until"] = np.minimum(
        crowd.loc[moved["person_child"], "until"], np.maximum(moved["from"].to_numpy() - 1, 0)
    )
    crowd.loc[pairs["person"], "home"] = pairs["household_id_child"].to_numpy()
    source = crowd.loc[pairs["person_child"]]
    for name in ("born", "female", "culture", "person"):
        crowd.loc[pairs["person"], name] = source[name].to_numpy()
    return crowd


def _twins(crowd: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    child = (crowd["role"] == "CHLD").to_numpy() & ~crowd["person"].duplicated(keep=False).to_numpy()
    after = np.flatnonzero(
        child[1:] & child[:-1] & (crowd["household_id"].to_numpy()[1:] == crowd["household_id"].to_numpy()[:-1])
    ) + 1  # fmt: skip
    after = after[np.diff(after, prepend=-2) > 1]
    chosen = rng.permutation(after)[: round(len(crowd) * TWINS / 2)]
    crowd["twin"] = -1
    crowd.loc[chosen, ["born", "from", "until"]] = crowd.loc[chosen - 1, ["born", "from", "until"]].to_numpy()
    crowd.loc[chosen, "twin"] = crowd.loc[chosen - 1, "person"].to_numpy()
    crowd.loc[chosen - 1, "twin"] = crowd.loc[chosen, "person"].to_numpy()
    return crowd


def _named(persons: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(persons)
    culture, female = persons["culture"].to_numpy(), persons["female"].to_numpy()
    year = (1970 + persons["born"].to_numpy() / _YEAR).astype("int64")
    first = forenames(rng, culture, female, year)
    clash = (persons["twin"].to_numpy() >= 0) & (first == np.roll(first, 1))
    while clash.any():
        first[clash] = forenames(rng, culture[clash], female[clash], year[clash])
        clash = (persons["twin"].to_numpy() >= 0) & (first == np.roll(first, 1))
    middle = forenames(rng, culture, female, year)
    middle[rng.random(count) < np.where(culture < 3, 0.4, 0.75)] = ""
    shared = surnames(rng, _culture_by_household(persons, len(households)))[persons["household_id"]]
    own = surnames(rng, culture)
    role = persons["role"].to_numpy()
    same = rng.random(count) < np.select([role == "PART", role == "CHLD", role == "PRNT"], [0.62, 0.86, 0.6], 0.1)
    family = np.where((role == "HEAD") | same, shared, own)
    family = _gendered(family, culture, female)
    married = female & np.isin(role, ["PART", "HEAD"]) & (rng.random(count) < np.where(role == "PART", 0.55, 0.2))
    persons["forename"], persons["middle_names"], persons["surname"] = first, middle, family
    persons["previous_surname"] = np.where(married & (own != family), _gendered(own, culture, female), "")
    return _namesakes(persons, rng)


def _culture_by_household(persons: pd.DataFrame, households: int) -> Ints:
    found = np.zeros(households, dtype=np.int64)
    found[persons["household_id"].to_numpy()[::-1]] = persons["culture"].to_numpy()[::-1]
    return found


def _gendered(family: NDArray[np.object_], culture: Ints, female: Bools) -> NDArray[np.object_]:
    """Polish and Punjabi surnames follow the gender."""
    names = pd.Series(family, dtype="str")
    polish, punjabi = culture == CULTURES.index("polish"), culture == CULTURES.index("punjabi")
    names = names.where(~(polish & female), names.str.replace(r"([sc]k|dzk)i$", r"\1a", regex=True))
    names = names.where(~(polish & ~female), names.str.replace(r"([sc]k|dzk)a$", r"\1i", regex=True))
    names = names.where(~(punjabi & female & (names == "Singh").to_numpy()), "Kaur")
    names = names.where(~(punjabi & ~female & (names == "Kaur").to_numpy()), "Singh")
    return names.to_numpy(dtype=object)


def _namesakes(persons: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Gives some children the name of the parent who heads the household, older children first."""
    heads = persons[persons["role"] == "HEAD"].set_index("household_id")
    heads = heads[~heads.index.duplicated()]
    child = persons[(persons["role"] == "CHLD") & (persons["twin"] < 0)]
    parent = heads.reindex(child["household_id"])
    fits = (parent["female"].to_numpy() == child["female"].to_numpy()) & (
        child["born"] - parent["born"].to_numpy() > 16 * _YEAR
    )
    found = child[fits].sample(frac=1, random_state=rng).drop_duplicates("household_id")
    found = found.sort_values("born", kind="stable", key=lambda born: born > 14_000)
    found = found.head(round(len(persons) * NAMESAKES / 2))
    parent = heads.loc[found["household_id"]]
    persons["namesake"] = -1
    persons.loc[found.index, "namesake"] = parent["person"].to_numpy()
    elder = np.searchsorted(persons["person"].to_numpy(), parent["person"].to_numpy())
    persons.loc[elder, "namesake"] = found["person"].to_numpy()
    for name in ("forename", "surname"):
        persons.loc[found.index, name] = parent[name].to_numpy()
    return persons


def _dated(
    persons: pd.DataFrame, crowd: pd.DataFrame, households: pd.DataFrame, now: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Adds dob and dod: a tenancy ended by death or passed on has a death behind it, and some others do."""
    of = households.loc[persons["household_id"]].reset_index(drop=True)
    head = (persons["role"] == "HEAD").to_numpy()
    last = crowd.groupby("person")["until"].max().reindex(persons["person"]).to_numpy()
    died = np.where(of["death"] & head, of["last"] - rng.integers(0, 30, len(of)), now + 10**6)
    died = np.where(head & (of["successions"] > 0), of["passed_0"] - rng.integers(1, 20, len(of)), died)
    old = (persons["born"] < now - 84 * _YEAR).to_numpy() & (last < now) & (rng.random(len(of)) < 0.5)
    died = np.where(old & (died > now), last + rng.integers(20, 700, len(of)), died)
    second = (of["successions"] > 1) & (persons["role"] == "PART")
    died = np.where(second, of["passed_1"] - rng.integers(1, 20, len(of)), died)
    persons["dob"], persons["dod"] = _dates(persons["born"], now), _dates(died, now)
    return persons


def _members(crowd: pd.DataFrame, now: int) -> pd.DataFrame:
    number = crowd.groupby("household_id").cumcount() + 1
    return pd.DataFrame(
        {
            "household_id": crowd["household_id"],
            "person_id": crowd["person_id"],
            "person_no": number,
            "relationship": crowd["role"].astype("str"),
            "responsible": crowd["role"].isin(["HEAD", "PART"]),
            "start_date": _dates(crowd["from"], now),
            "end_date": _dates(crowd["until"], now),
            "parental_home": crowd["home"].fillna(-1).astype("int64"),
        }
    )


def _tenants(held: Tenancies, crowd: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Who signed: the head; after a succession the partner or the eldest child; couples often both."""
    order = held.tenancies.sort_values(["household_id", "start_date"], kind="stable")
    turn = (order["succeeds"] >= 0).groupby(order["household_id"]).cumsum().sort_index().to_numpy()
    family = crowd[crowd["role"].isin(["HEAD", "PART", "CHLD"])]
    line = family.assign(place=family.groupby("household_id").cumcount())
    table = line.pivot(index="household_id", columns="place", values="person_id").reindex(columns=range(3))
    table = table.reindex(range(int(held.households["household_id"].max()) + 1))
    people_in_line = table.ffill(axis=1).to_numpy()
    household = held.tenancies["household_id"].to_numpy()
    lead = people_in_line[household, np.minimum(turn, 2)].astype("int64")
    frame = held.tenancies[["tenancy_id", "start_date", "end_date"]]
    first = frame.assign(person_id=lead, joint=False)
    partner = crowd[crowd["role"] == "PART"].drop_duplicates("household_id").set_index("household_id")
    second = partner["person_id"].reindex(household).to_numpy()
    joined = partner["from"].reindex(household).to_numpy()
    begins = _days(held.tenancies["start_date"])
    both = ~np.isnan(second) & (turn == 0) & (joined <= begins) & (household % 20 < 9)
    both &= (held.tenancies["tenure_code"] != "TGA").to_numpy()
    joint = frame[both].assign(person_id=second[both].astype("int64"), joint=True)
    columns = ["tenancy_id", "person_id", "joint", "start_date", "end_date"]
    both_signed: pd.DataFrame = pd.concat([first[columns], joint[columns]])
    return both_signed.sort_values(["tenancy_id", "joint"], kind="stable", ignore_index=True)
