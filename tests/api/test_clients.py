"""Clients and keys: added once, known by their secret, revoked; secrets are the hub's user's alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api import clients
from api.clients import Client
from api.keys import keys_of
from ledger.errors import ConfigurationFault

PORTAL = Client("portal", frozenset({"people:read", "people:name"}), "Tenants' portal")


@pytest.fixture
def connection(hub_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection


def test_a_client_is_known_by_its_secret(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    secret = clients.add(connection, PORTAL)
    rows = connection.execute("SELECT secret_hash FROM api.client").fetchall()
    kept = str(rows[0][0])
    assert clients.is_of(secret, kept)
    assert not clients.is_of(secret + "x", kept)
    assert secret not in kept
    assert clients.find(connection, "portal").scopes == PORTAL.scopes


def test_a_client_that_is_revoked_is_gone_for_good(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    clients.add(connection, PORTAL)
    clients.revoke(connection, "portal")
    with pytest.raises(ConfigurationFault, match="revoked"):
        clients.find(connection, "portal")
    with pytest.raises(ConfigurationFault, match="is there already"):
        clients.add(connection, PORTAL)
    assert [client.revoked_at is not None for client in clients.listed(connection)] == [True]


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (Client("Portal!", PORTAL.scopes, "x" * 5), "no name for a client"),
        (Client("portal", PORTAL.scopes, ""), "has no purpose"),
        (Client("portal", frozenset(), "a purpose"), "has no scopes"),
        (Client("portal", frozenset({"people:all"}), "a purpose"), "people:all"),
    ],
)
def test_a_client_that_does_not_do_is_told_why(
    connection: psycopg.Connection[tuple[object, ...]], client: Client, said: str
) -> None:
    with pytest.raises(ConfigurationFault, match=said):
        clients.add(connection, client)


def test_keys_are_made_once_for_the_hubs_user_alone(tmp_path: Path) -> None:
    made, again = keys_of(tmp_path / "api"), keys_of(tmp_path / "api")
    assert made.secret == again.secret
    assert made.signing.private_bytes_raw() == again.signing.private_bytes_raw()
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "api").iterdir()} == {0o600}
    assert (tmp_path / "api").stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys_of(tmp_path)
    (tmp_path / "issuer.key").chmod(0o644)
    with pytest.raises(ConfigurationFault, match="chmod 600"):
        keys_of(tmp_path)
    (tmp_path / "issuer.key").write_text("no key")
    (tmp_path / "issuer.key").chmod(0o600)
    with pytest.raises(ConfigurationFault, match="not an Ed25519 key"):
        keys_of(tmp_path)
