"""Writes ``housing_hub_client/resources.py`` from the catalogue: a type for every resource, and ``Hub`` with them all.

``.venv/bin/python clients/python/generate_client.py``
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from canonical_model.resources import RESOURCES, SOURCES, Field, Include, Resource

WRITTEN = Path(__file__).parent / "housing_hub_client" / "resources.py"
WIDTH = 120
GOLDEN = {
    "golden_person": "Person",
    "golden_asset": "Place",
    "golden_household": "Household",
    "golden_member": "HouseholdMember",
}
KINDS = {"integer": "int", "boolean": "bool", "decimal": "float", "texts": "list[str]"}
"""Types of JSON's values; all others are texts: ids, days, instants, and amounts with two decimals."""
HEAD = '''"""Every resource of the API, typed. Written by ``generate_client.py`` from the catalogue; do not edit.

A record has the fields that the token's scopes open and what was to come along, so each may be missing but the id.
Ids are UUIDs, days and instants ISO 8601, amounts texts with two decimals: ``Decimal(record["amount"])``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Required, TypedDict

from housing_hub_client.changes import Changes
from housing_hub_client.exports import Format, export
from housing_hub_client.resource import Resource
from housing_hub_client.session import Session
'''
HUB = '''

class Hub(Session):
    """The API. Each resource is an attribute; ``changes`` is the feed, ``export`` writes a file, ``lookup`` finds."""

    def lookup(self, scheme: str, value: str) -> Sequence[dict[str, Any]]:
        """What has that key: a UPRN, a payment reference, a reference of a legacy system."""
        told = self.ask("POST", "/v1/lookup", json={"scheme": scheme, "value": value}).json()
        return list(told["data"])

    def subject_access(self, person_id: str) -> dict[str, Any]:
        """All that is held of a person, each record with its origin. It needs a scope of its own."""
        told: dict[str, Any] = self.ask("GET", f"/v1/people/{person_id}/subject-access").json()
        return told

    def changes(
        self,
        after: str | None = None,
        *,
        entities: Sequence[ResourcePath] = (),
        records: bool = False,
        follow: bool = False,
    ) -> Changes:
        """The feed from a cursor on, of some resources or all."""
        return Changes(self, after, entities=entities, records=records, follow=follow)

    def export(
        self,
        resource: ResourcePath,
        file: Path,
        form: Format = "ndjson",
        *,
        fields: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """A resource, or what filters let through, into a file; gives the manifest, with the feed's cursor after it."""
        return export(self, resource, file, form, fields=fields, filters=filters)
'''


def written() -> str:
    """The module as it must be."""
    types = "".join(_type(resource) for resource in RESOURCES.values())
    paths = "".join(f'    "{path}",\n' for path in RESOURCES)
    attributes = "".join(_attribute(resource) for resource in RESOURCES.values())
    return f"{HEAD}\nResourcePath = Literal[\n{paths}]\n{types}{HUB}{attributes}"


def name_of(resource: Resource) -> str:
    """The type of one record: ``rent-accounts`` -> ``RentAccount``, ``person-records`` -> ``PersonRecord``."""
    name = "".join(word.capitalize() for word in resource.table.split("_"))
    return GOLDEN.get(resource.table, f"{name}Record" if resource.table in SOURCES else name)


def _type(resource: Resource) -> str:
    lines = [f"\n\nclass {name_of(resource)}(TypedDict, total=False):", _documented(resource.description, 4), ""]
    lines += [f"    {field.name}: {_kind(field)}" for field in resource.fields]
    lines += [f"    {include.name}: {_along(include)}" for include in resource.includes]
    return "\n".join(lines) + "\n"


def _kind(field: Field) -> str:
    kind = KINDS.get(field.kind, "str")
    return f"Required[{kind}]" if field.name == "id" else f"{kind} | None" if field.nullable else kind


def _along(include: Include) -> str:
    name = name_of(RESOURCES[include.path])
    return f"list[{name}]" if include.many else f"{name} | None"


def _attribute(resource: Resource) -> str:
    name = resource.path.replace("-", "_")
    kind = f"Resource[{name_of(resource)}]"
    return "\n".join([
        "", "    @cached_property", f"    def {name}(self) -> {kind}:", _documented(resource.description, 8),
        f'        return Resource(self, "{resource.path}")', "",
    ])  # fmt: skip


def _documented(text: str, indent: int) -> str:
    lines = textwrap.wrap(f'"""{text.rstrip(".")}."""', WIDTH - indent)
    return textwrap.indent("\n".join(lines), " " * indent)


if __name__ == "__main__":
    WRITTEN.write_text(written(), "utf-8")
