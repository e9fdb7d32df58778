"""A small made-up state, the API over it, and tokens of any scopes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.app import create_app
from api.service import Read
from api.settings import ApiSettings
from canonical_model import schema
from services.databases import create_database, drop_database
from tests.api.state import fill
from tests.api.tokens import AUDIENCE, ISSUER, token


class Kept:
    """An audit that keeps reads in a list."""

    def __init__(self) -> None:
        self.reads: list[Read] = []

    async def write(self, *reads: Read) -> None:
        self.reads += reads


class Api:
    """Asks the application in its own event loop, as one test would: ``get(path, scopes)``."""

    def __init__(self, settings: ApiSettings, key: Ed25519PrivateKey) -> None:
        self.audit, self.settings, self._key = Kept(), settings, key
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self._client = self._runner.run(self._open())

    async def _open(self) -> httpx.AsyncClient:
        app = create_app(self.settings, lambda _: self.audit)
        await self._stack.enter_async_context(_started(app))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return await self._stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://hub"))

    def get(self, path: str, scopes: str = "", *, client: str = "portal", **headers: str) -> httpx.Response:
        return self.ask("GET", path, scopes, client=client, **headers)

    def ask(
        self, method: str, path: str, scopes: str = "", *, client: str = "portal", content: Any = None, **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("authorization", f"Bearer {token(self._key, client_id=client, scope=scopes)}")
        return self._runner.run(self._client.request(method, path, headers=sent, content=content))

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    """Keeps an application between the start and the end of its life."""
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "state": {}}, heard.get, said.put))
    await heard.put({"type": "lifespan.startup"})
    assert (started := await said.get())["type"] == "lifespan.startup.complete", started
    yield
    await heard.put({"type": "lifespan.shutdown"})
    await life


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def state_url(postgres: str) -> Iterator[str]:
    name = f"api_{uuid4().hex[:12]}"
    url = create_database(postgres, name)
    schema.migrate(url)
    fill(url)
    yield url
    drop_database(postgres, name)


@pytest.fixture(scope="session")
def settings(state_url: str, key: Ed25519PrivateKey) -> ApiSettings:
    return ApiSettings(state_url, ISSUER, AUDIENCE, {"k1": key.public_key()}, b"a secret of the tests" * 2)


@pytest.fixture(scope="module")
def api(settings: ApiSettings, key: Ed25519PrivateKey) -> Iterator[Api]:
    api = Api(settings, key)
    yield api
    api.close()


@pytest.fixture
def now() -> float:
    return time.time()
