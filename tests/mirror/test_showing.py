"""Nobody is shown with fewer than five who share everything that is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pytest

from ledger.errors import ContractBroken
from mirror import build as builds
from mirror import showing
from mirror.cluster import address
from mirror.making import making_of
from mirror.masked import Masker
from mirror.plan import Decision
from mirror.proof import k, utility
from mirror.showing import ATTRIBUTES, LEAST, Shown, View, settle
from tests.mirror.made import order
from tests.mirror.test_masked import KEY, SUBJECTS, Planned

HOMES, PEOPLE = 60, 240
OFTEN = {"area": 2, "kind": 5, "bedrooms": 4, "built": 9, "age": 5, "sex": 2}


def town(seed: int) -> tuple[list[View], dict[str, pd.Series]]:
    """People of homes, some of none; each attribute has a value that is rare."""
    dice = np.random.default_rng(seed)
    ids = {"person": pd.RangeIndex(PEOPLE), "home": pd.RangeIndex(HOMES)}
    live = dice.integers(-1, HOMES, PEOPLE)
    views = [
        View(np.arange(PEOPLE), {"person": np.arange(PEOPLE), "home": live}),
        View(np.arange(HOMES), {"home": np.arange(HOMES)}),
    ]
    values = {}
    for name, kind in ATTRIBUTES.items():
        if kind in ids:
            drawn = np.floor(OFTEN[name] * dice.random(len(ids[kind])) ** 2).astype(int).astype(object)
            drawn[dice.random(len(drawn)) < 0.02] = None
            values[name] = pd.Series(drawn, ids[kind]).map("{:.0f}".format, na_action="ignore")
    return views, values


@pytest.mark.parametrize("seed", range(8))
def test_everything_shown_of_anybody_is_shared_by_five(seed: int) -> None:
    views, values = town(seed)
    shown = settle(views, values)
    for view in views:
        told = pd.DataFrame(
            {
                name: np.array([*shown[name], None], dtype=object)[view.rows[ATTRIBUTES[name]]]
                for name in shown
                if ATTRIBUTES[name] in view.rows
            }
        )
        has_home = pd.Series(view.rows["home"] >= 0)
        tells = told.notna().any(axis=1)
        assert told.assign(has_home=has_home)[tells].fillna("").value_counts().min() >= LEAST
    kept = {name: int(column.notna().sum()) for name, column in shown.items()}
    assert all((shown[name].isna() | (shown[name] == values[name])).all() for name in shown)
    assert kept["area"] > 0.8 * HOMES
    assert kept["age"] > 0.5 * PEOPLE


def test_who_is_seen_twice_counts_once() -> None:
    values = {"age": pd.Series(["1980-01-01"] * 4 + ["1960-01-01"] * 9)}
    once = View(np.arange(13), {"person": np.arange(13)})
    twice = View(np.array([0, 0, *range(13)]), {"person": np.array([0, 0, *range(13)])})
    for view in (once, twice):
        told = settle([view], values)["age"]
        assert told.isna().sum() == LEAST, "four stand out, and one more hides with them"
        assert told[:4].isna().all()


def test_rows_show_what_may_be_shown_and_the_unknown_show_nothing() -> None:
    ids = pa.array(["a", "b"])
    shown = Shown({"sex": ids, "kind": ids}, {"sex": pa.array(["female", None]), "kind": pa.array(["flat", None])})
    plan = Planned(
        {
            "id": Decision("canonical.person", "id", "text", "keep"),
            "sex": Decision("canonical.person", "sex", "text", "keep", quasi="sex"),
            "kind": Decision("canonical.person", "kind", "text", "keep", quasi="kind"),
        }
    )
    rows = pa.record_batch([["b", "a", "c"], ["male"] * 3, ["house"] * 3], names=["id", "sex", "kind"])
    found = Masker(plan, KEY, SUBJECTS, "demo", shown).mask("canonical.person", rows).to_pydict()
    assert found["sex"] == [None, "female", None]
    assert found["kind"] == ["other", "flat", "other"]
    assert Masker(plan, KEY, SUBJECTS).mask("canonical.person", rows).to_pydict()["sex"] == ["male"] * 3
    with pytest.raises(ContractBroken, match="nobody knows whose sex"):
        Masker(plan, KEY, SUBJECTS, "demo").mask("canonical.person", rows)


def test_the_source_as_it_is_has_no_k_of_five(source: str) -> None:
    with psycopg.connect(address(source)) as connection:
        groups = k.report(connection)
        assert {group.table for group in groups} == {"person", "home", "tenancy"}
        assert k.faults(groups, "demo")
        assert not k.faults(groups, "test")
        shown = showing.read(connection)
    assert all(values.null_count == len(values) for values in shown.values.values()), "two tenants: nothing is shown"


def test_a_mirror_for_showing_that_shows_somebody_alone_is_not_put_up(
    source: str, site_folder: Path, tmp_path: Path
) -> None:
    asked = replace(order(source, site_folder), profile="demo")
    making = making_of(asked, tmp_path / "mirror.key", KEY.reference_day, tmp_path / "proofs")
    with pytest.raises(ContractBroken, match=r"k = [1-4] on "):
        builds.build(asked, making)
    assert asked.site.standing() is None


def test_twenty_figures_of_dashboards_are_asked(source: str) -> None:
    with psycopg.connect(address(source)) as connection:
        told = utility.compare(connection, connection, "demo", date(2026, 9, 28))
    assert len(told.figures) == 20
    assert not told.faults
    assert {figure.distance for figure in told.figures} == {0}


def test_a_figure_is_off_by_what_is_too_much_or_too_little(source: str) -> None:
    with psycopg.connect(address(source)) as here, psycopg.connect(address(source)) as there:
        for connection, rents in ((here, "('a', 60), ('b', 40)"), (there, "('a', 57), ('b', 40), ('c', 1)")):
            connection.execute(f"CREATE TEMPORARY TABLE rents ON COMMIT DROP AS VALUES {rents}".encode())
        assert utility._dashboard(here, there, "rents", "SELECT * FROM rents").distance == 0.03
