"""Proof of safety: landlord's gas safety records and electrical reports."""

from mappings.identifiers import identifier
from mappings.mapping import Lasts, Mapping, Ordered, telephone_in
from mappings.rules import Code, Constant, Date, Ref, Text

GAS_RECORD = Mapping(
    source="GASCERT",
    target="certificate",
    key=("CERTNO", "APPNO"),
    fields={
        "certificate_ref": Text("CERTNO", required=True),
        "asset_id": Ref("asset", ("PROPNO",)),
        "work_order_id": Ref("work_order", ("JOBNO",)),
        "certificate_type_code": Constant("gas_safety"),
        "issued_date": Date("ISSUED", required=True),
        "expiry_date": Date("NEXTDUE"),
        "result_code": Code("RESULT", code_list="gas_result"),
        "inspector_ref": Text("GASSAFE"),
        "appliance": Text("APPNO"),
        "notes": Text("DEFECTS"),
    },
    checks=(
        Ordered("issued_date", "expiry_date"),
        # every 12 months, and up to two months early without losing the day (SI 1998/2451, reg. 36 and 36A)
        Lasts("issued_date", "expiry_date", 428),
        telephone_in("notes"),
    ),
)

GAS_RECORD_REF = identifier(
    "GASCERT", "certificate", ("CERTNO", "APPNO"), "certificate_ref", Text("CERTNO"), "contractor"
)

ELECTRICAL_REPORT = Mapping(
    source="EICR",
    target="certificate",
    key=("REPORTNO",),
    fields={
        "certificate_ref": Text("REPORTNO", required=True),
        "asset_id": Ref("asset", ("PROPNO",)),
        "certificate_type_code": Constant("electrical"),
        "issued_date": Date("TESTED", required=True),
        "expiry_date": Date("RETEST"),
        "result_code": Code("RESULT", code_list="electrical_result"),
        "inspector": Text("TESTER"),
        "notes": Text("REMARKS"),
    },
    checks=(
        Ordered("issued_date", "expiry_date"),
        # at least every five years (SI 2020/312)
        Lasts("issued_date", "expiry_date", 1_830),
        telephone_in("notes"),
    ),
    ignored={"CIRCUITS": "a figure of the report, which is kept as a document"},
)

ELECTRICAL_REPORT_REF = identifier(
    "EICR", "certificate", ("REPORTNO",), "certificate_ref", Text("REPORTNO"), "contractor"
)
