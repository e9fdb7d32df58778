"""What was done about arrears, and what was agreed."""

from datetime import date

from mappings.mapping import Between, Mapping, NeedsOther, Ordered, telephone_in
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Money, Ref, Text

ACTION = Mapping(
    source="araction",
    target="arrears_action",
    key=("araction_sid",),
    fields={
        "action_ref": Text("araction_sid"),
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "action_type_code": FirstOf((Code("action_code", code_list="arrears_action"), Constant("other"))),
        "action_date": Date("action_date", required=True, earliest=date(1980, 1, 1)),
        "balance": Money("action_balance"),
        "deferred_until_date": Date("deferred_until"),
        "officer_ref": Text("username"),
        "comment": Text("action_comment"),
    },
    checks=(
        telephone_in("comment"),
        Ordered("action_date", "deferred_until_date", kind="BEFORE-ACTION", severity="warning"),
    ),
    ignored={
        "action_set": "the vendor's workflow",
        "action_no": "the vendor's workflow",
        "action_type": "follows from action_code",
        "comm_only": "false everywhere",
        "action_deferred": "follows from deferred_until",
        "act_status": "never filled",
    },
)

AGREEMENT = Mapping(
    source="arag",
    target="arrears_agreement",
    key=("arag_sid",),
    fields={
        "agreement_ref": Text("arag_sid", required=True),
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "status_code": Code("arag_status", code_list="agreement_status", required=True),
        "start_date": Date("arag_startdate"),
        "end_date": Date("arag_enddate"),
        "clear_by_date": Date("arag_clearby"),
        "starting_balance": Money("arag_startbal"),
        "is_breached": Flag("arag_breached"),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Ordered("start_date", "clear_by_date", kind="BEFORE-START", severity="warning"),
        NeedsOther("status_code", "end_date", values=("completed",), kind="NO-END"),
    ),
)

INSTALMENT = Mapping(
    source="aragdet",
    target="agreement_instalment",
    key=("aragdet_sid",),
    fields={
        "agreement_id": Ref("arrears_agreement", ("arag_sid",), required=True),
        "amount": Money("aragdet_amount", required=True),
        "frequency_code": Code("aragdet_frequency", code_list="frequency", required=True),
        "first_due_date": Date("aragdet_startdate"),
    },
    checks=(Between("amount", fatal=True),),
)
