"""Where a command finds what it works with."""

from __future__ import annotations

from pathlib import Path

from cli.workplace import Workplace
from settings.load import load


def place(folder: Path, text: str) -> Workplace:
    path = folder / "hub.toml"
    path.write_text(text, "utf-8")
    return Workplace(load(path, {}), "postgresql+psycopg://localhost/none", None)


def test_roads_are_those_of_the_estate_unless_the_settings_name_others(tmp_path: Path) -> None:
    assert place(tmp_path, "").roads == tmp_path / "var/estate/roads/kelborough.osm.pbf"
    assert place(tmp_path, '[scheduling]\nroads = "county.osm.pbf"\n').roads == tmp_path / "county.osm.pbf"
    assert place(tmp_path, '[scheduling]\nroads = "none"\n').roads is None


def test_ways_are_kept_for_the_hub_alone(tmp_path: Path) -> None:
    kept = place(tmp_path, "").kept_roads
    assert kept == tmp_path / "var/roads" and kept.stat().st_mode & 0o777 == 0o700
