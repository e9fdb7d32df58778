"""What is wrong in the stock workbooks, and the truth about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate import dirt
from estate.soil import Soil
from estate.truth import Truth
from estate.writers.workbooks import ErrorCell

SYSTEM = "stock"
UNKNOWN_ASSETS = "Z"
"""No asset of the team begins with this letter."""


def soil_properties(frame: pd.DataFrame, again: set[str], truth: Truth, seed: int) -> pd.DataFrame:
    """The list of properties; those surveyed ``again`` stand in the last workbook once more."""
    soil = _soil("properties", frame, ["Asset Ref"], seed)
    truth.property(SYSTEM, "properties", frame["Asset Ref"], frame["property_id"])
    truth.address(SYSTEM, "properties", frame["Asset Ref"], "Address", frame["true_uprn"])
    home = soil.frame["Bedrooms"].notna()
    soil.spoil_uprns("UPRN", home, shared=False)
    soil.spoil("postcode-invalid", "Postcode")
    soil.spoil("wrong-code-page", "Address")
    soil.spoil("double-spaces", "Address")
    soil.fill("code-unknown", "Property Type", "PRC", home)
    soil.change("number-as-text", "Build Year", lambda years: "c." + years.astype("str"))
    soil.change("systems-disagree", "Bedrooms", lambda rooms: rooms + 1, home)
    rows = soil.repeated(truth, "Archetype", "non-traditional")
    last = rows["workbook"].max()
    listed = rows[rows["Asset Ref"].isin(again)].drop_duplicates("Asset Ref")
    return pd.concat([rows, listed.assign(workbook=last)], ignore_index=True)


def soil_surveys(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The visits. Those without result are typed by hand: their dates are the ones that go wrong."""
    soil = _soil("surveys", frame, ["Survey Ref"], seed)
    truth.property(SYSTEM, "surveys", frame["Survey Ref"], frame["property_id"])
    carded = (soil.frame["kind"] == "NOA").to_numpy()
    soil.fill("required-missing", "Survey Date", "", carded)
    soil.change("date-impossible", "Survey Date", _no_such_day, carded)
    soil.fill("code-unknown", "Outcome", "?", ~carded)
    soil.fill("code-retired", "Hazard", "asbestos (old code)", ~carded & (soil.frame["Hazard"] != ""))
    at = soil.hit("phone-in-text", "Notes")
    soil.frame.loc[at, "Notes"] = dirt.texts_with_phone(dirt.drama_phones(pd.Index(at)), soil.rng)
    soil.spoil("wrong-code-page", "Surveyor")
    soil.orphan("Asset Ref", carded, prefix=UNKNOWN_ASSETS)
    return soil.repeated(truth, "Surveyor", "not known")


def soil_components(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The components, with what comes of formulas and of typing."""
    soil = _soil("components", frame, ["Survey Year", "Asset Ref", "Element"], seed)
    costly = soil.frame["Renewal Cost"] > 0
    at = soil.hit("error-cell", "Renewal Cost")
    soil.frame.loc[at, "Renewal Cost"] = _errors(at)
    soil.change("amount-implausible", "Renewal Cost", lambda pounds: pounds * 1_000, costly)
    soil.change("number-as-text", "Install Year", lambda years: "approx " + years.astype("str"))
    soil.fill("number-as-text", "Quantity", "2 no.")
    soil.end_early("Renewal Year", "Install Year", 1)
    soil.fill("code-retired", "Condition", "N/K")
    soil.fill("code-unknown", "Element", "PORCH")
    soil.spoil("double-spaces", "Description")
    soil.orphan("Asset Ref", prefix=UNKNOWN_ASSETS)
    return soil.repeated(truth, "Description", "see file")


def soil_certificates(frame: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """The certificates."""
    soil = _soil("certificates", frame, ["Certificate No"], seed)
    soil.end_early("Expires", "Issued", pd.Timedelta(days=1))
    soil.change("date-impossible", "Issued", _no_such_day)
    at = soil.hit("error-cell", "Expires")
    soil.frame.loc[at, "Expires"] = _errors(at)
    soil.fill("required-missing", "Issued", "")
    banded = soil.frame["Certificate Type"] == "EPC"
    soil.fill("code-unknown", "Result", "see letter", ~banded)
    soil.fill("code-retired", "Certificate Type", "PIR", soil.frame["Certificate Type"] == "EICR")
    soil.spoil("wrong-code-page", "Inspector")
    soil.orphan("Asset Ref", prefix=UNKNOWN_ASSETS)
    return soil.repeated(truth, "Inspector", "not known")


def _soil(table: str, frame: pd.DataFrame, key: list[str], seed: int) -> Soil:
    """Cells may be of any kind in a workbook, and so in the frame."""
    return Soil(SYSTEM, table, frame.apply(_as_cells), key, seed)


def _as_cells(column: pd.Series) -> pd.Series:
    """The column's values as objects, one for all that are equal: a sheet's rows repeat most of theirs."""
    codes, known = pd.factorize(column, use_na_sentinel=False)
    return pd.Series(np.asarray(known.astype(object))[codes], index=column.index, dtype=object)


def _no_such_day(days: pd.Series) -> pd.Series:
    spelt = pd.to_datetime(days).dt.strftime("31/02/%Y")
    return spelt.where(np.arange(len(days)) % 2 == 0, "summer " + spelt.str[-4:]).astype(object)


def _errors(at: np.ndarray) -> list[ErrorCell]:
    return [ErrorCell("#N/A" if n % 2 else "#REF!") for n in range(len(at))]
