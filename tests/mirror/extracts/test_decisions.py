"""The plan of the masked extracts: a decision for every column, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from identity.ids import key_of, stable_id
from ledger.errors import ConfigurationFault, ContractBroken
from mappings.catalogue import load_system
from mirror.extracts import decisions
from mirror.extracts.extract import check
from mirror.extracts.masking import HALVES, UNDECLARED
from mirror.masked import BY
from tests.mirror.extracts.conftest import SYSTEMS

HEADER = "table,column,action,mask,by,reason\n"


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_agreed_column_has_a_decision_with_its_reason_and_a_known_mask(name: str) -> None:
    plan = decisions.read(name)

    for table in load_system(name).spec.tables:
        plan.require(table.name, [column.name for column in table.columns])
        decided = plan.tables[table.name].values()
        assert all(one.reason for one in decided)
        own = ("initials", UNDECLARED, *HALVES, *(one.mask for one in decided if one.mask.startswith("code:")))
        assert {one.mask for one in decided} - {""} <= {*BY, *own}
        actions = {one.action for one in decided}
        assert len(actions) == 1 or "empty" not in actions, f"{table.name} is emptied in part"


@pytest.mark.slow
def test_a_column_without_a_decision_stops_the_extracts_by_name_before_a_row_is_read(
    small_landing: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "plans"
    home.mkdir()
    lines = (decisions.FOLDER / "register.csv").read_text().splitlines(keepends=True)
    (home / "register.csv").write_text("".join(line for line in lines if ",NI Number," not in line))
    monkeypatch.setattr("mirror.extracts.landed.pq.read_table", lambda *_: pytest.fail("a row was read"))
    read = decisions.read
    monkeypatch.setattr(decisions, "read", lambda name: read(name, home))

    with pytest.raises(ContractBroken, match="NI Number") as fault:
        check(["register"], small_landing)
    assert "applications" in str(fault.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("member,surname,masks,surname,,Who it is", "keep, mask, blank, empty"),
        ("member,surname,mask,,,Who it is", "without a mask"),
        ("member,surname,keep,surname,,Who it is", "nothing asks for"),
        ("member,surname,mask,surname,,", "no reason"),
        ("member,surname,mask,surname,person of the house,Who it is", "no id"),
    ],
)
def test_a_line_that_nobody_understands_is_refused(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "tenancy.csv").write_text(HEADER + line + "\n")

    with pytest.raises(ConfigurationFault, match=told):
        decisions.read("tenancy", tmp_path)


def test_a_landed_row_leads_to_the_canonical_ids_that_its_mask_hangs_on() -> None:
    columns = {"App": pa.array(["HR1 ", None]), "No": pa.array(["2", "1"]), "Tag": pa.array(["0001/1", ""])}

    joint = decisions.whose("person/joint(App|No)", "register", columns)
    other = decisions.whose("tenancy@tenancy(Tag)", "register", columns)

    assert joint.to_pylist() == [str(stable_id(key_of("register", "person", "HR1|2", "joint"))), None]
    assert other.to_pylist() == [str(stable_id(key_of("tenancy", "tenancy", "0001/1"))), None]
    assert decisions.whose("=App", "register", columns).to_pylist() == ["HR1", None]
