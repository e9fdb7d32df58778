"""Every column of the model has a declared privacy class."""

from __future__ import annotations

import csv
from pathlib import Path

from canonical_model.privacy import CLASSES, DECLARED, declared, undeclared
from canonical_model.tables import WORDS, current, tables_of

TABLES = [table for module in WORDS.values() for table in tables_of(module)]


def test_every_column_has_a_class() -> None:
    assert undeclared(TABLES) == []


def test_a_column_without_a_class_is_named(tmp_path: Path) -> None:
    lines = DECLARED.read_text().splitlines()
    some = tmp_path / "privacy.csv"
    some.write_text("\n".join(line for line in lines if not line.startswith("person,surname,")))
    assert undeclared([current("person")], some) == ["person.surname"]


def test_a_class_that_there_is_not_is_named(tmp_path: Path) -> None:
    some = tmp_path / "privacy.csv"
    some.write_text(DECLARED.read_text().replace("person,surname,name", "person,surname,public"))
    assert undeclared([current("person")], some) == ["person.surname"]


def test_no_class_is_of_a_column_that_is_not_there() -> None:
    there = {(table.name, column.name) for table in TABLES for column in table.columns}
    with DECLARED.open(newline="") as lines:
        listed = [(line["table"], line["column"]) for line in csv.DictReader(lines)]
    assert len(listed) == len(set(listed))
    assert set(listed) == there
    assert set(declared().values()) <= set(CLASSES)


def test_free_text_about_people_is_special() -> None:
    free = [(table.name, c.name) for table in TABLES for c in table.columns if "may name people" in (c.comment or "")]
    assert free
    assert {declared()[one] for one in free} == {"special"}
