"""What every endpoint works with: database, tokens, cursors, limits and the audit; and who is asking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol

import asyncpg
from asyncpg import Pool
from fastapi import Depends, Request
from sqlalchemy import make_url

from api.cursors import Cursors
from api.fetching import Fetcher
from api.limits import Limits
from api.settings import ApiSettings
from api.tokens import Caller, Verifier
from canonical_model import reads
from canonical_model.privacy import CLASSES, DECLARED, undeclared
from canonical_model.tables import WORDS, tables_of
from ledger.errors import ConfigurationFault
from services import outside

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered."""
METHOD: ContextVar[str] = ContextVar("method", default="GET")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What many reads of personal data share: who, what for, by which method, of what, which personal fields."""

    client_id: str
    purpose: str | None
    method: str
    resource: str
    fields: tuple[str, ...]


reading = lru_cache(maxsize=4_096)(Reading)
"""The one of its kind, so that reads that share it are found together by what it is and not by what it holds."""


class Read(NamedTuple):
    """A read of personal data: what it shares with others, how many records it had, which request made it."""

    about: Reading
    records: int
    request_id: str | None


def read_now(client_id: str, purpose: str | None, resource: str, fields: tuple[str, ...], records: int) -> Read:
    """The read that the request which is being answered makes."""
    return Read(reading(client_id, purpose, METHOD.get(), resource, fields), records, REQUEST_ID.get())


class Audit(Protocol):
    """Keeps reads of personal data; ``write`` comes back when they are kept for good."""

    async def write(self, *reads: Read) -> None: ...


@dataclass(frozen=True)
class Service:
    """One worker's parts; they live as long as the worker."""

    settings: ApiSettings
    pool: Pool
    verifier: Verifier
    cursors: Cursors
    limits: Limits
    audit: Audit
    records: Fetcher
    _run_times: dict[int, str] = field(default_factory=dict)

    async def last_modified(self, run_id: int) -> str:
        """When the run began that wrote a record, as ``Last-Modified`` tells it."""
        if (known := self._run_times.get(run_id)) is None:
            begun = await self.pool.fetchval(reads.RUN_TIME, run_id)
            known = self._run_times[run_id] = format_datetime(begun or EPOCH, usegmt=True)
        return known


@asynccontextmanager
async def opened(settings: ApiSettings, audit: Callable[[Pool], Audit]) -> AsyncIterator[Service]:
    """The service over a pool of connections, which are closed with it.

    Raises ConfigurationFault where a column has no privacy class: nothing is served before somebody gave it one; and
    where a mirror would be served without its mark.
    """
    check_privacy()
    pool = await open_pool(settings)
    kept = audit(pool)
    try:
        if outside.heed(await pool.fetchval(outside.MARK)) and not settings.test_data:
            raise ConfigurationFault(
                "the database is a mirror, and its answers would not say so.",
                system="api", place="hub.toml [api] test_data", next_step="set it to true.",
            )  # fmt: skip
        yield Service(
            settings, pool, Verifier(settings.keys, settings.issuer, settings.audience),
            Cursors(settings.secret), Limits(settings.requests_per_minute, settings.burst), kept, Fetcher(pool, kept),
        )  # fmt: skip
    finally:
        await pool.close()


def check_privacy(file: Path = DECLARED) -> None:
    """Raises ConfigurationFault that names the columns without a privacy class."""
    if missing := undeclared((table for word in WORDS.values() for table in tables_of(word)), file):
        raise ConfigurationFault(
            f"no privacy class is declared for {', '.join(missing)}.",
            system="api",
            place=file.name,
            next_step=f"give each a line there; the classes are {', '.join(CLASSES)}.",
        )


async def open_pool(settings: ApiSettings) -> Pool:
    """Connections under the API's role, in UTC, whose statements are prepared once and end in bounded time."""
    url = make_url(settings.database_url)
    session = {"timezone": "UTC", "statement_timeout": str(int(settings.statement_seconds * 1000)), "jit": "off"}
    if settings.role:
        session["role"] = settings.role
    return await asyncpg.create_pool(
        host=url.query.get("host", url.host), port=int(str(url.query.get("port", url.port or 5432))),
        user=url.username, password=url.password, database=url.database,
        min_size=1, max_size=settings.connections, server_settings=session,
        statement_cache_size=1_000, max_cached_statement_lifetime=0, reset=_as_it_is,
    )  # fmt: skip


async def _as_it_is(_: Any) -> None:
    """Requests leave nothing behind in a session, so it is not reset: that would double the round trips."""


def service_of(request: Request) -> Service:
    """The service, for an endpoint of the framework."""
    service: Service = request.app.state.service
    return service


def caller_of(request: Request) -> Caller:
    """Who asks, for an endpoint of the framework. Raises Problem 401 and 429."""
    service = service_of(request)
    caller = service.verifier.caller(request.headers.get("authorization"))
    request.state.rate_limit = service.limits.take(caller.client_id)
    return caller


TheService = Annotated[Service, Depends(service_of)]
TheCaller = Annotated[Caller, Depends(caller_of)]
