"""A gazetteer of one small town, in the columns of the canonical tables."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from identity.addresses import gazetteer

# uprn, parent, standing, unit's number, letter and text, building's number, letter and name, street
LPIS = (
    (1, None, "approved", None, "", "", 3, "", "", 10),
    (2, None, "approved", None, "", "", 27, "", "", 10),  # a house cut into flats
    (3, 2, "approved", None, "A", "Flat A", 27, "", "", 10),
    (4, 2, "approved", None, "", "First floor flat", 27, "", "", 10),
    (5, None, "approved", None, "", "", 29, "", "", 10),  # a house with lettered homes
    (6, 5, "approved", None, "", "", 29, "A", "", 10),
    (7, 5, "approved", None, "", "", 29, "B", "", 10),
    (8, None, "approved", None, "", "", None, "", "Calder Court", 10),
    (9, 8, "approved", 3, "", "", None, "", "Calder Court", 10),
    (10, 8, "approved", 33, "", "", None, "", "Calder Court", 10),
    (11, None, "approved", None, "", "Garage 3", None, "", "", 10),
    (12, None, "approved", None, "", "", 31, "", "", 10),
    (12, None, "alternative", None, "", "", 31, "", "Rose Cottage", 10),
    (12, None, "historical", None, "", "", 131, "", "", 10),
    (13, None, "approved", None, "", "", 3, "", "", 11),
    (14, None, "approved", None, "", "", 12, "", "", 11),
    (15, None, "approved", 3, "A", "", 27, "", "", 11),
    (16, None, "approved", 3, "", "", 27, "", "", 11),
    (17, None, "rejected", None, "", "", 77, "", "", 11),
    (18, None, "approved", None, "", "", 3, "", "", 12),
    (19, None, "approved", 2, "", "", None, "", "Rowan House", 12),
    (20, None, "approved", None, "", "", 77, "", "", 13),
    (21, None, "approved", 5, "", "", 9, "", "", 13),
    (22, None, "approved", None, "", "", 5, "", "", 13),  # where the street goes on, at another postcode
    (23, None, "approved", 6, "", "", 6, "", "Elm House", 13),
)
POSTCODES = {10: "KB1 1AA", 11: "KB1 1BX", 12: "KB1 1QZ", 13: "KB1 1CY"}
EASTINGS = {10: 412_000, 11: 412_300, 12: 415_000, 13: 412_600}


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """blpu, lpi, street_description and delivery_point."""
    columns = ["uprn", "parent_uprn", "logical_status_code", "sao_start_number", "sao_start_suffix", "sao_text",
               "pao_start_number", "pao_start_suffix", "pao_text", "usrn"]  # fmt: skip
    lpi = pd.DataFrame(LPIS, columns=columns)
    blpu = lpi.drop_duplicates("uprn")[["uprn", "parent_uprn", "usrn"]].assign(logical_status_code="approved")
    empty = dict.fromkeys(["sao_end_number", "sao_end_suffix", "pao_end_suffix", "area_name"])
    lpi = lpi.drop(columns="parent_uprn").assign(language_code="english", pao_end_number=None, **empty)
    lpi.loc[lpi["uprn"] == 14, "pao_end_number"] = 14
    points = pd.DataFrame(
        [(16, "FLAT 3", "", 27, "", "ASPEN TERRACE", "NETHERFOLD", "KELBOROUGH", "KB1 1BX")],
        columns=["uprn", "sub_building_name", "building_name", "building_number", "dependent_thoroughfare",
                 "thoroughfare", "dependent_locality", "post_town", "postcode"],
    )  # fmt: skip
    streets = [(10, "ASPEN WALK", "NETHERFOLD", "KELBOROUGH", "english"),
               (11, "ASPEN TERRACE", "NETHERFOLD", "KELBOROUGH", "english"),
               (12, "WEST LANE", "NETHERFOLD", "KELBOROUGH", "english"),
               (13, "ASPEN WAY", "NETHERFOLD", "KELBOROUGH", "english")]  # fmt: skip
    return {
        "blpu": blpu.assign(
            postcode=blpu["usrn"].map(POSTCODES).mask(blpu["uprn"] == 22, "KB1 1CX"),
            easting_m=blpu["usrn"].map(EASTINGS),
            northing_m=425_000,
        ),
        "blpu_classification": pd.DataFrame(
            [
                (20, "PP", "AddressBase Premium Classification Scheme", None),
                (22, "PP", "Council Tax", None),
                (1, "PP", "AddressBase Premium Classification Scheme", date(2020, 1, 1)),
            ],
            columns=["uprn", "classification_code", "scheme", "end_date"],
        ),
        "lpi": lpi,
        "street_description": pd.DataFrame(
            streets, columns=["usrn", "description", "locality", "town", "language_code"]
        ),
        "delivery_point": points,
    }


@pytest.fixture(scope="session")
def town(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The town's gazetteer."""
    return gazetteer.build(**tables)
