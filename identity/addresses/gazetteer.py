"""The gazetteer as addresses are matched against: every way to write a UPRN's address, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from canonical_model.tables import current
from ledger.errors import ContractBroken

STANDINGS = {"approved": 0, "provisional": 1, "alternative": 1, "candidate": 2, "historical": 3}
"""How far an address may be relied on; 0 is best. Rejected ones are left out."""
_COLUMNS: Mapping[LiteralString, tuple[str, ...]] = {
    "blpu": ("uprn", "logical_status_code", "parent_uprn", "postcode", "easting_m", "northing_m"),
    "blpu_classification": ("uprn", "classification_code", "scheme", "end_date"),
    "lpi": (
        "uprn", "language_code", "logical_status_code", "sao_start_number", "sao_start_suffix", "sao_end_number",
        "sao_end_suffix", "sao_text", "pao_start_number", "pao_start_suffix", "pao_end_number", "pao_end_suffix",
        "pao_text", "usrn", "area_name",
    ),
    "street_description": ("usrn", "description", "locality", "town", "language_code"),
    "delivery_point": (
        "uprn", "sub_building_name", "building_name", "building_number", "dependent_thoroughfare", "thoroughfare",
        "dependent_locality", "post_town", "postcode",
    ),
}  # fmt: skip
_PARTS = ("unit", "building", "number", "street", "locality", "town")
_A_NUMBER = r"^\d+[A-Za-z]?(?:-\d+[A-Za-z]?)?$"


def load(connection: psycopg.Connection[Any]) -> pd.DataFrame:
    """The gazetteer of the canonical model, in the shape of ``build``.

    Raises:
        ContractBroken: no gazetteer has been loaded.
    """
    tables = {name: _rows(connection, name) for name in _COLUMNS}
    if tables["lpi"].empty and tables["delivery_point"].empty:
        raise ContractBroken(
            "no gazetteer is loaded, so no address can be given its UPRN.",
            system="gazetteer", place="canonical.lpi",
            next_step="load the gazetteer feed first (hub migrate --system gazetteer), then run again.",
        )  # fmt: skip
    return build(**tables)


def build(
    *, blpu: pd.DataFrame, blpu_classification: pd.DataFrame, lpi: pd.DataFrame, street_description: pd.DataFrame,
    delivery_point: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """One row a way to write an address, from the canonical tables' columns.

    uprn, parent_uprn (none: 0), standing (see STANDINGS), unit, building, number, street, locality, town (texts in
    capitals, '' for none), postcode, easting_m and northing_m of its place (or none), is_unit (it is part of a
    building), is_block (other homes are within it).
    """
    places = blpu.drop_duplicates("uprn").set_index("uprn")
    ways = pd.concat([_identifiers(lpi, street_description), _delivery_points(delivery_point)], ignore_index=True)
    ways["uprn"] = ways["uprn"].astype("int64")
    ways["postcode"] = ways["postcode"].fillna(ways["uprn"].map(places["postcode"])).fillna("")
    ways["parent_uprn"] = ways["uprn"].map(places["parent_uprn"]).fillna(0).astype("int64")
    for axis in ("easting_m", "northing_m"):
        ways[axis] = pd.to_numeric(ways["uprn"].map(places[axis]))
    of_place = ways["uprn"].map(places["logical_status_code"]).map(STANDINGS).fillna(0)
    ways["standing"] = np.maximum(ways["standing"], of_place).astype("int64")
    for part in _PARTS:
        ways[part] = ways[part].fillna("").str.upper().str.replace(r"\s+", " ", regex=True).str.strip()
    ways = ways[ways["street"].ne("") | ways["building"].ne("")].drop_duplicates(["uprn", "postcode", *_PARTS])
    ways = ways.sort_values(["uprn", "standing", *_PARTS], kind="stable", ignore_index=True)
    return _with_hierarchy(ways, _shells(blpu_classification))


def _shells(classes: pd.DataFrame) -> pd.Series:
    """The UPRNs of parent shells: class P of AddressBase."""
    stands = classes["end_date"].isna() & classes["scheme"].str.startswith("AddressBase")
    return classes.loc[stands & classes["classification_code"].str.startswith("P"), "uprn"]


def _with_hierarchy(ways: pd.DataFrame, shells: pd.Series) -> pd.DataFrame:
    """Adds is_unit and is_block: by class, by parent UPRN, and by the same building where the feed has no parents."""
    lettered = ways["unit"].eq("") & ways["number"].str.fullmatch(r"\d+[A-Z]") & ways["parent_uprn"].gt(0)
    is_unit = ways["unit"].ne("") | lettered
    home = is_unit & ~ways["unit"].str.contains(r"\b(?:GARAGE|PARKING|STORE|LAND|SHOP|OFFICE|ANNEXE?)\b", regex=True)
    building = ["postcode", "building", "number", "street"]
    split = ways.loc[home & ways["unit"].ne("") & (ways["building"].ne("") | ways["number"].ne("")), building]
    shared = pd.MultiIndex.from_frame(ways[building]).isin(pd.MultiIndex.from_frame(split.drop_duplicates()))
    parents = ways["uprn"].isin(ways.loc[home, "parent_uprn"].unique())
    block = ways["uprn"].isin(ways.loc[~is_unit & (parents | shared), "uprn"].unique())
    return ways.assign(is_unit=is_unit, is_block=block | ways["uprn"].isin(shells))


def _identifiers(lpi: pd.DataFrame, descriptions: pd.DataFrame) -> pd.DataFrame:
    """The addresses of the land and property identifiers, each with its street in its own language."""
    kept = lpi[lpi["logical_status_code"].isin(STANDINGS)].reset_index(drop=True)
    streets = descriptions.assign(language_code=descriptions["language_code"].fillna("english"))
    own = kept[["usrn"]].assign(language_code=kept["language_code"].fillna("english"))
    named = own.merge(streets.drop_duplicates(["usrn", "language_code"]), "left", on=["usrn", "language_code"])
    any_language = own[["usrn"]].merge(streets.drop_duplicates("usrn"), "left", on="usrn")
    street = named[["description", "locality", "town"]].fillna(any_language[["description", "locality", "town"]])
    number = _numbered(kept, "sao")
    words = kept["sao_text"].fillna("")
    told = [of.endswith(last) for of, last in zip(words.str.upper(), number, strict=True)]  # FLAT B with suffix B
    unit = np.select([words == "", told], [("FLAT " + number).where(number != "", ""), words], words + " " + number)
    return pd.DataFrame(
        {
            "uprn": kept["uprn"], "standing": kept["logical_status_code"].map(STANDINGS), "unit": unit,
            "building": kept["pao_text"], "number": _numbered(kept, "pao"), "street": street["description"],
            "locality": street["locality"].fillna(kept["area_name"]), "town": street["town"], "postcode": None,
        }
    )  # fmt: skip


def _delivery_points(points: pd.DataFrame) -> pd.DataFrame:
    """The addresses as the post writes them: a building's name that is a number (27A) is its number."""
    name, number = points["building_name"].fillna(""), _text(points["building_number"])
    is_number = name.str.fullmatch(_A_NUMBER) & number.eq("")
    dependent, main = points["dependent_thoroughfare"].fillna(""), points["thoroughfare"].fillna("")
    return pd.DataFrame(
        {
            "uprn": points["uprn"], "standing": 0, "unit": points["sub_building_name"],
            "building": name.where(~is_number, ""), "number": number.where(~is_number, name),
            "street": dependent.where(dependent != "", main), "locality": points["dependent_locality"],
            "town": points["post_town"], "postcode": points["postcode"],
        }
    )  # fmt: skip


def _numbered(lpi: pd.DataFrame, part: str) -> pd.Series:
    """The number of the building (pao) or unit (sao): 27A, 12-14."""
    first = _text(lpi[f"{part}_start_number"]) + lpi[f"{part}_start_suffix"].fillna("")
    last = _text(lpi[f"{part}_end_number"]) + lpi[f"{part}_end_suffix"].fillna("")
    return first.where(last == "", first + "-" + last)


def _text(numbers: pd.Series) -> pd.Series:
    return pd.to_numeric(numbers).astype("Int64").astype("string").fillna("").astype("str")


def _rows(connection: psycopg.Connection[Any], name: LiteralString) -> pd.DataFrame:
    table = current(name)
    query = sql.SQL("SELECT {} FROM {} WHERE ended_run_id IS NULL ORDER BY id").format(
        sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[name])), sql.Identifier(str(table.schema), table.name)
    )
    return pd.DataFrame(connection.execute(query).fetchall(), columns=list(_COLUMNS[name]))
