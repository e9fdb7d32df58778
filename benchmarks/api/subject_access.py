"""Subject access beside the database: every row that names the person is told, and nobody else is named.

Those are asked about of whom the most systems know. What names a person is found by the model's foreign keys alone.
"""

# ruff: noqa: S608 - the SQL is of the model's own names

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import httpx
import numpy as np
import psycopg

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice, token
from benchmarks.api.state import database_of
from benchmarks.figures import keep
from canonical_model.resources import RESOURCES
from canonical_model.tables import metadata
from cli.workplace import Workplace

PATHS = {resource.table: path for path, resource in RESOURCES.items()}
AT_OTHERS = {"operative.manager_id", "operative.supervisor_id"}
"""Who somebody else's manager is belongs to that one's record."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KNOWN_WIDELY = """
SELECT l.golden_id::text, array_agg(l.entity_id::text), count(DISTINCT b.system)
FROM canonical.golden_link l JOIN canonical.person p ON p.id = l.entity_id JOIN ledger.batch b ON b.id = p.batch_id
WHERE l.entity_type = 'person' GROUP BY 1 ORDER BY count(DISTINCT b.system) DESC, count(*) DESC, 1 LIMIT %s
"""
EVERYBODY = """
SELECT id::text FROM canonical.person UNION ALL SELECT id::text FROM canonical.golden_person
"""
Connection = psycopg.Connection[tuple[Any, ...]]


def measure(place: Workplace, choice: Choice, full: bool) -> None:
    """100 people in full, 20 in short."""
    headers = {"Authorization": f"Bearer {token(choice)}"}
    missing = foreign = rows = 0
    seconds: list[float] = []
    with peers.hub(choice, []) as hub, psycopg.connect(database_of(place).conninfo) as connection:
        everybody = {one for [one] in connection.execute(EVERYBODY).fetchall()}
        people = connection.execute(KNOWN_WIDELY, (100 if full else 20,)).fetchall()
        for golden, records, _ in people:
            url = f"http://127.0.0.1:{hub.server.port}/v1/people/{golden}/subject-access"
            began = perf_counter()
            text = httpx.get(url, headers=headers, timeout=60).raise_for_status().text
            seconds.append(perf_counter() - began)
            told = _ids(json.loads(text))
            missing += sum(len(ids - told.get(path, set())) for path, ids in _naming(connection, golden, records))
            foreign += len(set(UUID.findall(text)) & everybody - {golden, *records})
            rows += sum(map(len, told.values()))
    protocol = f"{len(people)} people, of whom up to {people[0][2]} systems know; {rows:,} rows told"
    p95 = float(np.quantile(seconds, 0.95))
    keep("api: subject access, rows missing", missing, "rows", "0", missing == 0, protocol)
    keep("api: subject access, others named", foreign, "ids", "0", foreign == 0, protocol)
    keep("api: subject access, p95", p95, "s", "-", None, protocol)


def _ids(told: Mapping[str, Any]) -> dict[str, set[str]]:
    """Path -> ids of the records that are told."""
    found: dict[str, set[str]] = {}
    for path, some in (*told["sources"].items(), *told["golden"].items()):
        found.setdefault(path, set()).update(one["record"]["id"] for one in some if one["record"])
    return found


def _naming(connection: Connection, golden: str, records: list[str]) -> Iterator[tuple[str, set[str]]]:
    """Path and ids of all rows that name the person, by each reference of the model."""
    yield PATHS["person"], set(records)
    for table in metadata.tables.values():
        for column in table.columns if table.schema == "canonical" else ():
            for key in column.foreign_keys:
                named = {"person": records, "golden_person": [golden]}.get(key.column.table.name)
                if named and f"{table.name}.{column.name}" not in AT_OTHERS:
                    query = f"SELECT id::text FROM {table.fullname} WHERE {column.name} = ANY(%s::uuid[])"
                    yield PATHS[table.name], {one for [one] in connection.execute(query, (named,)).fetchall()}
