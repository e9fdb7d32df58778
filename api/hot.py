"""The hot path: one record and a page, answered without the framework.

Nine of ten requests are these two. What they need of HTTP is the path, the query and three headers; the framework's
routing, dependencies and response objects cost more than the answer. Everything else is handed on.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI

from api.problems import Problem
from api.resources import Answer, Asked, record, records
from api.service import Service
from canonical_model.resources import RESOURCES

PREFIX, ID_LENGTH = "/v1/", 36


class Hot:
    """Answers ``GET /v1/<resource>`` and ``GET /v1/<resource>/<id>``; the framework has the rest."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PREFIX):
            path, slash, identity = scope["path"][len(PREFIX) :].partition("/")
            resource = RESOURCES.get(path)
            if resource is not None and (not slash or len(identity) == ID_LENGTH):
                service: Service = self._app.state.service
                authorization, if_none_match, purpose = _headers(scope)
                caller = service.verifier.caller(authorization)
                rate_limit = service.limits.take(caller.client_id)
                asked = Asked(caller, scope["query_string"], if_none_match, purpose)
                answering = (
                    record(service, resource, identity, asked) if identity else records(service, resource, asked)
                )
                try:
                    answer = await answering
                except Problem as problem:
                    problem.headers.setdefault("ratelimit", rate_limit)
                    raise
                await _send(answer, rate_limit, scope["method"] == "HEAD", send)
                return
        await self._app(scope, receive, send)


def _headers(scope: MutableMapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    authorization = if_none_match = purpose = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"if-none-match":
            if_none_match = value.decode("latin-1")
        elif name == b"purpose":
            purpose = value.decode("latin-1")
    return authorization, if_none_match, purpose


async def _send(answer: Answer, rate_limit: str, without_body: bool, send: Any) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"ratelimit", rate_limit.encode()))
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if without_body else answer.body})
