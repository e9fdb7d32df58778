"""The mapping of an identifier: a key under which somebody knows a thing."""

from __future__ import annotations

from mappings.mapping import Condition, Mapping
from mappings.rules import Constant, Ref, Rule


def identifier(
    source: str,
    target: str,
    key: tuple[str, ...],
    scheme: str,
    value: Rule,
    allocated_by: str,
    *,
    when: Condition | None = None,
    part: str = "",
) -> Mapping:
    """One identifier of the row of ``target`` that ``source`` makes under ``key``; without a value there is none.

    ``part`` tells two of one scheme apart.
    """
    fields: dict[str, Rule] = {
        "entity_type": Constant(target),
        "entity_id": Ref(target, key, required=True),
        "scheme_code": Constant(scheme),
        "value": value,
        "allocated_by": Constant(allocated_by),
    }
    return Mapping(source, "identifier", key, fields, when=when, needs=("value",), part=part or scheme)
