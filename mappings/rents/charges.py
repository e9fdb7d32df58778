"""The charges of an account record, a row an occurrence."""

from mappings.mapping import Mapping, Ordered
from mappings.rules import Code, Constant, Date, FirstOf, Money, Ref

CHARGE = Mapping(
    source="charges",
    target="charge",
    key=("RA-ACCOUNT", "RA-ELEMENT", "RA-FROM"),
    fields={
        "account_id": Ref("rent_account", ("RA-ACCOUNT",), required=True),
        "element_code": FirstOf((Code("RA-ELEMENT", code_list="charge_element"), Constant("other"))),
        "amount": Money("RA-AMOUNT", required=True),
        "frequency_code": FirstOf((Code("RA-FREQUENCY", code_list="frequency"), Constant("weekly"))),
        "start_date": Date("RA-FROM", fmt="%Y%m%d", blanks=("0",)),
        "end_date": Date("RA-TO", fmt="%Y%m%d", blanks=("0",)),
    },
    checks=(Ordered("start_date", "end_date"),),
    ignored={
        "_occurrence": "the order of the charges says nothing",
        "RA-TYPE": "the record's type; only type A stands here",
        "RA-CHARGES": "the count of the charges: as many rows stand here",
    },
)
