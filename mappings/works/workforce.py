"""Who does the work: trades, suppliers and contracts, operatives with their skills, hours and absences."""

from mappings.identifiers import identifier
from mappings.mapping import Between, Filled, Mapping, Ordered, left_out
from mappings.rules import (
    Code,
    Constant,
    Date,
    Email,
    Flag,
    Money,
    Number,
    Phone,
    Postcode,
    Ref,
    Text,
    TimeOfDay,
)

OPERATIVE = Ref("operative", ("op_ref",), required=True)

PRIORITIES = left_out(
    "rmprior",
    "an order keeps the due date that the rule of its day gave it; the codes are in codes/priority.csv",
    (
        "priority_code", "description", "days_to_complete", "hours_to_complete", "saturday_working",
        "sunday_working", "holiday_working",
    ),
)  # fmt: skip

TRADE = Mapping(
    source="rmtrade",
    target="trade",
    key=("trade",),
    fields={
        "trade_ref": Text("trade", required=True),
        "name": Text("trade_desc", required=True),
        "rate_ref": Text("rate_code"),
    },
)

ORGANISATION = Mapping(
    source="supplier",
    target="organisation",
    key=("sup_ref",),
    fields={
        "organisation_ref": Text("sup_ref", required=True),
        "name": Text("sup_name", required=True),
        "organisation_type_code": Constant("contractor"),
    },
)

CONTRACTOR = Mapping(
    source="supplier",
    target="contractor",
    key=("sup_ref",),
    fields={
        "contractor_ref": Text("sup_ref", required=True),
        "name": Text("sup_name", required=True),
        "organisation_id": Ref("organisation", ("sup_ref",)),
        "is_in_house": Flag("in_house"),
        "is_active": Flag("sup_active"),
        "insurance_expiry_date": Date("insured_to"),
        "order_limit": Money("order_limit"),
    },
    checks=(Between("order_limit"),),
)

CONTRACTOR_REF = identifier("supplier", "contractor", ("sup_ref",), "contractor_ref", Text("sup_ref"), "works")

CONTRACTOR_PHONE = Mapping(
    source="supplier",
    target="contact_method",
    key=("sup_ref",),
    part="phone",
    when=Filled("sup_phone"),
    needs=("value",),
    fields={
        "organisation_id": Ref("organisation", ("sup_ref",)),
        "contact_type_code": Constant("work_telephone"),
        "value": Phone("sup_phone"),
    },
)

CONTRACTOR_EMAIL = Mapping(
    source="supplier",
    target="contact_method",
    key=("sup_ref",),
    part="email",
    when=Filled("sup_email"),
    needs=("value",),
    fields={
        "organisation_id": Ref("organisation", ("sup_ref",)),
        "contact_type_code": Constant("email"),
        "value": Email("sup_email"),
    },
)

CONTRACT = Mapping(
    source="supcontr",
    target="contract",
    key=("con_ref",),
    fields={
        "contract_ref": Text("con_ref", required=True),
        "name": Text("con_desc"),
        "contractor_id": Ref("contractor", ("sup_ref",)),
        "contract_type_code": Code("con_type", code_list="contract_type"),
        "start_date": Date("con_start"),
        "end_date": Date("con_end"),
        "total_value": Money("con_value"),
    },
    checks=(Ordered("start_date", "end_date"), Between("total_value")),
)

WORKER = Mapping(
    source="operativ",
    target="operative",
    key=("op_ref",),
    fields={
        "operative_ref": Text("op_ref", required=True),
        "name": Text("op_name"),
        "contractor_id": Ref("contractor", ("sup_ref",)),
        "trade_id": Ref("trade", ("trade",)),
        "payroll_ref": Text("op_ref"),
        "section": Text("section"),
        "start_postcode": Postcode("start_pc"),
        "end_postcode": Postcode("start_pc"),
        "weekly_limit_minutes": Number("week_mins"),
        "max_travel_minutes": Number("max_travel"),
        "cost_per_km": Money("km_cost"),
        "hourly_rate": Money("hour_rate"),
        "start_date": Date("start_date"),
        "end_date": Date("end_date"),
        "is_active": Flag("active"),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Between("weekly_limit_minutes"),
        Between("max_travel_minutes"),
        Between("cost_per_km"),
        Between("hourly_rate"),
    ),
    ignored={"mobile": "a work telephone; the works system is asked for it when it is needed"},
)

PAYROLL_REF = identifier("operativ", "operative", ("op_ref",), "payroll_ref", Text("op_ref"), "payroll")

SKILL = Mapping(
    source="opskill",
    target="operative_skill",
    key=("op_ref", "trade"),
    fields={
        "operative_id": OPERATIVE,
        "trade_id": Ref("trade", ("trade",), required=True),
        "proficiency_percent": Number("proficiency"),
        "preference": Number("preference"),
        "is_main": Flag("main_trade"),
    },
)

SHIFT = Mapping(
    source="opshift",
    target="shift",
    key=("op_ref", "day_no"),
    fields={
        "operative_id": OPERATIVE,
        "weekday_code": Code("day_no", code_list="weekday", required=True),
        "start_time": TimeOfDay("start_time", required=True),
        "end_time": TimeOfDay("end_time", required=True),
        "start_date": Date("from_date"),
    },
)

ABSENCE = Mapping(
    source="opabs",
    target="absence",
    key=("abs_ref",),
    fields={
        "operative_id": OPERATIVE,
        "absence_type_code": Code("abs_code", code_list="absence_type", required=True),
        "start_date": Date("from_date", required=True),
        "end_date": Date("to_date"),
    },
    checks=(Ordered("start_date", "end_date"),),
)
