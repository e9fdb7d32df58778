"""How this system's workbooks spell days, and what they call their things."""

from mappings.mapping import Mapping
from mappings.rules import Constant, Date, Ref, Rule


def day(column: str, *, required: bool = False) -> Date:
    """A day: a date cell, or text as the office types it. A date cell among texts comes as ISO text."""
    return Date(column, fmt="%d/%m/%Y", also=("%Y-%m-%d",), required=required)


def identifier(source: str, target: str, key: str, scheme: str, value: Rule, by: str = "stock") -> Mapping:
    """The mapping of one identifier of the canonical row that ``source`` makes under ``key``."""
    fields: dict[str, Rule] = {
        "entity_type": Constant(target),
        "entity_id": Ref(target, (key,)),
        "scheme_code": Constant(scheme),
        "value": value,
        "allocated_by": Constant(by),
    }
    return Mapping(source, "identifier", (key,), fields, needs=("value",), part=f"{scheme} {by}")
