"""What all operations share, stated all over the API's description: bounds of values, problems, the rate.

The parts of the API describe what is their own; nobody has to say again that an integer has 64 bits, or that any
operation can answer 401 with a problem document.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from api.asking import LONGEST_VALUE
from api.schemas import PROBLEMS, Json, ref

LONGEST_TEXT = 100_000
MOST_ITEMS = 10_000
MOST = 2**63 - 1
BOUNDS: dict[str, Json] = {
    "string": {"maxLength": LONGEST_TEXT},
    "integer": {"format": "int64", "minimum": -MOST - 1, "maximum": MOST},
    "number": {"format": "double"},
    "array": {"maxItems": MOST_ITEMS},
}
ASKED = {**BOUNDS, "string": {"maxLength": LONGEST_VALUE}}
"""Of what is sent, which has narrower bounds than what is told."""
LENGTHS = {"uuid": 36, "date": 10, "time": 32, "date-time": 40}
VALUES = frozenset({"example", "examples", "default", "enum", "const", "x-problems", "x-deprecated"})
"""Members that hold values, not descriptions."""
METHODS = ("get", "head", "post", "put", "patch", "delete")
BUSY = ("429", "503")


def bounded(document: Json) -> Json:
    """The description with all that is shared stated."""
    document = deepcopy(document)
    operations = [path[method] for path in document["paths"].values() for method in METHODS if method in path]
    for operation in operations:
        _complete(operation)
    components = document["components"]
    for answer in components["responses"].values():
        answer.setdefault("headers", {})["RateLimit"] = ref("headers", "ratelimit")
    for status in BUSY:
        components["responses"][status]["headers"]["Retry-After"] = ref("headers", "retry-after")
    sent = [[one.get("parameters"), one.get("requestBody")] for one in (*operations, *document["paths"].values())]
    for schema in _schemas([sent, components["parameters"]]):
        _bound(schema, ASKED)
    for schema in _schemas(document):
        _bound(schema, BOUNDS)
    return document


def _bound(schema: Json, bounds: dict[str, Json]) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema or "const" in schema:
        return
    for kind in kinds:
        for name, bound in bounds.get(kind, {}).items():
            schema.setdefault(name, LENGTHS.get(schema.get("format", ""), bound) if name == "maxLength" else bound)


def _complete(operation: Json) -> None:
    """States the problems that any operation can answer with, and the rate with every answer that is not an error."""
    answers = operation["responses"]
    for status in ("default", *PROBLEMS):
        answers.setdefault(status, ref("responses", status))
    for status, answer in answers.items():
        if status.startswith(("2", "3")):
            answer.setdefault("headers", {}).setdefault("RateLimit", ref("headers", "ratelimit"))


def _schemas(node: Any) -> Iterator[Json]:
    """Everything in a description that has a type."""
    if isinstance(node, list):
        for one in node:
            yield from _schemas(one)
    elif isinstance(node, dict):
        if isinstance(node.get("type"), str | list) and not isinstance(node.get("flows"), dict):
            yield node
        for name, one in node.items():
            if name not in VALUES or (isinstance(one, dict) and "type" in one):
                yield from _schemas(one)
