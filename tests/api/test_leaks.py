"""Generated of the catalogue: no hidden field of any resource is told, by whatever way it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.scopes import every_scope, scope_of
from api.service import check_privacy
from canonical_model.privacy import DECLARED
from canonical_model.resources import RESOURCES, Resource
from ledger.errors import ConfigurationFault
from tests.api.conftest import Api
from tests.api.state import some

READS = " ".join(scope for scope in every_scope() if scope.endswith(":read"))
HIDDEN = {path: [field for field in one.fields if field.klass != "open"] for path, one in RESOURCES.items()}
NONE = some(0x999)


@pytest.mark.parametrize("path", [path for path, hidden in HIDDEN.items() if hidden])
def test_a_hidden_field_can_be_asked_for_in_no_way(api: Api, path: str) -> None:
    for field in HIDDEN[path]:
        name, needed = field.name, scope_of(RESOURCES[path], field.klass)
        for query in (
            f"?fields=id,{name}", f"?{name}=1", f"?{name}[in]=1,2", f"?{name}[null]=true", f"?{name}[gte]=1",
            f"?sort={name}", f"?sort=-{name}", f"?at=2026-01-01T12:00:00Z&{name}=1", f"/{NONE}?fields={name}",
            f"/{NONE}/lineage?field={name}",
        ):  # fmt: skip
            answer = api.get(f"/v1/{path}{query}", READS)
            assert (answer.status_code, answer.json().get("scope")) == (403, needed), query


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_class_of_field_is_told_to_those_alone_who_have_its_scope(api: Api, path: str) -> None:
    resource = RESOURCES[path]
    classes = sorted({field.klass for field in resource.fields} - {"open"})
    for klass in ["open", *classes]:
        scopes = f"{READS} {scope_of(resource, klass)}"
        for told in api.get(f"/v1/{path}?limit=500", scopes).json()["data"]:
            assert set(told) == {field.name for field in resource.fields if field.klass in ("open", klass)}


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_what_comes_along_tells_nothing_hidden(api: Api, path: str) -> None:
    for include in RESOURCES[path].includes:
        answer = api.get(f"/v1/{path}?include={include.name}", READS)
        if not all(_is_open(RESOURCES[other], field) for other, field in include.needs):
            assert answer.status_code == 403, include.name
            continue
        for record in answer.json()["data"]:
            assert _keys(record[include.name]) <= {
                one.name for one in RESOURCES[include.path].fields if one.klass == "open"
            }


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_without_its_word_a_resource_tells_nothing(api: Api, path: str) -> None:
    others = " ".join(scope for scope in every_scope() if not scope.startswith(f"{RESOURCES[path].word}:"))
    for end in ("", "?limit=1", f"/{NONE}", f"/{NONE}/lineage", "?at=2026-01-01T12:00:00Z"):
        assert api.get(f"/v1/{path}{end}", others).status_code == 403


def test_nothing_is_served_while_a_column_has_no_class(tmp_path: Path) -> None:
    some_file = tmp_path / "privacy.csv"
    some_file.write_text(DECLARED.read_text().replace("golden_person,email,contact\n", ""))
    with pytest.raises(ConfigurationFault, match=r"golden_person\.email"):
        check_privacy(some_file)


def _is_open(resource: Resource, name: str) -> bool:
    return resource.by_name[name].klass == "open"


def _keys(told: Any) -> set[str]:
    return set().union(*map(set, told)) if isinstance(told, list) else set(told or ())
