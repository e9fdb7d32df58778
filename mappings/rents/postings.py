"""Postings: debits and receipts, which the mainframe tells apart by the type of their record.

A code that the lists do not know is an issue, and the posting keeps its money as a plain charge or receipt.
"""

from mappings.mapping import Mapping, OneOf, Only, Signed
from mappings.rules import Code, Constant, Date, FirstOf, Money, Number, Ref, Rule, Text

COMMON: dict[str, Rule] = {
    "account_id": Ref("rent_account", ("RP-ACCOUNT",), required=True),
    "effective_date": Date("RP-DATE", fmt="%y%m%d", required=True),
    "rent_year": Number("RP-YEAR"),
    "period_no": Number("RP-WEEK"),
    "transaction_ref": Text("RP-NUMBER"),
}

DEBIT = Mapping(
    source="debits",
    target="rent_transaction",
    key=("RP-NUMBER",),
    fields={
        **COMMON,
        "transaction_type_code": FirstOf((Code("RP-DR-CODE", code_list="debit_type"), Constant("charge"))),
        # RNT is a week's whole debit: all the elements of the account in one posting
        "element_code": Only(Code("RP-DR-CODE", code_list="charge_element"), OneOf("RP-DR-CODE", ("DRR",))),
        "amount": Money("RP-DR-AMOUNT", required=True),
        "posting_batch_ref": Text("RP-DR-RUN"),
    },
    checks=(Signed("amount", "transaction_type_code", positive=("charge", "recharge")),),
    ignored={"RP-TYPE": "the code tells a debit from a balance brought forward"},
)

RECEIPT = Mapping(
    source="receipts",
    target="rent_transaction",
    key=("RP-NUMBER",),
    fields={
        **COMMON,
        "transaction_type_code": FirstOf((Code("RP-RC-CODE", code_list="receipt_type"), Constant("receipt"))),
        "payment_method_code": Code("RP-RC-CODE", code_list="receipt_method"),
        "amount": Money("RP-RC-AMOUNT", sign_column="RP-TYPE", negative=("R",), required=True),
        "posting_batch_ref": Text("RP-RC-BATCH"),
    },
    checks=(
        Signed(
            "amount", "transaction_type_code",
            positive=("returned_payment", "refund"), negative=("receipt", "housing_benefit", "universal_credit"),
        ),
    ),
)  # fmt: skip
