"""The description of the scheduling API: what its routes tell, with tokens, scopes and problem documents."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.openapi import TOKENS
from api.scheduling.answers import ProblemTold
from api.scopes import SCHEDULING

ABOUT = """The live plan of repairs: slots for tenants, emergencies, reports of the day, decisions of planners, and the
messages of operatives' devices. Every instant has its offset. A refusal's `code` is for programs."""


def describe(app: FastAPI, token_url: str) -> None:
    """Has the application describe itself so."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, token_url)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _document(app: FastAPI, token_url: str) -> dict[str, Any]:
    made = get_openapi(title=app.title, version="1", description=ABOUT, routes=app.routes)
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {})["ProblemTold"] = ProblemTold.model_json_schema()
    flow = {"clientCredentials": {"tokenUrl": token_url, "scopes": dict(SCHEDULING)}}
    parts["securitySchemes"] = {"oauth": {"type": "oauth2", "description": TOKENS, "flows": flow}}
    return {**made, "servers": [{"url": "/"}], "security": [{"oauth": []}]}
