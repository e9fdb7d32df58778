"""What is the rents mainframe's own: its copybooks."""

from __future__ import annotations

from pathlib import Path

from estate.writers import rents as writer
from mappings import rents


def test_the_contract_is_the_copybook_that_the_mainframe_sends() -> None:
    contract = Path(str(rents.__file__)).parent
    assert {path.name: path.read_bytes() for path in contract.glob("*.cpy")} == {
        path.name: path.read_bytes() for path in writer.COPYBOOKS.glob("*.cpy")
    }
