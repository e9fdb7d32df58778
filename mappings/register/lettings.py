"""Homes let, and the bids that are kept by the lettings site alone."""

from decimal import Decimal

from mappings.mapping import Between, Mapping, Ordered, left_out
from mappings.register.spelling import day
from mappings.rules import Code, Constant, Money, Number, Ref, Text

LEAST_RENT, MOST_RENT = Decimal("18.32"), Decimal(2000)
"""A week's rent in pounds: the widest of the hard limits that CORE sets for 2026/27, of all kinds of lettings."""

LETTING = Mapping(
    source="lettings",
    target="letting",
    key=("Letting Ref",),
    fields={
        "letting_ref": Text("Letting Ref", required=True),
        "application_id": Ref("housing_application", ("Application Ref",)),
        "tenancy_id": Ref("tenancy", ("Tenancy Ref",), system="tenancy"),
        "asset_id": Ref("asset", ("Property Ref",), system="tenancy"),
        "property_ref": Text("Property Ref"),
        "tenant_ref": Text("Tenancy Ref"),
        "start_date": day("Start Date", required=True),
        "void_date": day("Void Date"),
        "letting_type_code": Code("Letting Type", code_list="letting_type"),
        "rent_type_code": Constant("social"),
        "source_of_letting_code": Code("Source", code_list="source"),
        "bedrooms": Number("Bedrooms", minimum=Decimal(0), maximum=Decimal(8)),
        "person_count": Number("Household Size", minimum=Decimal(1), maximum=Decimal(16)),
        "lead_tenant_age_years": Number("Age", minimum=Decimal(16), maximum=Decimal(115)),
        "charge_frequency_code": Constant("weekly"),
        "basic_rent": Money("Weekly Rent", minimum=LEAST_RENT, maximum=MOST_RENT),
        "service_charge": Money("Service Charge", minimum=Decimal(0), maximum=Decimal(300)),
    },
    checks=(
        Ordered("void_date", "start_date", kind="BEFORE-VOID", severity="warning"),
        Between("bedrooms", 0, 99),
        Between("person_count", 0, 99),
        Between("lead_tenant_age_years", 0, 150),
        Between("basic_rent"),
        Between("service_charge"),
    ),
    ignored={"First Let": "the home's own record says when it was built"},
)

BIDS = left_out(
    "bids",
    "who bid for a home and was not chosen stays with the lettings site: no canonical table asks for it",
    ("Bid No", "Application Ref", "Property Ref", "Bid Date", "Place", "Outcome"),
)
