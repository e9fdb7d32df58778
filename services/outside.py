"""The one door to the outside: whoever sends anything, or asks another machine for it, asks here first.

A mirror of the hub sends nothing. That a database is one is said by itself: by the name of its cluster, which testers
cannot change, and by its comment, wherever it stands. Once a process has seen that it works over a mirror, its door is
shut for as long as it lives, whatever its settings say.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from sqlalchemy import make_url

from ledger.errors import ContractBroken

TEST_DATA = "TEST DATA"
"""Stands in every mark, and on all that is served of a mirror."""
MARK: LiteralString = """
SELECT concat_ws(' ', current_setting('cluster_name'), shobj_description(oid, 'pg_database'))
FROM pg_database WHERE datname = current_database()
"""
"""What a database says of itself."""


@dataclass(frozen=True)
class Mirror:
    """Which mirror a database is of; ``build`` is empty where its comment is lost."""

    build: str
    profile: str


class Shut(ContractBroken):
    """A mirror was to send something."""


_over: Mirror | None = None


def mirror_of(mark: str | None) -> Mirror | None:
    """The mirror that a database is by its mark; None: it is none."""
    if not mark or TEST_DATA not in mark:
        return None
    told = re.search(r"\{.*\}", mark, re.DOTALL)
    try:
        state = json.loads(told[0]) if told else {}
    except ValueError:  # somebody wrote over it: it is a mirror all the same
        state = {}
    return Mirror(str(state.get("build", "")), str(state.get("profile", "")))


def heed(mark: str | None) -> Mirror | None:
    """The mirror that this process works over, by the mark of the database that it has opened; shuts the door then."""
    global _over  # noqa: PLW0603 - of the process, and it never opens again: no setting and no caller can forget it
    _over = mirror_of(mark) or _over
    return _over


def look(connection: psycopg.Connection[Any]) -> Mirror | None:
    """As ``heed``, of the database that the connection is to."""
    row = connection.execute(MARK).fetchone()
    return heed(str(row[0]) if row else None)


def look_at(database_url: str) -> Mirror | None:
    """As ``heed``, of the database at the URL, which may name SQLAlchemy's driver."""
    plain = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        return look(connection)


def require(channel: str, *, system: str = "") -> None:
    """Comes back where this process may send. Raises Shut, which names the channel, where it works over a mirror."""
    if _over is not None:
        raise Shut(
            f"a mirror sends nothing: {channel} is closed.",
            system=system,
            place=f"mirror {_over.build}".strip(),
            next_step="this is how it must be; to reach anybody, work with the hub itself, not with its test data.",
        )
