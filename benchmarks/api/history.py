"""The past over the API: 30 simulated days, each day's end as it was told then and as it is told now; and its cost.

A day changes a hundredth of the rent accounts and their rents, ends some and brings some back: written as the loader
writes, each day a run. The day's end is told by the API as it stands that evening, and asked for again after the last.
Its cost is measured over a past as long as many years leave behind.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pandas as pd
import psycopg
from sqlalchemy import types

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice
from benchmarks.api.load import Asked, load
from benchmarks.api.peers import Peer
from benchmarks.api.state import SEED, database_of
from benchmarks.figures import keep
from canonical_model.tables import current
from cli.workplace import Workplace
from loading.load import upsert
from loading.staging import stage

PATH, TABLE = "rent-accounts", "rent_account"
DAYS = 30
PAGE = 500
SHARE = 0.01
MOST = 3.0
EARLIER = """
UPDATE ledger.run
SET started_at = started_at - make_interval(days => %s), finished_at = finished_at - make_interval(days => %s)
"""
VERSIONS = 520
"""Earlier versions of each rent account when the cost is measured: ten years of weeks."""
LONG_PAST = """
INSERT INTO history.rent_account ({columns}, replaced_run_id)
SELECT {chosen}, 1 - copy FROM canonical.rent_account t CROSS JOIN generate_series(1, %s) copy
"""
STOOD = """
SELECT tenancy_id::text FROM canonical.rent_account WHERE tenancy_id IS NOT NULL AND ended_run_id IS NULL ORDER BY id
"""
CHOSEN = "SELECT * FROM canonical.rent_account WHERE (ended_run_id IS NULL) = %s ORDER BY id"
Connection = psycopg.Connection[tuple[Any, ...]]


def measure(place: Workplace, choice: Choice, full: bool) -> None:
    """30 days in full, 5 in short."""
    days, seconds = (DAYS, 10) if full else (5, 3)
    rng = np.random.default_rng(SEED)
    with peers.hub(choice, []) as hub, psycopg.connect(database_of(place).conninfo, autocommit=True) as connection:
        connection.execute(EARLIER, (days + 1, days + 1))
        [[first]] = connection.execute("SELECT max(finished_at) FROM ledger.run").fetchall()
        ends: dict[datetime, list[str]] = {}
        for day in range(1, days + 1):
            evening = first + timedelta(days=day)
            _day(connection, evening, rng)
            ends[evening] = _told(hub)
        wrong = [evening for evening, end in ends.items() if _told(hub, evening) != end]
        rows = len(ends[evening])
        keep("api: as-of, day-ends that differ", len(wrong), "days", "0", not wrong,
             f"{days} simulated days, {rows:,} rent accounts, {SHARE:.0%} changed or ended a day")  # fmt: skip
        ids = [json.loads(one)["id"] for one in ends[first + timedelta(days=days // 2)]]
        standing = [json.loads(one)["id"] for one in ends[evening]]
        moment = quote((first + timedelta(days=days // 2)).astimezone(UTC).isoformat())
        _lengthen(connection)
        tenancies = [tenancy for [tenancy] in connection.execute(STOOD).fetchall()]
    with peers.hub(replace(choice, audit=False), []) as hub:  # whose cost, the same for both, would hide the past's
        for what, now, then in (
            ("one record", [f"/v1/{PATH}/{one}" for one in standing], [f"/v1/{PATH}/{one}?at={moment}" for one in ids]),
            ("page of 50", [f"/v1/{PATH}"], [f"/v1/{PATH}?at={moment}"]),
            (
                "list of a tenancy",
                *([f"/v1/{PATH}?tenancy_id={one}{then}" for one in tenancies] for then in ("", f"&at={moment}")),
            ),
        ):
            port, headers = hub.server.port, hub.headers
            told = [load(port, [Asked(path) for path in paths], headers, seconds, 1) for paths in (now, then)]
            ratio = told[1].p95_ms / told[0].p95_ms
            keep(f"api: as-of, {what}, p95 beside now", ratio, "ratio", f"<= {MOST:g}x", ratio <= MOST,
                 f"{days} simulated days over {VERSIONS} earlier versions of each account, one question at a "
                 f"time; then {told[1].p95_ms:.1f} ms",
                 "now, ms", told[0].p95_ms)  # fmt: skip


def _day(connection: Connection, evening: datetime, rng: np.random.Generator) -> None:
    """A run that ends at that time: rents are raised, accounts end, and some that had ended come back."""
    with connection.transaction(), connection.cursor() as cursor:
        begun = "INSERT INTO ledger.run (started_at, finished_at, closes) VALUES (%s, %s, true) RETURNING id"
        [[run]] = cursor.execute(begun, (evening - timedelta(hours=1), evening)).fetchall()
        standing, ended = (_some(connection, standing, rng) for standing in (True, False))
        raised, ending = standing.iloc[::2], standing.iloc[1::2]
        changed = pd.concat([raised.assign(weekly_rent=raised["weekly_rent"].map(_raised)), ended])
        stage(cursor, current(TABLE), changed.assign(run_id=run, ended_run_id=None))
        upsert(cursor, current(TABLE), run)
        end = "UPDATE canonical.rent_account SET ended_run_id = %s WHERE id = ANY(%s)"
        cursor.execute(end, (run, list(ending["id"])))


def _lengthen(connection: Connection) -> None:
    """Adds earlier versions of all accounts, which were replaced before the first run."""
    names = [column.name for column in current(TABLE).columns]
    chosen = ["-copy" if name == "run_id" else f"t.{name}" for name in names]
    connection.execute(LONG_PAST.format(columns=", ".join(names), chosen=", ".join(chosen)), (VERSIONS,))
    connection.execute("VACUUM ANALYZE history.rent_account, canonical.rent_account")


def _some(connection: Connection, standing: bool, rng: np.random.Generator) -> pd.DataFrame:
    """Some of the rent accounts that stand, or of those that have ended."""
    found = connection.execute(CHOSEN, (standing,))
    names = [column.name for column in found.description or ()]
    rows = pd.DataFrame(found.fetchall(), columns=names, dtype=object)
    for name in (column.name for column in current(TABLE).columns if isinstance(column.type, types.Uuid)):
        rows[name] = rows[name].map(str, na_action="ignore")
    return rows.iloc[rng.permutation(len(rows))[: max(4, round(2 * SHARE * len(rows))) if standing else 2]]


def _raised(rent: Decimal | None) -> Decimal:
    return (rent or Decimal(0)) + Decimal("1.25")


def _told(hub: Peer, at: datetime | None = None) -> list[str]:
    """All rent accounts as the API tells them, each as text, in the order of ids."""
    then = f"&at={quote(at.astimezone(UTC).isoformat())}" if at else ""
    found: list[str] = []
    path = f"/v1/{PATH}?limit={PAGE}{then}"
    while path:
        answer = httpx.get(f"http://127.0.0.1:{hub.server.port}{path}", headers=dict(hub.headers), timeout=30)
        page = answer.raise_for_status().json()
        found += [json.dumps(one) for one in page["data"]]
        path = f"/v1/{PATH}?limit={PAGE}{then}&cursor={page['next']}" if page["next"] else ""
    return found
