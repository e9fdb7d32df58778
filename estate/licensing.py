"""Licences for houses in multiple occupation: private homes of the town, from a public register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.places import one_line
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World


def licences(world: World) -> pd.DataFrame:
    """One row a licence, a quarter as many as the council has homes; some homes have had two in turn.

    licence_id, case_number (16/01202/HMOADS), private_id (into gazetteer.private_homes), location (the address
    in one line, town and county in it), occupants, units (-1 not stated), commenced_date, expires_date.
    """
    rng = stream(world.seed, "licensing")
    homes = world.private_homes
    count = max(20, round(world.homes * 0.25))
    houses = homes.index[(homes["unit"] == "") & ~homes["shell"]].to_numpy()
    first = rng.choice(houses, min(count, len(houses)), replace=False)
    again = rng.random(len(first)) < 0.3
    today = np.datetime64(world.today, "D")
    start = today - rng.integers(60, 9 * 365, len(first))
    years = rng.choice([1, 2, 3, 5], len(first), p=[0.25, 0.1, 0.05, 0.6])
    expires = start + years * 365
    renewed = again & (expires < today)
    frame = pd.DataFrame(
        {
            "private_id": np.concatenate([first, first[renewed]]),
            "start": np.concatenate([start, expires[renewed] + 1]),
            "years": np.concatenate([years, np.full(int(renewed.sum()), 5)]),
        }
    ).sort_values(["start", "private_id"], ignore_index=True)
    number = frame.groupby(frame["start"].dt.year).cumcount() * 7 + 12
    occupants = rng.choice([3, 4, 5, 6, 7, 8, 10], len(frame), p=[0.15, 0.3, 0.28, 0.14, 0.07, 0.04, 0.02])
    small = rng.choice(["HMOADS", "HMOADL"], len(frame), p=[0.75, 0.25])
    suffix = np.where(occupants <= 4, small, rng.choice(["HMOADL", "HMOLIC"], len(frame), p=[0.6, 0.4]))
    case = frame["start"].dt.year.astype("str").str[2:] + "/" + number.astype("str").str.zfill(5) + "/" + suffix
    address = homes.loc[frame["private_id"]].reset_index(drop=True)
    line = one_line(address.assign(locality="", town=address["town"] + " Kelshire"), " ")
    return pd.DataFrame(
        {
            "licence_id": np.arange(len(frame)), "case_number": case.astype("str"), "private_id": frame["private_id"],
            "location": line, "occupants": occupants,
            "units": np.where(rng.random(len(frame)) < 0.5, -1, occupants - rng.integers(0, 2, len(frame))),
            "commenced_date": frame["start"].astype("datetime64[s]"),
            "expires_date": (frame["start"] + pd.to_timedelta(frame["years"] * 365, unit="D")).astype("datetime64[s]"),
        }
    )  # fmt: skip
