"""The public register of houses in multiple occupation: one CSV file whose lines end with a carriage return.

A row a licence, in the order of the streets: case number, address in one text, people, units, first and last
day. A renewed licence stands beside the one before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from estate import dirt
from estate.soil import Soil
from estate.truth import Truth
from estate.world import World
from estate.writers.lines import delimited

SYSTEM, TABLE, FILE = "licensing", "licences", "hmo-licence-register.csv"
HEADER = [
    "Case Number", "Location", "Total Number Occupants", "Total Number Units", "Licence Commenced", "Licence Expires",
]  # fmt: skip
CASE, LOCATION, OCCUPANTS, UNITS, START, END = HEADER


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the register into the folder ``target``."""
    houses = world.private_homes["uprn"].to_numpy()[world.licences["private_id"]]
    uprns = pd.Series(houses, index=world.licences["case_number"])
    rows, broken = _soiled(_register(world.licences), uprns, truth, world.seed)
    # Somebody typed commas there, and the extract does not quote.
    torn = {int(at): ",".join(rows.iloc[at]).replace(" Kelshire", ", Kelshire", 1) for at in broken}
    truth.plant(SYSTEM, TABLE, "record-broken", "row", unit=FILE, line=broken + 2)
    write_rows(target, rows, torn)


def write_rows(target: Path, rows: pd.DataFrame, broken: Mapping[int, str]) -> None:
    """Writes the register into the folder ``target``; rows at the positions ``broken`` are given as text."""
    target.mkdir(parents=True, exist_ok=True)
    (target / FILE).write_bytes(delimited(rows, broken, "\r").removesuffix("\r").encode())


def _register(licences: pd.DataFrame) -> pd.DataFrame:
    """The register as it should be: by street, then number."""
    rows = pd.DataFrame(
        {
            CASE: licences["case_number"],
            LOCATION: licences["location"],
            OCCUPANTS: licences["occupants"].astype("str"),
            UNITS: licences["units"].astype("str").where(licences["units"] > 0, ""),
            START: licences["commenced_date"].dt.strftime("%d/%m/%Y"),
            END: licences["expires_date"].dt.strftime("%d/%m/%Y"),
        }
    )
    place = rows[LOCATION].str.extract(r"^(.*?)\s*(\d+)([A-Z]?) (.*)$")
    order = pd.DataFrame({"street": place[3], "number": place[1].astype("float"), "case": rows[CASE]})
    return rows.loc[order.sort_values(["street", "number", "case"]).index].reset_index(drop=True)


def _soiled(rows: pd.DataFrame, uprns: pd.Series, truth: Truth, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows as they are published, and the positions of those that will not be read; ``uprns`` by case number."""
    soil = Soil(SYSTEM, TABLE, rows.astype("str").assign(uprn=uprns.loc[rows[CASE]].to_numpy()), [CASE], seed)
    cells = soil.frame
    at = soil.hit("end-before-start", END)
    start = pd.to_datetime(cells.loc[at, START], format="%d/%m/%Y")
    cells.loc[at, END] = (start - pd.Timedelta(days=1)).dt.strftime("%d/%m/%Y")
    at = soil.hit("date-impossible", START)
    cells.loc[at, START] = np.where(np.arange(len(at)) % 2, "31/02" + cells.loc[at, START].str[5:],
                                    cells.loc[at, START].str[:6] + "3" + cells.loc[at, START].str[7:])  # fmt: skip
    soil.fill("required-missing", OCCUPANTS, "")
    at = soil.hit("number-as-text", OCCUPANTS)
    cells.loc[at, OCCUPANTS] = np.where(np.arange(len(at)) % 2, "5 + 2 children", "six")
    soil.change("code-unknown", CASE, lambda numbers: numbers.str.replace(r"[A-Z]+$", "HMOTEM", regex=True))
    at = soil.hit("postcode-invalid", LOCATION)
    parts = cells.loc[at, LOCATION].str.extract(r"^(.*) (\S+ \S+)$")
    cells.loc[at, LOCATION] = parts[0] + " " + dirt.spoil_postcode(parts[1], soil.rng)
    soil.spoil("wrong-code-page", LOCATION)
    soil.spoil("double-spaces", LOCATION)
    broken = dirt.take_out(soil.rng, soil.used, "record-broken")
    found = pd.concat([soil.done(truth), *_repeated(soil, truth)], ignore_index=True)
    once = found.drop_duplicates(CASE)
    truth.address(SYSTEM, TABLE, once[CASE], LOCATION, once["uprn"])
    return found.drop(columns="uprn"), broken


def _repeated(soil: Soil, truth: Truth) -> list[pd.DataFrame]:
    """Rows that should not be there: a case number with other details, a second licence for the same days."""
    keys = soil.frame.loc[dirt.take_out(soil.rng, soil.used, "duplicate-key")]
    keys = keys.assign(**{OCCUPANTS: (keys[OCCUPANTS].astype("int64") + 1).astype("str")})
    soil.plant(truth, "duplicate-key", keys)
    second = soil.frame.loc[dirt.take_out(soil.rng, soil.used, "licence-overlap")]
    second = second.assign(**{CASE: second[CASE].str[:3] + (70_000 + np.arange(len(second))).astype(str) + "/HMOADL"})
    soil.plant(truth, "licence-overlap", second, LOCATION)
    return [keys, second]
