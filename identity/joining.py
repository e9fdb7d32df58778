"""From weighed pairs to joins: what is joined, what a person is asked, what is kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from identity.decisions import MACHINE, NOT_SAME, PAIR, SAME
from identity.replay import replay


def judged(pairs: pd.DataFrame, *, join: float, doubt: float, veto: float) -> pd.DataFrame:
    """The pairs with ``status``: joined, doubtful, vetoed or apart.

    Pairs of ``join`` bits and more join their records, the strongest first, unless that would bring together two
    of which a pair weighs ``veto`` or less. A pair from ``doubt`` on that no join brought together is doubtful.
    """
    same, apart = (pairs["weight"] >= join).to_numpy(), (pairs["weight"] <= veto).to_numpy()
    log = pairs.loc[same | apart, [*PAIR, "weight"]].reset_index(drop=True)
    log = log.assign(kind=np.where(same, SAME, NOT_SAME)[same | apart], decided_by=MACHINE, undoes=None)
    log = log.assign(id=np.arange(1, len(log) + 1))
    records = pd.concat([pairs["left_id"], pairs["right_id"]]).drop_duplicates()
    clusters = replay(records, log).clusters.set_index("record_id")["cluster"]
    together = clusters[pairs["left_id"]].to_numpy() == clusters[pairs["right_id"]].to_numpy()
    doubtful = ~together & (pairs["weight"] >= doubt).to_numpy()
    status = np.select([same & together, apart, doubtful], ["joined", "vetoed", "doubtful"], "apart")
    return pairs.assign(status=status)
