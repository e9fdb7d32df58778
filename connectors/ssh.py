"""A session with an SSH server that proved its pinned key before it was told a secret."""

from __future__ import annotations

import binascii
import io
import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import paramiko
from paramiko.pkey import UnknownKeyType

from ledger.errors import ConfigurationFault, SourceRefused, SourceUnavailable
from services import outside

WINDOW_BYTES = 1 << 26

CONNECTION_LOST = (paramiko.SSHException, EOFError, OSError)
"""What paramiko raises when the other side goes away."""


@dataclass(frozen=True)
class Server:
    """Where a system's files are offered.

    ``url`` is ``sftp://user@host:port/folder`` (``/~/folder`` from the user's own folder). ``host_key`` is
    the pinned key as in known_hosts (``ssh-ed25519 AAAA...``) or its fingerprint (``SHA256:...``), with or
    without the key type before it.
    """

    system: str
    url: str
    host_key: str
    timeout_seconds: float = field(default=30.0, kw_only=True)


def lost(server: Server, where: str, error: BaseException) -> SourceUnavailable:
    """The error for a connection that ended in the middle."""
    return SourceUnavailable(
        f"The connection was lost ({type(error).__name__}).",
        system=server.system,
        place=where,
        next_step="Run again: the fetch goes on where it stopped.",
    )


@contextmanager
def connected(server: Server, secrets: Mapping[str, str]) -> Iterator[paramiko.SFTPClient]:
    """A session with the server whose key was checked before a secret was sent."""
    url = urlsplit(server.url)
    user = url.username or secrets.get("username")
    if url.scheme != "sftp" or not url.hostname or not user or url.password:
        raise ConfigurationFault(
            "The feed's URL must be sftp://user@host:port/folder, without a password.",
            system=server.system,
            next_step="Correct it in hub.toml; the password belongs into the environment.",
        )
    address = (url.hostname, url.port or 22)
    outside.require("SFTP", system=server.system)
    try:
        transport = paramiko.Transport(socket.create_connection(address, server.timeout_seconds))
    except (OSError, paramiko.SSHException) as error:
        raise SourceUnavailable(
            f"No SFTP server answers at {address[0]}:{address[1]} ({type(error).__name__}).",
            system=server.system,
            next_step="Check the address in hub.toml and that the server is up, then run again.",
        ) from error
    try:
        _shake_hands(transport, server)
        _log_in(transport, server, unquote(user), secrets)
        try:
            # With the small window that is usual, both sides wait for each other ten times as long as they work.
            client = paramiko.SFTPClient.from_transport(transport, window_size=WINDOW_BYTES)
            assert client is not None
            client.get_channel().settimeout(server.timeout_seconds)  # type: ignore[union-attr]
        except CONNECTION_LOST as error:
            raise lost(server, "while the SFTP session was opened", error) from error
        yield client
    finally:
        transport.close()


def _shake_hands(transport: paramiko.Transport, server: Server) -> None:
    """Returns once the server proved that it owns the pinned key. Raises SourceRefused where it did not."""
    *kind, pinned = server.host_key.split()[:2] or [""]
    if not pinned.startswith("SHA256:"):
        try:
            pinned = paramiko.PKey.from_type_string("".join(kind), binascii.a2b_base64(pinned)).fingerprint
        except (paramiko.SSHException, ValueError, UnknownKeyType) as error:
            raise ConfigurationFault(
                "The pinned host key cannot be read.",
                system=server.system,
                next_step="Set host_key in hub.toml to the server's fingerprint (ssh-keygen -lf KEY.pub).",
            ) from error
    if kind:
        # The server may own several keys: ask it to prove the one that is pinned.
        options = transport.get_security_options()
        wanted = ("rsa-sha2-512", "rsa-sha2-256") if kind == ["ssh-rsa"] else tuple(kind)
        options.key_types = [known for known in options.key_types if known in wanted] or options.key_types
    # The wire's own log would print stack traces of every dropped connection; our errors say what happened.
    transport.set_log_channel("connectors.ssh.wire")
    logging.getLogger("connectors.ssh.wire").setLevel(logging.CRITICAL + 1)
    try:
        transport.start_client(timeout=server.timeout_seconds)
        shown = transport.get_remote_server_key().fingerprint
    except CONNECTION_LOST as error:
        raise SourceUnavailable(
            f"The server did not complete the SSH handshake ({type(error).__name__}).",
            system=server.system,
            next_step="Check that an SFTP server with current algorithms stands there, and run again.",
        ) from error
    if shown != pinned:
        raise SourceRefused(
            f"The server's host key is not the pinned one: expected {pinned}, got {shown}.",
            system=server.system,
            next_step="Ask the sender by telephone whether the key was changed; only then set the new "
            "fingerprint as host_key in hub.toml. No password was sent.",
        )


def _log_in(transport: paramiko.Transport, server: Server, user: str, secrets: Mapping[str, str]) -> None:
    key = _private_key(server, secrets)
    if key is None and "password" not in secrets:
        raise ConfigurationFault(
            "There is neither a password nor a private key for the server.",
            system=server.system,
            next_step="Set the feed's password or private_key in the environment.",
        )
    try:
        if key is not None:
            transport.auth_publickey(user, key)
        else:
            transport.auth_password(user, secrets["password"])
    except paramiko.AuthenticationException as error:
        raise SourceRefused(
            f"The server does not accept the {'private key' if key else 'password'} of the feed's user.",
            system=server.system,
            next_step="Correct the secret in the environment, or ask the sender to unlock the user.",
        ) from error
    except CONNECTION_LOST as error:
        raise lost(server, "while logging in", error) from error


def _private_key(server: Server, secrets: Mapping[str, str]) -> paramiko.PKey | None:
    if "private_key" not in secrets:
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(secrets["private_key"]), secrets.get("passphrase"))
        except (paramiko.SSHException, ValueError):
            continue
    raise ConfigurationFault(
        "The private key cannot be read.",
        system=server.system,
        next_step="Give the text of an OpenSSH or PEM key, and its passphrase where it has one.",
    )
