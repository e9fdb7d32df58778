"""``hub serve``: database, feeds, Prefect and pages kept up in the foreground, and where each of them answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from rich.markup import escape

from cli.show import console, without_password
from cli.workplace import ESTATE_LOGIN, Workplace
from connectors.confirmations import Receiver
from connectors.opening import Connection
from connectors.soap_client import wsdl_of
from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system
from services.binaries import psql
from services.pages import PagesServer
from services.prefect_server import PrefectServer
from settings.model import ESTATE
from validation.docs import write_index

Address = tuple[str, str]
"""What it is, and what a person types or opens to get there."""


@contextmanager
def receivers(place: Workplace, reached: Mapping[str, Connection]) -> Iterator[list[Address]]:
    """Listens for the messages that systems send by themselves, where ``receive`` of hub.toml says."""
    with ExitStack() as stack:
        addresses = []
        for name, connection in reached.items():
            receive = place.settings.systems[name].receive
            if receive is None:
                continue
            spec = load_system(name).spec
            if spec.technology != "soap":
                raise ConfigurationFault(
                    "receive is for a SOAP service.", system=name, place="hub.toml", next_step="Remove the setting."
                )
            host, _, port = receive.rpartition(":")
            receiver = Receiver(connection.inbox, system=name, wsdl=wsdl_of(spec), address=(host, int(port)))
            addresses.append((f"{name} confirmations", stack.enter_context(receiver).url))
        yield addresses


@contextmanager
def pages(place: Workplace) -> Iterator[Address]:
    """Serves the hub's pages to this machine's browsers."""
    docs = place.folder / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    if not (docs / "index.html").exists():
        write_index(docs)
    with PagesServer(docs) as server:
        yield "pages", server.url


def addresses(place: Workplace, reached: Mapping[str, Connection], server: PrefectServer | None) -> list[Address]:
    """Where the database, Prefect and the systems answer; passwords only of the made-up council."""
    prefect = server.start().ui_url if server else place.settings.prefect.api.removesuffix("/").removesuffix("/api")
    found = [("database", f"{psql()} '{_plain(place.database_url)}'"), ("Prefect", prefect)]
    for name, connection in reached.items():
        made = place.settings.systems[name].source == ESTATE
        login = f"   (user {ESTATE_LOGIN[0]}, password {ESTATE_LOGIN[1]})" if made and connection.secrets else ""
        found.append((name, _plain(connection.url) + login))
    return found


def print_addresses(lines: Sequence[Address]) -> None:
    """One line each, never broken, so that it can be copied."""
    width = max(len(what) for what, _ in lines) + 2
    for what, where in lines:
        console.print(f"[bold]{what:<{width}}[/]{escape(where)}", soft_wrap=True, highlight=False)


def run_deployments(place: Workplace, reached: Mapping[str, Connection]) -> None:
    """Runs the systems on their schedules and on demand; returns at Ctrl-C or SIGTERM."""
    from cli.mirror import mirroring_of  # noqa: PLC0415
    from cli.planning import planning_of  # noqa: PLC0415
    from flows.deployments import serve  # noqa: PLC0415 - Prefect reads its settings when it is imported

    console.print("Runs go by their schedules, or by hand from Prefect's pages. Ctrl-C stops everything.")
    schedules = {name: place.settings.systems[name].schedule for name in reached}
    serve(
        place.database_url, place.folder, place.landing, reached, schedules,
        planning_of(place), place.settings.scheduling.schedule,
        mirroring_of(place), place.settings.mirror.schedule,
    )  # fmt: skip
    console.print("Stopping ...")


def _plain(url: str) -> str:
    """The address without a password and without the name of a driver."""
    scheme, separator, rest = without_password(url).partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}" if separator else url
