"""Slots over HTTP: how fast they are offered, and whether fifty bookers at once get what the plan can keep.

The service stands as ``hub schedule serve`` makes it, in its own process over an embedded PostgreSQL, with a published
plan of 250 operatives and 5,000 open jobs over 20 working days. At the end it is killed, opened again from what it
kept, and the checker goes over all of the plan.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg

from api.clients import Client
from api.scheduling.server import DeskStart, opened
from api.scopes import SCHEDULING_BOOK
from api.workers import Start, issuer_of
from benchmarks.figures import keep
from benchmarks.scheduling.council import council_day
from canonical_model import schema
from scheduling.calendars import midnight
from scheduling.checker import check
from scheduling.desk import Desk
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.offers import Rules
from scheduling.problem import Problem
from scheduling.store import keep_plan, publish
from services.databases import create_database
from services.postgres import Postgres
from settings.model import Api

SIZE, SEED = "250x20x5000", 11
BOOKERS = 50
RULES = Rules(margin_s=0, lead_minutes=0)
Reach = Callable[[], httpx.AsyncClient]
NEVER = datetime.max.replace(tzinfo=UTC)
OFFERS, HOLDS, BOOKINGS = "/v1/scheduling/offers", "/v1/scheduling/holds", "/v1/scheduling/bookings"


@dataclass
class Booked:
    """What bookers were told: by order its windows, newest last; how often a slot was taken by another meanwhile."""

    promised: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)


def measure(full: bool) -> None:
    """Offers one after the other and ten at a time, then the bookers; fewer of all in short."""
    asked, rounds = (600, 20) if full else (200, 6)
    problem = sound(at_coming_monday(council_day(SIZE, SEED)))
    plan = solve(problem, Stop(wall_s=60), SEED)
    with served(problem, plan) as (reach, first, killed):
        orders = [job.job_ref for job in problem.jobs if not job.is_confirmed]
        np.random.default_rng(SEED).shuffle(orders)
        alone = asyncio.run(ask(reach, orders[:asked], first, 1))
        ten = asyncio.run(ask(reach, orders[:asked], first, 10))
        told = asyncio.run(book(reach, orders[: 4 * BOOKERS * rounds], first, rounds))
        invalid = asyncio.run(take_all(reach, orders[-40:], first))
        desk = killed()
    breaches, lost, double = judged(desk, told)
    desk.store.close()
    protocol = (
        f"council {SIZE}, seed {SEED}, plan of 60 s; POST {OFFERS} for 28 days from the plan's first with 20 working "
        f"days x 3 slots, {asked} orders; client and service share the machine"
    )
    for name, took in (("", alone), (", ten at a time", ten)):
        for percent, mark in ((95, 150.0), (99, 300.0)):
            figure = float(np.percentile(took, percent)) * 1_000
            keep(f"slot offer over HTTP{name}, p{percent}", figure, "ms", f"<= {mark:g} ms", figure <= mark, protocol)
    crowd = (
        f"{BOOKERS} bookers at once, {rounds} orders each of {4 * BOOKERS * rounds}, so that they meet; offers, hold, "
        f"confirm, one in ten changed, one in ten cancelled: {dict(sorted(told.answers.items()))}; service then killed "
        f"with SIGKILL and rebuilt; offers p95 {np.percentile(told.took_s, 95) * 1_000:.0f} ms meanwhile"
    )
    keep("invalid offers, 50 bookers", invalid + breaches, "", "0", invalid + breaches == 0, crowd)
    keep("double or lost bookings, 50 bookers", double + lost, "", "0", double + lost == 0, crowd)


def at_coming_monday(problem: Problem) -> Problem:
    """The problem from the next Monday on after which no clock changes while it lasts."""
    day = date.today() + timedelta(days=7 - date.today().weekday())
    while midnight(day).utcoffset() != midnight(day + timedelta(days=problem.days + 1)).utcoffset():
        day += timedelta(days=7)
    return replace(problem, starts_at=midnight(day))


@contextmanager
def served(problem: Problem, plan: Any) -> Iterator[tuple[Reach, date, Callable[[], Desk]]]:
    """How to ask the service, the plan's first day, and what kills the service and opens its desk again."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Postgres(folder / "postgres") as server:
            url = create_database(server, "hub")
            schema.migrate(url)
            with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
                publish(connection, keep_plan(connection, folder / "plans", problem, plan), "benchmark")
            with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listening:
                start = Start(
                    url,
                    folder / "api",
                    Api(requests_per_minute=6_000_000, burst=100_000, token_minutes=60),
                    None,
                    listening.fileno(),
                )
                (folder / "api").mkdir(mode=0o700)
                whole = DeskStart(start, folder / "plans", RULES, None, folder / "roads", None)
                process = subprocess.Popen(
                    [sys.executable, "-m", "api.scheduling.server"], stdin=subprocess.PIPE,
                    pass_fds=[listening.fileno()],
                )  # fmt: skip
                address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            assert process.stdin is not None
            process.stdin.write(pickle.dumps(whole))
            process.stdin.flush()

            def killed() -> Desk:
                process.send_signal(signal.SIGKILL)
                process.wait()
                time.sleep(1)  # until the database has seen that its client is gone
                return opened(whole)

            try:
                _wait(process, address)
                issuer = issuer_of(start)
                assert issuer is not None
                scopes = frozenset({SCHEDULING_BOOK})
                bearer = issuer.token(Client("bench", scopes, "", datetime.now(UTC), None), scopes, time.time())
                limits = httpx.Limits(max_connections=BOOKERS, max_keepalive_connections=BOOKERS)
                headers = {"authorization": f"Bearer {bearer}"}

                def reach() -> httpx.AsyncClient:
                    return httpx.AsyncClient(base_url=address, headers=headers, timeout=60, limits=limits)

                yield reach, problem.starts_at.date(), killed
            finally:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"{address}/health", timeout=5).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


async def ask(reach: Reach, orders: list[str], first: date, at_once: int) -> list[float]:
    """Seconds that each answer with offers took."""
    room = asyncio.Semaphore(at_once)
    took: list[float] = []

    async def one(order: str) -> None:
        async with room:
            began = time.perf_counter()
            answer = await client.post(OFFERS, json={"order_ref": order, "from": first.isoformat(), "days": 28})
            took.append(time.perf_counter() - began)
            answer.raise_for_status()

    async with reach() as client:
        await asyncio.gather(*(one(order) for order in orders))
    return took


async def book(reach: Reach, orders: list[str], first: date, rounds: int) -> Booked:
    """What bookers are told who ask, hold and confirm at the same time, each order by several."""
    told = Booked()

    async def booker(number: int) -> None:
        rng = np.random.default_rng([SEED, number])
        for order in rng.choice(orders, rounds, replace=False).tolist():
            began = time.perf_counter()
            answer = await client.post(OFFERS, json={"order_ref": order, "from": first.isoformat(), "days": 28})
            told.took_s.append(time.perf_counter() - began)
            if not answer.is_success:
                told.answers[answer.json()["code"]] += 1
                continue
            best = answer.json()["offers"][:3]
            if not best:
                told.answers["no offer"] += 1
                continue
            held = await client.post(HOLDS, json={"offer": best[int(rng.integers(len(best)))]["offer"]})
            if held.status_code != 201:
                told.answers[held.json()["code"]] += 1
                continue
            number_of = held.json()["hold"]
            done = await client.post(BOOKINGS, json={"hold": number_of})
            if not done.is_success:
                told.answers[done.json()["code"]] += 1
                continue
            told.answers["booked"] += 1
            _note(told, done.json())
            lot = rng.random()
            if lot < 0.1:
                moved = await client.post(f"{BOOKINGS}/{number_of}/change", json={"offer": best[-1]["offer"]})
                if moved.is_success:
                    told.answers["changed"] += 1
                    _note(told, moved.json())
            elif lot < 0.2 and (await client.delete(f"{BOOKINGS}/{number_of}")).is_success:
                told.answers["cancelled"] += 1
                told.promised.pop(order)

    async with reach() as client:
        await asyncio.gather(*(booker(number) for number in range(BOOKERS)))
    return told


def _note(told: Booked, booking: dict[str, Any]) -> None:
    told.promised.setdefault(booking["order_ref"], []).append((booking["starts_at"], booking["ends_at"]))


async def take_all(reach: Reach, orders: list[str], first: date) -> int:
    """How many offers of some orders could not be had, one after the other, while nobody else books."""
    invalid = 0
    async with reach() as client:
        for order in orders:
            answer = await client.post(OFFERS, json={"order_ref": order, "from": first.isoformat(), "days": 28})
            for offer in answer.json()["offers"][::6] if answer.is_success else ():
                held = await client.post(HOLDS, json={"offer": offer["offer"]})
                invalid += held.status_code != 201
    return invalid


def judged(desk: Desk, told: Booked) -> tuple[int, int, int]:
    """Breaches that the checker finds, promises that the rebuilt plan does not keep, orders that are booked twice."""
    problem, plan = desk.snapshot()
    breaches = check(problem, plan)
    for breach in breaches[:5]:
        print(f"     {breach.rule}: {breach.message} {breach.job_ref}")
    starts = {row.job_ref: row.start_at for row in desk.visits()}
    lost = sum(
        not datetime.fromisoformat(windows[-1][0]) <= starts.get(ref, NEVER) <= datetime.fromisoformat(windows[-1][1])
        for ref, windows in told.promised.items()
    )
    active = Counter(one.job_ref for one in desk.bookings.values() if one.is_active)
    confirmed_twice = sum(count > 1 for count in active.values())
    return len(breaches), lost, confirmed_twice
