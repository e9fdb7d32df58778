"""The repairs system: ``works.sqlite``, or any database by its SQLAlchemy URL.

Three years of requests, works orders with their variations, job lines by a schedule of rates, visits, the
logistics manager's weekly plan, recharges and what tenants said. Target dates are what the system counted at
the time: emergencies in hours, everything else in weekdays, bank holidays among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from estate import sor
from estate.repairs import SLOTS
from estate.seeds import stream
from estate.soil import Soil
from estate.spelling import joined, spelt
from estate.truth import Truth
from estate.world import World
from estate.writers import works_lists as lists
from estate.writers import works_tables as tables
from estate.writers.database import append, new_tables
from estate.writers.drs import booking_refs
from estate.writers.works_dirt import KEYS, soiled
from estate.writers.works_lists import OWN, clock, refs, yes

SYSTEM, FILE = "works", "works.sqlite"
ROWS_AT_ONCE = 100_000  # bounds memory; part of the random stream, so a change changes the estate
CHANNELS = {"phone": "TEL", "web": "WEB", "office": "CTR", "officer": "HO", "out of hours": "OOH"}
ORDER_STATUSES = {"completed": "COM", "open": "ISS", "cancelled": "CAN", "no access": "NOA"}
OUTCOMES = {"completed": "CMP", "no access": "NOA", "refused": "REF", "parts needed": "PTS", "": ""}
VAT, ADMIN = 0.2, 0.15
"""What a recharge adds to the net cost."""
CALL = pd.Timedelta(minutes=10)
NO_FORENAME = 0.08
"""Share of callers of whom nobody noted more than title and surname."""


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes ``works.sqlite`` into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    write_database(world, f"sqlite:///{target / FILE}", truth)


def write_database(world: World, url: str, truth: Truth) -> None:
    """Writes the system's tables into the database at ``url``, anew."""
    parts = Counter[str]()
    with new_tables(url, tables.METADATA) as connection:
        for table, frame in _frames(world):
            append(connection, table, _soiled(world, table, frame, parts[table.name], truth))
            parts[table.name] += 1


def _frames(world: World) -> Iterator[tuple[sa.Table, pd.DataFrame]]:
    """Each table with its rows as they should be, the long ones in parts, because memory holds one at a time."""
    yield tables.RMPRIOR, lists.priorities()
    yield tables.RMTRADE, lists.trades()
    yield tables.SUPPLIER, lists.suppliers(world)
    yield tables.SUPCONTR, lists.contracts(world)
    yield tables.RMJOB, lists.book(world.repairs.sor)
    yield tables.OPERATIV, lists.operatives(world)
    yield tables.OPSKILL, lists.skills(world)
    yield tables.OPSHIFT, lists.shifts(world)
    yield tables.OPABS, lists.absences(world)
    known = world.repairs
    rngs = {name: stream(world.seed, SYSTEM, name) for name in ("requests", "reporters", "orders", "variations")}
    for part in _parts(known.requests):
        yield tables.RMREQST, _requests(world, part, rngs["requests"], rngs["reporters"])
    for part in _parts(known.orders):
        orders = _orders(world, part, rngs["orders"])
        yield tables.RMWORDER, orders
        yield tables.RMWOVER, _variations(orders, rngs["variations"])
    for part in _parts(known.jobs):
        yield tables.RMTASK, _tasks(world, part)
    for part in _parts(known.appointments):
        yield tables.RMAPPT, _appointments(world, part)
    for number, part in enumerate(_parts(known.allocation)):
        yield tables.ALLOCPLAN, _plan(world, part, number * ROWS_AT_ONCE + 1)
    yield tables.RMRECH, _recharges(world)
    yield tables.RMSATIS, _responses(world)


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for first in range(0, len(frame), ROWS_AT_ONCE):
        yield frame.iloc[first : first + ROWS_AT_ONCE].reset_index(drop=True)


def _soiled(world: World, table: sa.Table, frame: pd.DataFrame, part: int, truth: Truth) -> pd.DataFrame:
    key = KEYS.get(table.name)
    return soiled(Soil(SYSTEM, table.name, frame, key, world.seed, part), world, truth) if key else frame


def _at(day: pd.Series, minutes: pd.Series) -> pd.Series:
    return day + pd.to_timedelta(minutes, unit="min")


def _requests(
    world: World, known: pd.DataFrame, rng: np.random.Generator, callers: np.random.Generator
) -> pd.DataFrame:
    count = len(known)
    held = world.tenancies.tenancies["tenancy_ref"]
    person, tenancy = known["person_id"], known["tenancy_id"]
    name, phone = _reporters(world, known, callers)
    statuses = world.repairs.orders[["request_id", "status"]]
    last = statuses.drop_duplicates("request_id", keep="last").set_index("request_id")["status"]
    status = last.reindex(known["request_id"]).map({"open": "ORD", "cancelled": "CAN"}).fillna("CLO")
    notes = np.array(["", "", "", "", "Dog in garden", "Use side gate", "Hard of hearing, knock loudly"], dtype=object)
    return pd.DataFrame(
        {
            "rq_ref": known["request_ref"],
            "prop_ref": world.places.properties["property_ref"].loc[known["property_id"]].to_numpy(),
            "tag_ref": held.reindex(tenancy).fillna("").to_numpy(), "rq_date": known["reported_at"],
            "rq_name": name, "rq_phone": phone,
            "rq_how": known["channel"].map(CHANNELS), "rq_loc": known["location"], "rq_problem": known["description"],
            "rq_priority": known["priority_code"], "rq_status": status.to_numpy(),
            "rq_access": rng.choice(["", "AM", "PM", "SCH", "KEY"], count, p=[0.7, 0.12, 0.1, 0.06, 0.02]),
            "rq_notes": pd.Series(notes[rng.integers(len(notes), size=count)], dtype="str"),
            "right_to_repair": yes(rng.random(count) < 0.12), "rechargeable": yes(known["rechargeable"]),
            "property_id": known["property_id"], "person_id": person,
        }
    )  # fmt: skip


def _reporters(world: World, requests: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.Series, pd.Series]:
    """Who rang and on which number, as the call centre typed it: title, forename or initial, surname; some no more
    than title and surname. Blank where the home stood empty."""
    habits = world.habits[SYSTEM]
    there = (requests["person_id"] >= 0).to_numpy()
    who = spelt(world.people.people.loc[requests["person_id"].clip(lower=0)], habits, rng)
    forename = who["forename"].where(rng.random(len(who)) >= NO_FORENAME, "")
    given = requests["phone_given"].reset_index(drop=True)
    asked = (given == "") & (rng.random(len(who)) >= habits.no_telephone)
    phone = given.where(~asked, who["landline"].where(rng.random(len(who)) < 0.4, who["mobile"]))
    return joined(who["title"], forename, who["surname"]).where(there, ""), phone.where(there, "")


def _orders(world: World, known: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    every, requests = world.repairs.orders, world.repairs.requests
    of = requests.loc[known["request_id"]].reset_index(drop=True)
    firms = pd.concat([world.workforce.contractors["contractor_ref"], pd.Series([OWN], index=[-1])])
    supplier = firms.loc[known["contractor_id"]].reset_index(drop=True)
    rules = sor.PRIORITIES.set_index("priority_code").loc[known["priority_code"]].reset_index(drop=True)
    hours = rules["hours_to_complete"]
    due = known["due_date"].where(hours == 0, _at(known["raised_at"], hours * 60))
    follows = every["order_ref"].reindex(known["follows"]).fillna("").to_numpy()
    later = every[every["follows"] >= 0].drop_duplicates("follows").set_index("follows")["order_ref"]
    cancelled = known["status"] == "cancelled"
    days = pd.Series(rng.integers(1, 50, len(known)))
    varied = rng.random(len(known)) < 0.05
    return pd.DataFrame(
        {
            "wo_ref": known["order_ref"], "wo_version": np.where(varied, 2, 1), "rq_ref": of["request_ref"],
            "prop_ref": world.places.properties["property_ref"].loc[known["property_id"]].to_numpy(),
            "sup_ref": supplier, "con_ref": "RR-" + supplier, "trade": known["trade_code"],
            "wo_type": np.where(known["follows"] >= 0, "FOL", "RES"), "wo_status": known["status"].map(ORDER_STATUSES),
            "priority": known["priority_code"],
            "days_allowed": np.where(hours == 0, rules["days_to_complete"], (hours / 24).round(2)),
            "wo_desc": of["description"] + " in " + of["location"], "created": known["raised_at"],
            "issued": known["issued_at"], "date_due": due, "attended": known["attended_at"],
            "completed": known["completed_at"].fillna(pd.Timestamp(1900, 1, 1)),
            "cancelled": (known["raised_at"] + pd.to_timedelta(days, unit="D")).where(cancelled),
            "est_cost": known["estimated_pence"], "act_cost": known["invoiced_pence"],
            "superseded_by": np.where(known["status"] == "completed", "", later.reindex(known["order_id"]).fillna("")),
            "rechargeable": yes(of["rechargeable"]), "communal": yes(of["tenancy_id"] < 0), "prev_wo": follows,
        }
    )  # fmt: skip


def _variations(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What orders said before they were varied."""
    varied = orders[orders["wo_version"] > 1].reset_index(drop=True)
    reasons = ["Further work found", "Quantity", "Wrong code ordered", "Second operative"]
    return pd.DataFrame(
        {
            "wo_ref": varied["wo_ref"], "wo_version": 1, "issued": varied["issued"],
            "est_cost": (varied["est_cost"] * rng.uniform(0.4, 0.95, len(varied))).round().astype("int64"),
            "wo_desc": varied["wo_desc"], "var_reason": rng.choice(reasons, len(varied)), "var_by": "REPAIRS",
        }
    )  # fmt: skip


def _tasks(world: World, known: pd.DataFrame) -> pd.DataFrame:
    orders, visits = world.repairs.orders, world.repairs.appointments
    item = world.repairs.sor.loc[known["sor_id"]].reset_index(drop=True)
    of = orders.loc[known["order_id"]].reset_index(drop=True)
    theirs = visits["order_id"].between(known["order_id"].min(), known["order_id"].max())
    visit = visits[theirs & (visits["outcome"] == "completed")].drop_duplicates("order_id", keep="last")
    worker = visit.set_index("order_id")["operative_id"].reindex(known["order_id"]).fillna(-1).astype("int64")
    done = known["completed"]
    status = np.select([done, of["status"] == "cancelled", of["status"] == "no access"], ["COM", "CAN", "NOA"], "OPN")
    return pd.DataFrame(
        {
            "wo_ref": of["order_ref"], "task_no": known["line_no"], "job_code": item["sor_code"],
            "trade": item["trade_code"], "task_desc": item["short_text"],
            "quantity": known["quantity"].astype("float64"), "unit": item["unit"],
            "smv": known["minutes"].astype("float64"), "rate": item["price_pence"], "task_cost": known["price_pence"],
            "task_status": status, "op_ref": np.where(done, refs(world).loc[worker], ""), "done": of["completed_at"],
        }
    )  # fmt: skip


def _appointments(world: World, known: pd.DataFrame) -> pd.DataFrame:
    orders = world.repairs.orders
    begin = known["slot"].map({slot: start for slot, (start, _) in SLOTS.items()})
    end = known["slot"].map({slot: end for slot, (_, end) in SLOTS.items()})
    of = orders.loc[known["order_id"]].reset_index(drop=True)
    status = known["outcome"].map({"completed": "COM", "no access": "NOA", "": "PLN"}).fillna("COM")
    return pd.DataFrame(
        {
            "appt_ref": known["appointment_id"] + 70_001, "wo_ref": of["order_ref"], "visit_no": known["visit_no"],
            "slot": known["slot"], "slot_from": _at(known["date"], begin), "slot_to": _at(known["date"], end),
            "op_ref": refs(world).loc[known["operative_id"]].to_numpy(),
            "booking_ref": booking_refs(known, world.today), "booked": of["issued_at"] + CALL,
            "arrived": known["arrived_at"], "left_at": known["left_at"], "status": status,
            "outcome": known["outcome"].map(OUTCOMES), "notes": "",
        }
    )  # fmt: skip


def _plan(world: World, known: pd.DataFrame, first: int) -> pd.DataFrame:
    """The logistics manager's plan, as it was uploaded each Friday for the week after."""
    visit = world.repairs.appointments.loc[known["appointment_id"]]
    start = known["planned_start_at"]
    return pd.DataFrame(
        {
            "plan_sid": np.arange(first, first + len(known)), "week_start": known["week_start"],
            "op_ref": refs(world).loc[known["operative_id"]].to_numpy(),
            "alloc_date": known["date"], "seq_no": known["sequence"],
            "wo_ref": world.repairs.orders["order_ref"].loc[visit["order_id"]].to_numpy(),
            "start_time": clock(start.dt.hour * 60 + start.dt.minute),
            "plan_mins": (known["planned_end_at"] - start).dt.total_seconds().astype("int64") // 60,
            "leg_m": known["leg_m"], "uploaded": known["week_start"] - pd.Timedelta(hours=56), "uploaded_by": "LOGMAN",
            "notes": "",
        }
    )  # fmt: skip


def _recharges(world: World) -> pd.DataFrame:
    """What tenants must pay for: completed rechargeable orders of a tenancy."""
    known, requests = world.repairs.orders, world.repairs.requests
    rng = stream(world.seed, SYSTEM, "recharges")
    tenancy = requests["tenancy_id"].loc[known["request_id"]].to_numpy()
    rechargeable = requests["rechargeable"].loc[known["request_id"]].to_numpy()
    charged = rechargeable & (known["status"] == "completed").to_numpy() & (tenancy >= 0)
    of, tenancy = known[charged], tenancy[charged]
    count, net = len(of), of["invoiced_pence"].reset_index(drop=True)
    return pd.DataFrame(
        {
            "rch_ref": [f"RC{number:06}" for number in range(1, count + 1)], "wo_ref": of["order_ref"].to_numpy(),
            "tag_ref": world.tenancies.tenancies["tenancy_ref"].loc[tenancy].to_numpy(),
            "reason": rng.choice(["DAM", "LKY", "GAI", "NEG", "MIS"], count, p=[0.45, 0.2, 0.15, 0.12, 0.08]),
            "status": rng.choice(["INV", "PAI", "PPD", "DIS", "WOF"], count, p=[0.4, 0.35, 0.1, 0.1, 0.05]),
            "raised": of["completed_at"].dt.normalize().to_numpy(), "net": net,
            "vat": (net * VAT).round().astype("int64"), "admin_fee": (net * ADMIN).round().astype("int64"),
            "rch_desc": requests["description"].loc[of["request_id"]].to_numpy(),
        }
    )  # fmt: skip


def _responses(world: World) -> pd.DataFrame:
    known = world.repairs.satisfaction
    return pd.DataFrame(
        {
            "resp_ref": known["response_id"] + 1,
            "wo_ref": world.repairs.orders["order_ref"].loc[known["order_id"]].to_numpy(),
            "question": known["question_code"], "score": known["score"], "answered": known["answered_date"],
            "remark": known["comment"],
        }
    )  # fmt: skip
