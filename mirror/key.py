"""The key of the masks: made once, kept in the hub's state, never in a mirror."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ledger.errors import ConfigurationFault

_BYTES = 32
_LOST = (
    "Restore the file from the backup of the hub's state. If it is gone for good, remove the record of the earlier "
    "builds too: a new key gives every person, place and reference another mask."
)


@dataclass(frozen=True)
class MaskKey:
    """The secret, and the day at which masked birth dates keep the completed age."""

    secret: bytes = field(repr=False)
    reference_day: date

    def sub(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256): masks of two purposes tell nothing of each other."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")

    @property
    def fingerprint(self) -> str:
        """What tells this key from another and nothing else of it: 16 hexadecimal digits."""
        return self.sub(f"fingerprint {self.reference_day.isoformat()}").hex()[:16]


def keep(path: Path, reference_day: date) -> MaskKey:
    """The key of the file; made with ``reference_day`` where there is none. Only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"secret": secrets.token_hex(_BYTES), "reference_day": reference_day.isoformat()})
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read(path)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return read(path)


def read(path: Path) -> MaskKey:
    """The key of the file. Raises ConfigurationFault where it is lost, damaged or open to others."""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationFault(
                "the mask key may be read by others.", place=str(path), next_step=f"Run: chmod 600 {path}"
            )
        stated = json.loads(path.read_text(encoding="utf-8"))
        key = MaskKey(bytes.fromhex(stated["secret"]), date.fromisoformat(stated["reference_day"]))
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise ConfigurationFault("the mask key cannot be read.", place=str(path), next_step=_LOST) from fault
    if len(key.secret) != _BYTES:
        raise ConfigurationFault("the mask key is damaged.", place=str(path), next_step=_LOST)
    return key
