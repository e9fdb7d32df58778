"""The council's payment references: nine digits and a check digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from ledger.values import Severity
from mappings.rules import CodeLists, Converted, Fault, by_distinct, text

WEIGHTS = range(10, 1, -1)


@dataclass(frozen=True)
class PaymentRef:
    """A payment reference; one whose check digit is wrong is CHECK-DIGIT and used with a warning: it is printed
    on rent cards, and money comes in under it.
    """

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def kinds(self) -> Mapping[str, Severity]:
        return {"CHECK-DIGIT": "warning"}

    def convert(self, raw: pd.DataFrame, codes: CodeLists) -> Converted:
        values = text(raw[self.column])
        wrong = by_distinct(values, lambda ref: not holds(ref), pa.bool_()).fill_null(False)
        return Converted(values, (Fault("CHECK-DIGIT", self.column, "warning", wrong),))


def holds(payment_ref: str) -> bool:
    """Whether the last digit is the check digit: weights 10 down to 2, modulus 11, a 10 written as 0."""
    if len(payment_ref) != 10 or not payment_ref.isdecimal():
        return False
    weighed = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, payment_ref, strict=False))
    return int(payment_ref[-1]) == (11 - weighed % 11) % 11 % 10
