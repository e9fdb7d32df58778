"""What the live service need not remember goes by age: sessions, confirmations and messages that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg

SESSIONS: LiteralString = "DELETE FROM scheduling.caller_session WHERE expires_at < %s"
CONFIRMATIONS: LiteralString = """
DELETE FROM scheduling.confirmation WHERE coalesce(sent_at, given_up_at) < %s
"""
# A device's last message stays, as the next one is numbered after it.
MESSAGES: LiteralString = """
DELETE FROM scheduling.message m WHERE sent_at < %s
    AND EXISTS (SELECT FROM scheduling.message n WHERE n.operative_ref = m.operative_ref AND n.id > m.id)
"""


@dataclass(frozen=True)
class Purged:
    """How many rows went."""

    sessions: int
    confirmations: int
    messages: int


def purge(connection: psycopg.Connection[Any], older_than: datetime) -> Purged:
    """Removes what ended before ``older_than``; what still waits to be sent stays. Events and bookings stay too."""
    with connection.transaction():
        return Purged(
            *(connection.execute(query, (older_than,)).rowcount for query in (SESSIONS, CONFIRMATIONS, MESSAGES))
        )
