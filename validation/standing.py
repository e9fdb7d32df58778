"""Verdicts on the canonical model that still stand: nothing that its business rules read was written since.

A judgement costs seconds, and a night in which nothing changed would only repeat it. It stands on evidence in the
database, by the same rules and on the same day, for a rule may ask what day it is; else the model is judged again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from validation.canonical import BusinessRule, plain
from validation.docs import save
from validation.verdict import Fault, Verdict

FILE = "model-verdicts.json"


@dataclass(frozen=True)
class Judgement:
    """What the business rules found in a run. ``basis`` tells the run's beginning, the day and the rules apart."""

    run_id: int
    basis: str
    verdicts: tuple[Verdict, ...]


def keep(
    docs: Path, database_url: str, run_id: int, verdicts: Sequence[Verdict], rules: Sequence[BusinessRule]
) -> Judgement:
    """The judgement, kept; to be called when the run's end has just been judged."""
    with psycopg.connect(plain(database_url)) as connection:
        judged = Judgement(run_id, _basis(connection, run_id, rules), tuple(verdicts))
    save(docs / FILE, json.dumps(asdict(judged)))
    return judged


def standing(docs: Path, database_url: str, rules: Sequence[BusinessRule]) -> Judgement | None:
    """The last judgement, if it still stands."""
    kept = _read(docs / FILE)
    if kept is None:
        return None
    with psycopg.connect(plain(database_url)) as connection:
        same = kept.basis == _basis(connection, kept.run_id, rules)
        return kept if same and not _written_since(connection, kept.run_id, rules) else None


def _basis(connection: psycopg.Connection, run_id: int, rules: Sequence[BusinessRule]) -> str:
    """The run's beginning (another database has another one), the database's day, and the rules as they are."""
    query = "SELECT current_date, (SELECT started_at FROM ledger.run WHERE id = %s)"
    told = connection.execute(query, (run_id,)).fetchone()
    return hashlib.sha256(repr((told, tuple(rules))).encode()).hexdigest()


def _written_since(connection: psycopg.Connection, run_id: int, rules: Sequence[BusinessRule]) -> bool:
    """Whether a later run wrote, ended or took away a row of a table that some rule reads."""
    read = " ".join(f"{rule.current} {rule.broken}" for rule in rules)
    found = [
        sql.SQL(
            "EXISTS (SELECT FROM canonical.{0} WHERE run_id > {1} OR ended_run_id > {1}) "
            "OR EXISTS (SELECT FROM history.{0} WHERE replaced_run_id > {1})"
        ).format(sql.Identifier(table), sql.Literal(run_id))
        for table in sorted(set(re.findall(r"canonical\.(\w+)", read)))
    ]
    row = connection.execute(sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(found))).fetchone()
    return bool(row and row[0])


def _read(path: Path) -> Judgement | None:
    if not path.exists():
        return None
    told = json.loads(path.read_text("utf-8"))
    verdicts = tuple(Verdict(**{**each, "faults": tuple(map(_fault, each["faults"]))}) for each in told["verdicts"])
    return Judgement(told["run_id"], told["basis"], verdicts)


def _fault(told: dict[str, Any]) -> Fault:
    return Fault(**{**told, "keys": tuple(told["keys"])})
