"""How tenants are reached, and what staff must know before they call. One contact row makes several methods."""

from datetime import date

from mappings.mapping import Mapping, Ordered, telephone_in
from mappings.rules import Code, Constant, Date, Email, FirstOf, Phone, Postcode, Ref, Rule, Text

OF_TENANCY: dict[str, Rule] = {
    "person_id": Ref("person", ("house_ref", "person_no")),
    "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
    "contact_name": Text("con_name"),
}

HOME = Mapping(
    source="contacts",
    target="contact_method",
    key=("con_key",),
    part="phone1",
    needs=("value",),
    fields={**OF_TENANCY, "contact_type_code": Constant("home_telephone"), "value": Phone("con_phone1")},
)

MOBILE = Mapping(
    source="contacts",
    target="contact_method",
    key=("con_key",),
    part="phone2",
    needs=("value",),
    fields={**OF_TENANCY, "contact_type_code": Constant("mobile"), "value": Phone("con_phone2")},
)

WORK = Mapping(
    source="contacts",
    target="contact_method",
    key=("con_key",),
    part="phone3",
    needs=("value",),
    fields={**OF_TENANCY, "contact_type_code": Constant("work_telephone"), "value": Phone("con_phone3")},
)

MAIL = Mapping(
    source="contacts",
    target="contact_method",
    key=("con_key",),
    part="email",
    needs=("value",),
    fields={**OF_TENANCY, "contact_type_code": Constant("email"), "value": Email("email_address")},
)

ADDRESS = Mapping(
    source="contacts",
    target="contact_method",
    key=("con_key",),
    part="address",
    needs=("value",),
    fields={
        **OF_TENANCY,
        "contact_type_code": Constant("address"),
        "value": Text("con_address"),
        "postcode": Postcode("con_postcode"),
    },
    ignored={
        "con_type": "T for tenant; the parties say who signed",
        "prop_ref": "the tenancy says which home it is for",
        "comp_display": "the vendor's rights mask",
    },
)

CAUTION = Mapping(
    source="caution",
    target="alert",
    key=("caution_sid",),
    fields={
        "person_id": Ref("person", ("house_ref", "person_no")),
        "asset_id": Ref("asset", ("prop_ref",), required=True),
        "tenancy_id": Ref("tenancy", ("tag_ref",)),
        # a caution of an unknown kind is an error, and staff are warned all the same
        "alert_type_code": FirstOf((Code("caution_code", code_list="caution"), Constant("other"))),
        "description": Text("caution_desc"),
        "start_date": Date("eff_date", earliest=date(1980, 1, 1)),
        "review_date": Date("review_date"),
        "end_date": Date("term_date"),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Ordered("start_date", "review_date", kind="BEFORE-START", severity="warning"),
        telephone_in("description"),
    ),
)
