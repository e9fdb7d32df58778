"""Orders that other systems raise at the desk: what their words mean here, and the jobs that they become."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from identity.addresses.grid import to_degrees
from ledger.errors import ConfigurationFault
from scheduling.calendars import LOCAL, seconds_after
from scheduling.carrying import BEFORE
from scheduling.desk import Desk, Refused
from scheduling.local_rules import LocalRules
from scheduling.order_book import Home, Item, Order, OrderBook
from scheduling.problem import Follow, Job, Place, Priority, Role
from scheduling.work import LAST_STAGE

NOWHERE = "The order's place is not known: neither its locationID nor its latitude and longitude."


@dataclass(frozen=True)
class Callers:
    """What a council declares of them: contracts, priority codes, and whose numbers they still hold."""

    contracts: tuple[str, ...]
    priorities: Mapping[str, str]
    old_scheduler: str


@dataclass(frozen=True)
class Wish:
    """What a caller asks of an order's visit beyond the order: its own estimate, and whether it is an emergency."""

    minutes: int | None = None
    is_emergency: bool = False
    earliest_s: int = 0


def load(folder: Path | None, rules: LocalRules) -> Callers:
    """What ``callers.toml`` of the folder says, else the hub's own. Raises ConfigurationFault."""
    own = LOCAL / "callers.toml"
    path = own if folder is None or not (folder / own.name).exists() else folder / own.name
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        found = Callers(tuple(told["contracts"]), dict(told["priorities"]), str(told["old_scheduler"]))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _unsaid(path, f"{type(fault).__name__} {fault}") from None
    if unknown := sorted(set(found.priorities.values()) - set(rules.priorities)):
        raise _unsaid(path, f"priorities.csv has no {', '.join(unknown)}")
    if not found.contracts:
        raise _unsaid(path, "no contracts")
    return found


def _unsaid(path: Path, what: str) -> ConfigurationFault:
    return ConfigurationFault(
        f"it does not say what it must: {what}.", system="scheduling", place=str(path),
        next_step="write it as scheduling/local/callers.toml is written.",
    )  # fmt: skip


@dataclass(frozen=True)
class Raising:
    """Makes jobs of orders, by what the hub knows of homes and work and what the council declares."""

    book: OrderBook
    rules: LocalRules
    callers: Callers

    def check(self, contract: str | None) -> str:
        """The contract. Raises Refused where it is none of the council's."""
        if contract not in self.callers.contracts:
            raise Refused("unknown-contract", "Unknown contract", "Name one of callers.toml.")
        return contract

    def job(self, desk: Desk, order: Order, wish: Wish, visit: int = 1) -> tuple[Job, Place]:
        """The first job of an order's visit, and its place. Raises Refused as ``jobs`` does."""
        return self.jobs(desk, order, wish, visit)[0]

    def jobs(self, desk: Desk, order: Order, wish: Wish, visit: int = 1) -> list[tuple[Job, Place]]:
        """The jobs of an order's visit, each with its place: one a trade, in the order of the council's stages, and as
        long after the one before as its work has to rest. What the caller tells of a visit is told of the first.

        Raises Refused where place, codes or priority are not known, or nobody has a trade.
        """
        where, area, is_in_block = self._place(order)
        parts = self._parts(order.lines, self.book.items({line["sor_code"] for line in order.lines}))
        if not parts:
            raise Refused("no-work", "The order has no booking codes", "Name what is to be done by its codes.")
        if any(not any(trade in one.proficiency_percent for one in desk.operatives) for trade, *_ in parts):
            raise Refused("no-operative-for-trade", "Nobody has the trade of the order", "Ask another contractor.")
        parking = self.rules.block_parking_minutes if is_in_block else self.rules.parking_minutes
        told = Priority.EMERGENCY if wish.is_emergency else self.rules.priorities[self._code(order.priority)].priority
        found: list[tuple[Job, Place]] = []
        for number, (trade, minutes, crew, skills) in enumerate(parts):
            ref = order.order_ref if len(parts) == 1 else f"{order.order_ref}/{trade}"
            lasts = minutes if number else wish.minutes or minutes
            job = Job(
                job_ref=ref if visit == 1 else f"{order.order_ref}/{trade}-{visit}",
                place=0,  # the board gives it its number
                roles=(Role(trade, skills),) * crew,
                duration_s=round(min(lasts, self.rules.longest_minutes) * 60),
                priority=told,
                earliest_s=max(wish.earliest_s, desk.now_s),
                due_s=max(0, seconds_after(desk.starts_at, order.target_at)),
                follows=(Follow(BEFORE, self._rest_s(parts[number - 1][0])),) if number else (),
                area=area,
                parking_s=parking * 60,
            )
            found.append((job, where))
        return found

    def _rest_s(self, trade: str) -> int:
        """How long work of a trade has to rest before the next trade comes."""
        stage = self.rules.stages.get(trade)
        return 0 if stage is None else stage.rest_hours * 3_600

    def _place(self, order: Order) -> tuple[Place, str | None, bool]:
        """Where the order is; what the caller told of it wins, as it may have moved the pin on the map."""
        home = self.book.home(order.location_ref) or Home(None, None, None, None, None, False)
        latitude, longitude = order.latitude, order.longitude
        if latitude is None or longitude is None:
            latitude, longitude = home.latitude, home.longitude
        if (latitude is None or longitude is None) and home.easting_m is not None and home.northing_m is not None:
            found = to_degrees(pd.Series([home.easting_m]), pd.Series([home.northing_m])).iloc[0]
            latitude, longitude = (None if pd.isna(each) else float(each) for each in found)
        if latitude is None or longitude is None:
            raise Refused("unknown-place", NOWHERE, "Name the home by its property reference.")
        return Place(order.location_ref, round(latitude, 6), round(longitude, 6)), home.area, home.is_in_block

    def _parts(
        self, lines: Sequence[Mapping[str, Any]], items: Mapping[str, Item]
    ) -> list[tuple[str, float, int, frozenset[str]]]:
        """Trade, minutes, crew and single skills of each trade's work, in the order of the trades' stages."""
        work: dict[str, list[tuple[float, int, str | None]]] = {}
        for line in lines:
            item = items.get(line["sor_code"])
            trade = (item and item.trade_ref) or line.get("trade_ref")
            if trade is None:
                raise Refused("unknown-code", "A booking code is not in the schedule of rates", "Name its trade.")
            minutes = line.get("minutes") or ((item and item.minutes) or 0) * float(line.get("quantity") or 1)
            skill = line["sor_code"] if item is not None and item.is_skill else None
            work.setdefault(trade, []).append((minutes, item.crew if item else 1, skill))
        stages = {ref: stage.stage for ref, stage in self.rules.stages.items()}
        return [
            (
                trade,
                sum(minutes for minutes, *_ in work[trade]) or self.rules.usual_minutes,
                max(crew for _, crew, _ in work[trade]),
                frozenset(skill for *_, skill in work[trade] if skill),
            )
            for trade in sorted(work, key=lambda ref: (stages.get(ref, LAST_STAGE), ref))
        ]

    def _code(self, told: str) -> str:
        code = self.callers.priorities.get(told, told)
        if code in self.rules.priorities:
            return code
        raise Refused("unknown-priority", "Unknown priority", "Name one of callers.toml.")
