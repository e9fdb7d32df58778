"""Visits that tenants were promised, and the weekly plan that the logistics manager makes by hand."""

from mappings.identifiers import identifier
from mappings.mapping import Between, Filled, Mapping, NeedsOther, Ordered, telephone_in
from mappings.rules import Code, Date, Instant, Number, Ref, Text, TimeOfDay

NO_BOOKING = ("0",)

VISIT = Mapping(
    source="rmappt",
    target="appointment",
    key=("appt_ref",),
    fields={
        "appointment_ref": Text("appt_ref", required=True),
        "work_order_id": Ref("work_order", ("wo_ref",)),
        "work_order_ref": Text("wo_ref"),
        "booking_ref": Text("booking_ref", blanks=NO_BOOKING),
        "operative_id": Ref("operative", ("op_ref",)),
        "sequence_code": Code("visit_no", code_list="visit"),
        "slot_name": Code("slot", code_list="slot"),
        "window_start_at": Instant("slot_from"),
        "window_end_at": Instant("slot_to"),
        "arrived_at": Instant("arrived"),
        "completed_at": Instant("left_at"),
        "status_code": Code("status", code_list="visit_status", required=True),
        "outcome_code": Code("outcome", code_list="outcome"),
        "booked_at": Instant("booked"),
        "comment": Text("notes"),
    },
    checks=(
        Ordered("window_start_at", "window_end_at"),
        Ordered("arrived_at", "completed_at"),
        NeedsOther("status_code", "outcome_code", ("completed",), kind="NO-OUTCOME"),
        telephone_in("comment"),
    ),
)

BOOKING_REF = identifier(
    "rmappt",
    "appointment",
    ("appt_ref",),
    "booking_ref",
    Text("booking_ref"),
    "drs",
    when=Filled("booking_ref", NO_BOOKING),
)

ALLOCATION = Mapping(
    source="allocplan",
    target="manual_allocation",
    key=("plan_sid",),
    fields={
        "operative_id": Ref("operative", ("op_ref",)),
        "work_order_id": Ref("work_order", ("wo_ref",)),
        "work_order_ref": Text("wo_ref"),
        "week_start_date": Date("week_start"),
        "allocation_date": Date("alloc_date", required=True),
        "sequence_number": Number("seq_no"),
        "planned_start_time": TimeOfDay("start_time"),
        "planned_minutes": Number("plan_mins"),
        "travel_distance_m": Number("leg_m"),
        "uploaded_at": Instant("uploaded"),
        "allocated_by": Text("uploaded_by"),
        "note": Text("notes"),
    },
    checks=(
        Ordered("week_start_date", "allocation_date", severity="warning"),
        Between("sequence_number"),
        Between("planned_minutes"),
        Between("travel_distance_m"),
        telephone_in("note"),
    ),
)
