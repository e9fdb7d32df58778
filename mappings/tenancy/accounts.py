"""Rent accounts, which are agreements here, with what they are charged and what they are said to owe."""

from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Between, Mapping, Ordered
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Money, Number, Ref, Text, Total
from mappings.tenancy.tenancies import START

ACCOUNT = Mapping(
    source="tenagree",
    target="rent_account",
    key=("tag_ref",),
    fields={
        "account_ref": Text("tag_ref", required=True),
        "payment_ref": Text("u_saff_rentacc"),
        "account_class_code": Code("u_account_type", code_list="account_class", required=True),
        "status_code": Code("occ_status", code_list="account_status"),
        "tenancy_id": Ref("tenancy", ("master_tag_ref",)),
        "rent_group_code": Text("rentgrp_ref"),
        "start_date": START,
        "end_date": Date("eot"),
        "weekly_rent": Total((Money("rent"), Money("service"), Money("other_charge"))),
        "payment_method_code": Code("u_payment_expected", code_list="usual_payment"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

BALANCE = Mapping(
    source="tenagree",
    target="balance_snapshot",
    key=("tag_ref",),
    needs=("balance", "balance_date"),
    fields={
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "balance_date": Date("dtstamp"),
        "balance_kind_code": Constant("current"),
        "balance": Money("cur_bal"),
    },
)

ACCOUNT_REF = identifier("tenagree", "rent_account", ("tag_ref",), "rent_account_ref", Text("tag_ref"), "tenancy")

PAYMENT_REF = identifier("tenagree", "rent_account", ("tag_ref",), "payment_ref", Text("u_saff_rentacc"), "tenancy")

CHARGE = Mapping(
    source="debitem",
    target="charge",
    key=("debitem_sid",),
    fields={
        "account_id": Ref("rent_account", ("tag_ref",), required=True),
        "asset_id": Ref("asset", ("prop_ref",)),
        # an unknown element is an error, and the account is charged it all the same
        "element_code": FirstOf((Code("deb_code", code_list="charge_element"), Constant("other"))),
        "amount": Money("deb_value", required=True),
        "frequency_code": Code("prd_code", code_list="frequency", required=True),
        "start_date": Date("eff_date"),
        "end_date": Date("term_date"),
        "is_housing_benefit_eligible": Flag("u_hbeligable"),
        "is_charged_in_free_weeks": Flag("freeprd"),
    },
    checks=(Ordered("start_date", "end_date"),),
    ignored={
        "deb_active": "follows from the dates",
        "deb_source": "how the charge was entered",
    },
)

PERIOD = Mapping(
    source="rentprd",
    target="rent_period",
    key=("rentgrp_ref", "prd_year", "prd_no"),
    fields={
        "rent_group_code": Text("rentgrp_ref", required=True),
        "rent_year": Number("prd_year", required=True),
        "period_no": Number("prd_no", required=True),
        "week_start_date": Date("prd_start", required=True),
        "is_free_week": Flag("free_prd", required=True),
        "charging_weeks": Number("no_of_debits", unknown=(Decimal(0),)),
    },
    checks=(
        Between("rent_year", least=1980, most=2100, fatal=True),
        Between("period_no", least=1, most=53, fatal=True),
        Between("charging_weeks", least=48, most=53),
    ),
    ignored={"prd_end": "six days after prd_start"},
)
