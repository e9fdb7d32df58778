"""Originals are found in what was served, by column and kind, and in files; what a mask gave somebody is none."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from mappings.catalogue import load_system
from mirror.extracts import originals
from mirror.extracts.landed import Landed, Part
from mirror.proof import matching
from mirror.proof.leaks import Search
from mirror.proof.walk import WITH_NAMES

KNOWN = b"Ada Lovelace\n07155 702656\n20481632\nada@example.net"
SOUGHT = Search(
    matching.laid_out(matching.collect(KNOWN, WITH_NAMES)),
    matching.laid_out(matching.collect(b"")),
    lambda key: "print",
)


def _contacts(raws: list[str | None], **columns: list[str | None]) -> Landed:
    own = {
        "_fault": pa.array(["torn" if raw else None for raw in raws], pa.string()),
        "_raw": pa.array(raws, pa.string()),
    }
    rows = pa.table(own | {name: pa.array(values, pa.string()) for name, values in columns.items()})
    return Landed(load_system("tenancy").spec.table("contacts"), tuple(columns), (Part("contacts", rows),))


def test_an_original_is_told_by_its_column_and_kind() -> None:
    served = _contacts(
        [None, None], con_name=["Ruth Example", "Mrs Ada Lovelace"], con_phone1=["06155 111222", "07155702656"],
        tag_ref=["20481632", None],
    )  # fmt: skip

    assert originals.in_table(served, SOUGHT) == {
        ("tenancy.contacts.con_name", "names"): 1, ("tenancy.contacts.con_phone1", "telephone"): 1,
        ("tenancy.contacts.tag_ref", "token"): 1,
    }  # fmt: skip


def test_a_table_of_which_no_row_was_served_holds_nobody() -> None:
    assert not originals.in_table(Landed(load_system("tenancy").spec.table("caution"), ("house_ref",), ()), SOUGHT)


def test_what_is_left_of_a_torn_record_is_looked_through() -> None:
    served = _contacts([None, "HR1,Ada Lovelace,1815"], con_name=["Ruth Example", None])

    assert originals.in_table(served, SOUGHT) == {("tenancy.contacts.a torn record", "names"): 1}


def test_files_are_looked_through_for_people_and_not_for_numbers_of_neighbours(tmp_path: Path) -> None:
    (tmp_path / "left.dbf").write_bytes(b"0020481632 Ada Lovelace 20481632")

    (leak,) = originals.found([], tmp_path, tmp_path, SOUGHT)
    assert (leak.kind, leak.times, leak.place.endswith("left.dbf")) == ("names", 1, True)
