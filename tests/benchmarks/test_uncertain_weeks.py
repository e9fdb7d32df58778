"""The simulated weeks are the same from the same seed, lose no job, and are kinder to a cautious plan."""

from __future__ import annotations

import pytest

from benchmarks.scheduling import uncertainty
from benchmarks.scheduling.uncertainty import Weeks
from scheduling.caution import Caution

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncertainty, "WORKDAYS", 2)


def test_the_same_seed_lives_the_same_weeks() -> None:
    assert Weeks(1).run() == Weeks(1).run()


def test_every_job_is_done_once_or_still_open() -> None:
    weeks = Weeks(1)
    reported = len(weeks.open)
    counts = weeks.run()
    assert 0 < len(weeks.open) < reported
    assert reported - len(weeks.open) >= counts["in_24_h"] + counts["in_28_days"]
    assert counts["kept"] + counts["broken"] >= counts["no_access"] > 0


def test_without_caution_more_promises_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    careful = Weeks(1).run()
    bold = Caution(quantile=0.0001, margin_s=0, travel_percent=100)
    monkeypatch.setattr(uncertainty, "CAUTION", bold)
    careless = Weeks(1).run()
    assert careful["broken"] / careful["kept"] < careless["broken"] / careless["kept"]
