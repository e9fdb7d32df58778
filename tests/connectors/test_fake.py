"""The fake source keeps the contract, and loses its connection when told to."""

from __future__ import annotations

import pytest

from ledger.errors import SourceUnavailable
from tests.connectors import fake
from tests.connectors.contract import Arranged, ConnectorContract, a_table, rows_of
from tests.connectors.fake import FakeSource, frame

TABLE = a_table("tenagree", "tag_ref", "surname")
FRAMES = {
    "tenagree": {
        "2025": frame({"tag_ref": ["1", "2", "3"], "surname": ["A", "B", None]}),
        "2026": frame({"tag_ref": ["4", "5"], "surname": ["C", "D"]}, faults={1: ("broken", "5;D")}),
    },
    "nothing": {"2026": frame({"tag_ref": []})},
}


class TestFakeSource(ConnectorContract):
    @pytest.fixture
    def arranged(self) -> Arranged:
        failing = FakeSource(FRAMES, fail_after=0)
        return Arranged(
            FakeSource(FRAMES),
            TABLE,
            whole_rows=4,
            faults={"broken": 1},
            module=fake,
            empty=a_table("nothing", "tag_ref"),
            missing=a_table("member", "house_ref"),
            failures=[(lambda: rows_of(failing, TABLE), SourceUnavailable)],
        )


def test_the_connection_is_lost_in_the_middle_and_back_again() -> None:
    source = FakeSource(FRAMES, fail_after=1)
    with pytest.raises(SourceUnavailable):
        rows_of(source, TABLE)
    assert len(rows_of(source, TABLE)) == 5
