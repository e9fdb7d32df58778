"""The contractors' own list of homes, and the gas appliances in them."""

from decimal import Decimal

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

PROPERTY_UPRN = Mapping(
    source="PROPLIST",
    target="identifier",
    key=("PROPNO",),
    part="uprn",
    when=Filled("UPRN"),
    needs=("value",),
    fields={
        "entity_type": Constant("asset"),
        "entity_id": Ref("asset", ("PROPNO",)),
        "scheme_code": Constant("uprn"),
        "value": AsText(Uprn("UPRN")),
        "allocated_by": Constant("GeoPlace"),
    },
)

CLIENT_REF = Mapping(
    source="PROPLIST",
    target="identifier",
    key=("PROPNO",),
    part="property_ref",
    when=Filled("CLIENTREF"),
    fields={
        "entity_type": Constant("asset"),
        "entity_id": Ref("asset", ("PROPNO",)),
        "scheme_code": Constant("property_ref"),
        "value": Text("CLIENTREF"),
        "allocated_by": Constant("tenancy"),
    },
)

OWN_REF = Mapping(
    source="PROPLIST",
    target="identifier",
    key=("PROPNO",),
    part="own",
    fields={
        "entity_type": Constant("asset"),
        "entity_id": Ref("asset", ("PROPNO",)),
        "scheme_code": Constant("property_ref"),
        "value": Text("PROPNO"),
        "allocated_by": Constant("contractor"),
    },
)

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
