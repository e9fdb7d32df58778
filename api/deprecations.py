"""What of the API is on its way out: a declared, dated list, told in headers, in the description and on its page.

``Deprecation`` (RFC 9745) says since when, ``Sunset`` (RFC 8594) from when on it may be gone, ``Link`` where that is
told. A path under ``/v1`` is not taken away before its sunset, which lies a year and more after its deprecation.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from api.problems import Problem
from canonical_model.resources import RESOURCES

LEAST_DAYS = 365


@dataclass(frozen=True)
class Deprecation:
    """A resource, or one field or parameter of it (``name``), since when it should not be used, and what should be.

    Raises ValueError where there is no such resource, or the sunset comes too soon.
    """

    resource: str
    since: date
    sunset: date
    instead: str
    name: str | None = None

    def __post_init__(self) -> None:
        if self.resource not in RESOURCES:
            raise ValueError(f"There is no resource {self.resource}.")
        if (self.sunset - self.since).days < LEAST_DAYS:
            raise ValueError(f"{self.told}: {LEAST_DAYS} days at least lie between deprecation and sunset.")

    @property
    def told(self) -> str:
        """What it is, in words."""
        return f"{self.name} of {self.resource}" if self.name else self.resource

    @property
    def notice(self) -> str:
        return f"Deprecated since {self.since}, may be gone from {self.sunset} on. {self.instead}"

    def concerns(self, resource: str, given: frozenset[str], fields: frozenset[str] | None) -> bool:
        """Whether a request uses it: ``fields`` are those that it names, None for all there are."""
        if resource != self.resource:
            return False
        field = self.name in RESOURCES[resource].by_name
        return self.name is None or self.name in given or (field and (fields is None or self.name in fields))


DEPRECATED: tuple[Deprecation, ...] = ()
"""All that is deprecated. An entry: Deprecation("places", date(2027, 4, 1), date(2028, 4, 1), "Use ...", "usrn")."""


class Outdated:
    """Wraps an ASGI application: an answer to a request that uses what is deprecated says so."""

    def __init__(self, app: Any, declared: Sequence[Deprecation]) -> None:
        self._app, self._headers = app, lru_cache(maxsize=4_096)(lambda *asked: tuple(_headers(declared, *asked)))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        headers = self._headers(scope["path"], scope["query_string"]) if scope["type"] == "http" else ()
        if not headers:
            await self._app(scope, receive, send)
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Problem as problem:  # it is told further out
            problem.headers |= {name.decode(): value.decode() for name, value in headers}
            raise


def _headers(declared: Sequence[Deprecation], path: str, query: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The headers of an answer: of all that the request uses, what was deprecated first and what goes first."""
    resource = path.removeprefix("/v1/").partition("/")[0]
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    fields = [value.split(",") for name, value in pairs if name == "fields"]
    values = {value.removeprefix("-") for name, value in pairs if name in ("sort", "field")}
    given = frozenset(name.partition("[")[0] for name, _ in pairs) | values
    used = [one for one in declared if one.concerns(resource, given, frozenset(fields[0]) if fields else None)]
    if used:
        yield b"deprecation", b"@%d" % int(_instant(min(one.since for one in used)).timestamp())
        yield b"sunset", format_datetime(_instant(min(one.sunset for one in used)), usegmt=True).encode()
        yield b"link", b'</docs#deprecated>; rel="deprecation", </docs#deprecated>; rel="sunset"'


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
