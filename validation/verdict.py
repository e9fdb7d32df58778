"""What the gate says of a batch: counts and row keys, never values."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.errors import ContractBroken

KEYS_SHOWN = 20


@dataclass(frozen=True)
class Fault:
    """One kind of fault that a batch has. ``count`` in rows (units for controls, columns for columns).

    ``share`` is of the rows that the rule was judged on, 0 to 1. ``keys`` are the first KEYS_SHOWN row keys, or
    the names of units or columns. ``stops`` is False where only the rows themselves are concerned.
    """

    code: str
    column: str
    kind: str
    count: int
    share: float
    keys: tuple[str, ...] = ()
    stops: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a table may go on. ``rows`` are the records judged, without those marked as deleted."""

    system: str
    table: str
    passed: bool
    rows: int
    faults: tuple[Fault, ...] = ()
    stop_reason: str = ""
    next_step: str = ""

    def raise_if_stopped(self) -> None:
        """Returns where the table passed. Raises ContractBroken, with what is wrong and what to do, where not."""
        if not self.passed:
            raise ContractBroken(
                self.stop_reason, system=self.system, place=f"table {self.table}", next_step=self.next_step
            )
