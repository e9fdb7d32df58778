"""Open orders that take two trades: what one has opened up, another makes good.

Made after everything else, from a random stream of its own, so that the rest of the estate is the same with and without
it. The logistics manager plans such an order as one visit of its first trade.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SHARE = 0.3
"""Of the open orders of the council's own operatives that have two lines or more."""
MAKES_GOOD = {
    "PL": "PT", "EL": "PT", "CP": "PA", "MU": "PA", "PT": "PA", "PA": "CP", "RF": "PT", "GZ": "CP", "BW": "PT",
    "DR": "PL", "GR": "BW", "DM": "PA",
}  # fmt: skip
"""By the first trade, the one that comes after it, or must come before."""


def add(orders: pd.DataFrame, jobs: pd.DataFrame, book: pd.DataFrame, rng: np.random.Generator) -> None:
    """Makes the last line of some orders one of a second trade, in place; their estimates follow."""
    own = orders[(orders["status"] == "open") & (orders["contractor_id"] < 0)]
    last = jobs[jobs["order_id"].isin(own["order_id"])].drop_duplicates("order_id", keep="last")
    last = last[last["line_no"] > 1]
    at = last.index[rng.random(len(last)) < SHARE]
    trade = orders["trade_code"].loc[jobs.loc[at, "order_id"]].map(MAKES_GOOD)
    first, size = book.groupby("trade_code")["sor_id"].min(), book.groupby("trade_code").size()
    item = first[trade].to_numpy() + (rng.random(len(at)) * size[trade].to_numpy()).astype("int64")
    jobs.loc[at, "sor_id"], jobs.loc[at, "quantity"] = item, 1
    jobs.loc[at, ["minutes", "price_pence"]] = book.loc[item, ["minutes", "price_pence"]].to_numpy()
    changed = jobs.loc[at, "order_id"].to_numpy()
    per_order = jobs[jobs["order_id"].isin(changed)].groupby("order_id")["price_pence"].sum()
    orders.loc[per_order.index, "estimated_pence"] = per_order
