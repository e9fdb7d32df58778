"""What is wrong in the housing register's extracts, and the truth about it."""

from __future__ import annotations

import pandas as pd

from estate import dirt
from estate.seeds import stream
from estate.soil import Soil
from estate.truth import Truth, key_text

SYSTEM = "register"
BREAK = "\x01"
"""Where a comma without quotes will stand."""
UNKNOWN_APPLICATIONS = "HX"
"""No reference of an application begins with these letters."""


def soil_applications(frame: pd.DataFrame, earlier: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The applications; somebody applied twice, under two references, and some moved since they applied.

    ``earlier`` has each applicant's Address, Postcode and uprn before the one of today.
    """
    refs, joint = frame["Application Ref"], frame["joint_person_id"] >= 0
    truth.person(SYSTEM, "applications", refs, frame["person_id"])
    truth.person(SYSTEM, "applications", refs[joint] + "|joint", frame.loc[joint, "joint_person_id"])
    tenants = frame[frame["property_id"] >= 0]
    truth.property(SYSTEM, "applications", tenants["Application Ref"], tenants["property_id"])
    truth.household(SYSTEM, "applications", refs, frame["household_id"])
    second = _second_applications(frame, truth, seed)
    frame = pd.concat([frame, second], ignore_index=True)
    soil = Soil(SYSTEM, "applications", frame.astype(object), ["Application Ref"], seed)
    cells, rng = soil.frame, soil.rng
    late = cells["file"] >= "APPLICATIONS_2022"  # the columns that came later
    numbered, named = cells["NI Number"] != "", cells["Surname"].map(_can_be_misread).astype(bool)
    soil.spoil("nino-shape", "NI Number", numbered)
    soil.spoil("nino-transposed", "NI Number", numbered)
    soil.fill("dob-impossible", "Date of Birth", "00/00/0000")
    soil.spoil("dob-first-january", "Date of Birth")
    soil.spoil("wrong-code-page", "Surname", named)
    soil.spoil("double-spaces", "Forename")
    soil.spoil("name-misspelt", "Surname")
    soil.fill("required-missing", "Surname", "")
    home, mobile, mail = (cells[name] != "" for name in ("Home Tel", "Mobile", "Email"))
    soil.spoil("phone-invalid", "Home Tel", home)
    soil.spoil("phone-invalid", "Mobile", mobile & late)
    soil.spoil("email-invalid", "Email", mail & late)
    soil.spoil("postcode-invalid", "Postcode", cells["Postcode"] != "")
    soil.change("phone-in-text", "Notes", lambda _: dirt.texts_with_phone(cells.loc[_.index, "Mobile"], rng), mobile)
    soil.fill("date-impossible", "Date Applied", "31/02/2023")
    soil.fill("code-unknown", "Band", "E+")
    soil.fill("code-retired", "Reason", "INSAN")
    soil.change("number-as-text", "Household Size", lambda sizes: sizes + " + baby due")
    soil.change("number-as-text", "Bedrooms", lambda rooms: rooms + " bed")
    at = dirt.take_out(rng, soil.used, "record-broken")
    cells.loc[at, "Surname"] = cells.loc[at, "Surname"] + BREAK + " formerly known otherwise"
    moved = (earlier["Postcode"] != "") & (earlier["Address"] != cells["Address"].reindex(earlier.index))
    at = soil.hit("old-address", "Address", moved.reindex(cells.index, fill_value=False))
    cells.loc[at, ["Address", "Postcode", "uprn"]] = earlier.loc[at]
    known = cells[cells["Address"] != ""]
    truth.address(SYSTEM, "applications", known["Application Ref"], "Address", known["uprn"])
    return soil.repeated(truth, "Notes", "see second form")


def soil_members(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The members of the applicants' households."""
    soil = Soil(SYSTEM, "members", frame.astype(object), ["Application Ref", "Person No"], seed)
    truth.person(SYSTEM, "members", key_text(frame["Application Ref"], frame["Person No"]), frame["person_id"])
    soil.fill("dob-impossible", "Date of Birth", "31/04/2011")
    soil.spoil("dob-first-january", "Date of Birth", soil.frame["Date of Birth"].notna())
    soil.fill("code-unknown", "Relationship", "XX")
    soil.fill("placeholder", "Forename", "Baby")
    soil.orphan("Application Ref", prefix=UNKNOWN_APPLICATIONS)
    return soil.repeated(truth, "Sex", "")


def soil_lettings(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The lettings."""
    truth.property(SYSTEM, "lettings", frame["Letting Ref"], frame["property_id"])
    soil = Soil(SYSTEM, "lettings", frame.astype(object), ["Letting Ref"], seed)
    applied = soil.frame["Application Ref"] != ""
    soil.change("amount-implausible", "Weekly Rent", lambda pounds: "99" + pounds)
    soil.change("number-as-text", "Weekly Rent", lambda pounds: pounds + " pw")
    soil.fill("required-missing", "Start Date", "")
    soil.fill("date-impossible", "Void Date", "30/02/2025")
    soil.fill("code-unknown", "Letting Type", "ZZ")
    soil.fill("code-retired", "Source", "Points queue")
    soil.orphan("Application Ref", applied, prefix=UNKNOWN_APPLICATIONS)
    return soil.repeated(truth, "Age", "")


def _second_applications(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    at = dirt.pick(stream(seed, SYSTEM, "second applications"), "duplicate-person", len(frame))
    second = frame.loc[at].assign(**{"Application Ref": "HR" + pd.Series(at + 900_001, index=at).astype("str")})
    truth.person(SYSTEM, "applications", second["Application Ref"], second["person_id"])
    truth.household(SYSTEM, "applications", second["Application Ref"], second["household_id"])
    truth.plant(SYSTEM, "applications", "duplicate-person", "cross-system", key=second["Application Ref"])
    return second


def _can_be_misread(name: str) -> bool:
    """Whether the name's bytes in UTF-8 are all characters of cp1252: else they could not stand in such a file."""
    wrong = dirt.mojibake(pd.Series([name])).iloc[0]
    return "\ufffd" not in wrong
