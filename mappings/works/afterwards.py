"""What comes after a repair: recharges to tenants, and what tenants said."""

from datetime import date

from mappings.mapping import Between, Mapping, telephone_in
from mappings.rules import Code, Constant, Date, Money, Number, Ref, Text

FIRST_RECHARGE = date(2010, 1, 1)

RECHARGE = Mapping(
    source="rmrech",
    target="recharge",
    key=("rch_ref",),
    fields={
        "recharge_ref": Text("rch_ref"),
        "work_order_id": Ref("work_order", ("wo_ref",)),
        "tenancy_id": Ref("tenancy", ("tag_ref",), system="tenancy"),
        "reason_code": Code("reason", code_list="recharge_reason"),
        "status_code": Code("status", code_list="recharge_status", required=True),
        "raised_date": Date("raised", earliest=FIRST_RECHARGE),
        "net_amount": Money("net", required=True),
        "vat_amount": Money("vat"),
        "admin_fee": Money("admin_fee"),
        "description": Text("rch_desc"),
    },
    checks=(telephone_in("description"),),
)

RESPONSE = Mapping(
    source="rmsatis",
    target="satisfaction_response",
    key=("resp_ref",),
    fields={
        "survey_code": Constant("repair"),
        "question_ref": Text("question"),
        "work_order_id": Ref("work_order", ("wo_ref",)),
        "response_date": Date("answered"),
        "score": Number("score"),
        "max_score": Constant(5),
        "comment": Text("remark"),
    },
    checks=(Between("score", least=1, most=5), telephone_in("comment")),
)
