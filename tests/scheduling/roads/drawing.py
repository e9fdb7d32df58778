"""Small road maps for the tests, drawn as text.

A map's letters are nodes 100 m apart from west to east and from line to line, south below. A way is named by its
nodes: ``("abc", {"highway": "residential"})``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from scheduling.roads.sphere import EARTH_M

LATITUDE, LONGITUDE = 52.4, -1.3
METRES = 100.0
_DEGREE_M = EARTH_M * 3.141592653589793 / 180
_DEGREE_EAST_M = _DEGREE_M * 0.610145387  # cos(52.4 degrees)

Way = tuple[str, Mapping[str, str]]
Turn = tuple[str, int, str, int]
"""What is forbidden, number of the way from, letter of the node, number of the way to (ways count from 0)."""


def spot(east_m: float, south_m: float) -> tuple[float, float]:
    """Latitude and longitude that far from the map's corner."""
    return LATITUDE - south_m / _DEGREE_M, LONGITUDE + east_m / _DEGREE_EAST_M


def at(text: str, letter: str) -> tuple[float, float]:
    """Latitude and longitude of a node."""
    for row, line in enumerate(text.splitlines()):
        if letter in line:
            return spot(line.index(letter) * METRES, row * METRES)
    raise KeyError(letter)


def draw(
    path: Path, text: str, ways: Iterable[Way], turns: Iterable[Turn] = (), nodes: Mapping[str, Mapping[str, str]] = {}
) -> Path:
    """Writes the map as an OpenStreetMap file and gives its path."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
    for letter in sorted({letter for letter in text if not letter.isspace()}):
        latitude, longitude = at(text, letter)
        lines.append(f'<node id="{ord(letter)}" version="1" lat="{latitude:.7f}" lon="{longitude:.7f}">')
        lines += [*_tags(nodes.get(letter, {})), "</node>"]
    for number, (letters, tags) in enumerate(ways):
        lines.append(f'<way id="{1000 + number}" version="1">')
        lines += [*(f'<nd ref="{ord(letter)}"/>' for letter in letters), *_tags(tags), "</way>"]
    for number, (kind, from_way, via, to_way) in enumerate(turns):
        lines += [
            f'<relation id="{9000 + number}" version="1">',
            f'<member type="way" ref="{1000 + from_way}" role="from"/>',
            f'<member type="node" ref="{ord(via)}" role="via"/>',
            f'<member type="way" ref="{1000 + to_way}" role="to"/>',
            *_tags({"type": "restriction", "restriction": kind}), "</relation>",
        ]  # fmt: skip
    path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
    return path


def _tags(tags: Mapping[str, str]) -> list[str]:
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
