"""What the price book means."""

from mappings.mapping import Mapping
from mappings.rules import Date, Money, Number, Text

PRICE = Mapping(
    source="Table1",
    target="sor_item",
    key=("A",),
    fields={
        "sor_code": Text("A", required=True),
        "short_text": Text("B"),
        "min_operatives": Number("C"),
        "warranty_days": Number("D"),
        "standard_minutes": Number("F", decimals=3),
        "start_date": Date("G"),
        "price": Money("H", required=True),
    },
    ignored={"E": "nobody knows what it counts", "I": "a tick that was never used"},
)
