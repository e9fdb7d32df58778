"""The contractors' own list of homes, and the gas appliances in them."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Exclusion, Filled, Mapping
from mappings.rules import AsText, Code, Constant, Date, Joined, Number, Postcode, Ref, Shaped, Text, Uprn

PROPERTY = Mapping(
    source="PROPLIST",
    target="asset",
    key=("PROPNO",),
    fields={
        "asset_ref": Text("PROPNO", required=True),
        "asset_type_code": Code("PROPTYPE", code_list="asset_type", required=True),
        "uprn": Uprn("UPRN"),
        "address_line_1": Text("ADDR1"),
        "address_line_2": Text("ADDR2"),
        "address_line_4": Text("TOWN"),
        "postcode": Postcode("POSTCODE"),
        "bedrooms": Number("BEDS", minimum=Decimal(0), maximum=Decimal(12)),
    },
    ignored={
        "GAS": "a home has gas where it has an appliance",
        "ADDED": "the day on which it was typed in, not the day on which the council got it",
    },
)

PROPERTY_UPRN = identifier("PROPLIST", "asset", ("PROPNO",), "uprn", AsText(Uprn("UPRN")), "GeoPlace")

CLIENT_REF = identifier("PROPLIST", "asset", ("PROPNO",), "property_ref", Text("CLIENTREF"), "tenancy")

OWN_REF = identifier("PROPLIST", "asset", ("PROPNO",), "property_ref", Text("PROPNO"), "contractor", part="own")

APPLIANCE = Mapping(
    source="APPLIANC",
    target="component",
    key=("APPNO",),
    fields={
        "asset_id": Ref("asset", ("PROPNO",)),
        "component_type_code": Code("KIND", code_list="appliance", required=True),
        "description": Joined(("MAKE", "MODEL"), " "),
        "quantity": Constant(Decimal(1)),
        "install_date": Date("INSTALLED"),
        "install_year": Number("INSTYEAR", minimum=Decimal(1960), maximum=Decimal(2030)),
        "serial_number": Shaped("SERIAL", pattern=r"[0-9]{6,12}"),
    },
    excluded=(Exclusion(Filled("REMOVED"), "it was taken out; its records of safety stay"),),
    ignored={"TENANTS": "whose it is has no place in the model; the kind tells cookers apart"},
)
