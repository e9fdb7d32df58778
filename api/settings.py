"""What the API is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.deprecations import DEPRECATED, Deprecation
from api.issuer import Issuer
from api.tokens import PublicKey

ROLE = "hub_api"
"""The database role that the API works as: it reads the model and writes the API's own tables."""


@dataclass(frozen=True)
class ApiSettings:
    """``keys`` are the issuer's public keys by key id; ``secret`` seals cursors and is the same for all workers.

    ``connections`` are of one worker; ``requests_per_minute`` are of one client at one worker, with ``burst`` at once;
    ``requests_at_once`` of all clients, streams among them, are answered at the same time.
    ``test_data`` says that what is served is masked. ``private_webhooks`` lets webhooks go to inner addresses, plain.
    ``embedded`` is the hub's own issuer, where it is used; ``folder`` keeps exports, for ``export_hours``. ``landing``
    holds the raw values that were read from the sources; ``deprecated`` is what is on its way out.
    """

    database_url: str
    issuer: str
    audience: str
    keys: Mapping[str, PublicKey]
    secret: bytes
    role: str | None = ROLE
    connections: int = 8
    statement_seconds: float = 5.0
    requests_per_minute: int = 60_000
    burst: int = 2_000
    test_data: bool = False
    hot_path: bool = True
    private_webhooks: bool = False
    requests_at_once: int = 750
    embedded: Issuer | None = None
    folder: Path | None = None
    export_hours: int = 24
    landing: Path | None = None
    deprecated: Sequence[Deprecation] = DEPRECATED
