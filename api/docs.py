"""The API's description and its documentation page, which needs nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.bounds import bounded
from api.openapi import document
from api.service import TheService
from services.outside import TEST_DATA

PAGE = Path(__file__).with_name("docs.html")
TITLE = "Housing Hub API"
router = APIRouter()


@router.get("/v1/openapi.json")
async def description(request: Request, service: TheService) -> Response:
    """The description of every path."""
    state = request.app.state
    if not hasattr(state, "description"):
        settings = service.settings
        made = bounded(document(f"{settings.issuer}/oauth/token", settings.deprecated, test_data=settings.test_data))
        state.description = orjson.dumps(made)
    return Response(state.description, headers={"cache-control": "no-cache"}, media_type="application/json")


@router.get("/docs")
async def page(service: TheService) -> Response:
    """The page: it reads the description and asks the API; its policy allows nothing that is not this server's."""
    text = PAGE.read_text(encoding="utf-8")
    if service.settings.test_data:
        text = text.replace(TITLE, f"{TITLE} - {TEST_DATA}")
    return Response(text, headers={"content-security-policy": policy()}, media_type="text/html")


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
