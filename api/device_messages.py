"""Messages to operatives' devices as webhooks send them: one a message, in order, from the number after the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from asyncpg import Pool

NEXT = """
SELECT id, operative_ref, sequence, kind, told, sent_at, acknowledge_by FROM scheduling.message
WHERE id > $1 AND (cardinality($2::text[]) = 0 OR operative_ref = ANY($2)) ORDER BY id LIMIT 1
"""
LAST = "SELECT coalesce(max(id), 0) FROM scheduling.message"


@dataclass(frozen=True)
class LastMessage:
    """Up to which message all was taken. The desk alone numbers them, and in the order in which they can be read."""

    number: int

    @property
    def numbers(self) -> list[int]:
        """The place as it is kept."""
        return [self.number]


@dataclass(frozen=True)
class DeviceMessage:
    """A message to a device; ``told`` is what it says."""

    number: int
    at: datetime
    told: dict[str, Any]


async def next_message(pool: Pool, devices: Sequence[str], place: LastMessage) -> DeviceMessage | None:
    """The next message for one of those devices, or of all where none is named."""
    row = await pool.fetchrow(NEXT, place.number, list(devices))
    if row is None:
        return None
    said = orjson.loads(row["told"])
    told = {
        "id": row["id"], "operative_ref": row["operative_ref"], "sequence": row["sequence"], "kind": row["kind"],
        **said, "sent_at": row["sent_at"], "acknowledge_by": row["acknowledge_by"],
    }  # fmt: skip
    return DeviceMessage(row["id"], row["sent_at"], told)


async def last_message(pool: Pool) -> LastMessage:
    """The place after all that was told so far."""
    return LastMessage(await pool.fetchval(LAST))
