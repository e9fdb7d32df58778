"""The housing register's CSV extracts: applications, household members, lettings and bids, in cp1252.

Files have the layouts of their time (see register_layouts). Addresses run over several lines inside quotes.
Whom a record is about: the applicant under the application's reference, the joint applicant under it and "|joint".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.places import one_line
from estate.seeds import stream
from estate.spelling import spelt
from estate.truth import Truth
from estate.world import World
from estate.writers.lines import delimited
from estate.writers.register_dirt import BREAK, soil_applications, soil_lettings, soil_members
from estate.writers.register_layouts import (
    LETTINGS,
    Layout,
    application_files,
    application_layout,
    as_of,
    by_file,
    letting_files,
    letting_layout,
)

SYSTEM = "register"
SOURCES = ("Choice based", "Direct offer", "Transfer")
AREAS = ("North", "Central", "South", "Any area", "North; Central")
NEXT_TOWN, NEXT_TOWN_POSTCODE = "Wexcombe", "WC"
BIDS_A_LETTING = 14
"""How many bid for a home that is advertised, on average."""


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the extracts into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    earlier = _homes(world, world.register.applications, earlier=True)
    applications = soil_applications(_applications(world), earlier, truth, world.seed)
    _write(applications, "applications", application_layout, target, truth)
    _write(soil_members(_members(world), truth, world.seed), "members", lambda _: LETTINGS, target, truth)
    _write(soil_lettings(_lettings(world), truth, world.seed), "lettings", letting_layout, target, truth)
    _write(_bids(world), "bids", lambda _: LETTINGS, target, truth)


def _write(rows: pd.DataFrame, table: str, layout_of: Callable[[str], Layout], target: Path, truth: Truth) -> None:
    """One file for each value of the column ``file``; records that somebody broke are planted by their line."""
    for file, part in by_file(rows):
        layout = layout_of(file)
        sheet = as_of(part, layout)
        inside = sum((column.str.count("\n") for _, column in sheet.items()), start=pd.Series(0, index=sheet.index))
        first_line = inside.add(1).cumsum().shift(fill_value=0) + 2
        broken = sheet.apply(lambda column: column.str.contains(BREAK, regex=False)).any(axis=1)
        truth.plant(SYSTEM, table, "record-broken", "row", unit=file, line=first_line[broken])
        text = delimited(sheet, {}, layout.line_end).replace(BREAK, ",")
        (target / file).write_bytes(text.encode(layout.encoding))


def _applications(world: World) -> pd.DataFrame:
    """Every application with ``file``, ``person_id`` and ``joint_person_id``."""
    own, people, habits = world.register.applications, world.people.people, world.habits[SYSTEM]
    rng, joint = stream(world.seed, SYSTEM, "applications"), own["joint_person_id"]
    who = spelt(people.loc[own["person_id"]], habits, rng)
    who["dob"] = people["dob"].loc[own["person_id"]].to_numpy()  # nobody is put on the register without
    second = spelt(people.loc[joint.clip(lower=0)], habits, rng)
    alone = (joint < 0).to_numpy()
    second = second.assign(
        surname=second["surname"].mask(alone, ""), forename=second["forename"].mask(alone, ""),
        dob=second["dob"].mask(alone),
    )  # fmt: skip
    home = _homes(world, own)
    remarks = np.array(["", "Prefers ground floor", "Awaiting proof of income", "Reviewed by post", "Needs parking"])
    refs = world.places.properties["property_ref"].reindex(own["property_id"]).fillna("").to_numpy()
    return pd.DataFrame(
        {
            "file": application_files(own["applied_date"], pd.Timestamp(world.today)),
            "person_id": own["person_id"], "joint_person_id": joint, "property_id": own["property_id"],
            "household_id": own["household_id"], "uprn": home["uprn"],
            "Application Ref": own["application_ref"], "Title": who["title"], "Surname": who["surname"],
            "Forename": who["forename"], "Date of Birth": who["dob"], "NI Number": who["nino"],
            "Address": home["Address"], "Postcode": home["Postcode"],
            "Home Tel": who["landline"], "Mobile": who["mobile"], "Email": who["email"],
            "Date Applied": own["applied_date"], "Effective Date": own["effective_date"], "Band": own["band"],
            "Points": own["points"].astype("str"), "Reason": own["reason"].replace("none", "").str.capitalize(),
            "Bedrooms": own["bedroom_need"].astype("str"), "Household Size": own["household_size"].astype("str"),
            "Status": own["status"].str.capitalize(),
            "Notes": remarks[rng.choice(5, len(own), p=[0.6, 0.1, 0.1, 0.1, 0.1])],
            "Joint Surname": second["surname"], "Joint Forename": second["forename"],
            "Joint Date of Birth": second["dob"], "Property Ref": refs,
            "Medical": np.where(own["medical"], "Y", "N"), "Areas": rng.choice(AREAS, len(own)),
        }
    )  # fmt: skip


def _homes(world: World, applications: pd.DataFrame, *, earlier: bool = False) -> pd.DataFrame:
    """Where each applicant lives, or lived before: Address on several lines, Postcode, uprn (-1 in no gazetteer).

    Empty where nobody knows.
    """
    known = world.addresses[world.addresses["to_date"].notna() == earlier].drop_duplicates("person_id", keep="last")
    lived = known.set_index("person_id").reindex(applications["person_id"])[["property_id", "private_id"]]
    lived = lived.fillna(-1).astype("int64").reset_index(drop=True)
    council_ids = lived["property_id"] if earlier else applications["property_id"]
    columns = ["unit", "building", "number", "street", "locality", "town", "postcode", "uprn"]
    council = world.places.properties[columns].reindex(council_ids).reset_index(drop=True)
    other = world.private_homes[columns].reindex(lived["private_id"]).reset_index(drop=True)
    uprn = council["uprn"].fillna(other["uprn"]).fillna(-1).astype("int64")
    home = council.fillna(other).drop(columns="uprn").fillna("").astype("str")
    rng = stream(world.seed, SYSTEM, "homes", "before" if earlier else "now")
    away = rng.random(len(home)) < world.habits[SYSTEM].elsewhere
    away &= (council_ids < 0).to_numpy() & (home["street"] != "").to_numpy()
    home, uprn = _elsewhere(home, away, rng), uprn.mask(away, -1)
    return pd.DataFrame(
        {"Address": one_line(home.assign(postcode=""), "\n"), "Postcode": home["postcode"], "uprn": uprn}
    )


def _elsewhere(homes: pd.DataFrame, away: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
    """The homes; those ``away`` stand in a street of that name in another town, or are newer than the gazetteer."""
    new = away & (rng.random(len(homes)) < 0.5) & homes["number"].str.isdecimal().to_numpy()
    far = away & ~new
    number = homes["number"].where(~new, pd.to_numeric(homes["number"].where(new, "0")).add(400).astype("str"))
    postcode = homes["postcode"].where(~far, NEXT_TOWN_POSTCODE + homes["postcode"].str[2:])
    return homes.assign(
        number=number, postcode=postcode, town=homes["town"].where(~far, NEXT_TOWN),
        locality=homes["locality"].where(~far, ""),
    )  # fmt: skip


def _members(world: World) -> pd.DataFrame:
    """Those who are to be housed with the applicants."""
    own, people = world.register.applications, world.people
    inside = people.members.drop_duplicates(["household_id", "person_id"])
    found = own[["application_ref", "household_id", "person_id", "joint_person_id", "applied_date"]].merge(
        inside[["household_id", "person_id", "person_no", "relationship", "end_date"]],
        on="household_id", suffixes=("_applicant", ""),
    )  # fmt: skip
    named = found["person_id"].isin(found["person_id_applicant"]) & (found["person_id"] == found["person_id_applicant"])
    named |= found["person_id"] == found["joint_person_id"]
    found = found[~named & found["end_date"].isna()].reset_index(drop=True)
    who = spelt(people.people.loc[found["person_id"]], world.habits[SYSTEM], stream(world.seed, SYSTEM, "members"))
    return pd.DataFrame(
        {
            "file": "HOUSEHOLD_MEMBERS.csv", "person_id": found["person_id"],
            "Application Ref": found["application_ref"], "Person No": found["person_no"].astype("str"),
            "Surname": who["surname"], "Forename": who["forename"], "Date of Birth": who["dob"],
            "Sex": who["gender"], "Relationship": found["relationship"],
        }
    )  # fmt: skip


def _lettings(world: World) -> pd.DataFrame:
    """The lettings of three years."""
    own = world.register.lettings
    rng = stream(world.seed, SYSTEM, "lettings")
    applications = world.register.applications["application_ref"]
    start = own["start_date"]
    direct = own["application_id"] < 0
    pounds = [(own[name] / 100).map("{:.2f}".format) for name in ("weekly_rent_pence", "service_charge_pence")]
    source = np.where(direct, "Direct offer", rng.choice(SOURCES, len(own), p=[0.7, 0.1, 0.2]))
    return pd.DataFrame(
        {
            "file": letting_files(start), "property_id": own["property_id"], "Letting Ref": own["letting_ref"],
            "Application Ref": applications.reindex(own["application_id"]).fillna("").to_numpy(),
            "Tenancy Ref": world.tenancies.tenancies["tenancy_ref"].loc[own["tenancy_id"]].to_numpy(),
            "Property Ref": world.places.properties["property_ref"].loc[own["property_id"]].to_numpy(),
            "Start Date": start,
            "Void Date": (start - pd.to_timedelta(own["void_days"], unit="D")).where(own["void_days"] > 0),
            "Letting Type": own["letting_type"], "First Let": np.where(own["first_let"], "Y", "N"),
            "Weekly Rent": pounds[0], "Service Charge": pounds[1], "Bedrooms": own["bedrooms"].astype("str"),
            "Household Size": own["household_size"].astype("str"), "Age": own["age"].astype("str"), "Source": source,
        }
    )  # fmt: skip


def _bids(world: World) -> pd.DataFrame:
    """Who bid for the homes that were advertised."""
    own = world.register.lettings
    rng = stream(world.seed, SYSTEM, "bids")
    bids = rng.poisson(BIDS_A_LETTING, len(own))
    of = own.loc[np.repeat(own.index, bids)].reset_index(drop=True)
    refs = world.register.applications["application_ref"].to_numpy()
    when = of["start_date"] - pd.to_timedelta(rng.integers(14, 21, len(of)), unit="D")
    place = of.groupby("letting_id").cumcount() + 1
    return pd.DataFrame(
        {
            "file": "BIDS_" + when.dt.year.astype("str") + ".csv",
            "Bid No": (pd.Series(np.arange(len(of))) + 400_001).astype("str"),
            "Application Ref": refs[rng.integers(len(refs), size=len(of))],
            "Property Ref": world.places.properties["property_ref"].loc[of["property_id"]].to_numpy(),
            "Bid Date": when, "Place": place.astype("str"),
            "Outcome": np.where(place == 1, "Offered", "Not shortlisted"),
        }
    )  # fmt: skip
