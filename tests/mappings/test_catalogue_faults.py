"""A mapping folder that is wrong in several ways says so at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system, system_names

WRONG = """
system = "odd"
title = "An odd system"
owner = "Nobody"
technology = "delimited"
[[tables]]
name = "lines"
grain = "one line"
key = []
[tables.columns]
ref = {}
"""


def test_every_fault_of_a_folder_is_told_together(tmp_path: Path) -> None:
    home = tmp_path / "odd"
    (home / "codes").mkdir(parents=True)
    (home / "source.toml").write_text(WRONG, "utf-8")
    (home / "checks.toml").write_text('[[checks]]\ncode = "ODD-1"\n', "utf-8")
    header = "source_code,canonical_code,description,agreed_by,agreed_on\n"
    (home / "codes" / "kind.csv").write_text(header + "A,x,,,\nA,y,,,\n", "utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_system("odd", folder=tmp_path)
    assert "checks.toml cannot be understood" in str(caught.value)
    assert "codes/kind.csv states 'A' twice" in str(caught.value)


def test_a_table_without_a_key_and_without_a_mapping_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "odd"
    home.mkdir()
    (home / "source.toml").write_text(WRONG, "utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_system("odd", folder=tmp_path)
    assert "table lines has no key" in str(caught.value)
    assert "table lines is not mapped" in str(caught.value)
    assert "Next step" in str(caught.value)


def test_every_system_can_be_loaded_and_no_key_is_a_persons_name() -> None:
    for name in system_names():
        for table in load_system(name).spec.tables:
            assert not [column for column in table.key if "name" in column.casefold()], (name, table.name)


def test_there_are_many_coded_checks_each_with_its_own_code() -> None:
    codes = {code for name in system_names() for code in load_system(name).coded_checks()}
    assert len(codes) >= 150
