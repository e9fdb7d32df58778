"""The programs that may ask the embedded issuer for tokens: added, listed, revoked, and known by their secret.

A secret is 32 random bytes that are shown once; what is kept is its scrypt hash (RFC 7914).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import psycopg

from api.scopes import every_scope
from ledger.errors import ConfigurationFault

COST, BLOCK, PARALLEL = 2**14, 8, 1
"""16 MiB and some 40 ms a check."""
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
PURPOSE = re.compile(r"[^\x00-\x1f\x7f]{3,200}")
BY_ID = "SELECT secret_hash, scopes, purpose, revoked_at FROM api.client WHERE id = $1"

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Client:
    """A program with the scopes it may have and the purpose it reads for."""

    id: str
    scopes: frozenset[str]
    purpose: str
    created_at: datetime | None = None
    revoked_at: datetime | None = None


def add(connection: Connection, client: Client) -> str:
    """The secret of a client that is added. Raises ConfigurationFault where its name, scopes or purpose do not do."""
    if not NAME.fullmatch(client.id):
        raise _fault(client.id, "is no name for a client.", "Use 2 to 40 small letters, digits and dashes.")
    if not PURPOSE.fullmatch(client.purpose):
        raise _fault(client.id, "has no purpose.", "Say in 3 to 200 characters what it reads for.")
    check_scopes(client.id, client.scopes)
    secret = secrets.token_urlsafe(32)
    added = connection.execute(
        "INSERT INTO api.client (id, secret_hash, scopes, purpose) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (client.id, hashed(secret), sorted(client.scopes), client.purpose),
    )
    if not added.rowcount:
        raise _fault(client.id, "is there already.", "Choose another name; a revoked one is not given again.")
    return secret


def check_scopes(client: str, scopes: Collection[str]) -> None:
    """Raises ConfigurationFault that names the scopes which there are not."""
    known = every_scope()
    unknown = sorted(scope for scope in scopes if scope not in known)
    if not scopes or unknown:
        said = f"has scopes that there are not: {', '.join(unknown)}." if unknown else "has no scopes."
        raise _fault(client, said, f"Choose from: {', '.join(known)}.")


def listed(connection: Connection) -> list[Client]:
    """All clients, by name."""
    found = connection.execute("SELECT id, scopes, purpose, created_at, revoked_at FROM api.client ORDER BY id")
    return [
        Client(str(name), frozenset(scopes), str(purpose), created, revoked)  # type: ignore[call-overload, arg-type]
        for name, scopes, purpose, created, revoked in found
    ]


def find(connection: Connection, name: str) -> Client:
    """The client of that name that is not revoked. Raises ConfigurationFault."""
    for client in listed(connection):
        if client.id == name and client.revoked_at is None:
            return client
    raise _fault(name, "is not a client, or was revoked.", "Run hub api client list.")


def revoke(connection: Connection, name: str) -> None:
    """Lets a client have no more tokens; those that are out end by themselves. Raises ConfigurationFault."""
    find(connection, name)
    connection.execute("UPDATE api.client SET revoked_at = now() WHERE id = %s", (name,))


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    salt = secrets.token_bytes(16)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${_scrypt(secret, salt, COST, BLOCK, PARALLEL).hex()}"


def is_of(secret: str, kept: str) -> bool:
    """Whether a secret is the one that was kept so."""
    _, cost, block, parallel, salt, digest = kept.split("$")
    found = _scrypt(secret, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(secret: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=64 * 2**20, dklen=32)


def _fault(client: str, what: str, next_step: str) -> ConfigurationFault:
    return ConfigurationFault(what, system="api", place=f"client {client}", next_step=next_step)
