"""People and households. A person is known by household and number: who moves is entered again."""

from datetime import date
from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Between, Mapping, Ordered
from mappings.rules import Code, Date, Flag, Joined, NationalInsuranceNumber, Number, Ref, Text

PERSON_KEY = ("house_ref", "person_no")
NOT_NEEDED = "special category data that no purpose of the hub needs"
SECRET = "a stored secret"  # noqa: S105 - a reason, not one

HOUSEHOLD = Mapping(
    source="househ",
    target="household",
    key=("house_ref",),
    fields={
        "household_ref": Text("house_ref", required=True),
        "name": Text("house_desc"),
        "asset_id": Ref("asset", ("prop_ref",)),
        "person_count": Number("house_size", unknown=(Decimal(0),)),
        "start_date": Date("eff_date"),
        "end_date": Date("fin_date"),
    },
    checks=(Ordered("start_date", "end_date"), Between("person_count", most=99)),
    ignored={
        "joint_ten": "the parties to the tenancy say so",
        "vulnerable": "set for whole schemes; cautions are recorded one by one",
        "doctor": NOT_NEEDED,
        "doctel": NOT_NEEDED,
        "email_password": SECRET,
        "h_visit_pw": SECRET,
        "househ_sid": "the vendor's row number",
    },
)

HOUSEHOLD_REF = identifier("househ", "household", ("house_ref",), "household_ref", Text("house_ref"), "tenancy")

PERSON = Mapping(
    source="member",
    target="person",
    key=PERSON_KEY,
    fields={
        "person_ref": Joined(PERSON_KEY, "/"),
        "title": Text("title"),
        "forename": Text("forename"),
        "surname": Text("surname"),
        "birth_date": Date("dob", latest=date(2040, 1, 1), unlikely="error", year_only=True),
        "death_date": Date("u_dod"),
        "age_years": Number("age", unknown=(Decimal(0),)),
        "sex_code": Code("gender", code_list="sex"),
        "national_insurance_number": NationalInsuranceNumber("ni_no"),
        "ethnic_origin": Text("ethnic_origin"),
        "preferred_language": Text("first_lang"),
        "is_disabled": Flag("disabled", true=("MOB", "VIS", "HEA", "LRN", "MEN", "LTI"), false=("NO",)),
    },
    checks=(Ordered("birth_date", "death_date"), Between("age_years", most=130)),
    ignored={
        "initials": "follow from the names",
        "at_risk": NOT_NEEDED,
        "religion_belief": NOT_NEEDED,
        "hiv_positive": NOT_NEEDED,
        "crim_rec": NOT_NEEDED,
        "pregnant": NOT_NEEDED,
        "bank_acc_type": "payments are known by their bank statement",
        "u_pin_number": SECRET,
        "member_sid": "the vendor's row number",
    },
)

MEMBERSHIP = Mapping(
    source="member",
    target="household_member",
    key=PERSON_KEY,
    fields={
        "household_id": Ref("household", ("house_ref",), required=True),
        "person_id": Ref("person", PERSON_KEY, required=True),
        "member_number": Number("person_no"),
        "role_code": Code("relationship", code_list="household_role"),
        "relationship_code": Code("relationship", code_list="relationship"),
        "is_head": Flag("relationship", true=("T",), false=("P", "C", "G", "O")),
        "is_responsible": Flag("responsible"),
        "start_date": Date("eff_date"),
        "end_date": Date("term_date"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

PERSON_REF = identifier("member", "person", PERSON_KEY, "person_ref", Joined(PERSON_KEY, "/"), "tenancy")

NI_NUMBER = identifier(
    "member",
    "person",
    PERSON_KEY,
    "national_insurance_number",
    NationalInsuranceNumber("ni_no"),
    "HM Revenue and Customs",
)
