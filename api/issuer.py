"""The embedded OAuth 2 issuer: what its tokens say, its key and its metadata. ``api.desk`` hands the tokens out.

Whoever has an issuer already names it in ``hub.toml``, and this one is off.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.clients import Client
from api.keys import coordinate, key_id
from api.scopes import every_scope


@dataclass(frozen=True)
class Issuer:
    """Who signs tokens, for whom they are, and for how long. ``url`` is the issuer's name in tokens."""

    key: Ed25519PrivateKey
    url: str
    audience: str
    minutes: int = 10

    def token(self, client: Client, scopes: frozenset[str], now: float) -> str:
        """An access token (RFC 9068) for the client, with those scopes."""
        head = {"alg": "EdDSA", "typ": "at+jwt", "kid": key_id(self.key.public_key())}
        claims = {
            "iss": self.url, "aud": self.audience, "sub": client.id, "client_id": client.id, "iat": int(now),
            "exp": int(now) + self.minutes * 60, "jti": secrets.token_hex(16), "scope": " ".join(sorted(scopes)),
            "purpose": client.purpose,
        }  # fmt: skip
        text = f"{_part(orjson.dumps(head))}.{_part(orjson.dumps(claims))}"
        return f"{text}.{_part(self.key.sign(text.encode()))}"

    def key_set(self) -> dict[str, object]:
        """The public key as a JSON Web Key Set."""
        public = self.key.public_key()
        key = {"kty": "OKP", "crv": "Ed25519", "x": coordinate(public), "kid": key_id(public)}
        return {"keys": [{**key, "use": "sig", "alg": "EdDSA"}]}

    def metadata(self) -> dict[str, object]:
        """What the issuer can do (RFC 8414)."""
        return {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/oauth/token",
            "jwks_uri": f"{self.url}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": list(every_scope()),
        }


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
