"""Where the fields of a record come from, as far as the caller sees those fields."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asking import parameters, record_id
from api.problems import Problem
from api.resources import PRIVATE, keep, missing, sealed
from api.routes import asked_of, response
from api.scopes import Sight, scope_of, shown, sight_of
from api.service import Service, TheCaller, TheService
from canonical_model.origins import of_golden, of_source
from canonical_model.privacy import OPEN
from canonical_model.reads import ended
from canonical_model.resources import RESOURCES

router = APIRouter(prefix="/v1")


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
    told, asked = await origins(service, sight, wanted, names), asked_of(request, caller)
    if personal := tuple(field.name for field in fields if field.klass != OPEN):
        await keep(service, asked, f"{path} lineage", personal, 1)
    return response(request, sealed(told, PRIVATE, asked))


async def _of_golden(service: Service, sight: Sight, identity: UUID, names: Collection[str]) -> bytes:
    """What each source's record had for each field, the value that stands first."""
    query = of_golden(identity, list(names))
    body: str = await service.pool.fetchval(query.sql, *query.args)
    if body == "[]" and await service.pool.fetchval(ended(sight.resource), identity) is None:
        raise missing()
    return b'{"id":"%b","origins":%b}' % (str(identity).encode(), body.encode())


async def _of_source(service: Service, sight: Sight, identity: UUID, names: Collection[str]) -> bytes:
    """The system, table and mapping that made a record, and each field's source columns and rule."""
    query = of_source(sight.resource, identity)
    row = await service.pool.fetchrow(query.sql, *query.args)
    if row is None:
        raise missing()
    mappings: list[dict[str, Any]] = orjson.loads(row["mappings"] or "[]")
    made = {
        name: origin
        for mapping in mappings if mapping["target"] == sight.resource.table
        for name, origin in mapping["fields"].items()
    }  # fmt: skip
    told = {
        "id": str(identity), "system": row["system"], "table": row["source_table"], "run": row["run_id"],
        "read_at": row["read_at"], "mapping_version": row["mapping_version"],
        "origins": [
            {"field": name, "columns": made[name]["columns"], "rule": made[name]["rule"]}
            for name in names if name in made
        ],
    }  # fmt: skip
    if scope_of(sight.resource, "name") in sight.scopes:  # the source's own key can be somebody's reference
        told["key"] = row["source_key"]
    return orjson.dumps(told)
