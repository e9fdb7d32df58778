"""When a search ends."""

from __future__ import annotations

import pytest

from scheduling.engine.stop import Stop


def test_a_search_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an end"):
        Stop()


def test_whichever_comes_first_ends_the_search() -> None:
    assert Stop(iterations=10).begin().share(5) == 0.5
    assert Stop(iterations=10, cpu_s=0.0).begin().share(0) == 1.0
    assert Stop(iterations=0).begin().share(0) == 1.0
    assert Stop(iterations=10, wall_s=1_000.0).begin().share(10) == 1.0
