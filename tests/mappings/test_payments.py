"""What the payments mapping makes of references: which lead on, which wait in suspense."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from mappings.catalogue import load_system
from mappings.payments.references import NoAccount, PayerRef
from mappings.payments.statements import RECEIVED


def column(*values: str | None) -> pd.Series[str]:
    return pd.Series(values, dtype=pd.ArrowDtype(pa.string()))


def test_missing_and_strange_references_are_told_apart_and_kept() -> None:
    raw = pd.DataFrame({"ref": column("1000017176", "NONREF", " ", None, "SMITH RENT")})
    found = PayerRef("ref").convert(raw, {})
    assert found.values.to_pylist() == ["1000017176", None, None, None, "SMITH RENT"]
    assert {fault.kind: fault.mask.to_pylist() for fault in found.faults} == {
        "NO-REFERENCE": [False, True, True, True, False],
        "CHECK-DIGIT": [False, False, False, False, True],
    }
    assert NoAccount("ref").holds(raw).to_pylist() == [False, True, True, True, True]


def test_only_money_that_somebody_paid_in_needs_a_reference() -> None:
    raw = pd.DataFrame(
        {"mark": column("C", "D", "RC", "C"), "transaction_type": column("NTRF", "NTRF", "NTRF", "NINT")}
    )
    assert RECEIVED.holds(raw).to_pylist() == [True, False, False, False]


def test_money_is_kept_by_bank_account() -> None:
    system = load_system("payments")
    for table in ("entries", "credits"):
        target = system.money_target(table)
        assert target is not None
        assert (target.table, target.account_column, target.account_system) == ("bank_entry", "bank_account_ref", "")
