"""The lettings log: what the canonical letting asks for of CORE's 147 numbered fields."""

from collections.abc import Iterable
from decimal import Decimal

from mappings.mapping import Between, Filled, Mapping, OneOf, Only, Ordered
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Joined, Money, Number, Parts, Postcode, Rule, Text, Uprn


def day(first: int, *, required: bool = False) -> Parts:
    """A day in three fields from ``first``: day, month, and the year's last two digits."""
    columns = (str(first), str(first + 1), str(first + 2))
    return Parts(Date(columns[0], fmt="%d/%m/%y", required=required), columns, "/", 2)


def chosen(field: int, code: str) -> Only:
    """The canonical code where the field says yes."""
    return Only(Constant(code), OneOf(str(field), ("1",)))


def unused(reason: str, *fields: Iterable[int]) -> dict[str, str]:
    """The fields, each ignored for the reason."""
    return {str(number): reason for some in fields for number in some}


ALLOCATION: tuple[Rule, ...] = (
    Code("131", code_list="referral"),
    chosen(127, "choice_based"),
    chosen(128, "common_allocation"),
    chosen(129, "common_register"),
    chosen(130, "accessible_register"),
)
"""The source of referral comes first: a letting may be made under several policies at once."""

LETTING = Mapping(
    source="lettings",
    target="letting",
    key=("14", "8", "9", "10"),
    fields={
        "property_ref": Text("14", required=True),
        "tenant_ref": Text("13"),
        "uprn": Uprn("18"),
        "address_text": Joined(("19", "20", "21", "22")),
        "postcode": Parts(Postcode("23"), ("23", "24"), " "),
        "start_date": day(8, required=True),
        "void_date": day(29),
        "repairs_completed_date": day(32),
        "letting_type_code": FirstOf((chosen(7, "renewal"), Code("4", code_list="needs_type"))),
        "rent_type_code": Code("11", code_list="rent_type"),
        "source_of_letting_code": FirstOf(ALLOCATION),
        "bedrooms": Number("28", minimum=Decimal(0), maximum=Decimal(12)),
        "is_joint_tenancy": Only(Flag("36", true=("1",), false=("2",)), OneOf("36", ("1", "2"))),
        "is_starter_tenancy": Flag("37", true=("1",), false=("2",)),
        "fixed_term_years": Number("40"),
        # R: the tenant prefers not to say
        "lead_tenant_age_years": Only(Number("41"), Filled("41", ("R",))),
        "previous_postcode": Parts(Postcode("118"), ("118", "119"), " "),
        "was_homeless": Flag("116", true=("11",), false=("1",)),
        "charge_frequency_code": Code("141", code_list="charge_period"),
        "basic_rent": Money("142"),
        "service_charge": Money("143"),
        "personal_service_charge": Money("144"),
        "support_charge": Money("145"),
    },
    checks=(
        Ordered("void_date", "start_date", kind="BEFORE-VOID", severity="warning"),
        Between("bedrooms", 0, 99),
        Between("basic_rent"),
        Between("service_charge"),
        Between("support_charge"),
        Between("fixed_term_years", 1, 99),
        Between("lead_tenant_age_years", 16, 120),
    ),
    ignored={
        **unused("who sends the log: the council itself", range(1, 4)),
        **unused("a supported housing scheme's own code", range(5, 7), [35]),
        **unused("of the form: what another field says in words, or whether a notice was given", [12, 15, 39]),
        **unused("how the home was let before is known from the tenancy before", [16, 17]),
        **unused("the home's own record says it", [25, 26, 27]),
        **unused("the tenancy's own record says it", [38]),
        **unused("equality and household answers: asked for the national statistics alone", range(42, 94)),
        **unused("needs and health of the household: asked for the national statistics alone", range(94, 111)),
        **unused("where the household lived before: asked for the national statistics alone", range(111, 116)),
        **unused("says whether the next two fields are filled", [117]),
        **unused("the local authority follows from the postcode", [120]),
        **unused("reasonable preference stands in the register's own application", range(121, 127)),
        **unused("for homes of private registered providers", range(132, 135)),
        **unused("income and benefits: asked for the national statistics alone", range(135, 141)),
        **unused("what the tenant will still have to pay is an estimate", range(146, 148)),
    },
)
