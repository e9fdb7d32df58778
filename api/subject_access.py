"""Subject access (UK GDPR, article 15): all that is held of a person, each record with where it came from.

It needs a scope of its own, and opens every class of field: the person asks for what is theirs. What the records of one
person tell of others is left out as far as records tell them apart (``canonical_model.held``); free text is to be read
by a person before it is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asking import record_id
from api.problems import Problem
from api.resources import JSON
from api.scopes import SUBJECT_ACCESS, require
from api.service import TheCaller, TheService, read_now
from canonical_model import held, origins, reads
from canonical_model.held import FOLLOWED, LED_TO, NAMED, PERSON
from canonical_model.privacy import OPEN
from canonical_model.resources import RESOURCES

PEOPLE, MEMBERS = RESOURCES["people"], RESOURCES["household-members"]
router = APIRouter(prefix="/v1")


@router.get("/people/{identity}/subject-access")
async def subject_access(identity: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """All that is held of a person: the golden record and every record of every source, by resource."""
    require(caller.scopes, SUBJECT_ACCESS, "Subject access")
    wanted = record_id(identity)
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        person = await _person(connection, wanted)
        found = await _found(connection, person)
        people = sorted(found[PERSON])
        told = {
            resource.path: await _records(connection, held.records(resource, sorted(ids), people))
            for resource, ids in ((held.resource_of(table), ids) for table, ids in sorted(found.items()))
            if ids
        }
        golden = {
            "people": await _records(connection, held.golden(PEOPLE, "id", person)),
            "household-members": await _records(connection, held.golden(MEMBERS, "person_id", person)),
        }
        query = origins.of_golden(person, [field.name for field in PEOPLE.fields])
        values = orjson.Fragment(await connection.fetchval(query.sql, *query.args))
    count = sum(map(len, told.values())) + sum(map(len, golden.values()))
    purpose = request.headers.get("purpose") or caller.purpose
    fields = _personal([*told, *(path for path, some in golden.items() if some)])
    await service.audit.write(read_now(caller.client_id, purpose, "people/subject-access", fields, count))
    body = {
        "id": str(person), "made_at": datetime.now(UTC), "records": count, "golden": golden, "golden_values": values,
        "sources": told,
    }  # fmt: skip
    headers = {"cache-control": "no-store", "ratelimit": request.state.rate_limit}
    return Response(orjson.dumps(body), headers=headers, media_type=JSON)


async def _person(connection: Any, wanted: UUID) -> UUID:
    """The golden person that an id leads to now. Raises Problem 404, 410 where it became several."""
    if await connection.fetchval(f"{held.OF_GOLDEN} LIMIT 1", wanted) is not None:
        return wanted
    walked = await connection.fetch(reads.SUCCESSORS, wanted, PERSON)
    now = [row["id"] for row in walked if row["stands"]]
    if len(now) > 1:
        places = [f"/v1/people/{one}/subject-access" for one in now]
        raise Problem("gone", "The record was divided: ask for each of those.", now=places)
    if not now:
        raise Problem("not-found", "There is no person of that id.")
    return UUID(now[0])


async def _found(connection: Any, person: UUID) -> Mapping[str, set[UUID]]:
    """Table -> ids of all the sources' records that are the person's."""
    found: dict[str, set[UUID]] = {PERSON: {row[0] for row in await connection.fetch(held.OF_GOLDEN, person)}}
    people = sorted(found[PERSON])

    async def add(table: str, query: reads.Query) -> None:
        found.setdefault(table, set()).update([row[0] for row in await connection.fetch(query.sql, *query.args)])

    for target in FOLLOWED:
        if ids := sorted(found.get(target, ())):
            for one in held.back_to(target):
                await add(one.table, held.owned(one, ids, people))
        for (table, column), leads in LED_TO.items():
            if target == PERSON and found.get(table):
                await add(leads, held.led_to(table, column, sorted(found[table])))
    for table, kinds in ((table, list(found)) for table in NAMED):
        for kind in kinds:
            if found[kind]:
                await add(table, held.named(table, kind, sorted(found[kind])))
    for one in held.back_to(PERSON):  # what is another's by now leads no further
        await add(one.table, held.formerly(one, people))
    return found


async def _records(connection: Any, query: reads.Query) -> list[orjson.Fragment]:
    return [orjson.Fragment(row["body"]) for row in await connection.fetch(query.sql, *query.args)]


def _personal(paths: Sequence[str]) -> tuple[str, ...]:
    """What the audit keeps of it: the personal fields of the resources that were told, as ``resource.field``."""
    return tuple(
        f"{path}.{field.name}" for path in sorted(set(paths)) for field in RESOURCES[path].fields if field.klass != OPEN
    )
