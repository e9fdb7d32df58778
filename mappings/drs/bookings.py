"""Bookings and what confirms them, and the scheduler's own numbers of orders."""

from mappings.identifiers import identifier
from mappings.mapping import Between, Mapping, Ordered, telephone_in
from mappings.rules import Code, Constant, Number, Ref, Text, XmlInstant

ORDER = Ref("work_order", ("primaryOrderNumber",), system="works")
PLACE = Ref("asset", ("locationID",), system="tenancy")

BOOKING = Mapping(
    source="bookings",
    target="appointment",
    key=("bookingId",),
    fields={
        "appointment_ref": Text("bookingId", required=True),
        "booking_ref": Text("bookingId"),
        "work_order_id": ORDER,
        "work_order_ref": Text("primaryOrderNumber"),
        "asset_id": PLACE,
        "operative_id": Ref("operative", ("resourceID",), system="works"),
        "contract_ref": Text("contract"),
        "sequence_code": Code("bookingReason", code_list="sequence"),
        "window_start_at": XmlInstant("planningWindowStart"),
        "window_end_at": XmlInstant("planningWindowEnd"),
        "planned_start_at": XmlInstant("assignedStart"),
        "planned_end_at": XmlInstant("assignedEnd"),
        "duration_minutes": Number("duration"),
        "status_code": Code("bookingLifeCycleStatus", code_list="life_cycle", required=True),
        "outcome_code": Code("bookingCompletionStatus", code_list="completion"),
        "comment": Text("plannerComments"),
    },
    checks=(
        Ordered("window_start_at", "window_end_at"),
        Ordered("planned_start_at", "planned_end_at"),
        Between("duration_minutes"),
        telephone_in("comment"),
    ),
    ignored={
        "isEmergency": "the scheduler takes it and does not use it; the order's priority says it",
        "isNextBooking": "follows from bookingReason",
        "operatorComments": "what operatives note on their devices is read in the works system",
        "userId": "a technical user",
        "undeclared": "elements beyond the interface: kept with the landed row, counted as drift",
    },
)

BOOKING_REF = identifier("bookings", "appointment", ("bookingId",), "booking_ref", Text("bookingId"), "drs")

KNOWN_ORDER = Mapping(
    source="orders",
    target="identifier",
    key=("orderId",),
    fields={
        "entity_type": Constant("work_order"),
        "entity_id": Ref("work_order", ("primaryOrderNumber",), system="works", required=True),
        "scheme_code": Constant("work_order_ref"),
        "value": Text("orderId"),
        "allocated_by": Constant("drs"),
    },
    ignored={
        "contract": "the contract that was asked for",
        "locationID": "the order's place is told by the works system",
        "priority": "the order's priority is told by the works system",
        "targetDate": "the due date is the works system's; the scheduler has its day alone",
        "status": "where the order stands is told by the works system",
    },
)

CONFIRMATION = Mapping(
    source="confirmations",
    target="visit_confirmation",
    key=("bookingId", "changedDate"),
    fields={
        "booking_ref": Text("bookingId", required=True),
        "work_order_id": ORDER,
        "work_order_ref": Text("primaryOrderNumber"),
        "asset_id": PLACE,
        "contract_ref": Text("contract"),
        "sequence_code": Code("bookingSequence", code_list="sequence"),
        "reason": Text("bookingReason"),
        "changed_at": XmlInstant("changedDate"),
        "window_start_at": XmlInstant("planningWindowStart"),
        "window_end_at": XmlInstant("planningWindowEnd"),
        "planned_start_at": XmlInstant("assignedStart"),
        "planned_end_at": XmlInstant("assignedEnd"),
    },
    checks=(
        Ordered("window_start_at", "window_end_at"),
        Ordered("planned_start_at", "planned_end_at", severity="warning"),
        telephone_in("reason"),
    ),
    ignored={
        "originalBookingId": "the scheduler keeps a booking's number when it moves it",
        "userId": "a technical user",
        "undeclared": "elements beyond the interface: kept with the landed row, counted as drift",
    },
)
