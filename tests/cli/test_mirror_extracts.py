"""``hub mirror extracts`` and ``hub mirror replay``: the migration on masked input shows what it showed before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import typer

from cli import mirror_extracts, running
from cli.workplace import settings_of, workplace
from estate.council import Size
from mappings.catalogue import load_system
from mirror.extracts import decisions, landed
from mirror.extracts.writing import systems
from mirror.masks.nobody import NOBODY
from services import outside
from services.postgres import Postgres

UNIQUE = ("nino", "mail", "phone")
"""Masks that give nobody a value that somebody has."""


@pytest.fixture(scope="module")
def council_toml(open_folder: Path) -> Iterator[Path]:
    """The settings of a council of forty homes that was migrated once."""
    config = open_folder / "extracts" / "hub.toml"
    config.parent.mkdir(mode=0o711)
    enabled = "".join(f'[systems.{name}]\nsource = "estate"\n' for name in systems.ORDER)
    config.write_text(f'[hub]\nfolder = "{config.parent / "var"}"\n[prefect]\ndatabase = "sqlite"\n{enabled}')
    settings = settings_of(config)
    with workplace(settings) as place:
        running.write_estate(place, Size(40, 7))
        running.migrate(place, running.enabled_sources(settings), under_prefect=False)
        yield config


@pytest.mark.slow
def test_the_replay_shows_what_the_run_showed_and_holds_nobody(council_toml: Path) -> None:
    mirror_extracts.extracts(None, serve=False, config=council_toml)
    with pytest.raises(typer.Exit) as ended:
        mirror_extracts.replay(None, council_toml)
    assert ended.value.exit_code == 0

    var = council_toml.parent / "var"
    for mask in UNIQUE:
        before, after = (_values(mask, place / "landing") for place in (var, var / "mirror" / "extracts"))
        assert before and after
        assert not before & after, mask

    with Postgres(var / "mirror" / "extracts" / "postgres") as url:
        where = url.replace("+psycopg", "", 1)
        with psycopg.connect(where, dbname="hub", autocommit=True) as replayed:
            (mark,) = replayed.execute(outside.MARK).fetchone() or ("",)
    assert outside.mirror_of(mark) == outside.Mirror("masked replay", "test")


def _values(mask: str, landing: Path) -> set[str]:
    """What stands in the columns under the mask, but for what stands for nobody."""
    found: set[str] = set()
    for name in systems.ORDER:
        for table, columns in decisions.read(name).tables.items():
            batch = landed.read(landing, load_system(name).spec.table(table))
            for column in (column for column, decision in columns.items() if decision.mask == mask):
                texts = batch.values(column).drop_null().to_pandas().str.strip()
                texts = texts[texts != ""]
                nobody = NOBODY.get(mask)
                found |= set(texts[~texts.str.match(nobody)] if nobody else texts)
    return found
