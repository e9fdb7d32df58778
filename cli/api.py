"""``hub api``: the canonical API, its clients, a token to try it with, and the check of its audit."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import requests
import typer

from cli.show import console, rows
from cli.workplace import Workplace, settings_of, workplace
from ledger.errors import ConfigurationFault, Defect
from services.interrupts import unheard

if TYPE_CHECKING:
    from api.workers import Start

# The API itself is imported where it is used: it takes a second, and most commands need none of it.

HUB_TOML = Path("hub.toml")
START_SECONDS, STOP_SECONDS = 60, 15
FIRST_CALL = "/v1/places?limit=1&fields=id,asset_type_code,postcode,uprn"
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
Name = Annotated[str, typer.Argument(help="Name of the client, such as tenants-portal.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="A scope; once for each.")]

app = typer.Typer(no_args_is_help=True, help="The canonical API, its clients and its audit.")
clients_app = typer.Typer(no_args_is_help=True, help="The programs that may ask for tokens.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit of reads of personal data.")
app.add_typer(clients_app, name="client")
app.add_typer(audit_app, name="audit")


@dataclass(frozen=True)
class Serving:
    """The API that answers at ``url``."""

    url: str
    process: subprocess.Popen[bytes]


@app.command()
def serve(config: Config = HUB_TOML) -> None:
    """Keeps the API up until Ctrl-C, with the database. Example: hub api serve"""
    with workplace(settings_of(config)) as place, serving(place) as api:
        console.print(f"[bold]API[/]  {api.url}/v1   docs {api.url}/docs   Ctrl-C stops it.", highlight=False)
        while api.process.poll() is None:
            time.sleep(0.5)
        raise _not_serving(place)


@app.command()
def token(name: Name, scope: Scopes = None, config: Config = HUB_TOML) -> None:
    """Prints a token of a client, to try the API with: its own secret is not needed here, the hub's key signs it.

    Example: curl -H "Authorization: Bearer $(hub api token tenants-portal)" http://127.0.0.1:4290/v1/people
    """
    from api import clients, workers  # noqa: PLC0415

    with workplace(settings_of(config)) as place, _connected(place) as connection:
        client = clients.find(connection, name)
        scopes = frozenset(scope) if scope else client.scopes
        clients.check_scopes(name, scopes)
        issuer = workers.issuer_of(_start(place))
        if issuer is None:
            raise ConfigurationFault(
                f"tokens are issued by {place.settings.api.issuer}.", system="api", next_step="Ask that issuer for one."
            )
        typer.echo(issuer.token(client, scopes & client.scopes, time.time()))


@clients_app.command("add")
def add(
    name: Name,
    scope: Scopes = None,
    purpose: Annotated[str, typer.Option(help="What it reads for, as the audit keeps it.")] = "",
    config: Config = HUB_TOML,
) -> None:
    """Adds a client and prints its secret, once. Without --scope it names the scopes there are.

    Example: hub api client add tenants-portal --scope people:read --scope people:name --purpose "Tenants' portal"
    """
    from api import clients  # noqa: PLC0415

    with workplace(settings_of(config)) as place, _connected(place) as connection:
        secret = clients.add(connection, clients.Client(name, frozenset(scope or ()), purpose))
    typer.echo(f"client_id      {name}\nclient_secret  {secret}")
    console.print("The secret is not shown again. A token: POST /oauth/token, or hub api token.", highlight=False)


@clients_app.command("list")
def list_clients(config: Config = HUB_TOML) -> None:
    """Lists the clients. Example: hub api client list"""
    from api import clients  # noqa: PLC0415

    with workplace(settings_of(config)) as place, _connected(place) as connection:
        found = clients.listed(connection)
    lines = [
        (one.id, " ".join(sorted(one.scopes)), one.purpose, f"{one.created_at:%Y-%m-%d %H:%M}",
         f"{one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else "")
        for one in found
    ]  # fmt: skip
    console.print(rows("Clients", ("Client", "Scopes", "Purpose", "Since", "Revoked"), lines))


@clients_app.command()
def revoke(name: Name, config: Config = HUB_TOML) -> None:
    """Lets a client have no more tokens; those that are out end within minutes.

    Example: hub api client revoke tenants-portal
    """
    from api import clients  # noqa: PLC0415

    settings = settings_of(config)
    with workplace(settings) as place, _connected(place) as connection:
        clients.revoke(connection, name)
    console.print(f"{name} gets no more tokens; its last one ends within {settings.api.token_minutes} minutes.")


@audit_app.command()
def check(
    accept: Annotated[bool, typer.Option("--accept", help="Seal the end as it stands: after a restore.")] = False,
    config: Config = HUB_TOML,
) -> None:
    """Computes the chain of the audit anew and names the first line that is missing, changed or put in.

    Exit code 0 if none is.

    Example: hub api audit check
    """
    from api import audit, workers  # noqa: PLC0415

    with workplace(settings_of(config)) as place, _connected(place) as connection:
        seal = workers.seal_of(_start(place))
        if accept:
            console.print(f"The end of the audit is sealed as it stands, at line {audit.accept(connection, seal):,}.")
        found = audit.check(connection, seal)
    if found.fault:
        console.print(f"[bold red]The audit is broken[/]: {found.fault}.", highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    console.print(f"The audit is whole: {found.lines:,} lines.")


@contextmanager
def serving(place: Workplace, *, anywhere: bool = False) -> Iterator[Serving]:
    """The API in processes of its own as long as the context lasts, once it answers; ``anywhere``: at a free port.

    Raises ConfigurationFault where its address is taken or it does not start.
    """
    host, _, port = place.settings.api.listen.rpartition(":")
    with _listening(host, 0 if anywhere else int(port)) as listening, _log(place).open("wb") as log:
        start = replace(_start(place), descriptor=listening.fileno())
        with unheard():
            process = subprocess.Popen(
                [sys.executable, "-m", "api.workers"], stdin=subprocess.PIPE, stdout=log, stderr=log,
                pass_fds=[listening.fileno()], start_new_session=True,
            )  # fmt: skip
        url = f"http://{host}:{listening.getsockname()[1]}"
    assert process.stdin is not None
    try:
        process.stdin.write(pickle.dumps(start))
        process.stdin.flush()
        _wait(place, process, url)
        yield Serving(url, process)
    finally:
        process.stdin.close()  # by which it knows that it is to stop
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def call_once(place: Workplace) -> None:
    """Makes one authorised call to the API and prints it; with another issuer than the embedded one it says why not."""
    from api import clients, workers  # noqa: PLC0415

    issuer = workers.issuer_of(_start(place))
    if issuer is None:
        console.print(f"API: its tokens are issued by {place.settings.api.issuer}; no call was made.")
        return
    scopes = frozenset({"places:read"})
    bearer = issuer.token(clients.Client("hub-run", scopes, "The call of hub run"), scopes, time.time())
    with serving(place, anywhere=True) as api:
        began = time.perf_counter()
        answer = requests.get(api.url + FIRST_CALL, headers={"authorization": f"Bearer {bearer}"}, timeout=30)
        took = (time.perf_counter() - began) * 1000
    if answer.status_code != requests.codes.ok:
        raise Defect(
            f"GET {FIRST_CALL} was answered with {answer.status_code}.", system="api", next_step=f"Read {_log(place)}."
        )
    shown = answer.text if len(answer.text) < 400 else f"{answer.text[:400]} ..."
    console.print(f"API: GET {FIRST_CALL} -> {answer.status_code} in {took:.0f} ms", highlight=False, soft_wrap=True)
    console.print(shown, highlight=False, soft_wrap=True, markup=False)


def _start(place: Workplace) -> Start:
    """What the API has to know."""
    from api import workers  # noqa: PLC0415

    return workers.Start(place.database_url, place.folder / "api", place.settings.api, place.landing)


def _log(place: Workplace) -> Path:
    folder = place.folder / "api"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "server.log"


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigurationFault where another program does."""
    try:
        return socket.create_server((host, port), backlog=2_048)
    except OSError as error:
        raise ConfigurationFault(
            f"{host}:{port} cannot be listened on: {error.strerror}.", system="api", place="hub.toml [api] listen",
            next_step="Stop the program that has it, or set another address.",
        ) from None  # fmt: skip


def _wait(place: Workplace, process: subprocess.Popen[bytes], url: str) -> None:
    """Comes back once the API answers. Raises ConfigurationFault."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/health", timeout=5).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass  # it is not up yet
        time.sleep(0.05)
    raise _not_serving(place)


def _not_serving(place: Workplace) -> ConfigurationFault:
    said = _log(place).read_text(errors="replace").strip().rpartition("\n")[2]
    return ConfigurationFault(
        f"the API does not serve: {said[:500] or 'it gave no reason'}",
        system="api",
        place=str(_log(place)),
        next_step="Read the log and set right what it names.",
    )


def _connected(place: Workplace) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(place.database_url.replace("+psycopg", "", 1), autocommit=True)
