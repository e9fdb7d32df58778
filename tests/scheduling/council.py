"""A council of a few rows: two plumbers, an electrician, a plasterer, and orders as a test wants them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from sqlalchemy import Connection

from scheduling.problem import LONDON, Place, Travel
from scheduling.roads.sphere import metres_between
from tests.canonical_model.rows import add

MONDAY = date(2026, 10, 19)  # the clocks go back on the Sunday after
EAST, NORTH = 446_000, 281_000
TRADES = {"PL": "Plumbing", "EL": "Electrical", "PT": "Plastering", "PA": "Painting"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def straight(places: tuple[Place, ...]) -> Travel:
    """Ways as the crow flies, at 10 metres a second."""
    latitude, longitude = (np.array([getattr(place, name) for place in places]) for name in ("latitude", "longitude"))
    metres = metres_between(latitude[:, None], longitude[:, None], latitude, longitude)
    return Travel(metres.round().astype(np.int32), (metres / 10).round().astype(np.int32))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """London time on a day after the Monday."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), LONDON)


class Council:
    """Adds rows; ``raw`` is the same connection as scheduling reads it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.trades = {ref: self.add("trade", trade_ref=ref, name=name) for ref, name in TRADES.items()}
        self.own = self.add("contractor", contractor_ref="DLO", name="Direct labour", is_in_house=True)
        self.firm = self.add("contractor", contractor_ref="C1", name="Firm", is_in_house=False)
        self.operatives = {
            ref: self.operative(ref, trade, home)
            for ref, trade, home in (("1", "PL", 0), ("2", "PL", 1), ("3", "EL", 2), ("4", "PT", 3))
        }

    @property
    def raw(self) -> psycopg.Connection[tuple[Any, ...]]:
        found = self.connection.connection.driver_connection
        assert isinstance(found, psycopg.Connection)
        return found

    def add(self, table: str, **values: Any) -> UUID:
        return add(self.connection, table, **values)

    def operative(self, ref: str, trade: str | None, home: int | None = 0, **values: Any) -> UUID:
        """Somebody who works 8:00 to 16:30 on weekdays and lives in a postcode of their own."""
        postcode = None
        if home is not None:
            postcode = f"KB{home + 1} 1AA"
            self.add("blpu", uprn=1_000 + home, logical_status_code="approved", postcode=postcode,
                     easting_m=EAST + 1_000 * home, northing_m=NORTH)  # fmt: skip
        operative = self.add("operative", **{
            "operative_ref": ref, "contractor_id": self.own, "trade_id": trade and self.trades[trade],
            "start_postcode": postcode, "weekly_limit_minutes": 2_220, "max_travel_minutes": 45, "section": "R01",
            **values,
        })  # fmt: skip
        for weekday in WEEKDAYS:
            self.add("shift", operative_id=operative, weekday_code=weekday, start_time=time(8), end_time=time(16, 30))
        return operative

    def home(self, ref: str = "H1", east: int = 500, **values: Any) -> UUID:
        given = {"asset_type_code": "house", "easting_m": EAST + east, "northing_m": NORTH + 500}
        return self.add("asset", **{"asset_ref": ref, "repairs_area_code": "R01", **given, **values})

    def order(self, ref: str, trade: str | None = "PL", home: UUID | None = None, **values: Any) -> UUID:
        """An open order without lines; at a home of its own where none is given."""
        return self.add("work_order", **{
            "work_order_ref": ref, "asset_id": home or self.home(f"H{ref}"), "contractor_id": self.own,
            "trade_id": trade and self.trades[trade], "work_type_code": "responsive", "status_code": "open",
            "priority_code": "routine", "raised_at": at(-7, 10), "target_at": at(11, 0), **values,
        })  # fmt: skip

    def line(
        self, order: UUID, number: int = 1, trade: str | None = None, minutes: int | None = 60, **item: Any
    ) -> UUID:
        """A line of the order; with ``item`` one of the schedule of rates."""
        given: dict[str, Any] = {"trade_id": trade and self.trades[trade], "standard_minutes": minutes}
        if item:
            quantity = item.pop("quantity", 1)
            given |= {"sor_item_id": self.add("sor_item", **{"sor_code": "S1", **item}), "quantity": quantity}
            given["sor_code"] = item.get("sor_code", "S1")
        return self.add("work_element", work_order_id=order, element_number=number, **given)

    def visit(self, order: UUID, start: datetime, end: datetime, **values: Any) -> UUID:
        given = {"appointment_ref": "V", "status_code": "planned", "window_start_at": start, "window_end_at": end}
        return self.add("appointment", **{"work_order_id": order, **given, **values})
