"""MT940 statements: the statement, its entries, and the payments whose reference leads nowhere."""

from mappings.identifiers import identifier
from mappings.mapping import All, Filled, Mapping, Not, OneOf, Only, Ordered, telephone_in
from mappings.payments.references import NO_REFERENCE, NoAccount, PayerRef
from mappings.rules import Code, Constant, Date, FirstOf, Flag, Joined, Money, Ref, Text

STATEMENT_KEY = ("account", "reference", "statement_number", "sequence_number")
ENTRY_KEY = (*STATEMENT_KEY, "entry")
RECEIVED = All((OneOf("mark", ("C",)), Not(OneOf("transaction_type", ("NCHG", "NINT")))))
"""Money in that somebody paid: no charges, no interest, nothing taken back."""

STATEMENT = Mapping(
    source="statements",
    target="bank_statement",
    key=STATEMENT_KEY,
    fields={
        "statement_ref": Text("reference", required=True),
        "statement_number": Joined(("statement_number", "sequence_number"), "/"),
        "bank_account_ref": Text("account", required=True),
        "currency": Text("currency", required=True),
        "opening_date": Date("opening_date"),
        "opening_balance": Money("opening_balance"),
        "closing_date": Date("closing_date"),
        "closing_balance": Money("closing_balance"),
        "available_balance": Money("available_balance"),
    },
    checks=(Ordered("opening_date", "closing_date"),),
    ignored={
        "entries": "counted from the entries themselves",
        "entries_total": "summed from the entries themselves, by a check",
    },
)

STATEMENT_REF = identifier(
    "statements", "bank_statement", STATEMENT_KEY, "other", Text("reference", required=True), "bank"
)

ENTRY = Mapping(
    source="entries",
    target="bank_entry",
    key=ENTRY_KEY,
    fields={
        "statement_id": Ref("bank_statement", STATEMENT_KEY, required=True),
        "bank_account_ref": Text("account", required=True),
        "value_date": Date("value_date", required=True),
        "entry_date": Date("entry_date"),
        "amount": Money("amount", required=True),
        "bank_type": Text("transaction_type"),
        "payment_method_code": Code("transaction_type", code_list="transaction_type"),
        "payer_ref": Only(PayerRef("customer_reference"), RECEIVED),
        "bank_ref": Text("bank_reference"),
        "payer_name": Text("extra_details"),
        "details": Text("details"),
        "is_reversal": Flag("mark", true=("RC", "RD"), false=("C", "D")),
    },
    checks=(telephone_in("details"),),
    ignored={
        "currency": "the statement has it",
        "funds_code": "the third letter of the currency again",
    },
)

PAYER = Mapping(
    source="entries",
    target="person",
    key=ENTRY_KEY,
    when=All((RECEIVED, Filled("extra_details"))),
    fields={
        "person_ref": Text("_key", required=True),
        "full_name": Text("extra_details"),
        "payment_ref": PayerRef("customer_reference"),
    },
)

SUSPENSE = Mapping(
    source="entries",
    target="suspense_item",
    key=ENTRY_KEY,
    when=All((RECEIVED, NoAccount("customer_reference"))),
    fields={
        "received_ref": FirstOf((Text("customer_reference", blanks=(NO_REFERENCE,)), Text("details"), Text("mark"))),
        "bank_entry_id": Ref("bank_entry", ENTRY_KEY, required=True),
        "received_date": Date("value_date", required=True),
        "amount": Money("amount", negate=True, required=True),
        "payment_method_code": Code("transaction_type", code_list="transaction_type"),
        "reason_code": Constant("unknown_reference"),
        "status_code": Constant("open"),
    },
)
