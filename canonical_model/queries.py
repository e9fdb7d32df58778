"""What is read from the canonical model: SQL that API, mirror, scheduling and console share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, func, or_, select, union, union_all

from canonical_model.base import history_of
from canonical_model.tables import current


def as_of(table: Table, run_id: int) -> Select[Any]:
    """The rows of a canonical table as they stood after that run, with the columns of the table.

    A row that its source had dropped by then is left out.
    """
    earlier = history_of(table)
    now = select(*table.columns).where(table.c.run_id <= run_id)
    then = select(*(earlier.c[column.name] for column in table.columns)).where(
        earlier.c.run_id <= run_id, earlier.c.replaced_run_id > run_id
    )
    rows = union_all(now, then).subquery(table.name)
    return select(*rows.columns).where(or_(rows.c.ended_run_id.is_(None), rows.c.ended_run_id > run_id))


def golden_tenancies() -> Select[Any]:
    """The tenancies that each golden person is or was party to: golden_id, tenancy_id."""
    link, party = current("golden_link"), current("tenancy_party")
    return (
        select(link.c.golden_id, party.c.tenancy_id)
        .join(party, party.c.person_id == link.c.entity_id)
        .where(link.c.entity_type == "person", party.c.ended_run_id.is_(None))
        .distinct()
    )


def golden_balances() -> Select[Any]:
    """The rent accounts of each golden person, by their tenancies or their own: golden_id, account_id, balance.

    An account of joint tenants stands with each of them; pounds, what is owed is positive.
    """
    link, account, entry = current("golden_link"), current("rent_account"), current("rent_transaction")
    tenancies = golden_tenancies().subquery("tenancies")
    by_tenancy = select(tenancies.c.golden_id, account.c.id).join(
        account, account.c.tenancy_id == tenancies.c.tenancy_id
    )
    by_person = select(link.c.golden_id, account.c.id).join(account, account.c.person_id == link.c.entity_id)
    live = account.c.ended_run_id.is_(None)
    theirs = union(by_tenancy.where(live), by_person.where(link.c.entity_type == "person", live)).subquery("theirs")
    amount = func.coalesce(func.sum(entry.c.amount).filter(entry.c.ended_run_id.is_(None)), 0).label("balance")
    return (
        select(theirs.c.golden_id, theirs.c.id.label("account_id"), amount)
        .outerjoin(entry, entry.c.account_id == theirs.c.id)
        .group_by(theirs.c.golden_id, theirs.c.id)
    )
