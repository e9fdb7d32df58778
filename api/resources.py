"""Records and lists of every resource: what is asked, read, sealed by an ETag, kept by the audit and answered.

Plain functions over the parts of a request, so that the hot path and the framework answer the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from api.asking import OF_A_LIST, OF_A_RECORD, Question, parameters, question, record_id
from api.problems import Problem
from api.scopes import sight_of
from api.service import Read, Service, read_now
from api.tokens import Caller
from canonical_model import reads
from canonical_model.reads import Query
from canonical_model.resources import Resource

JSON = "application/json"
PRIVATE = {"cache-control": "private, no-cache", "vary": "Authorization"}


@dataclass(frozen=True)
class Asked:
    """The parts of a request that an answer depends on."""

    caller: Caller
    query: bytes
    if_none_match: str | None = None
    purpose: str | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def record(service: Service, resource: Resource, identity: str, asked: Asked) -> Answer:
    """One record by its id. An old golden id is answered with the record that it leads to now, and its place."""
    wanted, known = record_id(identity), _record_question(resource, asked.query, asked.caller.scopes)
    read, headers = read_of(asked, resource.path, known.question.personal, 1), dict(PRIVATE)
    found = await service.records.fetch(known.sql, known.args, wanted, read)
    if found is None:
        now = await _successor(service, known, wanted)
        if (found := await service.records.fetch(known.sql, known.args, now, read)) is None:
            raise missing()
        headers["content-location"] = f"/v1/{resource.path}/{now}"
    headers["last-modified"] = await service.last_modified(found["run_id"])
    return sealed(found["body"].encode(), headers, asked)


async def records(service: Service, resource: Resource, asked: Asked) -> Answer:
    """A page of a list, with the cursor of the next one."""
    plain, cursor = _without_cursor(asked.query)
    known = _list_question(resource, plain, asked.caller.scopes)
    client, after = asked.caller.client_id, None
    if cursor is not None:
        key, last = service.cursors.open(cursor, client, known.about)
        after = key, last
    begins = None if after is None else "none" if after[0] is None else "value"
    query = _list_query(resource, plain, asked.caller.scopes, begins)
    found = await service.pool.fetchrow(query.sql, *query.args, *(reads.place(known.order, after) if after else ()))
    following, count = b"null", min(found["count"], known.limit)
    if found["count"] > known.limit:
        following = orjson.dumps(service.cursors.seal(client, known.about, [found["key"], str(found["id"])]))
    if count:
        await keep(service, asked, resource.path, known.personal, count)
    return sealed(b'{"data":[%b],"next":%b}' % ((found["body"] or "").encode(), following), PRIVATE, asked)


def sealed(body: bytes, headers: Mapping[str, str], asked: Asked) -> Answer:
    """The answer under its ETag; 304 without a body where the caller has it already."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if asked.if_none_match is not None and _matches(asked.if_none_match, tag):
        return Answer(304, b"", {**headers, "etag": tag})
    return Answer(200, body, {**headers, "etag": tag, "content-type": JSON})


@dataclass(frozen=True)
class _Known:
    """A question for one record with the SQL that answers it, and what that needs beside the id."""

    question: Question
    sql: str
    args: tuple[Any, ...]


@lru_cache(maxsize=4_096)
def _record_question(resource: Resource, query: bytes, scopes: frozenset[str]) -> _Known:
    asked = question(sight_of(resource, scopes), parameters(query), OF_A_RECORD)
    sql = reads.some(resource, asked.fields, asked.included, then=asked.at is not None)
    return _Known(asked, sql, () if asked.at is None else (asked.at,))


@lru_cache(maxsize=4_096)
def _list_question(resource: Resource, query: bytes, scopes: frozenset[str]) -> Question:
    return question(sight_of(resource, scopes), parameters(query), OF_A_LIST)


@lru_cache(maxsize=4_096)
def _list_query(resource: Resource, query: bytes, scopes: frozenset[str], begins: str | None) -> Query:
    """The SQL of a page and its arguments but those of its place: it begins after a record with a key, or without."""
    known = _list_question(resource, query, scopes)
    after = None if begins is None else (None if begins == "none" else "", "")
    page = reads.page(
        resource, known.fields, known.filters, known.order, known.limit + 1,
        included=known.included, after=after, at=known.at,
    )  # fmt: skip
    last = len(reads.place(known.order, after)) if after else 0
    return reads.joined(Query(page.sql, page.args[: len(page.args) - last]), known.limit)


def _without_cursor(query: bytes) -> tuple[bytes, str | None]:
    """The query without its cursor, which differs from page to page, and the cursor."""
    if b"cursor=" not in query:
        return query, None
    parts = query.split(b"&")
    cursors = [part for part in parts if part.startswith(b"cursor=")]
    if len(cursors) > 1:
        raise Problem("malformed", "A parameter is given twice.")
    plain = b"&".join(part for part in parts if part not in cursors)
    return plain, cursors[0].removeprefix(b"cursor=").decode("latin-1") if cursors else None


async def _successor(service: Service, known: _Known, identity: UUID) -> UUID:
    """The one golden id that an old one leads to. Raises Problem: 404, 410 where it ended or became several."""
    resource = known.question.resource
    if known.question.at is not None:
        raise Problem("not-found", "There was no such record at that time.")
    if resource.entity is None:
        ended = await service.pool.fetchval(reads.ended(resource), identity)
        raise Problem("gone", "The record has ended: its source no longer has it.") if ended else missing()
    walked = await service.pool.fetch(reads.SUCCESSORS, identity, resource.entity)
    if not walked:
        raise missing()
    now = [row["id"] for row in walked if row["stands"]]
    if len(now) == 1 and now[0] != str(identity):
        return UUID(now[0])
    places = [f"/v1/{resource.path}/{one}" for one in now]
    raise Problem("gone", "The record was divided." if now else "No record stands behind it any more.", now=places)


def missing() -> Problem:
    return Problem("not-found", "There is no record of that id.")


async def keep(service: Service, asked: Asked, resource: str, personal: tuple[str, ...], count: int) -> None:
    """Has the audit keep a read of personal fields before the answer leaves."""
    if (read := read_of(asked, resource, personal, count)) is not None:
        await service.audit.write(read)


def read_of(asked: Asked, resource: str, personal: tuple[str, ...], count: int) -> Read | None:
    """The read that an answer is; None where it has no personal field."""
    caller = asked.caller
    return read_now(caller.client_id, asked.purpose or caller.purpose, resource, personal, count) if personal else None


def _matches(header: str, tag: str) -> bool:
    return header.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in header.split(","))
