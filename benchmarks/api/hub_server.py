"""The hub's API as the benchmark serves it: as ``hub api serve`` makes it, with audit, issuer and limits to choose.

``HUB_BENCHMARK`` in the environment says which: JSON of ``Choice``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from asyncpg import Pool

from api.app import create_app
from api.audit import Chain, Seal
from api.clients import Client
from api.door import Door
from api.issuer import Issuer
from api.keys import key_id, keys_of
from api.scopes import every_scope
from api.service import Audit, Read
from api.settings import ApiSettings
from api.workers import settled

VARIABLE = "HUB_BENCHMARK"
ISSUER, AUDIENCE = "http://127.0.0.1", "http://127.0.0.1/v1"
TOKEN_MINUTES = 120
CLIENT = "benchmark"


@dataclass(frozen=True)
class Choice:
    """What is served: the database, the API's folder, with or without audit and hot path."""

    database_url: str
    folder: str
    audit: bool = True
    hot_path: bool = True
    requests_per_minute: int = 10_000_000
    burst: int = 1_000_000

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(asdict(self))}


class Silent:
    """Keeps no read: what an answer costs without an audit."""

    async def write(self, *reads: Read) -> None:
        return None


def settings_of(choice: Choice) -> ApiSettings:
    keys = keys_of(Path(choice.folder))
    return ApiSettings(
        choice.database_url, ISSUER, AUDIENCE, {key_id(keys.public): keys.public}, keys.secret,
        hot_path=choice.hot_path, requests_per_minute=choice.requests_per_minute, burst=choice.burst,
        embedded=_issuer(choice), folder=Path(choice.folder),
    )  # fmt: skip


def app() -> Door:
    """The application that the environment asks for."""
    choice = Choice(**json.loads(os.environ[VARIABLE]))
    seal = Seal(Path(choice.folder) / "audit.seal", keys_of(Path(choice.folder)).signing)

    def audit(pool: Pool) -> Audit:
        return Chain(pool, seal) if choice.audit else Silent()

    return settled(create_app(settings_of(choice), audit))


def token(choice: Choice, scopes: Iterable[str] | None = None, client: str = CLIENT) -> str:
    """A token of the hub's own issuer; of every scope there is where none are named."""
    who = Client(client, frozenset(every_scope()), "benchmark", datetime.now(UTC), None)
    return _issuer(choice).token(who, who.scopes if scopes is None else frozenset(scopes), time.time())


def _issuer(choice: Choice) -> Issuer:
    return Issuer(keys_of(Path(choice.folder)).signing, ISSUER, AUDIENCE, TOKEN_MINUTES)
