"""The repairs scheduler's state, which its SOAP service answers from, and the messages that it sent."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from estate.writers.drs import CONFIRMATIONS, CONTRACT, FILE
from mirror.extracts.landed import Landed, Tables

Values = dict[str, Any]
_OWN = ("resourceID", "undeclared")
_DAY = slice(0, 10)


def write(tables: Tables, target: Path, today: date) -> None:
    """Writes ``drs.json`` and the folder of confirmations into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    orders = _orders(tables["orders"])
    numbers = {order["primaryOrderNumber"]: order["orderId"] for order in orders}
    content = {
        "today": today.isoformat(), "contracts": [CONTRACT], "resources": _resources(tables), "orders": orders,
        "bookings": [_booking(row, numbers) for row in _rows(tables["bookings"])], "days": _days(tables["slots"]),
    }  # fmt: skip
    (target / FILE).write_text(json.dumps(content), "utf-8")
    _confirm(tables["confirmations"], target / CONFIRMATIONS)


def _rows(landed: Landed) -> list[Values]:
    """The whole rows, without what they lack."""
    found: list[Values] = []
    for _, rows in landed.by_unit():
        whole = rows.loc[rows["_fault"].isna(), list(landed.columns)]
        for row in whole.to_dict("records"):
            found.append({str(name): value for name, value in row.items() if not pd.isna(value)})
    return found


def _booking(row: Values, orders: dict[str, int]) -> Values:
    booking = {name: value for name, value in row.items() if name not in _OWN}
    number = booking["primaryOrderNumber"]
    return {
        **booking, "bookingId": int(row["bookingId"]), "orderId": orders.get(number, 0),
        "duration": int(row.get("duration", 0)), "isEmergency": row.get("isEmergency") == "true",
        "isNextBooking": row.get("isNextBooking") == "true", "theBookingCodes": [],
        "theResources": [{"resourceID": row["resourceID"]}] if "resourceID" in row else [],
        **dict(json.loads(row.get("undeclared", "[]"))),
    }  # fmt: skip


def _orders(landed: Landed) -> list[Values]:
    return [
        {
            **row, "orderId": int(row["orderId"]), "orderComments": "", "userId": "repairs", "message": False,
            "theBookingCodes": [],
            "theLocation": {
                "locationId": row["locationID"], "name": "Occupier", "address1": "", "postCode": "",
                "excludedFromMsging": False, "workflowType": "0000",
            },
        }
        for row in _rows(landed)
    ]  # fmt: skip


def _resources(tables: Tables) -> list[Values]:
    """The operatives, each with hours and absences."""
    found: dict[str, Values] = {}
    for table, name in (("hours", "theWorkingHours"), ("absences", "theUnavailabilities")):
        for row in _rows(tables[table]):
            number = row.pop("resourceID")
            operative = found.setdefault(
                number,
                {"resourceID": number, "externalResourceCode": "", "resourceName": number, "theWorkingHours": [],
                 "theUnavailabilities": []},
            )  # fmt: skip
            operative[name].append(row)
    return list(found.values())


def _days(landed: Landed) -> list[Values]:
    """The windows of each day."""
    days: dict[str, list[list[str]]] = {}
    for row in _rows(landed):
        begin, end = (_clock(row[name]) for name in ("beginDate", "endDate"))
        days.setdefault(str(begin.date()), []).append([f"{begin:%H:%M}", f"{end:%H:%M}", row["available"]])
    return [
        {"contract": CONTRACT, "day": day, "nonWorkingDay": False, "weeklyDayOff": False, "slots": slots}
        for day, slots in days.items()
    ]


def _clock(text: str) -> pd.Timestamp:
    """The London wall clock at an instant."""
    at = pd.Timestamp(text)
    return at.tz_convert("Europe/London") if at.tz is not None else at


def _confirm(landed: Landed, folder: Path) -> None:
    """The messages, as the scheduler's own service words them; one that broke off breaks off again."""
    folder.mkdir(exist_ok=True)
    for unit, rows in landed.by_unit():
        for row in rows.to_dict("records"):
            if not pd.isna(row["_fault"]):
                message = landed.broken.loc[row["_row"], "_raw"].encode()
            else:
                values = {name: row[name] for name in landed.columns if not pd.isna(row[name])}
                values |= {"bookingId": int(values["bookingId"]), "theBookingCodes": [], "theResources": []}
                store = DrsStore({"bookings": [values]}, login="", password="")
                message = SoapServer(store).confirmation(values["bookingId"], values["changedDate"])
            (folder / unit).write_bytes(message)
