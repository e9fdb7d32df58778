"""Whether an answer of the scheduling API is what its description says."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import Match

from api.door import Door
from api.problems import MEDIA_TYPE
from api.scheduling.answers import ProblemTold


def as_described(door: Door, method: str, path: str, answer: httpx.Response) -> None:
    """Raises AssertionError or ValidationError where a status or a document is not the described one."""
    scope = {"type": "http", "method": method, "path": path.partition("?")[0], "headers": []}
    app: Any = door._app
    routes = [one for one in app.routes if isinstance(one, APIRoute) and one.matches(scope)[0] is Match.FULL]
    if not routes or answer.headers.get("content-type", "").startswith(("text/", "application/soap")):
        return
    route = routes[0]
    if answer.status_code >= 400:
        assert answer.status_code in route.responses
        assert answer.headers["content-type"] == MEDIA_TYPE
        ProblemTold.model_validate_json(answer.content)
    elif answer.content:
        told = answer.status_code == route.status_code
        model = route.response_model if told else route.responses[answer.status_code]["model"]
        TypeAdapter(model).validate_json(answer.content)
