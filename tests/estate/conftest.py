import pytest

from estate import world
from estate.world import World


@pytest.fixture(scope="session")
def small_world() -> World:
    """400 homes: enough for every kind of thing to occur."""
    return world.build(400, seed=7)
