"""``hub identity``: a few keys a decision, blind or not; one line for every fault; nothing of a person unasked."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import UUID

import pandas as pd
import pytest

from cli.show import console
from identity.queue import refill
from loading.load import connect
from tests.cli.test_commands import called, config
from tests.identity.people_of_a_council import Council, write_council

__all__ = ["config"]


@pytest.fixture
def council(hub_url: str) -> Council:
    """Sixty people of whom six pairs wait."""
    found = write_council(hub_url, 60)
    pairs = [sorted(found.ids[n : n + 2]) for n in range(0, 12, 2)]
    doubtful = pd.DataFrame(pairs, columns=["left_id", "right_id"]).assign(weight=4.5, model_version="m1")
    with connect(hub_url) as connection:
        found.link(connection)
        refill(connection, "person", doubtful, 1)
    return found


class Hub:
    """The command as a person types it."""

    def __init__(self, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.monkeypatch, self.capsys = config, monkeypatch, capsys
        monkeypatch.setenv("USER", "ada")

    def __call__(self, *arguments: str, keys: str = "", code: int = 0) -> str:
        self.monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(keys)))
        assert called(self.monkeypatch, [*arguments, "--config", str(self.config)]) == code
        told = self.capsys.readouterr()
        return told.out + told.err


@pytest.fixture
def hub(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hub:
    monkeypatch.setattr(console, "width", 160)
    return Hub(config, monkeypatch, capsys)


def test_a_few_keys_decide(hub: Hub, council: Council) -> None:
    shown = hub("identity", "review", "--sample", "0", keys="sxnlq")
    assert "surname" in shown
    assert "+4.5 bits" in shown
    assert "2 decided." in shown
    status = hub("identity", "status")
    assert "same" in status
    assert [line.split("│")[-2].strip() for line in status.splitlines() if "decided" in line] == ["2"]
    shown = hub("identity", "review", "--sample", "0", keys="nnnn")
    assert "Nothing waits for you." in shown


def test_blind_shows_the_fields_and_no_opinion(hub: Hub, council: Council) -> None:
    shown = hub("identity", "review", "--blind", "--sample", "1", keys="sq")
    assert "surname" in shown
    assert "bits" not in shown
    second = hub("identity", "review", "--user", "bob", keys="nnnnnn")
    assert "a second look" in second
    assert "Two people agreed on 0 of 1 pairs." in hub("identity", "status")


def test_a_word_its_event_and_its_undoing(hub: Hub, council: Council) -> None:
    a, b = (str(UUID(one)) for one in council.ids[20:22])
    assert "Decision 1: 2 golden records are touched." in hub("identity", "decide", a, b, "same", "--reason", "seen")
    told = hub("identity", "events", a)
    assert "merge" in told
    assert "seen" in told
    assert "Decision 2: " in hub("identity", "undo", "1", "--user", "bob")
    assert "split" in hub("identity", "events", "--last", "1")
    assert "Decision 3: " in hub("identity", "decide", a, b, "same")
    assert "Decision 4: " in hub("identity", "unmerge", a)


def test_an_unmerge_from_several_is_taken_back_by_the_numbers_it_told(hub: Hub, council: Council) -> None:
    a, b, c = (str(UUID(one)) for one in council.ids[20:23])
    hub("identity", "decide", a, b, "same")
    hub("identity", "decide", a, c, "same")
    assert "Decisions 3-4: 3 golden records are touched." in hub("identity", "unmerge", a)
    assert "Decisions 5-6: 3 golden records are touched." in hub("identity", "undo", "3-4")
    assert "Decisions 7-8: 3 golden records are touched." in hub("identity", "undo", "1", "2")


def test_an_old_golden_id_resolves_in_lineage(hub: Hub, council: Council, hub_url: str) -> None:
    a, b = (UUID(one) for one in council.ids[20:22])
    query = "SELECT golden_id FROM canonical.golden_link WHERE entity_id = ANY(%s)"
    with connect(hub_url) as connection:
        old = [one for (one,) in connection.execute(query, ([a, b],)).fetchall()]
        hub("identity", "decide", str(a), str(b), "same")
        ((now,), _) = connection.execute(query, ([a, b],)).fetchall()
    (gone,) = set(old) - {now}
    for entity in ("golden_person", "person"):
        told = hub("lineage", entity, str(gone))
        assert f"now {now}" in told
        assert f"hub lineage person {a}" in told
        assert f"hub lineage person {b}" in told
    assert "There is no golden_person with that id." in hub("lineage", "golden_person", str(UUID(int=5)), code=1)


def test_decisions_out_and_in(hub: Hub, council: Council, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    hub("identity", "decide", council.ids[20], council.ids[21], "same")
    assert "1 decisions are in decisions.csv." in hub("identity", "export", str(file))
    assert "0 decisions are new, 1 stood already." in hub("identity", "import", str(file))


@pytest.mark.parametrize(
    "arguments",
    [
        ("decide", "no id", "1", "same"),
        ("decide", str(UUID(int=1)), str(UUID(int=2)), "same"),
        ("undo", "99"),
        ("undo", "1 to 3"),
        ("undo", "3-1"),
        ("undo", "1-" + "9" * 30),
        ("unmerge", str(UUID(int=1)), "--entity", "tenancy"),
        ("import", "none.csv"),
        ("events", "no id"),
        ("review", "--user", "machine"),
        ("review", "--entity", "persons"),
    ],
)
def test_a_fault_is_one_line_with_the_next_step(hub: Hub, arguments: tuple[str, ...]) -> None:
    (line,) = hub("identity", *arguments, code=1).strip().splitlines()
    assert "Next step: " in line
    assert "no id" not in arguments or "'no id'" not in line, "it may be the name of a person"
