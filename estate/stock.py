"""The condition of the stock: components with install dates and lives, surveys, certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

ELEMENTS = pd.DataFrame(
    [
        ("WALLSTR", "Wall structure", 80, True, 0, "SM"), ("WALLFIN", "Wall finish", 60, True, 450_000, "SM"),
        ("ROOFSTR", "Roof structure", 50, True, 0, "SM"), ("ROOFFIN", "Roof covering", 50, True, 620_000, "SM"),
        ("WINDOWS", "Windows", 40, True, 430_000, "NO"), ("EXTDOOR", "External doors", 40, True, 95_000, "NO"),
        ("BOILER", "Gas boiler", 15, True, 260_000, "NO"), ("HEATOTH", "Other heating", 30, True, 210_000, "NO"),
        ("HEATDIS", "Heating distribution", 40, False, 240_000, "NO"),
        ("ELECTRI", "Electrics", 30, True, 310_000, "NO"),
        ("KITCHEN", "Kitchen", 30, False, 540_000, "NO"), ("BATHRM", "Bathroom", 40, False, 330_000, "NO"),
        ("CHIMNEY", "Chimney", 50, True, 120_000, "NO"), ("BRICKWK", "Brickwork", 30, True, 260_000, "SM"),
    ],
    columns=["element_code", "name", "life_years", "key_component", "cost_pence", "unit"],
)  # fmt: skip
"""element_code, name, life_years, key_component (Decent Homes), cost_pence, unit."""

CERTIFICATES = {"EPC": 3650, "EICR": 1826, "ASB": 1096, "FRA": 365, "LEG": 730, "LIFT": 183}
"""Certificate types and their validity in days: energy, electrics, asbestos, fire, legionella, lift (LOLER)."""


@dataclass(frozen=True, eq=False)
class Stock:
    """Ids are row numbers; dates datetime64[s]; money int64 pence.

    components    component_id, property_id, element_code (ELEMENTS), install_year, life_years, renewal_year,
                  quantity, condition (1 good .. 4 poor), cost_pence, survey_id (-1 never surveyed)
    surveys       survey_id, property_id, survey_date, surveyor, decent (bool), hazard ('' or HHSRS word)
    certificates  certificate_id, property_id, certificate_type (CERTIFICATES), issued_date, expiry_date,
                  result (EPC band A..G; else SAT, UNSAT), reference
    """

    components: pd.DataFrame
    surveys: pd.DataFrame
    certificates: pd.DataFrame


def build(world: World) -> Stock:
    """Twelve or so components a home; a fifth of the homes surveyed each year."""
    rng = stream(world.seed, "stock")
    surveys = _surveys(world, rng)
    components = _components(world, surveys, rng)
    poor = components["condition"].eq(4) & (components["renewal_year"] <= world.today.year)
    surveys["decent"] = ~surveys["property_id"].isin(components.loc[poor, "property_id"])
    return Stock(components, surveys, _certificates(world, rng))


def _surveys(world: World, rng: np.random.Generator) -> pd.DataFrame:
    homes = np.flatnonzero(world.places.properties["is_dwelling"])
    turn = rng.permutation(len(homes)) % 6
    today = np.datetime64(world.today, "D")
    surveyors = ["J. Holt", "M. Adeyemi", "P. Marsh", "Sable Surveys Ltd"]
    known = homes[turn < 5]
    hazards = np.array(["", "damp and mould", "falls on stairs", "excess cold", "electrical"])
    frame = pd.DataFrame(
        {
            "property_id": known,
            "survey_date": (today - turn[turn < 5] * 365 - rng.integers(3, 340, len(known))).astype("datetime64[s]"),
            "surveyor": rng.choice(surveyors, len(known)),
            "hazard": hazards[rng.choice(5, len(known), p=[0.93, 0.03, 0.02, 0.01, 0.01])],
        }
    ).sort_values(["survey_date", "property_id"], ignore_index=True)
    frame.insert(0, "survey_id", np.arange(len(frame)))
    return frame


def _components(world: World, surveys: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    properties = world.places.properties
    homes = np.flatnonzero(properties["is_dwelling"])
    row = np.repeat(homes, len(ELEMENTS))
    element = np.tile(np.arange(len(ELEMENTS)), len(homes))
    of = properties.loc[row].reset_index(drop=True)
    code = ELEMENTS["element_code"].to_numpy()[element]
    flat = (of["block_id"] >= 0).to_numpy()
    drop = (code == "BOILER") & ~of["has_gas"] | (code == "HEATOTH") & of["has_gas"]
    drop |= np.isin(code, ["CHIMNEY", "ROOFFIN", "ROOFSTR"]) & flat
    row, element, of, code = row[~drop], element[~drop], of[~drop].reset_index(drop=True), code[~drop]
    life = ELEMENTS["life_years"].to_numpy()[element]
    built, this_year = of["build_year"].to_numpy(), world.today.year
    # Renewed on a programme since: the last renewal lies up to 1.15 lives back.
    age = np.minimum((rng.random(len(row)) * 1.15 * life).astype("int64"), this_year - built)
    install = np.where(life >= 80, built, this_year - age)
    worn = (this_year - install) / life + rng.normal(0, 0.15, len(row))
    quantity = np.where(ELEMENTS["unit"].to_numpy()[element] == "SM", rng.integers(30, 120, len(row)), 1)
    quantity = np.where(code == "WINDOWS", 3 + 2 * of["bedrooms"], quantity)
    survey = pd.Series(surveys["survey_id"].to_numpy(), surveys["property_id"]).reindex(row).fillna(-1)
    cost = ELEMENTS["cost_pence"].to_numpy()[element] * rng.uniform(0.8, 1.3, len(row))
    return pd.DataFrame(
        {
            "component_id": np.arange(len(row)), "property_id": row, "element_code": pd.Series(code, dtype="str"),
            "install_year": install, "life_years": life, "renewal_year": install + life, "quantity": quantity,
            "condition": np.select([worn < 0.5, worn < 0.85, worn < 1.05], [1, 2, 3], 4),
            "cost_pence": cost.astype("int64"),
            "survey_id": survey.to_numpy().astype("int64"),
        }
    )  # fmt: skip


def _certificates(world: World, rng: np.random.Generator) -> pd.DataFrame:
    properties = world.places.properties
    home = properties["is_dwelling"]
    block = properties["asset_type"] == "block"
    who = {"EPC": home, "EICR": home, "ASB": home & (properties["build_year"] < 2000), "FRA": block, "LEG": block,
           "LIFT": properties["asset_type"] == "lift"}  # fmt: skip
    today, parts = np.datetime64(world.today, "D"), []
    for kind, days in CERTIFICATES.items():
        ids = np.flatnonzero(who[kind])
        ids = ids[rng.random(len(ids)) < (0.8 if kind == "EPC" else 0.98)]
        latest = rng.integers(1, round(days * 1.03) + 2, len(ids))
        before = latest + days - rng.integers(0, 30, len(ids))
        for age in (latest, before):  # the one in force (now and then out of date) and the one before
            issued = today - age
            band = rng.choice(list("ABCDEFG"), len(ids), p=[0.01, 0.08, 0.4, 0.38, 0.09, 0.03, 0.01])
            result = band if kind == "EPC" else np.where(rng.random(len(ids)) < 0.95, "SAT", "UNSAT")
            kept = issued > today - 11 * 365
            parts.append(
                pd.DataFrame({"property_id": ids, "certificate_type": kind,
                              "issued_date": issued.astype("datetime64[s]"),
                              "expiry_date": (issued + days).astype("datetime64[s]"), "result": result})[kept]
            )  # fmt: skip
    frame = pd.concat(parts).sort_values(["property_id", "certificate_type", "issued_date"], ignore_index=True)
    frame.insert(0, "certificate_id", np.arange(len(frame)))
    frame["reference"] = frame["certificate_type"] + "-" + (frame["certificate_id"] + 700_001).astype("str")
    return frame
