"""Who lived where on a given day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from estate.world import World

Ints = NDArray[np.int64]


def occupants(world: World, property_ids: Ints, days: Ints) -> tuple[Ints, Ints]:
    """The tenancy on each home on that day (days since 1970) and its lead tenant; -1 where it stood empty."""
    held = world.tenancies.tenancies
    start = held["start_date"].to_numpy().astype("datetime64[D]").astype("int64")
    end = held["end_date"].fillna(np.datetime64("2100-01-01", "s")).to_numpy().astype("datetime64[D]").astype("int64")
    key = held["property_id"].to_numpy() * 100_000 + start + 20_000
    at = np.searchsorted(key, property_ids * 100_000 + days + 20_000, side="right") - 1
    at = np.maximum(at, 0)
    there = (held["property_id"].to_numpy()[at] == property_ids) & (start[at] <= days) & (end[at] >= days)
    tenancy = np.where(there, at, -1)
    tenants = world.people.tenants
    lead = tenants.loc[~tenants["joint"]].sort_values("tenancy_id")["person_id"].to_numpy()
    return tenancy, np.where(there, lead[at], -1)
