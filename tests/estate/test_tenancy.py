"""The made-up housing management database: its shape, its sums and its dirt."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from estate.truth import Truth
from estate.world import World
from estate.writers import tenancy
from estate.writers.tenancy_tables import METADATA


@pytest.fixture(scope="module")
def written(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[sa.Engine, pd.DataFrame]:
    """The database as SQLite, and the planted faults."""
    folder = tmp_path_factory.mktemp("tenancy")
    return write(small_world, folder)


def write(small_world: World, folder: Path) -> tuple[sa.Engine, pd.DataFrame]:
    truth = Truth()
    tenancy.write(small_world, f"sqlite:///{folder / 'housing.db'}", truth)
    truth.write(folder)
    return sa.create_engine(f"sqlite:///{folder / 'housing.db'}"), pq.read_table(folder / "faults.parquet").to_pandas()


def read(engine: sa.Engine, statement: str) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(sa.text(statement), connection)


def test_texts_are_padded_and_nothing_is_null(written: tuple[sa.Engine, pd.DataFrame]) -> None:
    engine, _ = written
    for table in METADATA.sorted_tables:
        frame = read(engine, f"SELECT * FROM {table.name}")
        assert len(frame) and not frame.isna().any(axis=None), table.name
        for column in table.columns:
            if isinstance(column.type, sa.CHAR):
                assert set(frame[column.name].str.len()) == {column.type.length}, column
    assert "1900-01-01 00:00:00" in set(read(engine, "SELECT eot FROM tenagree")["eot"])


def test_balances_are_the_sums_of_their_postings_but_where_planted(written: tuple[sa.Engine, pd.DataFrame]) -> None:
    engine, faults = written
    stated = read(engine, "SELECT DISTINCT trim(tag_ref) AS tag, cur_bal FROM tenagree").set_index("tag")["cur_bal"]
    # a posting that stands twice is one posting
    postings = read(engine, "SELECT trim(tag_ref) AS tag, rtrans_sid, real_value FROM rtrans")
    posted = postings.drop_duplicates("rtrans_sid").groupby("tag")["real_value"].sum()
    difference = (stated - posted.reindex(stated.index).fillna(0)).round(2)
    planted = faults.loc[faults["kind"] == "balance-differs", "key"]
    assert len(planted) and set(difference[difference != 0].index) == set(planted)


def test_postings_are_of_the_current_rent_year(written: tuple[sa.Engine, pd.DataFrame]) -> None:
    engine, faults = written
    early = faults.loc[faults["kind"] == "posting-before-start", "key"].astype(int)
    postings = read(engine, "SELECT rtrans_sid, trans_type, post_date, post_prdno FROM rtrans")
    dated = postings[~postings["rtrans_sid"].isin(early)]["post_date"].str[:10]
    assert dated.min() == "2026-04-06" and dated.max() == "2026-09-28"
    opening = postings[postings["post_prdno"] == 0]
    assert set(opening["trans_type"]) <= {"ROB", "ZZZ"}


def test_the_same_seed_writes_the_same_database(
    written: tuple[sa.Engine, pd.DataFrame], small_world: World, tmp_path: Path
) -> None:
    engine, faults = written
    other, again = write(small_world, tmp_path)
    pd.testing.assert_frame_equal(faults, again)
    for table in METADATA.sorted_tables:
        statement = f"SELECT * FROM {table.name}"
        pd.testing.assert_frame_equal(read(engine, statement), read(other, statement))


def test_every_kind_of_the_systems_dirt_is_planted(written: tuple[sa.Engine, pd.DataFrame]) -> None:
    _, faults = written
    assert set(faults["system"]) == {"tenancy"}
    assert {
        "nino-shape", "nino-shared", "placeholder", "dob-impossible", "dob-first-january", "dob-swapped",
        "date-clipped", "end-before-start", "wrong-code-page", "double-spaces", "phone-in-text", "phone-invalid",
        "email-invalid", "postcode-invalid", "uprn-invalid", "uprn-shared", "uprn-transposed", "code-unknown",
        "code-retired", "required-missing", "amount-implausible", "duplicate-row", "duplicate-key", "orphan-key",
        "overlapping-tenancy", "balance-differs", "posting-before-start", "posting-repeated", "duplicate-person",
    } <= set(faults["kind"])  # fmt: skip
