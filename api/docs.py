"""The API's description and its documentation page, which needs nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from api.bounds import bounded
from api.openapi import VERSION, document
from api.service import TheService

PAGE = Path(__file__).with_name("docs.html")
router = APIRouter(include_in_schema=False)


@router.get("/v1/openapi.json")
async def description(request: Request, service: TheService) -> Response:
    """The description of every path, that of the other parts as they declare it."""
    app: FastAPI = request.app
    if not hasattr(app.state, "description"):
        more: dict[str, Any] = get_openapi(title="", version=VERSION, routes=app.routes)
        made = document(f"{service.settings.issuer}/oauth/token", more["paths"], test_data=service.settings.test_data)
        made["components"]["schemas"] |= more.get("components", {}).get("schemas", {})
        app.state.description = orjson.dumps(bounded(made))
    return Response(app.state.description, headers={"cache-control": "no-cache"}, media_type="application/json")


@router.get("/docs")
async def page() -> Response:
    """The page: it reads the description and asks the API; its policy allows nothing that is not this server's."""
    return Response(PAGE.read_bytes(), headers={"content-security-policy": policy()}, media_type="text/html")


@cache
def policy() -> str:
    """A content security policy that lets the page's own script and style run and nothing else."""
    text = PAGE.read_text(encoding="utf-8")
    hashes = {kind: _hash(text, kind) for kind in ("script", "style")}
    return (
        f"default-src 'none'; connect-src 'self'; script-src '{hashes['script']}'; style-src '{hashes['style']}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(page: str, element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
    assert found is not None
    return "sha256-" + base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
