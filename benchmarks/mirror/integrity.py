"""Whether a mirror holds together: keys, joins, and one mask for one key wherever a system serves it."""

from __future__ import annotations

import pandas as pd
import psycopg
from psycopg import sql

from benchmarks.api.state import database_of
from benchmarks.figures import keep
from benchmarks.mirror.state import Connection, inside, machine, mirror_of, orphans
from cli.mirror import mirroring_of
from cli.workplace import Workplace
from estate.council import FOLDERS
from mappings.catalogue import load_system
from mirror import plan
from mirror.extracts.writing.systems import ORDER
from mirror.key import read
from mirror.plan import MASK
from mirror.proof import bundle

JOINS = 50
SAME = ("reference", "nino", "source_key")
"""Masks of what other tables, systems and letters bear."""


def measure(place: Workplace) -> None:
    """The rules and joins of a whole mirror."""
    site, state = mirror_of(place)
    told = mirroring_of(place)
    whole = bundle.read(bundle.place(told.proofs, state.build), read(told.key)).told["integrity"]
    with inside(site) as mirror:
        astray, keys = orphans(mirror)
        row = mirror.execute("SELECT count(*) FROM pg_constraint WHERE NOT convalidated").fetchone()
    unchecked = int(row[0]) if row else 0
    protocol = f"{state.rows:,} rows in {whole['tables']} tables; {machine()}"
    keep("mirror: rows that break a rule", astray + unchecked, "rows", "0", astray + unchecked == 0,
         f"{keys} foreign keys asked row by row; {whole['rules']} rules and indexes that hold; {protocol}")  # fmt: skip
    keep("mirror: joins as many as in the source", whole["joins"], "joins", f">= {JOINS}, all equal",
         whole["joins"] >= JOINS and not whole["faults"],
         f"{whole['uniques']} unique columns, {len(whole['faults'])} differ; {protocol}")  # fmt: skip


def keep_same_masks(place: Workplace, replay: Workplace) -> None:
    """References of the mirror beside those that the replay read, by how each system was reached."""
    site, _ = mirror_of(place)
    with inside(site) as mirror, psycopg.connect(database_of(replay).conninfo) as replayed:
        here, there = _references(mirror), _references(replayed)
    whole = [f"{name}.{table.name}" for name in ORDER for table in load_system(name).spec.tables if table.key == ("*",)]
    both = here.merge(there, how="outer", indicator=True)
    both = both[~((both["column"] == "source_key") & (both["system"] + "." + both["source_table"]).isin(whole))]
    both["way"] = both["system"].map(_way)
    for way, found in both.groupby("way"):
        same = int((found["_merge"] == "both").sum())
        keep(f"mirror: the same mask, {way}", 100 * same / len(found), "%", "100", same == len(found),
             f"{len(found):,} references, National Insurance numbers and keys of rows (none that are a hash of the "
             f"row) of {', '.join(sorted(set(found['system'])))}, as the mirror's database has them and as the replay "
             f"read them; {machine()}")  # fmt: skip


def _way(system: str) -> str:
    if system == "drs":
        return "SOAP"
    if system in ("tenancy", "works"):
        return "database"
    return "SFTP" if FOLDERS[system].startswith("sftp/") else "extracts"


def _references(connection: Connection) -> pd.DataFrame:
    """System, source table, table, column and value of each reference and key that stands, once each."""
    planned = plan.read()
    found = []
    for table in (name for name in planned.tables if name.startswith("canonical.")):
        decisions = planned.table(table)
        masked = [one.column for one in decisions.values() if one.action == MASK and one.mask in SAME]
        if masked and {"batch_id", "ended_run_id"} <= set(decisions):
            query = sql.SQL(" UNION ALL ").join(
                sql.SQL(
                    "SELECT DISTINCT b.system, b.source_table, {}, {}, r.{}::text FROM {} r "
                    "JOIN ledger.batch b ON b.id = r.batch_id "
                    "WHERE r.ended_run_id IS NULL AND r.{} IS NOT NULL"
                ).format(
                    sql.Literal(table), sql.Literal(name), sql.Identifier(name), sql.Identifier(*table.split(".")),
                    sql.Identifier(name),
                )
                for name in masked
            )  # fmt: skip
            found += connection.execute(query).fetchall()
    return pd.DataFrame(found, columns=["system", "source_table", "table", "column", "value"])
