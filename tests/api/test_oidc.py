"""An issuer of the council's own: its keys are found, kept and renewed, and what it must not do is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from api.keys import coordinate
from api.oidc import UNKNOWN_SECONDS, IssuerKeys, fetch_keys
from api.problems import Problem
from api.tokens import Verifier
from ledger.errors import ContractBroken, SourceUnavailable
from tests.api.tokens import AUDIENCE, token


class Issuer:
    """An OpenID Connect issuer on this machine; ``told`` may be changed."""

    def __init__(self) -> None:
        self.ed, self.rsa = Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = issuer.answers.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(b"" if body is None else body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/realm"
        self.answers: dict[str, bytes] = {}
        self.tell()

    def tell(self, keys: list[dict[str, Any]] | None = None, more: dict[str, str] | None = None) -> None:
        discovery = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **(more or {})}
        self.answers["/realm/.well-known/openid-configuration"] = json.dumps(discovery).encode()
        self.answers["/realm/keys"] = json.dumps({"keys": self.keys() if keys is None else keys}).encode()

    def keys(self) -> list[dict[str, Any]]:
        numbers = self.rsa.public_key().public_numbers()
        return [
            {"kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": coordinate(self.ed.public_key())},
            {"kid": "rsa", "kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)},
            {"kid": "shared", "kty": "oct", "k": "c2VjcmV0"},
        ]


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


class RsaSigner:
    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes, /) -> bytes:
        return self._key.sign(data, PKCS1v15(), SHA256())


class SharedSigner:
    """Signs by HMAC with what is public: the attack on verifiers that trust the token's own algorithm."""

    def sign(self, data: bytes, /) -> bytes:
        return hmac.new(b"secret", data, hashlib.sha256).digest()


def test_tokens_of_the_issuers_keys_are_taken_and_no_others(issuer: Issuer) -> None:
    verifier = Verifier(IssuerKeys(lambda: fetch_keys(issuer.url)), issuer.url, AUDIENCE)
    said = {"iss": issuer.url, "scope": "people:read"}
    assert verifier.caller(f"Bearer {token(issuer.ed, {'kid': 'ed'}, **said)}").scopes == {"people:read"}
    assert verifier.caller(f"Bearer {token(RsaSigner(issuer.rsa), {'kid': 'rsa', 'alg': 'RS256'}, **said)}")
    for head in ({"kid": "rsa", "alg": "HS256"}, {"kid": "shared", "alg": "HS256"}, {"kid": "ed", "alg": "none"}):
        with pytest.raises(Problem):
            verifier.caller(f"Bearer {token(SharedSigner(), head, **said)}")


def test_a_new_key_is_found_without_a_restart(issuer: Issuer) -> None:
    now = [0.0]
    keys = IssuerKeys(lambda: fetch_keys(issuer.url), clock=lambda: now[0])
    issuer.tell([{**issuer.keys()[0], "kid": "renewed"}])
    assert keys.get("renewed") is None  # it was just asked: an unknown key does not make it ask again and again
    assert "ed" in keys
    now[0] = UNKNOWN_SECONDS + 1
    deadline = time.monotonic() + 10
    while keys.get("renewed") is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(keys) == ["renewed"]


def test_an_issuer_that_is_away_leaves_the_keys(issuer: Issuer) -> None:
    now = [0.0]
    keys = IssuerKeys(lambda: fetch_keys(issuer.url), clock=lambda: now[0])
    issuer.answers.clear()
    now[0] = 10_000.0
    assert keys.get("ed") is not None
    time.sleep(0.2)
    assert keys.get("ed") is not None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"issuer": "https://another.example"}, "another issuer"),
        ({"jwks_uri": "http://keys.example/keys"}, "over https"),
        ({"jwks_uri": "file:///etc/passwd"}, "over https"),
    ],
)
def test_an_issuer_that_says_what_it_must_not_is_refused(issuer: Issuer, more: dict[str, str], said: str) -> None:
    issuer.tell(more=more)
    with pytest.raises(ContractBroken, match=said):
        fetch_keys(issuer.url)


@pytest.mark.parametrize("keys", [[], [{"kty": "RSA"}], [{"kid": "shared", "kty": "oct", "k": "c2VjcmV0"}]])
def test_an_issuer_without_keys_is_refused(issuer: Issuer, keys: list[dict[str, Any]]) -> None:
    issuer.tell(keys)
    with pytest.raises(ContractBroken):
        fetch_keys(issuer.url)


def test_an_issuer_that_does_not_answer_is_told(issuer: Issuer) -> None:
    with pytest.raises(SourceUnavailable, match="does not answer"):
        fetch_keys("http://127.0.0.1:1/realm")
    issuer.answers.clear()
    with pytest.raises(ContractBroken, match="JSON"):
        fetch_keys(issuer.url)
