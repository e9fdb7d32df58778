"""Ten streets of a council: the rows that belong to their homes, and all that those rows refer to.

Two closures over the foreign keys of the database, in sets, until nothing is added, cycles or not:

- *down*, from what is owned to what belongs to it: home, tenancy, people, accounts, postings, repairs. ``LEADS_TO``
  names the references by which something owned makes owned what it names: a tenant's person, a home's tenancy.
- *up*, from every row to what it refers to, owned or not: so no reference leads nowhere. A tenant's earlier home
  elsewhere comes along as a row, and nothing that belongs to it.

What refers to nothing of a home (trades, rates, operatives and their shifts) comes whole. Golden records, keys in
other systems, documents and the gazetteer's records are found by what they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from canonical_model.base import CURRENT, HISTORY
from canonical_model.tables import metadata
from ledger.errors import ContractBroken

Connection = psycopg.Connection[Any]

WHOLE = frozenset({
    "absence", "contract", "contractor", "operative", "operative_availability", "operative_skill", "pay_band",
    "pay_element", "pay_scheme", "rent_period", "shift", "sor_item", "trade",
})  # fmt: skip
"""Tables that come whole: how work is done and paid."""
OWN_NOTHING = WHOLE | {"organisation", "bank_statement", "golden_asset", "golden_household"}
"""What refers to these does not come along with them."""
LEADS_TO = frozenset({
    ("household_member", "person_id"), ("housing_application", "applicant_id"),
    ("housing_application", "joint_applicant_id"), ("tenancy", "household_id"), ("tenancy_holding", "tenancy_id"),
    ("tenancy_party", "person_id"), ("letting", "tenancy_id"),
})  # fmt: skip
NOT_DOWN = frozenset({("tenancy", "household_id"), ("void", "previous_tenancy_id"), ("void", "next_tenancy_id")})
"""References by which nothing comes along: another home's tenancy, or its time empty, is not ours."""
NAMING = ("identifier", "document_link", "golden_link")
"""Tables that name what they belong to by its table and id."""
BY_UPRN = frozenset({
    "blpu", "blpu_classification", "blpu_cross_reference", "blpu_organisation", "delivery_point", "lpi",
})  # fmt: skip
BY_USRN = frozenset({"street", "street_description"})
GOLDEN = {"asset": "golden_asset", "household": "golden_household", "person": "golden_person"}

DRAWN = """
SELECT usrn FROM (
    SELECT DISTINCT coalesce(a.usrn, l.usrn) AS usrn
    FROM canonical.asset a LEFT JOIN canonical.lpi l ON l.uprn = a.uprn AND l.ended_run_id IS NULL
    WHERE a.ended_run_id IS NULL
) s WHERE usrn IS NOT NULL ORDER BY md5(usrn::text) LIMIT %s
"""
ON_THEM = """
SELECT a.id FROM canonical.asset a WHERE a.usrn = ANY(%(streets)s)
UNION SELECT a.id FROM canonical.asset a JOIN canonical.lpi l ON l.uprn = a.uprn WHERE l.usrn = ANY(%(streets)s)
"""


_BELONGS = sql.SQL("SELECT c.id FROM {child} c JOIN {in_parent} p ON p.id = c.{column} WHERE p.owned = {last}")
_LED = sql.SQL(
    "SELECT DISTINCT c.{column} FROM {child} c JOIN {in_child} i ON i.id = c.id "
    "WHERE i.owned = {last} AND c.{column} IS NOT NULL"
)
_NAMED = sql.SQL(
    "SELECT DISTINCT c.{column} FROM {child} c JOIN {in_child} i ON i.id = c.id "
    "WHERE i.round = {last} AND c.{column} IS NOT NULL"
)


@dataclass(frozen=True)
class Edge:
    """A foreign key: ``column`` of ``child`` names a row of ``parent``, all in schema canonical."""

    child: str
    column: str
    parent: str

    def ask(self, query: sql.SQL, last: int) -> sql.Composed:
        """The query over this foreign key, for what the round ``last`` added."""
        return query.format(
            child=sql.Identifier(CURRENT, self.child),
            column=sql.Identifier(self.column),
            in_child=chosen(self.child),
            in_parent=chosen(self.parent),
            last=sql.Literal(last),
        )


def edges() -> Iterator[Edge]:
    """All foreign keys within the canonical model."""
    for table in metadata.tables.values():
        if table.schema == CURRENT:
            for column in table.columns:
                for key in column.foreign_keys:
                    yield Edge(table.name, column.name, key.column.table.name)


def chosen(table: str) -> sql.Identifier:
    """The temporary table with the ids that are chosen of a canonical one."""
    return sql.Identifier("pg_temp", f"in_{table}")


def choose(connection: Connection, streets: int | tuple[int, ...]) -> dict[str, sql.Composable]:
    """Table (with its schema) -> the condition on its rows ``t``; tables that are not there come whole.

    ``streets``: so many, drawn by the hash of their USRNs and so always the same, or the USRNs of some. The ids stand
    in temporary tables until the transaction ends. Raises ContractBroken where no home stands on them.
    """
    usrns = _streets(connection, streets)
    names = [table.name for table in metadata.tables.values() if table.schema == CURRENT and "id" in table.columns]
    for name in names:
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} (id uuid PRIMARY KEY, round int NOT NULL, owned int) ON COMMIT DROP").format(
                sql.Identifier(f"in_{name}")
            )
        )
    seed = sql.SQL("INSERT INTO {} SELECT id, 0, 0 FROM ({}) s").format(chosen("asset"), sql.SQL(ON_THEM))
    if connection.execute(seed, {"streets": usrns}).rowcount == 0:
        raise ContractBroken(
            "no home stands on those streets.", system="mirror", next_step="give USRNs of the gazetteer, or a number."
        )
    _down(connection)
    for name in WHOLE:
        connection.execute(
            sql.SQL("INSERT INTO {} SELECT id, 0 FROM {} ON CONFLICT DO NOTHING").format(
                chosen(name), sql.Identifier(CURRENT, name)
            )
        )
    _up(connection, names)
    return _conditions(connection, names, usrns)


def _streets(connection: Connection, streets: int | tuple[int, ...]) -> list[int]:
    if isinstance(streets, tuple):
        return list(streets)
    return [int(usrn) for (usrn,) in connection.execute(DRAWN, (streets,))]


def _down(connection: Connection) -> None:
    """All that belongs to the homes. ``owned`` is the round in which a row was found to belong to them."""
    down = [e for e in edges() if e.parent not in OWN_NOTHING and e.child not in WHOLE]
    down = [e for e in down if (e.child, e.column) not in NOT_DOWN and not e.child.startswith("golden_")]
    leading = [e for e in edges() if (e.child, e.column) in LEADS_TO]
    last, this = {"asset"}, 0
    while last:
        this += 1
        grown: set[str] = set()
        for edge in down:
            if edge.parent in last and _own(connection, edge.child, edge.ask(_BELONGS, this - 1), this):
                grown.add(edge.child)
        for edge in leading:
            if edge.child in last and _own(connection, edge.parent, edge.ask(_LED, this - 1), this):
                grown.add(edge.parent)
        last = grown


def _own(connection: Connection, table: str, found: sql.Composed, this: int) -> int:
    statement = "INSERT INTO {} (id, round, owned) SELECT f.id, 0, {} FROM ({}) f (id) ON CONFLICT DO NOTHING"
    return connection.execute(sql.SQL(statement).format(chosen(table), sql.Literal(this), found)).rowcount


def _add(connection: Connection, table: str, found: sql.Composable, this: int) -> int:
    statement = "INSERT INTO {} (id, round) SELECT f.id, {} FROM ({}) f (id) ON CONFLICT DO NOTHING"
    return connection.execute(sql.SQL(statement).format(chosen(table), sql.Literal(this), found)).rowcount


def _up(connection: Connection, names: Iterable[str]) -> None:
    """All that the rows refer to, and the golden records of what is there. ``round`` is when a row was added."""
    for name in names:
        connection.execute(sql.SQL("ANALYZE {}").format(chosen(name)))
    last, this = set(names), 0
    while last:
        this += 1
        grown = {
            edge.parent
            for edge in edges()
            if edge.child in last and _add(connection, edge.parent, edge.ask(_NAMED, this - 1), this)
        }
        for kind, golden in GOLDEN.items():
            if kind in last and _add(connection, golden, _golden(kind, this - 1), this):
                grown.add(golden)
        if "golden_person" in last and _add(connection, "golden_member", _memberships(this - 1), this):
            grown.add("golden_member")
        last = grown


def _golden(kind: str, last: int) -> sql.Composed:
    return sql.SQL(
        "SELECT DISTINCT g.golden_id FROM canonical.golden_link g JOIN {} i ON i.id = g.entity_id "
        "WHERE g.entity_type = {} AND i.round = {}"
    ).format(chosen(kind), sql.Literal(kind), sql.Literal(last))


def _memberships(last: int) -> sql.Composed:
    return sql.SQL(
        "SELECT m.id FROM canonical.golden_member m JOIN {} i ON i.id = m.person_id WHERE i.round = {}"
    ).format(chosen("golden_person"), sql.Literal(last))


def _conditions(connection: Connection, names: Iterable[str], usrns: list[int]) -> dict[str, sql.Composable]:
    there = sql.SQL(" UNION ALL ").join(sql.SQL("SELECT id FROM {}").format(chosen(name)) for name in names)
    connection.execute(sql.SQL("CREATE TEMP TABLE in_any ON COMMIT DROP AS {}").format(there))
    connection.execute("CREATE INDEX ON pg_temp.in_any (id)")
    homes = sql.SQL(
        "CREATE TEMP TABLE in_uprn ON COMMIT DROP AS SELECT DISTINCT uprn FROM canonical.asset a JOIN {} i USING (id) "
        "WHERE uprn IS NOT NULL UNION SELECT uprn FROM canonical.lpi WHERE usrn = ANY({})"
    ).format(chosen("asset"), sql.Literal(usrns))
    connection.execute(homes)
    connection.execute(
        "CREATE TEMP TABLE in_usrn ON COMMIT DROP AS SELECT DISTINCT usrn FROM canonical.lpi JOIN in_uprn USING (uprn)"
    )
    connection.execute("ANALYZE pg_temp.in_any, pg_temp.in_uprn, pg_temp.in_usrn")
    conditions: dict[str, sql.Composable] = {}
    for table in metadata.tables.values():
        if table.schema in (CURRENT, HISTORY) and table.name not in WHOLE:
            conditions[f"{table.schema}.{table.name}"] = _condition(table.name)
    return conditions | _OF_IDENTITY


def _condition(name: str) -> sql.Composable:
    if name in BY_UPRN:
        return sql.SQL("t.uprn IN (SELECT uprn FROM pg_temp.in_uprn)")
    if name in BY_USRN:
        return sql.SQL("t.usrn IN (SELECT usrn FROM pg_temp.in_usrn)")
    if name in NAMING:
        return sql.SQL("t.entity_id IN (SELECT id FROM pg_temp.in_any)")
    if name == "golden_value":
        return sql.SQL("t.golden_id IN (SELECT id FROM pg_temp.in_any)")
    if name == "golden_event":
        return sql.SQL("{0}.old_id IN {1} OR {0}.new_id IN {1}").format(
            sql.SQL("t"), sql.SQL("(SELECT id FROM pg_temp.in_any)")
        )
    return sql.SQL("t.id IN (SELECT id FROM {})").format(chosen(name))


_BOTH = sql.SQL("t.left_id IN (SELECT id FROM pg_temp.in_any) AND t.right_id IN (SELECT id FROM pg_temp.in_any)")
_OF_IDENTITY: dict[str, sql.Composable] = {
    "identity.pair": _BOTH,
    "identity.decision": _BOTH,
    "identity.review_item": _BOTH,
    "identity.address_match": sql.SQL("t.entity_id IN (SELECT id FROM pg_temp.in_any)"),
}
"""What was decided of records: those of which all are there."""
