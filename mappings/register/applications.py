"""Applications for housing: the request, the household that is to be housed, and where it stands in the queue."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Between, Filled, Mapping, NeedsOther, Only, telephone_in
from mappings.register.spelling import day
from mappings.rules import Code, Constant, FirstOf, Number, Postcode, Ref, Text

APPLICATION = Mapping(
    source="applications",
    target="housing_application",
    key=("Application Ref",),
    fields={
        "application_ref": Text("Application Ref", required=True),
        "applicant_id": Ref("person", ("Application Ref",)),
        "joint_applicant_id": Ref("person", ("Application Ref",), part="joint", beside="Joint Surname"),
        "household_id": Ref("household", ("Application Ref",)),
        "current_asset_id": Ref("asset", ("Property Ref",), system="tenancy"),
        # who lives in a council home already wants to move
        "application_type_code": FirstOf(
            (Only(Constant("transfer"), Filled("Property Ref")), Constant("new_applicant"))
        ),
        "status_code": Code("Status", code_list="status", required=True),
        "band_code": Code("Band", code_list="band"),
        "points": Number("Points", minimum=Decimal(0)),
        "need_reason_code": Code("Reason", code_list="need_reason"),
        "bedrooms_needed": Number("Bedrooms", minimum=Decimal(0), maximum=Decimal(8)),
        "person_count": Number("Household Size", minimum=Decimal(1), maximum=Decimal(16)),
        "applied_date": day("Date Applied"),
        "effective_date": day("Effective Date"),
        "current_address_text": Text("Address"),
        "current_postcode": Postcode("Postcode"),
        "preferred_areas": Text("Areas"),
        "notes": Text("Notes"),
    },
    checks=(
        telephone_in("notes"),
        NeedsOther("current_address_text", "current_postcode", kind="NO-POSTCODE"),
        Between("points"),
        Between("bedrooms_needed", 0, 99),
        Between("person_count", 0, 99),
    ),
    ignored={"Medical": "says no more than the reason of need"},
)

HOUSEHOLD = Mapping(
    source="applications",
    target="household",
    key=("Application Ref",),
    fields={
        "household_ref": Text("Application Ref", required=True),
        "asset_id": Ref("asset", ("Property Ref",), system="tenancy"),
        "person_count": Number("Household Size", minimum=Decimal(1), maximum=Decimal(16)),
    },
    checks=(Between("person_count", 0, 99),),
)

APPLICATION_REF = identifier(
    "applications", "housing_application", ("Application Ref",), "application_ref", Text("Application Ref"), "register"
)
