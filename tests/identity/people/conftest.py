"""Small people: raw rows with the few columns that a case is about, and who ends up with whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from identity.people import clean, resolve
from identity.people.clean import RAW
from identity.people.cluster import CLUSTERS, DECISIONS
from identity.people.listed import HELD

LISTS = ("phones", "emails")
DAYS = ("birth_date", "death_date", "active_date")


def raw_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Raw rows; a row's ``record_id`` is what it says, or its place."""
    frame = pd.DataFrame(
        [{"record_id": f"{place:032x}", "system": "tenancy", "source_table": "member", "first_run_id": 1, **row}
         for place, row in enumerate(rows)], columns=list(RAW)
    )  # fmt: skip
    for name in LISTS:
        frame[name] = [value if isinstance(value, list) else [] for value in frame[name]]
    for name in DAYS:
        frame[name] = pd.to_datetime(frame[name])
    texts = [name for name in RAW if name not in (*LISTS, *DAYS, "first_run_id")]
    return frame.astype(dict.fromkeys(texts, "str")) if len(frame) else frame


def cleaned(rows: list[dict[str, Any]], held: list[dict[str, Any]] | None = None) -> pa.Table:
    """The records of raw rows, of which households ``held`` tenancies."""
    lets = pd.DataFrame(held or [], columns=HELD.names)
    days = {name: pd.to_datetime(lets[name]) for name in ("start_date", "end_date")}
    return clean(raw_rows(rows), lets.assign(**days))


def said(*decisions: tuple[str, str, str]) -> pa.Table:
    """Human decisions: left, right, kind."""
    return pa.table([list(column) for column in zip(*decisions, strict=True)], schema=DECISIONS)


def stood(clusters: dict[str, str]) -> pa.Table:
    """Clusters that stood before."""
    return pa.table([list(clusters), list(clusters.values())], schema=CLUSTERS)


def groups(clusters: pa.Table) -> set[frozenset[str]]:
    """The record ids of each cluster of more than one."""
    found = clusters.to_pandas().groupby("cluster")["record_id"].agg(frozenset)
    return {group for group in found if len(group) > 1}


CROWD: list[dict[str, Any]] = [
    {"record_id": f"crowd{place:04}", "forename": forename, "surname": surname, "title": "Mr" if place % 2 else "Mrs",
     "birth_date": f"{1950 + place % 50}-{place % 12 + 1:02}-{place % 27 + 2:02}", "home": f"crowd home {place}"}
    for place, (forename, surname) in enumerate(
        (one, other)
        for one in ("Adam", "Nadia", "Piotr", "Grace", "Huw", "Parveen", "Colin", "Ngozi", "Ruth", "Omar")
        for other in ("Ackroyd", "Begum", "Nowak", "Okafor", "Pugh", "Hussain", "Dale", "Eze", "Stone", "Warsame",
                      "Patel", "Larkin", "Fisher", "Doyle", "Iqbal", "Quaye", "Mistry", "Radu", "Costa", "Yildiz")
    )
]  # fmt: skip
"""Two hundred other people, so that a name or a home is as rare as in a town."""


@pytest.fixture
def together(tmp_path: Path) -> Any:
    """Resolves some rows among the crowd; gives the groups of more than one among those rows."""

    def resolved(
        rows: list[dict[str, Any]], held: list[dict[str, Any]] | None = None, **options: Any
    ) -> set[frozenset[str]]:
        return groups(resolve(cleaned([*rows, *CROWD], held), tmp_path / "people", **options).clusters)

    return resolved
