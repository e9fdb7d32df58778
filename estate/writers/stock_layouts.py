"""How each year's stock workbook is laid out: names of sheets and headers, and what kind of cells it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from estate.writers.workbooks import Sheet

FIRST_YEAR = 2021
SINCE_2024 = {"Install Date", "Serial No", "SAP Score"}
INSIDE = {"workbook", "property_id", "true_uprn", "survey_id", "kind", "repeats"}
"""Columns of the writer's own frames, which no sheet shows."""
CONDITIONS = {1: "Good", 2: "Fair", 3: "Poor", 4: "Failed"}


@dataclass(frozen=True)
class Layout:
    """One year's workbook. ``headers`` by sheet: today's header -> that year's."""

    sheets: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titled: bool = False
    """Titles stand above the headers."""
    dates_as_text: bool = False
    words: bool = False
    """Conditions are words, not numbers; whether a home is decent is Y or N, not TRUE or FALSE."""
    uprns_as_numbers: bool = False
    bands_as_results: bool = False
    """The energy band stands in the column of results."""
    lacks: frozenset[str] = frozenset()


_2021 = {
    "Properties": {"Asset Ref": "Property No", "Housing Ref": "Rents Ref", "Property Type": "Type",
                   "Build Year": "Built", "Bedrooms": "Beds", "Block Ref": "Block No"},
    "Surveys": {"Survey Ref": "Survey No", "Asset Ref": "Property No", "Survey Date": "Date of Survey",
                "Outcome": "Survey Result", "Decent": "DHS", "Hazard": "HHSRS"},
    "Components": {"Survey Year": "Year", "Asset Ref": "Property No", "Survey Ref": "Survey No",
                   "Install Year": "Year Installed", "Life": "Lifespan", "Renewal Year": "Replacement Year",
                   "Quantity": "Qty", "Unit": "UoM", "Condition": "Cond", "Renewal Cost": "Cost (£)"},
    "Certificates": {"Certificate No": "Cert No", "Asset Ref": "Property No", "Certificate Type": "Type",
                     "Issued": "Date of Issue", "Expires": "Valid To"},
}  # fmt: skip
_2022 = {
    "Properties": {"Asset Ref": "Asset Number", "Housing Ref": "Housing Reference", "Build Year": "Year Built"},
    "Surveys": {"Asset Ref": "Asset Number", "Decent": "Decent Homes", "Hazard": "HHSRS Hazard"},
    "Components": {"Asset Ref": "Asset Number", "Install Year": "Install Yr", "Renewal Year": "Renewal Yr",
                   "Quantity": "Qty", "Renewal Cost": "Replacement Cost £"},
    "Certificates": {"Asset Ref": "Asset Number", "Issued": "Issue Date", "Expires": "Expiry Date"},
}  # fmt: skip
_OLD = frozenset(SINCE_2024)

LAYOUTS: dict[int, Layout] = {
    2021: Layout(
        {"Properties": "Property List", "Components": "Component Data"}, _2021, titled=True, words=True,
        uprns_as_numbers=True, bands_as_results=True, lacks=_OLD | {"EPC Band"},
    ),
    2022: Layout(
        headers=_2022, titled=True, dates_as_text=True, words=True, uprns_as_numbers=True, bands_as_results=True,
        lacks=_OLD | {"EPC Band"},
    ),
    2023: Layout(headers=_2022, uprns_as_numbers=True, lacks=_OLD),
    2024: Layout(), 2025: Layout(), 2026: Layout(),
}  # fmt: skip


def sheet_of(rows: pd.DataFrame, table: str, year: int) -> Sheet:
    """The sheet of that year's workbook with the rows, whose columns have today's headers."""
    layout = LAYOUTS[year]
    titles = [f"Kelborough Council: {table.lower()} {year}", "Asset management, for internal use"]
    rows = rows.drop(columns=[name for name in rows.columns if name in layout.lacks])
    named = rows.rename(columns=dict(layout.headers.get(table, {})))
    return Sheet(layout.sheets.get(table, table), named, titles if layout.titled else ())


def as_typed(rows: pd.DataFrame, table: str, layout: Layout) -> pd.DataFrame:
    """The rows as that year's sheet shows them. Spoilt cells, which are text where others are not, stay."""
    rows = rows.drop(columns=[name for name in rows.columns if name in INSIDE]).copy()
    for name in rows.columns:
        days = rows[name].map(lambda cell: isinstance(cell, pd.Timestamp)).astype(bool)
        if layout.dates_as_text and days.any():
            rows[name] = rows[name].where(~days, pd.to_datetime(rows[name].where(days)).dt.strftime("%d/%m/%Y"))
    if table == "Properties" and layout.uprns_as_numbers:
        digits = rows["UPRN"].astype("str").str.fullmatch(r"\d{1,12}")
        rows["UPRN"] = rows["UPRN"].astype(object).where(~digits, rows["UPRN"].where(digits, "0").astype("int64"))
    if table == "Components" and layout.words:
        rows["Condition"] = rows["Condition"].replace(CONDITIONS)
    if table == "Surveys" and layout.words:
        rows["Decent"] = rows["Decent"].replace({True: "Y", False: "N"})
    if table == "Certificates" and layout.bands_as_results:
        rows["Result"] = rows["Result"].where(rows["Result"] != "", rows["EPC Band"])
    return rows
