"""Every sender that the hub has, all on: ``python -m tests.mirror.senders API_URL DESK_URL FOLDER``.

To be run in a network of its own, over two databases. Each sender has an address that is nobody's (RFC 5737) to
itself, so what leaves tells who sent it. Prints as JSON, for each sender, how many packets left and what it was refused
with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.app import create_app
from api.oidc import fetch_keys
from api.scheduling import app as scheduling
from api.scheduling.soap import Serving
from api.settings import ApiSettings
from connectors import sql
from connectors.opening import Connection
from connectors.soap_client import SoapClient
from connectors.ssh import Server, connected
from flows import runs
from ledger.errors import HubError
from mirror import databases
from mirror.cluster import State, address
from scheduling import callers, local_rules
from services import outside
from services.databases import create_database, drop_database
from tests.api import state
from tests.api.conftest import Kept
from tests.api.scheduling.callers import fill, on_a_port
from tests.api.tokens import AUDIENCE, ISSUER, token
from tests.mirror.wire import ALONE, Wire
from tests.scheduling.live import RULES, Clock, opened, published, town

SECONDS = 8.0
NET = "198.51.100."
SENDERS = {
    "webhooks": NET + "1", "device webhooks": NET + "2", "confirmations of bookings": NET + "3",
    "the SFTP of a run": NET + "4", "the SOAP of a run": NET + "5", "the SQL of a run": NET + "6",
    "SFTP": NET + "7", "SOAP": NET + "8", "SQL": NET + "9", "the issuer of tokens": NET + "10",
}  # fmt: skip
NAMES = "names looked up"
"""What goes to no sender's address: the question where a receiver's name leads."""
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
SECRETS = {"username": "hub", "password": "made-up"}
SCOPES = "people:read places:read scheduling:read scheduling:book scheduling:plan scheduling:device"
LEAK = {"order_ref": "LEAK", "latitude": 52.63, "longitude": -1.1, "trade": "PL", "minutes": 30}


STATE = State("20260914-0400", "test", datetime(2026, 9, 14, tzinfo=UTC), "plan", "key", "0001", 1, {})
Sent = dict[str, tuple[int, str | None]]
"""By sender: how many packets left, and what it was refused with."""


def over(server: str, template: str, folder: Path, *, is_mirror: bool) -> Sent:
    """What leaves with all senders on, in a network of their own, over two databases that are copies of an empty hub;
    ``is_mirror``: marked as a build marks a mirror."""
    names = [f"contact_{'mirror' if is_mirror else 'hub'}_{part}" for part in ("api", "desk")]
    api_url, desk_url = urls = [create_database(server, name, template=template) for name in names]
    try:
        state.fill(api_url)
        fill(desk_url)
        published(desk_url, folder, town())
        with psycopg.connect(address(api_url)) as connection:  # where made-up rows end
            for table in ("ledger.run", "ledger.batch"):
                connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 1000)", (table,))
        for url in urls if is_mirror else ():
            marked(url)
        command = [*ALONE, sys.executable, "-m", "tests.mirror.senders", *urls, str(folder)]
        quiet = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=quiet)
    finally:
        for name in names:
            drop_database(server, name)
    assert done.returncode == 0, done.stderr[-3000:]
    return {sender: (int(packets), said) for sender, (packets, said) in json.loads(done.stdout).items()}


def marked(url: str) -> None:
    """Has a database say that it is a mirror, as a build does."""
    with databases.administration(address(url)) as connection:
        databases.mark(connection, databases.name_of(url), STATE)


def main(api_url: str, desk_url: str, folder: Path) -> Sent:
    """All senders on for some seconds; how many packets of each left, and what it was told."""
    wire, key, said = Wire(), Ed25519PrivateKey.generate(), dict[str, str]()
    is_mirror = outside.look_at(api_url) is not None
    settings = ApiSettings(api_url, ISSUER, AUDIENCE, {"k1": key.public_key()}, b"a secret of the tests" * 2,
                           private_webhooks=True, test_data=is_mirror, folder=folder)  # fmt: skip
    with ExitStack() as stack:
        served = stack.enter_context(on_a_port(create_app(settings, lambda _: Kept())))
        desk = stack.enter_context(on_a_port(_desk(settings, desk_url, folder)))
        bearer = {"authorization": f"Bearer {token(key, scope=SCOPES)}"}
        api, live = (stack.enter_context(httpx.Client(base_url=to, headers=bearer)) for to in (served, desk))
        for sender, call in _calls(api_url, folder).items():
            Thread(target=_tell, args=(said, sender, call), daemon=True).start()
        _subscribe(api, "/v1/webhooks", f"http://{SENDERS['webhooks']}/")
        _subscribe(api, "/v1/webhooks", "http://receiver.example/")
        _subscribe(live, "/v1/scheduling/webhooks", f"http://{SENDERS['device webhooks']}/")
        with psycopg.connect(address(api_url), autocommit=True) as connection:
            connection.execute("UPDATE canonical.golden_person SET row_hash = row_hash + 1")
        _post(live, "emergencies", LEAK)
        offer = _post(live, "offers", {"order_ref": "W01"})["offers"][0]["offer"]
        _post(live, "bookings", {"hold": _post(live, "holds", {"offer": offer})["id"]})
        time.sleep(SECONDS)
        said |= _noted(api_url, desk_url)
        packets = wire.packets()
    to = {sender: packets.pop(own, 0) for sender, own in SENDERS.items()}
    return {sender: (left, said.get(sender)) for sender, left in {**to, NAMES: packets.total()}.items()}


def _desk(settings: ApiSettings, url: str, folder: Path) -> Any:
    """The scheduling service, which confirms bookings to the housing system."""
    told = ApiSettings(url, ISSUER, AUDIENCE, settings.keys, settings.secret, private_webhooks=True,
                       test_data=settings.test_data)  # fmt: skip
    rules = local_rules.load()
    serving = Serving(rules, callers.load(None, rules), f"http://{SENDERS['confirmations of bookings']}/")
    return scheduling.create_app(told, lambda _: Kept(), partial(opened, url, folder, Clock()), RULES, callers=serving)


def _calls(url: str, folder: Path) -> dict[str, Callable[[], object]]:
    """The senders that ask another machine: in runs, and by themselves."""
    sources = {
        "rents": Connection(f"sftp://hub@{SENDERS['the SFTP of a run']}/out", folder / "in", KEY, SECRETS),
        "drs": Connection(f"http://{SENDERS['the SOAP of a run']}/", folder / "in", secrets=SECRETS),
        "tenancy": Connection(f"postgresql://hub:x@{SENDERS['the SQL of a run']}/uh"),
    }
    server = Server("rents", f"sftp://hub@{SENDERS['SFTP']}/out", KEY)
    client = SoapClient(f"http://{SENDERS['SOAP']}/", system="drs")
    return {
        "the SFTP of a run": partial(_run, url, folder, "rents", sources["rents"]),
        "the SOAP of a run": partial(_run, url, folder, "drs", sources["drs"]),
        "the SQL of a run": partial(_run, url, folder, "tenancy", sources["tenancy"]),
        "SFTP": lambda: connected(server, SECRETS).__enter__(),
        "SOAP": lambda: client.call("openSession", login="hub", password="made-up"),
        "SQL": lambda: sql.connect("tenancy", f"postgresql://hub:x@{SENDERS['SQL']}/uh", {}).connect(),
        "the issuer of tokens": lambda: fetch_keys(f"https://{SENDERS['the issuer of tokens']}"),
    }


def _run(url: str, folder: Path, system: str, connection: Connection) -> str | None:
    run = runs.begin(url, folder / "runs", folder / "landing")
    return runs.migrate_plainly(run, {system: connection})[0].message


def _tell(said: dict[str, str], sender: str, call: Callable[[], object]) -> None:
    try:
        message = call()
    except HubError as fault:
        message = str(fault)
    if message is not None:
        said[sender] = str(message)


def _noted(api_url: str, desk_url: str) -> dict[str, str]:
    """What the senders that nobody waits for have written down."""
    found = {}
    for sender, url, query in (
        ("webhooks", api_url, "SELECT message FROM api.webhook WHERE url LIKE '%198.51%'"),
        (NAMES, api_url, "SELECT message FROM api.webhook WHERE url LIKE '%receiver%'"),
        ("device webhooks", desk_url, "SELECT message FROM api.webhook"),
        ("confirmations of bookings", desk_url, "SELECT problem FROM scheduling.confirmation"),
    ):
        with psycopg.connect(address(url)) as connection:
            row = connection.execute(query.encode()).fetchone()
        if row and row[0]:
            found[sender] = str(row[0])
    return found


def _subscribe(client: httpx.Client, path: str, url: str) -> None:
    client.post(path, json={"url": url}).raise_for_status()


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/v1/scheduling/{path}", json=body, timeout=60).raise_for_status().json()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))), flush=True)
    os._exit(0)  # what still waits for an answer, waits for ever
