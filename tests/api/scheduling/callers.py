"""A small council whose systems call the hub in place of the old scheduler: its server, a client, what they send."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import uvicorn
import zeep
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine

from api import clients
from api.clients import Client
from api.door import Door
from api.scheduling.app import create_app
from api.scheduling.soap import Serving
from api.settings import ApiSettings
from api.wire import Wire
from connectors.scheduler_soap import SERVICE
from scheduling import callers, local_rules
from tests.api.conftest import Kept
from tests.api.tokens import AUDIENCE, ISSUER
from tests.canonical_model.rows import add
from tests.scheduling.live import RULES, Clock, opened, published, town

EAST, NORTH = 450_000, 300_000
CODES = {"PL1": ("PL", 60), "PL2": ("PL", 90), "EL1": ("EL", 45), "RF1": ("RF", 60),
         "PT1": ("PT", 60), "MU1": ("MU", 45)}  # fmt: skip
SENT: dict[str, dict[str, Any]] = {
    "checkAvailability": {"canSelectOtherOrders": False, "newBooking": True},
    "selectOrder": {"includeCompletedBookings": False},
    "scheduleBooking": {"force": False, "timeLock": True, "userId": "repairs"},
    "createReservation": {"bookingId": 0, "force": False, "timeLock": True, "userId": "repairs"},
    "confirmReservation": {"bookingId": 0, "force": False, "timeLock": True, "userId": "repairs"},
    "getSchedule": {"contract": "H01", "returnBookingCodes": True, "returnWarnings": False},
    "selectResource": {"includeWorkingHours": True},
    "completeOrder": {"contract": "H01", "userId": "repairs"},
}
"""What the interface demands of every request."""
MORNING, AFTERNOON = "08:00:00+01:00", "12:00:00+01:00"


def fill(url: str) -> None:
    """Homes, a schedule of rates and three of the town's orders, as the council's systems told them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        trades = {ref: add(connection, "trade", trade_ref=ref, name=ref) for ref in ("PL", "EL", "RF", "PT", "MU")}
        homes = [
            add(connection, "asset", asset_ref=f"H{number}", asset_type_code="house", easting_m=EAST + 300 * number,
                northing_m=NORTH)
            for number in range(4)
        ]  # fmt: skip
        for code, (trade, minutes) in CODES.items():
            add(connection, "sor_item", sor_code=code, trade_id=trades[trade], standard_minutes=minutes)
        for number in range(3):
            order = add(connection, "work_order", work_order_ref=f"W{number:02}", asset_id=homes[number],
                        trade_id=trades["PL"], work_type_code="responsive", status_code="open",
                        priority_code="routine", target_at="2026-09-20T16:00:00+01:00")  # fmt: skip
            add(connection, "work_element", work_order_id=order, element_number=1, sor_code="PL1", quantity=1,
                trade_id=trades["PL"], standard_minutes=60)  # fmt: skip
            if number == 0:
                add(connection, "appointment", appointment_ref="4711", booking_ref="4711", work_order_id=order,
                    status_code="planned")  # fmt: skip
                add(connection, "identifier", entity_type="work_order", entity_id=order, value="815",
                    scheme_code="work_order_ref", allocated_by="drs")  # fmt: skip
    engine.dispose()


@contextmanager
def served(
    url: str, folder: Path, clock: Clock, key: Ed25519PrivateKey, confirm_to: str | None = None, days: int = 12
) -> Iterator[str]:
    """The scheduling service over a small town, on a free port; its address."""
    published(url, folder, town(days=days))
    with running(url, folder, clock, key, confirm_to) as address:
        yield address


@contextmanager
def running(
    url: str, folder: Path, clock: Clock, key: Ed25519PrivateKey, confirm_to: str | None = None
) -> Iterator[str]:
    """The scheduling service over what is published."""
    rules = local_rules.load()
    settings = ApiSettings(url, ISSUER, AUDIENCE, {"k1": key.public_key()}, b"a secret of the tests" * 2)
    app = create_app(settings, lambda _: Kept(), partial(opened, url, folder, clock), RULES,
                     callers=Serving(rules, callers.load(None, rules), confirm_to))  # fmt: skip
    with on_a_port(app) as address:
        yield address


@contextmanager
def on_a_port(app: Door) -> Iterator[str]:
    """An application on a free port; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, http=Wire, ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    assert server.started
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


def a_client(url: str, name: str = "housing", *scopes: str) -> str:
    """The secret of a client that may book."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        return clients.add(connection, Client(name, frozenset(scopes or {"scheduling:book"}), "repairs booking"))


class Caller:
    """A system that speaks to the old scheduler: zeep, strict, by the WSDL that is served."""

    def __init__(self, address: str, login: str, password: str) -> None:
        self.address = f"{address}/soap/scheduler"
        wsdl = httpx.get(f"{self.address}?wsdl").content
        self.client = zeep.Client(io.BytesIO(wsdl))  # type: ignore[no-untyped-call]
        answer = self.client.service.openSession({"id": 0, "login": login, "password": password})
        self.opened, self.session = answer.status, answer.sessionId

    def ask(self, operation: str, **values: Any) -> Any:
        """The answer's element; its types are those of the interface, or zeep raises."""
        return self.client.service[operation]({"id": 0, "sessionId": self.session, **SENT.get(operation, {}), **values})

    def done(self, operation: str, **values: Any) -> Any:
        """The same where it must be done."""
        answer = self.ask(operation, **values)
        assert answer.status == "success", answer.errorMsg
        return answer

    def refused(self, operation: str, **values: Any) -> str:
        """Why it is not done."""
        answer = self.ask(operation, **values)
        assert answer.status == "failure"
        return str(answer.errorMsg)

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        return httpx.post(self.address, content=body, headers={"content-type": "text/xml", **headers}, timeout=30)


def an_order(ref: str = "N1", home: str = "H1", code: str = "PL1", **more: Any) -> dict[str, Any]:
    """An order as a housing system sends it, with what the hub must not keep."""
    return {
        "contract": "H01", "locationID": home, "message": False, "orderComments": "(Mrs Example) has ordered",
        "orderId": 0, "primaryOrderNumber": ref, "priority": "N", "targetDate": "2026-09-24T16:00:00",
        "phone": "020 7946 0000", "userId": "repairs", "theBookingCodes": [a_code(ref, code)],
        "theLocation": {
            "address1": "1 High Street", "excludedFromMsging": False, "locationId": home, "name": "Mrs Example",
            "postCode": "E8 1AA", "workflowType": "0000",
        }, **more,
    }  # fmt: skip


def a_code(ref: str, code: str = "PL1", quantity: str = "1") -> dict[str, Any]:
    return {
        "bookingCodeSORCode": code, "bookingId": 0, "itemNumberWithinBooking": "1", "orderId": 0,
        "primaryOrderNumber": ref, "quantity": quantity,
    }  # fmt: skip


def a_booking(number: int, begin: str, end: str, ref: str = "N1", **more: Any) -> dict[str, Any]:
    return {
        "bookingId": number, "bookingReason": "first", "contract": "H01", "duration": 0, "isEmergency": False,
        "isNextBooking": False, "locationID": "H1", "orderId": 0, "planningWindowStart": begin,
        "planningWindowEnd": end, "primaryOrderNumber": ref, "theBookingCodes": [a_code(ref)], "userId": "repairs",
        **more,
    }  # fmt: skip


def asked(operation: str, inside: str, namespace: str = SERVICE, soap: str | None = None) -> bytes:
    """An envelope as text."""
    version = soap or "http://schemas.xmlsoap.org/soap/envelope/"
    return (
        f'<e:Envelope xmlns:e="{version}" xmlns:d="{namespace}"><e:Body><d:{operation}><{operation}>{inside}'
        f"</{operation}></d:{operation}></e:Body></e:Envelope>"
    ).encode()


@dataclass(frozen=True)
class Council:
    """A served town; ``caller`` is its housing system's."""

    url: str
    folder: Path
    address: str
    secret: str
    caller: Caller

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []


def created(caller: Caller, ref: str, **more: Any) -> int:
    """bookingId of a new order."""
    order = caller.done("createOrder", theOrder=an_order(ref, **more)).theOrder
    return int(order.theBookings[0].bookingId)


def on(day: int, clock: str = MORNING) -> str:
    return f"2026-09-{day}T{clock}"


def stands(caller: Caller, ref: str) -> Any:
    """The order's first booking as it stands."""
    (order,) = caller.done("selectOrder", primaryOrderNumber=[ref]).theOrders
    return order.theBookings[0]
