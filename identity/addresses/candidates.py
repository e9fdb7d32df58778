"""The few likeliest UPRNs of each address, as the package uk-address-matcher weighs them.

It only proposes. It would give some UPRN to most addresses that are in no gazetteer, so ``guard`` decides.
"""

from __future__ import annotations

import duckdb
from uk_address_matcher import AddressMatcher, SplinkStage

MOST = 8
"""Candidates an address: flats of one house are as good as equal to the model, the guard tells them apart."""


def propose(connection: duckdb.DuckDBPyConnection, messy: str, ways: str, name: str) -> None:
    """Makes the table ``name``: text_id, uprn, weight (log2 of the odds), distinguishability (bits to the next).

    ``messy`` has text_id, address, postcode; ``ways`` has uprn, address, postcode. Distinguishability is null for
    an address's last candidate.
    """
    stage = SplinkStage(improve_top_n_matches=MOST, final_distinguishability_threshold=None)
    columns = "address AS address_concat, postcode"
    with AddressMatcher(
        connection.sql(f"SELECT uprn::VARCHAR AS unique_id, {columns} FROM {ways}"),  # noqa: S608 - our own tables
        connection.sql(f"SELECT text_id::VARCHAR AS unique_id, {columns} FROM {messy}"),  # noqa: S608
        con=connection, stages=[stage], cleaning_num_chunks=1, show_progress="off",
    ).match():  # fmt: skip
        connection.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT unique_id_r::BIGINT AS text_id, unique_id_l::BIGINT AS uprn, "  # noqa: S608
            f"match_weight AS weight, distinguishability FROM {stage.best_matches_table} WHERE unique_id_l IS NOT NULL"
        )
