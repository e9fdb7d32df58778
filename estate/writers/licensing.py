"""The public register of houses in multiple occupation: one CSV file whose lines end with a carriage return.

A row a licence, in the order of the streets: case number, address in one text, people, units, first and last
day. A renewed licence stands beside the one before it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from estate import dirt
from estate.seeds import stream
from estate.truth import Truth
from estate.world import World

SYSTEM, TABLE, FILE = "licensing", "licences", "hmo-licence-register.csv"
HEADER = [
    "Case Number", "Location", "Total Number Occupants", "Total Number Units", "Licence Commenced", "Licence Expires",
]  # fmt: skip
CASE, LOCATION, OCCUPANTS, UNITS, START, END = HEADER


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the register into the folder ``target``."""
    rng = stream(world.seed, SYSTEM)
    rows = _register(world.licences)
    rows, broken = _soiled(rows, truth, rng)
    lines = rows.to_csv(index=False, lineterminator="\r").removesuffix("\r").split("\r")
    for at in broken + 1:  # below the header; somebody typed commas, and the extract does not quote
        lines[at] = lines[at].replace(" Kelshire", ", Kelshire", 1)
    truth.plant(SYSTEM, TABLE, "record-broken", "row", unit=FILE, line=broken + 2)
    target.mkdir(parents=True, exist_ok=True)
    (target / FILE).write_bytes("\r".join(lines).encode())


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


def _soiled(rows: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows as they are published, and the positions of those that will not be read."""
    used = np.zeros(len(rows), dtype=bool)

    def hit(kind: str, field: str) -> np.ndarray:
        at = dirt.take_out(rng, used, kind)
        # A spoilt case number is the key that the record then has: it is recorded after the spoiling.
        planted.append((kind, field, at))
        return at

    planted: list[tuple[str, str, np.ndarray]] = []
    rows = rows.astype("str")
    at = hit("end-before-start", END)
    start = pd.to_datetime(rows.loc[at, START], format="%d/%m/%Y")
    rows.loc[at, END] = (start - pd.Timedelta(days=1)).dt.strftime("%d/%m/%Y")
    at = hit("date-impossible", START)
    rows.loc[at, START] = np.where(np.arange(len(at)) % 2, "31/02" + rows.loc[at, START].str[5:],
                                   rows.loc[at, START].str[:6] + "3" + rows.loc[at, START].str[7:])  # fmt: skip
    rows.loc[hit("required-missing", OCCUPANTS), OCCUPANTS] = ""
    at = hit("number-as-text", OCCUPANTS)
    rows.loc[at, OCCUPANTS] = np.where(np.arange(len(at)) % 2, "5 + 2 children", "six")
    at = hit("code-unknown", CASE)
    rows.loc[at, CASE] = rows.loc[at, CASE].str.replace(r"[A-Z]+$", "HMOTEM", regex=True)
    at = hit("postcode-invalid", LOCATION)
    parts = rows.loc[at, LOCATION].str.extract(r"^(.*) (\S+ \S+)$")
    rows.loc[at, LOCATION] = parts[0] + " " + dirt.spoil_postcode(parts[1], rng)
    at = hit("wrong-code-page", LOCATION)
    rows.loc[at, LOCATION] = dirt.mojibake(rows.loc[at, LOCATION])
    at = hit("double-spaces", LOCATION)
    rows.loc[at, LOCATION] = dirt.double_spaces(rows.loc[at, LOCATION])
    for kind, field, at in planted:
        truth.plant(SYSTEM, TABLE, kind, dirt.RATES[kind].revealed_by, key=rows.loc[at, CASE], field=field)
    broken = dirt.take_out(rng, used, "record-broken")
    return pd.concat([rows, *_repeated(rows, used, truth, rng)], ignore_index=True), broken


def _repeated(rows: pd.DataFrame, used: np.ndarray, truth: Truth, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Rows that should not be there: a case number with other details, a second licence for the same days."""
    keys = rows.loc[dirt.take_out(rng, used, "duplicate-key")]
    keys = keys.assign(**{OCCUPANTS: (keys[OCCUPANTS].astype("int64") + 1).astype("str")})
    truth.plant(SYSTEM, TABLE, "duplicate-key", "system", key=keys[CASE])
    second = rows.loc[dirt.take_out(rng, used, "licence-overlap")]
    second = second.assign(**{CASE: second[CASE].str[:3] + (70_000 + np.arange(len(second))).astype(str) + "/HMOADL"})
    truth.plant(SYSTEM, TABLE, "licence-overlap", "system", key=second[CASE], field=LOCATION)
    return [keys, second]
