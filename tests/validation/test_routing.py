"""Row routing: which rows break which rule; and the gate's counts are the routing's counts, whatever the dirt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.chunks import frame_of
from tests.validation.support import SCHEMA, TABLE, landed
from validation.routing import row_faults
from validation.rules import fault_code, prepared, rules_file, rules_of
from validation.sheets import frame_of as gate_frame
from validation.suite import suite_for
from validation.tally import Tally

DIRTY_TEXTS = st.one_of(
    st.none(),
    st.text(alphabet=" \t\n\r\x00\xa0019AZaé£-+.|\u2003\U0001f3e0", max_size=12),
    st.sampled_from(
        ["0001", "0001A", "0001a", " 0001 ", "RNT", "rnt", "CSH ", "1", "+1.5", "-0.5", "0.5", "0.49", ".5"]
    ),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ref": DIRTY_TEXTS,
            "week": st.one_of(st.none(), st.integers(-(2**60), 2**60), st.sampled_from([0, 1, 53, 54])),
            "code": DIRTY_TEXTS,
            "amount": st.one_of(
                st.none(),
                st.decimals(-(10**7), 10**7, places=2),
                st.sampled_from([Decimal(text) for text in ("-100.00", "-99.99", "99.99", "100.00", "0.00")]),
            ),
            "text_amount": DIRTY_TEXTS,
            "posted": st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
            "note": DIRTY_TEXTS,
        }
    ),
    min_size=1,
    max_size=12,
)


def routed(rows: list[dict[str, object]], faults: list[str | None] | None = None) -> pd.DataFrame:
    frame = frame_of(landed(rows, faults))
    frame["_row"] = range(100, 100 + len(rows))
    return row_faults(TABLE, frame)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_the_gate_counts_what_the_routing_routes(rows: list[dict[str, object]]) -> None:
    found = routed(rows)
    rules = rules_of(TABLE, SCHEMA.names)
    tally = Tally(suite_for(TABLE, SCHEMA.names), TABLE.system, TABLE.place, rules_file(TABLE))
    tally.judge("rows", gate_frame(prepared(rules, landed(rows))))
    by_routing = found.groupby(["column", "kind"]).size().to_dict()
    for rule in rules:
        assert tally.unexpected(fault_code(TABLE, rule.column, rule.kind)) == by_routing.pop(
            (rule.column, rule.kind), 0
        ), rule
    assert not by_routing
    # a row breaks a rule once
    assert not found.duplicated().any()


def test_rows_are_named_by_their_ordinal_and_one_row_may_break_several_rules() -> None:
    good = {
        "ref": "0001",
        "week": 1,
        "code": "RNT",
        "amount": Decimal(1),
        "text_amount": "1",
        "posted": date(2026, 1, 1),
    }
    found = routed([good, good | {"ref": "much too long", "code": None}, good], [None, None, "broken"])
    assert found.to_dict("records") == [
        {"row": 101, "column": "ref", "kind": "LENGTH"},
        {"row": 101, "column": "ref", "kind": "PATTERN"},
        {"row": 101, "column": "code", "kind": "MISSING"},
    ]
    assert found.dtypes.astype(str).to_dict() == {"row": "int64", "column": "str", "kind": "str"}


def test_no_rows_and_absent_columns_make_no_faults() -> None:
    assert routed([]).empty
    frame = pd.DataFrame({"_row": [0], "note": ["far too long a note"]})
    assert row_faults(TABLE, frame).to_dict("records") == [{"row": 0, "column": "note", "kind": "LENGTH"}]


def test_columns_that_landed_in_another_type_are_judged_as_text_or_number() -> None:
    frame = pa.table(
        {"_row": [0, 1], "ref": pa.array([123456789, 1234]), "week": ["54", "x"], "amount": pa.array([100.5, 1.0])}
    ).to_pandas(types_mapper=pd.ArrowDtype)
    assert row_faults(TABLE, frame).to_dict("records") == [
        {"row": 0, "column": "ref", "kind": "LENGTH"},
        {"row": 0, "column": "ref", "kind": "PATTERN"},
        {"row": 0, "column": "week", "kind": "ABOVE"},
        {"row": 0, "column": "amount", "kind": "ABOVE"},
    ]
