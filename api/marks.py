"""The API's description with what is deprecated marked in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from api.deprecations import Deprecation
from api.schemas import Json, name_of
from canonical_model.resources import RESOURCES


def marked(document: Json, declared: Sequence[Deprecation]) -> Json:
    """The API's description with ``deprecated: true`` and a notice at each thing that is."""
    document = deepcopy(document)
    for one in declared:
        for part in _described(document, one):
            part["deprecated"] = True
            part["description"] = f"{one.notice} {part.get('description', '')}".strip()
    return document


def _described(document: Json, one: Deprecation) -> Iterator[Json]:
    """The parts of a description that tell of it: operations, or a property and its parameters."""
    root = f"/v1/{one.resource}"
    paths = {path: item for path, item in document["paths"].items() if path == root or path.startswith(f"{root}/")}
    operations = [item[method] for item in paths.values() for method in ("get", "post") if method in item]
    if one.name is None:
        yield from operations
        return
    properties = document["components"]["schemas"][name_of(RESOURCES[one.resource])]["properties"]
    if one.name in properties:
        yield properties[one.name]
    for operation in operations:
        parameters = operation.get("parameters", [])
        shared = {"$ref": f"#/components/parameters/{one.name}"}
        if shared in parameters:  # by all resources, of which one is meant
            own = deepcopy(document["components"]["parameters"][one.name])
            parameters[parameters.index(shared)] = own
        yield from (parameter for parameter in parameters if parameter.get("name") == one.name)
