"""How this system's workbooks spell days."""

from mappings.rules import Date


def day(column: str, *, required: bool = False) -> Date:
    """A day: a date cell, or text as the office types it. A date cell among texts comes as ISO text."""
    return Date(column, fmt="%d/%m/%Y", also=("%Y-%m-%d",), required=required)
