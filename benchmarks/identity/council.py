"""A whole council of seven systems, made from another seed and dirtied in another way than any test's: who is who.

The council is written, migrated and resolved; its truth is read when the golden records stand.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from benchmarks.figures import keep
from benchmarks.identity.metrics import agreement, joined
from benchmarks.identity.truth import easily_confused, told
from canonical_model.queries import golden_balances, golden_tenancies
from cli.running import enabled_sources
from cli.workplace import Workplace, connections, settings_of, workplace
from estate import council
from flows import golden, runs
from flows.golden import Resolution
from identity import rulings
from identity.decisions import SAME
from identity.why import why
from loading.load import connect

ROOT = Path(__file__).parents[2]
SEED, MIX = 20_261_122, "second"
WHO = "benchmark"
Connection = psycopg.Connection[Any]

LINKS = "SELECT entity_id::text, golden_id::text FROM canonical.golden_link WHERE entity_type = 'person' ORDER BY 1"
STATE = {
    "links": "SELECT entity_type, entity_id, golden_id FROM canonical.golden_link ORDER BY 2",
    "people": "SELECT id, row_hash FROM canonical.golden_person WHERE ended_run_id IS NULL ORDER BY id",
    "places": "SELECT id, row_hash FROM canonical.golden_asset WHERE ended_run_id IS NULL ORDER BY id",
    "households": "SELECT id, row_hash FROM canonical.golden_household WHERE ended_run_id IS NULL ORDER BY id",
    "members": "SELECT id, row_hash FROM canonical.golden_member WHERE ended_run_id IS NULL ORDER BY id",
    "values": "SELECT golden_id, field, rank, value, entity_id, trust FROM canonical.golden_value ORDER BY 1, 2, 3",
    "source people": "SELECT * FROM canonical.person ORDER BY id",
    "source households": "SELECT * FROM canonical.household ORDER BY id",
    "source places": "SELECT * FROM canonical.asset ORDER BY id",
}
"""What must be as before when every merge is undone: of links not who decided, of golden rows not the run."""
LARGEST = """
SELECT golden_id FROM canonical.golden_link WHERE entity_type = %s GROUP BY 1 ORDER BY count(*) DESC, 1
"""
QUEUE = """
SELECT (SELECT count(*) FROM identity.review_item WHERE status = 'open' AND entity_type = 'person'),
       (SELECT count(*) FROM canonical.golden_person WHERE ended_run_id IS NULL),
       (SELECT count(*) FROM identity.address_match WHERE status = 'queued'),
       (SELECT count(*) FROM identity.address_match)
"""


def measure(folder: Path, full: bool) -> None:
    """2,000 homes and 1,000 merges in full, 500 homes and 100 merges in the short form."""
    homes, merges = (2_000, 1_000) if full else (500, 100)
    _say(f"a council of {homes:,} homes")
    settings = settings_of(ROOT / "hub.toml")
    settings = settings.model_copy(update={"hub": settings.hub.model_copy(update={"folder": folder / "hub"})})
    with workplace(settings) as place:
        council.write(place.estate, council.Size(homes, SEED, MIX), place.legacy_tenancy_url)
        _resolved(place, migrate=True)
        with connect(place.database_url) as connection:
            protocol = f"{homes:,} homes, seed {SEED}, mix {MIX!r}"
            _people(connection, place.estate, protocol)
            _households_and_properties(connection, place.estate, protocol)
            _queue(connection, protocol)
            _why(connection, 1_000 if full else 200, protocol)
        _again(place, protocol)
        with connect(place.database_url) as connection:
            _unmerged(connection, merges, protocol)


def _resolved(place: Workplace, *, migrate: bool) -> Resolution:
    """How a run's resolution ended, after a migration or over the rows that stand."""
    run = runs.begin(place.database_url, place.folder, place.landing)
    if migrate:
        with connections(place, enabled_sources(place.settings)) as reached:
            results = runs.migrate_plainly(run, reached)
        if not runs.finish(run, results):
            raise RuntimeError("the council's books do not close")
    ended = golden.resolve(run)
    if ended.fault:
        raise ended.fault
    return ended


def _people(connection: Connection, estate: Path, protocol: str) -> None:
    found = told(connection, estate, "person")
    result = agreement(found["golden_id"], found["true_id"])
    protocol = f"{protocol}; {len(found):,} records of {found['true_id'].nunique():,} people"
    for name, figure, mark in (
        ("pairwise precision", result.precision, 0.995), ("pairwise recall", result.recall, 0.95),
        ("B-cubed F1", result.b_cubed_f1, 0.98),
    ):  # fmt: skip
        keep(f"identity: people, {name}", 100 * figure, "%", f">= {100 * mark:g}", figure >= mark, protocol)
    confused = easily_confused(estate)
    for kind, pairs in (*confused.items(), ("twins and namesakes", pd.concat(list(confused.values())))):
        share = joined(found["golden_id"], found["true_id"], pairs)
        both = (pairs.isin(found["true_id"].to_numpy())).all(axis=1).sum()
        mark, ok = ("<= 0.5", share <= 0.005) if len(pairs) == sum(map(len, confused.values())) else ("-", None)
        keep(f"identity: {kind} joined", 100 * share, "%", mark, ok, f"{protocol}, {both:,} such pairs")


def _households_and_properties(connection: Connection, estate: Path, protocol: str) -> None:
    households, assets = (told(connection, estate, entity) for entity in ("household", "asset"))
    figure = agreement(households["golden_id"], households["true_id"]).adjusted_f1
    keep("identity: households, adjusted pair F1", 100 * figure, "%", ">= 97", figure >= 0.97,
         f"{protocol}; {len(households):,} records; adjusted for chance (Hubert & Arabie 1985)")  # fmt: skip
    result = agreement(assets["golden_id"], assets["true_id"])
    keep("identity: properties, pair F1", 100 * result.f1, "%", ">= 99.5", result.f1 >= 0.995,
         f"{protocol}; {len(assets):,} records of {assets['true_id'].nunique():,} properties, precision "
         f"{result.precision:.2%}, recall {result.recall:.2%}")  # fmt: skip


def _queue(connection: Connection, protocol: str) -> None:
    asked, people, queued, addresses = connection.execute(QUEUE).fetchall()[0]
    keep("identity: queue, pairs of people by golden people", 100 * asked / people, "%", "<= 3", asked <= 0.03 * people,
         f"{protocol}; {asked:,} pairs, {people:,} people")  # fmt: skip
    share = queued / addresses if addresses else 0.0
    keep("identity: queue, addresses of the council's records", 100 * share, "%", "<= 8", share <= 0.08,
         f"{protocol}; {queued:,} of {addresses:,} addresses")  # fmt: skip


def _why(connection: Connection, each: int, protocol: str) -> None:
    """Golden records of every kind, those of most records among them, are asked why they are as they are."""
    taken, asked = [], {}
    for kind in ("person", "asset", "household"):
        ids = [row[0] for row in connection.execute(LARGEST, (kind,)).fetchall()]
        rest = np.random.default_rng(SEED).permutation(len(ids) - min(50, len(ids)))[: each - 50] + min(50, len(ids))
        asked[kind] = [*ids[:50], *(ids[at] for at in rest)]
        for golden_id in asked[kind]:
            began = perf_counter()
            why(connection, golden_id)
            taken.append(1_000 * (perf_counter() - began))
    protocol = f"{protocol}; {', '.join(f'{len(ids):,} of kind {kind}' for kind, ids in asked.items())}"
    keep("identity: why, the slowest answer", max(taken), "ms", "<= 200", max(taken) <= 200, protocol)
    keep("identity: why, 99 of 100 answers", float(np.quantile(taken, 0.99)), "ms", "<= 200", None, protocol)


def _again(place: Workplace, protocol: str) -> None:
    """Everything is decided a second time from the rows: no stage's result is left to be taken for it."""
    with connect(place.database_url) as connection:
        before = _state(connection)
    shutil.rmtree(place.landing.parent / "identity")
    ended = _resolved(place, migrate=False)
    with connect(place.database_url) as connection:
        differ = [name for name, digest in _state(connection).items() if digest != before[name]]
    keep(
        "identity: decided again, rows written",
        ended.counts["written"],
        "rows",
        "0",
        ended.counts["written"] == 0,
        protocol,
    )
    keep("identity: decided again, kinds of rows that differ", len(differ), "kinds", "0", not differ,
         f"{protocol}; differ: {', '.join(differ) or 'none'}")  # fmt: skip


def _unmerged(connection: Connection, merges: int, protocol: str) -> None:
    """Random people are merged, their tenancies and money follow; undone in random order, all is as it was."""
    _say(f"{merges:,} merges undone")
    rng = np.random.default_rng(SEED)
    before, owed, links = _state(connection), _followed(connection), _links(connection)
    said: list[int] = []
    while len(said) < merges:
        left, right = rng.choice(links.index.to_numpy(), 2, replace=False)
        if links[left] != links[right]:
            ruled = rulings.decide(connection, WHO, "person", left, right, SAME)
            said += [ruled.decision_id] if ruled.decision_id else []
    became = pd.Series(_links(connection).to_numpy(), links.to_numpy())
    became = became[~became.index.duplicated()]
    follow = all(
        set(zip(then["golden_id"].map(became), then[what], strict=True))
        == set(now[["golden_id", what]].itertuples(index=False, name=None))
        for then, now, what in zip(owed, _followed(connection), ("tenancy_id", "account_id"), strict=True)
    )
    for at in rng.permutation(len(said)):
        rulings.undo(connection, WHO, said[at])
    differ = [name for name, digest in _state(connection).items() if digest != before[name]]
    back = all(one.equals(other) for one, other in zip(owed, _followed(connection), strict=True))
    keep("identity: merges undone in random order, kinds of rows that differ", len(differ), "kinds", "0",
         not differ and follow and back,
         f"{protocol}; {merges:,} merges; balances and tenancies follow: {follow and back}; "
         f"differ: {', '.join(differ) or 'none'}")  # fmt: skip


def _state(connection: Connection) -> dict[str, str]:
    """A hash of each kind of rows."""
    digest = "SELECT md5(string_agg(md5(kept::text), '')) FROM ({}) kept"
    return {name: connection.execute(digest.format(query)).fetchall()[0][0] for name, query in STATE.items()}


def _links(connection: Connection) -> pd.Series[str]:
    return pd.Series(dict(connection.execute(LINKS).fetchall()))


def _followed(connection: Connection) -> list[pd.DataFrame]:
    """The tenancies, and the accounts with their balances, of golden people."""
    kinds = (
        (golden_tenancies(), ["golden_id", "tenancy_id"]),
        (golden_balances(), ["golden_id", "account_id", "balance"]),
    )
    return [
        pd.DataFrame(connection.execute(_sql(query)).fetchall(), columns=names)
        .astype("str")
        .sort_values(names, ignore_index=True)
        for query, names in kinds
    ]


def _sql(query: Select[Any]) -> str:
    return str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


def _say(what: str) -> None:
    print(f"     {what} ...", flush=True)
