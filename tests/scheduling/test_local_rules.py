"""What a council declares takes the place of the hub's own, file by file, and is checked when it is read."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from scheduling.calendars import LOCAL
from scheduling.local_rules import load


def test_the_hubs_own_rules() -> None:
    rules = load()
    assert (rules.break_minutes, rules.break_earliest, rules.access["morning"]) == (
        30,
        time(11, 30),
        (time(8), time(12)),
    )
    assert rules.stages["PT"].stage < rules.stages["PA"].stage
    assert rules.stages["PT"].rest_hours == 48


def test_a_councils_file_takes_the_place_of_one(tmp_path: Path) -> None:
    header = (LOCAL / "priorities.csv").read_text("utf-8").splitlines()[0]
    (tmp_path / "priorities.csv").write_text(f"{header}\nroutine,ROUTINE,20,working_day,Lincoln\n", "utf-8")
    rules = load(tmp_path)
    assert list(rules.priorities) == ["routine"]
    assert rules.priorities["routine"].count == 20
    assert rules.break_minutes == load().break_minutes


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("hours.toml", "[overtime]", "[undertime]"),
        ("hours.toml", "usual_minutes = 60", "usual_minutes = "),
        ("hours.toml", "morning = [08:00:00, 12:00:00]", "morning = [08:00:00]"),
        ("priorities.csv", "ROUTINE", "SOON"),
        ("priorities.csv", "weekday", "fortnight"),
        ("follow_ons.csv", "48", "two days"),
        ("follow_ons.csv", "stage", "step"),
    ],
)
def test_a_file_that_does_not_say_what_it_must_is_named(tmp_path: Path, name: str, before: str, after: str) -> None:
    (tmp_path / name).write_text((LOCAL / name).read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(ConfigurationFault, match=f"{name}.*scheduling/local/{name}"):
        load(tmp_path)
