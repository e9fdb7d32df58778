"""The housing management system's arrears actions, agreements and their instalments, and its cautions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate.seeds import stream
from estate.world import World
from estate.writers.tenancy_people import parties

SYSTEM = "tenancy"
KINDS = {"TXT": "TXT", "LT1": "LET", "LT2": "LET", "NSP": "NOT", "CRT": "LEG", "WAR": "LEG"}
STATUS = {"active": "200", "breached": "300", "completed": "400"}
CAUTIONS = {
    "VIP": "Visit in pairs", "VIO": "Threats made to staff in office", "DOG": "Large dog loose in the garden",
    "VER": "Abusive on the telephone", "NDL": "Needles found at last void inspection", "OXY": "Oxygen in the home",
    "KEY": "Key safe beside the front door", "DEA": "Hard of hearing, knock loudly", "HOA": "Hoarding, blocked exits",
}  # fmt: skip


def actions(world: World, agreed: pd.DataFrame) -> pd.DataFrame:
    """The araction table."""
    found = world.arrears.actions
    number = found.groupby("account_id").cumcount() + 1
    return pd.DataFrame(
        {
            "araction_sid": found["action_id"] + 1, "tag_ref": _tags(agreed, found["account_id"]), "action_set": 1,
            "action_no": number, "action_code": found["action_code"],
            "action_type": found["action_code"].map(KINDS).fillna("LET"), "action_date": found["action_date"],
            "action_balance": found["balance_pence"], "action_comment": found["comment"].str[:100],
            "username": found["username"], "comm_only": False, "action_deferred": False,
            "deferred_until": pd.Series(pd.NaT, found.index, dtype="datetime64[s]"), "act_status": "",
        }
    )  # fmt: skip


def agreements(world: World, agreed: pd.DataFrame) -> pd.DataFrame:
    """The arag table."""
    found = world.arrears.agreements
    over = found["clear_by_date"].where(found["status"] == "completed")
    return pd.DataFrame(
        {
            "arag_sid": found["agreement_id"] + 1, "tag_ref": _tags(agreed, found["account_id"]),
            "arag_status": found["status"].map(STATUS), "arag_startdate": found["start_date"], "arag_enddate": over,
            "arag_breached": found["status"] == "breached", "arag_startbal": found["start_balance_pence"],
            "arag_clearby": found["clear_by_date"],
        }
    )  # fmt: skip


def instalments(world: World) -> pd.DataFrame:
    """The aragdet table: what each agreement asks for."""
    found = world.arrears.agreements
    return pd.DataFrame(
        {
            "aragdet_sid": found["agreement_id"] + 1, "arag_sid": found["agreement_id"] + 1,
            "aragdet_amount": found["amount_pence"], "aragdet_frequency": found["frequency"],
            "aragdet_startdate": found["start_date"] + pd.Timedelta(7, "D"),
        }
    )  # fmt: skip


def cautions(world: World, agreed: pd.DataFrame) -> pd.DataFrame:
    """The caution table: one in forty parties to a running tenancy."""
    rng = stream(world.seed, SYSTEM, "cautions")
    running = agreed.loc[agreed["present"] & (agreed["agr_type"] == "M"), ["tag_ref", "prop_ref"]]
    signed = parties(world).merge(running, on="tag_ref")
    of = signed[rng.random(len(signed)) < 0.025].reset_index(drop=True)
    count = len(of)
    code = pd.Series(rng.choice(list(CAUTIONS), count), dtype="str")
    today = pd.Timestamp(world.today)
    since = of["eff_date"] + ((today - of["eff_date"]) * rng.random(count)).dt.floor("D")
    since = since.astype("datetime64[s]")
    lifted = rng.random(count) < 0.2
    return pd.DataFrame(
        {
            "caution_sid": np.arange(1, count + 1), "prop_ref": of["prop_ref"], "tag_ref": of["tag_ref"],
            "house_ref": of["house_ref"], "person_no": of["person_no"], "caution_code": code,
            "caution_desc": code.map(CAUTIONS), "eff_date": since,
            "review_date": (since + pd.Timedelta(365, "D")).where(~lifted),
            "term_date": (since + pd.Timedelta(200, "D")).clip(upper=today).where(lifted),
        }
    )  # fmt: skip


def _tags(agreed: pd.DataFrame, account_id: pd.Series) -> pd.Series:
    return agreed.set_index("account_id")["tag_ref"].loc[account_id].reset_index(drop=True)
