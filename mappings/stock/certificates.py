"""Certificates: energy, electrics, asbestos, fire risk, legionella, lifts."""

from mappings.identifiers import identifier
from mappings.mapping import Mapping, OneOf, Only, Ordered
from mappings.rules import Code, Constant, FirstOf, Ref, Shaped, Text
from mappings.stock.cells import day

BANDS = tuple("ABCDEFG")

CERTIFICATE = Mapping(
    source="certificates",
    target="certificate",
    key=("Certificate No",),
    fields={
        "certificate_ref": Text("Certificate No", required=True),
        "asset_id": Ref("asset", ("Asset Ref",)),
        "certificate_type_code": FirstOf((Code("Certificate Type", code_list="certificate_type"), Constant("other"))),
        "issued_date": day("Issued", required=True),
        "expiry_date": day("Expires"),
        "result_code": Code("Result", code_list="certificate_result"),
        # up to 2022 the energy band stood among the results
        "rating": FirstOf((Shaped("EPC Band", pattern="[A-G]"), Only(Text("Result"), OneOf("Result", BANDS)))),
        "inspector": Text("Inspector"),
    },
    checks=(Ordered("issued_date", "expiry_date"),),
)

CERTIFICATE_REF = identifier(
    "certificates", "certificate", ("Certificate No",), "certificate_ref", Text("Certificate No"), "stock"
)
