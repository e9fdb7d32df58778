"""Addresses as the post knows them."""

from decimal import Decimal

from mappings.gazetteer.shared import ENTERED, LIVES, PREAMBLE, lifetime
from mappings.mapping import Mapping
from mappings.rules import Number, Postcode, Text, Uprn

DELIVERY_POINT = Mapping(
    source="delivery_point",
    target="delivery_point",
    key=("UDPRN",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "udprn": Number("UDPRN"),
        "organisation_name": Text("ORGANISATION_NAME"),
        "department_name": Text("DEPARTMENT_NAME"),
        "sub_building_name": Text("SUB_BUILDING_NAME"),
        "building_name": Text("BUILDING_NAME"),
        "building_number": Number("BUILDING_NUMBER", maximum=Decimal(9999)),
        "dependent_thoroughfare": Text("DEPENDENT_THOROUGHFARE"),
        "thoroughfare": Text("THOROUGHFARE"),
        "double_dependent_locality": Text("DOUBLE_DEPENDENT_LOCALITY"),
        "dependent_locality": Text("DEPENDENT_LOCALITY"),
        "post_town": Text("POST_TOWN"),
        "postcode": Postcode("POSTCODE"),
        "postcode_type_code": Text("POSTCODE_TYPE"),
        **lifetime(),
    },
    checks=LIVES,
    ignored={
        **PREAMBLE,
        "PARENT_ADDRESSABLE_UPRN": "the unit's own record has its parent",
        **dict.fromkeys(
            (
                "WELSH_DEPENDENT_THOROUGHFARE",
                "WELSH_THOROUGHFARE",
                "WELSH_DOUBLE_DEPENDENT_LOCALITY",
                "WELSH_DEPENDENT_LOCALITY",
                "WELSH_POST_TOWN",
            ),
            "the Welsh form of the same address; a council in Wales maps it",
        ),
        "PO_BOX_NUMBER": "boxes are no homes",
        "PROCESS_DATE": "day the post's file was made",
        "ENTRY_DATE": ENTERED,
    },
)
