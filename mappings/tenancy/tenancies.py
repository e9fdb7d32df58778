"""Tenancies, what they hold and who signed them. A recharge account (agr_type R) is no tenancy of its own.

A tenure that the code list does not know is an error and loads as ``other``: without its tenancy an account's
money would have no place.
"""

from datetime import date

from mappings.identifiers import identifier
from mappings.mapping import Mapping, Not, OneOf, Ordered
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Ref, Text

A_TENANCY = Not(OneOf("agr_type", ("R",)))
START = Date("cot", required=True, earliest=date(1920, 1, 1), latest=date(2040, 1, 1))

TENANCY = Mapping(
    source="tenagree",
    target="tenancy",
    key=("tag_ref",),
    when=A_TENANCY,
    fields={
        "tenancy_ref": Text("tag_ref", required=True),
        "tenancy_type_code": FirstOf((Code("tenure", code_list="tenure"), Constant("other"))),
        "status_code": Code("occ_status", code_list="tenancy_status"),
        "household_id": Ref("household", ("house_ref",)),
        "payment_ref": Text("u_saff_rentacc"),
        "start_date": START,
        "end_date": Date("eot"),
        "potential_end_date": Date("potentialenddate"),
        "notice_date": Date("noticegiven_dt"),
        "succession_date": Date("succession_date"),
        "eviction_date": Date("evictdate"),
        "termination_reason_code": Code("reason_term", code_list="termination_reason"),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Ordered("start_date", "notice_date", kind="BEFORE-START", severity="warning"),
        Ordered("start_date", "eviction_date", kind="BEFORE-START", severity="warning"),
    ),
    ignored={
        "tenure_ori": "tenure when the tenancy began; introductory ones became secure by law",
        "present": "follows from occ_status",
        "terminated": "follows from occ_status",
        "tenagree_sid": "the vendor's row number",
        "comp_avail": "the vendor's rights mask",
        "cur_nr_bal": "balance of the non-rent account, closed in 2011; nought everywhere",
        "prd_code": "charges say how often they fall due",
    },
)

HOLDING = Mapping(
    source="tenagree",
    target="tenancy_holding",
    key=("tag_ref",),
    when=A_TENANCY,
    fields={
        "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
        "asset_id": Ref("asset", ("prop_ref",), required=True),
        "role_code": Constant("main"),
        "start_date": START,
        "end_date": Date("eot"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

TENANCY_REF = identifier("tenagree", "tenancy", ("tag_ref",), "tenancy_ref", Text("tag_ref"), "tenancy", when=A_TENANCY)

PARTY = Mapping(
    source="tagparty",
    target="tenancy_party",
    key=("tag_ref", "house_ref", "person_no"),
    fields={
        "tenancy_id": Ref("tenancy", ("tag_ref",), required=True),
        "person_id": Ref("person", ("house_ref", "person_no"), required=True),
        "role_code": Code("party_role", code_list="party_role", required=True),
        "is_responsible": Flag("liablemember"),
        "start_date": Date("eff_date"),
        "end_date": Date("term_date"),
    },
    checks=(Ordered("start_date", "end_date"),),
)
