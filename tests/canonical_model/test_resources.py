"""The catalogue of what is served follows from the model."""

from __future__ import annotations

from canonical_model.privacy import INTERNAL, declared
from canonical_model.resources import RESOURCES, plural
from canonical_model.tables import WORDS, tables_of


def test_every_table_with_an_id_is_served_once() -> None:
    tables = [table.name for module in WORDS.values() for table in tables_of(module)]
    unserved = set(tables) - {one.table for one in RESOURCES.values()}
    assert unserved == {"golden_link", "golden_event", "golden_value"}  # served by lineage and feed
    assert len(RESOURCES) == len(tables) - len(unserved)


def test_golden_records_have_the_plain_words() -> None:
    assert RESOURCES["people"].table == "golden_person"
    assert RESOURCES["person-records"].table == "person"
    assert RESOURCES["places"].entity == "asset"


def test_internal_columns_are_not_served() -> None:
    served = {(one.table, field.name) for one in RESOURCES.values() for field in one.fields}
    assert not any(declared()[one] == INTERNAL for one in served)


def test_plurals() -> None:
    assert [plural(name) for name in ("rent_account", "tenancy", "survey")] == ["rent-accounts", "tenancies", "surveys"]


def test_amounts_are_money_and_metres_are_not() -> None:
    assert RESOURCES["rent-transactions"].by_name["amount"].kind == "money"
    assert RESOURCES["places"].by_name["easting_m"].kind == "decimal"


def test_includes_lead_to_resources_and_have_no_field_s_name() -> None:
    for one in RESOURCES.values():
        names = [include.name for include in one.includes]
        assert len(names) == len(set(names))
        assert not set(names) & set(one.by_name)
        assert all(include.path in RESOURCES for include in one.includes)
