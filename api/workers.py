"""The API as a server: ``python -m api.workers``, what it needs to know pickled on stdin.

It listens on a socket that whoever starts it has bound, and stops when its stdin ends, so it never outlives them.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.audit import Chain, Seal
from api.door import Door
from api.issuer import Issuer
from api.keys import key_id, keys_of
from api.oidc import IssuerKeys, fetch_keys
from api.service import check_privacy
from api.settings import ApiSettings
from api.tokens import PublicKey
from api.wire import MaskedWire, Wire
from ledger.errors import HubError
from services import outside
from settings.model import EMBEDDED, Api

BACKLOG = 2_048
IDLE_SECONDS = 65
"""A connection on which nothing is asked is closed: later than usual proxies do it."""
GARBAGE_AFTER = 20_000
"""New objects after which a worker looks for garbage: 250 requests at once hold more than Python's own 700, and those
are looked through for nothing."""


@dataclass(frozen=True)
class Start:
    """Which database is served, by which settings; ``folder`` has the API's keys, exports and seal.

    ``landing`` holds the raw values that lineage tells. ``descriptor`` is the socket that the server inherits.
    """

    database_url: str
    folder: Path
    api: Api
    landing: Path | None = None
    descriptor: int = -1


def address_of(api: Api) -> str:
    """How clients reach the API."""
    return api.address or f"http://{api.listen}"


def issuer_of(start: Start) -> Issuer | None:
    """The embedded issuer; None where another one is configured."""
    if start.api.issuer != EMBEDDED:
        return None
    key = keys_of(start.folder).signing
    return Issuer(key, address_of(start.api), start.api.audience, start.api.token_minutes)


def seal_of(start: Start) -> Seal:
    """The seal of the audit's end."""
    return Seal(start.folder / "audit.seal", keys_of(start.folder).signing)


def settings_of(start: Start) -> ApiSettings:
    """What the application is told. Raises HubError where a column has no privacy class or the issuer has no keys."""
    check_privacy()
    outside.look_at(start.database_url)
    api, issuer = start.api, issuer_of(start)
    keys: Mapping[str, PublicKey] = (
        {key_id(issuer.key.public_key()): issuer.key.public_key()}
        if issuer
        else IssuerKeys(partial(fetch_keys, api.issuer))
    )
    return ApiSettings(
        start.database_url, issuer.url if issuer else api.issuer, api.audience, keys, keys_of(start.folder).secret,
        connections=api.connections, requests_per_minute=api.requests_per_minute, burst=api.burst,
        requests_at_once=api.requests_at_once, test_data=api.test_data, embedded=issuer, folder=start.folder,
        export_hours=api.export_hours, landing=None if api.test_data else start.landing,
    )  # fmt: skip


def application(start: Start) -> Door:
    """The API of one worker."""
    settings, seal = settings_of(start), seal_of(start)
    return settled(create_app(settings, lambda pool: Chain(pool, seal)))


def settled(app: Door) -> Door:
    """The application, with all that stands by now kept from the search for garbage: each stops a worker for 0.1 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)
    return app


def stop_with_stdin() -> None:
    """Ends the process with the one that started it."""
    while os.read(sys.stdin.fileno(), 4_096):  # a lock of ``sys.stdin`` would be in the way of the process' own end
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serves until stdin ends."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    start: Start = pickle.load(sys.stdin.buffer)  # noqa: S301 - it comes from the process that started this one
    try:
        settings_of(start)
    except HubError as fault:  # told once, before workers are started again and again
        sys.exit(str(fault))
    Thread(target=stop_with_stdin, daemon=True).start()
    config = uvicorn.Config(
        partial(application, start), factory=True, workers=start.api.workers, log_config=None, access_log=False,
        http=MaskedWire if start.api.test_data else Wire, ws="none", server_header=False, proxy_headers=False,
        backlog=BACKLOG, timeout_keep_alive=IDLE_SECONDS, timeout_graceful_shutdown=5,
    )  # fmt: skip
    listening = socket.socket(fileno=start.descriptor)
    if start.api.workers == 1:
        uvicorn.Server(config).run([listening])
    else:
        Multiprocess(config, [listening]).run()


if __name__ == "__main__":
    main()
