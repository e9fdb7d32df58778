"""Bulk exports: asked for, made in one snapshot by a process of their own, fetched whole or by range, and gone in time.

An export belongs to the client that asked for it. ``api.making`` makes it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse, Response

from api.asking import LONGEST_VALUE, OF_A_LIST, question, record_id
from api.feed import TheFeed
from api.making import Maker, question_of
from api.problems import Problem
from api.routes import resource_of
from api.scopes import EXPORTS, require, shown, sight_of
from api.service import Service, TheCaller, TheService, read_now
from api.tokens import Caller
from canonical_model import changes
from canonical_model.changes import Place
from canonical_model.resources import RESOURCES

MEDIA_TYPES = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
MEMBERS = frozenset({"resource", "fields", "filters", "format"})
MOST_FIELDS = 200
MOST_WAITING = 5
"""Exports of one client that wait."""
NO_STORE = {"cache-control": "no-store"}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
WANTED = {
    "type": "object", "required": ["resource"], "additionalProperties": False,
    "properties": {
        "resource": {"type": "string", "enum": list(RESOURCES), "description": "What is exported"},
        "fields": {"type": "array", "items": {"type": "string", "maxLength": 63}, "maxItems": MOST_FIELDS,
                   "description": "Which fields; all that are open"},
        "filters": {"type": "object", "additionalProperties": {"type": "string", "maxLength": LONGEST_VALUE},
                    "description": "As in a list's query, such as effective_date[gte]"},
        "format": {"type": "string", "enum": list(MEDIA_TYPES), "default": "ndjson"},
    },
}  # fmt: skip
EXAMPLE = {"resource": "rent-transactions", "format": "parquet", "filters": {"effective_date[gte]": "2025-04-07"}}
router = APIRouter(prefix="/v1/exports")

ADD = """
INSERT INTO api.export (client_id, purpose, resource, fields, filters, format)
SELECT $1, $2, $3, $4, $5::text::json, $6
WHERE (SELECT count(*) FROM api.export WHERE client_id = $1 AND status = 'waiting') < $7 RETURNING *
"""
OWN = "SELECT * FROM api.export WHERE id = $1 AND client_id = $2"
REMOVE = "DELETE FROM api.export WHERE id = $1 AND client_id = $2 RETURNING id"


class Part(FileResponse):
    """A file in larger pieces: each costs a change of threads."""

    chunk_size = 2**20


@router.post("", status_code=202)
async def ask(request: Request, service: TheService, caller: TheCaller) -> Response:
    """Asks for an export: resource, format, and fields and filters of it. Its address tells when it is ready."""
    require(caller.scopes, EXPORTS, "A bulk export")
    maker, wanted = _maker(request), await _wanted(request)
    sight = sight_of(resource_of(_text(wanted, "resource")), caller.scopes)
    form = _text(wanted, "format", "ndjson")
    if form not in MEDIA_TYPES:
        raise Problem("bad-value", f"format is one of: {', '.join(MEDIA_TYPES)}.", parameter="format")
    fields, filters = _fields(wanted), _filters(wanted)
    asked = question(sight, {**filters, **({"fields": ",".join(fields)} if fields else {})}, OF_A_LIST)
    purpose = request.headers.get("purpose") or caller.purpose
    row = await service.pool.fetchrow(
        ADD, caller.client_id, purpose, asked.resource.path, [field.name for field in asked.fields],
        orjson.dumps(filters).decode(), form, MOST_WAITING,
    )  # fmt: skip
    if row is None:
        raise Problem(
            "too-many-requests", f"{MOST_WAITING} exports of this client wait already.", headers={"retry-after": "10"}
        )
    maker.wake()
    headers = {**NO_STORE, "location": f"/v1/exports/{row['id']}", "retry-after": "1"}
    return JSONResponse(_told(row, None), 202, {**headers, "ratelimit": request.state.rate_limit})


@router.get("/{identity}")
async def look(identity: str, request: Request, service: TheService, caller: TheCaller, feed: TheFeed) -> Response:
    """How far an export is; once it is ready, its manifest."""
    row = await _own(service, caller, identity)
    cursor = None
    if row["manifest"] is not None:
        horizon, _ = changes.horizon_of(orjson.loads(row["manifest"])["horizon"])
        cursor = feed.cursor(caller.client_id, Place.at(horizon))
    headers = {**NO_STORE, "ratelimit": request.state.rate_limit}
    return JSONResponse(_told(row, cursor), headers=headers | ({} if row["manifest"] else {"retry-after": "1"}))


@router.head("/{identity}/parts/{part}")
@router.get("/{identity}/parts/{part}")
async def fetch(identity: str, part: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """A part's bytes, all or a range of them, under its hash as ETag."""
    require(caller.scopes, EXPORTS, "A bulk export")
    row = await _own(service, caller, identity)
    if row["status"] == "expired":
        raise Problem("gone", "The export has expired. Ask for a new one.")
    if row["manifest"] is None or part != f"part-1.{row['format']}":
        raise Problem("not-found", "The export has no such part, or is not ready.")
    asked, manifest = question_of(row), orjson.loads(row["manifest"])
    sight = sight_of(asked.resource, caller.scopes)
    for field in (*asked.fields, *(one.field for one in asked.filters)):
        sight.field(field.name)  # the token may open less than the one that asked
    tag = f'"{manifest["sha256"]}"'
    _settle_range(request, manifest["bytes"], tag)
    if asked.personal:
        purpose = request.headers.get("purpose") or row["purpose"]
        kept = read_now(caller.client_id, purpose, f"exports/{asked.resource.path}", asked.personal, manifest["rows"])
        await service.audit.write(kept)
    file = _maker(request).folder_of(row["id"]) / part
    if not file.exists():
        raise Problem("gone", "The export's file is no longer here. Ask for a new one.")
    headers = {"etag": tag, "cache-control": "private, no-cache", "ratelimit": request.state.rate_limit}
    return Part(file, headers=headers, media_type=MEDIA_TYPES[row["format"]], filename=part)


@router.delete("/{identity}", status_code=204)
async def take_back(identity: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    """Removes an export and its files."""
    row, maker = await _own(service, caller, identity), _maker(request)
    await service.pool.execute(REMOVE, row["id"], caller.client_id)
    await asyncio.to_thread(shutil.rmtree, maker.folder_of(row["id"]), ignore_errors=True)
    return Response(status_code=204, headers={"ratelimit": request.state.rate_limit})


def _maker(request: Request) -> Maker:
    maker: Maker | None = getattr(request.app.state, "maker", None)
    if maker is None:
        raise Problem("not-found", "This API makes no exports: it has no folder to keep them in.")
    return maker


async def _own(service: Service, caller: Caller, identity: str) -> Any:
    """The caller's export of that id. Raises Problem 404, also where it is another's."""
    row = await service.pool.fetchrow(OWN, record_id(identity), caller.client_id)
    if row is None:
        raise Problem("not-found", "There is no such export of this client.")
    return row


async def _wanted(request: Request) -> Mapping[str, Any]:
    """The members of the body. Raises Problem."""
    try:
        wanted = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        wanted = None
    if not isinstance(wanted, dict):
        raise Problem("malformed", "The body is a JSON object with resource and format.")
    for name in wanted:
        if name not in MEMBERS:
            raise Problem("unknown-parameter", f"There is no member {shown(name)} here.", known=sorted(MEMBERS))
    return wanted


def _text(wanted: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    value = wanted.get(name, otherwise)
    if not isinstance(value, str) or not value:
        raise Problem("bad-value", f"{name} is a text.", parameter=name)
    return value


def _fields(wanted: Mapping[str, Any]) -> list[str]:
    fields = wanted.get("fields", [])
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS or not all(isinstance(name, str) for name in fields):
        raise Problem("bad-value", f"fields is a list of {MOST_FIELDS} names at most.", parameter="fields")
    return fields


def _filters(wanted: Mapping[str, Any]) -> dict[str, str]:
    """The filters as a list's query would have them: ``{"amount[gte]": "10"}``."""
    filters = wanted.get("filters", {})
    if not isinstance(filters, dict) or not all(isinstance(value, str) for value in filters.values()):
        raise Problem("bad-value", 'filters are as in {"amount[gte]": "10"}.', parameter="filters")
    for name in filters.keys() & OF_A_LIST:
        raise Problem("unknown-parameter", f"{name} is no filter.", parameter="filters")
    return filters


def _told(row: Mapping[str, Any], cursor: str | None) -> dict[str, Any]:
    """An export as its client is told of it."""
    told = {
        "id": str(row["id"]), "status": row["status"], "resource": row["resource"], "format": row["format"],
        "fields": row["fields"], "filters": orjson.loads(row["filters"]), "asked_at": row["asked_at"].isoformat(),
    }  # fmt: skip
    if row["fault"]:
        told["fault"] = "The export could not be made; the fault is in the API's log."
    if row["manifest"] is None:
        return told
    made, name = orjson.loads(row["manifest"]), f"part-1.{row['format']}"
    part = {
        "name": name, "href": f"/v1/exports/{row['id']}/parts/{name}", "rows": made["rows"], "bytes": made["bytes"],
        "sha256": made["sha256"],
    }  # fmt: skip
    return told | {
        "ready_at": row["ready_at"].isoformat(), "expires_at": row["expires_at"].isoformat(), "rows": made["rows"],
        "run": made["run"], "changes_after": cursor, "parts": [part],
    }  # fmt: skip


def _settle_range(request: Request, size: int, tag: str) -> None:
    """Leaves one well-formed range in the request, or none: others are answered whole. Raises Problem 416."""
    wanted = request.headers.get("range")
    if wanted is None:
        return
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    first, last = match.groups() if match else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"range"]
    elif request.headers.get("if-range", tag) == tag and (int(first) >= size if first else int(last) == 0):
        headers = {"content-range": f"bytes */{size}"}
        raise Problem("range-not-satisfiable", "The part ends before that range.", headers=headers)
