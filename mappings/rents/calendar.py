"""The rent calendar: which weeks each rent group is charged."""

from mappings.mapping import Mapping
from mappings.rules import Date, Flag, Number, Text

PERIOD = Mapping(
    source="periods",
    target="rent_period",
    key=("RC-GROUP", "RC-YEAR", "RC-WEEK"),
    fields={
        "rent_group_code": Text("RC-GROUP", required=True),
        "rent_year": Number("RC-YEAR", required=True),
        "period_no": Number("RC-WEEK", required=True),
        "week_start_date": Date("RC-MONDAY", fmt="%Y%m%d", required=True),
        "is_free_week": Flag("RC-DEBIT", true=("N",), false=("Y",), required=True),
        "charging_weeks": Number("RC-WEEKS-CHARGED"),
    },
    ignored={"RC-TYPE": "the record's type; only type P stands here"},
)
