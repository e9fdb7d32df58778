"""Credits of Bacs files: housing benefit and collected direct debits, and those whose reference leads nowhere."""

from mappings.mapping import Mapping
from mappings.payments.references import NoAccount, PayerRef
from mappings.rules import Code, Constant, Date, FirstOf, Joined, Money, Ref, Text

CREDIT = Mapping(
    source="credits",
    target="bank_entry",
    key=("_key",),
    fields={
        "bank_account_ref": Text("destination_account", required=True),
        "value_date": Date("processing_date", required=True),
        "entry_date": Date("processing_date"),
        "amount": Money("amount", required=True),
        "bank_type": Text("transaction_code"),
        "payment_method_code": Code("originator_name", code_list="originator"),
        "payer_ref": PayerRef("reference"),
        "payer_name": Text("originator_name"),
        "payer_account_ref": Joined(("originating_sort_code", "originating_account"), " "),
    },
    ignored={
        "destination_sort_code": "the council's accounts are all at one branch",
        "account_type": "of savings accounts; the council has none",
        "free_format": "four characters for the originator's own use",
        "destination_name": "the council's own name",
    },
)

SUSPENSE = Mapping(
    source="credits",
    target="suspense_item",
    key=("_key",),
    when=NoAccount("reference"),
    fields={
        "received_ref": FirstOf((Text("reference"), Text("originator_name"))),
        "bank_entry_id": Ref("bank_entry", ("_key",), required=True),
        "received_date": Date("processing_date", required=True),
        "amount": Money("amount", negate=True, required=True),
        "payment_method_code": Code("originator_name", code_list="originator"),
        "reason_code": Constant("unknown_reference"),
        "status_code": Constant("open"),
    },
)
