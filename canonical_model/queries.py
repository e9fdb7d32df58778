"""What is read from the canonical model: SQL that API, mirror, scheduling and console share."""

from __future__ import annotations

from typing import Any, LiteralString

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


ADDRESSES_TO_MATCH: LiteralString = """
WITH written (entity_type, entity_id, field, address, postcode, says_block, uprn) AS (
    SELECT 'hmo_licence', id, 'address_text', address_text, postcode, false, uprn
    FROM canonical.hmo_licence WHERE ended_run_id IS NULL
    UNION ALL
    SELECT 'hmo_application', id, 'address_text', address_text, postcode, false, uprn
    FROM canonical.hmo_application WHERE ended_run_id IS NULL
    UNION ALL
    SELECT 'housing_application', id, 'current_address_text', current_address_text, current_postcode, false, NULL
    FROM canonical.housing_application WHERE ended_run_id IS NULL AND current_asset_id IS NULL
    UNION ALL
    SELECT 'letting', id, 'address_text', address_text, postcode, false, uprn
    FROM canonical.letting WHERE ended_run_id IS NULL AND asset_id IS NULL
    UNION ALL
    SELECT 'organisation', id, 'address_text', address_text, postcode, false, NULL
    FROM canonical.organisation WHERE ended_run_id IS NULL
    UNION ALL
    SELECT 'contact_method', id, 'value', value, postcode, false, NULL
    FROM canonical.contact_method WHERE ended_run_id IS NULL AND contact_type_code = 'address'
    UNION ALL
    SELECT 'asset', id, 'address_line_1',
        concat_ws(', ', CASE WHEN NOT starts_with(lower(address_line_1), lower(name)) THEN name END,
            address_line_1, address_line_2, address_line_3, address_line_4),
        postcode, asset_type_code IN ('block', 'sub_block'), uprn
    FROM canonical.asset WHERE ended_run_id IS NULL AND asset_type_code NOT IN
        ('estate', 'land', 'lift', 'boiler_house', 'booster_pump', 'plant', 'communal_area')
)
SELECT entity_type, entity_id, field, address, postcode, says_block
FROM written
WHERE address IS NOT NULL AND NOT EXISTS (
    SELECT FROM canonical.blpu known WHERE known.uprn = written.uprn AND known.ended_run_id IS NULL
)
ORDER BY entity_type, entity_id, field
"""
"""The addresses that have no UPRN, or one that the gazetteer does not know.

Estates, land, plant and communal areas are left out: they stand where a building stands, which is no address of theirs.
"""
