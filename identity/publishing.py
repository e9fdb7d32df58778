"""Publishing a resolution: decisions, links, golden rows, values, pairs and the queue, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from identity import gathering, households, properties, rebuilding, store
from identity.address_rulings import refill_addresses
from identity.decisions import PAIR, append, machine_changes, read_log
from identity.frames import Connection
from identity.joining import judged
from identity.links import Linked, link_all
from identity.properties import Places
from identity.queue import CAPPED, refill
from identity.rebuilding import links
from identity.replay import replay
from identity.rulings import queue_contradictions
from identity.store import Written

KINDS = ("asset", "person", "household")


@dataclass(frozen=True)
class Weighed:
    """What was found of one kind of thing: ``records`` (record_id, first_run_id), ``pairs`` (left_id, right_id, weight,
    parts, status, vetoes, model_version), and the ``edges`` that join (left_id, right_id, weight, model_version);
    ``capped`` are the weakest edges of clusters that are as large as one may be."""

    records: pd.DataFrame
    pairs: pd.DataFrame
    edges: pd.DataFrame
    capped: pd.DataFrame | None = None

    @property
    def doubtful(self) -> pd.DataFrame:
        """The pairs that a person should decide."""
        return self.pairs[self.pairs["status"] == "doubtful"]


@dataclass(frozen=True)
class Found:
    """All that a resolution found. ``matches``: addresses with entity_type, entity_id, field and what became of them;
    None where no gazetteer could be used."""

    assets: Weighed
    places: Places
    people: Weighed
    matches: pd.DataFrame | None


def publish(connection: Connection, found: Found, run_id: int) -> dict[str, int]:
    """Writes what was found, in one transaction; gives what it came to."""
    counts: dict[str, int] = {}
    with connection.transaction():
        written = Written()
        if found.matches is not None:
            written += store.write_matches(connection, found.matches, run_id)
            refill_addresses(connection, run_id)
        written += _link(connection, "asset", found.assets, run_id, counts)
        written += rebuilding.places(connection, run_id, found.places)
        written += _link(connection, "person", found.people, run_id, counts)
        homes, members = gathering.households(connection), gathering.members(connection)
        weighed = weigh_households(connection, homes, members)
        written += _link(connection, "household", weighed, run_id, counts)
        written += rebuilding.people_and_households(connection, run_id)
    counts["written"] = written.rows
    return counts


def weigh_assets(places: Places, records: pd.DataFrame) -> Weighed:
    """What is the same place."""
    found = judged(
        properties.pairs(places), join=properties.JOIN, doubt=properties.DOUBTFUL, veto=properties.VETO
    ).assign(model_version=properties.MODEL)  # fmt: skip
    return Weighed(records[["record_id", "first_run_id"]], found, _edges(found))


def weigh_households(connection: Connection, homes: pd.DataFrame, members: pd.DataFrame) -> Weighed:
    """What is the same household, of the golden people and places as they are linked now."""
    person, asset = links(connection, "person"), links(connection, "asset")
    lived = members.assign(person_id=members["person_id"].map(person)).dropna(subset="person_id")
    placed = homes.assign(asset_id=homes["asset_id"].map(asset))
    found = judged(
        households.pairs(placed, lived), join=households.JOIN, doubt=households.DOUBTFUL, veto=households.VETO
    ).assign(model_version=households.MODEL)  # fmt: skip
    return Weighed(homes[["record_id", "first_run_id"]], found, _edges(found))


def _edges(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.loc[pairs["status"] == "joined", [*PAIR, "weight", "model_version"]]


def _link(connection: Connection, entity_type: str, weighed: Weighed, run_id: int, counts: dict[str, int]) -> Written:
    """Logs what the machine decided anew, links by the log, and keeps pairs and queue; adds to ``counts``."""
    records = weighed.records.assign(ended=False)
    log = read_log(connection, entity_type)
    overridden = replay(records["record_id"], log).overridden["id"]
    said = machine_changes(log, weighed.edges, records["record_id"], overridden, run_id)
    if len(said):
        append(connection, entity_type, said)
    linked: Linked = link_all(connection, entity_type, records, run_id)
    written = store.write_pairs(connection, entity_type, weighed.pairs, run_id)
    queue_contradictions(connection, entity_type, linked, run_id=run_id)
    asked = refill(connection, entity_type, weighed.doubtful, run_id)
    full = weighed.edges.iloc[:0] if weighed.capped is None else weighed.capped
    full_asked = refill(connection, entity_type, full, run_id, CAPPED)
    now = linked.replayed.clusters
    now = now[now["record_id"].isin(records["record_id"])]
    kinds = linked.events["kind_code"].value_counts()
    counts |= {
        f"{entity_type}_records": len(records), f"{entity_type}_golden": int(now["cluster"].nunique()),
        f"{entity_type}_doubtful": asked, f"{entity_type}_capped": full_asked,
        f"{entity_type}_pairs": len(weighed.pairs),
        **{f"{entity_type}_{kind}": int(kinds.get(kind, 0)) for kind in ("created", "merge", "split", "retired")},
    }  # fmt: skip
    return written + Written(len(said) + len(linked.events))
