"""Opening a legacy system: its files are fetched first where they stand on an SFTP server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.codepages import code_page
from connectors.protocol import Source
from connectors.sftp import Feed, Left, fetch
from ledger.errors import ConfigurationFault
from ledger.spec import SystemSpec

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Connection:
    """Where a system is read.

    ``inbox`` takes fetched files and messages from outside; ``host_key`` pins an SFTP server; ``today`` is the
    day that a feed's periods are counted from (None: the day it is).
    """

    url: str = field(repr=False)
    inbox: Path = Path("inbox")
    host_key: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    today: date | None = None


def open_system(system: SystemSpec, connection: Connection, on_left: Callable[[Left], None] = lambda _: None) -> Source:
    """The system, opened by the connector of its technology.

    Connectors of feeds find ``inbox`` and ``today`` in the system's layout. ``on_left`` hears of each file that
    stays on its server although it is new: still being written, or of a name that is refused.

    Raises:
        ConfigurationFault: there is no connector of that technology.
    """
    if find_spec(f"connectors.{system.technology}") is None:
        raise ConfigurationFault(
            f"There is no connector for the technology {system.technology!r}.",
            system=system.name,
            next_step=f"Correct technology in mappings/{system.name}/source.toml.",
        )
    url = connection.url
    if url.startswith("sftp://"):
        url = str(_fetched(system, connection, on_left))
    today = connection.today or datetime.now(LONDON).date()
    system = replace(system, layout={**system.layout, "inbox": str(connection.inbox), "today": today})
    connector = import_module(f"connectors.{system.technology}")
    opened: Source = connector.open_source(system, url, connection.secrets)
    return opened


def _fetched(system: SystemSpec, connection: Connection, on_left: Callable[[Left], None]) -> Path:
    """The inbox, after every complete new file of the server was taken into it."""
    transport = dict(system.layout.get("transport", {}))
    if "patterns" in transport:
        transport["patterns"] = tuple(transport["patterns"])
    if "trailer" in transport:
        transport["trailer"] = code_page(transport.pop("encoding", "ascii")).encode(transport["trailer"])
    feed = Feed(system=system.name, url=connection.url, host_key=connection.host_key, **transport)
    result = fetch(feed, inbox=connection.inbox, secrets=connection.secrets, at=datetime.now(UTC))
    for left in (*result.incomplete, *result.refused):
        on_left(left)
    return connection.inbox
