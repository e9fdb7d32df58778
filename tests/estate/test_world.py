"""The same arguments give the same bytes; sizes are what was asked for."""

import hashlib

import pandas as pd
import pytest

from estate import rents, world
from estate.world import World

_LAZY = ("rent_calendar", "private_homes", "addresses", "bank_credits", "licences")
_BUNDLES = ("places", "tenancies", "people", "arrears", "repairs", "planned", "stock", "register", "gazetteer")


def _frames(made: World) -> dict[str, pd.DataFrame]:
    found = {"accounts": made.accounts, "postings": pd.concat(rents.postings(made, 2024))}
    found |= {name: getattr(made, name) for name in _LAZY}
    for bundle in _BUNDLES:
        parts = vars(getattr(made, bundle))
        found |= {f"{bundle}.{name}": part for name, part in parts.items() if isinstance(part, pd.DataFrame)}
    return found


def _digest(frame: pd.DataFrame) -> str:
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()


def test_same_seed_gives_the_same_bytes_whatever_is_asked_for_first() -> None:
    first, second = world.build(150, seed=3), world.build(150, seed=3)
    _ = second.gazetteer, rents.balances(second, 2026), second.repairs
    one, other = _frames(first), _frames(second)
    assert {name: _digest(frame) for name, frame in one.items()} == {
        name: _digest(frame) for name, frame in other.items()
    }


def test_what_was_forgotten_is_built_again_the_same(small_world: World) -> None:
    before = _frames(small_world)
    small_world.forget()
    assert not {*_LAZY, "repairs"} & vars(small_world).keys()
    assert {name: _digest(frame) for name, frame in _frames(small_world).items()} == {
        name: _digest(frame) for name, frame in before.items()
    }


def test_another_seed_gives_other_people() -> None:
    one, other = world.build(120, seed=1), world.build(120, seed=2)
    assert not one.people.people["surname"].equals(other.people.people["surname"])


@pytest.mark.parametrize("homes", [100, 333, 2_000])
def test_sizes(homes: int) -> None:
    made = world.build(homes, seed=11)
    assert made.places.properties["is_dwelling"].sum() == homes
    assert 2 * homes < len(made.private_homes) < 5 * homes
    assert len(made.people.people) > 2.5 * homes


def test_text_is_never_null_and_fits_old_code_pages(small_world: World) -> None:
    for name, frame in _frames(small_world).items():
        for column in frame.select_dtypes(include=["str", "object"]).columns:
            values = frame[column]
            assert values.notna().all(), (name, column)
            "".join(values.astype("str")).encode("latin-1")


def test_ids_are_row_numbers(small_world: World) -> None:
    for name, column in (
        ("places.properties", "property_id"), ("people.people", "person_id"), ("tenancies.tenancies", "tenancy_id"),
        ("accounts", "account_id"), ("repairs.orders", "order_id"), ("repairs.appointments", "appointment_id"),
        ("stock.components", "component_id"), ("register.applications", "application_id"),
    ):  # fmt: skip
        frame = _frames(small_world)[name]
        assert (frame[column].to_numpy() == frame.index.to_numpy()).all(), name
