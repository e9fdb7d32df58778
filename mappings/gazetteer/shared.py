"""What the records of a transfer file share: their first fields, their dates, their grid coordinates."""

from decimal import Decimal

from mappings.mapping import Check, Ordered
from mappings.rules import Date, Number, Rule

FORMAT = "%Y-%m-%d"
PREAMBLE = {
    "RECORD_IDENTIFIER": "the record type, which chose the table",
    "CHANGE_TYPE": "I in every record of a full supply; another is an issue of the contract",
    "PRO_ORDER": "order of processing within one supply",
}
ENTERED = "day the record was made, which every supply writes anew"
SAME_POINT = "the point in degrees; the British National Grid has it to the centimetre"


def lifetime(start: str = "START_DATE", end: str = "END_DATE") -> dict[str, Rule]:
    """The fields of a record's life."""
    return {
        "start_date": Date(start, fmt=FORMAT),
        "end_date": Date(end, fmt=FORMAT),
        "updated_date": Date("LAST_UPDATE_DATE", fmt=FORMAT),
    }


LIVES: tuple[Check, ...] = (Ordered("start_date", "end_date"),)


def easting(column: str) -> Number:
    """Metres east; Great Britain lies between 0 and 700,000."""
    return Number(column, decimals=2, minimum=Decimal(0), maximum=Decimal(700_000))


def northing(column: str) -> Number:
    """Metres north; Great Britain lies between 0 and 1,300,000."""
    return Number(column, decimals=2, minimum=Decimal(0), maximum=Decimal(1_300_000))
