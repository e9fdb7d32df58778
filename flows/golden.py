"""Who is who and what is where, decided anew after a migration: addresses, places, people, publication.

Each stage is a plain function that leaves its result in a folder of the state folder, whole or not at all; the folder
is named after a hash of all that decides, so that a resolution which was killed goes on where it was and one over
unchanged sources is not done again. ``flows.orchestrate`` runs the same function with each stage as a task.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import identity
from flows.faults import only_hub_faults
from flows.migrate import Clock
from flows.references import Run, mapping_of
from identity import disagreements, gathering, publishing, rebuilding, store
from identity.addresses import gazetteer, match
from identity.decisions import MACHINE, PAIR, effective, read_log
from identity.properties import Places
from identity.publishing import Found, Weighed
from identity.rebuilding import links
from identity.replay import components
from ledger.errors import ContractBroken, HubError
from loading import records

ROOM = Path(next(iter(identity.__path__)))
RULES = (".py", ".toml", ".csv", ".json")
NAMELESS = 0.99
"""A source of which more people than this share have no name at all is no source of people."""
FEW = 50
PATIENCE_SECONDS = 30 * 60
"""So long a run waits for the golden records of another one."""


@dataclass(frozen=True)
class Resolution:
    """How a resolution ended. ``counts`` are what the golden records came to, now or when they were last made;
    ``notes`` tell what was left out; ``fault`` why nothing was published."""

    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    skipped: bool = False
    fault: HubError | None = None


def working_folder(run: Run) -> Path:
    """Where the stages leave their results: personal data, for the hub's user alone."""
    folder = run.landing.parent / "identity"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@only_hub_faults()
def match_addresses(run: Run, folder: Path) -> str:
    """Finds the UPRN of every stated address; gives why it could not, or nothing."""
    path = folder / "addresses.parquet"
    if path.exists():
        return ""
    with run.connection() as connection:
        messy = gathering.messy_addresses(connection)
        if messy.empty:
            return ""
        try:
            ways = gazetteer.load(connection)
            messy["address_id"] = messy.index
            found = match.match(messy, ways)
        except ContractBroken as fault:
            return str(fault)
    kept = messy[["entity_type", "entity_id", "field"]].join(found.drop(columns="address_id"))
    _write(ways, folder / "gazetteer.parquet")
    _write(kept, path)
    return ""


@only_hub_faults()
def weigh_places(run: Run, folder: Path) -> int:
    """Weighs which places are one; gives the number of pairs."""
    path = folder / "places.parquet"
    if not path.exists():
        with run.connection() as connection:
            assets = gathering.assets(connection)
            weighed = publishing.weigh_assets(_places(connection, folder), assets)
        _write(weighed.pairs, path)
    return _rows(path)


@only_hub_faults()
def resolve_people(run: Run, folder: Path) -> int:
    """Decides which person records are one person; gives the number of pairs that stay.

    Where few records changed since the last time, only what they touch is looked at.
    """
    from identity import matching, people  # noqa: PLC0415 - Splink takes seconds to import

    path = folder / "people.parquet"
    if not path.exists():
        with run.connection() as connection:
            raw = gathering.raw_people(connection)
            _refuse_nameless(raw)
            raw = raw.assign(home=_homes(connection, raw, folder))
            held = gathering.tenancies(connection)
            held = held.assign(home=_homes(connection, held, folder))
            log = effective(read_log(connection, "person"))
            previous = links(connection, "person")
        cleaned = people.clean(raw, held)
        words = _texts(log.loc[log["decided_by"] != MACHINE, [*PAIR, "kind"]])
        before = _texts(previous.rename("cluster").reset_index())
        found = matching.match(cleaned, folder.parent / "people", words, before)
        _write(found.crowds, folder / "crowds.parquet")
        _write(found.capped, folder / "capped.parquet")
        _write(found.pairs, path)
    return _rows(path)


@only_hub_faults()
def publish(run: Run, folder: Path) -> dict[str, int]:
    """Writes decisions, links, golden rows and the queue in one transaction; gives what it came to."""
    with run.connection() as connection:
        matches = _read(folder / "addresses.parquet")
        pairs = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("places", "people")}
        assets, persons = gathering.assets(connection), gathering.people(connection)
        capped, crowds = (_read(folder / f"{name}.parquet") for name in ("capped", "crowds"))
        people = _weighed(persons, pairs["people"], capped)
        found = Found(_weighed(assets, pairs["places"]), _places(connection, folder), people, matches)
        with connection.transaction():
            counts = publishing.publish(connection, found, run.run_id)
            counts["disagreements"] = _tell(connection, run.run_id)
        counts["address_left_out"] = len(gathering.messy_addresses(connection)) if matches is None else 0
    counts["person_crowds"] = 0 if crowds is None else int(crowds["values"].sum())
    counts["address_records"] = 0 if matches is None else len(matches)
    for status in ("matched", "queued"):
        counts[f"address_{status}"] = 0 if matches is None else int((matches["status"] == status).sum())
    return counts


@dataclass(frozen=True)
class Stages:
    """The stages as they are to be called: plain functions here, the same wrapped as tasks under Prefect."""

    addresses: Callable[..., Any] = match_addresses
    places: Callable[..., Any] = weigh_places
    people: Callable[..., Any] = resolve_people
    publish: Callable[..., Any] = publish


def standing(run: Run) -> Resolution | None:
    """The last resolution, where nothing that decides has changed since; None where one is due."""
    with run.connection() as connection:
        last = store.last_resolution(connection)
        if last is None or last["fingerprint"] != _fingerprint(connection):
            return None
    return Resolution(last["counts"], notes=_cautions(last["counts"]), skipped=True)


def resolve(run: Run, stages: Stages = Stages()) -> Resolution:
    """How the resolution ended. Raises nothing but interrupts: a fault leaves the golden records as they were."""
    clock = Clock()
    notes: tuple[str, ...] = ()
    try:
        with (
            only_hub_faults(),
            run.connection() as connection,
            records.sole_run(connection, "identity", patience_seconds=PATIENCE_SECONDS),
        ):
            made_of = _fingerprint(connection)
            folder = working_folder(run) / made_of
            folder.mkdir(exist_ok=True, mode=0o700)
            with clock.times("addresses"):
                note = stages.addresses(run, folder)
                notes = (f"Addresses were not matched: {note}",) if note else ()
            with clock.times("places"):
                stages.places(run, folder)
            with clock.times("people"):
                stages.people(run, folder)
            with clock.times("publish"):
                counts = stages.publish(run, folder)
            store.note_resolution(connection, run.run_id, made_of, counts, clock.seconds)
            _forget(folder.parent, "people")
    except HubError as fault:
        return Resolution(seconds=clock.seconds, notes=notes, fault=fault)
    return Resolution(counts, clock.seconds, (*notes, *_cautions(counts)))


def _cautions(counts: dict[str, int]) -> tuple[str, ...]:
    """What a reader of these counts should know: how much was no evidence, and what may be too many for one person."""
    crowds, capped = counts.get("person_crowds", 0), counts.get("person_capped", 0)
    left_out = counts.get("address_left_out", 0)
    told = {
        f"Addresses that were left out for want of a gazetteer of this area: {left_out:,}.": left_out,
        f"Values that so many people share that they tell nobody apart, and are no evidence: {crowds:,}.": crowds,
        f"People of as many records as one may have, asked about in the review queue: {capped:,}.": capped,
    }
    return tuple(text for text, number in told.items() if number)


def _fingerprint(connection: records.Connection) -> str:
    rules = sorted(path for path in ROOM.rglob("*") if path.suffix in RULES)
    return gathering.fingerprint(connection, *rules)


def _places(connection: records.Connection, folder: Path) -> Places:
    """What places are weighed on: own and found UPRNs, references, the gazetteer's addresses."""
    found = folder / "addresses.parquet"
    if not found.exists():
        return rebuilding.weighed_on(gathering.assets(connection), gathering.references(connection))
    matches = pd.read_parquet(found)
    given = matches[matches["entity_type"] == "asset"].set_index("entity_id")["uprn"]
    listed = rebuilding.listed(pd.read_parquet(folder / "gazetteer.parquet"), gathering.units(connection))
    return rebuilding.weighed_on(gathering.assets(connection), gathering.references(connection), given, listed)


def _homes(connection: records.Connection, raw: pd.DataFrame, folder: Path) -> pd.Series[str]:
    """One key of where each person lives: the UPRN of their home or address, else a number of the place's records."""
    pairs = pd.read_parquet(folder / "places.parquet")
    assets = gathering.assets(connection)
    index = pd.Index(assets["record_id"])
    edges = pairs[pairs["status"] == "joined"]
    label = components(len(index), index.get_indexer(edges["left_id"]), index.get_indexer(edges["right_id"]))
    place = pd.Series(label, index)
    found = folder / "addresses.parquet"
    uprn_of_place, uprn_of_text = pd.Series(dtype="Int64"), pd.Series(dtype="Int64")
    if found.exists():
        given = pd.read_parquet(found).dropna(subset="uprn").set_index("entity_id")
        own = given.loc[given["entity_type"] == "asset", "uprn"]
        uprn_of_place = own.groupby(place.reindex(own.index).to_numpy()).min()
        uprn_of_text = given.loc[given["entity_type"] == "housing_application", "uprn"]
    lives = raw["asset_id"].map(place)
    uprn = lives.map(uprn_of_place).fillna(raw["application_id"].map(uprn_of_text))
    texts = lives.map(lambda at: f"place {at:.0f}", na_action="ignore")
    return uprn.map(lambda one: f"uprn {one:.0f}", na_action="ignore").fillna(texts)


def _refuse_nameless(raw: pd.DataFrame) -> None:
    """Raises ContractBroken for a source whose people have no names."""
    nameless = raw["surname"].isna() & raw["full_name"].isna() & raw["forename"].isna()
    sources = raw.assign(nameless=nameless).groupby(["system", "source_table"])["nameless"].agg(["size", "mean"])
    for system, table in sources.index[(sources["size"] >= FEW) & (sources["mean"] > NAMELESS)]:
        raise ContractBroken(
            "its people have no names, so nobody can be told who they are.", system=system, place=f"table {table}",
            next_step="Check the columns of names in its source.toml and the extract, then run again.",
        )  # fmt: skip


def _weighed(held: pd.DataFrame, pairs: pd.DataFrame, capped: pd.DataFrame | None = None) -> Weighed:
    edges = pairs.loc[pairs["status"] == "joined", [*PAIR, "weight", "model_version"]]
    return Weighed(held[["record_id", "first_run_id"]], pairs, edges, capped)


def _read(path: Path) -> pd.DataFrame | None:
    """What a stage left under that name, if it had anything to leave."""
    return pd.read_parquet(path) if path.exists() else None


def _texts(frame: pd.DataFrame) -> pa.Table:
    """The frame's columns as texts, whether it has rows or not."""
    return pa.table({str(name): pa.array(frame[name].to_numpy(dtype=object), pa.string()) for name in frame})


def _rows(path: Path) -> int:
    return int(pq.ParquetFile(path).metadata.num_rows)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Leaves the frame under that name, whole."""
    with _whole(path) as part:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), part)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    part = path.with_suffix(".part")
    yield part
    part.rename(path)


def _tell(connection: records.Connection, run_id: int) -> int:
    """Keeps as issues of their rows what only golden records show; gives their number."""
    found = disagreements.find(connection)
    new, gone = disagreements.changes(connection, found)
    for (system, table), issues in new.groupby(["system", "table"]):
        owner = mapping_of(str(system)).spec.owner
        records.record_found(
            connection, run_id, owner, (str(system), str(table)), issues.drop(columns=["system", "table"])
        )
    connection.execute("UPDATE restricted.issue SET closed_run_id = %s WHERE id = ANY(%s)", (run_id, gone))
    for system in new["system"].unique():
        records.count_issues(connection, run_id, str(system))
    return len(found)


def _forget(folder: Path, *kept: str) -> None:
    """Removes what stages left there: all of it is in the database now."""
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path)
