"""What payers give as reference, and whether it leads to a rent account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.values import Severity
from mappings.payment_refs import holds
from mappings.rules import CodeLists, Converted, Fault, by_distinct, text

NO_REFERENCE = "NONREF"
"""What MT940 writes where the payer gave nothing."""


def _given(raw: pd.DataFrame, column: str) -> pa.StringArray:
    values = text(raw[column])
    return pc.if_else(pc.equal(values, NO_REFERENCE), pa.scalar(None, pa.string()), values)


def _known(values: pa.StringArray) -> pa.BooleanArray:
    """True where the value can be a payment reference."""
    return by_distinct(values, holds, pa.bool_()).fill_null(False)


@dataclass(frozen=True)
class PayerRef:
    """The payer's reference as given. NO-REFERENCE where there is none, CHECK-DIGIT where it is none of ours."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {"NO-REFERENCE": "warning", "CHECK-DIGIT": "warning"}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        values = _given(raw, self.column)
        missing = pc.is_null(values)
        wrong = pc.and_(pc.is_valid(values), pc.invert(_known(values)))
        faults = (("NO-REFERENCE", missing), ("CHECK-DIGIT", wrong))
        return Converted(values, tuple(Fault(kind, self.column, "warning", mask) for kind, mask in faults))


@dataclass(frozen=True)
class NoAccount:
    """Payments whose reference cannot be one of the council's payment references."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def holds(self, raw: pd.DataFrame) -> pa.BooleanArray:
        return pc.invert(_known(_given(raw, self.column)))
