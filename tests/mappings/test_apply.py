"""The rules of a table applied to its rows: fates, rows that need a field, tables that are left out."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from ledger.spec import Column, TableSpec
from ledger.values import Mapped
from mappings.apply import apply
from mappings.mapping import Between, Mapping, left_out
from mappings.rules import AsText, Constant, Number, Ref, Text, Uprn

TABLE = TableSpec(
    system="old", name="place", columns=(Column("ref"), Column("uprn"), Column("beds")), key=("ref",), grain="a place"
)
PLACE = Mapping(
    source="place",
    target="asset",
    key=("ref",),
    fields={"asset_ref": Text("ref", required=True), "uprn": Uprn("uprn"), "bedrooms": Number("beds")},
    checks=(Between("bedrooms", most=99),),
)
UPRN = Mapping(
    source="place",
    target="identifier",
    key=("ref",),
    needs=("value",),
    fields={
        "entity_type": Constant("asset"),
        "entity_id": Ref("asset", ("ref",)),
        "value": AsText(Uprn("uprn")),
    },
)
NO_FAULTS = pd.DataFrame({"row": pd.Series(dtype="int64"), "column": [], "kind": []})


def applied(*mappings: Mapping, faults: pd.DataFrame = NO_FAULTS) -> Mapped:
    columns = {
        "ref": ["A1", "A2", None],
        "uprn": ["100021", "X1", ""],
        "beds": ["2", "-1", "3"],
        "_key": ["A1", "A2", None],
        "_fault": pa.nulls(3, pa.string()),
        "_raw": pa.nulls(3, pa.string()),
        "_row_hash": [1, 2, 3],
        "_row": [0, 1, 2],
    }
    raw = pd.DataFrame(
        {name: pd.Series(pa.array(v), dtype=pd.ArrowDtype(pa.array(v).type)) for name, v in columns.items()}
    )
    return apply(TABLE, mappings, {}, raw, faults)


def test_a_row_without_what_it_needs_is_not_made_and_told_of_once() -> None:
    mapped = applied(PLACE, UPRN)
    assert mapped.fates.to_list() == ["loaded", "loaded", "quarantined"]
    assert mapped.rows["asset"]["asset_ref"].to_list() == ["A1", "A2"]
    assert mapped.rows["identifier"]["value"].to_list() == ["100021"]
    assert mapped.issues["code"].value_counts()["OLD-PLACE-UPRN-FORMAT"] == 1


def test_a_number_out_of_bounds_is_dropped_with_an_error() -> None:
    mapped = applied(PLACE)
    assert mapped.rows["asset"]["bedrooms"].isna().to_list() == [False, True]
    assert "OLD-PLACE-BEDS-RANGE" in set(mapped.issues["code"])


def test_a_table_left_out_is_excluded_without_an_issue() -> None:
    broken = pd.DataFrame({"row": [2], "column": ["ref"], "kind": ["MISSING"]})
    mapped = applied(left_out("place", "a code list", ("ref", "uprn", "beds")), faults=broken)
    assert mapped.fates.to_list() == ["excluded"] * 3
    assert not mapped.rows and not len(mapped.issues)


def test_references_of_one_column_into_several_tables_are_kept_apart() -> None:
    other = Mapping("place", "identifier", ("ref",), {"entity_id": Ref("tenancy", ("ref",))}, part="tenancy")
    assert applied(UPRN, other).references["identifier"]["entity_id"].targets == ("asset", "tenancy")


def test_a_mapping_that_needs_a_field_it_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs or checks value"):
        Mapping("place", "identifier", ("ref",), {}, needs=("value",))
