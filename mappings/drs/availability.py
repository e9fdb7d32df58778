"""When operatives can be booked: their hours of the next days, their absences, the windows on offer."""

from mappings.mapping import Exclusion, Filled, Mapping, Not, Ordered
from mappings.rules import Code, Constant, Flag, Ref, Text, XmlInstant

OPERATIVE = Ref("operative", ("resourceID",), system="works")
IN_TIME = Ordered("start_at", "end_at", fatal=True)

HOURS = Mapping(
    source="hours",
    target="operative_availability",
    key=("resourceID", "dayOfWeek", "beginDate"),
    fields={
        "operative_id": OPERATIVE,
        "start_at": XmlInstant("beginDate", required=True),
        "end_at": XmlInstant("endDate", required=True),
        "availability_code": Constant("yes"),
    },
    checks=(IN_TIME,),
    excluded=(Exclusion(Not(Filled("specificDate")), "weekly patterns are the works system's to tell (opshift)"),),
)

ABSENCE = Mapping(
    source="absences",
    target="operative_availability",
    key=("resourceID", "beginDateTime"),
    fields={
        "operative_id": OPERATIVE,
        "start_at": XmlInstant("beginDateTime", required=True),
        "end_at": XmlInstant("endDateTime", required=True),
        "availability_code": Constant("no"),
        "reason": Text("reason"),
    },
    checks=(IN_TIME,),
)

SLOT = Mapping(
    source="slots",
    target="operative_availability",
    key=("beginDate", "endDate"),
    fields={
        "contract_ref": Constant("H01"),
        "start_at": XmlInstant("beginDate", required=True),
        "end_at": XmlInstant("endDate", required=True),
        "availability_code": Code("available", code_list="availability", required=True),
        "is_best_slot": Flag("bestSlot"),
    },
    checks=(IN_TIME,),
)
