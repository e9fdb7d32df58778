"""``hub api``: the canonical API, its clients, a token to try it with, and the check of its audit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import requests
import typer

from cli.mirrored import Mirrored, mark_of, settings_over
from cli.served import Server, Serving, not_serving, served
from cli.show import console, rows
from cli.workplace import Workplace, workplace
from ledger.errors import ConfigurationFault, Defect

if TYPE_CHECKING:
    from api.workers import Start

# The API itself is imported where it is used: it takes a second, and most commands need none of it.

HUB_TOML = Path("hub.toml")
FIRST_CALL = "/v1/places?limit=1&fields=id,asset_type_code,postcode,uprn"
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
Name = Annotated[str, typer.Argument(help="Name of the client, such as tenants-portal.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="A scope; once for each.")]

app = typer.Typer(no_args_is_help=True, help="The canonical API, its clients and its audit.")
clients_app = typer.Typer(no_args_is_help=True, help="The programs that may ask for tokens.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit of reads of personal data.")
app.add_typer(clients_app, name="client")
app.add_typer(audit_app, name="audit")


@app.command()
def serve(mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Keeps the API up until Ctrl-C, with the database.

    Examples: hub api serve, hub api serve --mirror
    """
    with workplace(settings_over(config, mirror)) as place, serving(place) as api:
        console.print(
            f"[bold]API[/]  {api.url}/v1   docs {api.url}/docs   Ctrl-C stops it.{mark_of(place)}", highlight=False
        )
        while api.process.poll() is None:
            time.sleep(0.5)
        raise not_serving(api.server)


@app.command()
def token(name: Name, scope: Scopes = None, mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Prints a token of a client, to try the API with: its own secret is not needed here, the hub's key signs it.

    Example: curl -H "Authorization: Bearer $(hub api token tenants-portal)" http://127.0.0.1:4290/v1/people
    """
    from api import clients, workers  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place, _connected(place) as connection:
        client = clients.find(connection, name)
        scopes = frozenset(scope) if scope else client.scopes
        clients.check_scopes(name, scopes)
        issuer = workers.issuer_of(start_of(place))
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
    mirror: Mirrored = False,
    config: Config = HUB_TOML,
) -> None:
    """Adds a client and prints its secret, once. Without --scope it names the scopes there are.

    Example: hub api client add tenants-portal --scope people:read --scope people:name --purpose "Tenants' portal"
    """
    from api import clients  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place, _connected(place) as connection:
        secret = clients.add(connection, clients.Client(name, frozenset(scope or ()), purpose))
    typer.echo(f"client_id      {name}\nclient_secret  {secret}")
    console.print("The secret is not shown again. A token: POST /oauth/token, or hub api token.", highlight=False)


@clients_app.command("list")
def list_clients(mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Lists the clients. Example: hub api client list"""
    from api import clients  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place, _connected(place) as connection:
        found = clients.listed(connection)
    lines = [
        (one.id, " ".join(sorted(one.scopes)), one.purpose, f"{one.created_at:%Y-%m-%d %H:%M}",
         f"{one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else "")
        for one in found
    ]  # fmt: skip
    console.print(rows("Clients", ("Client", "Scopes", "Purpose", "Since", "Revoked"), lines))


@clients_app.command()
def revoke(name: Name, mirror: Mirrored = False, config: Config = HUB_TOML) -> None:
    """Lets a client have no more tokens; those that are out end within minutes.

    Example: hub api client revoke tenants-portal
    """
    from api import clients  # noqa: PLC0415

    settings = settings_over(config, mirror)
    with workplace(settings) as place, _connected(place) as connection:
        clients.revoke(connection, name)
    console.print(f"{name} gets no more tokens; its last one ends within {settings.api.token_minutes} minutes.")


@audit_app.command()
def check(
    accept: Annotated[bool, typer.Option("--accept", help="Seal the end as it stands: after a restore.")] = False,
    mirror: Mirrored = False,
    config: Config = HUB_TOML,
) -> None:
    """Computes the chain of the audit anew and names the first line that is missing, changed or put in.

    Exit code 0 if none is.

    Example: hub api audit check
    """
    from api import audit, workers  # noqa: PLC0415

    with workplace(settings_over(config, mirror)) as place, _connected(place) as connection:
        seal = workers.seal_of(start_of(place))
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
    server = Server("api", "the API", "api.workers", place.settings.api.listen, _log(place))
    with served(server, lambda descriptor: replace(start_of(place), descriptor=descriptor), anywhere=anywhere) as api:
        yield api


def call_once(place: Workplace) -> None:
    """Makes one authorised call to the API and prints it; with another issuer than the embedded one it says why not."""
    from api import clients, workers  # noqa: PLC0415

    issuer = workers.issuer_of(start_of(place))
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


def start_of(place: Workplace) -> Start:
    """What the API has to know."""
    from api import workers  # noqa: PLC0415

    return workers.Start(place.database_url, place.folder / "api", place.settings.api, place.landing)


def _log(place: Workplace) -> Path:
    folder = place.folder / "api"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "server.log"


def _connected(place: Workplace) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(place.database_url.replace("+psycopg", "", 1), autocommit=True)
