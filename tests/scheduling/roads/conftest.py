from pathlib import Path

import pytest

from estate import world
from estate.truth import Truth
from estate.world import World
from estate.writers import roads as writer
from scheduling.roads.extract import Graph, read


@pytest.fixture(scope="session")
def town_world() -> World:
    """A made-up town of 400 homes."""
    return world.build(400, seed=7)


@pytest.fixture(scope="session")
def town_extract(town_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's roads as an extract."""
    folder = tmp_path_factory.mktemp("roads")
    writer.write(town_world, folder, Truth())
    return folder / writer.FILE


@pytest.fixture(scope="session")
def small_town(town_extract: Path) -> Graph:
    return read(town_extract, "town")
