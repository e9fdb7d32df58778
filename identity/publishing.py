"""Publishing a resolution: decisions, links, golden rows, values, pairs and the queue, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from identity import frames, gathering, golden, households, properties, store
from identity.decisions import PAIR, append, machine_changes, read_log
from identity.frames import Connection
from identity.joining import judged
from identity.links import LINK, READ_LINKS, Linked, link_all
from identity.properties import Places
from identity.queue import refill
from identity.replay import replay
from identity.rulings import queue_contradictions
from identity.store import Written
from identity.survivorship import FIELDS, names
from identity.trust import Trust, load_trust

KINDS = ("asset", "person", "household")


@dataclass(frozen=True)
class Weighed:
    """What was found of one kind of thing: ``records`` (record_id, first_run_id), ``pairs`` (left_id, right_id, weight,
    parts, status, vetoes, model_version), and the ``edges`` that join (left_id, right_id, weight, model_version)."""

    records: pd.DataFrame
    pairs: pd.DataFrame
    edges: pd.DataFrame

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
    units: pd.DataFrame
    people: Weighed
    matches: pd.DataFrame | None


def trust() -> dict[str, Trust]:
    """The declared trust, checked as a whole."""
    return load_trust({name: names(fields) for name, fields in FIELDS.items()})


def publish(connection: Connection, found: Found, run_id: int) -> dict[str, int]:
    """Writes what was found, in one transaction; gives what it came to."""
    declared = trust()
    counts: dict[str, int] = {}
    with connection.transaction():
        written = Written()
        if found.matches is not None:
            written += store.write_matches(connection, found.matches, run_id)
        written += _link(connection, "asset", found.assets, run_id, counts)
        written += _assets(connection, found, declared["asset"], run_id)
        written += _link(connection, "person", found.people, run_id, counts)
        homes, members = gathering.households(connection), gathering.members(connection)
        weighed = weigh_households(connection, homes, members)
        written += _link(connection, "household", weighed, run_id, counts)
        written += _people_and_households(connection, homes, members, declared["person"], run_id, found.people.edges)
    counts["written"] = written.rows
    return counts


def links(connection: Connection, entity_type: str) -> pd.Series[str]:
    """The golden id of every record of a kind, by record id."""
    found = frames.read(connection, READ_LINKS, LINK, {"entity_type": entity_type})
    return found.set_index("record_id")["golden_id"]


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
    now = linked.replayed.clusters
    now = now[now["record_id"].isin(records["record_id"])]
    kinds = linked.events["kind_code"].value_counts()
    counts |= {
        f"{entity_type}_records": len(records), f"{entity_type}_golden": int(now["cluster"].nunique()),
        f"{entity_type}_doubtful": asked, f"{entity_type}_pairs": len(weighed.pairs),
        **{f"{entity_type}_{kind}": int(kinds.get(kind, 0)) for kind in ("created", "merge", "split", "retired")},
    }  # fmt: skip
    return written + Written(len(said) + len(linked.events))


def _assets(connection: Connection, found: Found, declared: Trust, run_id: int) -> Written:
    of = links(connection, "asset")
    placed = properties.place(found.places, of)
    records = gathering.assets(connection)
    claims = records["uprn"].astype("Int64")
    refuted = properties.refuted(found.places)
    records = records.assign(uprn=claims.mask(records["record_id"].isin(refuted)))
    made = golden.assets(records, found.units, placed, of, gathering.faults(connection, "asset"), declared)
    rows = golden.confidence(made.rows, found.assets.edges, of)
    written = store.write_golden(connection, "golden_asset", rows, run_id)
    return written + store.write_values(connection, "asset", made.kept, run_id)


def _people_and_households(
    connection: Connection, homes: pd.DataFrame, members: pd.DataFrame, declared: Trust, run_id: int,
    edges: pd.DataFrame,
) -> Written:  # fmt: skip
    person, asset, household = (links(connection, kind) for kind in ("person", "asset", "household"))
    told, time = golden.households(homes, members, household, person, asset, declared)
    made = golden.people(
        gathering.people(connection), gathering.contacts(connection), person, asset,
        gathering.faults(connection, "person"), declared,
    )  # fmt: skip
    rows = golden.confidence(made.rows, edges, person)
    rows = rows.assign(household_id=rows["id"].map(golden.home(time)))
    written = store.write_golden(connection, "golden_household", told, run_id)
    written += store.write_golden(connection, "golden_person", rows, run_id)
    written += store.write_values(connection, "person", made.kept, run_id)
    return written + store.write_golden(connection, "golden_member", time, run_id)
