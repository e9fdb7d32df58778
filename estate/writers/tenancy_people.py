"""The housing management system's people: households, their members, parties to tenancies, contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate.dirt import initials, pick
from estate.places import one_line
from estate.seeds import stream
from estate.spelling import spelt
from estate.world import World
from estate.writers.tenancy_refs import house_refs

SYSTEM = "tenancy"
RELATIONSHIP = {"HEAD": "T", "PART": "P", "CHLD": "C", "PRNT": "G", "OTHR": "O"}


def households(world: World) -> pd.DataFrame:
    """The househ table: the households of tenants and leaseholders."""
    found = world.tenancies.households
    found = found[found["kind"] != "applicant"].reset_index(drop=True)
    rng = stream(world.seed, SYSTEM, "households")
    count, people = len(found), world.people
    inside = people.members[people.members["household_id"] < count]
    heads = inside.drop_duplicates("household_id").set_index("household_id")["person_id"]
    head = people.people.loc[heads.reindex(found["household_id"])].reset_index(drop=True)
    size = inside.groupby("household_id").size().reindex(found["household_id"]).to_numpy()
    signed = world.tenancies.tenancies[["tenancy_id", "household_id"]].merge(
        people.tenants.loc[people.tenants["joint"], ["tenancy_id"]]
    )
    places = world.places.properties["property_ref"].reindex(found["property_id"]).fillna("").to_numpy()
    doctors = np.array(["Dr Patel", "Dr Green", "Kelborough Health Ctr", ""], dtype=object)
    return pd.DataFrame(
        {
            "household_id": found["household_id"], "house_ref": house_refs(found["household_id"]), "prop_ref": places,
            "house_desc": (head["title"] + " " + initials(head["forename"]) + " " + head["surname"]).str.strip(),
            "house_size": np.minimum(size, 99), "eff_date": found["first_start"], "fin_date": found["last_end"],
            "joint_ten": found["household_id"].isin(signed["household_id"]),
            "vulnerable": found["sheltered"] & (rng.random(count) < 0.5),
            "doctor": pd.Series(doctors[rng.integers(4, size=count)], dtype="str").str[:20], "doctel": "",
            "email_password": "", "h_visit_pw": np.where(rng.random(count) < 0.04, "BLUEBELL", ""),
            "househ_sid": np.arange(1, count + 1),
        }
    )  # fmt: skip


def members(world: World) -> pd.DataFrame:
    """The member table with, besides, ``person_id``, ``free`` (no other table speaks of the row), ``adult``."""
    rng = stream(world.seed, SYSTEM, "members")
    kinds = world.tenancies.households["kind"]
    of = world.people.members
    of = of[(kinds != "applicant").to_numpy()[of["household_id"]]].reset_index(drop=True)
    of = pd.concat([of, _second_records(of, rng)], ignore_index=True)
    true = world.people.people.loc[of["person_id"]].reset_index(drop=True)
    who = spelt(true, world.habits[SYSTEM], rng)
    second = of["second"].fillna(False).astype(bool)
    today = pd.Timestamp(world.today)
    adult = true["dob"] < today - pd.Timedelta(16 * 365, "D")
    forename = who["forename"].where(~second, initials(who["forename"]))
    dob, nino = who["dob"].mask(second), who["nino"]
    until = who["dod"].fillna(today)
    age = ((until - true["dob"]).dt.days // 365.25).clip(0, 120).astype("int64")
    codes = {name: who[name].str[:3] for name in ("ethnicity", "disability", "language", "religion")}
    signs = set(world.people.tenants["person_id"])
    return pd.DataFrame(
        {
            "house_ref": house_refs(of["household_id"]), "person_no": of["person_no"], "title": who["title"],
            "forename": forename.str[:24], "surname": who["surname"].str[:20],
            "initials": initials(forename) + initials(who["middle_names"]), "age": age,
            "responsible": of["responsible"] & ~second, "dob": dob, "u_dod": who["dod"], "gender": who["gender"],
            "ni_no": nino, "relationship": of["relationship"].map(RELATIONSHIP).fillna("O"),
            "ethnic_origin": codes["ethnicity"], "disabled": codes["disability"], "first_lang": codes["language"],
            "religion_belief": codes["religion"], "at_risk": False, "hiv_positive": "", "crim_rec": "",
            "pregnant": False, "bank_acc_type": "", "u_pin_number": "", "eff_date": of["start_date"],
            "term_date": of["end_date"], "member_sid": np.arange(1, len(of) + 1), "person_id": of["person_id"],
            "previous_surname": who["previous_surname"], "free": ~of["person_id"].isin(signs) & ~second,
            "second": second, "adult": adult,
        }
    )  # fmt: skip


def _second_records(of: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Members who were entered a second time, under the household's next number."""
    twice = of.loc[pick(rng, "duplicate-person", len(of))].drop_duplicates("household_id")
    last = of.groupby("household_id")["person_no"].max()
    return twice.assign(person_no=last.loc[twice["household_id"]].to_numpy() + 1, second=True)


def parties(world: World) -> pd.DataFrame:
    """The tagparty table: who signed which tenancy."""
    signed = _signed(world)
    role = np.select([signed["joint"] | signed["has_joint"], signed["tenure_code"].isin(["LEA", "FRE"])],
                     ["JNT", "LES"], "SOL")  # fmt: skip
    return pd.DataFrame(
        {
            "tag_ref": signed["tenancy_ref"], "house_ref": house_refs(signed["household_id"]),
            "person_no": signed["person_no"], "party_role": role, "liablemember": True,
            "eff_date": signed["start_date"], "term_date": signed["end_date"],
        }
    )  # fmt: skip


def contacts(world: World) -> pd.DataFrame:
    """The contacts table: how each party to a tenancy can be reached, and where."""
    signed = _signed(world)
    who = world.people.people.loc[signed["person_id"]].reset_index(drop=True)
    homes = world.places.properties.loc[signed["property_id"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "con_key": np.arange(1, len(signed) + 1), "con_type": "T", "tag_ref": signed["tenancy_ref"],
            "prop_ref": homes["property_ref"], "house_ref": house_refs(signed["household_id"]),
            "person_no": signed["person_no"],
            "con_name": (who["title"] + " " + who["forename"] + " " + who["surname"]).str.strip().str[:73],
            "con_address": one_line(homes).str[:200], "con_postcode": homes["postcode"],
            "true_uprn": homes["uprn"], "con_phone1": who["landline"], "con_phone2": who["mobile"], "con_phone3": "",
            "email_address": who["email"].str[:50], "comp_display": "",
        }
    )  # fmt: skip


def _signed(world: World) -> pd.DataFrame:
    """Who signed, with the tenancy's references and the signer's number in the household."""
    held = world.tenancies.tenancies
    signed = world.people.tenants.merge(
        held[["tenancy_id", "tenancy_ref", "property_id", "household_id", "tenure_code"]], on="tenancy_id"
    )
    signed["has_joint"] = signed.groupby("tenancy_id")["joint"].transform("any")
    numbers = world.people.members[["household_id", "person_id", "person_no"]]
    return signed.merge(numbers.drop_duplicates(["household_id", "person_id"]), on=["household_id", "person_id"])
