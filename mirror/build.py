"""The build of a mirror: never half visible, and the one that stands is not touched until the new one is whole.

Each step is a plain function and leaves what it made in the draft's own cluster; ``flows.mirrors`` runs the same
``build`` with each step as a task. What is cut off anywhere is removed: at once after a fault, by the next command
after a kill.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import psycopg

from canonical_model import schema
from ledger.errors import ConfigurationFault, ContractBroken, HubError
from mirror import catalogue, copying, databases, indexes, plan, snapshots
from mirror.cluster import TESTER, Site, State, address, check_apart
from mirror.copying import Copied, Masks, Snapshot, Table
from mirror.plan import Plan
from mirror.proof.storage import uncompressed
from mirror.selection import selected

Tell = Callable[[str, str, int], None]
"""Is told a stage, a table and how much more of it is done."""

ROOM = 3
"""The mirror, its snapshot and a spare stand side by side, each as large as the source."""
NO_ROOM = "Check free disk space."
"""What PostgreSQL says where a file cannot grow, be it for a quota or a limit of files."""
LEAST_BYTES = 64 << 20


@dataclass(frozen=True)
class Order:
    """What is built of which source, and where. ``streets``: how many, or which (USRNs), it is cut down to; ``as_of``:
    the past day whose end it shows; ``over``: though testers' snapshots and branches go with the mirror that stands."""

    source_url: str
    site: Site
    profile: str = "test"
    streets: int | tuple[int, ...] | None = None
    as_of: date | None = None
    spares: int = 1
    over: bool = False


@dataclass(frozen=True)
class Draft:
    """A mirror being built, which nobody sees. ``home`` is its cluster's folder; None where the server is not ours."""

    build: str
    server: str
    database: str
    home: Path | None

    @property
    def where(self) -> str:
        """How the hub reaches the database that is built."""
        return address(self.server, self.database)


@dataclass(frozen=True)
class Proof:
    """What a proof came to. ``faults`` name what failed, ``is_complete``: files and WAL were looked at too."""

    faults: tuple[str, ...] = ()
    is_complete: bool = False


@dataclass(frozen=True)
class Making:
    """What rows are masked with and how it ends: ``masks`` of the source in its snapshot, ``prove`` of the draft."""

    plan: Plan
    key: str
    masks: Callable[[Snapshot], Masks]
    prove: Callable[[Snapshot, Draft, Masks, Copied], Proof]


def check(order: Order, source: Snapshot, making: Making) -> list[Table]:
    """The tables that are to be copied, once plan, schema, target and room are as they must be.

    Raises ContractBroken or ConfigurationFault before a row is read.
    """
    plan.require(making.plan, catalogue.read(source.connection, making.plan.crossing))
    if not order.site.is_local:
        check_apart(source.where, address(order.site.url, "postgres"))
        databases.require_target(order.site)
    standing = order.site.standing()
    if standing and standing.key != making.key:
        raise ConfigurationFault(
            "the key of the masks is not the one that the standing mirror was made with: every mask would be another.",
            system="mirror",
            next_step="put the key back; or, to go over to the new one, run 'hub mirror remove' and build again.",
        )
    if standing and not order.over and (made := snapshots.at_stake(order.site)):
        raise ContractBroken(
            f"what testers made would go with the mirror that stands: {', '.join(made)}.",
            system="mirror",
            next_step="drop what is done with ('hub mirror drop'), or build with --over.",
        )
    if order.site.is_local:
        _require_room(order.site, source)
    wanted = [
        replace(table, is_kept=making.plan.kept(table.name) and order.profile == "test")
        for table in copying.tables(source.connection)
        if making.plan.crosses(table.name)
    ]
    return selected(source.connection, wanted, order.streets, order.as_of)


def raise_cluster(order: Order, build: str) -> Draft:
    """An empty mirror: a server of its own (or the configured one) with the schema as the hub's migrations make it."""
    site = order.site
    if site.is_local:
        url, home, owner = site.server(build, building=True).start_and_leave(), site.home(build), TESTER
        databases.make_tester(address(url))
    else:
        url, home, owner = site.url, None, None
    draft = Draft(build, url, f"{site.database}_build_{build[-8:]}", home)
    schema.migrate(databases.create(url, draft.database, owner))
    if site.is_local:
        with psycopg.connect(draft.where, autocommit=True) as connection:
            uncompressed(connection)
        databases.settle_tester(draft.where)
    return draft


def fill(_order: Order, draft: Draft, source: Snapshot, tables: list[Table], masks: Masks, tell: Tell) -> Copied:
    """The rows, copied and masked; then indexes, keys and constraints, to which every row is held."""
    taken = indexes.take_off(draft.where)
    copied = copying.copy(source, draft.where, tables, masks, lambda table, rows: tell("copy", table, rows))
    indexes.put_back(draft.where, taken, lambda table, done: tell("index", table, done))
    return copied


def put_up(order: Order, draft: Draft, state: State) -> None:
    """Makes the draft the mirror, with a snapshot to go back to and spares; the one before goes when it stands."""
    site = order.site
    if not site.is_local:
        snapshots.put_up(draft.where, draft.database, site.database, state, order.spares)
        site.put_up(state)
        return
    server = site.server(draft.build, building=True)
    server.start()
    snapshots.put_up(draft.where, draft.database, site.database, state, order.spares)
    server.stop()
    server.sync()
    site.server(draft.build).start_and_leave()
    site.put_up(state)
    site.sweep()


@dataclass(frozen=True)
class Steps:
    """The steps, plain or as tasks; each is told the order first."""

    check: Callable[[Order, Snapshot, Making], list[Table]] = check
    raise_cluster: Callable[[Order, str], Draft] = raise_cluster
    fill: Callable[[Order, Draft, Snapshot, list[Table], Masks, Tell], Copied] = fill
    put_up: Callable[[Order, Draft, State], None] = put_up


def build(order: Order, making: Making, tell: Tell = lambda *_: None, steps: Steps = Steps()) -> State:
    """What now stands. Raises a HubError that says what to do; then the mirror before it stands as it stood."""
    began = perf_counter()
    with order.site.alone(), faults_told(order.site), copying.snapshot(address(order.source_url)) as source:
        order.site.sweep()
        tables = steps.check(order, source, making)
        masks = making.masks(source)
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        with _removed_after_a_fault(order.site, name):
            draft = steps.raise_cluster(order, name)
            raised = perf_counter()
            copied = steps.fill(order, draft, source, tables, masks, tell)
            filled = perf_counter()
            proof = making.prove(source, draft, masks, copied)
            if proof.faults:
                raise ContractBroken(
                    f"the proof failed: {'; '.join(proof.faults)}.",
                    system="mirror",
                    next_step="the mirror before it stands; correct the plan or report it, then build again.",
                )
            seconds = {"begin": raised - began, "fill": filled - raised, "proof": perf_counter() - filled}
            state = State(
                build=name,
                profile=order.profile,
                made_at=datetime.now(UTC),
                plan=making.plan.fingerprint,
                key=making.key,
                revision=databases.revision(draft.where),
                rows=copied.total,
                seconds={part: round(took, 2) for part, took in seconds.items()},
                streets=len(order.streets) if isinstance(order.streets, tuple) else order.streets,
                as_of=order.as_of,
                is_complete=proof.is_complete,
            )
            steps.put_up(order, draft, state)
    return state


@contextmanager
def _removed_after_a_fault(site: Site, build: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if site.is_local:
            site.sweep()
        else:
            with databases.administration(address(site.url)) as connection:
                databases.tidy(connection, site.database)
        raise


@contextmanager
def faults_told(site: Site) -> Iterator[None]:
    """A context out of which a full disk and a row that breaks a rule come as faults that say what to do."""
    try:
        yield
    except HubError:
        raise
    except psycopg.IntegrityError as fault:
        told = fault.diag
        raise ContractBroken(
            f"masked rows break {told.constraint_name or 'a rule of the model'}.",
            system="mirror",
            place=f"{told.schema_name}.{told.table_name}",
            next_step="correct the mask of its columns in mirror/planned; the mirror before it stands.",
        ) from None
    except psycopg.Error as fault:
        if isinstance(fault, psycopg.errors.DiskFull) or fault.diag.message_hint == NO_ROOM or _is_full(site):
            raise _no_room() from None
        raise


def _is_full(site: Site) -> bool:
    """Whether the server may have died of a full disk: what it cannot write to its WAL ends it."""
    return site.is_local and shutil.disk_usage(site.folder).free < LEAST_BYTES


def _require_room(site: Site, source: Snapshot) -> None:
    row = source.connection.execute("SELECT pg_database_size(current_database())").fetchone()
    site.folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(site.folder).free < ROOM * int(row[0] if row else 0):
        raise _no_room()


def _no_room() -> ConfigurationFault:
    return ConfigurationFault(
        "there is no room for the mirror: it takes three times what the source takes.",
        system="mirror",
        place="hub.toml [mirror] folder",
        next_step="make room on that disk, then build again; the mirror before it stands.",
    )
