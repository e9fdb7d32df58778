"""How work is counted for pay: schemes, their bands, and the kinds of time on a time sheet."""

from decimal import Decimal

from mappings.mapping import Mapping
from mappings.operatives.workforce import FALSE, TRUE
from mappings.rules import Code, Flag, Number, Ref, Text

SCHEME = Mapping(
    source="schemes",
    target="pay_scheme",
    key=("id",),
    fields={
        "scheme_ref": Text("id", required=True),
        "scheme_type": Text("type"),
        "description": Text("description", required=True),
        "conversion_factor": Number("conversion_factor", decimals=4, minimum=Decimal("0.01")),
        "max_value": Number("max_value", decimals=2, minimum=Decimal(0)),
    },
)

BAND = Mapping(
    source="pay_bands",
    target="pay_band",
    key=("id",),
    fields={
        "pay_scheme_id": Ref("pay_scheme", ("scheme_id",), required=True),
        "band": Number("band", required=True, minimum=Decimal(1), maximum=Decimal(9)),
        "value": Number("value", decimals=2, required=True, minimum=Decimal(0)),
    },
)

ELEMENT = Mapping(
    source="pay_element_types",
    target="pay_element",
    key=("id",),
    fields={
        "element_ref": Text("id", required=True),
        "description": Text("description", required=True),
        "absence_type_code": Code("id", code_list="absence"),
        "is_paid": Flag("paid", true=TRUE, false=FALSE),
        "is_paid_at_band": Flag("pay_at_band", true=TRUE, false=FALSE),
        "is_adjustment": Flag("adjustment", true=TRUE, false=FALSE),
        "is_productive": Flag("productive", true=TRUE, false=FALSE),
        "is_non_productive": Flag("non_productive", true=TRUE, false=FALSE),
        "is_out_of_hours": Flag("out_of_hours", true=TRUE, false=FALSE),
        "is_overtime": Flag("overtime", true=TRUE, false=FALSE),
        "is_sick_leave": Flag("sick_leave", true=TRUE, false=FALSE),
        "is_selectable": Flag("selectable", true=TRUE, false=FALSE),
        "smv_per_hour_minutes": Number("smv_per_hour", decimals=2, minimum=Decimal(0), maximum=Decimal(120)),
        "cost_code": Text("cost_code"),
    },
)
