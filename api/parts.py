"""What the API has beside its resources, as its description tells it: feed, webhooks, exports, tokens and more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import asking, desk, exports, feed, webhooks
from api.door import LONGEST_TAGS
from api.examples import example_of
from api.schemas import CURSOR, TYPES, Json, content, in_query, leads_to, listed, ref
from api.scopes import EXPORTS, SUBJECT_ACCESS
from canonical_model.resources import RESOURCES

KINDS = ("created", "changed", "ended", "deleted", "merged", "split")
PATHS = list(RESOURCES)
AFTER = in_query("after", "The cursor to go on from: ``next`` of a page, or now", CURSOR)
IDENTITY = ref("parameters", "id")
PURPOSE = ref("parameters", "purpose")
AN_ID = example_of("id", "uuid")
EVENT = 'id: kZ3v...\nevent: change\ndata: {"kind":"changed","entity":"people","id":"' + AN_ID + '"}\n\n'


def parts() -> Mapping[str, Json]:
    """Path -> its operations."""
    return {**_feed(), **_webhooks(), **_exports(), **_subject_access(), **_tokens()}


def _object(told: Json, more: Json | None = None) -> Json:
    """An object with those members, each of which is there, and ``more``, which may be."""
    return {"type": "object", "required": list(told), "properties": {**told, **(more or {})}}


def _list(one: Json) -> Json:
    return {"type": "array", "items": one}


def _nullable(kind: str) -> Json:
    return {**TYPES[kind], "type": [TYPES[kind]["type"], "null"]}


def _told(summary: str, name: str, tag: str, about: str, answers: Json, scopes: list[str], **more: Any) -> Json:
    return {
        "operationId": name, "summary": summary, "description": about, "tags": [tag],
        "security": [{"oauth": scopes}], "responses": answers, **more,
    }  # fmt: skip


def _body(schema: Json, example: Any, media_type: str = "application/json") -> Json:
    return {"required": True, "content": {media_type: {"schema": schema, "example": example}}}


def _answer(text: str, schema: Json, example: Any) -> Json:
    return {"description": text, **content(schema, example)}


ENTITY = {"type": "string", "enum": PATHS}
CHANGE = _object(
    {"kind": {"type": "string", "enum": list(KINDS)}, "entity": ENTITY, "id": TYPES["uuid"],
     "link": {"type": "string", "format": "uri-reference"}, "at": TYPES["instant"], "run_id": _nullable("integer")},
    {"new_id": TYPES["uuid"], "new_link": {"type": "string", "format": "uri-reference"},
     "record": {"type": ["object", "null"], "description": "With include=record: as it is now; null once it has gone"}},
)  # fmt: skip
A_CHANGE = {
    "kind": "changed", "entity": "people", "id": AN_ID, "link": f"/v1/people/{AN_ID}",
    "at": example_of("", "instant"), "run_id": 2,
}  # fmt: skip


def _feed() -> Mapping[str, Json]:
    followed = [
        {**in_query("entity", "Only these resources, comma between them", listed(PATHS, len(PATHS))), "style": "form",
         "explode": False},
        in_query("include", "Each record as it is now comes along", {"type": "string", "enum": ["record"]}),
        in_query("fields", "Where entity names one resource: only these fields of its records, comma between them",
                 {"type": "string"}),
        AFTER, PURPOSE,
    ]  # fmt: skip
    limit = {"type": "integer", "minimum": 1, "maximum": asking.LARGEST_LIMIT, "default": feed.DEFAULT_LIMIT}
    page = _object({"data": _list(CHANGE), "next": CURSOR, "more": TYPES["boolean"]})
    about = "In the order of each record, bounded by the snapshot: whoever goes on from the cursor loses nothing."
    last = {"name": "Last-Event-ID", "in": "header", "description": "The id of the last event", "schema": CURSOR}
    event = {"type": "object", "properties": {"id": CURSOR, "event": {"const": "change"}, "data": {"type": "string"},
                                              "retry": TYPES["integer"]}}  # fmt: skip
    stream = {"description": "Server-sent events: one a change, its id the cursor",
              "content": {"text/event-stream": {"schema": event, "example": EVENT}}}  # fmt: skip
    return {
        "/v1/changes": {"get": _told(
            "A page of changes", "list-changes", "changes", about,
            {"200": _answer("The changes after the cursor", page, {"data": [A_CHANGE], "next": "kZ3v", "more": False})},
            [], parameters=[*followed, in_query("limit", "Changes on a page", limit)],
        )},
        "/v1/changes/stream": {"get": _told(
            "Changes as they come", "follow-changes", "changes", f"{about} Ends with the token.", {"200": stream},
            [], parameters=[*followed, last],
        )},
    }  # fmt: skip


def _webhooks() -> Mapping[str, Json]:
    url = {
        "type": "string", "format": "uri", "maxLength": webhooks.LONGEST_URL,
        "pattern": webhooks.URL,
        "description": "Where to: a public host, TLS, no user",
    }  # fmt: skip
    entities = {**listed(PATHS, len(PATHS)), "type": ["array", "null"], "description": "All that is open without it"}
    asked = {"type": "object", "required": ["url"], "additionalProperties": False,
             "properties": {"url": url, "entity": entities}}  # fmt: skip
    one = _object(
        {"id": TYPES["uuid"], "url": {"type": "string"}, "entity": _list(ENTITY),
         "status": {"type": "string", "enum": ["active", "disabled"]}, "message": _nullable("text"),
         "created_at": TYPES["instant"], "delivered_at": _nullable("instant"), "failures": TYPES["integer"],
         "failing_since": _nullable("instant")},
        {"secret": {"type": "string", "description": "Told once, to the one that subscribes"}},
    )  # fmt: skip
    shown = {
        "id": AN_ID, "url": "https://portal.example/hub", "entity": ["people"], "status": "active", "message": None,
        "created_at": example_of("", "instant"), "delivered_at": None, "failures": 0, "failing_since": None,
    }  # fmt: skip
    location = {"Location": {"description": "Its address", "schema": {"type": "string", "format": "uri-reference"}}}
    page = _object({"data": _list(one), "next": {"type": "null"}})
    tag, about = "webhooks", "Signed as Standard Webhooks has it; a message holds what the feed holds without records."
    return {
        "/v1/webhooks": {
            "get": _told("The caller's webhooks", "list-webhooks", tag, "Each with how it is doing.",
                         {"200": _answer("The webhooks", page, {"data": [shown], "next": None})}, []),
            "post": _told(
                "A new webhook", "create-webhook", tag, about,
                {"201": {**_answer("The webhook, with its secret", one, {**shown, "secret": "whsec_..."}),
                         "headers": location, **leads_to("/id", "resume-webhook", "delete-webhook")}},
                [], requestBody=_body(asked, {"url": shown["url"], "entity": ["people"]}),
            ),
        },
        "/v1/webhooks/{id}": {
            "parameters": [IDENTITY],
            "delete": _told("Ends a webhook", "delete-webhook", tag, "No message is sent any more.",
                            {"204": {"description": "It is gone"}}, []),
        },
        "/v1/webhooks/{id}/resume": {
            "parameters": [IDENTITY],
            "post": _told(
                "Sends again", "resume-webhook", tag, "What it waits for, or what came after a cursor of the feed.",
                {"200": _answer("The webhook", one, shown)}, [], parameters=[AFTER],
            ),
        },
    }  # fmt: skip


def _exports() -> Mapping[str, Json]:
    form = {"type": "string", "enum": list(exports.MEDIA_TYPES)}
    part = {"name": {"type": "string"}, "href": {"type": "string", "format": "uri-reference"},
            "rows": TYPES["integer"], "bytes": TYPES["integer"], "sha256": {"type": "string"}}  # fmt: skip
    one = _object(
        {"id": TYPES["uuid"], "status": {"type": "string", "enum": ["waiting", "ready", "failed", "expired"]},
         "resource": ENTITY, "format": form, "fields": _list({"type": "string"}), "filters": {"type": "object"},
         "asked_at": TYPES["instant"]},
        {"fault": {"type": "string"}, "ready_at": TYPES["instant"], "expires_at": TYPES["instant"],
         "rows": TYPES["integer"], "run": _nullable("integer"), "parts": _list(_object(part)),
         "changes_after": {**CURSOR, "type": ["string", "null"], "description": "Where the feed goes on from it"}},
    )  # fmt: skip
    shown = {
        "id": AN_ID, "status": "waiting", "resource": "rent-transactions", "format": "parquet", "fields": ["id"],
        "filters": {}, "asked_at": example_of("", "instant"),
    }  # fmt: skip
    name = {"name": "part", "in": "path", "required": True, "description": "Name of the part in the manifest",
            "schema": {"type": "string", "enum": [f"part-1.{one}" for one in exports.MEDIA_TYPES]}}  # fmt: skip
    files = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in exports.MEDIA_TYPES.values()}
    bytes_of_it = {
        "200": {"description": "The whole part", "content": files, "headers": {"ETag": ref("headers", "etag")}},
        "206": {"description": "The range that was asked for", "content": files},
        "416": ref("responses", "default"),
    }  # fmt: skip
    ranged = [
        {"name": "Range", "in": "header", "description": "bytes=FIRST-LAST",
         "schema": {"type": "string", "maxLength": LONGEST_TAGS}},
        {"name": "If-Range", "in": "header", "description": "ETag of the bytes held already",
         "schema": {"type": "string", "maxLength": LONGEST_TAGS}},
        PURPOSE,
    ]  # fmt: skip
    location = {"Location": {"description": "Its address", "schema": {"type": "string", "format": "uri-reference"}}}
    about, tag, scopes = "Its fields and filters are those of the resource's list.", "exports", [EXPORTS]
    return {
        "/v1/exports": {"post": _told(
            "Asks for a bulk export", "create-export", tag, about,
            {"202": {**_answer("It waits its turn", one, shown), "headers": location,
                     **leads_to("/id", "get-export", "delete-export")}}, scopes,
            parameters=[PURPOSE], requestBody=_body(exports.WANTED, exports.EXAMPLE),
        )},
        "/v1/exports/{id}": {
            "parameters": [IDENTITY],
            "get": _told("How far an export is", "get-export", tag, "Once it is ready, its manifest.",
                         {"200": _answer("The export", one, shown)}, scopes),
            "delete": _told("Removes an export", "delete-export", tag, "With its files.",
                            {"204": {"description": "It is gone"}}, scopes),
        },
        "/v1/exports/{id}/parts/{part}": {
            "parameters": [IDENTITY, name],
            "get": _told("The bytes of a part", "get-export-part", tag, "All or a range, under its hash as ETag.",
                         bytes_of_it, scopes, parameters=ranged),
        },
    }  # fmt: skip


def _subject_access() -> Mapping[str, Json]:
    records = {"type": "object", "additionalProperties": _list({"type": "object"})}
    all_of_it = _object({"id": TYPES["uuid"], "made_at": TYPES["instant"], "records": TYPES["integer"],
                         "golden": records, "golden_values": _list({"type": "object"}),
                         "sources": records})  # fmt: skip
    shown = {"id": AN_ID, "made_at": example_of("", "instant"), "records": 0, "golden": {"people": []},
             "golden_values": [], "sources": {}}  # fmt: skip
    return {"/v1/people/{id}/subject-access": {"parameters": [IDENTITY], "get": _told(
        "All that is held of a person", "get-subject-access", "people",
        "The golden record and every record of every source, each with its origin and its earlier versions.",
        {"200": _answer("All of it", all_of_it, shown)}, [SUBJECT_ACCESS], parameters=[PURPOSE],
    )}}  # fmt: skip


def _tokens() -> Mapping[str, Json]:
    token = _object({"access_token": {"type": "string"}, "token_type": {"const": "Bearer"},
                     "expires_in": TYPES["integer"], "scope": {"type": "string"}})  # fmt: skip
    shown = {"access_token": "eyJ...", "token_type": "Bearer", "expires_in": 600, "scope": "people:read"}
    asked = {"grant_type": "client_credentials", "scope": "people:read"}
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qY...", "kid": "k1", "use": "sig", "alg": "EdDSA"}
    return {
        "/oauth/token": {"post": {
            **_told("A token", "create-token", "tokens", "For a client that shows its secret (RFC 6749, 4.4).",
                    {"200": _answer("The token", token, shown)}, []),
            "security": [{"client": []}, {}], "requestBody": _body(desk.ASKED, asked, desk.FORM),
        }},
        "/.well-known/jwks.json": {"get": {
            **_told("The keys that tokens are signed with", "list-keys", "tokens", "A JSON Web Key Set (RFC 7517).",
                    {"200": _answer("The keys", _object({"keys": _list({"type": "object"})}), {"keys": [key]})}, []),
            "security": [],
        }},
        "/.well-known/oauth-authorization-server": {"get": {
            **_told("What the issuer can do", "get-issuer", "tokens", "Its metadata (RFC 8414).",
                    {"200": _answer("The metadata", _object({"issuer": {"type": "string"}}), {"issuer": "https://hub"})},
                    []),
            "security": [],
        }},
    }  # fmt: skip
