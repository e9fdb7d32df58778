"""How the register's extracts spell days."""

from datetime import date

from mappings.rules import Date


def day(column: str, *, required: bool = False, year_only: bool = False, earliest: date = date(1980, 1, 1)) -> Date:
    """A day: 31/12/2024, and 31-Dec-2019 in the extracts of the old system."""
    return Date(
        column, fmt="%d/%m/%Y", also=("%d-%b-%Y",), required=required, year_only=year_only, earliest=earliest
    )  # fmt: skip


def birthday(column: str) -> Date:
    """A day of birth; a first of January is doubted."""
    return day(column, year_only=True, earliest=date(1900, 1, 2))
