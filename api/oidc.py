"""The keys of an OpenID Connect issuer: fetched when the API starts, and again every few minutes.

Which algorithm a token may be signed by follows from the key (``api.tokens``), so ``none`` and shared secrets never do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from api.tokens import PublicKey, public_keys
from ledger.errors import ContractBroken, HubError, SourceUnavailable
from services import outside

DISCOVERY = "/.well-known/openid-configuration"
SECONDS = 10
LARGEST = 1_000_000
"""Bytes of an answer that are read."""
FRESH_SECONDS, UNKNOWN_SECONDS = 300.0, 15.0
"""Keys are fetched again after so long; where a token names one that is not known, after the lesser time."""
log = logging.getLogger("api.oidc")


class IssuerKeys(Mapping[str, PublicKey]):
    """Key id -> key, as the issuer had them when it was asked last. An issuer that is away leaves the keys as they are.

    It is asked in a thread of its own: no request waits for it.
    """

    def __init__(self, fetch: Callable[[], dict[str, PublicKey]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._keys, self._fetched = fetch(), clock()
        self._asking = Lock()

    def __getitem__(self, key: str) -> PublicKey:
        age = self._clock() - self._fetched
        if (age > FRESH_SECONDS or (key not in self._keys and age > UNKNOWN_SECONDS)) and self._asking.acquire(False):
            Thread(target=self._ask, name="issuer's keys", daemon=True).start()
        return self._keys[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def _ask(self) -> None:
        try:
            self._keys = self._fetch()
        except HubError as fault:
            log.warning("%s", fault)
        finally:
            self._fetched = self._clock()
            self._asking.release()


def fetch_keys(issuer: str) -> dict[str, PublicKey]:
    """The issuer's keys. Raises SourceUnavailable and ContractBroken."""
    outside.require("the issuer of tokens", system="api")
    issuer = issuer.rstrip("/")
    told = _document(issuer + DISCOVERY)
    if str(told.get("issuer", "")).rstrip("/") != issuer:
        raise _broken(issuer, "says of itself that it is another issuer.")
    where = urlsplit(str(told.get("jwks_uri", "")))
    if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost"):
        raise _broken(issuer, "does not give its keys over https.")
    try:
        keys = public_keys(_document(where.geturl()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _broken(issuer, "gives keys that are not as RFC 7517 has them.") from None
    if not keys:
        raise _broken(issuer, "has no key of type Ed25519, P-256 or RSA.")
    return keys


def _document(url: str) -> dict[str, Any]:
    try:
        with requests.get(url, timeout=SECONDS, stream=True, allow_redirects=False) as answer:
            content = answer.raw.read(LARGEST + 1, decode_content=True)
            status = answer.status_code
        document = orjson.loads(content)
    except requests.RequestException as error:
        raise SourceUnavailable(
            f"it does not answer ({type(error).__name__}).", system="issuer", place=url,
            next_step="Check [api] issuer in hub.toml and that the hub can reach it.",
        ) from None  # fmt: skip
    except orjson.JSONDecodeError:
        raise _broken(url, "does not answer with JSON.") from None
    if status != 200 or not isinstance(document, dict):
        raise _broken(url, f"answers with {status}, not with a document.")
    return document


def _broken(place: str, fault: str) -> ContractBroken:
    return ContractBroken(
        fault, system="issuer", place=place, next_step="Check [api] issuer in hub.toml with those who run the issuer."
    )
