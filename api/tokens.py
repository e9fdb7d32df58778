"""Access tokens: JSON Web Tokens (RFC 7519, RFC 9068) whose signature, issuer, audience and time are verified.

The algorithm follows from the key, never from the token alone: EdDSA of an Ed25519 key, ES256 of a P-256 key, RS256
of an RSA key. A token that was found good is remembered by its text until it expires.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from api.problems import Problem

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
LONGEST = 8_000
"""Characters of a token that is looked at."""
REMEMBERED = 10_000
LEEWAY_SECONDS = 30
"""By so much may an issuer's clock be ahead; an expiry is kept to the second."""


@dataclass(frozen=True)
class Caller:
    """Who asks: the client, what it may see, for what purpose where it registered one, and until when."""

    client_id: str
    scopes: frozenset[str]
    expires_at: float
    purpose: str | None = None


class Verifier:
    """Turns the ``Authorization`` header into a Caller. ``keys``: key id -> public key."""

    def __init__(
        self, keys: Mapping[str, PublicKey], issuer: str, audience: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys, self._issuer, self._audience, self._clock = keys, issuer, audience, clock
        self._known: dict[str, Caller] = {}

    def caller(self, authorization: str | None) -> Caller:
        """Raises Problem 401; its message never holds anything of the token."""
        if not authorization:
            raise Problem(
                "unauthorised", "Send Authorization: Bearer <access token>.", headers={"www-authenticate": "Bearer"}
            )
        known = self._known.get(authorization)
        if known is not None and known.expires_at > self._clock():
            return known
        self._known.pop(authorization, None)
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token or len(token) > LONGEST:
            raise Problem("unauthorised", "The Authorization header is not of the form: Bearer <access token>.")
        caller = self._accepted(token)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[authorization] = caller
        return caller

    def _accepted(self, token: str) -> Caller:
        try:
            head, body, signature = token.split(".")
            header, claims = orjson.loads(_bytes(head)), orjson.loads(_bytes(body))
            if not isinstance(header, dict) or not isinstance(claims, dict):
                raise Problem("unauthorised", "The token is not a signed JSON Web Token.")
            key = self._keys.get(str(header.get("kid")))
            if key is None or "crit" in header or not _signed(key, header.get("alg"), f"{head}.{body}", signature):
                raise Problem("unauthorised", "The token's signature is not one of this API's issuer.")
        except ValueError:
            raise Problem("unauthorised", "The token is not a signed JSON Web Token.") from None
        return self._in_time(claims)

    def _in_time(self, claims: Mapping[str, Any]) -> Caller:
        now, audience = self._clock(), claims.get("aud")
        expires, begins = claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            raise Problem("unauthorised", "The token does not say when it expires.")
        if expires <= now:
            raise Problem("unauthorised", "The token has expired. Ask the issuer for a new one.")
        if begins > now + LEEWAY_SECONDS:
            raise Problem("unauthorised", "The token is not valid yet.")
        if claims.get("iss") != self._issuer:
            raise Problem("unauthorised", "The token is of another issuer.")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise Problem("unauthorised", "The token is for another audience.")
        client = claims.get("client_id") or claims.get("azp") or claims.get("sub")
        if not isinstance(client, str):
            raise Problem("unauthorised", "The token does not say which client it is for.")
        purpose = claims.get("purpose")
        return Caller(client, _scopes(claims), expires, purpose if isinstance(purpose, str) else None)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """What the token opens: ``scope`` of RFC 9068; some issuers have ``scp``, or ``roles`` where no user asks."""
    said = next((claims[name] for name in ("scope", "scp", "roles") if name in claims), "")
    words = said.split() if isinstance(said, str) else said
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Problem("unauthorised", "The token does not say what it is for.")
    return frozenset(words)


def public_keys(jwks: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Key id -> key of a JSON Web Key Set (RFC 7517); those that no token of this API is signed with are left out."""
    found: dict[str, PublicKey] = {}
    for key in (one for one in jwks.get("keys", ()) if one.get("use", "sig") == "sig"):
        match key.get("kty"), key.get("crv"):
            case "OKP", "Ed25519":
                found[str(key.get("kid"))] = Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
            case "EC", "P-256":
                found[str(key.get("kid"))] = ec.EllipticCurvePublicNumbers(
                    _number(key["x"]), _number(key["y"]), ec.SECP256R1()
                ).public_key()
            case "RSA", _:
                found[str(key.get("kid"))] = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    return found


def _signed(key: PublicKey, algorithm: object, text: str, signature: str) -> bool:
    """Whether the signature is the key's, by the one algorithm that the key is for."""
    signed, said = text.encode("ascii"), _bytes(signature)
    try:
        if isinstance(key, Ed25519PublicKey) and algorithm in ("EdDSA", "Ed25519"):
            key.verify(said, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == "ES256" and len(said) == 64:
            pair = int.from_bytes(said[:32], "big"), int.from_bytes(said[32:], "big")
            key.verify(encode_dss_signature(*pair), signed, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm == "RS256":
            key.verify(said, signed, PKCS1v15(), SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")
