"""The change feed: what was created, changed, ended, deleted, merged and split, in the order of each record.

A caller sees the changes of the resources that it may read, and of a record no field that is hidden from it. The cursor
is a place in the whole log, so it holds for any choice of resources. How a page is bounded, and why nothing is lost, is
told in ``canonical_model.changes``.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import orjson
from asyncpg import Pool
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.asking import page_size, parameters
from api.cursors import Cursors
from api.problems import Problem
from api.resources import PRIVATE, Asked, sealed
from api.routes import asked_of, response
from api.scopes import Sight, scope_of, shown, sight_of
from api.service import Service, TheCaller, TheService, read_now
from api.tokens import Caller
from canonical_model import changes, reads
from canonical_model.changes import Change, Horizon, Place, Purged
from canonical_model.privacy import OPEN
from canonical_model.reads import Filter, Order
from canonical_model.resources import RESOURCES, Field

ABOUT = "changes"
PATHS = {resource.table: path for path, resource in RESOURCES.items()}
DEFAULT_LIMIT = 100
PARAMETERS = frozenset({"after", "entity", "limit", "include", "fields"})
KEPT_PAGES = 64
DECADE = 3_650
"""Days that a cursor is good for: the log's own retention ends before."""
TOO_OLD = (
    "Changes that came after that cursor are no longer kept. Take the bulk export and go on from the cursor that "
    "stands in its manifest."
)
router = APIRouter(prefix="/v1")


@dataclass(frozen=True)
class Wanted:
    """What a caller follows: tables, each as it is seen; ``records``: the fields that are told of it, by table."""

    sights: Mapping[str, Sight]
    records: Mapping[str, tuple[Field, ...]]
    limit: int

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.sights)


@dataclass(frozen=True)
class Page:
    """What one question to the log gave, and what retention had taken by then."""

    changes: list[Change]
    purged: Purged

    @cached_property
    def lines(self) -> list[bytes]:
        """Each change as it is fed without its record, as JSON: made once for all who read the page."""
        return [orjson.dumps(without_record(change)) for change in self.changes]


class Feed:
    """One worker's reader of the log. A page, once read, never changes: readers at the same place share it."""

    def __init__(self, pool: Pool, secret: bytes) -> None:
        self.pool = pool
        self._cursors = Cursors(secret, days=DECADE)
        self._pages: OrderedDict[tuple[Any, ...], asyncio.Task[Page]] = OrderedDict()

    async def horizon(self) -> tuple[Horizon, Purged]:
        """Up to where the log can be read now, and what of it has gone."""
        return changes.horizon_of(await self.pool.fetchrow(changes.HORIZON))

    async def read(
        self, place: Place, horizon: Horizon, tables: tuple[str, ...], limit: int
    ) -> tuple[list[Change], Place]:
        """The next changes up to the horizon, at most ``limit``, and the place after them. Raises Problem 410."""
        found: list[Change] = []
        place = place.upto(horizon)
        while len(found) < limit and place.window != place.seen:
            page, place = await self.step(place, tables, limit - len(found))
            found, place = found + page.changes, place.upto(horizon)
        return found, place

    async def step(self, place: Place, tables: tuple[str, ...], limit: int) -> tuple[Page, Place]:
        """The next page of the place's own window, and the place after it. Raises Problem 410."""
        page = await self._page(place, tables, limit)
        if not place.is_kept(page.purged):
            raise Problem("cursor-too-old", TOO_OLD)
        return page, place.after(page.changes, limit)

    def cursor(self, client: str, place: Place) -> str:
        return self._cursors.seal(client, ABOUT, place.numbers)

    async def place(self, client: str, after: str | None) -> Place:
        """Where a cursor stands; the beginning of what is kept without one. Raises Problem.

        A stream's cursor may be a page's with a change's number behind it: sealing each would be most of the work.
        """
        if after is None:
            return changes.beginning((await self.horizon())[1])
        if after == "now":
            return Place.at((await self.horizon())[0])
        sealed, _, number = after.partition(".")
        place = Place.from_numbers(self._cursors.open(sealed, client, ABOUT))
        return replace(place, last=_number(number)) if number else place

    async def _page(self, place: Place, tables: tuple[str, ...], limit: int) -> Page:
        key = (*place.numbers, tables, limit)
        task = self._pages.get(key)
        if task is None:
            task = self._pages[key] = asyncio.create_task(self._query(place, tables, limit))
            task.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(task)  # a reader that leaves does not take the page from the others

    def _keep(self, key: tuple[Any, ...], done: asyncio.Task[Any]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._pages.pop(key, None)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    async def _query(self, place: Place, tables: tuple[str, ...], limit: int) -> Page:
        rows = await self.pool.fetch(changes.PAGE, *changes.page_arguments(place, tables, limit))
        return Page(*changes.page_of([tuple(row) for row in rows]))


def feed_of(request: Request) -> Feed:
    """The worker's feed, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "feed"):
        state.feed = Feed(state.service.pool, state.service.settings.secret)
    feed: Feed = state.feed
    return feed


TheFeed = Annotated[Feed, Depends(feed_of)]


async def cursor_now(feed: Feed, client: str) -> str:
    """The cursor from which a client goes on that takes an export: to be asked for before the export reads anything."""
    return feed.cursor(client, Place.at((await feed.horizon())[0]))


@router.get("/changes")
async def a_page(request: Request, service: TheService, caller: TheCaller, feed: TheFeed) -> Response:
    """Changes after a cursor, and the cursor after them. ``more`` says that others wait already."""
    asked, given = asked_of(request, caller), parameters(request.scope["query_string"])
    wanted = wanted_of(caller, given)
    place = await feed.place(caller.client_id, given.get("after"))
    horizon, _ = await feed.horizon()
    found, place = await feed.read(place, horizon, wanted.tables, wanted.limit)
    body = {
        "data": await told(service, asked, wanted, found),
        "next": feed.cursor(caller.client_id, place),
        "more": place.window != place.seen,
    }
    return response(request, sealed(orjson.dumps(body), PRIVATE, asked))


def wanted_of(caller: Caller, given: Mapping[str, str]) -> Wanted:
    """What the parameters ask for, as far as the caller's scopes go. Raises Problem 400 and 403."""
    for name in given:
        if name not in PARAMETERS:
            raise Problem("unknown-parameter", f"There is no parameter {shown(name)} here.", known=sorted(PARAMETERS))
    sights = {sight.resource.table: sight for sight in followed(caller.scopes, given.get("entity"))}
    if given.get("include", "record") != "record":
        raise Problem("bad-value", "include is record.", parameter="include")
    records: dict[str, tuple[Field, ...]] = {}
    if "fields" in given:
        if len(sights) != 1 or "entity" not in given:
            raise Problem("bad-value", "fields needs entity with one resource.", parameter="fields")
        [(table, sight)] = sights.items()
        records[table] = tuple(sight.field(name) for name in dict.fromkeys(given["fields"].split(",")))
    elif "include" in given:
        records = {table: sight.fields for table, sight in sights.items()}
    return Wanted(sights, records, page_size(given.get("limit"), DEFAULT_LIMIT))


def followed(scopes: frozenset[str], entity: str | None) -> list[Sight]:
    """The resources that are followed: those of ``entity`` (``a,b``), else all that the scopes open. Raises Problem."""
    if entity is None:
        seen = [sight_of(RESOURCES[path], scopes) for table, path in PATHS.items() if may_follow(table, scopes)]
        if not seen:
            raise Problem("forbidden", "No scope of the token opens a resource.")
        return seen
    found = []
    for path in dict.fromkeys(entity.split(",")):
        if path not in RESOURCES:
            raise Problem("bad-value", f"There is no resource {shown(path)}.", parameter="entity")
        found.append(sight_of(RESOURCES[path], scopes))
    return found


async def told(service: Service, asked: Asked, wanted: Wanted, found: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes as they are fed. Records come as they stand now; one that has ended or gone is null."""
    bodies: dict[tuple[str, str], orjson.Fragment] = {}
    for table, fields in wanted.records.items():
        ids = sorted({change.entity_id for change in found if change.entity == table})
        if ids:
            bodies |= await _records(service, asked, wanted.sights[table], fields, ids)
    return [_told(change, wanted, bodies) for change in found]


async def _records(
    service: Service, asked: Asked, sight: Sight, fields: tuple[Field, ...], ids: Sequence[Any]
) -> dict[tuple[str, str], orjson.Fragment]:
    """The records that stand, as JSON by table and id; the audit has kept the read of what is personal in them."""
    identity = sight.resource.by_name["id"]
    query = reads.page(sight.resource, fields, [Filter(identity, "in", ids)], Order(identity), len(ids))
    rows = await service.pool.fetch(query.sql, *query.args)
    personal = tuple(field.name for field in fields if field.klass != OPEN)
    if rows and personal:
        caller = asked.caller
        purpose = asked.purpose or caller.purpose
        await service.audit.write(read_now(caller.client_id, purpose, sight.resource.path, personal, len(rows)))
    return {(sight.resource.table, str(row["id"])): orjson.Fragment(row["body"]) for row in rows}


def _told(change: Change, wanted: Wanted, bodies: Mapping[tuple[str, str], orjson.Fragment]) -> dict[str, Any]:
    told = without_record(change)
    if change.entity in wanted.records:
        told["record"] = bodies.get((change.entity, str(change.entity_id)))
    return told


def without_record(change: Change) -> dict[str, Any]:
    """A change as it is fed: what happened to which record, and where that is; of a merge or split also where to."""
    path = PATHS[change.entity]
    told = {
        "kind": change.kind, "entity": path, "id": str(change.entity_id), "link": f"/v1/{path}/{change.entity_id}",
        "at": change.at, "run_id": change.run_id,
    }  # fmt: skip
    if change.new_id is not None:
        told |= {"new_id": str(change.new_id), "new_link": f"/v1/{path}/{change.new_id}"}
    return told


def may_follow(table: str, scopes: frozenset[str]) -> bool:
    """Whether the scopes open the resource of a table."""
    return scope_of(RESOURCES[PATHS[table]], OPEN) in scopes


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise Problem("bad-cursor", "The cursor was not made for this caller and this feed. Start again without it.")
    return int(text)
