"""Identity's results in the database: written by COPY and set-based SQL, changed rows only.

What is written twice is written once: a row whose content stands there already is not touched, so that a run over
unchanged sources writes nothing. A golden row that changes leaves its earlier version in ``history``; one whose
records are all gone is marked as ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from sqlalchemy import Table

from canonical_model.golden import ADDRESS_MATCH, PAIR, RESOLUTION
from canonical_model.tables import current
from identity import frames
from identity.frames import Connection

Cursor = psycopg.Cursor[Any]
VERSION = ("run_id", "row_hash", "ended_run_id")
STAGED = sql.Identifier("staged_result")


@dataclass(frozen=True)
class Written:
    """How many rows of a table were new, changed and gone."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.new + self.changed + self.gone

    def __add__(self, other: Written) -> Written:
        return Written(self.new + other.new, self.changed + other.changed, self.gone + other.gone)


def write_golden(
    connection: Connection, name: str, rows: pd.DataFrame, run_id: int, among: Sequence[str] | None = None
) -> Written:
    """Brings a golden table to ``rows`` (its columns by name, ``id`` as 32 digits); gives what that took.

    ``among``: only rows of these ids may end; of all ids where None. A missing column keeps its default.
    """
    target = current(name)
    content = [column.name for column in target.columns if column.name not in (*VERSION, "id")]
    names = {
        "t": sql.Identifier("canonical", name), "s": STAGED, "h": sql.Identifier("history", name),
        "all": _columns(target.columns.keys()), "old": _columns(target.columns.keys(), "t"),
        "set": _set([*content, "row_hash"]), "content": _columns(content, "s"), "run": sql.Literal(run_id),
    }  # fmt: skip
    changed = sql.SQL("t.id = s.id AND (t.row_hash <> s.row_hash OR t.ended_run_id IS NOT NULL)")
    gone = sql.SQL("t.ended_run_id IS NULL AND NOT EXISTS (SELECT FROM {s} s WHERE s.id = t.id){among}").format(
        **names, among=sql.SQL("" if among is None else " AND t.id = ANY(%(among)s)")
    )
    with connection.transaction(), connection.cursor() as cursor:
        _stage(cursor, target, rows.assign(run_id=run_id, row_hash=0))
        cursor.execute(sql.SQL("UPDATE {s} s SET row_hash = hashtextextended(ROW({content})::text, 0)").format(**names))
        keep = sql.SQL("INSERT INTO {h} ({all}, replaced_run_id) SELECT {old}, {run} FROM {t} t")
        cursor.execute(sql.Composed([keep.format(**names), sql.SQL(" JOIN {s} s ON ").format(**names), changed]))
        cursor.execute(
            sql.Composed(
                [
                    sql.SQL("UPDATE {t} t SET {set}, run_id = {run}, ended_run_id = NULL FROM {s} s WHERE ").format(
                        **names
                    ),
                    changed,
                ]
            )
        )
        updated = cursor.rowcount
        cursor.execute(
            sql.Composed([sql.SQL("UPDATE {t} t SET ended_run_id = {run} WHERE ").format(**names), gone]),
            {"among": list(among or ())},
        )
        ended = cursor.rowcount
        cursor.execute(
            sql.SQL(
                "INSERT INTO {t} ({all}) SELECT {all} FROM {s} s WHERE NOT EXISTS (SELECT FROM {t} t WHERE t.id = s.id)"
            ).format(**names)
        )
        new = cursor.rowcount
        cursor.execute(sql.SQL("DROP TABLE {s}").format(**names))
    return Written(new, updated, ended)


def write_values(
    connection: Connection, entity_type: str, kept: pa.Table, run_id: int, among: Sequence[str] | None = None
) -> Written:
    """Brings what records had for the fields of golden records to ``kept``, as survivorship gives it.

    ``among``: of these golden records; of all of that kind where None.
    """
    whole = pa.table({name: pc.cast(kept[name], _plain(kept[name].type)) for name in kept.column_names})
    rows = whole.to_pandas().rename(columns={"record_id": "entity_id"})
    rows = rows.assign(is_winner=rows["rank"] == 1, trust=rows["trust"].round(5), run_id=run_id)
    scope: sql.Composable = sql.SQL("t.golden_id = ANY(%(among)s::uuid[])")
    if among is None:
        scope = sql.SQL("EXISTS (SELECT FROM {} g WHERE g.id = t.golden_id)").format(_golden(entity_type))
    return _bring(connection, current("golden_value"), rows, scope, {"among": list(among or ())})


def write_pairs(
    connection: Connection, entity_type: str, pairs: pd.DataFrame, run_id: int, among: Sequence[str] | None = None
) -> Written:
    """Brings the weighed pairs to ``pairs``: left_id, right_id, weight, ``w_`` and ``l_`` columns, status, vetoes,
    model_version. ``among``: only pairs of which one is of these records may go."""
    rows = pairs[["left_id", "right_id", "weight", "status", "model_version"]].assign(
        entity_type=entity_type, parts=parts(pairs), vetoes=_array(pairs, "vetoes"), run_id=run_id
    )
    values = {"entity_type": entity_type, "among": list(among or ())}
    scope: sql.Composable = sql.SQL("t.entity_type = %(entity_type)s")
    if among is not None:
        scope += sql.SQL(" AND (t.left_id = ANY(%(among)s::uuid[]) OR t.right_id = ANY(%(among)s::uuid[]))")
    return _bring(connection, PAIR, rows, scope, values)


def write_matches(connection: Connection, matches: pd.DataFrame, run_id: int) -> Written:
    """Brings the matched addresses to ``matches``; those that a person decided stay as they are."""
    rows = matches[["entity_type", "entity_id", "field", "uprn", "status", "candidate_uprn", "weight"]]
    rows = rows.assign(reasons=_array(matches, "reasons"), run_id=run_id)
    return _bring(connection, ADDRESS_MATCH, rows, sql.SQL("t.decided_by = 'machine'"), {})


def parts(pairs: pd.DataFrame) -> pd.Series[str]:
    """The parts of each pair's weight as JSON: field -> {"level": ..., "weight": ...}."""
    fields = [str(name).removeprefix("w_") for name in pairs if str(name).startswith("w_")]
    told: list[Any] = []
    for field in fields:
        weight = pc.cast(pa.array(pairs[f"w_{field}"].to_numpy(float)), pa.string())
        level = _quoted(pairs[f"l_{field}"]) if f"l_{field}" in pairs else pa.scalar("null")
        opening = f'{"," if told else "{"}{json.dumps(field)}:{{"level":'
        told += [pa.scalar(opening), level, pa.scalar(',"weight":'), weight, pa.scalar("}")]
    if not told or not len(pairs):
        return pd.Series(["{}"] * len(pairs), index=pairs.index, dtype="str")
    texts = pc.binary_join_element_wise(*told, pa.scalar("}"), pa.scalar(""))
    return pd.Series(texts.to_pandas().to_numpy(), index=pairs.index, dtype="str")


def last_resolution(connection: Connection) -> dict[str, Any] | None:
    """What the last finished resolution was made of and came to; None before the first."""
    row = connection.execute(
        "SELECT run_id, fingerprint, counts FROM identity.resolution ORDER BY run_id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else {"run_id": row[0], "fingerprint": row[1], "counts": row[2]}


def note_resolution(
    connection: Connection, run_id: int, fingerprint: str, counts: Mapping[str, int], seconds: Mapping[str, float]
) -> None:
    """Notes that a resolution is whole."""
    connection.execute(
        sql.SQL(
            "INSERT INTO {} (run_id, fingerprint, counts, seconds) VALUES (%s, %s, %s, %s) ON CONFLICT (run_id) "
            "DO UPDATE SET fingerprint = EXCLUDED.fingerprint, counts = EXCLUDED.counts, seconds = EXCLUDED.seconds, "
            "finished_at = now()"
        ).format(sql.Identifier(str(RESOLUTION.schema), RESOLUTION.name)),
        (run_id, fingerprint, json.dumps(dict(counts)), json.dumps(dict(seconds))),
    )


def _bring(
    connection: Connection, target: Table, rows: pd.DataFrame, scope: sql.Composable, values: Mapping[str, object]
) -> Written:
    """Deletes, updates and inserts until the target holds ``rows`` and none else within ``scope`` (of ``t``)."""
    key = [column.name for column in target.primary_key]
    content = [str(name) for name in rows if name not in (*key, "run_id")]
    names = {
        "t": sql.Identifier(str(target.schema), target.name), "s": STAGED, "all": _columns(list(map(str, rows))),
        "same": sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in key),
        "set": _set([*content, "run_id"]), "old": _columns(content, "t"), "new": _columns(content, "s"), "scope": scope,
    }  # fmt: skip
    with connection.transaction(), connection.cursor() as cursor:
        _stage(cursor, target, rows, key)
        cursor.execute(
            sql.SQL("DELETE FROM {t} t WHERE {scope} AND NOT EXISTS (SELECT FROM {s} s WHERE {same})").format(**names),
            values,
        )
        gone = cursor.rowcount
        cursor.execute(
            sql.SQL(
                "UPDATE {t} t SET {set} FROM {s} s WHERE {same} AND {scope} AND ROW({old}) IS DISTINCT FROM ROW({new})"
            ).format(**names),
            values,
        )
        changed = cursor.rowcount
        cursor.execute(
            sql.SQL(
                "INSERT INTO {t} ({all}) SELECT {all} FROM {s} s WHERE NOT EXISTS (SELECT FROM {t} t WHERE {same})"
            ).format(**names)
        )
        new = cursor.rowcount
        cursor.execute(sql.SQL("DROP TABLE {s}").format(**names))
    return Written(new, changed, gone)


def _stage(cursor: Cursor, target: Table, rows: pd.DataFrame, key: Sequence[str] = ("id",)) -> None:
    """Copies the rows into a temporary table of the target's shape."""
    like = sql.Identifier(str(target.schema), target.name)
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP").format(STAGED, like)
    )  # fmt: skip
    if len(rows):
        frames.append(cursor, STAGED, rows)
    cursor.execute(sql.SQL("CREATE INDEX ON {} ({})").format(STAGED, _columns(key)))
    cursor.execute(sql.SQL("ANALYZE {}").format(STAGED))


def _array(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """A column of lists of codes as PostgreSQL writes arrays; empty ones where there is no such column."""
    if name not in frame:
        return pd.Series(["{}"] * len(frame), index=frame.index, dtype="str")
    lists = pa.array([[] if one is None else list(one) for one in frame[name]], pa.list_(pa.string()))
    joined = pc.binary_join(lists, ",")
    texts = pc.binary_join_element_wise(pa.scalar("{"), joined, pa.scalar("}"), pa.scalar(""))
    return pd.Series(texts.to_pandas().to_numpy(), index=frame.index, dtype="str")


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _quoted(levels: pd.Series[Any]) -> pa.Array:
    """The levels as JSON texts, each distinct one written once."""
    codes, names = pd.factorize(levels, use_na_sentinel=True)
    texts = pa.array([*(json.dumps(str(name)) for name in names), "null"], pa.string())
    return texts.take(pa.array(np.where(codes < 0, len(names), codes)))


def _golden(entity_type: str) -> sql.Identifier:
    return sql.Identifier("canonical", current(f"golden_{entity_type}").name)


def _columns(names: Sequence[str], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)


def _set(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in names)
