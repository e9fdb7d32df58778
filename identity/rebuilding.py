"""Golden rows made anew from the links as they stand: all of them, or those that a decision touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from identity import frames, gathering, golden, properties, store
from identity.addresses import gazetteer
from identity.decisions import MACHINE, SAME, effective, read_log
from identity.flags import flagged
from identity.frames import TEXT, WHOLE, Connection
from identity.links import LINK, READ_LINKS
from identity.properties import Places
from identity.store import Written
from identity.survivorship import FIELDS, names
from identity.trust import Trust, load_trust
from ledger.errors import ContractBroken

LINKED = """
SELECT encode(uuid_send(entity_id), 'hex') FROM canonical.golden_link
WHERE entity_type = %(entity_type)s AND golden_id = ANY(%(ids)s::uuid[])
"""
LINKS_OF = """
SELECT encode(uuid_send(entity_id), 'hex'), encode(uuid_send(golden_id), 'hex'), first_run_id
FROM canonical.golden_link WHERE entity_type = %(entity_type)s AND entity_id = ANY(%(ids)s::uuid[])
"""
HOUSEHOLDS_OF = """
SELECT DISTINCT encode(uuid_send(l.golden_id), 'hex') FROM canonical.household_member m
JOIN canonical.golden_link l ON l.entity_type = 'household' AND l.entity_id = m.household_id
WHERE m.person_id = ANY(%(ids)s::uuid[])
"""
LIVED_WITH = """
SELECT encode(uuid_send(m.id), 'hex'), encode(uuid_send(m.person_id), 'hex') FROM canonical.golden_member m
WHERE m.household_id = ANY(%(homes)s::uuid[]) OR m.person_id = ANY(%(people)s::uuid[])
"""
MATCHED = "SELECT encode(uuid_send(entity_id), 'hex'), uprn FROM identity.address_match WHERE entity_type = 'asset'"
PARTS = ["unit", "building", "number", "street"]
LISTED = ["record_id", "uprn", "address", "postcode"]


def trust() -> dict[str, Trust]:
    """The declared trust, checked as a whole."""
    return load_trust({name: names(fields) for name, fields in FIELDS.items()})


def links(connection: Connection, entity_type: str, records: Sequence[str] | None = None) -> pd.Series[str]:
    """The golden id of every record of a kind, or of the given ones, by record id."""
    query, values = READ_LINKS, {"entity_type": entity_type, "ids": list(records or ())}
    found = frames.read(connection, query if records is None else LINKS_OF, LINK, values)
    return found.set_index("record_id")["golden_id"]


def rebuild(connection: Connection, entity_type: str, touched: Sequence[str]) -> Written:
    """Makes the golden rows of these golden ids anew after a person's decision, as a whole run would make them from
    the links that stand. Which households are one is for the next run to see."""
    run_id = int(connection.execute("SELECT coalesce(max(id), 0) FROM ledger.run").fetchall()[0][0])
    with connection.transaction():
        if entity_type == "asset":
            return places(connection, run_id, stated(connection), touched)
        if entity_type == "household":
            lived = _ids(connection, LIVED_WITH, 2, homes=list(touched), people=[])
            return people_and_households(connection, run_id, lived[1], touched)
        return people_and_households(connection, run_id, touched, ())


def people_and_households(
    connection: Connection, run_id: int, people: Sequence[str] | None = None, homes: Sequence[str] = ()
) -> Written:
    """Brings golden people, households and members to what the links give; of these ``people`` (golden ids), the
    ``homes`` (golden ids) and all households that the people are or were in, or of all where ``people`` is None."""
    declared = trust()["person"]
    persons = households = members = None
    if people is not None:
        persons = _ids(connection, LINKED, entity_type="person", ids=list(people))[0]
        homes = sorted({*homes, *_ids(connection, HOUSEHOLDS_OF, ids=persons)[0]})
        households = _ids(connection, LINKED, entity_type="household", ids=list(homes))[0]
        members = _ids(connection, LIVED_WITH, 2, homes=list(homes), people=list(people))[0]
    units, lived = gathering.households(connection, households), gathering.members(connection, households)
    held = gathering.people(connection, persons)
    within = None if persons is None else sorted({*persons, *lived["person_id"]})
    homes_of = None if people is None else pd.concat([held["asset_id"], units["asset_id"]]).dropna().tolist()
    person, asset = links(connection, "person", within), links(connection, "asset", homes_of)
    household = links(connection, "household", households)
    told, time = golden.households(units, lived, household, person, asset, declared)
    made = golden.people(
        held, gathering.contacts(connection, persons), person, asset, gathering.faults(connection, "person"), declared
    )
    rows = golden.confidence(made.rows, _edges(connection, "person", persons), person)
    rows = flagged(connection, rows.assign(household_id=rows["id"].map(golden.home(time))), persons)
    told = golden.confidence(told, _edges(connection, "household", households), household)
    written = store.write_golden(connection, "golden_household", told, run_id, None if people is None else homes)
    written += store.write_golden(connection, "golden_person", rows, run_id, people)
    written += store.write_values(connection, "person", made.kept, run_id, people)
    return written + store.write_golden(connection, "golden_member", time, run_id, members)


def places(connection: Connection, run_id: int, on: Places, among: Sequence[str] | None = None) -> Written:
    """Brings golden places to what the links give; of these golden ids, or all. ``on``: what places are weighed on."""
    golden_id = links(connection, "asset")
    records = gathering.assets(connection)
    placed = properties.place(on, golden_id)
    wrong = records["record_id"].isin(properties.refuted(on))
    records = records.assign(uprn=records["uprn"].mask(wrong))
    made = golden.assets(
        records, gathering.units(connection), placed, golden_id, gathering.faults(connection, "asset"), trust()["asset"]
    )
    rows = golden.confidence(made.rows, _edges(connection, "asset", None), golden_id)
    kept = made.kept
    if among is not None:
        rows = rows[rows["id"].isin(among)]
        kept = kept.filter(np.isin(kept["golden_id"].to_numpy(), list(among)))
    written = store.write_golden(connection, "golden_asset", rows, run_id, among)
    return written + store.write_values(connection, "asset", kept, run_id, among)


def weighed_on(
    assets: pd.DataFrame, references: pd.DataFrame, given: pd.Series[int] | None = None,
    addresses: pd.DataFrame | None = None,
) -> Places:  # fmt: skip
    """What places are weighed on. ``given``: the UPRN that each asset's address was given, by record id;
    ``addresses``: the gazetteer's, as ``listed`` gives them."""
    columns = ["record_id", "system", "asset_type_code", "uprn", "address", "postcode"]
    found = pd.Series(dtype="Int64") if given is None else given.astype("Int64")
    none = pd.DataFrame({name: [] for name in LISTED})
    matched = assets["record_id"].map(found[~found.index.duplicated()]).astype("Int64")
    return Places(assets[columns].assign(matched_uprn=matched), references, none if addresses is None else addresses)


def listed(ways: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The gazetteer's addresses as one text each, with the record of their unit: record_id, uprn, address, postcode."""
    text = ways[PARTS].agg(" ".join, axis=1).str.replace(r"\s+", " ", regex=True).str.strip()
    unit = units.drop_duplicates("uprn").set_index("uprn")["record_id"]
    return ways.assign(address=text, record_id=ways["uprn"].map(unit))[LISTED].dropna(subset="record_id")


def stated(connection: Connection) -> Places:
    """What places are weighed on, as the database has it: addresses as they were last matched."""
    given = frames.read(connection, MATCHED, {"record_id": TEXT, "uprn": WHOLE}).set_index("record_id")["uprn"]
    try:
        addresses = listed(gazetteer.load(connection), gathering.units(connection))
    except ContractBroken:  # no gazetteer: places stand without it
        addresses = None
    return weighed_on(gathering.assets(connection), gathering.references(connection), given, addresses)


def _edges(connection: Connection, entity_type: str, records: Sequence[str] | None) -> pd.DataFrame:
    """The decisions in force that hold golden records together; one of a person is as sure as can be."""
    some = None if records is None else pd.Series(list(records), dtype="str")
    said = effective(read_log(connection, entity_type, some))
    said = said[said["kind"] == SAME]
    return said.assign(weight=said["weight"].where(said["decided_by"] == MACHINE, np.inf))


def _ids(connection: Connection, query: str, columns: int = 1, **values: object) -> list[list[str]]:
    """The query's columns, each as a list of ids."""
    rows: Iterable[tuple[str, ...]] = connection.execute(query.encode(), values).fetchall()
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(columns)]
