"""Streets and their names."""

from mappings.gazetteer.shared import ENTERED, LIVES, PREAMBLE, SAME_POINT, easting, lifetime, northing
from mappings.identifiers import identifier
from mappings.mapping import Mapping
from mappings.rules import Code, Number, Text

STREET = Mapping(
    source="street",
    target="street",
    key=("USRN",),
    fields={
        "usrn": Number("USRN", required=True),
        "street_type_code": Code("RECORD_TYPE", code_list="street_type"),
        "authority_code": Text("SWA_ORG_REF_NAMING"),
        "state_code": Text("STATE"),
        "surface_code": Text("STREET_SURFACE"),
        "classification_code": Text("STREET_CLASSIFICATION"),
        "start_easting_m": easting("STREET_START_X"),
        "start_northing_m": northing("STREET_START_Y"),
        "end_easting_m": easting("STREET_END_X"),
        "end_northing_m": northing("STREET_END_Y"),
        **lifetime("STREET_START_DATE", "STREET_END_DATE"),
    },
    checks=LIVES,
    ignored={
        **PREAMBLE,
        "STATE_DATE": "day of the state; the street's own dates are kept",
        "VERSION": "always 0 since 2016",
        "RECORD_ENTRY_DATE": ENTERED,
        **dict.fromkeys(("STREET_START_LAT", "STREET_START_LONG", "STREET_END_LAT", "STREET_END_LONG"), SAME_POINT),
        "STREET_TOLERANCE": "accuracy of the two end points, which nothing measures with",
    },
)

USRN = identifier("street", "street", ("USRN",), "usrn", Text("USRN"), "GeoPlace")

NAME = Mapping(
    source="street_descriptor",
    target="street_description",
    key=("USRN", "LANGUAGE"),
    fields={
        "usrn": Number("USRN", required=True),
        "description": Text("STREET_DESCRIPTION", required=True),
        "locality": Text("LOCALITY_NAME"),
        "town": Text("TOWN_NAME"),
        "administrative_area": Text("ADMINISTRATIVE_AREA"),
        "language_code": Code("LANGUAGE", code_list="language"),
    },
    ignored={
        **PREAMBLE,
        **dict.fromkeys(("START_DATE", "END_DATE", "LAST_UPDATE_DATE"), "the street's own dates are kept"),
        "ENTRY_DATE": ENTERED,
    },
)
