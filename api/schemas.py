"""The parts that the API's description is made of: schemas of resources, parameters, problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.asking import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_VALUE, MOST_INCLUDES
from api.audit import LONGEST_PURPOSE
from api.door import LONGEST_TAGS
from api.examples import example_of
from api.problems import MEDIA_TYPE
from api.scopes import scope_of
from canonical_model.reads import MOST_INCLUDED
from canonical_model.resources import Field, Resource

Json = dict[str, Any]


def in_query(name: str, text: str, schema: Json) -> Json:
    """A parameter of the query."""
    return {"name": name, "in": "query", "description": text, "schema": schema}


TYPES: Mapping[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "money": {"type": "string", "pattern": r"^-?\d+\.\d\d$"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": r"^\d\d:\d\d:\d\d(\.\d{1,6})?$"},
    "instant": {"type": "string", "format": "date-time"},
}
OTHERS = "Any other error"
PLAIN: Json = {"type": "string", "maxLength": LONGEST_VALUE, "pattern": r"^[^\u0000]*$"}
ASKED: Mapping[str, Json] = {
    "text": PLAIN, "texts": PLAIN, "money": {"type": "string", "pattern": r"^[+-]?\d{1,30}(\.\d{1,30})?$"},
    "time": {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"},
}  # fmt: skip
"""How a value is asked for, where that differs from how it is told."""
CURSOR: Json = {"type": "string", "maxLength": 2000}
PROBLEMS = {
    "400": "A parameter is wrong; the problem names it", "401": "A valid access token is needed",
    "403": "The token lacks the scope that the problem names", "404": "There is no such thing",
    "410": "It is no longer there; the problem says what became of it", "414": "The address is too long",
    "429": "Too many requests; Retry-After says when to ask again", "503": "It cannot be answered now; ask again",
}  # fmt: skip
PARAMETERS: Json = {
    "id": {"name": "id", "in": "path", "required": True, "description": "Id of the record", "schema": TYPES["uuid"]},
    "limit": in_query("limit", "Records on a page", {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT,
                    "default": DEFAULT_LIMIT}),
    "cursor": in_query("cursor", "The ``next`` of the page before", CURSOR),
    "at": in_query("at", "As it was at this instant", TYPES["instant"]),
    "purpose": {"name": "Purpose", "in": "header", "description": "What personal data is read for; the audit keeps it",
                "schema": {"type": "string", "maxLength": LONGEST_PURPOSE}},
    "if-none-match": {"name": "If-None-Match", "in": "header", "description": "ETag of the answer that is held already",
                      "schema": {"type": "string", "maxLength": LONGEST_TAGS}},
}  # fmt: skip
HEADERS: Json = {
    "etag": {"description": "Strong tag of the body", "schema": {"type": "string"}},
    "retry-after": {"description": "Seconds to wait before asking again", "schema": {"type": "integer", "minimum": 0}},
    "ratelimit": {"description": "What is left of the client's rate", "schema": {"type": "string"}},
}
PROBLEM: Json = {
    "type": "object", "description": "An error (RFC 9457)", "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/docs#problem-forbidden"]},
        "title": {"type": "string", "examples": ["The token lacks a scope"]},
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "examples": [403]},
        "detail": {"type": "string", "examples": ["The field surname of people needs the scope people:name."]},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}  # fmt: skip


def schema_of(resource: Resource) -> Json:
    along = {
        include.name: {
            "description": f"With include={include.name}",
            **_along(ref("schemas", _title(include.path)), many=include.many),
        }
        for include in resource.includes
    }  # fmt: skip
    return {
        "type": "object", "description": resource.description, "additionalProperties": False,
        "properties": {**{field.name: _property(resource, field) for field in resource.fields}, **along},
    }  # fmt: skip


def _property(resource: Resource, field: Field) -> Json:
    kind = dict(TYPES[field.kind])
    if field.codes:
        kind["enum"] = [*field.codes, None] if field.nullable else list(field.codes)
    if field.nullable:
        kind["type"] = [kind["type"], "null"]
    return {
        **kind, "description": field.description, "examples": [example_of(field.name, field.kind, field.codes)],
        "x-class": field.klass, "x-scope": scope_of(resource, field.klass),
    }  # fmt: skip


def _along(one: Json, *, many: bool) -> Json:
    return {"type": "array", "items": one, "maxItems": MOST_INCLUDED} if many else {"anyOf": [one, {"type": "null"}]}


def filter_of(field: Field) -> Json:
    kind = {
        **ASKED.get(field.kind, TYPES[field.kind]),
        **({"enum": list(field.codes)} if field.codes else {}),
    }
    return in_query(field.name, f"Only those with this value. {field.description}", kind)


def shaping(resource: Resource) -> list[Json]:
    found = [_names("fields", "Only these fields, comma between them", list(resource.by_name), len(resource.fields))]
    if resource.includes:
        names = list(resource.includes_by_name)
        found.append(_names("include", "What comes along, comma between the names", names, MOST_INCLUDES))
    return found


def _names(name: str, text: str, names: list[str], most: int) -> Json:
    return {**in_query(name, text, listed(names, most)), "style": "form", "explode": False}


def listed(names: list[str], most: int) -> Json:
    """Some of the names."""
    return {"type": "array", "items": _enum(names), "minItems": 1, "maxItems": most}


def sort_of(resource: Resource) -> Json:
    names = [field.name for field in resource.fields if field.sortable]
    return in_query(
        "sort", "Field to sort by, - before it to sort down", _enum([*names, *(f"-{one}" for one in names)])
    )


def _enum(values: list[str]) -> Json:
    return {"type": "string", "enum": values}


def a_page(one: Json, some: list[Any]) -> Json:
    schema = {
        "type": "object", "required": ["data", "next"], "additionalProperties": False,
        "properties": {
            "data": {"type": "array", "items": one, "maxItems": LARGEST_LIMIT},
            "next": {"type": ["string", "null"], "description": "Cursor of the next page; null on the last"},
        },
    }  # fmt: skip
    return content(schema, {"data": some, "next": None})


def content(schema: Json, shown: Any) -> Json:
    return {"content": {"application/json": {"schema": schema, "example": shown}}}


def leads_to(id_at: str, *operations: str) -> Json:
    """The links of an answer to operations that take the id which stands at that place of its body."""
    parameters = {"id": f"$response.body#{id_at}"}
    return {"links": {name: {"operationId": name, "parameters": parameters} for name in operations}}


def problem_of(text: str) -> Json:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": ref("schemas", "Problem")}}}


def example(resource: Resource) -> Json:
    return {field.name: example_of(field.name, field.kind, field.codes) for field in resource.fields}


def ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def name_of(resource: Resource) -> str:
    return _title(resource.path)


def _title(path: str) -> str:
    return "".join(word.capitalize() for word in path.split("-"))
