import numpy as np
import pandas as pd
import pytest

from estate import dirt


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_rows_are_distinct_ascending_and_at_the_rate(rng: np.random.Generator) -> None:
    found = dirt.rows(rng, 10_000, 0.01)
    assert len(found) == 100 and (np.diff(found) > 0).all()
    assert len(dirt.rows(rng, 60, 0.0001)) == 1
    assert len(dirt.rows(rng, 10, 0.0001)) == 0
    assert len(dirt.rows(rng, 0, 0.5)) == 0


def test_a_row_is_taken_once(rng: np.random.Generator) -> None:
    used = np.zeros(1_000, dtype=bool)
    first = dirt.take_out(rng, used, "dob-first-january")
    second = dirt.take_out(rng, used, "phone-in-text")
    assert not set(first) & set(second) and used.sum() == len(first) + len(second)


def test_every_kind_changes_every_value_it_is_given(rng: np.random.Generator) -> None:
    text = {
        "AB123456C": dirt.spoil_nino, "KB1 2AB": dirt.spoil_postcode, "01632 960123": dirt.spoil_phone,
        "a.b@example.org": dirt.spoil_email, "100021000424": dirt.spoil_uprn,
    }  # fmt: skip
    for value, spoil in text.items():
        values = pd.Series([value] * 40, index=range(5, 45), dtype="str")
        spoiled = spoil(values, rng)
        assert (spoiled != values).all() and (spoiled.index == values.index).all()
        assert spoiled.nunique() >= 3
    names = pd.Series(["O'Brien", "Smith", "José Silva", "Lee"], dtype="str")
    assert (dirt.mojibake(names) != names).all()
    assert (dirt.double_spaces(names) != names).all()
    assert (dirt.misspell(names, rng) != names).all()


def test_transposing_keeps_the_digits(rng: np.random.Generator) -> None:
    uprns = pd.Series(["100021000424", "428000913"], dtype="str")
    changed = dirt.transpose_digits(uprns, rng)
    assert (changed != uprns).all() and (changed.str.len() == uprns.str.len()).all()
    assert [sorted(one) for one in changed] == [sorted(one) for one in uprns]
    assert not changed.str.startswith("0").any()


def test_dates() -> None:
    dates = pd.Series(pd.to_datetime(["1980-03-07", "1980-03-17", "1991-05-05"])).astype("datetime64[s]")
    assert dirt.swappable(dates).tolist() == [True, False, False]
    assert dirt.swap_day_month(dates).dt.strftime("%d%m").tolist() == ["0307", "1703", "0505"]
    assert dirt.first_january(dates).dt.strftime("%d%m").tolist() == ["0101"] * 3
    assert dirt.clip_dates(dates).dt.strftime("%Y-%m-%d").unique().tolist() == ["2079-06-06"]
    assert dirt.swap_day_month(dates).dtype == dates.dtype


def test_remarks_carry_the_number(rng: np.random.Generator) -> None:
    remarks = dirt.texts_with_phone(pd.Series(["07123 456789"]), rng)
    assert "07123 456789" in remarks.iloc[0] and len(remarks.iloc[0]) > 15
