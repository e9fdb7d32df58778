"""Addresses to UPRNs: a made-up town's addresses, spoilt by the package address-errors, given back their UPRNs.

The truth is the record that the text was made of. A twentieth of the UPRNs is taken out of the gazetteer. Spoiling may
take away what tells a home from its neighbour (Flat 3 goes missing), or leave another home's address word for word:
``tells`` says where number and unit still stand in the text, ``is_anothers`` where address-errors finds another home's.
What is another home's no matcher can know: as that package's manual asks, the marks are held without those texts, and
the figures of all texts stand beside them. So do the matcher's own default answers.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from uk_address_matcher import AddressMatcher

from benchmarks.figures import keep
from benchmarks.peers import environment
from estate import world
from identity.addresses.gazetteer import build
from identity.addresses.match import QUEUED, match

HERE = Path(__file__).parent
HOMES, SEED = 3_000, 20_260_929
RATES: dict[str, tuple[dict[str, Any], float]] = {
    "default": ({}, 0.97),
    "prevalence x2": ({"prevalence": 2}, 0.95),
    "stress": ({"prevalence": 2, "noise": {"rate": 0.2, "max_ops": 2}}, 0.92),
}
"""Controls of the package, and the pass mark of recall. Its manual names that noise as a stress beyond any council."""
_PARTS = ("unit", "building", "number", "street", "locality", "town")
_FLOORS = {"Basement": -1, "Ground": 0, "First": 1, "Second": 2, "Top": 3}
_STANDINGS = {1: "approved", 3: "alternative", 8: "historical"}


def measure(full: bool) -> None:
    """Measures all rates in full, the default rate in the short form."""
    town = world.build(HOMES, SEED)
    known = gazetteer_of(town, _taken_out(town))
    for name in RATES if full else ("default",):
        controls, recall = RATES[name]
        spoilt = _spoilt(_clean(town), controls)
        began = perf_counter()
        found = match(spoilt[["address_id", "address", "postcode"]], known)
        seconds = perf_counter() - began
        in_it = spoilt["uprn"].isin(known["uprn"])
        ours, peers = _Shares(found["uprn"], spoilt, in_it), _Shares(_peer(spoilt, known), spoilt, in_it)
        tells, anothers = spoilt.loc[in_it, "tells"].mean(), spoilt.loc[in_it, "is_anothers"].sum()
        protocol = (
            f"{len(spoilt):,} addresses of a made-up town ({HOMES:,} homes, seed {SEED}) spoilt by address-errors "
            f"{json.dumps(controls)}, 5 % not in the gazetteer of {known['uprn'].nunique():,} UPRNs; number and unit "
            f"still stand in {tells:.1%} of those that are, {anothers:,} are word for word another home's address; "
            f"{seconds:.1f} s"
        )
        for what, least, most in (
            ("precision", 0.998, None), ("recall", recall, None), ("given_though_missing", None, 0.01),
            ("precision_of_all", None, None), ("recall_of_all", None, None), ("recall_of_telling", None, None),
        ):  # fmt: skip
            figure, theirs = getattr(ours, what), getattr(peers, what)
            ok = figure >= least if least else figure <= most if most else None
            mark = f">= {least:.1%}" if least else f"<= {most:.0%}" if most else "-"
            keep(f"addresses, {name}: {what.replace('_', ' ')}", 100 * figure, "%", mark, ok, protocol,
                 "uk-address-matcher's own answer", 100 * theirs)  # fmt: skip
        queued = (found["status"] == QUEUED).mean()
        mark, ok = ("<= 8%", bool(queued <= 0.08)) if name == "default" else ("-", None)
        keep(f"addresses, {name}: queued", 100 * queued, "%", mark, ok, protocol)


class _Shares:
    """What share of the given UPRNs is right, and of the addresses that have one how many were given it."""

    def __init__(self, uprn: pd.Series, spoilt: pd.DataFrame, in_it: pd.Series) -> None:
        given, right, own = uprn.notna(), uprn.fillna(0) == spoilt["uprn"], ~spoilt["is_anothers"]
        self.precision, self.precision_of_all = float(right[given & own].mean()), float(right[given].mean())
        self.recall, self.recall_of_all = float(right[in_it & own].mean()), float(right[in_it].mean())
        self.recall_of_telling = float(right[in_it & spoilt["tells"]].mean())
        self.given_though_missing = float(given[~in_it].mean())


def gazetteer_of(town: world.World, without: NDArray[np.int64]) -> pd.DataFrame:
    """The town's gazetteer as the hub reads it from the canonical model, had it never heard of some UPRNs."""
    blpus, lpis = (rows[~rows["uprn"].isin(without)] for rows in (town.gazetteer.blpus, town.gazetteer.lpis))
    streets = town.gazetteer.streets
    empty = dict.fromkeys(["sao_end_number", "sao_end_suffix", "pao_end_number", "pao_end_suffix", "area_name"])
    points = ["uprn", "sub_building_name", "building_name", "building_number", "dependent_thoroughfare", "thoroughfare",
              "dependent_locality", "post_town", "postcode"]  # fmt: skip
    numbers = {part: lpis[f"{part}_number"].where(lpis[f"{part}_number"] >= 0) for part in ("sao", "pao")}
    return build(
        blpu=blpus.assign(
            logical_status_code=blpus["logical_status"].map(_STANDINGS),
            parent_uprn=blpus["parent_uprn"].where(blpus["parent_uprn"] >= 0),
            easting_m=blpus["easting"], northing_m=blpus["northing"],
        ),
        blpu_classification=blpus[["uprn"]].assign(
            classification_code=blpus["blpu_class"], scheme="AddressBase Premium", end_date=None
        ),
        lpi=lpis.rename(columns={f"{part}_suffix": f"{part}_start_suffix" for part in numbers}).assign(
            logical_status_code=lpis["logical_status"].map(_STANDINGS), language_code="english", **empty,
            **{f"{part}_start_number": number for part, number in numbers.items()},
        ),
        street_description=streets.rename(columns={"street_name": "description"}).assign(language_code="english"),
        delivery_point=pd.DataFrame(columns=points),
    )  # fmt: skip


def _taken_out(town: world.World) -> NDArray[np.int64]:
    uprns = np.sort(town.gazetteer.lpis["uprn"].unique())
    return np.random.default_rng(SEED).choice(uprns, round(len(uprns) / 20), replace=False)


def _clean(town: world.World) -> pd.DataFrame:
    """Every address of the town in parts, as address-errors wants them.

    It is told the floor that a unit names: without, it takes any floor for it, and puts that in other words.
    """
    texts = pd.concat([frame[["uprn", *_PARTS]] for frame in (town.places.properties, town.private_homes)])
    every = town.gazetteer.blpus.merge(texts, on="uprn")
    land = every.loc[every["blpu_class"] == "LU", "uprn"]
    parent = every["parent_uprn"].where((every["parent_uprn"] > 0) & ~every["parent_uprn"].isin(land))
    text = parent.astype("Int64").astype("string").fillna("")
    floor = every["unit"].str.extract(r"^(Basement|Ground|First|Second|Top)\b", expand=False).map(_FLOORS)
    return pd.DataFrame(
        {
            "uprn": every["uprn"], "subname": every["unit"].str.upper(), "name": every["building"].str.upper(),
            "number": every["number"], "streetname": every["street"].str.upper(),
            "locality": every["locality"].str.upper(), "townname": every["town"].str.upper(),
            "postcode": every["postcode"], "classificationcode": every["blpu_class"], "usrn": every["usrn"],
            "floorlevel": floor.astype("Int64"), "parentuprn": text,
            "rootuprn": text.where(text != "", every["uprn"].astype("string")),
            "easting": every["easting"], "northing": every["northing"],
        }
    )  # fmt: skip


def _spoilt(clean: pd.DataFrame, controls: dict[str, Any]) -> pd.DataFrame:
    """address_id, address, postcode, uprn (the truth), tells (its number and unit stand in the text), is_anothers."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        whole, spoilt = Path(at) / "clean.csv", Path(at) / "spoilt.csv"
        clean.to_csv(whole, index=False)
        script = HERE / "corrupt_addresses.py"
        command = [str(environment(HERE)), str(script), str(whole), json.dumps(controls), str(SEED), str(spoilt)]
        subprocess.run(command, check=True)
        found = pd.read_csv(spoilt, dtype=str, keep_default_na=False)
    uprn = found["source_uprn"].astype("int64")
    of = clean.set_index("uprn").loc[uprn].reset_index(drop=True)
    wanted = _signs(of["subname"] + " " + of["number"])
    stated = _signs(found["recorded_address"].str.upper())
    tells = [set(home) == set(text) for home, text in zip(wanted, stated, strict=True)]
    return pd.DataFrame(
        {"address_id": found.index, "address": found["recorded_address"], "postcode": found["recorded_postcode"],
         "uprn": uprn, "tells": tells, "is_anothers": found["collision"] == "matches_other_only"}
    )  # fmt: skip


def _signs(texts: pd.Series) -> pd.Series:
    """Numbers, single letters, floors and sides in a text."""
    sign = (
        r"\d+|(?<![A-Z'])[A-Z](?![A-Z'])|\b(?:BASEMENT|GROUND|FIRST|SECOND|THIRD|TOP|REAR|FRONT)(?= (?:FLOOR|FLR|FLAT))"
    )
    return texts.str.findall(sign)


def _peer(spoilt: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """The UPRN that uk-address-matcher gives each address by its defaults."""
    line = known[list(_PARTS)].agg(" ".join, axis=1).str.replace(r" +", " ", regex=True).str.strip()
    canonical = pd.DataFrame(
        {"unique_id": known["uprn"].astype("str"), "address_concat": line, "postcode": known["postcode"]}
    )
    messy = pd.DataFrame(
        {"unique_id": spoilt["address_id"].astype("str"), "address_concat": spoilt["address"],
         "postcode": spoilt["postcode"]}
    )  # fmt: skip
    with duckdb.connect() as connection:
        matcher = AddressMatcher(
            connection.from_df(canonical), connection.from_df(messy), con=connection, show_progress="off"
        )
        rows = matcher.match().matches().df()
    given = rows.drop_duplicates("unique_id").set_index(rows.drop_duplicates("unique_id")["unique_id"].astype("int64"))
    return given["resolved_canonical_id"].astype("Int64").reindex(spoilt["address_id"]).reset_index(drop=True)
