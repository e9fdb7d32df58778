"""The signed account of a proof: JSON that anybody can read, and a signature that only the mask key's holder makes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import ConfigurationFault, ContractBroken

PURPOSE = "proof"


class Key(Protocol):
    """The mask key, of which the signing key is made."""

    def sub(self, purpose: str) -> bytes:
        """32 bytes for that purpose."""
        ...


@dataclass(frozen=True)
class Bundle:
    """What a proof found, as it was signed."""

    told: dict[str, Any]

    @property
    def faults(self) -> tuple[str, ...]:
        """What failed."""
        return tuple(self.told["faults"])

    @property
    def is_complete(self) -> bool:
        """Whether files and WAL were looked at too."""
        return bool(self.told["is_complete"])


def place(folder: Path, build: str) -> Path:
    """Where the bundle of a build rests."""
    return folder / f"{build}.json"


def write(told: dict[str, Any], path: Path, key: Key) -> None:
    """Signs the account and writes it, whole or not at all."""
    text = _text(told)
    signature = base64.b64encode(_signer(key).sign(text.encode())).decode()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"proof": told, "signature": signature}, indent=1, sort_keys=True) + "\n", "utf-8")
    draft.replace(path)


def read(path: Path, key: Key) -> Bundle:
    """The bundle, once its signature holds. Raises ContractBroken where it was changed, or signed with another key."""
    try:
        whole = json.loads(path.read_text("utf-8"))
        told, signature = whole["proof"], base64.b64decode(whole["signature"], validate=True)
        _signer(key).public_key().verify(signature, _text(told).encode())
    except FileNotFoundError:
        raise ConfigurationFault(
            "there is no proof.", system="mirror", place=str(path), next_step="run 'hub mirror build', which makes one."
        ) from None
    except (ValueError, KeyError, TypeError, InvalidSignature):
        raise ContractBroken(
            "the proof was changed after it was signed, or signed with another mask key.",
            system="mirror",
            place=str(path),
            next_step="trust neither it nor the mirror: run 'hub mirror build' again.",
        ) from None
    return Bundle(told)


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def _signer(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.sub(PURPOSE))
