"""What a command works with: the database, the sources' connections and the folders, started and stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from canonical_model import schema
from connectors.opening import Connection
from estate.council import FOLDERS
from estate.servers.drs import DrsStore
from estate.servers.sftp import SftpServer
from estate.servers.soap import SoapServer
from estate.world import TODAY
from estate.writers.drs import CONFIRMATIONS
from estate.writers.roads import FILE as ROADS
from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system, system_names
from services import outside
from services.databases import check_server, create_database
from services.postgres import Postgres
from settings.load import load
from settings.model import EMBEDDED, ESTATE, NO_ROADS, Settings

LEGACY_TENANCY = "legacy_tenancy"
ESTATE_LOGIN = ("hub", "made-up-council")
"""The estate's servers stand on this machine only and hold nobody's data."""


@dataclass(frozen=True)
class Workplace:
    """The hub's database and folders. ``server_url`` is the embedded server's; None where the database is not ours."""

    settings: Settings
    database_url: str
    server_url: str | None

    @property
    def folder(self) -> Path:
        """The state folder."""
        return self.settings.hub.folder

    @property
    def landing(self) -> Path:
        """Where landed batches rest: personal data, for the hub's user alone."""
        return self._private("landing")

    @property
    def estate(self) -> Path:
        """Where the made-up council stands."""
        return self.folder / "estate"

    @property
    def legacy_tenancy_url(self) -> str:
        """The made-up council's tenancy database, made where it is missing."""
        if self.server_url is None:
            raise RuntimeError("the estate's tenancy system needs the embedded server")
        return create_database_once(self.server_url, LEGACY_TENANCY)

    def inbox(self, system: str) -> Path:
        """Where fetched files of a system rest."""
        own = self.settings.systems[system].inbox if system in self.settings.systems else None
        return own or self._private("inbox") / system

    @property
    def roads(self) -> Path | None:
        """The road extract that ways are found on; None where every way is estimated."""
        stated = self.settings.scheduling.roads
        if stated == ESTATE:
            return self.estate / FOLDERS["roads"] / ROADS
        return None if stated == NO_ROADS else Path(stated)

    @property
    def today(self) -> date | None:
        """The day that it is in the made-up council, where repairs are planned for it; None: as everywhere."""
        works = self.settings.systems.get("works")
        return TODAY if works and works.source == ESTATE else None

    @property
    def kept_roads(self) -> Path:
        """Where graphs of roads and the ways between homes are kept: they tell where work is, for the hub's user."""
        return self._private("roads")

    @property
    def plans(self) -> Path:
        """Where the problems of plans rest: they tell where work is, for the hub's user alone."""
        return self._private("plans")

    def _private(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


def settings_of(path: Path) -> Settings:
    """The settings, checked as a whole with the mappings of the systems that they enable.

    Raises one ConfigurationFault with all faults: nothing is read before the settings are whole.
    """
    settings = load(path, known=system_names())
    faults = []
    for name in (name for name, system in settings.systems.items() if system.enabled):
        try:
            load_system(name)
        except ConfigurationFault as fault:
            faults.append(str(fault))
    if faults:
        raise ConfigurationFault(" ".join(faults), next_step="Correct all of these, then run again.")
    return settings


@contextmanager
def workplace(settings: Settings) -> Iterator[Workplace]:
    """The database, up and migrated to the newest version; what was started is stopped at the end.

    Over a mirror what is served is marked, whatever the settings say, and nothing is sent.
    """
    settings.hub.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server_url = None
        if settings.database.url == EMBEDDED:
            server_url = stack.enter_context(Postgres(settings.hub.folder / "postgres"))
            database_url = create_database_once(server_url, "hub")
        else:
            database_url = settings.database.url.replace("postgresql://", "postgresql+psycopg://", 1)
            check_server(database_url)
        schema.migrate(database_url)
        if outside.look_at(database_url):
            settings = masked(settings)
        yield Workplace(settings, database_url, server_url)


def masked(settings: Settings) -> Settings:
    """The settings as they must be over a mirror: all is marked TEST DATA, and tokens are the hub's own."""
    api = settings.api.model_copy(update={"test_data": True, "issuer": EMBEDDED})
    return settings.model_copy(update={"api": api})


def create_database_once(server_url: str, name: str) -> str:
    """The URL of the server's database of that name, made where it is missing."""
    parts = urlsplit(server_url)
    url = urlunsplit(parts._replace(path=f"/{name}"))
    return url if _exists(server_url, name) else create_database(server_url, name)


def _exists(server_url: str, name: str) -> bool:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - only a first start asks

    engine = create_engine(server_url)
    try:
        with engine.connect() as connection:
            return bool(
                connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name})
            )
    finally:
        engine.dispose()


@contextmanager
def connections(place: Workplace, systems: Mapping[str, str]) -> Iterator[dict[str, Connection]]:
    """How each system is reached, by name; ``systems`` gives their sources, ``estate`` for the made-up council.

    The estate's feeds are served as long as the context lasts.
    """
    with ExitStack() as stack:
        made = {name for name, source in systems.items() if source == ESTATE}
        sftp, drs = "", ""
        host_key = ""
        user, password = ESTATE_LOGIN
        if any(FOLDERS.get(name, "").startswith("sftp/") for name in made):
            key_file = place.estate.parent / "estate-sftp.key"
            server = SftpServer(place.estate / "sftp", user=user, password=password, key_file=key_file)
            address = server.start()
            stack.callback(server.stop)
            sftp, host_key = address.url, address.host_key
        if "drs" in made:
            store = DrsStore.from_file(place.estate / "drs" / "drs.json", login=user, password=password)
            drs = stack.enter_context(SoapServer(store)).url
        yield {
            name: _estate_connection(place, name, sftp, host_key, drs)
            if name in made
            else _connection(place, name, source)
            for name, source in systems.items()
        }


def _estate_connection(place: Workplace, name: str, sftp: str, host_key: str, drs: str) -> Connection:
    secrets = dict(zip(("username", "password"), ESTATE_LOGIN, strict=True))
    if name == "tenancy":
        return Connection(place.legacy_tenancy_url)
    if name == "drs":
        return Connection(drs, inbox=place.estate / FOLDERS[name] / CONFIRMATIONS, secrets=secrets, today=TODAY)
    if name == "works":
        return Connection(f"sqlite:///{place.estate / FOLDERS[name] / 'works.sqlite'}")
    if FOLDERS[name].startswith("sftp/"):
        url = sftp + FOLDERS[name].removeprefix("sftp/")
        return Connection(url, inbox=place.inbox(name), host_key=host_key, secrets=secrets)
    return Connection(str(place.estate / FOLDERS[name]))


def _connection(place: Workplace, name: str, source: str) -> Connection:
    """A configured source; the password of an SFTP or HTTP address leaves the address for the secrets."""
    stated = place.settings.systems.get(name)
    url = urlsplit(source)
    secrets = {}
    if url.scheme in ("sftp", "http", "https") and url.password:
        secrets = {"username": unquote(url.username or ""), "password": unquote(url.password)}
        host = url.netloc.rpartition("@")[2]
        kept = f"{url.username}@{host}" if url.scheme == "sftp" else host
        source = urlunsplit(url._replace(netloc=kept))
    if stated and stated.private_key:
        secrets |= {"private_key": stated.private_key, "passphrase": stated.passphrase or ""}
    host_key = (stated.host_key if stated else None) or ""
    return Connection(source, inbox=place.inbox(name), host_key=host_key, secrets=secrets)
