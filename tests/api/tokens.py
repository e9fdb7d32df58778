"""Tokens as the issuer makes them, and as somebody might forge them."""

from __future__ import annotations

import base64
import json
import time
from typing import Any, Protocol

ISSUER, AUDIENCE = "https://hub.example/issuer", "https://hub.example/v1"


class Signer(Protocol):
    def sign(self, data: bytes, /) -> bytes: ...


def token(key: Signer, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = time.time()
    said = {"iss": ISSUER, "aud": AUDIENCE, "client_id": "portal", "iat": now, "exp": now + 600, "scope": "", **claims}
    return signed(key, said, header)


def signed(key: Signer, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    head = {"alg": "EdDSA", "typ": "at+jwt", "kid": "k1", **(header or {})}
    text = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{text}.{_part(key.sign(text.encode()))}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
