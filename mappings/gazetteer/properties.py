"""Land and property units, how their addresses are written, and what else is known of them."""

from decimal import Decimal

from mappings.gazetteer.shared import ENTERED, FORMAT, LIVES, PREAMBLE, SAME_POINT, easting, lifetime, northing
from mappings.identifiers import identifier
from mappings.mapping import Mapping
from mappings.rules import Code, Date, Flag, Number, Postcode, Text, Uprn

NUMBER_MOST = Decimal(9999)

BLPU = Mapping(
    source="blpu",
    target="blpu",
    key=("UPRN",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "logical_status_code": Code("LOGICAL_STATUS", code_list="logical_status", required=True),
        "state_code": Code("BLPU_STATE", code_list="blpu_state"),
        "state_date": Date("BLPU_STATE_DATE", fmt=FORMAT),
        "parent_uprn": Uprn("PARENT_UPRN"),
        "easting_m": easting("X_COORDINATE"),
        "northing_m": northing("Y_COORDINATE"),
        "positional_accuracy": Number("RPC"),
        "custodian_code": Text("LOCAL_CUSTODIAN_CODE"),
        "postal_address_code": Text("ADDRESSBASE_POSTAL"),
        "postcode": Postcode("POSTCODE_LOCATOR"),
        "multiple_occupancy_count": Number("MULTI_OCC_COUNT", maximum=Decimal(2000)),
        **lifetime(),
    },
    checks=LIVES,
    ignored={
        **PREAMBLE,
        "LATITUDE": SAME_POINT,
        "LONGITUDE": SAME_POINT,
        "COUNTRY": "one council lies in one country",
        "ENTRY_DATE": ENTERED,
    },
)

UPRN = identifier("blpu", "blpu", ("UPRN",), "uprn", Text("UPRN"), "GeoPlace")

LPI = Mapping(
    source="lpi",
    target="lpi",
    key=("LPI_KEY",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "lpi_key": Text("LPI_KEY", required=True),
        "language_code": Code("LANGUAGE", code_list="language"),
        "logical_status_code": Code("LOGICAL_STATUS", code_list="logical_status", required=True),
        "sao_start_number": Number("SAO_START_NUMBER", maximum=NUMBER_MOST),
        "sao_start_suffix": Text("SAO_START_SUFFIX"),
        "sao_end_number": Number("SAO_END_NUMBER", maximum=NUMBER_MOST),
        "sao_end_suffix": Text("SAO_END_SUFFIX"),
        "sao_text": Text("SAO_TEXT"),
        "pao_start_number": Number("PAO_START_NUMBER", maximum=NUMBER_MOST),
        "pao_start_suffix": Text("PAO_START_SUFFIX"),
        "pao_end_number": Number("PAO_END_NUMBER", maximum=NUMBER_MOST),
        "pao_end_suffix": Text("PAO_END_SUFFIX"),
        "pao_text": Text("PAO_TEXT"),
        "usrn": Number("USRN"),
        "usrn_match_code": Text("USRN_MATCH_INDICATOR"),
        "area_name": Text("AREA_NAME"),
        "level": Text("LEVEL"),
        "is_official": Flag("OFFICIAL_FLAG", true=("Y",), false=("N",)),
        **lifetime(),
    },
    checks=LIVES,
    ignored={**PREAMBLE, "ENTRY_DATE": ENTERED},
)

CLASSIFICATION = Mapping(
    source="classification",
    target="blpu_classification",
    key=("CLASS_KEY",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "class_ref": Text("CLASS_KEY", required=True),
        "classification_code": Text("CLASSIFICATION_CODE", required=True),
        "scheme": Text("CLASS_SCHEME", required=True),
        "scheme_version": Text("SCHEME_VERSION"),
        **lifetime(),
    },
    checks=LIVES,
    ignored={**PREAMBLE, "ENTRY_DATE": ENTERED},
)

ORGANISATION = Mapping(
    source="organisation",
    target="blpu_organisation",
    key=("ORG_KEY",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "organisation_ref": Text("ORG_KEY", required=True),
        "organisation_name": Text("ORGANISATION", required=True),
        "legal_name": Text("LEGAL_NAME"),
        **lifetime(),
    },
    checks=LIVES,
    ignored={**PREAMBLE, "ENTRY_DATE": ENTERED},
)

CROSS_REFERENCE = Mapping(
    source="cross_reference",
    target="blpu_cross_reference",
    key=("XREF_KEY",),
    fields={
        "uprn": Uprn("UPRN", required=True),
        "cross_ref_key": Text("XREF_KEY", required=True),
        "cross_reference": Text("CROSS_REFERENCE", required=True),
        "version": Number("VERSION"),
        "data_source": Text("SOURCE", required=True),
        **lifetime(),
    },
    checks=LIVES,
    ignored={**PREAMBLE, "ENTRY_DATE": ENTERED},
)
