"""The team's own list of properties, a second record of homes that the tenancy system knows too."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Between, Mapping
from mappings.rules import AsText, Code, Constant, FirstOf, Number, Postcode, Ref, Text, Uprn

PROPERTY = Mapping(
    source="properties",
    target="asset",
    key=("Asset Ref",),
    fields={
        "asset_ref": Text("Asset Ref", required=True),
        # a property of a type that nobody knows is still a property
        "asset_type_code": FirstOf((Code("Property Type", code_list="property_type"), Constant("other"))),
        "parent_id": Ref("asset", ("Block Ref",)),
        "uprn": Uprn("UPRN"),
        "address_line_1": Text("Address"),
        "postcode": Postcode("Postcode"),
        "ownership_code": Code("Ownership", code_list="ownership"),
        "built_year": Number("Build Year", minimum=Decimal(1700), maximum=Decimal(2030)),
        "storeys": Number("Storeys", minimum=Decimal(0)),
        "bedrooms": Number("Bedrooms", minimum=Decimal(0)),
    },
    checks=(Between("built_year", 1000, 2200), Between("storeys"), Between("bedrooms")),
    ignored={"Archetype": "a working label of the survey programme; built year and type say the same"},
)

ASSET_REF = identifier("properties", "asset", ("Asset Ref",), "property_ref", Text("Asset Ref"), "stock", part="own")
HOUSING_REF = identifier("properties", "asset", ("Asset Ref",), "property_ref", Text("Housing Ref"), "tenancy")
UPRN = identifier("properties", "asset", ("Asset Ref",), "uprn", AsText(Uprn("UPRN")), "GeoPlace")
