"""Postings of the current rent year. An opening balance (ROB) brings forward what the closed years left."""

from mappings.mapping import Between, Mapping, left_out
from mappings.rules import Code, Constant, Date, FirstOf, Money, Number, Ref, Text

TRANSACTION = Mapping(
    source="rtrans",
    target="rent_transaction",
    key=("rtrans_sid",),
    fields={
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "effective_date": Date("post_date", required=True),
        "rent_year": Number("post_year"),
        "period_no": Number("post_prdno"),
        # money of an unknown type is an error, and it is money all the same
        "transaction_type_code": FirstOf((Code("trans_type", code_list="transaction_type"), Constant("adjustment"))),
        "element_code": Code("trans_type", code_list="transaction_element"),
        "payment_method_code": Code("trans_type", code_list="payment_method"),
        "amount": Money("real_value", required=True),
        "vat_amount": Money("vat_value"),
        "transaction_ref": Text("trans_ref"),
        "posting_batch_ref": Text("batchno"),
    },
    checks=(Between("period_no", most=53), Between("rent_year", least=1980, most=2100)),
    ignored={
        "prop_ref": "the account says which home it is for",
        "trans_src": "the program that posted it; the type says how it was paid",
        "line_no": "place within the batch",
        "rentgroup": "stands at the account; read for the totals by rent group",
        "adjustment": "follows from trans_type",
    },
)

DEBIT_CODES = left_out(
    "debtype",
    "a code list: agreed in codes/charge_element.csv and codes/transaction_type.csv",
    ("deb_code", "deb_desc", "vatable", "freeprd", "u_hbeligable"),
)
RECEIPT_CODES = left_out(
    "rectype",
    "a code list: agreed in codes/transaction_type.csv and codes/payment_method.csv",
    ("rec_code", "rec_desc", "rec_hb", "rec_dd"),
)
RENT_GROUPS = left_out(
    "rentgrp",
    "a code list: rent groups keep the council's own codes, their weeks stand in rentprd",
    ("rentgrp_ref", "rentgrp_desc", "no_of_periods"),
)
