"""Rent accounts, postings and arrears."""

from datetime import date

from mappings.mapping import Between, Mapping, left_out, telephone_in
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Money, Ref, Text, Total

COPIED_ON = date(2026, 9, 28)
"""The day at whose end the copy was taken; its balances state none."""

ACCOUNT = Mapping(
    source="tenagree",
    target="rent_account",
    key=("tag_ref",),
    fields={
        "account_ref": Text("tag_ref", required=True),
        "payment_ref": Text("u_saff_rentacc"),
        "account_class_code": Constant("rent"),
        "tenancy_id": Ref("tenancy", ("tag_ref",)),
        "start_date": Date("cot"),
        "weekly_rent": Total((Money("rent"), Money("service"), Money("other_charge"))),
    },
)

BALANCE = Mapping(
    source="tenagree",
    target="balance_snapshot",
    key=("tag_ref",),
    needs=("balance",),
    fields={
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "balance_date": Constant(COPIED_ON),
        "balance_kind_code": Constant("current"),
        "balance": Money("cur_bal"),
    },
)

TRANSACTION = Mapping(
    source="rtrans",
    target="rent_transaction",
    key=("_key",),
    fields={
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "effective_date": Date("post_date", required=True),
        "transaction_type_code": FirstOf((Code("trans_type", code_list="transaction_type"), Constant("adjustment"))),
        "amount": Money("real_value", required=True),
        "transaction_ref": Text("trans_ref"),
    },
    ignored={"prop_ref": "the account says which home it is for"},
)

UNUSED = "workflow of the vendor's program"
ACTION = Mapping(
    source="araction",
    target="arrears_action",
    key=("araction_sid",),
    fields={
        "action_ref": Text("araction_sid"),
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "action_type_code": FirstOf((Code("action_code", code_list="arrears_action"), Constant("other"))),
        "action_date": Date("action_date", required=True),
        "balance": Money("action_balance"),
        "deferred_until_date": Date("deferred_until"),
        "officer_ref": Text("username"),
        "comment": Text("action_comment"),
    },
    checks=(telephone_in("comment"),),
    ignored=dict.fromkeys(
        ("action_type", "action_set", "action_no", "comm_only", "action_deferred", "deferral_reason",
         "severity_level", "action_nr_balance", "act_status", "action_cat", "comp_avail", "comp_display",
         "action_subno", "action_subcode", "action_process_no", "notice_sid", "courtord_sid", "warrant_sid",
         "action_doc_no", "tstamp", "u_saff_araction_ref"), UNUSED,
    ),
)  # fmt: skip

AGREEMENT = Mapping(
    source="arag",
    target="arrears_agreement",
    key=("arag_sid",),
    fields={
        "agreement_ref": Text("arag_sid", required=True),
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "status_code": Code("arag_status", code_list="agreement_status", required=True),
        "start_date": Date("arag_startdate"),
        "clear_by_date": Date("arag_clearby"),
        "starting_balance": Money("arag_startbal"),
        "is_breached": Flag("arag_breached"),
    },
)

INSTALMENT = Mapping(
    source="aragdet",
    target="agreement_instalment",
    key=("_key",),
    fields={
        "agreement_id": Ref("arrears_agreement", ("arag_sid",), required=True),
        "amount": Money("aragdet_amount", required=True),
        "frequency_code": Code("aragdet_frequency", code_list="frequency", required=True),
    },
    checks=(Between("amount", fatal=True),),
)

DEBIT_CODES = left_out(
    "debtype",
    "a code list: agreed in codes/transaction_type.csv",
    ("deb_code", "deb_desc", "deb_cat", "deb_link", "deb_review", "deb_group", "vatable", "apportion", "freeprd",
     "protected_code", "differential_code", "rs_code", "deb_effective", "deb_vatrate", "u_hbeligable",
     "debtype_sid", "tstamp", "comp_avail", "comp_display", "def_days", "void_charge", "core_category"),
)  # fmt: skip
RECEIPT_CODES = left_out(
    "rectype",
    "a code list: agreed in codes/transaction_type.csv",
    ("rec_code", "rec_desc", "rec_group", "rec_hb", "rectype_sid", "tstamp", "comp_avail", "comp_display", "rec_dd"),
)
