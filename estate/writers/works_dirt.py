"""What is wrong in the repairs system: each table's dirt, and the truth about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate import dirt
from estate.soil import Soil
from estate.truth import Truth
from estate.world import World

KEYS = {
    "opabs": ["abs_ref"], "rmreqst": ["rq_ref"], "rmworder": ["wo_ref"], "rmtask": ["wo_ref", "task_no"],
    "rmappt": ["appt_ref"], "allocplan": ["plan_sid"], "rmrech": ["rch_ref"],
    "rmsatis": ["resp_ref"],
}  # fmt: skip
"""The keys of the tables that have faults."""
OPEN = pd.Timestamp(1900, 1, 1)
YEAR = pd.Timedelta(days=364)


def soiled(soil: Soil, world: World, truth: Truth) -> pd.DataFrame:
    """A table's rows as the system has them."""
    match soil.table:
        case "rmreqst":
            return _requests(soil, world, truth)
        case "rmworder":
            return _orders(soil, truth)
        case "rmtask":
            return _tasks(soil, truth)
        case "rmappt":
            return _appointments(soil, truth)
        case _:
            return _rest(soil, truth)


def _requests(soil: Soil, world: World, truth: Truth) -> pd.DataFrame:
    frame, rng = soil.frame, soil.rng
    truth.property(soil.system, soil.table, frame["rq_ref"], frame["property_id"])
    known = frame[frame["person_id"] >= 0]
    truth.person(soil.system, soil.table, known["rq_ref"], known["person_id"])
    at = soil.hit("phone-in-text", "rq_notes")
    phones = world.people.people["mobile"].replace("", "07700 900123")
    called = phones.loc[frame.loc[at, "person_id"].clip(lower=0)].set_axis(at)
    frame.loc[at, "rq_notes"] = dirt.texts_with_phone(called, rng)
    soil.spoil("phone-invalid", "rq_phone", frame["rq_phone"] != "")
    soil.spoil("wrong-code-page", "rq_problem")
    soil.spoil("double-spaces", "rq_name", frame["rq_name"] != "")
    soil.fill("code-unknown", "rq_how", "ZZ")
    soil.fill("code-retired", "rq_priority", "R", frame["rq_priority"] == "N")
    soil.fill("required-missing", "rq_problem", "")
    soil.change("property-missing", "prop_ref", lambda refs: "99" + refs.str[2:])
    at = soil.hit("systems-disagree", "tag_ref", frame["tag_ref"] != "")
    frame.loc[at, "tag_ref"] = np.roll(frame.loc[at, "tag_ref"].to_numpy(dtype=object), 1)
    # The call centre took the same report twice: a new number, the same home and problem an hour later.
    again = frame.loc[dirt.take_out(rng, soil.used, "report-twice")]
    again = again.assign(rq_ref=(5_000_001 + 10_000 * soil.part + np.arange(len(again))).astype(str), rq_status="CAN")
    again["rq_date"] += pd.Timedelta(hours=1)
    soil.plant(truth, "report-twice", again, "rq_problem")
    return pd.concat([soil.done(truth), again], ignore_index=True)


def _orders(soil: Soil, truth: Truth) -> pd.DataFrame:
    frame = soil.frame
    done = frame["completed"] != OPEN
    soil.end_early("completed", "created", pd.Timedelta(days=2), done)
    soil.spoil("date-clipped", "date_due")
    soil.change("amount-implausible", "est_cost", lambda pence: pence * 1_000)
    soil.change("order-cost-differs", "est_cost", lambda pence: pence + 1_000)
    soil.fill("code-unknown", "priority", "Q")
    soil.change("phone-in-text", "wo_desc", lambda texts: texts + " - ring " + dirt.drama_phones(texts.index))
    soil.orphan("rq_ref")
    return soil.repeated(truth, "wo_status", "ACC")


def _tasks(soil: Soil, truth: Truth) -> pd.DataFrame:
    frame = soil.frame
    soil.change("amount-implausible", "quantity", lambda amounts: amounts * 1_000)
    soil.fill("code-unknown", "task_status", "ZZZ")
    soil.fill("code-retired", "unit", "YD")
    soil.change("job-retired", "job_code", lambda codes: "9" + codes.str[1:])
    soil.orphan("wo_ref", frame["task_no"] > 1)
    return soil.repeated(truth, "task_cost", 1)


def _appointments(soil: Soil, truth: Truth) -> pd.DataFrame:
    frame = soil.frame
    came = frame["arrived"].notna()
    soil.end_early("left_at", "arrived", pd.Timedelta(minutes=45), came)
    at = soil.hit("visit-before-order", "slot_from", came)
    for field in ("slot_from", "slot_to", "arrived", "left_at"):
        frame.loc[at, field] -= 4 * YEAR
    soil.fill("code-unknown", "outcome", "XX", came)
    soil.orphan("wo_ref")
    return soil.repeated(truth, "slot", "EVE")


def _rest(soil: Soil, truth: Truth) -> pd.DataFrame:
    frame = soil.frame
    match soil.table:
        case "opabs":
            soil.end_early("to_date", "from_date", pd.Timedelta(days=3))
            soil.fill("code-unknown", "abs_code", "ZZ")
        case "allocplan":
            soil.spoil("time-impossible", "start_time")
            soil.orphan("wo_ref")
            return soil.repeated(truth, "plan_mins", 1)
        case "rmrech":
            soil.change("amount-implausible", "net", lambda pence: pence * 1_000)
            soil.orphan("wo_ref")
        case "rmsatis":
            soil.change("code-unknown", "score", lambda scores: scores + 50)
            at = soil.hit("phone-in-text", "remark")
            said = frame.loc[at, "remark"] + " call me on " + dirt.drama_phones(pd.Index(at))
            frame.loc[at, "remark"] = said.str.strip()
            soil.orphan("wo_ref")
    return soil.done(truth)
