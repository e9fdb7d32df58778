"""Surveyors' visits, and the hazards that they saw."""

from decimal import Decimal

from mappings.mapping import Between, Filled, Mapping, telephone_in
from mappings.rules import Code, Flag, Instant, Number, Ref, Text
from mappings.stock.cells import day

SURVEY = Mapping(
    source="surveys",
    target="survey",
    key=("Survey Ref",),
    fields={
        "survey_ref": Text("Survey Ref", required=True),
        "asset_id": Ref("asset", ("Asset Ref",)),
        "survey_type_code": Code("Survey Type", code_list="survey_type", required=True),
        "survey_date": day("Survey Date", required=True),
        "result_code": Code("Outcome", code_list="outcome"),
        "is_decent": Flag("Decent", true=("Y", "TRUE", "true"), false=("N", "FALSE", "false")),
        "energy_rating": Number("SAP Score", minimum=Decimal(1), maximum=Decimal(120)),
        "surveyor": Text("Surveyor"),
        "notes": Text("Notes"),
    },
    checks=(telephone_in("notes"), Between("energy_rating", 0, 150)),
)

# The council is aware of a hazard from the day on which its surveyor saw it.
HAZARD = Mapping(
    source="surveys",
    target="hazard_case",
    key=("Survey Ref",),
    when=Filled("Hazard"),
    needs=("hazard_type_code", "aware_at"),
    fields={
        "hazard_ref": Text("Survey Ref"),
        "asset_id": Ref("asset", ("Asset Ref",)),
        "hazard_type_code": Code("Hazard", code_list="hazard"),
        "aware_at": Instant("Survey Date", fmt="%d/%m/%Y", also=("%Y-%m-%d",)),
    },
)
