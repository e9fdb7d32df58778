"""The API's secrets in the state folder, each made once and readable by the hub's user alone.

``issuer.key``  the Ed25519 key (PKCS 8, PEM) that signs access tokens and seals the end of the audit
``secret``      32 bytes that cursors and webhooks are sealed with, the same for all workers
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ledger.errors import ConfigurationFault

SECRET_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """What the API signs and seals with."""

    signing: Ed25519PrivateKey
    secret: bytes

    @property
    def public(self) -> Ed25519PublicKey:
        return self.signing.public_key()


def keys_of(folder: Path) -> Keys:
    """The keys that stand in the API's folder, made where they are missing. Raises ConfigurationFault."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = _kept(folder / "issuer.key", _new_key)
    secret = _kept(folder / "secret", lambda: secrets.token_bytes(SECRET_BYTES))
    try:
        key = load_pem_private_key(pem, password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise _fault(folder / "issuer.key", "is not an Ed25519 key.")
    if len(secret) != SECRET_BYTES:
        raise _fault(folder / "secret", f"is not {SECRET_BYTES} bytes long.")
    return Keys(key, secret)


def key_id(key: Ed25519PublicKey) -> str:
    """The thumbprint of a key (RFC 7638, RFC 8037), by which tokens name it."""
    members = f'{{"crv":"Ed25519","kty":"OKP","x":"{coordinate(key)}"}}'
    return _text(hashlib.sha256(members.encode()).digest())


def coordinate(key: Ed25519PublicKey) -> str:
    """The public key as a JSON Web Key has it."""
    return _text(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; made where it is missing, whole or not at all, by whoever of several comes first."""
    if not file.exists():
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as made:
            made.write(make())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # of another process, which was quicker: its key is the one
        finally:
            draft.unlink()
    if file.stat().st_mode & 0o077:
        raise _fault(file, "can be read by others than the hub's user.", "Run chmod 600 on it, or move it away.")
    return file.read_bytes()


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _fault(file: Path, what: str, next_step: str = "Move it away; the API makes a new one.") -> ConfigurationFault:
    return ConfigurationFault(what, system="api", place=str(file), next_step=next_step)
