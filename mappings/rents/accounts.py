"""Account records: the rent account, its holder and references, and the balance that the mainframe states."""

from mappings.identifiers import identifier
from mappings.mapping import Filled, Mapping, NeedsOther, OneOf, Only, Ordered
from mappings.payment_refs import PaymentRef
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Money, Ref, Text, Within

NO_DATE = ("0",)
CLAIM = Only(Text("RA-HB-CLAIM"), OneOf("RA-CLASS", ("RT",)))

ACCOUNT = Mapping(
    source="accounts",
    target="rent_account",
    key=("RA-ACCOUNT",),
    fields={
        "account_ref": Text("RA-ACCOUNT", required=True),
        "payment_ref": PaymentRef("RA-PAY-REF"),
        # an account of a class that nobody knows still holds money
        "account_class_code": FirstOf((Code("RA-CLASS", code_list="account_class"), Constant("sundry"))),
        "status_code": Code("RA-STATUS", code_list="account_status"),
        "tenancy_id": Ref("tenancy", ("RA-TENANCY",), system="tenancy"),
        "rent_group_code": Text("RA-GROUP"),
        "start_date": Date("RA-START", fmt="%Y%m%d", blanks=NO_DATE),
        "end_date": Date("RA-END", fmt="%Y%m%d", blanks=NO_DATE),
        "debit_to_date": Date("RA-DEBIT-TO", fmt="%Y%m%d", blanks=NO_DATE),
        "weekly_rent": Money("RA-WEEKLY"),
        "payment_method_code": Code("RA-METHOD", code_list="account_method"),
        "housing_benefit_claim_ref": CLAIM,
    },
    checks=(
        Ordered("start_date", "end_date"),
        NeedsOther("account_class_code", "tenancy_id", ("rent", "former_tenant", "garage"), kind="NO-TENANCY"),
    ),
    ignored={
        "RA-TYPE": "the record's type; only type A stands here",
        "RA-SITE": "the garage is known by its tenancy",
        "RA-BAY": "the garage is known by its tenancy",
        "RA-END-REASON": "the tenancy system holds the reason why a tenancy ended",
        "RA-LAST-PROPERTY": "the former tenant's home is known by the tenancy",
    },
)

STATED_BALANCE = Mapping(
    source="accounts",
    target="balance_snapshot",
    key=("RA-ACCOUNT",),
    fields={
        "account_id": Ref("rent_account", ("RA-ACCOUNT",), required=True),
        "balance_date": Date("RA-BALANCE-DATE", fmt="%Y%m%d", required=True),
        "balance_kind_code": Constant("year_end"),
        "balance": Money("RA-BALANCE", required=True),
    },
)

LATE = ("EXORS OF", "PERS REPS OF", "DECD")
"""What stands before or behind the name of somebody who died."""

HOLDER = Mapping(
    source="accounts",
    target="person",
    key=("RA-ACCOUNT",),
    when=Filled("RA-NAME"),
    fields={
        "person_ref": Text("RA-ACCOUNT", required=True),
        "full_name": Text("RA-NAME"),
        "is_deceased": Within(Flag("RA-NAME", true=LATE), rf"({'|'.join(LATE)})"),
        "tenancy_id": Ref("tenancy", ("RA-TENANCY",), system="tenancy"),
        "payment_ref": PaymentRef("RA-PAY-REF"),
    },
)

ACCOUNT_REF = identifier("accounts", "rent_account", ("RA-ACCOUNT",), "rent_account_ref", Text("RA-ACCOUNT"), "rents")
PAYMENT_REF = identifier("accounts", "rent_account", ("RA-ACCOUNT",), "payment_ref", PaymentRef("RA-PAY-REF"), "rents")
CLAIM_REF = identifier("accounts", "rent_account", ("RA-ACCOUNT",), "housing_benefit_ref", CLAIM, "rents")
