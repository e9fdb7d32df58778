"""Trades and operatives with their main skill."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Filled, Mapping
from mappings.rules import Constant, Flag, Number, Ref, Text

TRUE, FALSE = ("TRUE",), ("FALSE",)

TRADE = Mapping(
    source="trades",
    target="trade",
    key=("id",),
    fields={
        "trade_ref": Text("id", required=True),
        "name": Text("description", required=True),
        "rate_ref": Text("rate_code"),
    },
)

OPERATIVE = Mapping(
    source="operatives",
    target="operative",
    key=("id",),
    fields={
        "operative_ref": Text("id", required=True),
        "name": Text("name"),
        "trade_id": Ref("trade", ("trade_id",)),
        "section": Text("section"),
        "pay_scheme_id": Ref("pay_scheme", ("scheme_id",)),
        "salary_band": Number("salary_band", minimum=Decimal(1), maximum=Decimal(9)),
        "has_fixed_band": Flag("fixed_band", true=TRUE, false=FALSE),
        "utilisation": Number("utilisation", decimals=2, minimum=Decimal("0.1"), maximum=Decimal(1)),
        "manager_id": Ref("person", ("manager_id",)),
        "supervisor_id": Ref("person", ("supervisor_id",)),
        # an archived operative has left: kept for the work done, never given more
        "is_active": Flag("is_archived", true=FALSE, false=TRUE),
    },
)

SKILL = Mapping(
    source="operatives",
    target="operative_skill",
    key=("id",),
    when=Filled("trade_id"),
    fields={
        "operative_id": Ref("operative", ("id",), required=True),
        "trade_id": Ref("trade", ("trade_id",)),
        "is_main": Constant(True),
    },
)

OPERATIVE_REF = identifier("operatives", "operative", ("id",), "operative_ref", Text("id"), "operatives")
