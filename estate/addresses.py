"""Where people lived: today's private homes of those who rent no dwelling, and addresses before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World


def addresses(world: World) -> pd.DataFrame:
    """One row a person and address, by person, then time.

    person_id, property_id (the council's, else -1), private_id (into private_homes, else -1), from_date (NaT
    unknown), to_date (NaT lives there now).
    """
    rng = stream(world.seed, "addresses")
    members, held = world.people.members, world.tenancies.tenancies
    kind = world.tenancies.households["kind"].to_numpy()
    homes = held.loc[held["tenure_code"] != "TGA", ["household_id", "property_id", "start_date", "end_date"]]
    lived = members.merge(homes, on="household_id", suffixes=("", "_held"))
    start = lived[["start_date", "start_date_held"]].max(axis=1)
    never = pd.Timestamp("2200-01-01")
    end = lived[["end_date", "end_date_held"]].fillna(never).min(axis=1)
    lived = lived.assign(private_id=-1, from_date=start, to_date=end.where(end < never))[(start <= end).to_numpy()]
    private = np.flatnonzero(~world.private_homes["shell"])
    outside = members[np.isin(kind[members["household_id"]], ["applicant", "garage"])]
    by_household = private[rng.integers(len(private), size=len(kind))]
    parental = outside["parental_home"].to_numpy()
    now = pd.DataFrame(
        {
            "person_id": outside["person_id"], "property_id": -1, "private_id": by_household[outside["household_id"]],
            "from_date": outside["start_date"] - pd.to_timedelta(rng.integers(50, 3_000, len(outside)), unit="D"),
            "to_date": pd.NaT,
        }
    )[parental < 0]  # fmt: skip
    # Half of the others have a private address before their first home here, together with their household.
    first = lived.sort_values("from_date", kind="stable").drop_duplicates("person_id")
    came = first[(first["household_id"].to_numpy() * 7_919 % 100 < 55) & (first["relationship"] != "CHLD")]
    before = pd.DataFrame(
        {
            "person_id": came["person_id"], "property_id": -1,
            "private_id": private[rng.integers(len(private), size=len(kind))[came["household_id"]]],
            "from_date": pd.NaT, "to_date": came["from_date"] - pd.Timedelta(days=1),
        }
    )  # fmt: skip
    columns = ["person_id", "property_id", "private_id", "from_date", "to_date"]
    found = pd.concat(
        [
            part.astype({"from_date": "datetime64[s]", "to_date": "datetime64[s]"})
            for part in (before[columns], lived[columns], now[columns])
        ]
    )
    return found.sort_values(["person_id", "to_date", "from_date"], kind="stable", ignore_index=True)
