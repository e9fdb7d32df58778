"""Fifty callers at once, by SOAP and by REST, for fewer places than they want: nobody is promised what is not there."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lxml import etree

from tests.api.scheduling.callers import Caller, a_booking, a_client, an_order, asked, fill, served
from tests.api.tokens import token
from tests.scheduling.live import Clock, breaches, opened

BEGIN, END = "2026-09-15T08:00:00+01:00", "2026-09-15T12:00:00+01:00"
CALLERS = 25
"""Of each kind."""


@pytest.mark.slow
def test_fifty_callers_never_double_book(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    fill(hub_url)
    secret, clock = a_client(hub_url), Clock()
    with served(hub_url, tmp_path, clock, key) as address:
        caller = Caller(address, "housing", secret)
        numbers = []
        for each in range(CALLERS):
            order = caller.done("createOrder", theOrder=an_order(f"N{each:02}", f"H{each % 4}")).theOrder
            numbers.append(order.theBookings[0].bookingId)

        def by_soap(each: int) -> str:
            booking = a_booking(numbers[each], BEGIN, END, f"N{each:02}")
            element = "".join(
                f"<{name}>{str(value).lower() if isinstance(value, bool) else value}</{name}>"
                for name, value in booking.items() if not isinstance(value, list)
            )  # fmt: skip
            inside = f"<sessionId>{caller.session}</sessionId><theBooking>{element}</theBooking>"
            answer = httpx.post(caller.address, content=asked("scheduleBooking", inside), timeout=60)
            return str(etree.fromstring(answer.content).findtext(".//status"))

        def by_rest(each: int) -> str:
            bearer = token(key, client_id=f"portal{each}", scope="scheduling:book")
            with httpx.Client(base_url=address, headers={"authorization": f"Bearer {bearer}"}, timeout=60) as ask:
                wanted = f"W{each % 17:02}" if each < 20 else "W05"
                found = ask.post("/v1/scheduling/offers", json={"order_ref": wanted, "from": "2026-09-15", "days": 1})
                if found.status_code != 200 or not found.json()["offers"]:
                    return "no offer"
                hold = ask.post("/v1/scheduling/holds", json={"offer": found.json()["offers"][0]["offer"]})
                if hold.status_code >= 300:
                    return "taken"
                done = ask.post("/v1/scheduling/bookings", json={"hold": hold.json()["id"]})
                return "success" if done.status_code < 300 else "lost"

        with ThreadPoolExecutor(2 * CALLERS) as crowd:
            soap, rest = crowd.map(by_soap, range(CALLERS)), crowd.map(by_rest, range(CALLERS))
            said = Counter(f"soap {each}" for each in soap) + Counter(f"rest {each}" for each in rest)
        assert said["soap success"] > 0
        assert said["rest success"] > 0
        assert said["soap failure"] > 0  # 25 want a morning that has room for fewer
        assert set(said) <= {f"{way} {word}" for way in ("soap", "rest")
                             for word in ("success", "failure", "taken", "no offer")}  # fmt: skip
    with psycopg.connect(hub_url.replace("+psycopg", "", 1)) as connection:
        bookings = connection.execute(
            "SELECT b.job_ref, b.window_start_at <= v.start_at AND v.start_at <= b.window_end_at"
            " FROM scheduling.booking b LEFT JOIN scheduling.visit v ON v.job_ref = b.job_ref"
            " WHERE b.status_code = 'confirmed' AND b.made_by <> 'hub'"
        ).fetchall()
    assert len(bookings) == said["soap success"] + said["rest success"]
    assert len({ref for ref, _ in bookings}) == len(bookings)
    assert all(is_inside for _, is_inside in bookings)
    desk = opened(hub_url, tmp_path, clock)
    assert breaches(desk) == ()
    desk.store.close()
