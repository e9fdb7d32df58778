"""What Schemathesis cannot make up right is left out of the requests that it holds for valid.

A cursor is sealed by the API for one caller and one question: a made-up one is refused, as it must be. Which fields the
feed tells, and which fields and filters an export has, depends on the resource: JSON Schema could tell it by telling
every resource once more. Requests that are meant to be wrong stay as they are, and a cursor that an answer told is
followed by other tests.
"""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Takes such members out of a request that is meant to be valid."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for members, names in (
        (case.query, ("cursor", "after")),
        (case.query if case.path.startswith("/v1/changes") else None, ("fields",)),
        (case.headers, ("Last-Event-ID",)),
        (case.body if case.path == "/v1/exports" else None, ("fields", "filters")),
    ):
        for name in names:
            if hasattr(members, "pop"):
                members.pop(name, None)
