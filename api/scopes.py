"""What a caller sees: scopes by resource and by class of field.

``rents:read`` opens the resources of the word ``rents`` with their open fields; ``rents:name``, ``rents:contact``,
``rents:special`` and ``rents:money`` add the fields of that class. A field that is hidden cannot be asked for,
filtered, sorted, searched, exported or fed either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

from api.problems import Problem
from canonical_model.privacy import OPEN, PERSONAL
from canonical_model.resources import RESOURCES, Field, Include, Resource


@dataclass(frozen=True)
class Sight:
    """A resource as one caller sees it: the fields that the scopes open."""

    resource: Resource
    scopes: frozenset[str]
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return MappingProxyType({field.name: field for field in self.fields})

    def field(self, name: str) -> Field:
        """The field of that name. Raises Problem: 400 where there is none, 403 where it is hidden."""
        if (field := self.by_name.get(name)) is not None:
            return field
        hidden = self.resource.by_name.get(name)
        if hidden is None:
            raise Problem("unknown-field", f"{self.resource.path} has no field {shown(name)}.", field=shown(name))
        raise forbidden(scope_of(self.resource, hidden.klass), f"The field {name} of {self.resource.path}")

    def include(self, name: str) -> tuple[Include, Sight]:
        """What comes along under that name, and how the caller sees it. Raises Problem 400 or 403."""
        include = self.resource.includes_by_name.get(name)
        if include is None:
            detail, known = f"{self.resource.path} has no include {shown(name)}.", list(self.resource.includes_by_name)
            raise Problem("unknown-field", detail, field=shown(name), known=known)
        for path, field in include.needs:
            sight_of(RESOURCES[path], self.scopes).field(field)
        return include, sight_of(RESOURCES[include.path], self.scopes)


@lru_cache(maxsize=10_000)
def sight_of(resource: Resource, scopes: frozenset[str]) -> Sight:
    """How a caller with those scopes sees a resource. Raises Problem 403 where it may not be read at all."""
    if (needed := scope_of(resource, OPEN)) not in scopes:
        raise forbidden(needed, f"The resource {resource.path}")
    seen = tuple(field for field in resource.fields if scope_of(resource, field.klass) in scopes)
    return Sight(resource, scopes, seen)


def scope_of(resource: Resource, klass: str) -> str:
    """The scope that opens the fields of a class."""
    return f"{resource.word}:{'read' if klass == OPEN else klass}"


EXPORTS, SUBJECT_ACCESS = "exports:make", "people:subject-access"
SCHEDULING_READ, SCHEDULING_BOOK = "scheduling:read", "scheduling:book"
SCHEDULING_PLAN, SCHEDULING_DEVICE = "scheduling:plan", "scheduling:device"
SCHEDULING = {
    SCHEDULING_READ: "Read the live plan: visits, miles, and why each is where it is",
    SCHEDULING_BOOK: "Offer, hold, confirm, change and cancel slots; raise and withdraw orders",
    SCHEDULING_PLAN: "Decide in the plan: emergencies, reports, pins, swaps and blocks",
    SCHEDULING_DEVICE: "Follow the feed of an operative's device and acknowledge what it tells",
}
"""Scopes of the scheduling service."""


def every_scope() -> dict[str, str]:
    """Each scope and what it opens, in order."""
    words = sorted({resource.word for resource in RESOURCES.values()})
    found = {}
    for word in words:
        paths = ", ".join(path for path, resource in RESOURCES.items() if resource.word == word)
        classes = {field.klass for resource in RESOURCES.values() if resource.word == word for field in resource.fields}
        found[f"{word}:read"] = f"Read {paths}: the open fields"
        found |= {f"{word}:{klass}": f"{paths}: fields of class {klass} too" for klass in PERSONAL if klass in classes}
    found[EXPORTS] = "Make bulk exports of the resources and fields that other scopes open"
    found[SUBJECT_ACCESS] = "Read all that is held of a person, whatever its class, with its origins"
    return dict(sorted((found | SCHEDULING).items()))


def require(scopes: frozenset[str], scope: str, what: str) -> None:
    """Raises Problem 403 where the scope is not among those."""
    if scope not in scopes:
        raise forbidden(scope, what)


def forbidden(scope: str, what: str) -> Problem:
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return Problem(
        "forbidden", f"{what} needs the scope {scope}.", headers={"www-authenticate": challenge}, scope=scope
    )


def shown(name: str) -> str:
    """A name from a request as a message may repeat it: what could be somebody's data is not."""
    safe = name.isascii() and name.replace("_", "").replace("-", "").isalnum() and len(name) <= 40
    return name if safe else "(a name that no field could have)"
