"""What is compared: records alike in all evidence stand as one node, without the values that a crowd shares."""

from __future__ import annotations

import duckdb

from identity.people.model import Model

LISTS = ("mobiles", "landlines", "surnames", "forename_roots")


def build(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes of the tables or views ``record`` and ``decided`` crowd, member, node, frequency_<column>, node_key.

    decided (record_id) are the records that a person has decided on: each stands alone, so that it can be told apart.

    crowd   field, value, people: values shared by more people than the model allows; they are no evidence
    member  record_id, node
    node    node (number in the order of ``record_id``), record_id (the least of its records), copies, the evidence
    """
    connection.execute(f"CREATE OR REPLACE TABLE crowd AS {crowds(model)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE evidence AS {evidence(connection, model, 'record')}")
    connection.execute(
        f"""CREATE OR REPLACE TABLE node AS
        SELECT row_number() OVER (ORDER BY record_id) AS node, * FROM ({alike(model)}) ORDER BY node"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE member AS SELECT record_id, node FROM (
            SELECT node, unnest(record_ids) AS record_id FROM node) ORDER BY record_id"""
    )
    connection.execute("ALTER TABLE node DROP record_ids")
    for column, least in model.frequencies.items():
        connection.execute(
            f"""CREATE OR REPLACE TABLE frequency_{column} AS
            SELECT {column}, greatest(count(*), {least}) / (SELECT count({column}) FROM node) AS tf_{column}
            FROM node WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column}"""
        )
    connection.execute(f"CREATE OR REPLACE TABLE node_key AS {keys(model, 'node')}")


def alike(model: Model) -> str:
    """SQL of the nodes of the table ``evidence``, with their ``record_ids``; who is in ``decided`` stands alone."""
    names, latest = ", ".join(model.evidence), "".join(f", max({name}) AS {name}" for name in model.latest)
    return f"""SELECT min(record_id) AS record_id, count(*) AS copies, list(record_id) AS record_ids, {names}{latest}
        FROM evidence LEFT JOIN (SELECT record_id AS alone FROM decided) ON alone = record_id
        GROUP BY alone, {names}"""


def evidence(connection: duckdb.DuckDBPyConnection, model: Model, table: str) -> str:
    """SQL of the records' evidence without the values in ``crowd``."""
    for name in model.crowds:
        connection.execute(
            f"SET VARIABLE crowd_{name} = (SELECT coalesce(list(value), []) FROM crowd WHERE field = '{name}')"
        )
    columns = [_without_crowds(name) if name in model.crowds else name for name in model.evidence]
    return f"SELECT record_id, {', '.join([*columns, *model.latest])} FROM {table}"


def _without_crowds(name: str) -> str:
    crowded = f"getvariable('crowd_{name}')"
    if name in LISTS:
        return f"list_filter({name}, one -> NOT list_contains({crowded}, one)) AS {name}"
    return f"CASE WHEN NOT list_contains({crowded}, {name}) THEN {name} END AS {name}"


def crowds(model: Model, among: str | None = None) -> str:
    """SQL of field, value and people: the values of ``record``, or of the table ``among`` it, that a crowd shares."""
    parts = [
        f"""SELECT '{name}' AS field, value, count(DISTINCT who) AS people FROM (
            SELECT {_value(name)} AS value, {model.told_by} AS who FROM record)
        WHERE value {f"IN (SELECT {_value(name)} FROM {among})" if among else "IS NOT NULL"}
        GROUP BY value HAVING count(DISTINCT who) > {limit}"""
        for name, limit in model.crowds.items()
    ]
    empty = "SELECT '' AS field, '' AS value, 0::BIGINT AS people WHERE false"
    return " UNION ALL ".join(parts or [empty]) + " ORDER BY field, value"


def _value(name: str) -> str:
    return f"unnest({name})" if name in LISTS else name


def keys(model: Model, table: str) -> str:
    """SQL of rule, key and node for every key of the nodes; a key is a stable number made from rule and value."""
    parts = [
        f"""SELECT DISTINCT '{rule}' AS rule, md5_number_lower('{rule}|' || value) AS key, node FROM (
            SELECT node, {expression if expression.startswith("unnest") else f"({expression})"} AS value FROM {table})
        WHERE value IS NOT NULL"""
        for rule, expression in model.blocking.items()
    ]
    return " UNION ALL ".join(parts)
