"""Jobs, their priced lines, and the visits for them."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import All, Filled, Mapping, Ordered, telephone_in
from mappings.rules import Code, Constant, FirstOf, Instant, Money, Number, Phone, Ref, Text, Within

DAY_AND_TIME = "%Y-%m-%d %H:%M"

JOB = Mapping(
    source="JOBS",
    target="work_order",
    key=("JOBNO",),
    fields={
        "work_order_ref": Text("JOBNO", required=True),
        "asset_id": Ref("asset", ("PROPNO",)),
        "contractor_id": Ref("contractor", ("FIRMNO",)),
        "contract_id": Ref("contract", ("PROGNO",), required=True),
        "work_type_code": Code("JOBTYPE", code_list="work_type", required=True),
        "status_code": Code("STATUS", code_list="work_status", required=True),
        "priority_code": Code("JOBTYPE", code_list="priority"),
        "description": Text("NOTES"),
        "raised_at": Instant("RAISED"),
        "target_at": Instant("TARGET"),
        "attended_at": Instant("STARTED"),
        "completed_at": Instant("FINISHED"),
        "estimated_cost": Money("VALUE", required=True, minimum=Decimal(0), maximum=Decimal(40_000)),
        "invoiced_cost": Money("INVOICED"),
    },
    checks=(Ordered("raised_at", "completed_at"), telephone_in("description")),
)

JOB_REF = identifier("JOBS", "work_order", ("JOBNO",), "work_order_ref", Text("JOBNO"), "contractor")

TENANT = Mapping(
    source="JOBS",
    target="person",
    key=("JOBNO",),
    when=Filled("TENANT"),
    fields={
        "person_ref": Text("JOBNO", required=True),
        "full_name": Text("TENANT"),
        "asset_id": Ref("asset", ("PROPNO",)),
    },
)

TENANTS_TELEPHONE = Mapping(
    source="JOBS",
    target="contact_method",
    key=("JOBNO",),
    when=All((Filled("TENANT"), Filled("TENTEL"))),
    needs=("value",),
    fields={
        "person_id": Ref("person", ("JOBNO",), required=True),
        "contact_type_code": FirstOf(
            (Within(Code("TENTEL", code_list="telephone"), r"^\(?(0[1237])"), Constant("other"))
        ),
        "value": Phone("TENTEL"),
        "contact_name": Text("TENANT"),
    },
)

LINE = Mapping(
    source="JOBLINE",
    target="work_element",
    key=("JOBNO", "LINENO"),
    fields={
        "work_order_id": Ref("work_order", ("JOBNO",), required=True),
        "element_number": Number("LINENO"),
        "sor_item_id": Ref("sor_item", ("RATECODE",)),
        "sor_code": Text("RATECODE"),
        "quantity": Number("QTY", decimals=2),
        "price": Money("RATE"),
        "cost": Money("AMOUNT", required=True),
        "status_code": Code("DONE", code_list="line_status"),
    },
)

VISIT = Mapping(
    source="VISITS",
    target="appointment",
    key=("VISITNO",),
    fields={
        "appointment_ref": Text("VISITNO", required=True),
        "work_order_id": Ref("work_order", ("JOBNO",)),
        "work_order_ref": Text("JOBNO"),
        "asset_id": Ref("asset", ("PROPNO",)),
        "operative_id": Ref("operative", ("ENGNO",)),
        "sequence_code": Code("ATTEMPT", code_list="visit_sequence"),
        "slot_name": Text("SLOT"),
        "window_start_at": FirstOf(
            (Instant("VDATE", time_column="FROMTIME", fmt=DAY_AND_TIME), Instant("VDATE")),
        ),
        "window_end_at": Instant("VDATE", time_column="TOTIME", fmt=DAY_AND_TIME),
        "arrived_at": Instant("VDATE", time_column="ARRIVED", fmt=DAY_AND_TIME),
        "status_code": Code("STATUS", code_list="visit_status", required=True),
        "outcome_code": Code("STATUS", code_list="visit_outcome"),
        "booked_at": Instant("BOOKED"),
        "comment": Text("NOTES"),
    },
    checks=(
        Ordered("window_start_at", "window_end_at"),
        Ordered("booked_at", "window_start_at", kind="BEFORE-BOOKING", severity="warning"),
        telephone_in("comment"),
    ),
    ignored={"CARDLEFT": "follows from the outcome: a card is left whenever nobody lets the engineer in"},
)
