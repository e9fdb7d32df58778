"""Requests, works orders with what they were before, their lines, and the schedule of rates."""

from mappings.identifiers import identifier
from mappings.mapping import All, Between, Filled, Mapping, NeedsOther, Ordered, telephone_in
from mappings.rules import (
    Code,
    Constant,
    Date,
    FirstOf,
    Flag,
    Instant,
    Money,
    Number,
    Phone,
    Ref,
    Rule,
    Text,
    Within,
)

PLACE = Ref("asset", ("prop_ref",), system="tenancy")
ORDER = Ref("work_order", ("wo_ref",))

ITEM = Mapping(
    source="rmjob",
    target="sor_item",
    key=("job_code",),
    fields={
        "sor_code": Text("job_code", required=True),
        "scheme": Constant("council"),
        "scheme_version": Text("book_ver"),
        "short_text": Text("short_desc"),
        "unit_code": Code("unit", code_list="unit"),
        "trade_id": Ref("trade", ("trade",)),
        "price": Money("cost"),
        "standard_minutes": Number("smv", decimals=2),
        "min_operatives": Number("min_ops"),
        "max_operatives": Number("max_ops"),
        "warranty_days": Number("warranty_days"),
        "start_date": Date("from_date"),
        "end_date": Date("to_date"),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Ordered("min_operatives", "max_operatives", kind="BELOW-MINIMUM"),
        Between("price"),
        Between("standard_minutes"),
        Between("min_operatives"),
        Between("max_operatives"),
        Between("warranty_days"),
    ),
)

REQUEST = Mapping(
    source="rmreqst",
    target="repair_request",
    key=("rq_ref",),
    fields={
        "request_ref": Text("rq_ref", required=True),
        "asset_id": PLACE,
        "tenancy_id": Ref("tenancy", ("tag_ref",), system="tenancy"),
        "reported_by_name": Text("rq_name"),
        "contact_number": Phone("rq_phone"),
        "reported_at": Instant("rq_date"),
        "channel_code": Code("rq_how", code_list="channel"),
        "status_code": Code("rq_status", code_list="request_status"),
        "priority_code": Code("rq_priority", code_list="priority"),
        "location": Text("rq_loc"),
        "description": Text("rq_problem"),
        "access_code": Code("rq_access", code_list="access"),
        "access_notes": Text("rq_notes"),
        "is_right_to_repair": Flag("right_to_repair"),
        "is_rechargeable": Flag("rechargeable"),
    },
    checks=(telephone_in("access_notes"), telephone_in("description")),
)

REQUEST_REF = identifier("rmreqst", "repair_request", ("rq_ref",), "request_ref", Text("rq_ref"), "works")

REPORTER = Mapping(
    source="rmreqst",
    target="person",
    key=("rq_ref",),
    when=Filled("rq_name"),
    fields={
        "person_ref": Text("rq_ref", required=True),
        "full_name": Text("rq_name"),
        "asset_id": PLACE,
        "tenancy_id": Ref("tenancy", ("tag_ref",), system="tenancy"),
    },
)

REPORTED_FROM = Mapping(
    source="rmreqst",
    target="contact_method",
    key=("rq_ref",),
    when=All((Filled("rq_name"), Filled("rq_phone"))),
    needs=("value",),
    fields={
        "person_id": Ref("person", ("rq_ref",), required=True),
        "contact_type_code": FirstOf(
            (Within(Code("rq_phone", code_list="telephone"), r"^\(?(0[1237])"), Constant("other"))
        ),
        "value": Phone("rq_phone"),
        "contact_name": Text("rq_name"),
    },
)

ORDERED = Mapping(
    source="rmworder",
    target="work_order",
    key=("wo_ref",),
    fields={
        "work_order_ref": Text("wo_ref", required=True),
        "version": Number("wo_version"),
        "request_id": Ref("repair_request", ("rq_ref",)),
        "asset_id": PLACE,
        "contractor_id": Ref("contractor", ("sup_ref",)),
        "contract_id": Ref("contract", ("con_ref",)),
        "trade_id": Ref("trade", ("trade",)),
        "work_type_code": Code("wo_type", code_list="work_type", required=True),
        "status_code": Code("wo_status", code_list="order_status", required=True),
        "priority_code": Code("priority", code_list="priority"),
        "priority_days": Number("days_allowed", decimals=2),
        "description": Text("wo_desc"),
        "raised_at": Instant("created"),
        "issued_at": Instant("issued"),
        # The system's own count of days, bank holidays or not: kept as it stands, never counted again.
        "target_at": Instant("date_due"),
        "attended_at": Instant("attended"),
        "completed_at": Instant("completed"),
        "cancelled_at": Instant("cancelled"),
        "estimated_cost": Money("est_cost"),
        "invoiced_cost": Money("act_cost"),
        "superseded_by_ref": Text("superseded_by"),
        "is_rechargeable": Flag("rechargeable"),
        "is_communal": Flag("communal"),
    },
    checks=(
        Ordered("raised_at", "completed_at"),
        Ordered("raised_at", "target_at", severity="warning"),
        Ordered("raised_at", "issued_at", severity="warning"),
        Ordered("attended_at", "completed_at", kind="BEFORE-VISIT", severity="warning"),
        NeedsOther("status_code", "completed_at", ("complete", "closed"), kind="NOT-DATED"),
        telephone_in("description"),
    ),
    ignored={"prev_wo": "the order before a follow-on is the one that names it in superseded_by"},
)

ORDER_REF = identifier("rmworder", "work_order", ("wo_ref",), "work_order_ref", Text("wo_ref"), "works")

VARIED = Mapping(
    source="rmwover",
    target="work_order",
    key=("wo_ref", "wo_version"),
    fields={
        "work_order_ref": Text("wo_ref", required=True),
        "version": Number("wo_version"),
        "work_type_code": Constant("responsive"),
        "status_code": Constant("superseded"),
        "issued_at": Instant("issued"),
        "estimated_cost": Money("est_cost"),
        "description": Text("wo_desc"),
        "superseded_by_ref": Text("wo_ref"),
    },
    ignored={
        "var_reason": "told in the works system's own history",
        "var_by": "a user name of the works system",
    },
)

LINE_FIELDS: dict[str, Rule] = {
    "work_order_id": Ref("work_order", ("wo_ref",), required=True),
    "element_number": Number("task_no"),
    "sor_item_id": Ref("sor_item", ("job_code",)),
    "sor_code": Text("job_code"),
    "trade_id": Ref("trade", ("trade",)),
    "operative_id": Ref("operative", ("op_ref",)),
    "description": Text("task_desc"),
    "quantity": Number("quantity", decimals=3),
    "unit_code": Code("unit", code_list="unit"),
    "standard_minutes": Number("smv", decimals=2),
    "price": Money("rate"),
    "cost": Money("task_cost", required=True),
    "status_code": Code("task_status", code_list="task_status"),
    "completed_at": Instant("done"),
}

LINE = Mapping(
    source="rmtask",
    target="work_element",
    key=("wo_ref", "task_no"),
    fields=LINE_FIELDS,
    checks=(NeedsOther("status_code", "completed_at", ("complete",), kind="NOT-DATED"),),
)
