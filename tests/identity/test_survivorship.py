"""Which value stands in the golden record, why, and that nothing of the others is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from identity import survivorship
from identity.survivorship import ASSET, PERSON, Field, Survived, survive
from identity.trust import TRUST, Trust, load_trust
from ledger.errors import ConfigurationFault

FIELDS = {name: survivorship.names(fields) for name, fields in survivorship.FIELDS.items()}
NAMES = (Field("forename", thin=survivorship.is_initial), Field("surname"))
TRUSTED = Trust(0.5, {"tenancy": {"default": 0.8}, "works": {"default": 0.4, "surname": 0.9}}, {
    "error": 0.5, "warning": 0.2, "thin": 0.3,
})  # fmt: skip
NO_FAULTS = pd.DataFrame({"record_id": [], "field": [], "severity": []})


def frame(*rows: tuple[Any, ...]) -> pd.DataFrame:
    columns = ["record_id", "golden_id", "system", "as_of", "forename", "surname"]
    return pd.DataFrame(rows, columns=columns)


def told(survived: Survived, field: str) -> list[tuple[str, str, str]]:
    """Value, record and reason of a field, in order of rank."""
    kept = survived.kept.to_pandas()
    lines = kept[kept["field"] == field].sort_values("rank")
    return list(zip(lines["value"], lines["record_id"], lines["reason"], strict=True))


TWO = frame(
    ("a", "g", "tenancy", date(2020, 1, 1), "John", "Smith"), ("b", "g", "works", date(2024, 1, 1), "Jon", "Smyth")
)


def test_each_field_stands_by_the_trust_in_its_source_and_the_loser_is_kept() -> None:
    survived = survive(TWO, NO_FAULTS, TRUSTED, NAMES)
    assert survived.golden[["forename", "surname"]].to_numpy().tolist() == [["John", "Smyth"]]
    assert survived.golden[["record_count", "system_count"]].to_numpy().tolist() == [[2, 2]]
    assert told(survived, "forename") == [
        ("John", "a", "its source is trusted most for it"), ("Jon", "b", "its source is trusted less for it"),
    ]  # fmt: skip
    assert [value for value, _, _ in told(survived, "surname")] == ["Smyth", "Smith"]


@pytest.mark.parametrize(("severity", "stands"), [("error", "Jon"), ("warning", "John")])
def test_a_fault_of_its_field_lowers_a_value(severity: str, stands: str) -> None:
    faults = pd.DataFrame({"record_id": ["a", "z"], "field": ["forename", "forename"], "severity": [severity] * 2})
    survived = survive(TWO, faults, TRUSTED, NAMES)
    assert survived.golden["forename"].tolist() == [stands]
    if severity == "error":
        assert told(survived, "forename")[1] == ("John", "a", "a fault of its field costs it trust")


def test_an_initial_gives_way_to_a_name_of_a_source_that_is_trusted_a_little_less() -> None:
    rows = frame(("a", "g", "tenancy", None, "J.", "Smith"), ("b", "g", "unheard-of", None, "John", None))
    survived = survive(rows, NO_FAULTS, TRUSTED, NAMES)
    assert survived.golden[["forename", "surname"]].to_numpy().tolist() == [["J.", "Smith"]], "0.8 - 0.3 is 0.5: a tie"
    rows["system"] = ["tenancy", "tenancy"]
    survived = survive(rows, NO_FAULTS, TRUSTED, NAMES)
    assert told(survived, "forename") == [
        ("John", "b", "its source is trusted most for it"), ("J.", "a", "an abbreviation costs it trust"),
    ]  # fmt: skip
    assert told(survived, "surname") == [("Smith", "a", "no other record has one")]


def test_equal_trust_is_settled_by_day_then_fullness_then_id() -> None:
    newer = frame(
        ("a", "g", "tenancy", date(2010, 1, 1), "J", "Old"), ("b", "g", "tenancy", date(2020, 1, 1), "J", "New")
    )
    survived = survive(newer, NO_FAULTS, TRUSTED, NAMES)
    assert told(survived, "surname") == [("New", "b", "it is the newest"), ("Old", "a", "it is older")]
    fuller = frame(("a", "g", "tenancy", None, None, "Bare"), ("b", "g", "tenancy", None, "J", "Full"))
    assert told(survive(fuller, NO_FAULTS, TRUSTED, NAMES), "surname")[0] == ("Full", "b", "its record is the fullest")
    same = frame(("b", "g", "tenancy", None, "J", "Two"), ("a", "g", "tenancy", None, "J", "One"))
    survived = survive(same, NO_FAULTS, TRUSTED, NAMES)
    assert told(survived, "surname")[0] == ("One", "a", "nothing else decides but the order of ids")
    assert told(survived, "forename") == [
        ("J", "a", "all that have one agree"), ("J", "b", "it agrees with the value that stands"),
    ]  # fmt: skip


def test_fields_that_go_together_come_from_one_record() -> None:
    rows = pd.DataFrame({
        "record_id": ["a", "b"], "golden_id": "g", "system": ["works", "tenancy"], "as_of": None,
        "line_1": ["Flat 2", "1 Wood Lane"], "line_2": ["Alder House", None],
    })  # fmt: skip
    survived = survive(rows, NO_FAULTS, TRUSTED, (Field("line_1", ("line_2",)),))
    assert survived.golden["line_1"].tolist() == ["1 Wood Lane"]
    assert survived.golden["line_2"].isna().all()


def test_a_lone_record_stands_as_it_is_and_nothing_need_be_kept() -> None:
    survived = survive(TWO.head(1), NO_FAULTS, TRUSTED, NAMES)
    assert survived.golden["forename"].tolist() == ["John"]
    assert survived.kept.num_rows == 0


def crowd(records: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    names = np.array(["Ann", "A", "Bob", "Bo", None], dtype=object)
    return pd.DataFrame({
        "record_id": [f"{n:032x}" for n in rng.permutation(records)],
        "golden_id": [f"{n:032x}" for n in rng.integers(0, max(records // 2, 1), records)],
        "system": np.array(["tenancy", "works", "register"])[rng.integers(0, 3, records)],
        "as_of": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 3, records), unit="D"),
        "forename": names[rng.integers(0, 5, records)], "surname": names[rng.integers(0, 5, records)],
    })  # fmt: skip


def test_the_order_of_records_changes_nothing() -> None:
    rows = crowd(3_000)
    faults = rows.sample(300, random_state=1)[["record_id"]].assign(field="surname", severity="error")
    one = survive(rows, faults, TRUSTED, NAMES)
    two = survive(rows.sample(frac=1, random_state=5), faults.sample(frac=1, random_state=2), TRUSTED, NAMES)
    pd.testing.assert_frame_equal(one.golden, two.golden)
    pd.testing.assert_frame_equal(one.kept.to_pandas(), two.kept.to_pandas())


def test_every_value_of_records_that_share_a_golden_record_is_kept_once() -> None:
    rows = crowd(3_000)
    kept = survive(rows, NO_FAULTS, TRUSTED, NAMES).kept.to_pandas()
    shared = rows[rows.groupby("golden_id")["record_id"].transform("size") > 1]
    assert len(kept) == shared["forename"].notna().sum() + shared["surname"].notna().sum()
    assert (
        kept.groupby(["golden_id", "field"], observed=True)["rank"]
        .agg(lambda rank: sorted(rank)[-1] == len(rank))
        .all()
    )


@pytest.mark.slow
def test_a_million_records_take_less_than_a_minute() -> None:
    rows = crowd(1_000_000)
    began = perf_counter()
    survive(rows, NO_FAULTS, TRUSTED, NAMES)
    assert perf_counter() - began < 60 / 3  # two of twenty fields, and the machine may be busy


def test_the_declared_trust_is_whole() -> None:
    trust = load_trust(FIELDS)
    assert trust["person"].of("tenancy", "national_insurance_number") == 0.85
    assert trust["person"].of("tenancy", "title") == trust["person"].sources["tenancy"]["default"]
    assert trust["person"].of("a system of tomorrow", "title") == trust["person"].default
    assert {field.name for field in (*PERSON, *ASSET)} <= {name for known in FIELDS.values() for name in known}


def test_everything_wrong_in_the_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "trust.toml"
    text = TRUST.read_text("utf-8").replace("thin = 0.3", "thing = 0.3").replace("surname = 0.6", "surnam = 1.6")
    path.write_text(text.replace("[asset.stock]", "[house.stock]"), "utf-8")
    with pytest.raises(ConfigurationFault) as told:
        load_trust(FIELDS, path)
    for part in ("costs.thin is missing", "costs.thing is not known", "person.rents.surnam is no field",
                 "person.rents.surnam is no number", "[house] is not known"):  # fmt: skip
        assert part in str(told.value)
