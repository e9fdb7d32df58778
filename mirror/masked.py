"""Masked rows: each column of a table as the plan decides, by the masks of ``mirror/masks``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ledger.errors import ContractBroken
from mirror.key import MaskKey
from mirror.masks import contacts, ids, references
from mirror.plan import DROP, EMPTY, KEEP, Decision
from mirror.subjects import Subjects

By = tuple[pa.Array, ...]
Mask = Callable[[pa.Array, By], pa.Array]
_TEXT = pa.string()

BY: Mapping[str, str] = {
    "uuid": "", "hash": "", "hex": "", "reference": "", "source_key": "", "postcode": "", "phone": "", "mail": "",
    "other": "",
}  # fmt: skip
"""Each mask and the columns that a value is masked by; "" where it is masked by itself."""
MASKS = frozenset(BY)


class Decided(Protocol):
    """What a masker asks of the plan."""

    def table(self, name: str) -> Mapping[str, Decision]:
        """The decisions of a table, with its schema, by column."""


class Masker:
    """The masks under one key, of one source's people and places.

    ``profile`` is ``test``, or ``demo`` for those who have no business with the data: what the plan says of it goes
    before the mask.
    """

    def __init__(self, plan: Decided, key: MaskKey, subjects: Subjects, profile: str = "test") -> None:
        self.plan, self.key, self.subjects, self.profile = plan, key, subjects, profile

    def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of ``table`` (with its schema) masked: the same columns, texts all of them."""
        decisions = self.plan.table(table)
        if unknown := [name for name in batch.schema.names if name not in decisions]:
            raise ContractBroken(
                f"no decision for {', '.join(unknown)}.", place=table, next_step="Decide in mirror/planned, and review."
            )
        if batch.num_columns and all(decision.action == EMPTY for decision in decisions.values()):
            return batch.slice(0, 0)
        columns = [self._column(decisions[name], batch) for name in batch.schema.names]
        return pa.record_batch(columns, names=batch.schema.names)

    def apply(self, mask: str, values: pa.Array, by: By = ()) -> pa.Array:
        """The column under one mask, as it is in every table; ``by`` in the order of BY."""
        if mask not in self._masks:
            raise ContractBroken(
                f"the plan names a mask {mask!r} that there is none of.", place="mirror plan",
                next_step=f"Name one of {', '.join(sorted(self._masks))}.",
            )  # fmt: skip
        if not len(values) or values.null_count == len(values):
            return values.cast(_TEXT)
        return self._masks[mask](values.cast(_TEXT), tuple(column.cast(_TEXT) for column in by))

    def _column(self, decision: Decision, batch: pa.RecordBatch) -> pa.Array:
        values = batch.column(decision.column)
        if decision.action == KEEP:
            return values
        if decision.action in (DROP, EMPTY):
            return pa.nulls(len(values), _TEXT)
        if missing := [name for name in decision.by if name not in batch.schema.names]:
            raise ContractBroken(
                f"{decision.column} is to be masked by {', '.join(missing)}, which the rows lack.",
                place=decision.table, next_step="Name columns of the same table in mirror/planned.",
            )  # fmt: skip
        return self.apply(decision.mask, values, tuple(batch.column(name) for name in decision.by))

    @cached_property
    def _masks(self) -> Mapping[str, Mask]:
        key = self.key.sub
        return {
            "uuid": lambda values, by: ids.uuids(key("uuid"), values),
            "hash": lambda values, by: ids.hashes(key("hash"), values),
            "hex": lambda values, by: ids.digests(key("hex"), values),
            "reference": lambda values, by: references.references(key("reference"), values),
            "source_key": lambda values, by: references.source_keys(key("reference"), values),
            "phone": lambda values, by: contacts.phones(key("phone"), values),
            "mail": lambda values, by: contacts.mails(key("mail"), values),
            "other": lambda values, by: _other(values),
        }


def _other(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(values), pa.scalar("other", _TEXT), pa.scalar(None, _TEXT))
