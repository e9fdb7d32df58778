"""Components, as each survey found them."""

from decimal import Decimal

from mappings.mapping import Between, Mapping, Ordered
from mappings.rules import Code, Constant, FirstOf, Money, Number, Ref, Text
from mappings.stock.cells import day

COMPONENT = Mapping(
    source="components",
    target="component",
    key=("Survey Year", "Asset Ref", "Element"),
    fields={
        "asset_id": Ref("asset", ("Asset Ref",)),
        "survey_id": Ref("survey", ("Survey Ref",)),
        "component_type_code": FirstOf((Code("Element", code_list="element"), Constant("other"))),
        "description": Text("Description"),
        "quantity": Number("Quantity", decimals=3, minimum=Decimal(0), maximum=Decimal(1000)),
        "unit_code": Text("Unit"),
        "install_date": day("Install Date"),
        "install_year": Number("Install Year"),
        "life_years": Number("Life"),
        "renewal_year": Number("Renewal Year"),
        "condition_code": Code("Condition", code_list="condition"),
        "renewal_cost": Money("Renewal Cost", maximum=Decimal(100_000)),
        "serial_number": Text("Serial No"),
    },
    checks=(
        Ordered("install_year", "renewal_year"),
        Between("quantity"),
        Between("install_year", 1800, 2200),
        Between("life_years", 0, 200),
        Between("renewal_year", 1800, 2400),
        Between("renewal_cost"),
    ),
)
