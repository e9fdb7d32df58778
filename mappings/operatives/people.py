"""Managers and supervisors, and how they are reached."""

from mappings.identifiers import identifier
from mappings.mapping import Filled, Mapping
from mappings.rules import Constant, Email, Ref, Text

PERSON = Mapping(
    source="people",
    target="person",
    key=("id",),
    fields={"person_ref": Text("id", required=True), "full_name": Text("name")},
)

EMAIL = Mapping(
    source="people",
    target="contact_method",
    key=("id",),
    part="email",
    when=Filled("email_address"),
    needs=("value",),
    fields={
        "person_id": Ref("person", ("id",), required=True),
        "contact_type_code": Constant("email"),
        "value": Email("email_address"),
    },
)

PERSON_REF = identifier("people", "person", ("id",), "person_ref", Text("id"), "operatives")
