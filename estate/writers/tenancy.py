"""The housing management system: an SQL database of properties, tenancies, people, rent accounts and arrears.

It knows the years as the vendor does: no keys and no rules, text padded with blanks, a blank or nought for
what is not known, 1900-01-01 for a day that has not come. Of rent postings it holds the current rent year,
opened by one balance row an account. A receipt is negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd
import sqlalchemy as sa

from estate import rents
from estate.accounts import CHARGE_CODES, RECEIPT_CODES
from estate.calendars import CURRENT_YEAR, RENT_GROUPS, year_start
from estate.seeds import stream
from estate.soil import Soil
from estate.truth import Truth
from estate.world import World
from estate.writers import tenancy_tables as tables
from estate.writers.database import append, new_tables
from estate.writers.tenancy_arrears import actions, agreements, cautions, instalments
from estate.writers.tenancy_dirt import Postings, soil_accounts, soil_debits, soil_people, soil_places, soil_rest
from estate.writers.tenancy_people import contacts, households, members, parties
from estate.writers.tenancy_refs import house_refs

SYSTEM = "tenancy"
POSTINGS_AT_ONCE = 100_000  # bounds memory; part of the random stream, so a change changes the estate
OPEN = np.datetime64("1900-01-01", "s")
SUBTYPES = {
    "house": "HOU", "bungalow": "BUN", "flat": "FLT", "maisonette": "MAI", "bedsit": "BED", "garage": "GAR",
    "block": "BLK", "estate": "EST", "lift": "LFT", "boiler house": "BLR", "community hall": "HAL",
}  # fmt: skip
LEVELS = {"EST": "1", "BLK": "3"}
CLASSES = {"rent": "RNT", "former": "FTA", "garage": "GAR", "service charge": "SVC", "recharge": "RCH"}
METHODS = np.array(["HB", "UC", "MPL", "DD", "SO", "CSH"], dtype=object)
SOURCES = {"RHB": "HBX", "RDT": "DWP", "RDD": "BAC", "RDN": "BAC", "RSO": "BAC", "RBP": "BAC", "RCP": "WEB"}
ELIGIBLE = ("DBR", "DSC", "DTA", "DGR")
LAST_VOID_REASON = {"DEA": "DEA", "TRF": "TRF", "EVI": "EVI", "ABA": "ABA", "NEW": "NEW", "MEX": "TRF"}


def write(world: World, url: str, truth: Truth) -> None:
    """Writes the system into the database at ``url`` (PostgreSQL, MariaDB or SQLite), its tables made anew."""
    agreed = tenancies(world)
    with new_tables(url, tables.METADATA) as connection:

        def put(table: sa.Table, frame: pd.DataFrame) -> None:
            append(connection, table, frame, as_vendor)

        put(tables.PROPERTY, soil_places(Soil(SYSTEM, "property", properties(world), ["prop_ref"], world.seed), truth))
        homes = households(world)
        truth.household(SYSTEM, "househ", homes["house_ref"], homes["household_id"])
        put(tables.HOUSEH, homes)
        crowd = members(world)
        put(tables.MEMBER, soil_people(Soil(SYSTEM, "member", crowd, ["house_ref", "person_no"], world.seed), truth))
        put(tables.TAGPARTY, parties(world))
        for number, part in enumerate(charges(world, agreed)):
            put(tables.DEBITEM, soil_debits(Soil(SYSTEM, "debitem", part, ["debitem_sid"], world.seed, number), truth))
        put(tables.RENTPRD, periods(world))
        sums = Postings(world)
        for number, part in enumerate(transactions(world, agreed)):
            put(tables.RTRANS, sums.soiled(Soil(SYSTEM, "rtrans", part, ["rtrans_sid"], world.seed, number), truth))
        # What the accounts state is spoilt last: an account that lost postings has a balance that differs too.
        soil = Soil(SYSTEM, "tenagree", agreed, ["tag_ref"], world.seed)
        put(tables.TENAGREE, soil_accounts(soil, sums, truth))
        for table, key, frame in _smaller(world, agreed):
            put(table, soil_rest(Soil(SYSTEM, table.name, frame, [key], world.seed), truth))
        for table, frame in code_lists():
            put(table, frame)


def _smaller(world: World, agreed: pd.DataFrame) -> Iterator[tuple[sa.Table, str, pd.DataFrame]]:
    """The smaller tables, each with its key column. One after another, because memory holds one at a time."""
    yield tables.CONTACTS, "con_key", contacts(world)
    yield tables.ARACTION, "araction_sid", actions(world, agreed)
    yield tables.ARAG, "arag_sid", agreements(world, agreed)
    yield tables.ARAGDET, "aragdet_sid", instalments(world)
    yield tables.VOIDS, "void_sid", voids(world, agreed)
    yield tables.CAUTION, "caution_sid", cautions(world, agreed)


def as_vendor(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the vendor's own nothings: a blank for no text, 1900-01-01 for no day."""
    filled = {}
    for name, values in frame.items():
        if pd.api.types.is_datetime64_any_dtype(values):
            filled[name] = values.fillna(pd.Timestamp(OPEN))
        elif pd.api.types.is_string_dtype(values):
            filled[name] = values.where(values != "", " ")
    return frame.assign(**{str(name): values for name, values in filled.items()})


def properties(world: World) -> pd.DataFrame:
    """The property table: estates, blocks, homes, garages and plant, each with its parent."""
    places = world.places.properties
    parent = places["property_ref"].reindex(places["parent_id"]).fillna("").to_numpy()
    top = places[places["asset_type"] == "estate"].set_index("estate_id")["property_ref"]
    block = places[places["asset_type"] == "block"].set_index("block_id")["property_ref"]
    running = world.tenancies.tenancies[world.tenancies.tenancies["end_date"].isna()].set_index("property_id")
    tenure = running["tenure_code"].reindex(places.index).fillna("")
    lettable = places["is_dwelling"] | (places["asset_type"] == "garage")
    numbered = (places["number"] + " " + places["street"]).str.strip()
    named = (places["unit"] + ", " + places["building"]).str.strip(", ")
    short = named.where(named == "", named + ", ") + numbered
    subtype = places["asset_type"].map(SUBTYPES)
    sold = running["start_date"].where(running["tenure_code"] == "FRE").reindex(places.index)
    plant = subtype.isin(["LFT", "BLR"])
    return pd.DataFrame(
        {
            "prop_ref": places["property_ref"], "level_code": subtype.map(LEVELS).fillna("5"), "major_ref": parent,
            "cat_type": np.select([places["temporary"], places["sheltered"]], ["TMP", "SHE"], "GEN"),
            "subtyp_code": subtype, "short_address": short,
            "address1": short + ", " + places["locality"] + ", " + places["town"],
            "post_preamble": places["unit"], "post_desig": numbered, "u_building": places["building"],
            "aline3": places["locality"], "aline4": places["town"], "post_code": places["postcode"],
            "num_bedrooms": places["bedrooms"], "u_floors": places["floors"], "u_floor_level": places["storey"],
            "u_year_constructed": places["build_year"],
            "occ_stat": np.select([~lettable, tenure == "", tenure == "FRE"], ["", "VOI", "SOL"], "OCC"),
            "ownership": np.select([tenure == "LEA", tenure == "FRE"], ["LEASEHOLD", "FREEHOLD"], "COUNCIL"),
            "rentgrp_ref": places["rent_group"],
            "u_llpg_ref": places["uprn"].astype("str").where(~plant, ""),
            "u_easting": places["easting"].astype("str"), "u_northing": places["northing"].astype("str"),
            "u_block": block.reindex(places["block_id"]).fillna("").to_numpy(),
            "u_estate": top.reindex(places["estate_id"]).fillna("").to_numpy(),
            "housing_officer": places["patch"].str[2:].str.zfill(3), "rep_area": places["repairs_area"],
            "no_maint": tenure == "FRE", "letable": lettable & (tenure != "FRE"), "sheltered": places["sheltered"],
            "u_sold_leased_date": sold, "property_sid": places["property_id"] + 1, "comp_avail": "",
            "dtstamp": pd.Timestamp(world.today), "property_id": places["property_id"],
            "true_uprn": places["uprn"],
        }
    )  # fmt: skip


def tenancies(world: World) -> pd.DataFrame:
    """The tenagree table and, in ``account_id`` (-1 none), the account of the made-up world behind each row."""
    held, accounts = world.tenancies.tenancies, world.accounts
    main = accounts[accounts["account_class"] != "recharge"].set_index("tenancy_id")
    side = accounts[accounts["account_class"] == "recharge"]
    account = main["account_id"].reindex(held["tenancy_id"]).fillna(-1).to_numpy().astype("int64")
    frame = pd.concat(
        [held, held.loc[side["tenancy_id"]]], ignore_index=True
    ).assign(account_id=np.concatenate([account, side["account_id"]]))  # fmt: skip
    count, recharge = len(frame), np.arange(len(frame)) >= len(held)
    of = accounts.reindex(frame["account_id"]).reset_index(drop=True)
    pence = of.fillna(dict.fromkeys(CHARGE_CODES, 0))[list(CHARGE_CODES)].astype("int64")
    balance = np.append(rents.balances(world, CURRENT_YEAR), 0)[frame["account_id"]]
    ended, reason = frame["end_date"].notna(), frame["end_reason"]
    notice = frame["end_date"] - pd.Timedelta(28, "D")
    started = frame["start_date"]
    return pd.DataFrame(
        {
            "tag_ref": frame["tenancy_ref"].where(~recharge, frame["tenancy_ref"] + "R"),
            "prop_ref": world.places.properties["property_ref"].reindex(frame["property_id"]).to_numpy(),
            "house_ref": house_refs(frame["household_id"]), "agr_type": np.where(recharge, "R", "M"),
            "master_tag_ref": frame["tenancy_ref"],
            "u_account_type": of["account_class"].map(CLASSES).fillna("SVC"), "cur_bal": balance, "cur_nr_bal": 0,
            "tenure": frame["tenure_code"], "tenure_ori": frame["tenure_code"].replace("SEC", "INT"),
            "rent": pence[["DBR", "DTA", "DGA", "DGR"]].sum(axis=1), "service": pence["DSC"],
            "other_charge": pence[["DHE", "DWR"]].sum(axis=1), "u_saff_rentacc": of["payment_ref"].fillna(""),
            "rentgrp_ref": of["rent_group"].fillna(""), "prd_code": "WK",
            "u_payment_expected": METHODS[of["method"].fillna(5).astype("int64")], "cot": started,
            "eot": frame["end_date"], "potentialenddate": (started + pd.Timedelta(364, "D")).where(
                frame["tenure_code"] == "INT"),
            "noticegiven_dt": notice.where(reason.isin(["NTQ", "PRI", "RES"]) & (notice > started)),
            "succession_date": started.where(frame["succeeds"] >= 0),
            "evictdate": frame["end_date"].where(reason == "EVI"),
            "occ_status": np.where(ended, "FOR", "CUR"), "present": ~ended, "terminated": ended,
            "reason_term": reason, "tenagree_sid": np.arange(1, count + 1), "comp_avail": "",
            "dtstamp": pd.Timestamp(world.today), "account_id": frame["account_id"],
        }
    )  # fmt: skip


def charges(world: World, agreed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The debitem table, some accounts at a time: what each is charged, a row an element and rent year."""
    refs = agreed.set_index("account_id")[["tag_ref", "prop_ref", "rentgrp_ref"]]
    first = 1
    for part in rents.elements(world):
        yield _charges(part, refs, first)
        first += len(part)


def _charges(found: pd.DataFrame, refs: pd.DataFrame, first: int) -> pd.DataFrame:
    of = refs.loc[found["account_id"]].reset_index(drop=True)
    quarterly = of["rentgrp_ref"] == "LSC"
    return pd.DataFrame(
        {
            "debitem_sid": np.arange(first, first + len(found)), "tag_ref": of["tag_ref"], "prop_ref": of["prop_ref"],
            "deb_code": found["code"].astype("str"),
            "deb_value": found["weekly_pence"] * np.where(quarterly, 13, 1),
            "prd_code": np.where(quarterly, "QU", "WK"), "eff_date": found["start_date"],
            "term_date": found["end_date"], "deb_active": found["end_date"].isna(), "deb_source": "RVW",
            "u_hbeligable": found["code"].isin(ELIGIBLE), "freeprd": ~of["rentgrp_ref"].isin(["HRA", "GPS"]),
        }
    )  # fmt: skip


def periods(world: World) -> pd.DataFrame:
    """The rentprd table: every week of every rent group's years."""
    weeks = world.rent_calendar
    charged = weeks.groupby(["rent_group", "rent_year"])["charged"].transform("sum")
    return pd.DataFrame(
        {
            "rentgrp_ref": weeks["rent_group"], "prd_year": weeks["rent_year"], "prd_no": weeks["period_no"],
            "prd_start": weeks["week_start"], "prd_end": weeks["week_start"] + pd.Timedelta(6, "D"),
            "free_prd": ~weeks["charged"], "no_of_debits": charged,
        }
    )  # fmt: skip


def transactions(world: World, agreed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rtrans table, a hundred thousand rows at a time: opening balances, then the year's postings."""
    opening = rents.balances(world, CURRENT_YEAR - 1)
    begin = np.datetime64(year_start(CURRENT_YEAR), "s")
    accounts = world.accounts
    live = (accounts["end_date"].isna() | (accounts["end_date"] >= begin)) & (accounts["start_date"] <= begin)
    opened = np.flatnonzero(live.to_numpy() | (opening != 0))
    brought = pd.DataFrame(
        {"account_id": opened, "date": begin, "period_no": 0, "code": "ROB", "amount_pence": opening[opened],
         "posting_no": (CURRENT_YEAR - 2000) * 100_000_000 - opened - 1}
    )  # fmt: skip
    refs = agreed.set_index("account_id")[["tag_ref", "prop_ref", "rentgrp_ref"]]
    first = 1
    for source in chain([brought], rents.postings(world, CURRENT_YEAR)):
        for start in range(0, len(source), POSTINGS_AT_ONCE):
            part = source.iloc[start : start + POSTINGS_AT_ONCE].reset_index(drop=True)
            yield _transactions(part, refs, first)
            first += len(part)


def _transactions(part: pd.DataFrame, refs: pd.DataFrame, first: int) -> pd.DataFrame:
    of = refs.loc[part["account_id"]].reset_index(drop=True)
    code = part["code"].astype("str")
    source = code.map(SOURCES).fillna("CSH").where(~code.isin(CHARGE_CODES), "DEB").where(code != "ROB", "OPB")
    return pd.DataFrame(
        {
            "rtrans_sid": np.arange(first, first + len(part)), "prop_ref": of["prop_ref"], "tag_ref": of["tag_ref"],
            "trans_type": code, "trans_src": source, "trans_ref": part["posting_no"].astype("str"),
            "post_date": part["date"], "post_year": CURRENT_YEAR, "post_prdno": part["period_no"],
            "batchno": 1000 + part["period_no"] * 10 + code.isin(RECEIPT_CODES).astype("int64"),
            "line_no": np.arange(1, len(part) + 1), "rentgroup": of["rentgrp_ref"],
            "real_value": part["amount_pence"], "vat_value": 0, "adjustment": code.isin(["WOF", "REF"]),
            "account_id": part["account_id"],
        }
    )  # fmt: skip


def voids(world: World, agreed: pd.DataFrame) -> pd.DataFrame:
    """The voids table: each time that a home stood empty."""
    found, held = world.tenancies.voids, world.tenancies.tenancies
    rng = stream(world.seed, SYSTEM, "voids")
    count = len(found)
    refs = pd.Series(held["tenancy_ref"].to_numpy(), held["tenancy_id"])
    after = held.merge(
        found.assign(start=found["end_date"] + pd.Timedelta(1, "D"))[["void_id", "property_id", "start"]],
        left_on=["property_id", "start_date"], right_on=["property_id", "start"],
    ).drop_duplicates("void_id").set_index("void_id")["tenancy_ref"]  # fmt: skip
    start, end = found["start_date"], found["end_date"]
    ready = start + pd.to_timedelta(rng.integers(4, 30, count), "D")
    rent = agreed[agreed["agr_type"] == "M"].groupby("prop_ref")["rent"].max()
    prop_ref = world.places.properties["property_ref"].loc[found["property_id"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "void_sid": found["void_id"] + 1, "prop_ref": prop_ref,
            "tag_ref": refs.reindex(found["tenancy_id"]).fillna("").to_numpy(),
            "next_tag_ref": after.reindex(found["void_id"]).fillna("").to_numpy(),
            "void_reason": found["reason"].map(LAST_VOID_REASON).fillna("TEN"),
            "void_class": rng.choice(["STD", "MAJ"], count, p=[0.88, 0.12]), "void_date": start,
            "target_date": start + pd.Timedelta(28, "D"), "keysrecd_dt": start,
            "ready_date": ready.where(ready <= end.fillna(pd.Timestamp(world.today))), "let_date": end,
            "weekly_loss": rent.reindex(prop_ref).fillna(0).to_numpy().astype("int64"),
        }
    )  # fmt: skip


def code_lists() -> Iterator[tuple[sa.Table, pd.DataFrame]]:
    """The tables of the system's own codes."""
    codes = pd.Series(list(CHARGE_CODES))
    yield tables.DEBTYPE, pd.DataFrame(
        {"deb_code": codes, "deb_desc": [name[:20] for name in CHARGE_CODES.values()], "vatable": False,
         "freeprd": ~codes.isin(["DBR", "DGA"]), "u_hbeligable": codes.isin(ELIGIBLE)}
    )  # fmt: skip
    received = {"": "", **RECEIPT_CODES, "ROB": "\\Opening Balance"}
    codes = pd.Series(list(received))
    yield tables.RECTYPE, pd.DataFrame(
        {"rec_code": codes, "rec_desc": [name[:20] for name in received.values()], "rec_hb": codes == "RHB",
         "rec_dd": codes.isin(["RDD", "RDN"])}
    )  # fmt: skip
    yield tables.RENTGRP, pd.DataFrame(
        {"rentgrp_ref": RENT_GROUPS["rent_group"], "rentgrp_desc": RENT_GROUPS["description"],
         "no_of_periods": 52 - RENT_GROUPS["free_weeks"]}
    )  # fmt: skip
