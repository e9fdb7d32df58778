"""The live plan is on disk before anybody is told of it, and one desk alone writes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ledger.errors import ConfigurationFault, ContractBroken, SourceUnavailable
from scheduling import booking
from scheduling.desk import Desk
from scheduling.offers import Asked
from scheduling.problem import Place
from tests.scheduling import small
from tests.scheduling.live import RULES, Clock, breaches, opened, published, town


def busy(desk: Desk, clock: Clock) -> None:
    """A morning at the desk: bookings, a change, a hold that ends, an order that comes and one that goes."""
    for number in (0, 1, 2, 5):
        offers = booking.offers(desk, RULES, f"W{number:02}", Asked(days=12)).offers
        held = booking.hold(desk, RULES, offers[3 * number].offer, "portal")
        if number:
            booking.confirm(desk, RULES, held.id, "portal")
    booking.change(desk, RULES, held.id, "2026-09-23.PM.W05", "portal")
    booking.hold(desk, RULES, booking.offers(desk, RULES, "CREW").offers[0].offer, "portal")
    booking.confirm(
        desk, RULES, booking.hold(desk, RULES, booking.offers(desk, RULES, "W90").offers[0].offer, "x").id, "x"
    )
    booking.raise_order(desk, small.job("NEW", 0, "PL"), Place("new", 52.641, -1.1), "repairs")
    booking.withdraw(desk, "W11", "repairs", "done by a neighbour")
    clock.goes_on(minutes=20)
    booking.expire(desk)


def test_a_desk_begins_again_where_it_was(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    busy(desk, clock)
    before, visits, bookings = desk.snapshot()[1].to_bytes(), desk.visits(), desk.bookings
    desk.store.close()
    again = opened(hub_url, tmp_path, clock)
    assert again.snapshot()[1].to_bytes() == before
    assert again.visits() == visits
    assert again.bookings == bookings
    assert again.last_event == desk.last_event
    assert breaches(again) == ()
    held = booking.hold(again, RULES, booking.offers(again, RULES, "W06").offers[0].offer, "portal")
    assert held.id == max(bookings) + 1
    again.store.close()


def test_the_table_of_visits_is_the_plan_as_it_is(desk: Desk, clock: Clock, hub_url: str) -> None:
    busy(desk, clock)
    with psycopg.connect(hub_url.replace("+psycopg", "", 1)) as connection:
        kept = connection.execute(
            "SELECT job_ref, role, operative_ref, start_at FROM scheduling.visit ORDER BY shift, sequence"
        ).fetchall()
    assert kept == [(row.job_ref, row.role, row.operative_ref, row.start_at) for row in desk.visits()]


def test_a_second_desk_is_refused_by_the_name_of_the_first(desk: Desk, hub_url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match=f"hub desk .* {os.getpid()}, since"):
        opened(hub_url, tmp_path, Clock())
    desk.store.close()
    opened(hub_url, tmp_path, Clock()).store.close()


def test_what_could_not_be_kept_did_not_happen(desk: Desk, hub_url: str) -> None:
    before, number = desk.snapshot()[1].to_bytes(), desk.last_event
    held = booking.offers(desk, RULES, "W00").offers[0].offer
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("ALTER TABLE scheduling.booking ADD CONSTRAINT none CHECK (false) NOT VALID")
        with pytest.raises(SourceUnavailable):
            booking.hold(desk, RULES, held, "portal")
        assert desk.snapshot()[1].to_bytes() == before
        assert (desk.last_event, desk.holds()) == (number, [])
        connection.execute("ALTER TABLE scheduling.booking DROP CONSTRAINT none")
    assert booking.hold(desk, RULES, held, "portal").status_code == "held"


def test_a_fault_within_a_change_takes_all_of_it_back(desk: Desk) -> None:
    before = desk.snapshot()[1].to_bytes()
    with pytest.raises(ZeroDivisionError), desk.changing("tried", "a test") as draft:
        draft.place(0, small.window(8, 12, 8))
        draft.remove(1)
        draft.add(small.job("NEW", 0, "PL"), Place("new", 52.6, -1.1))
        draft.close(2)
        raise ZeroDivisionError
    assert desk.snapshot()[1].to_bytes() == before
    assert not desk.numbers_of("NEW")


KILLED = """
import sys
from pathlib import Path
from tests.scheduling.live import RULES, Clock, opened
from scheduling import booking
desk = opened(sys.argv[1], Path(sys.argv[2]), Clock())
print("up", flush=True)
for number in (0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16):
    offers = booking.offers(desk, RULES, f"W{number:02}").offers
    held = booking.hold(desk, RULES, offers[-1].offer, "portal")
    print("held", held.id, flush=True)
    booking.confirm(desk, RULES, held.id, "portal")
    print("confirmed", held.id, flush=True)
"""


@pytest.mark.parametrize("lines", [2, 5, 12])
def test_a_killed_desk_has_kept_all_that_it_told(hub_url: str, tmp_path: Path, lines: int) -> None:
    published(hub_url, tmp_path, town())
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, hub_url, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert killed.stdout is not None
    told = [killed.stdout.readline().split() for _ in range(lines)]
    killed.send_signal(signal.SIGKILL)
    told += [line.split() for line in killed.stdout]
    killed.wait()
    desk = _opened_soon(hub_url, tmp_path)
    status = {one.id: one.status_code for one in desk.bookings.values()}
    for word, *number in told:
        if number:
            assert status[int(number[0])] == "confirmed" or (word == "held" and status[int(number[0])] == "held")
    assert breaches(desk) == ()
    desk.store.close()


def _opened_soon(url: str, folder: Path) -> Desk:
    """A desk, once the database knows that the one before is gone."""
    for _ in range(100):
        try:
            return opened(url, folder, Clock())
        except ConfigurationFault:
            with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
                connection.execute("SELECT pg_sleep(0.05)")
    raise TimeoutError


def test_bookings_keep_their_slots_in_the_next_plan(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    """A plan made without knowing of the morning's bookings takes them up, and what was withdrawn stays away."""
    busy(desk, clock)
    clock.goes_on(hours=1)
    assert not desk.adopt()
    published(hub_url, tmp_path, town())
    assert desk.adopt()
    starts = {(row.job_ref, row.role): row.start_at for row in desk.visits()}
    promised = [one for one in desk.bookings.values() if one.is_active]
    assert len(promised) >= 6
    for one in promised:
        assert one.window_start_at <= starts[one.job_ref, 0] <= one.window_end_at
    assert ("NEW", 0) in starts
    assert ("W11", 0) not in starts
    assert breaches(desk) == ()
    before = desk.snapshot()[1].to_bytes()
    desk.store.close()
    again = opened(hub_url, tmp_path, clock)
    assert again.snapshot()[1].to_bytes() == before
    again.store.close()


def test_what_systems_promised_are_bookings_too(desk: Desk) -> None:
    known = {one.job_ref: one for one in desk.bookings.values()}
    assert {ref: (one.status_code, one.slot) for ref, one in known.items()} == {
        "W03": ("confirmed", "AM"), "W04": ("confirmed", "PM"),
    }  # fmt: skip
    moved = booking.change(desk, RULES, known["W03"].id, "2026-09-18.AM.W03", "portal")
    assert moved.day == small.MONDAY.date() + timedelta(days=4)


def test_there_is_no_desk_without_a_plan(hub_url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="no plan is published"):
        opened(hub_url, tmp_path, Clock())


def test_a_problem_that_was_lost_is_told(hub_url: str, tmp_path: Path) -> None:
    published(hub_url, tmp_path, replace(town(), days=13))
    for file in tmp_path.glob("*.problem"):
        file.write_bytes(b"not a problem")
    with pytest.raises(ContractBroken, match="cannot be read"):
        opened(hub_url, tmp_path, Clock())
