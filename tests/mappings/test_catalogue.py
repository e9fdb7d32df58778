"""A mapping folder is checked as a whole: every fault is told at once, before a row is read."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system, system_names

SOURCE = """
system = "small"
title = "Small"
owner = "Rents"
technology = "delimited"
[[tables]]
name = "accounts"
grain = "one row an account"
key = ["account", "suffix"]
money = { amount = "balance", account = "account" }
[tables.columns]
account = { length = 10 }
kind = {}
opened = {}
colour = {}
[[tables]]
name = "empty"
grain = "one row"
[tables.columns]
a = {}
"""
MODEL = """
from mappings.mapping import Mapping
from mappings.rules import Code, Constant, Date, FirstOf, Ref, Text
ACCOUNT = Mapping("accounts", "rent_account", ("account",), {
    "account_ref": Text("account"), "account_class_code": Code("kind", code_list="kind"), "colour": Text("shade"),
    "tenancy_id": FirstOf((Ref("tenancies", ("account",)),)), "status_code": Constant("asleep"),
    "payment_method_code": Code("kind", code_list="nowhere"),
}, ignored={"kind": "not needed"})
CHARGE = Mapping("accounts", "charge", ("account",), {"account_id": Ref("rent_account", ("account",))})
LOST = Mapping("nowhere", "asset", ("x",), {})
"""


def folder(home: Path, *, source: str = SOURCE, model: str = MODEL, codes: str = "R,rent\nR,rent\nX,red\n") -> str:
    """The package of a folder with one system of these files."""
    package = f"systems_{uuid4().hex}"
    small = home / package / "small"
    (small / "codes").mkdir(parents=True)
    (small / "source.toml").write_text(source)
    (small / "__init__.py").touch()
    (small / "model.py").write_text(model)
    header = "source_code,canonical_code,description,agreed_by,agreed_on\n"
    (small / "codes" / "kind.csv").write_text(header + codes.replace("\n", ",,Rents manager,2026-01-05\n"))
    return package


def faults(home: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    """What is told of a folder of these files."""
    monkeypatch.syspath_prepend(home)
    package = folder(home, **files)
    with pytest.raises(ConfigurationFault) as told:
        load_system("small", home / package, package)
    return str(told.value)


def test_every_fault_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = faults(tmp_path, monkeypatch, codes="R,rent\nX,red\n")
    for fault in (
        "table accounts: its key suffix is no column of it",
        "table accounts: its money names balance, which is no column of it",
        "table empty has no key",
        "table empty is not mapped",
        "a mapping reads table nowhere, which source.toml does not have",
        "codes/nowhere.csv is missing",
        "accounts.colour is neither mapped nor ignored",
        "accounts.opened is neither mapped nor ignored",
        "accounts.shade is mapped or ignored but not in source.toml",
        "accounts.kind is mapped and ignored",
        "accounts to rent_account: colour is no field of it",
        "tenancy_id is a reference inside another rule",
        "tenancy_id refers to tenancies, which is no canonical table",
        "status_code gets 'asleep', which is none of its codes",
        "account_class_code gets 'red' from codes/kind.csv, which is none of its codes",
        "accounts to charge: amount is required and not mapped",
        "account_id is required: so must be its reference",
    ):
        assert fault in told
    assert "Next step: Correct these in mappings/small/." in told


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"source": "system = "}, "source.toml cannot be understood"),
        ({"source": SOURCE.replace("opened = {}", "opened = { wide = 3 }")}, "opened states wide"),
        ({"model": MODEL.replace("LOST =", "Mapping('a', 'b', (), {}, needs=('c',))\nLOST =")}, "needs or checks c"),
        ({}, "codes/kind.csv states 'R' twice"),
    ],
)
def test_files_that_cannot_be_understood(
    files: dict[str, str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fault in faults(tmp_path, monkeypatch, **files)


def test_a_name_that_is_nearly_right() -> None:
    with pytest.raises(ConfigurationFault, match="Did you mean 'licensing'"):
        load_system("licencing")


@pytest.mark.parametrize("name", system_names())
def test_every_system_of_the_product_is_sound(name: str) -> None:
    system = load_system(name)
    assert system.spec.name == name
    assert len(system.version) == 16
