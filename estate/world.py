"""The shared truth of a made-up council: one world a seed, from which every legacy system is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import (
    accounts,
    addresses,
    arrears,
    calendars,
    gazetteer,
    licensing,
    people,
    places,
    planned,
    register,
    repairs,
    stock,
    tenancies,
    workforce,
)  # fmt: skip
from estate.habits import FIRST, Habits, habits_of
from estate.seeds import stream

TODAY = date(2026, 9, 28)


@dataclass(frozen=True, eq=False)
class World:
    """Everything that is true. Fields are built at once; properties when they are first asked for (see forget).

    The frames' columns stand at Places, Tenancies, People, accounts.build and at the classes and functions
    that the properties name. Rent postings come a year at a time from rents.postings.
    Shared rules: ids are row numbers and -1 is none; dates are datetime64[s] and NaT is open; money is int64
    pence; text is never null and can be written in Latin-1. Frames are shared: copy before you change one.
    """

    homes: int
    seed: int
    today: date
    places: places.Places
    tenancies: tenancies.Tenancies
    people: people.People
    accounts: pd.DataFrame
    mix: str = FIRST
    """Which habits the council's people have (see habits.csv)."""
    closing: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)
    """Balances of the rent years computed so far (see rents.balances)."""

    @property
    def habits(self) -> Mapping[str, Habits]:
        """How people are written in each system."""
        return habits_of(self.mix)

    @cached_property
    def rent_calendar(self) -> pd.DataFrame:
        """See calendars.calendar."""
        return calendars.calendar()

    @cached_property
    def private_homes(self) -> pd.DataFrame:
        """See gazetteer.private_homes."""
        return gazetteer.private_homes(self)

    @cached_property
    def addresses(self) -> pd.DataFrame:
        """See addresses.addresses."""
        return addresses.addresses(self)

    @cached_property
    def arrears(self) -> arrears.Arrears:
        """See arrears.Arrears."""
        return arrears.build(self)

    @cached_property
    def bank_credits(self) -> pd.DataFrame:
        """See arrears.bank_credits."""
        return arrears.bank_credits(self)

    @cached_property
    def workforce(self) -> workforce.Workforce:
        """See workforce.Workforce."""
        return workforce.build(self.places, self.today, stream(self.seed, "workforce"))

    @cached_property
    def repairs(self) -> repairs.Repairs:
        """See repairs.Repairs."""
        return repairs.build(self)

    @cached_property
    def planned(self) -> planned.Planned:
        """See planned.Planned."""
        return planned.build(self)

    @cached_property
    def stock(self) -> stock.Stock:
        """See stock.Stock."""
        return stock.build(self)

    @cached_property
    def register(self) -> register.Register:
        """See register.Register."""
        return register.build(self)

    @cached_property
    def licences(self) -> pd.DataFrame:
        """See licensing.licences."""
        return licensing.licences(self)

    @cached_property
    def gazetteer(self) -> gazetteer.Gazetteer:
        """See gazetteer.Gazetteer."""
        return gazetteer.build(self)

    def forget(self) -> None:
        """Drops the properties built so far, so that their memory is free; asked for again, they are the same."""
        for name, member in vars(World).items():
            if isinstance(member, cached_property):
                vars(self).pop(name, None)


def build(homes: int, seed: int, today: date = TODAY, mix: str = FIRST) -> World:
    """The world of a council with that many homes (100 or more). The same arguments give the same bytes."""
    habits_of(mix)
    where = places.build(homes, seed)
    held = tenancies.build(where, seed, today)
    who = people.build(held, seed, today)
    return World(homes, seed, today, where, held, who, accounts.build(where, held, who, seed, today), mix)
