"""The asset management team's workbooks: STOCK_2021.xlsx to STOCK_2026.xlsx, one a survey year.

Each has the homes first surveyed in its year, its surveys and their components, and the certificates issued in
it. The first also lists blocks and lifts and the certificates of the years before; the last the homes that nobody
has surveyed yet, with components copied from like homes. Headers, codes and types of cells drift over the years.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from estate.places import one_line
from estate.seeds import stream
from estate.stock import ELEMENTS
from estate.truth import Truth
from estate.world import World
from estate.writers.stock_dirt import soil_certificates, soil_components, soil_properties, soil_surveys
from estate.writers.stock_layouts import FIRST_YEAR, LAYOUTS, as_typed, sheet_of
from estate.writers.workbooks import Sheet, write_workbook

SYSTEM = "stock"
TYPES = {
    "house": "H", "bungalow": "B", "flat": "F", "maisonette": "M", "bedsit": "BS", "block": "BLK", "lift": "LFT",
}  # fmt: skip
ENERGY = {"A": 94, "B": 86, "C": 74, "D": 61, "E": 47, "F": 30, "G": 15}
"""SAP points in the middle of each band."""
REPEATED = 0.05
"""Share of the year before's surveys that a second surveyor repeats."""


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the workbooks into the folder ``target``."""
    known = _known(world)
    homes = world.places.properties["is_dwelling"].to_numpy()
    forgotten = world.places.properties.loc[homes & ~known, "property_ref"]  # the team has no number for them
    truth.plant(SYSTEM, "properties", "property-missing", "cross-system", key=forgotten)
    surveys = _surveys(world, known)
    tables = {
        "Properties": soil_properties(_properties(world, known), _surveyed_again(surveys), truth, world.seed),
        "Surveys": soil_surveys(surveys, truth, world.seed),
        "Components": soil_components(_components(world, known, surveys), truth, world.seed),
        "Certificates": soil_certificates(_certificates(world, known), truth, world.seed),
    }
    target.mkdir(parents=True, exist_ok=True)
    for year in range(FIRST_YEAR, world.today.year + 1):
        write_workbook(target / f"STOCK_{year}.xlsx", list(_sheets(tables, year)), world.today)


def _sheets(tables: dict[str, pd.DataFrame], year: int) -> Iterator[Sheet]:
    for name, frame in tables.items():
        yield sheet_of(as_typed(frame[frame["workbook"] == year], name, LAYOUTS[year]), name, year)


def asset_refs(property_ids: pd.Series) -> pd.Series:
    """The team's own number of each property; the empty text for none."""
    refs = "A" + (property_ids + 1).astype("str").str.zfill(5)
    return refs.where(property_ids >= 0, "")


def _known(world: World) -> np.ndarray:
    """By property, whether the team knows it: homes, blocks and lifts, but for a few that were forgotten."""
    kinds = world.places.properties["asset_type"]
    forgotten = stream(world.seed, SYSTEM, "forgotten").random(len(kinds)) < 0.004
    return (kinds.isin(list(TYPES)) & ~(world.places.properties["is_dwelling"] & forgotten)).to_numpy()


def _properties(world: World, known: np.ndarray) -> pd.DataFrame:
    """Every known property, with ``property_id`` and ``workbook`` (the year in which it was listed first)."""
    places, held = world.places.properties, world.tenancies.tenancies
    of = places[known].reset_index(drop=True)
    first = world.stock.surveys.groupby("property_id")["survey_date"].min().dt.year
    listed = first.reindex(of["property_id"]).fillna(world.today.year).to_numpy().astype("int64")
    now = held[held["end_date"].isna()].drop_duplicates("property_id").set_index("property_id")["tenure_code"]
    tenure = now.reindex(of["property_id"]).fillna("").to_numpy()
    flat = of["block_id"] >= 0
    era = pd.cut(of["build_year"], [0, 1944, 1964, 1979, 3000], labels=["pre-1945", "1945-64", "1965-79", "post-1980"])
    return pd.DataFrame(
        {
            "property_id": of["property_id"], "workbook": np.where(of["is_dwelling"], listed, FIRST_YEAR),
            "Asset Ref": asset_refs(of["property_id"]), "Housing Ref": of["property_ref"],
            "true_uprn": of["uprn"], "UPRN": of["uprn"].astype("str"),
            "Address": one_line(of.assign(postcode="")), "Postcode": of["postcode"],
            "Property Type": of["asset_type"].map(TYPES),
            "Ownership": np.select([tenure == "LEA", tenure == "FRE"], ["L", "F"], "C"),
            "Build Year": of["build_year"], "Storeys": of["floors"],
            "Bedrooms": of["bedrooms"].astype(object).where(of["is_dwelling"], None),
            "Block Ref": asset_refs(of["parent_id"]).where(flat & (of["asset_type"] != "block"), ""),
            "Archetype": era.astype("str") + " " + of["asset_type"],
        }
    )  # fmt: skip


def _surveys(world: World, known: np.ndarray) -> pd.DataFrame:
    """Every visit, with ``workbook`` (its year) and ``survey_id`` (of world.stock; -1 for visits without result)."""
    rng = stream(world.seed, SYSTEM, "surveys")
    found = world.stock.surveys
    found = found[known[found["property_id"]]].assign(kind="SCS", repeats=-1)
    again = found[found["survey_date"].dt.year == world.today.year - 1]
    again = again.sample(min(len(again), max(1, round(len(again) * REPEATED))), random_state=rng)
    days = pd.to_timedelta(rng.integers(0, 200, len(again)), unit="D")
    again = again.assign(
        survey_date=(pd.Timestamp(world.today.year, 2, 2) + days).to_numpy().astype("datetime64[s]"),
        surveyor="Sable Surveys Ltd", kind="QA", repeats=again["survey_id"], survey_id=-1,
    )  # fmt: skip
    nobody = found[rng.random(len(found)) < 0.08]
    earlier = nobody["survey_date"] - pd.to_timedelta(rng.integers(5, 40, len(nobody)), unit="D")
    nobody = nobody.assign(survey_date=earlier, survey_id=-1, kind="NOA", hazard="")
    frame = pd.concat([found, again, nobody]).sort_values(["survey_date", "property_id"], ignore_index=True)
    year = frame["survey_date"].dt.year.clip(lower=FIRST_YEAR)
    number = (frame.groupby(year).cumcount() + 1).astype("str").str.zfill(5)
    inside = frame["kind"] != "NOA"
    epc = world.stock.certificates[world.stock.certificates["certificate_type"] == "EPC"]
    band = epc.drop_duplicates("property_id", keep="last").set_index("property_id")["result"]
    points = band.reindex(frame["property_id"]).map(ENERGY).to_numpy() + rng.integers(-4, 5, len(frame))
    notes = np.array(["", "Loft not seen", "Tenant reports cold back bedroom", "Cupboards full", "Dog in the garden"])
    sheet = pd.DataFrame(
        {
            "workbook": year, "Survey Ref": "SCS/" + year.astype("str") + "/" + number,
            "Asset Ref": asset_refs(frame["property_id"]), "Survey Type": frame["kind"].replace("NOA", "SCS"),
            "Survey Date": frame["survey_date"], "Surveyor": frame["surveyor"],
            "Outcome": np.select([~inside, frame["decent"]], ["X", "P"], "F"),
            "Decent": frame["decent"].astype(object).where(inside, None), "Hazard": frame["hazard"],
            "SAP Score": pd.Series(points, dtype="float").where(inside).astype("Int64").astype(object),
            "Notes": np.where(inside, notes[rng.choice(5, len(frame), p=[0.7, 0.1, 0.08, 0.07, 0.05])], "Carded"),
        }
    )  # fmt: skip
    return sheet.join(frame[["property_id", "survey_id", "kind", "repeats"]])


def _surveyed_again(surveys: pd.DataFrame) -> set[str]:
    """The properties that stand on the last workbook's list again, because their survey was repeated."""
    return set(surveys.loc[surveys["kind"] == "QA", "Asset Ref"])


def _components(world: World, known: np.ndarray, surveys: pd.DataFrame) -> pd.DataFrame:
    """Every component as a survey recorded it, with ``workbook``; copied ones name no survey."""
    rng = stream(world.seed, SYSTEM, "components")
    own = world.stock.components
    own = own[known[own["property_id"]]]
    repeated = surveys.loc[surveys["repeats"] >= 0, ["repeats", "Survey Ref", "workbook"]]
    again = own.merge(repeated, left_on="survey_id", right_on="repeats").drop(columns="repeats")
    first = surveys.loc[surveys["survey_id"] >= 0, ["survey_id", "Survey Ref", "workbook"]]
    frame = pd.concat([own.merge(first, on="survey_id", how="left"), again], ignore_index=True)
    year = frame["workbook"].fillna(world.today.year).astype("int64")
    element = ELEMENTS.set_index("element_code").loc[frame["element_code"]]
    boiler = frame["element_code"] == "BOILER"
    makes = np.array(["Vaillant", "Worcester Bosch", "Ideal", "Baxi"], dtype=object)
    day = (frame["install_year"] - 1970).to_numpy().astype("datetime64[Y]").astype("datetime64[D]")
    day = (day + rng.integers(0, 360, len(frame))).astype("datetime64[s]")
    condition = np.minimum(frame["condition"] + (rng.random(len(frame)) < 0.02), 4)
    return pd.DataFrame(
        {
            "workbook": year, "Survey Year": year, "Asset Ref": asset_refs(frame["property_id"]),
            "Element": frame["element_code"], "Survey Ref": frame["Survey Ref"].fillna(""),
            "Description": np.where(boiler, makes[rng.integers(4, size=len(frame))] + " combi", element["name"]),
            "Install Year": frame["install_year"],
            "Install Date": pd.Series(day).where(frame["install_year"].between(2015, world.today.year - 1)),
            "Life": frame["life_years"], "Renewal Year": frame["renewal_year"], "Quantity": frame["quantity"],
            "Unit": element["unit"].to_numpy(), "Condition": condition,
            "Renewal Cost": frame["cost_pence"] / 100,
            "Serial No": np.where(boiler, "SN" + (frame["component_id"] * 7919 % 10**7).astype("str").str.zfill(7), ""),
        }
    )  # fmt: skip


def _certificates(world: World, known: np.ndarray) -> pd.DataFrame:
    """Every certificate with ``workbook``, the year of its issue."""
    rng = stream(world.seed, SYSTEM, "certificates")
    found = world.stock.certificates
    found = found[known[found["property_id"]]].reset_index(drop=True)
    kind, result = found["certificate_type"], found["result"]
    inspectors = np.array(["Kelborough DLO", "Brightspark Electrical", "Safeair Surveys", "Lift Consult Ltd"])
    return pd.DataFrame(
        {
            "workbook": found["issued_date"].dt.year.clip(lower=FIRST_YEAR),
            "Certificate No": found["reference"], "Asset Ref": asset_refs(found["property_id"]),
            "Certificate Type": kind.replace({"LIFT": "LOLER"}), "Issued": found["issued_date"],
            "Expires": found["expiry_date"], "Result": result.where(kind != "EPC", ""),
            "EPC Band": result.where(kind == "EPC", ""), "Inspector": inspectors[rng.integers(4, size=len(found))],
        }
    )  # fmt: skip
