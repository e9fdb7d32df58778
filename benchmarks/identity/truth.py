"""Golden links beside the truth of a made-up estate: read here alone, after the hub has decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa

from estate.council import written
from estate.world import TODAY, build
from identity.ids import key_of, stable_ids

FILES = {"person": ("people", "person_id"), "asset": ("properties", "property_id"),
         "household": ("households", "household_id")}  # fmt: skip
JOINT = "|joint"
"""How the truth writes the second applicant on one row."""

RECORDS = """
SELECT encode(uuid_send(t.id), 'hex'), encode(uuid_send(l.golden_id), 'hex'), b.system, b.source_table, t.source_key
FROM canonical.{entity} t JOIN ledger.batch b ON b.id = t.batch_id
JOIN canonical.golden_link l ON l.entity_type = '{entity}' AND l.entity_id = t.id
WHERE t.ended_run_id IS NULL ORDER BY t.id
"""


def told(connection: psycopg.Connection[Any], estate: Path, entity: str) -> pd.DataFrame:
    """The live records of whom the truth knows: record_id, golden_id, true_id, system."""
    columns = ["record_id", "golden_id", "system", "table", "key"]
    records = pd.DataFrame(connection.execute(RECORDS.format(entity=entity)).fetchall(), columns=columns)
    file, name = FILES[entity]
    true = pd.read_parquet(estate / "truth" / f"{file}.parquet").rename(columns={name: "true_id"})
    second = true["key"].str.endswith(JOINT)
    known = pd.concat(
        [
            _of_second(true[second], entity),
            records.loc[:, ["record_id", *columns[2:]]].merge(true[~second], on=columns[2:])[["record_id", "true_id"]],
        ]
    ).drop_duplicates("record_id")
    return records.merge(known, on="record_id")[["record_id", "golden_id", "true_id", "system"]]


def easily_confused(estate: Path) -> dict[str, pd.DataFrame]:
    """Pairs of people, left and right, by kind: twins, and parent and child of one name."""
    size = written(estate)
    if size is None:
        raise FileNotFoundError(f"no estate stands in {estate}")
    people = build(size.homes, size.seed, TODAY, size.mix).people.people
    return {kind: pairs(people, column) for kind, column in (("twins", "twin_id"), ("namesakes", "namesake_id"))}


def pairs(people: pd.DataFrame, other: str) -> pd.DataFrame:
    """Each pair of people once, by a column that names the other of the two (-1 is none)."""
    found = people.loc[people[other] > people["person_id"], ["person_id", other]]
    return found.set_axis(["left", "right"], axis=1).reset_index(drop=True)


def _of_second(true: pd.DataFrame, entity: str) -> pd.DataFrame:
    texts = [
        key_of(system, entity, key.removesuffix(JOINT), "joint")
        for system, key in zip(true["system"], true["key"], strict=True)
    ]
    return pd.DataFrame(
        {"record_id": stable_ids(pa.array(texts, pa.string())).to_pylist(), "true_id": true["true_id"].to_numpy()}
    )
