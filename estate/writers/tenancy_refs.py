"""The housing management system's own references."""

from __future__ import annotations

import pandas as pd


def house_refs(household_id: pd.Series) -> pd.Series:
    """A household's reference: seven digits."""
    return (household_id + 1).astype("str").str.zfill(7)
