"""The API's own description (OpenAPI 3.1), made from the catalogue: what is served is what is told, with examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.asking import DEFAULT_LIMIT, LARGEST_LIMIT
from api.deprecations import Deprecation
from api.examples import example_of
from api.finding import LONGEST as LONGEST_SEARCH
from api.finding import SHORTEST
from api.marks import marked
from api.origins import OF_GOLDEN, OF_SOURCE, ORIGINS, ORIGINS_OF_GOLDEN
from api.parts import parts
from api.problems import TITLES
from api.schemas import (
    HEADERS,
    OTHERS,
    PARAMETERS,
    PLAIN,
    PROBLEM,
    PROBLEMS,
    TYPES,
    Json,
    a_page,
    content,
    example,
    filter_of,
    in_query,
    leads_to,
    listed,
    name_of,
    problem_of,
    ref,
    schema_of,
    shaping,
    sort_of,
)  # fmt: skip
from api.scopes import every_scope
from canonical_model.finding import SCHEMES, SEARCHED
from canonical_model.resources import RESOURCES, Resource

VERSION = "1.0.0"
PARTS = {
    "finding": "Lookup by a key and search by words", "changes": "What was created, changed, ended, merged and split",
    "webhooks": "Changes as messages to an address of the client's own", "exports": "Whole resources as files",
    "tokens": "The API's own issuer",
}  # fmt: skip
WORDS = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
"""Two characters at least that are no blanks."""
PLACE = {False: "This server, in production", True: "This server, with test data"}
TOKENS = "A signed JSON Web Token of the API's issuer, verified as RFC8725 wants it; a new one comes where it came from"
ABOUT = """The canonical housing data of a council, whatever system it comes from: people, places, tenancies, rents,
repairs and the rest, read only. Amounts are texts with two decimals; days and instants are ISO 8601; ids are UUIDs.
An answer has the fields that the token's scopes open; asking for a hidden one is 403 and names the scope.
Every filter field=value of a list may also be field[gte]=, field[lte]= (numbers, days, instants), field[in]=a,b and
field[null]=true."""


def document(token_url: str, deprecated: Sequence[Deprecation] = (), *, test_data: bool = False) -> Json:
    """The whole description, with what is deprecated marked."""
    words = sorted({resource.word for resource in RESOURCES.values()})
    flow = {"clientCredentials": {"tokenUrl": token_url, "refreshUrl": token_url, "scopes": every_scope()}}
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Housing Hub" + (" - TEST DATA" if test_data else ""), "version": VERSION, "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "Housing Hub", "url": "https://hub.example/docs", "email": "api@hub.example"},
            "x-api-id": "housing-hub-canonical", "x-audience": "company-internal",
        },
        "servers": [{"url": "/", "description": PLACE[test_data], "x-internal": True}],
        "security": [{"oauth": []}],
        "tags": [{"name": word, "description": _tag(word)} for word in words] + [
            {"name": name, "description": text} for name, text in PARTS.items()
        ],
        "paths": {**dict(_paths()), **_finding(), **parts()},
        "components": {
            "securitySchemes": {
                "oauth": {"type": "oauth2", "description": TOKENS, "flows": flow},
                "client": {"type": "http", "scheme": "basic", "description": "A client's id and secret"},
            },
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {status: problem_of(text) for status, text in (*PROBLEMS.items(), ("default", OTHERS))},
            "schemas": {
                "Problem": PROBLEM,
                **{name_of(resource): schema_of(resource) for resource in RESOURCES.values()},
            },
        },
        "x-problems": {kind: {"status": status, "title": title} for kind, (status, title) in TITLES.items()},
        "x-deprecated": [{"what": one.told, "notice": one.notice} for one in deprecated],
    }  # fmt: skip
    return marked(made, deprecated)


def _paths() -> Iterable[tuple[str, Json]]:
    for resource in RESOURCES.values():
        yield f"/v1/{resource.path}", {"get": _list(resource)}
        yield f"/v1/{resource.path}/{{id}}", {"get": _record(resource), "parameters": [ref("parameters", "id")]}
        yield (
            f"/v1/{resource.path}/{{id}}/lineage",
            {"get": _lineage(resource), "parameters": [ref("parameters", "id")]},
        )


def _list(resource: Resource) -> Json:
    asked = [ref("parameters", name) for name in ("limit", "cursor", "at", "purpose", "if-none-match")]
    return _operation(
        resource, f"list-{resource.path}", f"A page of {resource.path}", resource.description,
        [*shaping(resource), sort_of(resource), *asked, *(filter_of(field) for field in resource.fields)],
        {**a_page(ref("schemas", name_of(resource)), [example(resource)]),
         **leads_to("/data/0/id", f"get-{resource.path}")}, ("400", "410"),
    )  # fmt: skip


def _record(resource: Resource) -> Json:
    asked = [ref("parameters", name) for name in ("at", "purpose", "if-none-match")]
    old = " An old id of merged records is answered with the record that it leads to, and Content-Location."
    about = resource.description + (old if resource.entity else "")
    return _operation(
        resource, f"get-{resource.path}", f"One of {resource.path}", about,
        [*shaping(resource), *asked],
        {**content(ref("schemas", name_of(resource)), example(resource)),
         **leads_to("/id", f"lineage-of-{resource.path}")}, ("400", "404", "410"),
    )  # fmt: skip


def _lineage(resource: Resource) -> Json:
    names = {"type": "string", "enum": [field.name for field in resource.fields]}
    field = in_query("field", "Only this field", names)
    golden = resource.table.startswith("golden_")
    shape = OF_GOLDEN if golden else OF_SOURCE
    about = (
        "What each source's record had for each field, and why one of them stands; each record has its own lineage."
        if golden
        else "System, table, key and line of the row that it was read from; of each field columns, rule and raw values."
    )
    return _operation(
        resource, f"lineage-of-{resource.path}", f"Where one of {resource.path} comes from", about,
        [field, ref("parameters", "purpose"), ref("parameters", "if-none-match")],
        content(shape, ORIGINS_OF_GOLDEN if golden else ORIGINS), ("400", "404"),
    )  # fmt: skip


def _operation(
    resource: Resource, name: str, summary: str, about: str, parameters: list[Json], told: Json, bad: tuple[str, ...]
) -> Json:
    return {
        "operationId": name, "summary": summary, "description": about, "tags": [resource.word],
        "security": [{"oauth": [f"{resource.word}:read"]}], "parameters": parameters,
        "responses": _responses(told, bad),
    }  # fmt: skip


def _responses(told: Json, bad: tuple[str, ...], *, cached: bool = True) -> Json:
    """The answers: with what is told, unchanged, and each problem there can be."""
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("etag", "ratelimit")}
    unchanged = {"304": {"description": "If-None-Match names what stands", "headers": headers}} if cached else {}
    every = sorted({*bad, "401", "403", "414", "429", "503"})
    problems = {status: ref("responses", status) for status in every}
    return {"200": {"description": "What was asked for", "headers": headers, **told}, **unchanged, **problems}


def _finding() -> Json:
    """Lookup and search, by query or, so that no name stands in an address, by the body of a POST."""
    scheme = {"type": "string", "enum": list(SCHEMES), "description": "Kind of key"}
    value = {**PLAIN, "minLength": 1, "description": "The key"}
    place = {
        "type": "object", "required": ["resource", "id", "href"],
        "properties": {"resource": {"type": "string"}, "id": TYPES["uuid"], "href": {"type": "string"},
                       "golden": {"type": "object"}},
    }  # fmt: skip
    uprn = {"scheme": "uprn", "value": "100012345678"}
    found = {"resource": "places", "id": example_of("id", "uuid"), "href": f"/v1/places/{example_of('id', 'uuid')}"}
    paths = {"/v1/lookup": _question("lookup", {"scheme": scheme, "value": value}, uprn, a_page(place, [found]))}
    for path in SEARCHED:
        resource = RESOURCES[path]
        words = {
            "type": "string",
            "pattern": WORDS,
            "minLength": SHORTEST,
            "maxLength": LONGEST_SEARCH,
            "description": "Words",
        }
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT}
        given = {"q": words, "fields": listed(list(resource.by_name), len(resource.fields)), "limit": limit}
        asked = {"q": "rowan court" if path == "places" else "ann marsh"}
        page = a_page(ref("schemas", name_of(resource)), [example(resource)])
        paths[f"/v1/{path}/search"] = _question(f"search-{path}", given, asked, page)
    return paths


def _question(name: str, given: Json, example: Json, told: Json) -> Json:
    needed = list(example)
    shared = {"tags": ["finding"], "security": [{"oauth": []}]}
    asked = [
        {**in_query(one, schema.get("description", one), schema), "required": one in needed, **_style(schema)}
        for one, schema in given.items()
    ]  # fmt: skip
    body = {"type": "object", "required": needed, "properties": given, "additionalProperties": False}
    summary = name.replace("-", " ").capitalize()
    get = {"operationId": name, "summary": summary, "parameters": asked, "responses": _responses(told, ("400",))}
    post = {
        "operationId": f"{name}-by-body", "summary": f"{summary}, with the question in the body",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": example}}},
        "responses": _responses(told, ("400",), cached=False),
    }  # fmt: skip
    about = {"description": "A name or a key in an address can end in somebody's log: prefer POST."}
    return {"get": {**get, **about, **shared}, "post": {**post, **about, **shared}}


def _style(schema: Json) -> Json:
    """How a list stands in a query: with commas."""
    return {"style": "form", "explode": False} if schema.get("type") == "array" else {}


def _tag(word: str) -> str:
    return ", ".join(path for path, resource in RESOURCES.items() if resource.word == word)
