"""Applicants, joint applicants and those who are to be housed with them, and how the applicant is reached."""

from mappings.identifiers import identifier
from mappings.mapping import Filled, Mapping
from mappings.register.spelling import birthday
from mappings.rules import Code, Constant, Email, NationalInsuranceNumber, Phone, Ref, Rule, Shaped, Text

KEY = ("Application Ref",)
JOINT = Filled("Joint Surname")

APPLICANT = Mapping(
    source="applications",
    target="person",
    key=KEY,
    fields={
        "person_ref": Text("Application Ref", required=True),
        "title": Text("Title"),
        "forename": Text("Forename"),
        "surname": Text("Surname"),
        "birth_date": birthday("Date of Birth"),
        "national_insurance_number": NationalInsuranceNumber("NI Number"),
    },
)

JOINT_APPLICANT = Mapping(
    source="applications",
    target="person",
    key=KEY,
    part="joint",
    when=JOINT,
    fields={
        "person_ref": Text("Application Ref"),
        "forename": Text("Joint Forename"),
        "surname": Text("Joint Surname"),
        "birth_date": birthday("Joint Date of Birth"),
    },
)

OTHER = Mapping(
    source="members",
    target="person",
    key=("Application Ref", "Person No"),
    fields={
        "person_ref": Text("_key"),
        # a child who is not born yet has no name
        "forename": Shaped("Forename", clean="", upper=False, never=r"(?i)^(?:baby|unborn|tbc)$"),
        "surname": Text("Surname"),
        "birth_date": birthday("Date of Birth"),
        "sex_code": Code("Sex", code_list="sex"),
    },
)


def _member(part: str, person: Ref, role: str) -> Mapping:
    fields: dict[str, Rule] = {
        "household_id": Ref("household", KEY, required=True),
        "person_id": person,
        "role_code": Constant(role),
        "is_head": Constant(part == "applicant"),
    }
    return Mapping("applications", "household_member", KEY, fields, part=part, when=JOINT if part == "joint" else None)


AS_HEAD = _member("applicant", Ref("person", KEY, required=True), "tenant")
AS_JOINT = _member("joint", Ref("person", KEY, part="joint", required=True), "joint_tenant")
AS_MEMBER = Mapping(
    source="members",
    target="household_member",
    key=("Application Ref", "Person No"),
    fields={
        "household_id": Ref("household", KEY, required=True),
        "person_id": Ref("person", ("Application Ref", "Person No"), required=True),
        "role_code": Code("Relationship", code_list="role"),
        "relationship_code": Code("Relationship", code_list="relationship"),
        "is_head": Constant(False),
    },
)


def _contact(column: str, kind: str, value: Rule) -> Mapping:
    fields: dict[str, Rule] = {
        "person_id": Ref("person", KEY, required=True),
        "contact_type_code": Constant(kind),
        "value": value,
    }
    return Mapping(
        "applications", "contact_method", KEY, fields, when=Filled(column), needs=("value",), part=kind
    )  # fmt: skip


HOME_TELEPHONE = _contact("Home Tel", "home_telephone", Phone("Home Tel"))
MOBILE = _contact("Mobile", "mobile", Phone("Mobile"))
EMAIL = _contact("Email", "email", Email("Email"))
NI_NUMBER = identifier(
    "applications", "person", KEY, "national_insurance_number", NationalInsuranceNumber("NI Number"),
    "HM Revenue and Customs",
)  # fmt: skip
