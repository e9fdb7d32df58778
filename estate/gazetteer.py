"""The gazetteer: every address of the town, the council's and about three private ones for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.places import TOWN, stand
from estate.seeds import stream
from estate.uprns import uprns

if TYPE_CHECKING:
    from estate.world import World

CUSTODIAN = 9_051
_TEXTS = ("unit", "building", "number", "street", "locality", "town", "postcode")
_CLASSES = {
    "house": "RD03", "bungalow": "RD02", "flat": "RD06", "maisonette": "RD06", "bedsit": "RD06", "garage": "RD07",
    "block": "PP", "estate": "LU", "lift": "OI", "boiler house": "CU", "community hall": "CC04",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Records as an AddressBase-style transfer has them; -1 and '' are none, dates datetime64[s].

    blpus    uprn, parent_uprn, logical_status (1 approved, 8 historic), easting, northing, blpu_class,
             postcode, usrn, property_id (-1 private), private_id (-1 council), start_date, custodian
    lpis     lpi_key, uprn, language, logical_status (1 approved, 3 alternative, 8 historic), usrn, sao_number,
             sao_suffix, sao_text, pao_number, pao_suffix, pao_text, official, start_date
    streets  usrn, street_name, locality, town, easting, northing, start_date
    """

    blpus: pd.DataFrame
    lpis: pd.DataFrame
    streets: pd.DataFrame


def private_homes(world: World) -> pd.DataFrame:
    """Private addresses of the town, homes sold by the council among them.

    private_id, uprn, parent_id (private_id of the house that a flat is cut out of, else -1), shell (a house
    cut into flats: nobody's home itself), street_id, and address parts named as in Places.properties: unit,
    building, number, street, locality, town, postcode, easting, northing.
    """
    rng = stream(world.seed, "private")
    streets, properties = world.places.streets, world.places.properties
    street = pd.Series(np.repeat(streets["street_id"].to_numpy(), streets["slots"]))
    number = street.groupby(street).cumcount() + 1
    house = properties["is_dwelling"] & (properties["block_id"] < 0)
    taken = properties.loc[house, "street_id"] * 1_000 + properties.loc[house, "number"].astype("int64")
    free = ~(street * 1_000 + number).isin(taken)
    free &= (number != 13) | (rng.random(len(street)) < 0.5)
    street, number = street[free].reset_index(drop=True), number[free].reset_index(drop=True)
    cut = (rng.random(len(street)) < 0.14) & (streets["estate_id"].to_numpy()[street] < 0)
    pieces = np.where(cut, rng.integers(2, 6, len(street)), 0)
    parent = np.concatenate([np.full(len(street), -1), np.repeat(np.arange(len(street)), pieces)])
    row = np.concatenate([np.arange(len(street)), np.repeat(np.arange(len(street)), pieces)])
    street_of, number_of = street[row].reset_index(drop=True), number[row].reset_index(drop=True)
    turn = np.arange(len(row)) - np.searchsorted(parent, parent, side="left")
    style = (number_of + street_of) % 4  # of a cut house: Flat 1, Flat A, Ground floor flat, 27A
    flat = parent >= 0
    letters = np.array(list("ABCDEF"), dtype=object)[np.minimum(turn, 5) * flat]
    floors = np.array(
        ["Basement flat", "Ground floor flat", "First floor flat", "Second floor flat", "Top flat", "Rear flat"],
        dtype=object,
    )
    digits = (np.where(flat, turn, 0) + 1).astype(str).astype(object)
    unit = np.select(
        [style == 0, style == 1, style == 2],
        ["Flat " + digits, "Flat " + letters, floors[np.minimum(turn, 5) * flat]],
        "",
    )
    plain = number_of.astype("str").astype(object)
    easting, northing, segment = stand(streets, street_of, number_of)
    of = streets.loc[street_of].reset_index(drop=True)
    return pd.DataFrame(
        {
            "private_id": np.arange(len(row)),
            "uprn": uprns(street_of.to_numpy(), 1, rng), "parent_id": parent,
            "shell": np.concatenate([cut, np.zeros(int(pieces.sum()), dtype=bool)]), "street_id": street_of,
            "unit": np.where(flat, unit, ""), "building": "",
            "number": np.where(flat & (style == 3), plain + letters, plain),
            "street": of["name"], "locality": of["locality"], "town": TOWN,
            "postcode": world.places.postcodes[segment], "easting": easting, "northing": northing,
        }
    ).astype(dict.fromkeys(_TEXTS, "str"))  # fmt: skip


def build(world: World) -> Gazetteer:
    """The gazetteer of the whole town."""
    rng = stream(world.seed, "gazetteer")
    own, private = world.places.properties, world.private_homes
    streets = world.places.streets
    parent = np.where(own["parent_id"] >= 0, own["uprn"].to_numpy()[own["parent_id"]], -1)
    house = own["is_dwelling"] & (own["block_id"] < 0)
    council = own.assign(
        parent_uprn=np.where(house, -1, parent), private_id=-1, blpu_class=own["asset_type"].map(_CLASSES)
    )
    above = np.where(private["parent_id"] >= 0, private["uprn"].to_numpy()[private["parent_id"]], -1)
    kind = np.select(
        [private["shell"], private["parent_id"] >= 0],
        ["PP", "RD06"],
        np.where(private["private_id"] % 3 == 0, "RD02", "RD04"),
    )
    others = private.assign(parent_uprn=above, property_id=-1, blpu_class=kind)
    parts = ["uprn", "parent_uprn", "property_id", "private_id", "blpu_class", "street_id", "unit", "building",
             "number", "postcode", "easting", "northing"]  # fmt: skip
    every = pd.concat([council[parts], others[parts]]).sort_values("uprn", ignore_index=True)
    count = len(every)
    every["usrn"] = streets["usrn"].to_numpy()[every["street_id"]]
    since = np.datetime64("2001-03-15", "D") + rng.integers(0, 8_500, count)
    every["start_date"] = since.astype("datetime64[s]")
    every["logical_status"], every["custodian"] = 1, CUSTODIAN
    blpus = every[["uprn", "parent_uprn", "logical_status", "easting", "northing", "blpu_class", "postcode", "usrn",
                   "property_id", "private_id", "start_date", "custodian"]]  # fmt: skip
    roads = pd.DataFrame(
        {
            "usrn": streets["usrn"], "street_name": streets["name"], "locality": streets["locality"], "town": TOWN,
            "easting": streets["easting"], "northing": streets["northing"],
            "start_date": np.full(len(streets), np.datetime64("2001-01-05", "s")),
        }
    )  # fmt: skip
    return Gazetteer(blpus, _lpis(every, rng), roads)


def _lpis(every: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    number = every["number"].str.extract(r"^(\d*)([A-Z]?)$").fillna("")
    unit = every["unit"].str.extract(r"^(?:Flat )?(\d*)([A-Z]?)$")
    words = unit[0].isna()
    unit = unit.fillna("")
    lpis = pd.DataFrame(
        {
            "uprn": every["uprn"], "language": "ENG", "logical_status": 1, "usrn": every["usrn"],
            "sao_number": _number(unit[0]), "sao_suffix": unit[1],
            "sao_text": every["unit"].where(words | every["unit"].str.match(r"^Flat [A-Z]$"), ""),
            "pao_number": _number(number[0]), "pao_suffix": number[1], "pao_text": every["building"], "official": "Y",
            "start_date": every["start_date"],
        }
    )  # fmt: skip
    # An alternative name that people use, and a number that the house had once.
    named = lpis[(rng.random(len(lpis)) < 0.015) & (lpis["pao_text"] == "") & (lpis["sao_number"] < 0)]
    words_of = np.array(
        ["Rose Cottage", "The Old School", "Hillcrest", "Fairview", "The Lodge", "Corner House"], dtype=object
    )
    named = named.assign(logical_status=3, official="N", pao_text=words_of[rng.integers(6, size=len(named))])
    old = lpis[(rng.random(len(lpis)) < 0.01) & (lpis["pao_number"] > 0)]
    old = old.assign(logical_status=8, pao_number=old["pao_number"] + 100)
    found = pd.concat([lpis, named, old]).sort_values(["uprn", "logical_status"], kind="stable", ignore_index=True)
    found.insert(0, "lpi_key", f"{CUSTODIAN}L" + pd.Series(np.arange(len(found)) + 1).astype("str").str.zfill(9))
    texts = ["sao_suffix", "sao_text", "pao_suffix", "pao_text"]
    return found.astype(dict.fromkeys(texts, "str"))


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text.where(text != ""), errors="coerce").fillna(-1).astype("int64")
