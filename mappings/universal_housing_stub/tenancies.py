"""Properties, people and agreements. Households have no table: a household is its first member's."""

from decimal import Decimal

from mappings.mapping import Between, Mapping, OneOf
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Joined, Number, Phone, Postcode, Ref, Text

PERSON_KEY = ("house_ref", "person_no")

ASSET = Mapping(
    source="property",
    target="asset",
    key=("prop_ref",),
    fields={
        "asset_ref": Text("prop_ref", required=True),
        "asset_type_code": Constant("dwelling"),
        "address_line_1": FirstOf((Text("short_address"), Text("address1"))),
        "postcode": Postcode("post_code"),
        "bedrooms": Number("num_bedrooms"),
    },
    checks=(Between("bedrooms", most=99),),
)

PERSON = Mapping(
    source="member",
    target="person",
    key=PERSON_KEY,
    fields={
        "person_ref": Joined(PERSON_KEY, "/"),
        "title": Text("title"),
        "forename": Text("forename"),
        "surname": Text("surname"),
        "age_years": Number("age", unknown=(Decimal(0),)),
    },
    checks=(Between("age_years", most=130),),
)

HOUSEHOLD = Mapping(
    source="member",
    target="household",
    key=("house_ref",),
    when=OneOf("person_no", ("1",)),
    fields={"household_ref": Text("house_ref"), "name": Text("surname")},
)

MEMBERSHIP = Mapping(
    source="member",
    target="household_member",
    key=PERSON_KEY,
    fields={
        "household_id": Ref("household", ("house_ref",), required=True),
        "person_id": Ref("person", PERSON_KEY, required=True),
        "member_number": Number("person_no"),
        "is_responsible": Flag("responsible"),
    },
)

TENANCY = Mapping(
    source="tenagree",
    target="tenancy",
    key=("tag_ref",),
    fields={
        "tenancy_ref": Text("tag_ref", required=True),
        "tenancy_type_code": FirstOf((Code("tenure", code_list="tenure"), Constant("other"))),
        "household_id": Ref("household", ("house_ref",)),
        "payment_ref": Text("u_saff_rentacc"),
        "start_date": Date("cot", required=True),
    },
)

HOLDING = Mapping(
    source="tenagree",
    target="tenancy_holding",
    key=("tag_ref",),
    fields={
        "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
        "asset_id": Ref("asset", ("prop_ref",), required=True),
        "role_code": Constant("main"),
        "start_date": Date("cot", required=True),
    },
)

TELEPHONE = Mapping(
    source="contacts",
    target="contact_method",
    key=("_key",),
    part="phone",
    needs=("value",),
    fields={
        "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
        "contact_type_code": Constant("home_telephone"),
        "value": Phone("con_phone1"),
        "contact_name": Text("con_name"),
    },
)

ADDRESS = Mapping(
    source="contacts",
    target="contact_method",
    key=("_key",),
    part="address",
    needs=("value",),
    fields={
        "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
        "contact_type_code": Constant("address"),
        "value": Text("con_address"),
        "contact_name": Text("con_name"),
        "postcode": Postcode("con_postcode"),
    },
)
