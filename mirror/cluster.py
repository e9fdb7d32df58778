"""Where a mirror stands: a cluster of its own with data folder, port, roles and OS user apart from the hub's.

Below the state folder's ``mirror/``:

``state.json``         what stands; the pointer: a cluster that it does not name is no mirror
``socket``             a link to the socket of the mirror that stands: what testers connect to, whatever the build
``clusters/<build>/``  one server a build (``services.postgres``); a build never writes into the one that stands

The server of a mirror outlives the command that began it: testers work on it. Role ``mirror`` owns the cluster and is
the hub's alone; role ``tester`` owns what stands in the databases, and nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo
from sqlalchemy import make_url

from ledger.errors import ConfigurationFault, ContractBroken
from services.outside import TEST_DATA
from services.postgres import SETTINGS, Postgres

EMBEDDED = "embedded"
PORT = 5433
OWNER, TESTER = "mirror", "tester"
DATABASE = "mirror"
USERS = ("housing-hub-mirror", "daemon", "nobody")
"""Whom root runs it as: the first that the machine has. The hub's own server runs as housing-hub or nobody."""

SERVING = {
    **SETTINGS,
    "max_connections": 200,
    "cluster_name": TEST_DATA,  # whatever database of it a hub is pointed at: it sends nothing
    "wal_compression": "off",  # the proof reads the WAL as it stands
    "max_parallel_maintenance_workers": 0,  # two indexes are built side by side
}
BUILDING = {
    **SERVING,
    # Nobody reads what is being built, and a build that is cut off is thrown away: the disk is asked once, at its end.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "16GB",
}


@dataclass(frozen=True)
class State:
    """What a mirror is: of which build, plan, key and schema, and what part of the source it holds.

    ``as_of`` is the past day whose end it shows, ``streets`` the number of streets it was cut down to; ``seconds``
    tells how long each part of the build took. ``is_complete``: the proof looked at everything.
    """

    build: str
    profile: str
    made_at: datetime
    plan: str
    key: str
    revision: str
    rows: int
    seconds: dict[str, float]
    streets: int | None = None
    as_of: date | None = None
    is_complete: bool = False
    test_data: str = TEST_DATA

    def written(self) -> str:
        """What ``read_state`` reads."""
        return json.dumps(asdict(self), default=str)


def read_state(text: str) -> State:
    """The state that ``State.written`` wrote."""
    told: dict[str, Any] = json.loads(text)
    as_of = told["as_of"] and date.fromisoformat(told["as_of"])
    return State(**{**told, "made_at": datetime.fromisoformat(told["made_at"]), "as_of": as_of})


@dataclass(frozen=True)
class Site:
    """Where mirrors stand: a cluster of the hub's own below ``folder``, or the server of ``url``, whose database is
    named as the mirror shall be."""

    folder: Path
    port: int = PORT
    url: str = EMBEDDED

    @property
    def is_local(self) -> bool:
        """Whether the cluster is the hub's own: its files can be looked at, and it is started and stopped."""
        return self.url == EMBEDDED

    @property
    def database(self) -> str:
        """Name of the database that testers use; all others of the mirror begin with it."""
        return DATABASE if self.is_local else str(make_url(self.url).database)

    @property
    def state_file(self) -> Path:
        """The pointer."""
        return self.folder / "state.json"

    def standing(self) -> State | None:
        """The mirror that stands; None where there is none."""
        return read_state(self.state_file.read_text("utf-8")) if self.state_file.exists() else None

    def home(self, build: str) -> Path:
        """The folder of a build's cluster."""
        return self.folder / "clusters" / build

    def server(self, build: str, *, building: bool = False) -> Postgres:
        """The server of a build."""
        return Postgres(
            self.home(build),
            superuser=OWNER,
            port=self.port,
            users=USERS,
            settings=BUILDING if building else SERVING,
        )

    def administration(self) -> str:
        """How the hub reaches the server of the mirror that stands, which is started if it is down.

        Raises ContractBroken where no mirror stands.
        """
        state = self.standing()
        if state is None:
            raise ContractBroken("no mirror stands.", system="mirror", next_step="run 'hub mirror build'.")
        if not self.is_local:
            return address(self.url)
        url = self.server(state.build).start_and_leave()
        self.point_socket()
        return address(url)

    def tester_url(self, database: str | None = None) -> str:
        """What a tester types to get to the mirror, or to another database of it."""
        name = database or self.database
        if self.is_local:
            return f"postgresql://{TESTER}@/{name}?host={self.folder / 'socket'}&port={self.port}"
        return make_url(self.url).set(drivername="postgresql", database=name).render_as_string()

    def point_socket(self) -> None:
        """Leads testers to the mirror that stands."""
        state = self.standing()
        if state is None or not self.is_local:
            return
        socket = (self.home(state.build) / "socket").resolve()
        link, draft = self.folder / "socket", self.folder / ".socket.new"
        if link.is_symlink() and link.readlink() == socket:
            return
        draft.unlink(missing_ok=True)
        draft.symlink_to(socket)
        draft.rename(link)

    def put_up(self, state: State) -> None:
        """Moves the pointer: from now on the mirror is this one."""
        draft = self.folder / ".state.json.new"
        with draft.open("w", encoding="utf-8") as file:
            file.write(state.written())
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.rename(self.state_file)
        self.point_socket()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Builds and changes of a mirror happen one at a time.

        Raises ContractBroken where another is under way.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        with (self.folder / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ContractBroken(
                    "something else builds or changes it at this moment.",
                    system="mirror",
                    next_step="wait until it is done ('hub mirror status' tells), then try again.",
                ) from None
            yield

    def is_busy(self) -> bool:
        """Whether something builds or changes the mirror at this moment."""
        try:
            with self.alone():
                return False
        except ContractBroken:
            return True

    def stop(self) -> None:
        """Stops the server of the mirror that stands, where it is the hub's own."""
        state = self.standing()
        if state and self.is_local and (server := self.server(state.build)).is_running:
            server.start()
            server.stop()

    def take_down(self) -> None:
        """Lets no mirror stand: the pointer goes first, then what it led to."""
        for link in (self.state_file, self.folder / "socket"):
            link.unlink(missing_ok=True)
        self.sweep()

    def sweep(self, keep: Sequence[str] = ()) -> list[str]:
        """Stops and removes the clusters that no pointer names, as a build that was killed leaves them; gives their
        names. To be called with the site alone."""
        state = self.standing()
        kept = {*keep, *([state.build] if state else [])}
        gone = []
        for home in sorted((self.folder / "clusters").glob("[!.]*")):
            if home.name not in kept:
                self.remove(home.name)
                gone.append(home.name)
        return gone

    def remove(self, build: str) -> None:
        """Stops the server of a build and removes its cluster."""
        server = self.server(build)
        if server.is_running:
            server.start()
            server.stop()
        home = self.home(build)
        shutil.rmtree(home.resolve(), ignore_errors=True)
        home.unlink(missing_ok=True) if home.is_symlink() else shutil.rmtree(home, ignore_errors=True)
        for left in home.parent.glob(f".{build}.*"):
            left.unlink()


def address(url: str, database: str | None = None) -> str:
    """Where psycopg finds the database of a URL, or another one of its server; the URL may name SQLAlchemy's driver."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return conninfo.make_conninfo(plain, dbname=database or make_url(url).database)


def check_apart(source: str, target: str) -> None:
    """Raises ConfigurationFault where both lead to one cluster, however they are spelled: its files, WAL and statistics
    would hold originals and masks side by side."""
    if _identity(source) == _identity(target):
        raise ConfigurationFault(
            "it would stand in the very cluster that holds the originals.",
            system="mirror",
            place="hub.toml [mirror] url",
            next_step='name a server of its own, or "embedded".',
        )


def _identity(where: str) -> int:
    with psycopg.connect(where, autocommit=True) as connection:
        found = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    return int(found[0]) if found else 0
