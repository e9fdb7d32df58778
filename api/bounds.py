"""What all operations share, stated all over the API's description: bounds of values, problems, the rate.

The parts of the API describe what is their own; nobody has to say again that an integer has 64 bits, or that any
operation can answer 401 with a problem document.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from api.schemas import PROBLEMS, TYPES, Json, problem_of, ref

LONGEST_TEXT = 100_000
MOST_ITEMS = 10_000
MOST = 2**63 - 1
BOUNDS: dict[str, Json] = {
    "string": {"maxLength": LONGEST_TEXT},
    "integer": {"format": "int64", "minimum": -MOST - 1, "maximum": MOST},
    "number": {"format": "double"},
    "array": {"maxItems": MOST_ITEMS},
}
LENGTHS = {"uuid": 36, "date": 10, "time": 32, "date-time": 40}
VALUES = frozenset({"example", "examples", "default", "enum", "const", "x-problems"})
"""Members that hold values, not descriptions."""
METHODS = ("get", "head", "post", "put", "patch", "delete")
BUSY = ("429", "503")
DEFAULT = "Any other error"


def bounded(document: Json) -> Json:
    """The description with all that is shared stated."""
    document = deepcopy(document)
    for path in document["paths"].values():
        for method in METHODS:
            if method in path:
                _complete(path[method])
    document["components"]["responses"]["default"] = problem_of(DEFAULT)
    for answer in document["components"]["responses"].values():
        answer.setdefault("headers", {})["RateLimit"] = ref("headers", "ratelimit")
    for status in BUSY:
        document["components"]["responses"][status]["headers"]["Retry-After"] = ref("headers", "retry-after")
    for schema in _schemas(document):
        _bound(schema)
    return document


def _bound(schema: Json) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema or "const" in schema:
        return
    for kind in kinds:
        for name, bound in BOUNDS.get(kind, {}).items():
            schema.setdefault(name, LENGTHS.get(schema.get("format", ""), bound) if name == "maxLength" else bound)


def _complete(operation: Json) -> None:
    """States the problems that any operation can answer with, and the rate with every answer that is not an error."""
    answers = operation["responses"]
    answers.pop("422", None)  # the framework's own; the API answers 400
    for status in ("default", *PROBLEMS):
        answers.setdefault(status, ref("responses", status))
    for status, answer in answers.items():
        if status.startswith(("2", "3")):
            answer.setdefault("headers", {}).setdefault("RateLimit", ref("headers", "ratelimit"))
            for told in answer.get("content", {}).values():
                if told.get("schema") == {}:
                    told["schema"] = {"type": "object"}
    for parameter in operation.get("parameters", ()):
        if parameter.get("name") == "identity":
            parameter["schema"] = dict(TYPES["uuid"])


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
