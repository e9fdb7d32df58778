"""Only tokens of the issuer, for this API and in time, are taken."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from api.problems import Problem
from api.tokens import Verifier, public_keys
from tests.api.tokens import AUDIENCE, ISSUER, signed, token

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def verifier(now: float = 1_000) -> Verifier:
    return Verifier({"k1": KEY.public_key()}, ISSUER, AUDIENCE, lambda: now)


def good(**claims: Any) -> str:
    return "Bearer " + token(KEY, **{"iat": 900, "exp": 1_600, "scope": "people:read rents:read", **claims})


def test_a_good_token_tells_client_scopes_and_purpose() -> None:
    caller = verifier().caller(good(purpose="repairs"))
    assert (caller.client_id, caller.scopes) == ("portal", frozenset({"people:read", "rents:read"}))
    assert (caller.expires_at, caller.purpose) == (1_600, "repairs")


@pytest.mark.parametrize(
    "claims", [{"scope": "people:read"}, {"scp": "people:read"}, {"scp": ["people:read"]}, {"roles": ["people:read"]}]
)
def test_issuers_tell_scopes_each_in_its_way(claims: dict[str, Any]) -> None:
    said = {"iat": 900, "exp": 1_600, "iss": ISSUER, "aud": AUDIENCE, "azp": "portal", **claims}
    caller = verifier().caller("Bearer " + signed(KEY, said))
    assert (caller.client_id, caller.scopes) == ("portal", frozenset({"people:read"}))


@pytest.mark.parametrize("scope", [7, {"people:read": True}, [7], None])
def test_a_scope_that_is_no_text_is_refused(scope: Any) -> None:
    with pytest.raises(Problem, match="what it is for"):
        verifier().caller(good(scope=scope))


def test_a_key_for_encryption_signs_nothing() -> None:
    x = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    key = {"kty": "OKP", "crv": "Ed25519", "x": x}
    keys = [{**key, "kid": "a", "use": "enc"}, {**key, "kid": "b", "use": "sig"}, {**key, "kid": "c"}]
    assert set(public_keys({"keys": keys})) == {"b", "c"}


def test_a_remembered_token_is_refused_once_it_expires() -> None:
    clock = [1_000.0]
    remembering = Verifier({"k1": KEY.public_key()}, ISSUER, AUDIENCE, lambda: clock[0])
    said = good()
    assert remembering.caller(said) is remembering.caller(said)
    clock[0] = 1_600
    with pytest.raises(Problem, match="expired"):
        remembering.caller(said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "Send Authorization"),
        ("Basic dXNlcjpwYXNz", "form"),
        ("Bearer " + "x" * 9_000, "form"),
        ("Bearer not-a-token", "not a signed"),
        ("Bearer a.b.c", "not a signed"),
        ("Bearer é.é.é", "not a signed"),
        ("Bearer W10.W10.x", "not a signed"),
        (good().rsplit(".", 1)[0] + ".", "signature"),
        ("Bearer " + token(OTHER, iat=900, exp=1_600), "signature"),
        ("Bearer " + token(KEY, {"alg": "none"}, iat=900, exp=1_600), "signature"),
        ("Bearer " + token(KEY, {"alg": "HS256"}, iat=900, exp=1_600), "signature"),
        ("Bearer " + token(KEY, {"kid": "k2"}, iat=900, exp=1_600), "signature"),
        ("Bearer " + token(KEY, {"crit": ["b64"]}, iat=900, exp=1_600), "signature"),
        (good(exp=1_000), "expired"),
        (good(exp=None), "when it expires"),
        (good(iat=1_100), "not valid yet"),
        (good(iss="https://elsewhere"), "another issuer"),
        (good(aud="https://elsewhere"), "another audience"),
        (good(aud=[]), "another audience"),
        (good(client_id=None), "which client"),
    ],
)
def test_a_bad_token_is_refused_without_repeating_it(said: str | None, why: str) -> None:
    with pytest.raises(Problem, match=why) as refused:
        verifier().caller(said)
    assert refused.value.status == 401
    assert "www-authenticate" in refused.value.headers


def test_keys_of_other_issuers_are_read_from_their_key_set() -> None:
    curve, modulus = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    point, numbers = curve.public_key().public_numbers(), modulus.public_key().public_numbers()
    jwks = {
        "keys": [
            {"kty": "EC", "crv": "P-256", "kid": "ec", "x": _text(point.x, 32), "y": _text(point.y, 32)},
            {"kty": "RSA", "kid": "rsa", "n": _text(numbers.n, 256), "e": _text(numbers.e, 3)},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        ]
    }
    verifier = Verifier(public_keys(jwks), ISSUER, AUDIENCE, lambda: 1_000)

    class Curve:
        def sign(self, text: bytes) -> bytes:
            r, s = decode_dss_signature(curve.sign(text, ec.ECDSA(SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    class Modulus:
        def sign(self, text: bytes) -> bytes:
            return modulus.sign(text, PKCS1v15(), SHA256())

    by_curve = token(Curve(), {"alg": "ES256", "kid": "ec"}, iat=900, exp=1_600)
    by_modulus = token(Modulus(), {"alg": "RS256", "kid": "rsa"}, iat=900, exp=1_600)
    assert verifier.caller(f"Bearer {by_curve}").client_id == verifier.caller(f"Bearer {by_modulus}").client_id
    mixed = token(Modulus(), {"alg": "RS256", "kid": "ec"}, iat=900, exp=1_600)
    with pytest.raises(Problem, match="signature"):
        verifier.caller(f"Bearer {mixed}")


def _text(number: int, length: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(length, "big")).rstrip(b"=").decode()
