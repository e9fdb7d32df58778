"""Licences, and the applications that they answer: the register's case number is the application's."""

from datetime import date
from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Lasts, Mapping, NeedsOther, Ordered
from mappings.rules import Code, Constant, Date, Number, Postcode, Ref, Rule, Shaped, Text, Within

# 16/02674/HMOLIC: the year and number of the case, then the kind of licence
KIND = Within(Code("Case Number", code_list="licence_kind"), r"/([A-Z]+)$")
AT_END_OF_ADDRESS = r"(?:^|\s)([A-Za-z]{1,2}[0-9][0-9A-Za-z]?\s*[0-9OoIi][A-Za-z]{1,2})$"
HOUSE: dict[str, Rule] = {
    "case_ref": Shaped("Case Number", pattern=r"\d{2}/\d{5}/[A-Z]{3,8}", clean="", keep=True, required=True),
    "address_text": Text("Location", required=True),
    "postcode": Within(Postcode("Location"), AT_END_OF_ADDRESS),
    "licence_type_code": KIND,
    # who is on the register has a licence; whether it has run out is for the reader's day to say
    "status_code": Constant("granted"),
}
EARLIEST, LATEST = date(2006, 4, 6), date(2040, 1, 1)
"""HMO licensing began on 6 April 2006 (Housing Act 2004, part 2)."""
FIVE_YEARS_DAYS = 1827
"""A licence lasts five years at most (Housing Act 2004, section 68(4))."""

APPLICATION = Mapping(source="licences", target="hmo_application", key=("Case Number",), fields=HOUSE)

LICENCE = Mapping(
    source="licences",
    target="hmo_licence",
    key=("Case Number",),
    fields={
        **HOUSE,
        "application_id": Ref("hmo_application", ("Case Number",)),
        "max_occupants": Number("Total Number Occupants", minimum=Decimal(3), maximum=Decimal(100)),
        "unit_count": Number("Total Number Units", minimum=Decimal(1), maximum=Decimal(100)),
        "start_date": Date("Licence Commenced", fmt="%d/%m/%Y", earliest=EARLIEST, latest=LATEST, unlikely="error"),
        "expiry_date": Date("Licence Expires", fmt="%d/%m/%Y", earliest=EARLIEST, latest=LATEST, unlikely="error"),
    },
    checks=(
        Ordered("start_date", "expiry_date"),
        Lasts("start_date", "expiry_date", FIVE_YEARS_DAYS),
        Ordered("unit_count", "max_occupants", kind="BELOW-UNITS", severity="warning"),
        NeedsOther("address_text", "postcode", kind="NO-POSTCODE"),
    ),
)

CASE_REF = identifier("licences", "hmo_licence", ("Case Number",), "case_ref", Text("Case Number"), "licensing")
