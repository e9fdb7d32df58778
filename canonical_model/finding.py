"""How something is found without its id: by a key that it has somewhere, or by words of its name or address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canonical_model.base import CURRENT
from canonical_model.golden import PERSON_WORDS, PLACE_WORDS
from canonical_model.reads import SQL_TYPES, Query, told
from canonical_model.resources import Field, Resource

SCHEMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "uprn": (("places", "uprn"), ("asset-records", "uprn"), ("blpus", "uprn")),
    "usrn": (("streets", "usrn"),),
    "property_ref": (("places", "asset_ref"), ("asset-records", "asset_ref")),
    "block_ref": (("places", "asset_ref"), ("asset-records", "asset_ref")),
    "estate_ref": (("places", "asset_ref"), ("asset-records", "asset_ref")),
    "person_ref": (("person-records", "person_ref"),),
    "national_insurance_number": (("people", "national_insurance_number"),),
    "household_ref": (("household-records", "household_ref"),),
    "tenancy_ref": (("tenancies", "tenancy_ref"),),
    "rent_account_ref": (("rent-accounts", "account_ref"),),
    "payment_ref": (("rent-accounts", "payment_ref"), ("tenancies", "payment_ref"), ("person-records", "payment_ref")),
    "housing_benefit_ref": (("rent-accounts", "housing_benefit_claim_ref"),),
    "work_order_ref": (("work-orders", "work_order_ref"),),
    "request_ref": (("repair-requests", "request_ref"),),
    "booking_ref": (("appointments", "booking_ref"),),
    "operative_ref": (("operatives", "operative_ref"),),
    "payroll_ref": (("operatives", "payroll_ref"),),
    "contractor_ref": (("contractors", "contractor_ref"),),
    "application_ref": (("housing-applications", "application_ref"),),
    "case_ref": (("arrears-cases", "case_ref"), ("hmo-applications", "case_ref"), ("hmo-licences", "case_ref")),
    "certificate_ref": (("certificates", "certificate_ref"),),
    "gas_safe_ref": (("identifiers", "value"),),
    "core_ref": (("lettings", "letting_ref"),),
    "other": (("identifiers", "value"),),
}
"""Kinds of keys, each with the fields that hold such keys; identifiers lead to what they identify besides.

Who may not see a field is not led by it: a key of the first kind's class finds nothing for them.
"""

MOST_FOUND = 100
WORDS = {"people": PERSON_WORDS, "places": PLACE_WORDS}
"""What can be searched, and the words that it is searched by."""
SEARCHED = {
    "people": ("full_name", "preferred_name", "surname"),
    "places": ("name", "address_line_1", "address_line_2", "address_line_3", "postcode", "asset_ref"),
}
"""The fields that those words are made of: a search tells them."""


def lookup(scheme: str, value: Any, held: Sequence[tuple[Resource, Field]], seen: Sequence[str]) -> Query:
    """What has that key: rows of name (the table), id and golden_id.

    ``held`` are the fields that are looked in, ``seen`` the tables whose records an identifier may lead to.
    """
    tables = [
        f"SELECT '{resource.table}', t.id FROM {CURRENT}.{resource.table} t "
        f"WHERE t.{field.name} = $4::{SQL_TYPES[field.kind]} AND t.ended_run_id IS NULL"
        for resource, field in held if resource.table != "identifier"
    ]  # fmt: skip
    identifiers = (
        f"SELECT i.entity_type, i.entity_id FROM {CURRENT}.identifier i "
        "WHERE i.scheme_code = $1 AND i.value = $2 AND i.ended_run_id IS NULL AND i.entity_type = ANY($3::text[])"
    )
    found = " UNION ".join([*tables, identifiers])
    return Query(
        f"WITH found (name, id) AS ({found}) SELECT f.name, f.id::text AS id, l.golden_id::text AS golden_id "
        f"FROM found f LEFT JOIN {CURRENT}.golden_link l ON l.entity_type = f.name AND l.entity_id = f.id "
        f"ORDER BY f.name, f.id LIMIT {MOST_FOUND}",
        (scheme, str(value), list(seen), *([value] if tables else ())),
    )


def search(resource: Resource, fields: Sequence[Field], words: str, limit: int) -> Query:
    """The records whose words are most like those asked for, the likest first: body."""
    own = WORDS[resource.path]
    likest = (
        f"SELECT *, word_similarity($1, {own}) AS likeness FROM {CURRENT}.{resource.table} "
        f"WHERE {own} %> $1 AND ended_run_id IS NULL ORDER BY likeness DESC, id LIMIT {limit:d}"
    )
    return Query(
        f"SELECT row_to_json(r)::text AS body FROM ({likest}) t CROSS JOIN LATERAL (SELECT {told(fields)}) r "
        "ORDER BY t.likeness DESC, t.id",
        (words.lower(),),
    )
