"""Weights of pairs: Splink writes the SQL that compares the candidates and weighs each part, nothing more."""

from __future__ import annotations

import logging
import math

import duckdb
from splink import DuckDBAPI, Linker

from identity.people.model import Model, check_trained
from ledger.errors import ContractBroken

PAIRS_FOR_A_STOP = 1000
"""Fewer pairs than these say nothing about what is usual."""
BLOCKING = {
    "blocking_rule": "l.keys = r.keys AND (l.fresh OR r.fresh)", "arrays_to_explode": ["keys"], "sql_dialect": "duckdb",
}  # fmt: skip


class _Keeping(DuckDBAPI):
    """DuckDB that keeps what Splink has it make and drop."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection=connection)
        self.kept: list[str] = []

    def _execute_sql_against_backend(self, final_sql: str) -> duckdb.DuckDBPyRelation:
        if final_sql.startswith(("CREATE TABLE", "DROP TABLE")):
            self.kept.append(final_sql)
        return super()._execute_sql_against_backend(final_sql)


def score(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes the tables ``pair`` and ``scoring`` of the tables that evidence.build made.

    scoring: sql, by which others score a part of the nodes as all were (score_among).
    pair (their number, in the order of ids), left_id, right_id (left < right), left_node, right_node, weight, then
    w_<field> and l_<field> for each
    comparison and w_prior: bits, and the level's name. The parts sum to weight. Only weights from
    ``thresholds.keep`` on are kept. A node of several records has a pair with its second record.

    Raises ConfigurationFault for a level that never trained, ContractBroken for twice the usual pairs.
    """
    check_trained(model)
    nodes = connection.execute("SELECT count(*) FROM node").fetchall()[0][0]
    _write_sql(connection, model)
    score_among(connection, model, nodes)
    check_usual(connection, model, nodes, "pair")


def score_among(connection: duckdb.DuckDBPyConnection, model: Model, nodes: int, fresh: str = "true") -> None:
    """Makes ``pair`` of node, member, used_key, frequency_* and scoring: a part of so many ``nodes``.

    Only pairs of which the SQL condition ``fresh`` on a node holds for one end.
    """
    (sql,) = connection.execute("SELECT sql FROM scoring").fetchall()[0]
    connection.execute(f"CREATE OR REPLACE TABLE scored_node AS {_candidates(model, fresh)}; {sql}")
    connection.execute(f"CREATE OR REPLACE TABLE pair AS {_pairs(model, nodes)}")
    connection.execute(f"CREATE OR REPLACE TABLE scored_node AS {_twice(model, fresh)}; {sql}")
    connection.execute(f"INSERT INTO pair {_pairs(model, nodes, alike=True)}")
    connection.execute(
        """CREATE OR REPLACE TABLE pair AS
        SELECT row_number() OVER (ORDER BY left_id, right_id) - 1 AS pair, * FROM pair ORDER BY pair"""
    )
    connection.execute("DROP TABLE scored_node; DROP TABLE pair_part")


def choose_keys(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes the table ``used_key`` of ``node_key``: keys that at least two nodes share and not too many."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE used_key AS SELECT key, node FROM node_key SEMI JOIN (
            SELECT key FROM node_key GROUP BY key HAVING count(*) BETWEEN 2 AND {model.key_limit}) USING (key)"""
    )


def scored_nodes(model: Model, keys: str) -> str:
    """SQL of the nodes as Splink takes them: evidence, frequencies, and ``keys`` by the query of node and keys."""
    joins = " ".join(f"LEFT JOIN frequency_{name} USING ({name})" for name in model.frequencies)
    return f"SELECT node, {_compared(model)}, keys FROM node JOIN ({keys}) USING (node) {joins}"


def _compared(model: Model) -> str:
    return ", ".join([*model.evidence, *(f"tf_{name}" for name in model.frequencies)])


def _candidates(model: Model, fresh: str) -> str:
    nodes = scored_nodes(model, "SELECT node, list(key ORDER BY key) AS keys FROM used_key GROUP BY node")
    return f"SELECT *, {fresh} AS fresh FROM ({nodes})"


def _twice(model: Model, fresh: str) -> str:
    """SQL of the fresh nodes of several records, each beside its double: the number below zero."""
    several = scored_nodes(model, f"SELECT node, [node] AS keys FROM node WHERE copies > 1 AND {fresh}")
    return f"""WITH several AS ({several})
        SELECT *, true AS fresh FROM several
        UNION ALL SELECT -node AS node, {_compared(model)}, keys, true FROM several"""


def _pairs(model: Model, nodes: int, *, alike: bool = False) -> str:
    """SQL of the pairs among ``scored_node``, which are scored in ``pair_part``."""
    prior = model.prior(nodes)
    parts = {name: f"round(log2(bf_{name}{_frequency(model, name)}), 6)" for name in model.fields}
    constant = round(math.log2(prior / (1 - prior)), 6)
    weight = f"round({' + '.join([f'w_{name}' for name in model.fields])} + {constant}, 6)"
    shown = ", ".join(f"w_{name}, {_level(model, name)} AS l_{name}" for name in model.fields)
    ends = _ends(alike)
    return f"""SELECT {ends}, {weight} AS weight, {shown}, {constant}::DOUBLE AS w_prior
        FROM (SELECT *, {", ".join(f"{sql} AS w_{name}" for name, sql in parts.items())} FROM pair_part)
        JOIN node AS one ON one.node = node_l JOIN node AS other ON other.node = node_r
        WHERE {weight} >= {model.thresholds.keep} """


def _ends(alike: bool) -> str:
    if alike:
        second = "(SELECT min(member.record_id) FROM member WHERE member.node = one.node AND record_id > one.record_id)"
        return f"one.record_id AS left_id, {second} AS right_id, one.node AS left_node, one.node AS right_node"
    first = "one.record_id < other.record_id"
    return f"""least(one.record_id, other.record_id) AS left_id, greatest(one.record_id, other.record_id) AS right_id,
        CASE WHEN {first} THEN one.node ELSE other.node END AS left_node,
        CASE WHEN {first} THEN other.node ELSE one.node END AS right_node"""


def _write_sql(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes the table ``scoring``: the SQL that makes of any ``scored_node`` the table ``pair_part``.

    Splink takes longer to write it than DuckDB to weigh a few thousand pairs by it.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection.execute(f"CREATE OR REPLACE TABLE scored_node AS {_candidates(model, 'true')} LIMIT 0")
    engine = _Keeping(connection)
    settings = model.settings(2) | {"blocking_rules_to_generate_predictions": [BLOCKING]}
    linker = Linker("scored_node", settings, db_api=engine, set_up_basic_logging=False)
    linker.table_management.register_table_input_nodes_concat_with_tf("scored_node")
    found = linker.inference.predict()
    engine.kept.append(
        f"""CREATE OR REPLACE TABLE pair_part AS SELECT abs(node_l) AS node_l, abs(node_r) AS node_r,
        * EXCLUDE (node_l, node_r) FROM {found.physical_name}"""
    )
    found.drop_table_from_database_and_remove_from_cache()
    connection.execute("CREATE OR REPLACE TABLE scoring (sql VARCHAR)")
    connection.execute("INSERT INTO scoring VALUES (?)", [";\n".join(engine.kept)])


def _frequency(model: Model, name: str) -> str:
    levels = next(one for one in model.comparisons if one["output_column_name"] == name)["comparison_levels"]
    return f" * bf_tf_adj_{name}" if any("tf_adjustment_column" in level for level in levels) else ""


def _level(model: Model, name: str) -> str:
    """SQL of a level's name, told by its factor: no two levels of a comparison have the same one (check_trained).

    Splink gives the levels' numbers only together with all that was compared, which would be most of the data.
    """
    cases = " ".join(f"WHEN {weight} THEN {_quoted(label)}" for label, weight in model.weights(name).items())
    return f"CASE round(log2(bf_{name}), 6) {cases} ELSE 'not known' END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def check_usual(connection: duckdb.DuckDBPyConnection, model: Model, nodes: int, *tables: str) -> None:
    """Raises ContractBroken where the pairs of the tables are twice what is usual for so many nodes."""
    pairs = sum(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in tables)
    usual = model.pairs_per_node * nodes
    if pairs > max(2 * usual, PAIRS_FOR_A_STOP):
        raise ContractBroken(
            f"{pairs:,} pairs of person records look alike; {usual:,.0f} are usual for {nodes:,} different ones.",
            place="person",
            next_step="Look for a source whose names or numbers are placeholders (hub issues), correct it and run"
            " again;"
            " where the data is right, train the model on it (identity.people.train).",
        )
