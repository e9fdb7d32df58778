"""Snapshots to go back to, spares that make going back quick, branches of single testers, and days that are over.

A reset exchanges the mirror for a spare: whoever was in it is put out, and whoever comes after it was told to be done
finds the snapshot's state. What stood before is dropped and a new spare made afterwards (``refill``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from psycopg.conninfo import make_conninfo

from ledger.errors import ContractBroken
from mirror import databases, travel
from mirror.cluster import Site, State
from mirror.databases import BASE, Connection, administration

_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")


@dataclass(frozen=True)
class Database:
    """A database of the mirror as ``hub mirror status`` tells it. ``kind``: mirror, snapshot, spare or branch."""

    kind: str
    name: str
    database: str
    state: State


def listed(site: Site) -> list[tuple[Database, int]]:
    """The mirror and what stands beside it, with sizes in bytes."""
    with administration(site.administration()) as connection:
        sizes = dict(connection.execute("SELECT datname, pg_database_size(oid) FROM pg_database").fetchall())
        return [(each, int(sizes[each.database])) for each in _listed(connection, site.database)]


def at_stake(site: Site) -> list[str]:
    """What testers made that goes when another mirror is put up: snapshots, and branches that stand in its cluster."""
    kinds = ("snapshot", "branch") if site.is_local else ("snapshot",)
    made = [(each.kind, each.name) for each, _ in listed(site) if each.kind in kinds]
    return [f"{kind} {name}" for kind, name in made if (kind, name) != ("snapshot", BASE)]


def put_up(where: str, draft: str, name: str, state: State, spares: int) -> None:
    """Puts a finished draft in the place of the mirror on that server, if one is there, whose snapshots and spares go;
    branches of testers stay. The draft is the base snapshot from then on, the mirror and its spares are its copies."""
    with administration(where) as connection:
        new, base = f"{name}_new_{secrets.token_hex(4)}", f"{name}_snapshot_{BASE}"
        databases.mark(connection, draft, state)
        databases.duplicate(connection, draft, new, state, name=name, is_open=False)
        before = databases.standing(connection, name)
        old = [each for each in before if each == name or each.startswith((f"{name}_snapshot_", f"{name}_spare_"))]
        renames = [*((each, databases.gone(name)) for each in old), (new, name), (draft, base)]
        databases.exchange(connection, name if name in before else new, renames, opened=name)
        databases.close(connection, base)
        _refill(connection, name, spares)


def reset(where: str, name: str, snapshot: str = BASE, branch: str | None = None) -> State:
    """The state that the mirror ``name``, or a tester's branch, is back at. Sessions in it end; none that comes after
    reads what was before.

    Raises ContractBroken where there is no such snapshot or branch.
    """
    with administration(where) as connection:
        stand = _listed(connection, name)
        state = _named(stand, "snapshot", snapshot).state
        served = _named(stand, "branch", branch).database if branch else name
        spare = next((each.database for each in stand if (each.kind, each.name) == ("spare", snapshot)), None)
        if spare is None:
            spare = _make_spare(connection, name, snapshot, state)
        databases.exchange(connection, served, [(served, databases.gone(name)), (spare, served)], opened=served)
    return state


def refill(where: str, name: str, spares: int = 1) -> int:
    """Makes spares anew, so many of each snapshot, and drops what resets have replaced; gives how many were made."""
    with administration(where) as connection:
        return _refill(connection, name, spares)


def take(where: str, name: str, snapshot: str, as_of: date | None = None, *, spares: int = 1) -> State:
    """The state of a new snapshot: of the mirror as testers have left it, or of the past day's end ``as_of``.

    Testers are put out as long as it takes. A snapshot of that name is replaced.
    """
    _require_name(snapshot)
    if snapshot == BASE:
        raise ContractBroken(
            "base is the mirror as it was built.", system="mirror", next_step="give the snapshot another name."
        )
    with administration(where) as connection:
        stand = _listed(connection, name)
        copy = f"{name}_snapshot_{snapshot}"
        if as_of:
            state = replace(_named(stand, "snapshot", BASE).state, as_of=as_of)
            draft = f"{name}_new_{secrets.token_hex(4)}"
            try:
                databases.duplicate(connection, f"{name}_snapshot_{BASE}", draft, state, name=name, is_open=True)
                travel.go_back(make_conninfo(where, dbname=draft), as_of)
                databases.drop(connection, copy)
                databases.exchange(connection, draft, [(draft, copy)], opened=None)
            finally:
                databases.drop(
                    connection, draft
                )  # where the day cannot be gone back to; else it has its own name by now
        else:
            state = _named(stand, "mirror", name).state
            databases.duplicate(connection, name, copy, state, name=name, is_open=False)
        for each in stand:
            if (each.kind, each.name) == ("spare", snapshot):
                databases.drop(connection, each.database)
        _refill(connection, name, spares)
    return state


def branch(where: str, name: str, tester: str, snapshot: str = BASE) -> str:
    """The database of a tester's own, begun at a snapshot. Raises ContractBroken where there is one."""
    _require_name(tester)
    with administration(where) as connection:
        stand = _listed(connection, name)
        if any((each.kind, each.name) == ("branch", tester) for each in stand):
            raise ContractBroken(
                f"{tester} has a branch.", system="mirror",
                next_step=f"go on with it, or run 'hub mirror reset --branch {tester}' or 'hub mirror drop {tester}'.",
            )  # fmt: skip
        begin = _named(stand, "snapshot", snapshot)
        own = f"{name}_branch_{tester}"
        databases.duplicate(connection, begin.database, own, begin.state, name=name, is_open=True)
    return own


def drop(where: str, name: str, doomed_name: str) -> str:
    """Drops the branch or the snapshot of that name, with its spares; gives what it was."""
    with administration(where) as connection:
        stand = _listed(connection, name)
        doomed = [each for each in stand if each.name == doomed_name and each.kind in ("branch", "snapshot", "spare")]
        if not doomed or doomed_name == BASE:
            raise ContractBroken(
                f"there is no branch or snapshot {doomed_name} that could go.", system="mirror",
                next_step="'hub mirror status' lists them.",
            )  # fmt: skip
        for each in doomed:
            databases.drop(connection, each.database)
    return " and ".join(sorted({each.kind for each in doomed} - {"spare"}))


def remove(where: str, name: str) -> None:
    """Drops every database of a mirror: nothing of it is left."""
    with administration(where) as connection:
        for each, state in databases.standing(connection, name).items():
            if state:
                databases.drop(connection, each)
        databases.tidy(connection, name)


def _listed(connection: Connection, name: str) -> list[Database]:
    stand = []
    for each, state in databases.standing(connection, name).items():
        if state is None:
            continue
        kind, _, own = each.removeprefix(name).removeprefix("_").partition("_")
        own = own.rpartition("_")[0] if kind == "spare" else own
        if kind in ("", "snapshot", "spare", "branch"):
            stand.append(Database(kind or "mirror", own or each, each, state))
    return stand


def _named(stand: Sequence[Database], kind: str, name: str) -> Database:
    for each in stand:
        if (each.kind, each.name) == (kind, name):
            return each
    raise ContractBroken(
        f"there is no {kind} {name}.", system="mirror",
        next_step=f"name one of: {', '.join(each.name for each in stand if each.kind == kind) or 'none yet'}.",
    )  # fmt: skip


def _refill(connection: Connection, name: str, spares: int) -> int:
    stand = _listed(connection, name)
    made = 0
    for snapshot in (each for each in stand if each.kind == "snapshot"):
        have = sum((each.kind, each.name) == ("spare", snapshot.name) for each in stand)
        for _ in range(spares - have):
            _make_spare(connection, name, snapshot.name, snapshot.state)
            made += 1
    databases.tidy(connection, name)  # to remove a database takes longer than to copy one: nobody waits for it
    return made


def _make_spare(connection: Connection, name: str, snapshot: str, state: State) -> str:
    spare = f"{name}_spare_{snapshot}_{secrets.token_hex(4)}"
    databases.duplicate(connection, f"{name}_snapshot_{snapshot}", spare, state, name=name, is_open=False)
    return spare


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ContractBroken(
            "a name is of small letters, digits and underscores, at most 24, a letter first.",
            system="mirror",
            next_step="give another name.",
        )
