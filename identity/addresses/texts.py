"""The addresses of the canonical model that are to be given their UPRN."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg

from canonical_model.queries import ADDRESSES_TO_MATCH

COLUMNS = ("entity_type", "entity_id", "field", "address", "postcode", "says_block")


def load(connection: psycopg.Connection[Any]) -> pd.DataFrame:
    """One row an address without a UPRN of the gazetteer: address_id (``type/id/field``) and COLUMNS."""
    rows = pd.DataFrame(connection.execute(ADDRESSES_TO_MATCH).fetchall(), columns=list(COLUMNS))
    where = rows["entity_type"] + "/" + rows["entity_id"].astype("str") + "/" + rows["field"]
    rows.insert(0, "address_id", where)
    return rows
