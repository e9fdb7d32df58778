"""The housing register: who waits for a home, and who was let one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

BANDS = ("A", "B", "C", "D")
STATUSES = ("live", "housed", "suspended", "cancelled")
_LETTING_YEARS = 3


@dataclass(frozen=True, eq=False)
class Register:
    """Ids are row numbers, -1 is none; dates datetime64[s]; money int64 pence.

    applications  application_id, application_ref, household_id, person_id (applicant), joint_person_id,
                  applied_date, effective_date, band (BANDS), points, bedroom_need, household_size, status
                  (STATUSES), reason (of need), property_id (today's home, -1 private), medical (bool)
    lettings      letting_id, letting_ref, tenancy_id, property_id, application_id (-1 direct), person_id,
                  start_date, letting_type (GN, SH), first_let (bool), weekly_rent_pence, service_charge_pence,
                  bedrooms, household_size, age, void_days
    """

    applications: pd.DataFrame
    lettings: pd.DataFrame


def build(world: World) -> Register:
    """Live applicants (a third are tenants who want to move) and the applications behind three years' lettings."""
    rng = stream(world.seed, "register")
    lettings = _lettings(world)
    applications = _applications(world, lettings, rng)
    housed = applications[applications["tenancy_id"] >= 0]
    by_tenancy = pd.Series(housed["application_id"].to_numpy(), housed["tenancy_id"])
    lettings["application_id"] = by_tenancy.reindex(lettings["tenancy_id"]).fillna(-1).to_numpy().astype("int64")
    return Register(applications.drop(columns="tenancy_id"), lettings)


def _lead(world: World) -> pd.Series:
    tenants = world.people.tenants
    return tenants.loc[~tenants["joint"]].set_index("tenancy_id")["person_id"]


def _sizes(world: World) -> pd.Series:
    """People a household, as they stand now or stood at its end."""
    members = world.people.members
    return members.groupby("household_id").size()


def _lettings(world: World) -> pd.DataFrame:
    held, properties = world.tenancies.tenancies, world.places.properties
    since = np.datetime64(world.today, "s") - np.timedelta64(_LETTING_YEARS * 365, "D")
    let = held[(held["start_date"] >= since) & held["tenure_code"].isin(["SEC", "INT", "NON"]) & (held["succeeds"] < 0)]
    let = let.sort_values(["start_date", "tenancy_id"], ignore_index=True)
    count, home = len(let), properties.loc[let["property_id"]].reset_index(drop=True)
    person = _lead(world).loc[let["tenancy_id"]].to_numpy()
    people = world.people.people
    age = (let["start_date"] - people["dob"].to_numpy()[person]).dt.days // 365
    rent = world.accounts[world.accounts["account_class"].isin(["rent", "former"])].set_index("tenancy_id")
    rent = rent.loc[let["tenancy_id"]]
    voids = world.tenancies.voids.dropna(subset="end_date").copy()
    voids["start_date_next"] = voids["end_date"] + pd.Timedelta(days=1)
    days = (voids["end_date"] - voids["start_date"]).dt.days + 1
    empty = pd.Series(days.to_numpy(), pd.MultiIndex.from_frame(voids[["property_id", "start_date_next"]]))
    empty = empty[~empty.index.duplicated()]
    key = pd.MultiIndex.from_frame(let[["property_id", "start_date"]])
    return pd.DataFrame(
        {
            "letting_id": np.arange(count), "letting_ref": pd.Series(np.arange(count) + 80_001).astype("str"),
            "tenancy_id": let["tenancy_id"], "property_id": let["property_id"], "application_id": -1,
            "person_id": person, "start_date": let["start_date"],
            "letting_type": np.where(home["sheltered"], "SH", "GN"), "first_let": let["sequence"] == 1,
            "weekly_rent_pence": (rent["DBR"] + rent["DTA"]).to_numpy(), "service_charge_pence": rent["DSC"].to_numpy(),
            "bedrooms": home["bedrooms"],
            "household_size": _sizes(world).loc[let["household_id"]].to_numpy(),
            "age": age,
            "void_days": empty.reindex(key).fillna(0).to_numpy().astype("int64"),
        }
    )  # fmt: skip


def _applications(world: World, lettings: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    held, households = world.tenancies.tenancies, world.tenancies.households
    people = world.people
    heads = people.members[people.members["person_no"] == 1].set_index("household_id")["person_id"]
    waiting = households[households["kind"] == "applicant"]
    today = np.datetime64(world.today, "D")
    first = pd.DataFrame(
        {
            "household_id": waiting["household_id"], "person_id": heads.loc[waiting["household_id"]].to_numpy(),
            "applied": waiting["first_start"].to_numpy().astype("datetime64[D]"), "property_id": waiting["property_id"],
            "status": rng.choice(["live", "suspended", "cancelled"], len(waiting), p=[0.82, 0.06, 0.12]),
            "tenancy_id": -1,
        }
    )  # fmt: skip
    current = held[held["end_date"].isna() & held["tenure_code"].isin(["SEC", "INT", "NON"])]
    movers = current[rng.random(len(current)) < 0.09]
    second = pd.DataFrame(
        {
            "household_id": movers["household_id"], "person_id": _lead(world).loc[movers["tenancy_id"]].to_numpy(),
            "applied": today - rng.integers(10, 2_500, len(movers)), "property_id": movers["property_id"],
            "status": "live", "tenancy_id": -1,
        }
    )  # fmt: skip
    through = lettings[rng.random(len(lettings)) < 0.88]
    of = held.loc[through["tenancy_id"]]
    before = np.where(of["follows"] >= 0, held["property_id"].to_numpy()[of["follows"]], -1)
    third = pd.DataFrame(
        {
            "household_id": of["household_id"].to_numpy(), "person_id": through["person_id"].to_numpy(),
            "applied": through["start_date"].to_numpy().astype("datetime64[D]") - rng.integers(30, 2_200, len(of)),
            "property_id": before, "status": "housed", "tenancy_id": through["tenancy_id"].to_numpy(),
        }
    )  # fmt: skip
    frame = pd.concat([first, second, third]).sort_values(["applied", "person_id"], kind="stable", ignore_index=True)
    count = len(frame)
    size = _sizes(world).loc[frame["household_id"]].to_numpy()
    partner = people.members[people.members["relationship"] == "PART"].drop_duplicates("household_id")
    joint = pd.Series(partner["person_id"].to_numpy(), partner["household_id"]).reindex(frame["household_id"])
    applied = frame.pop("applied").to_numpy().astype("datetime64[D]")
    band = rng.choice(BANDS, count, p=[0.08, 0.27, 0.4, 0.25])
    effective = np.minimum(applied + np.where(rng.random(count) < 0.3, rng.integers(1, 700, count), 0), today)
    need = np.clip((size + 1) // 2, 1, 5)
    frame.insert(0, "application_id", np.arange(count))
    frame.insert(1, "application_ref", "HR" + pd.Series(np.arange(count) + 250_001).astype("str"))
    frame["joint_person_id"] = joint.fillna(-1).to_numpy().astype("int64")
    frame.loc[frame["joint_person_id"] == frame["person_id"], "joint_person_id"] = -1
    frame["applied_date"], frame["effective_date"] = applied.astype("datetime64[s]"), effective.astype("datetime64[s]")
    frame["band"], frame["points"] = (
        band,
        (500 - 110 * pd.Series(band).map(BANDS.index) + rng.integers(0, 100, count)).to_numpy(),
    )
    frame["bedroom_need"], frame["household_size"] = need, size
    frame["reason"] = rng.choice(["overcrowded", "medical", "homeless", "under-occupying", "none"], count)
    frame["medical"] = frame["reason"].eq("medical") | (rng.random(count) < 0.05)
    return frame
