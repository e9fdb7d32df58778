"""Lookup by any key, and search of people and places by words.

A name or a key in an address can end in somebody's log: every question here may be sent as the JSON body of a POST.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asking import LONGEST_VALUE, SHORT_TEXT, parameters, question
from api.problems import Problem
from api.resources import PRIVATE, keep, sealed
from api.routes import asked_of, response
from api.scopes import forbidden, scope_of, shown, sight_of
from api.service import TheCaller, TheService
from canonical_model.finding import SCHEMES, SEARCHED, lookup, search
from canonical_model.privacy import OPEN
from canonical_model.resources import GOLDEN, RESOURCES, Field, Resource

router = APIRouter(prefix="/v1")
METHODS = ["GET", "HEAD", "POST"]
SHORTEST, LONGEST = 2, 100
"""Characters of what is searched for."""
KINDS: Mapping[str, type] = {"limit": int, "fields": list}
FORMS = {"limit": "a whole number", "fields": "a list of names"}
"""Members of a body that are no texts."""
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
OF_A_LOOKUP = frozenset({"scheme", "value"})
OF_A_SEARCH = frozenset({"q", "fields", "limit"})
BY_TABLE = {resource.table: resource for resource in RESOURCES.values()}


@router.api_route("/lookup", methods=METHODS)
async def looked_up(request: Request, service: TheService, caller: TheCaller) -> Response:
    """What has a key: ``scheme`` says of what kind it is, ``value`` is the key."""
    given = await _given(request, OF_A_LOOKUP)
    scheme = given.get("scheme", "")
    if scheme not in SCHEMES:
        raise Problem("bad-value", f"scheme is one of: {', '.join(SCHEMES)}.", parameter="scheme")
    held = _held(scheme, caller.scopes)
    key, asked = _key(held[0][1], given.get("value", "")), asked_of(request, caller)
    query = lookup(scheme, key, held, _led_to(scheme, held, caller.scopes))
    found = [] if key is None else [_found(row) for row in await service.pool.fetch(query.sql, *query.args)]
    if found and held[0][1].klass != OPEN:
        await keep(service, asked, "lookup", (scheme,), len(found))
    return response(request, sealed(orjson.dumps({"data": found, "next": None}), PRIVATE, asked))


@router.api_route("/{path}/search", methods=METHODS)
async def searched(path: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """The records most like the words ``q``, the likest first."""
    if path not in SEARCHED:
        raise Problem("not-found", f"What can be searched: {', '.join(SEARCHED)}.")
    given, sight = await _given(request, OF_A_SEARCH), sight_of(RESOURCES[path], caller.scopes)
    q = given.pop("q", "")
    words = " ".join(q.split())
    told = {field.name: field for field in (sight.field(name) for name in SEARCHED[path])}
    if len(words) < SHORTEST or len(q) > LONGEST or "\0" in q:
        raise Problem("bad-value", f"q has {SHORTEST} to {LONGEST} characters.", parameter="q")
    wanted, asked = question(sight, given, OF_A_SEARCH), asked_of(request, caller)
    query = search(wanted.resource, wanted.fields, words, wanted.limit)
    rows = await service.pool.fetch(query.sql, *query.args)
    by = [name for name, field in told.items() if field.klass != OPEN]
    if rows:
        await keep(service, asked, path, tuple(dict.fromkeys([*wanted.personal, *by])), len(rows))
    body = b'{"data":[' + ",".join([row["body"] for row in rows]).encode() + b'],"next":null}'
    return response(request, sealed(body, PRIVATE, asked))


async def _given(request: Request, allowed: frozenset[str]) -> dict[str, str]:
    """The parameters of the query or, of a POST, of the JSON body. Raises Problem where one is not allowed."""
    if request.method != "POST":
        given = parameters(request.scope["query_string"])
    elif request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("unsupported-media-type", "Send the question as application/json.")
    else:
        given = _texts(await request.body())
    if unknown := set(given) - allowed:
        name = shown(min(unknown))
        raise Problem("unknown-parameter", f"There is no parameter {name} here.", known=sorted(allowed))
    return given


def _texts(body: bytes) -> dict[str, str]:
    """The members of a JSON object as a query has them: a whole number as digits, names with commas between."""
    try:
        given: Any = orjson.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Problem("malformed", "The body is a JSON object.")
    given = {name: _one_kind(value) for name, value in given.items()}
    for name, value in given.items():
        fits = type(value) is KINDS.get(name, str)
        if not fits or (name == "fields" and any(not isinstance(one, str) for one in value)):
            raise Problem("bad-value", f"{shown(name)} is {FORMS.get(name, 'a text')}.", parameter=shown(name))
    return {name: ",".join(value) if name == "fields" else str(value) for name, value in given.items()}


def _one_kind(value: Any) -> Any:
    """The value as JSON means it, which has one kind of number: 14.0 is 14."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _key(field: Field, text: str) -> Any:
    """The key as the field's kind of value; None where no field of the kind could have it. Raises Problem."""
    if not text or "\0" in text or len(text) > LONGEST_VALUE:
        raise Problem("bad-value", f"value is {SHORT_TEXT}.", parameter="value")
    if field.kind != "integer":
        return text
    return int(text) if _NUMBER.fullmatch(text) else None


def _held(scheme: str, scopes: frozenset[str]) -> list[tuple[Resource, Field]]:
    """The fields with such keys that the caller sees. Raises Problem 403 that names the scope of the first."""
    pairs = [(RESOURCES[path], RESOURCES[path].by_name[name]) for path, name in SCHEMES[scheme]]
    seen = [(one, field) for one, field in pairs if {scope_of(one, OPEN), scope_of(one, field.klass)} <= scopes]
    if seen:
        return seen
    sight = sight_of(pairs[0][0], scopes)
    raise forbidden(scope_of(sight.resource, pairs[0][1].klass), f"A lookup by {scheme}")


def _led_to(scheme: str, held: Collection[tuple[Resource, Field]], scopes: frozenset[str]) -> list[str]:
    """The tables that an identifier may lead to: of those that the caller reads, none whose own such key is hidden."""
    hidden = {RESOURCES[path].table for path, _ in SCHEMES[scheme]} - {resource.table for resource, _ in held}
    return [
        table for table, resource in BY_TABLE.items()
        if scope_of(resource, OPEN) in scopes and table not in hidden
    ]  # fmt: skip


def _found(row: Any) -> dict[str, Any]:
    """A record that has the key, and the golden record that it belongs to where there is one."""
    resource = BY_TABLE[row["name"]]
    found: dict[str, Any] = _place(resource, row["id"])
    if row["golden_id"]:
        found["golden"] = _place(RESOURCES[GOLDEN[f"golden_{resource.table}"][0]], row["golden_id"])
    return found


def _place(resource: Resource, identity: str) -> dict[str, Any]:
    return {"resource": resource.path, "id": identity, "href": f"/v1/{resource.path}/{identity}"}
