"""Any earlier state of a table is one query."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from canonical_model.base import history_of
from canonical_model.queries import as_of
from canonical_model.tables import current
from tests.canonical_model.rows import add_home

ASSET = current("asset")


def test_the_state_after_each_run(model: Connection) -> None:
    """Run 1 writes a home, run 3 corrects it, run 5 no longer finds it, run 7 finds it again."""
    add_home(model, asset_ref="kept", run_id=2)
    home = add_home(model, asset_ref="home", bedrooms=2)
    change(model, home, run=3, bedrooms=3)
    change(model, home, run=5, ended_run_id=5)
    change(model, home, run=7, ended_run_id=None)

    assert bedrooms(model, 0) == {}
    assert bedrooms(model, 1) == {"home": 2}
    assert bedrooms(model, 2) == {"home": 2, "kept": None}
    assert bedrooms(model, 3) == bedrooms(model, 4) == {"home": 3, "kept": None}
    assert bedrooms(model, 5) == bedrooms(model, 6) == {"kept": None}
    assert bedrooms(model, 7) == bedrooms(model, 99) == {"home": 3, "kept": None}


def test_an_end_without_a_new_version_counts_too(model: Connection) -> None:
    home = add_home(model, asset_ref="home")
    model.execute(update(ASSET).where(ASSET.c.id == home).values(ended_run_id=4))

    assert bedrooms(model, 3) == {"home": None}
    assert bedrooms(model, 4) == {}


def test_the_state_has_the_tables_columns() -> None:
    assert [column.name for column in as_of(ASSET, 1).selected_columns] == [c.name for c in ASSET.columns]


def change(model: Connection, home: object, *, run: int, **values: object) -> None:
    """Keeps the version that stands and writes the next, as the loader does."""
    earlier = history_of(ASSET)
    row = dict(model.execute(select(ASSET).where(ASSET.c.id == home)).mappings().one())
    model.execute(insert(earlier), {**row, "replaced_run_id": run})
    model.execute(update(ASSET).where(ASSET.c.id == home).values(run_id=run, **values))


def bedrooms(model: Connection, run: int) -> dict[str, int | None]:
    state = as_of(ASSET, run).subquery()
    return {row.asset_ref: row.bedrooms for row in model.execute(select(state))}
