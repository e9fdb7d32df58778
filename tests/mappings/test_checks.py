"""Every issue has a code that is listed before a row is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mappings.catalogue import load_system, system_names

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("system", sorted(path.parent.name for path in GOLDEN.glob("*/expected.json")))
def test_the_codes_of_golden_issues_are_declared(system: str) -> None:
    tables = json.loads((GOLDEN / system / "expected.json").read_text("utf-8"))
    found = {(issue["code"], issue["severity"]) for table in tables.values() for issue in table["issues"]}
    declared = load_system(system).coded_checks()
    assert {code for code, _ in found} <= declared.keys()
    assert not [code for code, severity in found if severity == "error" and declared[code] != "error"]


def test_there_are_150_distinct_checks() -> None:
    assert len({code for name in system_names() for code in load_system(name).coded_checks()}) >= 150
