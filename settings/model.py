"""What can be set in ``hub.toml``, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

EMBEDDED = "embedded"
SQLITE = "sqlite"
ESTATE = "estate"
NO_ROADS = "none"

_CRON_FIELD = r"(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/\d+)?"
_CRON_LIST = rf"{_CRON_FIELD}(,{_CRON_FIELD})*"
_CRON = re.compile(rf"{_CRON_LIST}( +{_CRON_LIST}){{4}}")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Minute, hour, day of the month, month, day of the week."""
_LISTEN = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
_HOST_KEY = re.compile(r"(ssh-|ecdsa-)[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?|SHA256:[A-Za-z0-9+/]{43}")


def _path(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, str) else value


Folder = Annotated[Path, BeforeValidator(_path)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Hub(_Section):
    """The hub itself."""

    folder: Folder = Field(default=Path("var"), description="Where the hub keeps its state.")


class Database(_Section):
    """The database of the canonical model."""

    url: str = Field(
        default=EMBEDDED,
        repr=False,
        description='`"embedded"`, or the URL of a database on a PostgreSQL 18 or newer: '
        "`postgresql://hub:${HUB_DATABASE_PASSWORD}@db.example/housing`.",
    )

    @field_validator("url")
    @classmethod
    def _dialect(cls, url: str) -> str:
        return _postgresql(url, EMBEDDED)


class Landing(_Section):
    """The landed batches: copies of what the sources held, with personal data."""

    retention_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days until `hub purge` removes batches, quarantine, raw values.",
    )


class Prefect(_Section):
    """The server that keeps schedules and runs."""

    api: str = Field(
        default=EMBEDDED,
        description='`"embedded"`, or the address of a Prefect 3 server: `http://prefect.example:4200/api`.',
    )
    database: str = Field(
        default=EMBEDDED,
        repr=False,
        description='Where the embedded Prefect server writes: `"embedded"` (a database of its own in the embedded '
        'PostgreSQL), `"sqlite"` (a file, which makes systems that run side by side wait for one another), or the '
        "URL of a PostgreSQL database.",
    )

    @field_validator("api")
    @classmethod
    def _address(cls, api: str) -> str:
        if api != EMBEDDED and not re.fullmatch(r"https?://\S+/api/?", api):
            raise ValueError('must be "embedded" or an address like http://host:4200/api')
        return api

    @field_validator("database")
    @classmethod
    def _dialect(cls, url: str) -> str:
        return _postgresql(url, SQLITE, EMBEDDED)


class Api(_Section):
    """The canonical API, which `hub serve` and `hub api serve` keep up."""

    listen: str = Field(default="127.0.0.1:4290", description="Where it listens: a host and a port.")
    address: str | None = Field(
        default=None,
        description="How clients reach it, where something stands before it: `https://api.council.example`. It is the "
        "embedded issuer's name. Default: `http://` and `listen`.",
    )
    workers: int = Field(default=1, ge=1, le=32, description="Processes that answer.")
    connections: int = Field(default=8, ge=2, le=50, description="Connections to the database of one process.")
    issuer: str = Field(
        default=EMBEDDED,
        description='Who issues tokens: `"embedded"` (the hub itself, to clients of `hub api client add`), or the '
        "address of an OpenID Connect issuer: `https://login.council.example/realms/housing`.",
    )
    audience: str = Field(default="housing-hub", min_length=1, description="The audience that tokens are for.")
    token_minutes: int = Field(default=10, ge=1, le=60, description="How long a token of the embedded issuer is good.")
    requests_per_minute: int = Field(
        default=60_000, ge=1, le=6_000_000, description="Requests of one client to one process, kept up."
    )
    burst: int = Field(default=2_000, ge=1, le=100_000, description="Requests of one client to one process at once.")
    requests_at_once: int = Field(
        default=750, ge=10, le=20_000, description="Requests of all clients that one process answers at the same time."
    )
    export_hours: int = Field(default=24, ge=1, le=720, description="Hours that a bulk export can be fetched.")
    test_data: bool = Field(
        default=False,
        description="What is served is masked, not real: answers and pages are marked TEST DATA; lineage has no raw "
        "values.",
    )
    change_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days until `hub purge` removes changes from the feed. A client away for longer takes an export.",
    )

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        return _address(listen)

    @field_validator("address")
    @classmethod
    def _base(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?", address):
            raise ValueError("must be an address without a slash at its end, as https://api.council.example")
        return address

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, issuer: str) -> str:
        local = r"http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?"
        if issuer != EMBEDDED and not re.fullmatch(rf"https://\S+|{local}", issuer):
            raise ValueError('must be "embedded" or an https:// address')
        return issuer


class Scheduling(_Section):
    """The scheduling service."""

    roads: str = Field(
        default=ESTATE,
        min_length=1,
        description="The roads that operatives drive on: an OpenStreetMap extract (`.osm.pbf`, `.osm`) that covers the "
        'homes, as one is had for each county; a path stands relative to `hub.toml`. `"estate"`: those of the made-up '
        'council. `"none"`: every way is estimated.',
    )
    day_parts: Folder | None = Field(
        default=None,
        description="A CSV file of how much longer driving takes from which local time on (`start`, `percent`), in "
        "place of the hub's own.",
    )
    local_rules: Folder | None = Field(
        default=None,
        description="A folder of how the council's own workforce works (`hours.toml`, `priorities.csv`, "
        "`follow_ons.csv`, `callers.toml`); a file that it does not have is the hub's own (`scheduling/local`).",
    )
    schedule: str | None = Field(
        default=None,
        description="When `hub serve` plans: five cron fields, London time (`30 3 * * *`). Default: by hand.",
    )
    days: int = Field(default=14, ge=1, le=28, description="Days that a plan covers.")
    iterations: int = Field(
        default=20_000,
        ge=1,
        le=1_000_000_000,
        description="Work of a search: the same problem and as many iterations give the same plan.",
    )
    mileage_limit_percent: float = Field(
        default=0,
        ge=0,
        description="How much more miles a job a plan may have than the manual weeks before a named person must "
        "approve it.",
    )
    mileage_drift_percent: float = Field(
        default=5, ge=0, description="How much more miles a job may be driven on a day than planned without an alarm."
    )
    listen: str = Field(
        default="127.0.0.1:4291", description="Where the scheduling service listens: a host and a port."
    )
    confirm_bookings_to: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="Where the housing system takes `bookingConfirmation`, as it had it from the old scheduler for "
        "every booking made or moved. Default: it is told nothing.",
    )
    keep_days: int = Field(
        default=90,
        ge=1,
        description="Days until `hub purge` removes callers' sessions, confirmations that were sent and messages to "
        "devices; events and bookings stay.",
    )
    hold_minutes: int = Field(default=10, ge=1, le=1_440, description="How long a slot is held for a tenant.")
    lead_minutes: int = Field(default=60, ge=0, le=10_080, description="No slot is offered for sooner than that.")
    slots: tuple[str, ...] = Field(
        default=("AM", "PM", "SCHOOL"),
        description="The slots that are offered: of `AM` (08:00-12:00), `PM` (12:00-16:00), `SCHOOL` (09:30-14:30) and "
        "`DAY` (08:00-16:00).",
    )
    slot_margin_minutes: int = Field(
        default=40,
        ge=0,
        le=120,
        description="A visit is planned to begin so long before its slot ends.",
    )
    wait_metres: int = Field(
        default=400,
        ge=0,
        le=100_000,
        description="What a day that a tenant waits longer weighs against metres driven, when offers are put in order.",
    )

    @field_validator("schedule")
    @classmethod
    def _when(cls, schedule: str | None) -> str | None:
        return _cron(schedule)

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        return _address(listen)

    @field_validator("slots", mode="before")
    @classmethod
    def _known_slots(cls, slots: object) -> object:
        if not isinstance(slots, list | tuple) or not slots or not set(slots) <= {"AM", "PM", "SCHOOL", "DAY"}:
            raise ValueError("must be a list of AM, PM, SCHOOL and DAY")
        return tuple(slots)


class Mirror(_Section):
    """The mirror: a test environment, everything real except the people."""

    url: str = Field(
        default=EMBEDDED,
        repr=False,
        description='Where it stands: `"embedded"` (a cluster of its own beside the hub\'s), or the URL of a database '
        "on another PostgreSQL 18 or newer, which a build puts there: `postgresql://mirror:${MIRROR_PASSWORD}@test.example/"
        "housing_test`. Files of a server that is not the hub's own cannot be looked at: the proof then says so.",
    )
    port: int = Field(default=5433, ge=1024, le=65535, description="The embedded mirror's port, on a local socket.")
    profile: str = Field(
        default="test",
        pattern="^(test|demo)$",
        description='`"test"` for testers, or `"demo"` for showing to councillors and the public.',
    )
    schedule: str | None = Field(
        default=None,
        description="When `hub serve` builds it anew: five cron fields, London time (`30 4 * * *`). Default: by hand.",
    )
    key: Folder | None = Field(
        default=None,
        description="The file of the masks' key; a path stands relative to `hub.toml`. It is made once: back it up, "
        "apart from the mirror. Default: `mirror.key` in the state folder.",
    )
    spares: int = Field(
        default=1, ge=1, le=8, description="Copies of each snapshot that stand ready, so that a reset takes no time."
    )
    api_listen: str = Field(
        default="127.0.0.1:4292", description="Where the API over the mirror (`hub api serve --mirror`) listens."
    )
    scheduling_listen: str = Field(
        default="127.0.0.1:4293",
        description="Where the scheduling service over the mirror (`hub schedule serve --mirror`) listens.",
    )

    @field_validator("url")
    @classmethod
    def _dialect(cls, url: str) -> str:
        return _postgresql(url, EMBEDDED)

    @field_validator("schedule")
    @classmethod
    def _when(cls, schedule: str | None) -> str | None:
        return _cron(schedule)

    @field_validator("api_listen", "scheduling_listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        return _address(listen)


class System(_Section):
    """One legacy system or feed, named as its folder under `mappings/`."""

    source: str = Field(
        repr=False,
        description="Where the system is read: a URL (`mysql+pymysql://`, `sftp://`, `https://`, ...), a folder or a "
        'file; paths stand relative to `hub.toml`. `"estate"`: the made-up council, which the hub '
        "writes and serves itself.",
    )
    inbox: Folder | None = Field(
        default=None,
        description="Where fetched files (SFTP) and received messages are kept. Default: `inbox/<system>` in the "
        "state folder.",
    )
    host_key: str | None = Field(
        default=None,
        description="The SFTP server's public key (`ssh-ed25519 AAAA...`) or its fingerprint (`SHA256:...`). "
        "Required for `sftp://`; a server that shows another key is refused.",
    )
    private_key: str | None = Field(
        default=None,
        repr=False,
        description="The SFTP user's private key, instead of a password: `${RENTS_PRIVATE_KEY}`, the variable holding "
        "the text of the key file.",
    )
    passphrase: str | None = Field(
        default=None, repr=False, description="What opens the private key: `${RENTS_PASSPHRASE}`."
    )
    schedule: str | None = Field(
        default=None,
        description="When `hub serve` reads the system: five cron fields, London time (`0 2 * * *`). Systems of the "
        "same schedule are read together, one run of a system at a time. Default: never.",
    )
    receive: str | None = Field(
        default=None,
        description="Where `hub serve` listens for messages that the system sends by itself, as `127.0.0.1:8081` "
        "(booking confirmations of the repairs scheduler). They land in `inbox`. Default: nowhere.",
    )
    enabled: bool = Field(default=True, description="`false` leaves the system out, and its variables.")

    @field_validator("source")
    @classmethod
    def _not_empty(cls, source: str) -> str:
        if not source.strip():
            raise ValueError("must not be empty")
        return source

    @field_validator("schedule")
    @classmethod
    def _when(cls, schedule: str | None) -> str | None:
        return _cron(schedule)

    @field_validator("receive")
    @classmethod
    def _host_and_port(cls, receive: str | None) -> str | None:
        if receive is not None and not (_LISTEN.fullmatch(receive) and int(receive.rpartition(":")[2]) < 65536):
            raise ValueError('must be a host and a port, as "127.0.0.1:8081"')
        return receive

    @field_validator("host_key")
    @classmethod
    def _key(cls, host_key: str | None) -> str | None:
        if host_key is not None and not _HOST_KEY.fullmatch(host_key.strip()):
            raise ValueError('must be as "ssh-ed25519 AAAA..." or "SHA256:..."; ssh-keyscan prints it')
        return host_key

    @model_validator(mode="after")
    def _pinned(self) -> System:
        if self.source.startswith("sftp://") and self.host_key is None:
            raise ValueError("an sftp:// source needs host_key; ssh-keyscan prints it, its owner confirms it")
        return self


class Settings(_Section):
    """All settings, validated as a whole."""

    hub: Hub = Hub()
    database: Database = Database()
    landing: Landing = Landing()
    prefect: Prefect = Prefect()
    api: Api = Api()
    scheduling: Scheduling = Scheduling()
    mirror: Mirror = Mirror()
    systems: Mapping[str, System] = Field(default_factory=dict)


def _address(listen: str) -> str:
    if not (_LISTEN.fullmatch(listen) and int(listen.rpartition(":")[2]) < 65536):
        raise ValueError('must be a host and a port, as "127.0.0.1:4290"')
    return listen


def _cron(schedule: str | None) -> str | None:
    if schedule is not None and not _CRON.fullmatch(schedule.strip()):
        raise ValueError('must be five cron fields, as "0 2 * * *" for every night at two')
    for field, (first, last) in zip((schedule or "").split(), _CRON_RANGES, strict=False):
        for number in re.findall(r"(?<!/)\b\d+", field):
            if not first <= int(number) <= last:
                raise ValueError(f"holds {number} where cron takes {first} to {last}")
    return schedule


def _postgresql(url: str, *words: str) -> str:
    if url not in words and not re.match(r"postgresql(\+psycopg)?://", url):
        named = ", ".join(f'"{word}"' for word in words)
        raise ValueError(f"must be {named} or a postgresql:// URL")
    return url
