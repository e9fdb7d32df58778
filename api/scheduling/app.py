"""The scheduling service as one ASGI application, in one process: door, tokens and limits are the canonical API's."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext

from asyncpg import Pool
from fastapi import FastAPI

from api.app import health, tell_problems
from api.deliveries import delivering
from api.door import Door
from api.scheduling import bookings, decisions, devices, dispatch, plan, soap, webhooks
from api.scheduling.description import describe
from api.scheduling.thread import attended
from api.service import Audit, opened
from api.settings import ApiSettings
from scheduling.desk import Desk
from scheduling.offers import Rules
from services.outside import TEST_DATA

ROUTERS = (bookings.router, plan.router, decisions.router, dispatch.router, devices.router, webhooks.router,
           soap.router)  # fmt: skip


def create_app(
    settings: ApiSettings, audit: Callable[[Pool], Audit], opening: Callable[[], Desk], rules: Rules,
    lost: Callable[[], None] | None = None, callers: soap.Serving | None = None,
) -> Door:  # fmt: skip
    """The whole service. ``opening`` opens the desk, on its own thread; ``lost`` is called when it can write no more,
    and without it the process stops, for whoever keeps it up to start it again. ``callers`` use the old scheduler's
    operations, where they are served."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            opened(settings, audit) as service, attended(opening, lost or _stop) as desk,
            devices.told(service, desk) as app.state.bell, delivering(service),
        ):  # fmt: skip
            app.state.service, app.state.desk, app.state.rules = service, desk, rules
            async with soap.fronted(app, callers, service, desk, rules) if callers else nullcontext():
                yield

    app = FastAPI(
        title="Housing Hub - scheduling" + (f" - {TEST_DATA}" if settings.test_data else ""),
        lifespan=lifespan, openapi_url="/v1/scheduling/openapi.json", docs_url=None,
        redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    tell_problems(app)
    app.add_api_route("/health", health, methods=["GET"], include_in_schema=False)
    for part in ROUTERS:
        app.include_router(part)
    describe(app, f"{settings.issuer}/oauth/token")
    return Door(app, settings)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
