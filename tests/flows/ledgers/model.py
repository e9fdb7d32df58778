"""How the made-up system is understood: a reference to itself, a required one, an optional one, money, a second row."""

from mappings.mapping import Exclusion, Filled, Mapping, OneOf, Ordered
from mappings.rules import Code, Constant, Date, Money, Ref, Text

HOME = Mapping(
    source="homes",
    target="asset",
    key=("home",),
    fields={
        "asset_ref": Text("home", required=True),
        "parent_id": Ref("asset", ("part_of",)),
        "asset_type_code": Code("kind", code_list="kind", required=True),
    },
)

ACCOUNT = Mapping(
    source="accounts",
    target="rent_account",
    key=("account",),
    fields={
        "account_ref": Text("account", required=True),
        "account_class_code": Constant("rent"),
        "start_date": Date("opened", fmt="%Y-%m-%d"),
        "end_date": Date("closed", fmt="%Y-%m-%d"),
    },
    checks=(Ordered("start_date", "end_date"),),
)

CONTACT = Mapping(
    source="accounts",
    target="identifier",
    key=("account",),
    when=Filled("contact"),
    fields={
        "entity_type": Constant("rent_account"),
        "entity_id": Ref("rent_account", ("account",), required=True),
        "scheme_code": Constant("rent_account_ref"),
        "value": Text("contact"),
        "allocated_by": Constant("ledgers"),
    },
)

POSTING = Mapping(
    source="postings",
    target="rent_transaction",
    key=("account", "number"),
    fields={
        "account_id": Ref("rent_account", ("account",), required=True),
        "effective_date": Date("posted", fmt="%Y-%m-%d", required=True),
        "transaction_type_code": Code("kind", code_list="posting", required=True),
        "amount": Money("amount", required=True),
    },
    excluded=(Exclusion(OneOf("kind", ("TST",)), "test entries"),),
)

RECEIPT = Mapping(
    source="receipts",
    target="bank_entry",
    key=("receipt",),
    fields={
        "account_id": Ref("rent_account", ("account",)),
        "value_date": Date("received", fmt="%Y-%m-%d", required=True),
        "amount": Money("amount", required=True),
    },
)
