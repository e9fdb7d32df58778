"""What each system's README says stands in its contract too."""

from __future__ import annotations

import re

import pytest

from mappings import catalogue
from mappings.catalogue import FOLDER


@pytest.mark.parametrize("name", catalogue.system_names())
def test_it_tells_owner_tables_quirks_and_what_is_excluded(name: str) -> None:
    system, text = catalogue.load_system(name), (FOLDER / name / "README.md").read_text("utf-8")
    assert text.startswith(f"# {name}: ")
    assert f"**Owner**: {system.spec.owner}. **Technology**: " in text
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert sections[:2] == ["Tables", "Quirks"] and sections[-1] == "Excluded"
    for table in system.spec.tables:
        row = re.search(rf"^\| `{table.name}` \| {re.escape(table.grain)}.* \| (.*) \|$", text, re.MULTILINE)
        assert row, f"{table.name} with its grain is not among the tables"
        assert {f"`{mapping.target}`" for mapping in system.mappings[table.name] if mapping.target} == set(
            re.findall(r"`(?!superseded)\w+`", row[1])
        )


@pytest.mark.parametrize("name", catalogue.system_names())
def test_every_code_was_agreed_by_a_role_on_a_day(name: str) -> None:
    for file in sorted((FOLDER / name / "codes").glob("*.csv")):
        header, *rows = file.read_text("utf-8").splitlines()
        assert header == "source_code,canonical_code,description,agreed_by,agreed_on", file.name
        assert all(re.search(r",[A-Z][a-z ]+,20\d\d-\d\d-\d\d$", row) for row in rows), file.name
