"""Sessions of systems that call the scheduler's operations: opened with a client's secret, good until midnight.

A session is 32 random bytes; what is kept is its hash. It ends with its client, and outlives the process.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from asyncpg import Pool

from api.clients import BY_ID, NAME
from api.desk import Desk as SecretsDesk
from scheduling.calendars import midnight
from scheduling.problem import LONDON

LONGEST = 200
OPEN = "INSERT INTO scheduling.caller_session (session_hash, client_id, expires_at) VALUES ($1, $2, $3)"
KNOWN = """
SELECT s.client_id, c.scopes FROM scheduling.caller_session s JOIN api.client c ON c.id = s.client_id
WHERE s.session_hash = $1 AND s.closed_at IS NULL AND s.expires_at > now() AND c.revoked_at IS NULL
"""
CLOSE = "UPDATE scheduling.caller_session SET closed_at = now() WHERE session_hash = $1 AND closed_at IS NULL"


class Sessions:
    """The sessions in the database."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._desk = pool, SecretsDesk()

    async def open(self, login: str, password: str, address: str) -> str | None:
        """A session for the client of that id and secret; None where there is no such client. Raises Problem 429."""
        row = await self._pool.fetchrow(BY_ID, login) if NAME.fullmatch(login) else None
        kept = row["secret_hash"] if row is not None and row["revoked_at"] is None else None
        if not await self._desk.is_let_in(login[:40], password[:LONGEST], kept, address):
            return None
        session = secrets.token_urlsafe(32)
        today = datetime.now(LONDON).date()
        await self._pool.execute(OPEN, _hash(session), login, midnight(today + timedelta(days=1)))
        return session

    async def client(self, session: object) -> tuple[str, frozenset[str]] | None:
        """The client of a session, and what it may do; None where the session is over or never was."""
        if not isinstance(session, str) or not 0 < len(session) <= LONGEST:
            return None
        row = await self._pool.fetchrow(KNOWN, _hash(session))
        return None if row is None else (row["client_id"], frozenset(row["scopes"]))

    async def close(self, session: str) -> None:
        """Ends a session."""
        await self._pool.execute(CLOSE, _hash(session))


def _hash(session: str) -> str:
    return sha256(session.encode()).hexdigest()
