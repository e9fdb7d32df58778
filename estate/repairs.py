"""Responsive repairs of the last three years: requests, works orders, jobs, appointments, what tenants said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import allocation, several_trades, sor
from estate.occupants import occupants
from estate.seeds import stream
from estate.workforce import YEARS

if TYPE_CHECKING:
    from estate.world import World

Ints = NDArray[np.int64]
CHANNELS = ("phone", "web", "office", "officer", "out of hours")
SLOTS = {"AM": (480, 720), "PM": (720, 960), "SCH": (570, 870), "ALL": (480, 960)}
"""Appointment slots: morning, afternoon, school run, all day; minutes of the day."""
_LAST_MINUTE = 21 * 60
_ROOMS = ("kitchen", "bathroom", "hall", "bedroom", "living room", "outside", "communal")
OUTCOMES = ("completed", "no access", "refused", "parts needed", "")


@dataclass(frozen=True, eq=False)
class Repairs:
    """Dates are datetime64[s] (times of day included where named _at); ids are row numbers, -1 is none.

    requests      request_id, request_ref, property_id, tenancy_id (-1 void or communal), person_id (who
                  reported it), reported_at, channel, description, location, priority_code, rechargeable,
                  phone_given
    orders        order_id, order_ref, request_id, property_id, trade_code, priority_code, contractor_id (-1 own
                  operatives), raised_at, due_date, issued_at, attended_at, completed_at (NaT open), status
                  (completed, open, cancelled, no access), estimated_pence, invoiced_pence, follows (order_id)
    jobs          job_id, order_id, line_no, sor_id, quantity, minutes, price_pence, completed; some open orders
                  have a line of a second trade
    appointments  appointment_id, order_id, visit_no, date, slot (SLOTS), outcome ('' to come), operative_id,
                  arrived_at, left_at
    allocation    week_start, operative_id, date, sequence, appointment_id, planned_start_at, planned_end_at,
                  leg_m: the weekly manual plan, to the end of this week
    satisfaction  response_id, order_id, question_code, score (1..5), answered_date, comment
    sor, trades, priorities: see estate.sor
    """

    requests: pd.DataFrame
    orders: pd.DataFrame
    jobs: pd.DataFrame
    appointments: pd.DataFrame
    allocation: pd.DataFrame
    satisfaction: pd.DataFrame
    sor: pd.DataFrame
    trades: pd.DataFrame
    priorities: pd.DataFrame


def build(world: World) -> Repairs:
    """Three years of repairs, about 2.7 requests a home and year."""
    rng = stream(world.seed, "repairs")
    now = int(np.datetime64(world.today, "D").astype("int64"))
    book = sor.book()
    requests = _requests(world, now, rng)
    orders = _orders(requests, now, rng)
    jobs = _jobs(orders, book, rng)
    per_order = jobs.groupby("order_id")[["minutes", "price_pence"]].sum()
    orders["estimated_pence"] = per_order["price_pence"].to_numpy()
    visits = _visits(world, orders, per_order["minutes"].to_numpy(), now, rng)
    visits = allocation.allocate(visits, world.workforce)
    visits = visits[visits["planned_end"] <= _LAST_MINUTE].reset_index(drop=True)  # what no day could hold was dropped
    visits.insert(0, "appointment_id", np.arange(len(visits)))
    orders = _closed(orders, visits, now, rng)
    jobs["completed"] = (orders["status"] == "completed").to_numpy()[jobs["order_id"]]
    several_trades.add(orders, jobs, book, stream(world.seed, "several-trades"))
    requests["reported_at"] = _at(requests.pop("day"), requests.pop("minute"))
    return Repairs(
        requests, orders, jobs, _appointments(visits, now, rng), _plan(visits), _satisfaction(orders, rng), book,
        sor.TRADES, sor.PRIORITIES,
    )  # fmt: skip


def _at(day: pd.Series | Ints, minute: pd.Series | Ints) -> NDArray[np.datetime64]:
    seconds = np.asarray(day, dtype="int64") * 86_400 + np.asarray(minute, dtype="int64") * 60
    instants: NDArray[np.datetime64] = seconds.astype("datetime64[s]")
    return instants


def _day(day: pd.Series | Ints) -> NDArray[np.datetime64]:
    return _at(day, np.zeros(len(day), dtype=np.int64))


def add_working_days(day: Ints, count: Ints) -> Ints:
    """The day so many weekdays later; bank holidays count as weekdays, as the old system has it."""
    weekday = (day + 3) % 7
    monday_based = np.minimum(weekday, 4)
    total = monday_based + count
    return day - weekday + total // 5 * 7 + total % 5


def _requests(world: World, now: int, rng: np.random.Generator) -> pd.DataFrame:
    properties = world.places.properties
    homes = int(properties["is_dwelling"].sum())
    count = round(homes * 2.7 * YEARS)
    # More in winter: days are drawn, then some of the summer's are moved half a year.
    day = now - rng.integers(0, YEARS * 365, count)
    summer = (np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12 >= 3) & (
        rng.random(count) < 0.12
    )
    day = np.where(summer & (day + 150 < now), day + 150, day)
    day = np.sort(day)
    weights = rng.gamma(1.6, 1.0, homes)
    home = rng.choice(homes, count, p=weights / weights.sum())
    blocks = properties.index[properties["asset_type"] == "block"].to_numpy()
    communal = (rng.random(count) < 0.06) & (len(blocks) > 0)
    where = np.where(communal, rng.choice(blocks, count) if len(blocks) else 0, home)
    tenancy, person = occupants(world, where, day)
    trade = rng.choice(sor.TRADES["trade_code"], count, p=sor.TRADES["share"] / sor.TRADES["share"].sum())
    priority = rng.choice(sor.PRIORITIES["priority_code"], count, p=sor.PRIORITIES["share"])
    minute = np.where(rng.random(count) < 0.9, rng.integers(480, 1_080, count), rng.integers(0, 1_440, count))
    phone = world.people.people["mobile"].to_numpy(dtype=object)
    number = np.arange(count)
    return pd.DataFrame(
        {
            "request_id": number, "request_ref": pd.Series(number + 4_000_001).astype("str"),
            "property_id": where, "tenancy_id": tenancy, "person_id": person, "day": day, "minute": minute,
            "channel": rng.choice(CHANNELS, count, p=[0.62, 0.2, 0.06, 0.05, 0.07]),
            "trade_code": trade,
            "description": _descriptions(trade, rng),
            "location": rng.choice(_ROOMS, count),
            "priority_code": priority,
            "rechargeable": rng.random(count) < 0.03,
            "phone_given": np.where((person >= 0) & (rng.random(count) < 0.5), phone[np.maximum(person, 0)], ""),
        }
    ).astype({"description": "str", "phone_given": "str", "channel": "str", "location": "str"})  # fmt: skip


_FAULTS = ("leaking", "broken", "stuck", "loose", "not working", "blocked", "cracked", "missing", "damaged", "noisy")


def _descriptions(trade: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    found = np.empty(len(trade), dtype=object)
    for code, names in sor.PARTS.items():
        here = np.asarray(trade == code)
        parts, size = np.array(names.split("|"), dtype=object), int(here.sum())
        faults = np.array(_FAULTS, dtype=object)[rng.integers(len(_FAULTS), size=size)]
        found[here] = parts[rng.integers(len(parts), size=size)] + " " + faults
    return found


def _orders(requests: pd.DataFrame, now: int, rng: np.random.Generator) -> pd.DataFrame:
    """An order a request, and a follow-on order for one in twenty-five."""
    again = np.flatnonzero(rng.random(len(requests)) < 0.04)
    row = np.concatenate([np.arange(len(requests)), again])
    of = requests.loc[row].reset_index(drop=True)
    follow = np.arange(len(row)) >= len(requests)
    raised = of["day"].to_numpy() + np.where(follow, rng.integers(3, 20, len(row)), 0)
    kept = raised <= now
    of, raised, follow, row = of[kept].reset_index(drop=True), raised[kept], follow[kept], row[kept]
    priority = np.where(follow, "N", of["priority_code"])
    days = sor.PRIORITIES.set_index("priority_code")["days_to_complete"].loc[priority].to_numpy()
    urgent = np.isin(priority, ["I", "E"])
    due = np.where(urgent, raised + days, add_working_days(raised, days))
    minute = np.minimum(of["minute"].to_numpy() + rng.integers(0, 30, len(of)), 1_439)
    count = len(of)
    outside = (rng.random(count) < 0.06) | of["trade_code"].isin(["BW", "GR"]) & (rng.random(count) < 0.4)
    firm = {"RF": 2, "EL": 4, "BW": 6, "GR": 6, "GZ": 7, "DR": 8, "DM": 11}
    contractor = of["trade_code"].map(firm).fillna(10).astype("int64")
    number = np.arange(count)
    return pd.DataFrame(
        {
            "order_id": number, "order_ref": pd.Series(number + 10_200_001).astype("str"),
            "request_id": of["request_id"], "property_id": of["property_id"], "trade_code": of["trade_code"],
            "priority_code": priority, "contractor_id": np.where(outside, contractor, -1),
            "raised": raised, "due": due, "raised_at": _at(raised, minute), "due_date": _day(due),
            "issued_at": _at(raised, np.minimum(minute + 5, 1_439)), "follows": np.where(follow, row, -1),
        }
    )  # fmt: skip


def _jobs(orders: pd.DataFrame, book: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    lines = rng.choice([1, 2, 3], len(orders), p=[0.62, 0.28, 0.1])
    order = np.repeat(np.arange(len(orders)), lines)
    first = book.groupby("trade_code")["sor_id"].min()
    size = book.groupby("trade_code").size()
    trade = orders["trade_code"].to_numpy()[order]
    item = first[trade].to_numpy() + (rng.random(len(order)) ** 1.5 * size[trade].to_numpy()).astype("int64")
    quantity = rng.choice([1, 1, 1, 1, 2, 3], len(order))
    return pd.DataFrame(
        {
            "job_id": np.arange(len(order)), "order_id": order,
            "line_no": np.arange(len(order)) - np.repeat(np.cumsum(lines) - lines, lines) + 1,
            "sor_id": item, "quantity": quantity, "minutes": book["minutes"].to_numpy()[item] * quantity,
            "price_pence": book["price_pence"].to_numpy()[item] * quantity,
        }
    )  # fmt: skip


def _visits(world: World, orders: pd.DataFrame, minutes: Ints, now: int, rng: np.random.Generator) -> pd.DataFrame:
    """Visits by own operatives: a first one in time for the due date, a second after no access or for parts."""
    own = (orders["contractor_id"] < 0).to_numpy() & (rng.random(len(orders)) > 0.03)
    own &= (orders["priority_code"] != "I").to_numpy()  # the man on call goes at once, outside the plan
    count = len(orders)
    span = (orders["due"] - orders["raised"]).clip(lower=0).to_numpy()
    urgent = orders["priority_code"].isin(["I", "E"]).to_numpy()
    late = np.where(rng.random(count) < 0.12, rng.integers(1, 15, count), 0)
    wanted = orders["raised"].to_numpy() + np.where(urgent, 1, np.maximum(span * rng.beta(4, 2, count), 1) + late)
    wanted = wanted.astype("int64")
    outcome = rng.choice(len(OUTCOMES) - 1, count, p=[0.86, 0.08, 0.02, 0.04])
    back = own & np.isin(outcome, [1, 3])
    first = pd.DataFrame(
        {"order_id": np.flatnonzero(own), "visit_no": 1, "wanted": wanted[own], "outcome": outcome[own]}
    )
    second = pd.DataFrame(
        {"order_id": np.flatnonzero(back), "visit_no": 2, "wanted": wanted[back] + rng.integers(7, 15, int(back.sum())),
         "outcome": np.where(rng.random(int(back.sum())) < 0.08, 1, 0)}
    )  # fmt: skip
    visits = pd.concat([first, second], ignore_index=True)
    weekday = (visits["wanted"] + 3) % 7
    weekend = weekday > 4
    emergency = pd.Series(urgent[visits["order_id"]])
    visits["wanted"] += np.where(weekend & emergency, 7 - weekday, np.where(weekend, -(weekday - 4), 0))
    visits["wanted"] = np.maximum(visits["wanted"], orders["raised"].to_numpy()[visits["order_id"]] + 1)
    weekday = (visits["wanted"] + 3) % 7
    visits["wanted"] += np.where(weekday > 4, 7 - weekday, 0)
    visits["week"] = allocation_week(visits["wanted"].to_numpy())
    visits = visits[visits["week"] <= now].sort_values(["week", "order_id"], ignore_index=True)
    order = visits["order_id"].to_numpy()
    visits["due"] = orders["due"].to_numpy()[order]
    # the manager may bring a visit forward within its week, but not before it was asked for
    raised_day = orders["raised"].to_numpy()[order] + 1 - visits["week"].to_numpy()
    exact = emergency_days(urgent[order], (visits["wanted"] - visits["week"]).to_numpy())
    visits["earliest_day"] = np.clip(np.maximum(exact, raised_day), 0, 4)
    visits["minutes"] = np.clip(minutes[order], 15, 300)
    visits["trade_code"] = orders["trade_code"].to_numpy()[order]
    properties = world.places.properties
    for name in ("repairs_area", "easting", "northing"):
        visits[name] = properties[name].to_numpy()[orders["property_id"].to_numpy()[order]]
    slot = rng.choice(list(SLOTS), len(visits), p=[0.38, 0.34, 0.1, 0.18])
    visits["slot"] = np.where(urgent[order] | (visits["minutes"] > 180), "ALL", slot)
    return visits


def allocation_week(day: Ints) -> Ints:
    """The Monday of the week in which a visit is planned."""
    return day - (day + 3) % 7


def emergency_days(urgent: NDArray[np.bool_], weekday: Ints) -> Ints:
    """Emergencies keep their day; everything else may use the whole week."""
    return np.where(urgent, weekday, 0)


def _closed(orders: pd.DataFrame, visits: pd.DataFrame, now: int, rng: np.random.Generator) -> pd.DataFrame:
    """Orders with attended_at, completed_at, status and what they cost."""
    count = len(orders)
    done = visits[(visits["week"] + visits["day"]) < now]
    day, outcome = (done["week"] + done["day"]).to_numpy(), done["outcome"].to_numpy()
    last = pd.DataFrame({"order_id": done["order_id"], "day": day, "end": done["planned_end"], "outcome": outcome})
    last["start"] = done["planned_start"]
    attended = last.sort_values(["order_id", "day"]).drop_duplicates("order_id").set_index("order_id")
    final = last.sort_values(["order_id", "day"]).drop_duplicates("order_id", keep="last").set_index("order_id")
    completed = final[final["outcome"] == 0]
    blank = np.full(count, np.datetime64("NaT", "s"))
    orders["attended_at"], orders["completed_at"] = blank, blank
    orders.loc[attended.index, "attended_at"] = _at(attended["day"], attended["start"])
    orders.loc[completed.index, "completed_at"] = _at(completed["day"], np.minimum(completed["end"], 1_439))
    outside = (orders["contractor_id"] >= 0) & (orders["due"] + 4 < now)
    days = np.maximum(orders["due"] - rng.integers(-3, 4, count), orders["raised"] + 1)
    hours = _at(days, rng.integers(540, 1_000, count))
    for name in ("attended_at", "completed_at"):
        orders[name] = orders[name].where(~outside, pd.Series(hours))
    on_call = (orders["priority_code"] == "I").to_numpy()
    called = orders["raised_at"] + pd.to_timedelta(rng.integers(40, 230, count), unit="min")
    for name, later in (("attended_at", 0), ("completed_at", 45)):
        orders[name] = orders[name].where(~on_call, (called + pd.Timedelta(minutes=later)).astype("datetime64[s]"))
    finished = orders["completed_at"].notna()
    no_access = pd.Series(np.isin(np.arange(count), final.index[final["outcome"] == 1])) & ~finished
    stale = ~finished & ~no_access & (orders["raised"] < now - 60)
    orders["status"] = np.select([finished, no_access, stale], ["completed", "no access", "cancelled"], "open")
    actual = orders["estimated_pence"] * np.where(rng.random(count) < 0.75, 1.0, rng.uniform(0.8, 1.7, count))
    orders["invoiced_pence"] = np.where(finished, actual.round(), 0).astype("int64")
    columns = ["order_id", "order_ref", "request_id", "property_id", "trade_code", "priority_code", "contractor_id",
               "raised_at", "due_date", "issued_at", "attended_at", "completed_at", "status", "estimated_pence",
               "invoiced_pence", "follows"]  # fmt: skip
    return orders[columns].astype({"status": "str", "priority_code": "str"})


def _appointments(visits: pd.DataFrame, now: int, rng: np.random.Generator) -> pd.DataFrame:
    day = visits["week"] + visits["day"]
    kept = (day < now).to_numpy()
    early = np.where(visits["outcome"] == 0, 0, 10)  # nobody there: soon gone again
    arrive = visits["planned_start"] + rng.integers(-15, 35, len(visits))
    leave = np.where(early > 0, arrive + 10, arrive + visits["minutes"] * rng.uniform(0.7, 1.3, len(visits)))
    arrived, left = _at(day, arrive.clip(0, 1_400)), _at(day, np.clip(leave, 1, 1_439).astype("int64"))
    never = np.datetime64("NaT", "s")
    return pd.DataFrame(
        {
            "appointment_id": visits["appointment_id"], "order_id": visits["order_id"], "visit_no": visits["visit_no"],
            "date": _day(day), "slot": visits["slot"].astype("str"),
            "outcome": pd.Series(np.array(OUTCOMES)[np.where(kept, visits["outcome"], 4)], dtype="str"),
            "operative_id": visits["operative_id"],
            "arrived_at": np.where(kept, arrived, never), "left_at": np.where(kept, np.maximum(left, arrived), never),
        }
    )  # fmt: skip


def _plan(visits: pd.DataFrame) -> pd.DataFrame:
    day = visits["week"] + visits["day"]
    return pd.DataFrame(
        {
            "week_start": _day(visits["week"]), "operative_id": visits["operative_id"], "date": _day(day),
            "sequence": visits["sequence"], "appointment_id": visits["appointment_id"],
            "planned_start_at": _at(day, visits["planned_start"]),
            "planned_end_at": _at(day, np.minimum(visits["planned_end"], 1_439)),
            "leg_m": visits["leg_m"],
        }
    ).sort_values(["week_start", "operative_id", "date", "sequence"], ignore_index=True)  # fmt: skip


def _satisfaction(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    done = orders[(orders["status"] == "completed") & (rng.random(len(orders)) < 0.1)]
    questions = ["RS01 overall", "RS02 time taken"]
    order = np.repeat(done["order_id"].to_numpy(), len(questions))
    count = len(order)
    late = (done["completed_at"] > done["due_date"] + pd.Timedelta(days=1)).to_numpy().repeat(len(questions))
    score = np.clip(rng.choice([1, 2, 3, 4, 5], count, p=[0.06, 0.08, 0.13, 0.33, 0.4]) - late, 1, 5)
    answered = done["completed_at"].to_numpy().astype("datetime64[D]").repeat(len(questions)) + rng.integers(
        1, 15, count
    )
    comments = np.array(["", "", "", "very polite", "had to ring twice", "left a mess", "quick and tidy"], dtype=object)
    return pd.DataFrame(
        {
            "response_id": np.arange(count), "order_id": order,
            "question_code": np.tile([question[:4] for question in questions], len(done)), "score": score,
            "answered_date": answered.astype("datetime64[s]"), "comment": comments[rng.integers(7, size=count)],
        }
    ).astype({"question_code": "str", "comment": "str"})  # fmt: skip
