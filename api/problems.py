"""Every error of the API, as a problem document (RFC 9457).

A detail names what is wrong and what to do, never a value that came in: it may be somebody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TITLES = {
    "malformed": (400, "The request cannot be read"),
    "unknown-parameter": (400, "There is no such parameter"),
    "unknown-field": (400, "There is no such field"),
    "bad-value": (400, "A value is not of its field's type"),
    "bad-limit": (400, "The page size is out of bounds"),
    "bad-cursor": (400, "The cursor is not of this list"),
    "unauthorised": (401, "A valid access token is needed"),
    "forbidden": (403, "The token lacks a scope"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "The method is not offered here"),
    "not-acceptable": (406, "The media type is not offered"),
    "too-slow": (408, "The request did not come in in time"),
    "conflict": (409, "It conflicts with what is there"),
    "gone": (410, "It is no longer there"),
    "cursor-too-old": (410, "The cursor is too old"),
    "too-large": (413, "The request is too large"),
    "uri-too-long": (414, "The address is too long"),
    "unsupported-media-type": (415, "The body is of a type that is not read"),
    "range-not-satisfiable": (416, "There are no such bytes"),
    "unprocessable": (422, "The request is understood but cannot be done"),
    "too-many-requests": (429, "Too many requests"),
    "head-too-large": (431, "The headers are too large"),
    "defect": (500, "The API is at fault"),
    "unavailable": (503, "The API cannot answer now"),
}
"""Kind -> status and title."""


class Problem(Exception):
    """An error that the caller is told of. ``more`` are members of their own beside those of the standard."""

    def __init__(self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.more = kind, detail, more
        self.status, self.title = TITLES[kind]
        self.headers = {"cache-control": "no-store", **(headers or {})}
        if kind == "unauthorised":
            self.headers.setdefault("www-authenticate", 'Bearer error="invalid_token"')

    def body(self, instance: str | None = None) -> bytes:
        """The document. ``instance`` is the path that was asked for, without its query."""
        document = {"type": f"/docs#problem-{self.kind}", "title": self.title, "status": self.status}
        told = {"detail": self.detail, **({"instance": quote(instance)} if instance else {})}
        return orjson.dumps(document | told | self.more)

    def response(self, instance: str | None = None) -> Response:
        return Response(self.body(instance), self.status, dict(self.headers), MEDIA_TYPE)
