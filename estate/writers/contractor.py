"""The contractors' system: planned works and gas servicing, in a folder of FoxPro tables and older dBase ones.

RATES.DBF and EICR.DBF come from the program before it (dBase III, code page 850, which no byte of theirs names).
Tables are never packed: a row that was corrected often stands there still, marked as deleted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.occupants import occupants
from estate.planned import RATES
from estate.seeds import stream
from estate.spelling import capitals, joined, spelt
from estate.truth import Truth
from estate.world import World
from estate.writers.contractor_dirt import LAYOUTS, Records, as_written, soiled

PROPERTY_TYPES = {
    "house": "HO", "bungalow": "BU", "flat": "FL", "maisonette": "MA", "bedsit": "BS", "block": "BL",
    "community hall": "CH", "boiler house": "PL",
}  # fmt: skip
SYSTEM = "contractor"
APPLIANCE_KINDS = {
    "Combi boiler": "CB", "System boiler": "SB", "Back boiler": "BB", "Warm air unit": "WA", "Gas fire": "GF",
    "Cooker": "CK",
}  # fmt: skip
TRADES = {"GAS": "Gas and heating", "ELE": "Electrical", "ROF": "Roofing", "FIT": "Kitchen and bathroom fitting",
          "WIN": "Windows and doors"}  # fmt: skip
SHORT = {" Street": " ST", " Road": " RD", " Avenue": " AVE", " Close": " CL", " Court": " CT", " House": " HSE",
         "Flat ": "FLT ", " Gardens": " GDNS", " Lane": " LA", " Drive": " DR"}  # fmt: skip
STATUSES = {"planned": "10", "on site": "20", "completed": "30", "refused": "50", "no access": "60"}
VISIT_STATUSES = {"booked": "B", "done": "D", "no access": "N"}
DEFECTS = {
    "NCS": ["No flue seal at case", "Ventilation below size, advised", ""],
    "AR": ["Fan failing, turned off with consent", "Spillage at draught diverter"],
    "ID": ["Gas escape at joint, disconnected", "CO reading 140 ppm, disconnected and labelled"],
}
_DAY = np.timedelta64(1, "D")
_NEVER = np.datetime64("NaT", "s")


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the tables and their memo files into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    tables = {
        "FIRMS": _firms, "TRADES": _trades, "PROGRAM": _programmes, "RATES": _rates, "ENGINEER": _engineers,
        "PROPLIST": _properties, "APPLIANC": _appliances, "JOBS": _jobs, "JOBLINE": _lines, "GASCERT": _gas_records,
        "EICR": _electrical_reports, "VISITS": _visits,
    }  # fmt: skip
    for table, rows in tables.items():
        records = Records(table, rows(world), world.seed)
        soiled(records, truth).write(target, truth)
    assert tables.keys() == LAYOUTS.keys()


def property_refs(property_ids: pd.Series | NDArray[np.int64]) -> pd.Series:
    """The contractors' own numbers of those properties."""
    return "P" + (pd.Series(np.asarray(property_ids)) + 200_001).astype("str")


def _firms(world: World) -> pd.DataFrame:
    firms = world.workforce.contractors
    firms = firms[firms["contractor_id"].isin(world.planned.programmes["contractor_id"])]
    return pd.DataFrame(
        {"FIRMNO": firms["contractor_ref"], "NAME": firms["name"], "TRADES": firms["trades"],
         "LIMIT": firms["limit_pence"], "INSUNTIL": firms["insured_until"], "ACTIVE": True}
    )  # fmt: skip


def _trades(world: World) -> pd.DataFrame:
    return pd.DataFrame({"TRADE": list(TRADES), "NAME": list(TRADES.values())}).astype("str")


def _programmes(world: World) -> pd.DataFrame:
    of = world.planned.programmes
    april = (of["year"] - 1970).to_numpy().astype("M8[Y]").astype("M8[M]") + 3
    return pd.DataFrame(
        {
            "PROGNO": of["programme_ref"], "TITLE": of["name"], "KIND": of["kind_code"],
            "FIRMNO": _firm_refs(world, of["contractor_id"]), "FYEAR": of["year"], "BUDGET": of["budget_pence"],
            "STARTS": april.astype("M8[s]"), "ENDS": ((april + 12).astype("M8[D]") - _DAY).astype("M8[s]"),
        }
    )  # fmt: skip


def _rates(world: World) -> pd.DataFrame:
    """The prices of today, and the rates that were withdrawn with the contracts before."""
    now = RATES.assign(start=np.datetime64("2022-04-01", "s"), end=_NEVER)
    before = RATES.assign(
        rate_code=RATES["rate_code"].str[:3] + "9" + RATES["rate_code"].str[4:], start=np.datetime64("2017-04-01", "s"),
        rate_pence=RATES["rate_pence"] * 4 // 5, end=np.datetime64("2022-03-31", "s"),
    )  # fmt: skip
    rates = pd.concat([before, now], ignore_index=True)
    square = np.where(rates["unit"] == "SM", ", per m²", "")
    return pd.DataFrame(
        {
            "RATECODE": rates["rate_code"], "DESCRIP": rates["text"] + square, "UNIT": rates["unit"],
            "RATE": rates["rate_pence"], "MINS": rates["minutes"], "FROMDATE": rates["start"], "TODATE": rates["end"],
        }
    )  # fmt: skip


def _engineers(world: World) -> pd.DataFrame:
    who = world.planned.servicing.engineers
    return pd.DataFrame(
        {
            "ENGNO": who["engineer_no"], "SURNAME": who["surname"], "FORENAME": who["forename"],
            "FIRMNO": _firm_refs(world, who["contractor_id"]), "TRADE": who["trade_code"],
            "GASSAFE": who["gas_safe_no"], "STARTED": who["start_date"], "LEFT": who["end_date"],
        }
    ).astype({"SURNAME": "str", "FORENAME": "str"})  # fmt: skip


def _properties(world: World) -> pd.DataFrame:
    """The homes, and the buildings that plant stands in; addresses in capitals, cut short."""
    known = world.places.properties
    known = known[known["asset_type"].isin(PROPERTY_TYPES)]
    street = (known["number"] + " " + known["street"]).str.strip()
    inside = (known["unit"] + " " + known["building"]).str.strip()
    named = (inside != "").to_numpy()
    lines = [inside.where(named, street), street.where(named, known["locality"])]
    for word, short in SHORT.items():
        lines = [line.str.replace(word, short, regex=False) for line in lines]
    squeezed = known["property_id"] % 3 == 0
    return pd.DataFrame(
        {
            "property_id": known["property_id"], "PROPNO": property_refs(known["property_id"]).to_numpy(),
            "CLIENTREF": known["property_ref"], "UPRN": known["uprn"].astype("str"), "true_uprn": known["uprn"],
            "ADDR1": lines[0].str.upper(), "ADDR2": lines[1].str.upper(), "TOWN": known["town"].str.upper(),
            "POSTCODE": known["postcode"].where(~squeezed, known["postcode"].str.replace(" ", "", regex=False)),
            "PROPTYPE": known["asset_type"].map(PROPERTY_TYPES), "BEDS": known["bedrooms"].clip(lower=0),
            "GAS": known["has_gas"], "ADDED": np.datetime64("2021-11-15", "s") + known["property_id"] % 40 * _DAY,
        }
    ).astype({"PROPNO": "str", "PROPTYPE": "str"})  # fmt: skip


def _appliances(world: World) -> pd.DataFrame:
    of = world.planned.servicing.appliances
    day = (of["install_year"] - 1970).to_numpy().astype("M8[Y]").astype("M8[D]") + (
        of["appliance_id"] * 53 % 360
    ).to_numpy()
    dated = (of["install_year"] >= 2012) & (of["appliance_id"] % 4 > 0)
    return pd.DataFrame(
        {
            "APPNO": _appliance_refs(of["appliance_id"]), "PROPNO": property_refs(of["property_id"]),
            "KIND": of["kind"].map(APPLIANCE_KINDS), "MAKE": of["make"], "MODEL": of["model"],
            "SERIAL": of["serial_no"], "INSTALLED": np.where(dated, day.astype("M8[s]"), _NEVER),
            "INSTYEAR": of["install_year"], "TENANTS": of["tenants_own"], "REMOVED": of["removed_date"],
        }
    ).astype({"KIND": "str", "MAKE": "str", "MODEL": "str"})  # fmt: skip


def _jobs(world: World) -> pd.DataFrame:
    """Planned jobs and the yearly gas services, side by side; a service is done on one day."""
    planned, gas = world.planned.jobs, world.planned.gas_services
    raised = np.minimum(planned["surveyed_date"], np.datetime64(world.today, "s") - 3 * _DAY)
    gas_status = gas["result"].map({"PASS": "completed", "FAIL": "completed", "NOACC": "no access", "": "planned"})
    works = planned.assign(
        kind="P", raised=raised, target=planned["start_date"].fillna(planned["surveyed_date"]) + 28 * _DAY,
        begun=planned["start_date"].where(planned["status"] != "planned"), finished=planned["completed_date"],
    )  # fmt: skip
    services = gas.assign(
        kind="G", status=gas_status, raised=gas["due_date"] - 62 * _DAY, target=gas["due_date"],
        begun=gas["service_date"], finished=gas["service_date"],
    )  # fmt: skip
    both = pd.concat([works, services], ignore_index=True)
    programmes = world.planned.programmes.loc[both["programme_id"]].reset_index(drop=True)
    person, name, phone = _tenants(world, both["property_id"], both["raised"])
    status = both["status"].map(STATUSES)
    # paid two months after the end
    paid = (both["finished"] < np.datetime64(world.today, "s") - 60 * _DAY).to_numpy()
    return pd.DataFrame(
        {
            "JOBNO": both["job_ref"], "JOBTYPE": both["kind"], "PROGNO": programmes["programme_ref"],
            "PROPNO": property_refs(both["property_id"]), "FIRMNO": _firm_refs(world, programmes["contractor_id"]),
            "STATUS": status.where(~paid, "40"), "RAISED": both["raised"], "TARGET": both["target"],
            "STARTED": both["begun"], "FINISHED": both["finished"], "VALUE": both["value_pence"],
            "INVOICED": as_written(both["value_pence"]).where(paid, ""), "TENANT": name, "TENTEL": phone,
            "NOTES": both["notes"], "person_id": person,
        }
    ).astype({"JOBNO": "str", "PROGNO": "str", "STATUS": "str"})  # fmt: skip


def _tenants(world: World, property_ids: pd.Series, days: pd.Series) -> tuple[NDArray[np.int64], pd.Series, pd.Series]:
    """Who lived there when the job was raised (-1 nobody), and their name and telephone as the firm got them."""
    rng, habits = stream(world.seed, SYSTEM, "tenants"), world.habits[SYSTEM]
    day = days.to_numpy().astype("datetime64[D]").astype("int64")
    _, person = occupants(world, property_ids.to_numpy(), day)
    who = spelt(world.people.people.loc[np.maximum(person, 0)], habits, rng)
    name = capitals(joined(who["title"], who["forename"], who["surname"]))
    phone = who["mobile"].where(who["mobile"] != "", who["landline"]).str.replace(" ", "", regex=False)
    told = (person >= 0) & (rng.random(len(who)) >= habits.no_telephone)
    return person, name.where(person >= 0, ""), phone.where(told, "")


def _lines(world: World) -> pd.DataFrame:
    lines, jobs = world.planned.lines, world.planned.jobs
    of = jobs.loc[lines["planned_job_id"]].reset_index(drop=True)
    rate = RATES.set_index("rate_code")["rate_pence"]
    return pd.DataFrame(
        {
            "JOBNO": of["job_ref"], "LINENO": lines["line_no"], "RATECODE": lines["rate_code"],
            "QTY": (lines["quantity"] * 100).astype("int64"), "RATE": lines["rate_code"].map(rate),
            "AMOUNT": lines["amount_pence"], "DONE": of["status"] == "completed",
        }
    )  # fmt: skip


def _gas_records(world: World) -> pd.DataFrame:
    """The landlord's gas safety record of each service: one row an appliance of the landlord's that was there."""
    services, appliances = world.planned.gas_services, world.planned.servicing.appliances
    served = services[services["certificate_no"] != ""]
    rows = served.drop(columns="appliance").merge(appliances[~appliances["tenants_own"]], on="property_id")
    replaced = rows["property_id"].isin(appliances.loc[appliances["removed_date"].notna(), "property_id"])
    gone = rows["removed_date"] <= rows["service_date"]
    later = rows["removed_date"].isna() & replaced & (rows["install_year"] > rows["service_date"].dt.year)
    rows = rows[~(gone | later)].reset_index(drop=True)
    turn = rows["gas_service_id"] % 100
    result = np.select([rows["result"] == "FAIL", turn < 3], [np.where(turn % 4 == 0, "ID", "AR"), "NCS"], "OK")
    defects = [
        DEFECTS[one][at % len(DEFECTS[one])] if one in DEFECTS else "" for one, at in zip(result, turn, strict=True)
    ]
    # done in time, the next is due on the same day of the next year (SI 2018/139)
    following = np.maximum(rows["due_date"], rows["service_date"]) + 365 * _DAY
    return pd.DataFrame(
        {
            "CERTNO": rows["certificate_no"], "APPNO": _appliance_refs(rows["appliance_id"]),
            "PROPNO": property_refs(rows["property_id"]), "JOBNO": rows["job_ref"], "GASSAFE": rows["engineer_no"],
            "ISSUED": rows["service_date"], "NEXTDUE": following, "RESULT": result, "DEFECTS": defects,
        }
    ).astype({"JOBNO": "str", "RESULT": "str", "DEFECTS": "str"})  # fmt: skip


def _electrical_reports(world: World) -> pd.DataFrame:
    found = world.stock.certificates
    found = found[(found["certificate_type"] == "EICR") & (found["issued_date"].dt.year >= 2022)].reset_index(drop=True)
    who = world.planned.servicing.engineers
    testers = (who["forename"].str[0] + " " + who["surname"])[who["trade_code"] == "ELE"].to_numpy(dtype=object)
    unsafe = found["result"] == "UNSAT"
    remarks = np.array(["", "", "", "C3: no RCD to lighting circuit", "Consumer unit plastic, advised"], dtype=object)
    remark = pd.Series(remarks[found["certificate_id"] % len(remarks)]).where(~unsafe, "C2: no earth bonding to gas")
    return pd.DataFrame(
        {
            "REPORTNO": found["reference"], "PROPNO": property_refs(found["property_id"]),
            "TESTED": found["issued_date"], "RETEST": found["expiry_date"], "RESULT": found["result"],
            "TESTER": testers[found["certificate_id"] % len(testers)], "CIRCUITS": 6 + found["certificate_id"] % 7,
            "REMARKS": remark,
        }
    ).astype({"RESULT": "str", "TESTER": "str", "REMARKS": "str"})  # fmt: skip


def _visits(world: World) -> pd.DataFrame:
    of, who = world.planned.servicing.visits, world.planned.servicing.engineers
    came = of["start_minute"]
    clock = (came // 60).astype("str").str.zfill(2) + ":" + (came % 60).astype("str").str.zfill(2)
    missed = of["outcome"] == "no access"
    morning = of["slot"] == "AM"
    notes = np.array(["Left card", "Left card, rang tenant", "No reply at door, neighbour says away"], dtype=object)
    return pd.DataFrame(
        {
            "VISITNO": of["visit_id"] + 50_001, "JOBNO": of["job_ref"], "PROPNO": property_refs(of["property_id"]),
            "ENGNO": who["engineer_no"].to_numpy(dtype=object)[of["engineer_id"]],
            "BOOKED": of["booked_date"] + pd.to_timedelta(540 + of["visit_id"] * 7 % 420, unit="min"),
            "VDATE": of["date"], "SLOT": of["slot"], "FROMTIME": np.where(morning, "08:00", "12:00"),
            "TOTIME": np.where(morning, "12:00", "17:00"), "ARRIVED": clock.where(came >= 0, ""),
            "STATUS": of["outcome"].map(VISIT_STATUSES), "ATTEMPT": of["attempt"], "CARDLEFT": missed,
            "NOTES": pd.Series(notes[of["visit_id"] % len(notes)]).where(missed, ""),
        }
    ).astype(dict.fromkeys(("JOBNO", "ENGNO", "SLOT", "FROMTIME", "TOTIME", "STATUS", "NOTES"), "str"))  # fmt: skip


def _firm_refs(world: World, contractor_ids: pd.Series) -> pd.Series:
    refs = world.workforce.contractors["contractor_ref"]
    return pd.Series(refs.to_numpy(dtype=object)[contractor_ids], dtype="str")


def _appliance_refs(appliance_ids: pd.Series) -> pd.Series:
    return "A" + (appliance_ids + 300_001).astype("str")
