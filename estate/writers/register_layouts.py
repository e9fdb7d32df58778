"""How the housing register's extracts look: which file holds what, and what headers and codes were called when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

INSIDE = {"file", "person_id", "joint_person_id", "property_id", "household_id", "uprn"}
"""Columns of the writer's own frames, which no file shows."""
BACKLOG_YEAR = 2020
"""Applications of this year and before stand in one file."""


@dataclass(frozen=True)
class Layout:
    """One generation of an extract. ``headers``: today's name -> that of the time; ``codes`` by column."""

    headers: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    date_format: str = "%d/%m/%Y"
    line_end: str = "\r\n"
    encoding: str = "cp1252"


OLD_APPLICATIONS = Layout(
    headers={
        "Application Ref": "APP_NO", "Title": "TITLE", "Surname": "SURNAME", "Forename": "FORENAME",
        "Date of Birth": "DOB", "NI Number": "NI_NO", "Address": "ADDRESS", "Postcode": "PCODE", "Home Tel": "TEL",
        "Date Applied": "DATE_RECD", "Band": "BAND", "Points": "POINTS", "Reason": "REASON", "Bedrooms": "BEDS_REQ",
        "Household Size": "NO_IN_HH", "Status": "STATUS", "Notes": "COMMENTS", "Property Ref": "PROP_REF",
        "Joint Surname": "JT_SURNAME", "Joint Forename": "JT_FORENAME", "Joint Date of Birth": "JT_DOB",
    },
    codes={
        "Band": {"A": "1", "B": "2", "C": "3", "D": "4"},
        "Reason": {"Overcrowded": "OC", "Medical": "MED", "Homeless": "HL", "Under-occupying": "UO"},
        "Status": {"Live": "ACT", "Housed": "HSD", "Suspended": "SUS", "Cancelled": "CAN"},
    },
    lacks=frozenset({"Mobile", "Email", "Effective Date", "Medical", "Areas"}),
    date_format="%d-%b-%Y",
)  # fmt: skip
MIDDLE_APPLICATIONS = Layout(
    headers={"Forename": "First Name", "Address": "Current Address", "Joint Forename": "Joint First Name"},
    lacks=frozenset({"Medical", "Areas"}),
)
APPLICATIONS = Layout(lacks=frozenset({"Points"}), line_end="\n")

OLD_LETTINGS = Layout(
    headers={
        "Letting Ref": "LET_NO", "Application Ref": "APP_NO", "Tenancy Ref": "TEN_REF", "Property Ref": "PROP_REF",
        "Start Date": "TEN_START", "Void Date": "VOID_FROM", "Letting Type": "TYPE", "First Let": "NEW_BUILD",
        "Weekly Rent": "RENT", "Service Charge": "SERV_CHG", "Bedrooms": "BEDS", "Household Size": "NO_IN_HH",
        "Age": "AGE", "Source": "SOURCE",
    },
    codes={"Source": {"Choice based": "CBL", "Direct offer": "DIR", "Transfer": "TRF"}},
    date_format="%d-%b-%Y",
)  # fmt: skip
LETTINGS = Layout(line_end="\n")


def application_layout(file: str) -> Layout:
    """The layout of an applications file: three generations, and one year saved again by a spreadsheet program."""
    year = int(file.removeprefix("APPLICATIONS_")[:4])
    if year <= 2021:
        return OLD_APPLICATIONS
    if year <= 2024:
        return MIDDLE_APPLICATIONS
    return Layout(lacks=APPLICATIONS.lacks, encoding="utf-8-sig") if year == 2025 else APPLICATIONS


def letting_layout(file: str) -> Layout:
    """The layout of a lettings file."""
    return OLD_LETTINGS if file < "LETTINGS_2024" else LETTINGS


def application_files(applied: pd.Series, today: pd.Timestamp) -> pd.Series:
    """The file of each application: a year each, months in the current year."""
    year = applied.dt.year.clip(lower=BACKLOG_YEAR)
    period = applied.dt.strftime("%Y-%m").where(year == today.year, year.astype("str"))
    files: pd.Series = "APPLICATIONS_" + period + ".csv"
    return files


def letting_files(start: pd.Series) -> pd.Series:
    """The file of each letting: a financial year each."""
    year = start.dt.year - (start.dt.month < 4)
    files: pd.Series = "LETTINGS_" + year.astype("str") + "-" + ((year + 1) % 100).astype("str").str.zfill(2) + ".csv"
    return files


def as_of(rows: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """The rows with that generation's columns, codes and days; all cells are text, spoilt ones as they stand."""
    found = {}
    for name, values in rows.items():
        if name in layout.lacks:
            continue
        days = values.map(lambda cell: isinstance(cell, pd.Timestamp)).astype(bool)
        texts = pd.to_datetime(values.where(days)).dt.strftime(layout.date_format).where(days, values)
        found[layout.headers.get(str(name), str(name))] = texts.fillna("").replace(
            dict(layout.codes.get(str(name), {}))
        )
    return pd.DataFrame(found).astype("str")


def by_file(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each file's name and rows, without the columns that are the writer's own."""
    for file, part in rows.groupby("file", sort=True):
        yield str(file), part.drop(columns=[name for name in part.columns if name in INSIDE])
