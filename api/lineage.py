"""Where the fields of a record come from, as far as the caller sees those fields: as ``hub lineage`` tells it.

A raw value is told to those alone who see every field that is made of its column, in whatever record; one that a
reference is made of is somebody's key, as the key of a source's row is: it needs the scope of names.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import psycopg
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asking import parameters, record_id
from api.problems import Problem
from api.resources import PRIVATE, keep, missing, sealed
from api.routes import asked_of, response
from api.scopes import Sight, every_scope, scope_of, shown, sight_of
from api.service import Service, TheCaller, TheService
from api.settings import ApiSettings
from canonical_model.origins import of_golden, of_source
from canonical_model.privacy import OPEN
from canonical_model.reads import ended
from canonical_model.resources import RESOURCES, Resource
from canonical_model.tables import metadata

if TYPE_CHECKING:
    from reconciliation.lineage import Lineage

TRACES_AT_ONCE = 2
"""Of one worker: each reads a part of a landed batch."""
NOBODY = ""
"""The scope of what is told to nobody."""
BY_TABLE = {resource.table: resource for resource in RESOURCES.values()}
router = APIRouter(prefix="/v1")
_traces = asyncio.Semaphore(TRACES_AT_ONCE)


@router.api_route("/{path:resource}/{identity}/lineage", methods=["GET", "HEAD"])
async def lineage(path: str, identity: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """The origin of every field that the caller sees, or of the one that ``field`` names."""
    sight, wanted = sight_of(RESOURCES[path], caller.scopes), record_id(identity)
    given = parameters(request.scope["query_string"])
    if unknown := set(given) - {"field"}:
        raise Problem("unknown-parameter", f"There is no parameter {shown(min(unknown))} here.", known=["field"])
    fields = [sight.field(given["field"])] if "field" in given else list(sight.fields)
    names = [field.name for field in fields]
    origins = _of_golden if sight.resource.table.startswith("golden_") else _of_source
    told, keys = await origins(service, sight, wanted, names)
    asked = asked_of(request, caller)
    if personal := (*(field.name for field in fields if field.klass != OPEN), *keys):
        await keep(service, asked, f"{path} lineage", personal, 1)
    return response(request, sealed(told, PRIVATE, asked))


async def _of_golden(
    service: Service, sight: Sight, identity: UUID, names: Collection[str]
) -> tuple[bytes, Sequence[str]]:
    """What each source's record had for each field, the value that stands first; the record has its own lineage."""
    query = of_golden(identity, list(names))
    body: str = await service.pool.fetchval(query.sql, *query.args)
    if body == "[]" and await service.pool.fetchval(ended(sight.resource), identity) is None:
        raise missing()
    return b'{"id":"%b","origins":%b}' % (str(identity).encode(), body.encode()), ()


async def _of_source(
    service: Service, sight: Sight, identity: UUID, names: Collection[str]
) -> tuple[bytes, Sequence[str]]:
    """System, table, key, line, mapping and run of a record, each field's columns, rule and raw values.

    Beside it the names of what was told that is somebody's key.
    """
    query = of_source(sight.resource, identity)
    row = await service.pool.fetchrow(query.sql, *query.args)
    if row is None:
        raise missing()
    async with _traces:
        found = await asyncio.to_thread(_trace, service.settings, sight.resource, identity)
    needed = _scopes_of_columns(orjson.loads(row["mappings"] or "[]"))
    made = {origin.field: origin for origin in found.fields}
    told: dict[str, Any] = {
        "id": str(identity), "system": found.system, "table": found.table, "unit": found.unit, "line": found.line,
        "batch": found.batch, "run": found.run, "read_at": row["read_at"], "mapping_version": found.mapping_version,
        "origins": [
            {"field": origin.field, "columns": origin.columns, "rule": origin.rule, "raw": origin.raw and {
                column: value for column, value in origin.raw.items() if needed[column] <= sight.scopes
            }}
            for origin in (made[name] for name in names if name in made)
        ],
    }  # fmt: skip
    keys = [
        f"{origin['field']} (raw)" for origin in told["origins"]
        if any(not scope.endswith(":read") for column in origin["raw"] or () for scope in needed[column])
    ]  # fmt: skip
    if key_scope(sight.resource) in sight.scopes:
        told["key"], keys = found.key, [*keys, "key"]
    return orjson.dumps(told, default=str), keys


def _trace(settings: ApiSettings, resource: Resource, identity: UUID) -> Lineage:
    """The lineage as the command tells it: the one reader of landed batches there is."""
    from reconciliation.lineage import trace  # noqa: PLC0415 - it brings pandas, which nothing else here needs

    role = f"-c role={settings.role} " if settings.role else ""
    options = f"{role}-c statement_timeout={int(settings.statement_seconds * 1_000)}"
    with psycopg.connect(settings.database_url.replace("+psycopg", "", 1), options=options) as connection:
        return trace(connection, metadata, settings.landing, resource.table, identity)


def key_scope(resource: Resource) -> str:
    """The scope that tells the keys of a source's rows: they can be somebody's reference."""
    own = scope_of(resource, "name")
    return own if own in every_scope() else "people:name"


def _scopes_of_columns(mappings: Sequence[Mapping[str, Any]]) -> Mapping[str, set[str]]:
    """Column of a source table -> every scope that its raw value needs."""
    needed: dict[str, set[str]] = defaultdict(set)
    for mapping in mappings:
        resource = BY_TABLE.get(mapping["target"])
        for column in mapping["key"]:
            needed[column].add(key_scope(resource) if resource else NOBODY)
        for name, origin in mapping["fields"].items():
            field = resource.by_name.get(name) if resource else None
            for column in origin["columns"]:
                needed[column].add(scope_of(resource, field.klass) if resource and field else NOBODY)
                if resource and field and field.kind == "uuid":
                    needed[column].add(key_scope(resource))
    return needed
