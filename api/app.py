"""The API as one ASGI application: the door that every request passes, the hot path, and the framework behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from asyncpg import Pool
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from api import desk, docs, exports, feed, finding, lineage, routes, streams, subject_access, webhooks
from api.deliveries import delivering
from api.deprecations import Outdated
from api.door import Door
from api.hot import Hot
from api.making import exporting
from api.problems import TITLES, Problem
from api.service import Audit, TheService, opened
from api.settings import ApiSettings

ROUTERS = (
    docs.router,
    desk.router,
    exports.router,
    feed.router,
    streams.router,
    webhooks.router,
    subject_access.router,
    finding.router,
    lineage.router,
    routes.router,
)
"""The parts of the API; the resources come last, as their paths are patterns."""

KINDS = {status: kind for kind, (status, _) in reversed(TITLES.items())}


def create_app(settings: ApiSettings, audit: Callable[[Pool], Audit]) -> Door:
    """The whole API. ``audit`` makes the audit over the worker's connections."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, audit) as service, delivering(service), exporting(app.state, service):
            app.state.service = service
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    tell_problems(app)
    app.add_api_route("/health", health, methods=["GET"])
    for part in ROUTERS:
        app.include_router(part)
    inner = Hot(app) if settings.hot_path else app
    return Door(Outdated(inner, settings.deprecated) if settings.deprecated else inner, settings)


def tell_problems(app: FastAPI) -> None:
    """Has every error of an application told as a problem document."""
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _passed_on)


async def health(service: TheService) -> Response:
    """Whether the worker and its database answer."""
    await service.pool.fetchval("SELECT 1")
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def _told(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if (rate_limit := getattr(request.state, "rate_limit", None)) is not None:
        problem.headers.setdefault("ratelimit", rate_limit)
    return problem.response(request.url.path)


async def _refused(request: Request, refusal: Exception) -> Response:
    """What the framework itself refuses: paths and methods that are not there."""
    assert isinstance(refusal, HTTPException)
    kind, headers = KINDS.get(refusal.status_code, "malformed"), refusal.headers
    if kind == "method-not-allowed":
        headers = {"allow": ", ".join(sorted(_offered(request)))}
    return Problem(kind, f"{TITLES[kind][1]}; /docs tells what there is.", headers=headers).response(request.url.path)


async def _passed_on(request: Request, fault: Exception) -> Response:
    """Leaves to the door what nobody expected: the framework would tell it in plain text, and its text to the log."""
    raise fault


def _offered(request: Request) -> set[str]:
    """The methods of a path: each of them has a route of its own."""
    routes = (route for part in (request.app, *ROUTERS) for route in part.routes if isinstance(route, Route))
    at_the_path = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in at_the_path for method in route.methods or ()}


async def _invalid(request: Request, fault: Exception) -> Response:
    """A parameter or body that does not fit: told by its place, without its value."""
    assert isinstance(fault, RequestValidationError)
    places = [".".join(str(step) for step in error["loc"]) for error in fault.errors()]
    return await _told(request, Problem("bad-value", f"Not as it must be: {', '.join(places)[:500]}."))
