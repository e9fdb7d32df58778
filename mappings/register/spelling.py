"""How the register's extracts spell days, and the identifiers that they give."""

from datetime import date

from mappings.mapping import Mapping
from mappings.rules import Constant, Date, Ref, Rule


def day(column: str, *, required: bool = False, year_only: bool = False, earliest: date = date(1980, 1, 1)) -> Date:
    """A day: 31/12/2024, and 31-Dec-2019 in the extracts of the old system."""
    return Date(
        column, fmt="%d/%m/%Y", also=("%d-%b-%Y",), required=required, year_only=year_only, earliest=earliest
    )  # fmt: skip


def birthday(column: str) -> Date:
    """A day of birth; a first of January is doubted."""
    return day(column, year_only=True, earliest=date(1900, 1, 2))


def identifier(source: str, target: str, key: tuple[str, ...], scheme: str, value: Rule) -> Mapping:
    """The mapping of one identifier of the canonical row that ``source`` makes under ``key``."""
    fields: dict[str, Rule] = {
        "entity_type": Constant(target),
        "entity_id": Ref(target, key),
        "scheme_code": Constant(scheme),
        "value": value,
        "allocated_by": Constant("register"),
    }
    return Mapping(source, "identifier", key, fields, needs=("value",), part=f"{target} {scheme}")
