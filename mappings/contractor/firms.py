"""Who does the work and what for: firms, trades, contracts, rates, engineers."""

from mappings.identifiers import identifier
from mappings.mapping import Filled, Mapping, Ordered
from mappings.rules import Code, Constant, Date, Flag, Joined, Money, Number, Ref, Text

FIRM = Mapping(
    source="FIRMS",
    target="contractor",
    key=("FIRMNO",),
    fields={
        "contractor_ref": Text("FIRMNO", required=True),
        "name": Text("NAME", required=True),
        "is_in_house": Constant(False),
        "is_active": Flag("ACTIVE"),
        "insurance_expiry_date": Date("INSUNTIL"),
        "order_limit": Money("LIMIT"),
    },
    ignored={"TRADES": "letters that nobody keeps up; the trades are those of the firm's people"},
)

FIRM_REF = identifier("FIRMS", "contractor", ("FIRMNO",), "contractor_ref", Text("FIRMNO"), "works")

TRADE = Mapping(
    source="TRADES",
    target="trade",
    key=("TRADE",),
    fields={"trade_ref": Text("TRADE", required=True), "name": Text("NAME", required=True)},
)

CONTRACT = Mapping(
    source="PROGRAM",
    target="contract",
    key=("PROGNO",),
    fields={
        "contract_ref": Text("PROGNO", required=True),
        "name": Text("TITLE"),
        "contractor_id": Ref("contractor", ("FIRMNO",)),
        "contract_type_code": Code("KIND", code_list="contract_type"),
        "start_date": Date("STARTS"),
        "end_date": Date("ENDS"),
        "total_value": Money("BUDGET"),
    },
    checks=(Ordered("start_date", "end_date"),),
    ignored={"FYEAR": "the year stands in the dates and in the number"},
)

RATE = Mapping(
    source="RATES",
    target="sor_item",
    key=("RATECODE",),
    fields={
        "sor_code": Text("RATECODE", required=True),
        "scheme": Constant("Planned works rates"),
        "short_text": Text("DESCRIP"),
        "unit_code": Text("UNIT"),
        "price": Money("RATE"),
        "standard_minutes": Number("MINS"),
        "start_date": Date("FROMDATE"),
        "end_date": Date("TODATE"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

ENGINEER = Mapping(
    source="ENGINEER",
    target="operative",
    key=("ENGNO",),
    fields={
        "operative_ref": Text("ENGNO", required=True),
        "name": Joined(("FORENAME", "SURNAME"), " "),
        "contractor_id": Ref("contractor", ("FIRMNO",)),
        "trade_id": Ref("trade", ("TRADE",)),
        "start_date": Date("STARTED"),
        "end_date": Date("LEFT"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

ENGINEER_SKILL = Mapping(
    source="ENGINEER",
    target="operative_skill",
    key=("ENGNO",),
    when=Filled("TRADE"),
    fields={
        "operative_id": Ref("operative", ("ENGNO",), required=True),
        "trade_id": Ref("trade", ("TRADE",)),
        "is_main": Constant(True),
    },
)

GAS_SAFE_NUMBER = identifier("ENGINEER", "operative", ("ENGNO",), "gas_safe_ref", Text("GASSAFE"), "Gas Safe Register")
