"""The gazetteer's rows become every way to write an address."""

from __future__ import annotations

import pandas as pd
import psycopg
import pytest

from identity.addresses import gazetteer
from ledger.errors import ContractBroken


def test_every_way_to_write_an_address_is_kept_but_rejected_ones(town: pd.DataFrame) -> None:
    assert sorted(town.loc[town["uprn"] == 12, ["number", "building", "standing"]].itertuples(index=False)) == [
        ("131", "", 3), ("31", "", 0), ("31", "ROSE COTTAGE", 1)
    ]  # fmt: skip
    assert 17 not in set(town["uprn"])


def test_numbers_letters_and_ranges_are_written_as_people_do(town: pd.DataFrame) -> None:
    first = town.drop_duplicates("uprn").set_index("uprn")
    assert first.loc[3, "unit"] == "FLAT A"  # text and suffix say the same
    assert first.loc[9, "unit"] == "FLAT 3"
    assert first.loc[15, "unit"] == "FLAT 3A"
    assert first.loc[6, "number"] == "29A"
    assert first.loc[14, "number"] == "12-14"


def test_units_and_blocks_are_known_by_parent_and_by_building(town: pd.DataFrame) -> None:
    assert set(town.loc[town["is_block"], "uprn"]) == {2, 5, 8, 20}
    assert set(town.loc[town["is_unit"], "uprn"]) == {3, 4, 6, 7, 9, 10, 11, 15, 16, 19, 21, 23}


def test_a_building_without_parents_in_the_feed_is_still_a_block(tables: dict[str, pd.DataFrame]) -> None:
    town = gazetteer.build(**tables | {"blpu": tables["blpu"].assign(parent_uprn=None)})
    assert set(town.loc[town["is_block"], "uprn"]) == {2, 8, 20}


def test_the_same_way_is_kept_once(town: pd.DataFrame) -> None:
    assert len(town[town["uprn"] == 16]) == 1  # identifier and delivery point agree


def test_without_a_gazetteer_loading_stops_with_the_next_step(hub_url: str) -> None:
    url = hub_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection, pytest.raises(ContractBroken, match="no gazetteer is loaded"):
        gazetteer.load(connection)
