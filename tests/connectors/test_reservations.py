"""Confirmations out: a reservation is confirmed as the hub knows it, or not touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.opening import LONDON
from connectors.reservations import Visit, confirm
from connectors.soap_client import SoapClient
from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from estate.truth import Truth
from estate.world import build
from estate.writers import drs
from ledger.errors import ContractBroken, SourceRefused

SECRETS = {"username": "hub", "password": "right"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drs")
    drs.write(build(200, seed=7), folder, Truth())
    return folder / drs.FILE


@pytest.fixture
def server(written: Path, tmp_path: Path) -> Iterator[SoapServer]:
    file = tmp_path / drs.FILE
    file.write_bytes(written.read_bytes())
    with SoapServer(DrsStore.from_file(file, login="hub", password="right")) as running:
        yield running


@pytest.fixture
def client(server: SoapServer) -> Iterator[SoapClient]:
    with SoapClient(server.url, system="drs") as opened:
        yield opened


@pytest.fixture
def visit(server: SoapServer) -> Visit:
    """One that is reserved, as a run would have read it."""
    bookings = server.store.bookings.values()
    booking = next(each for each in bookings if each["bookingLifeCycleStatus"] == "RESERVED")

    def instant(name: str) -> datetime:
        at = datetime.fromisoformat(booking[name])
        return at if at.tzinfo else at.replace(tzinfo=LONDON)

    return Visit(
        str(booking["bookingId"]), booking["primaryOrderNumber"],
        instant("planningWindowStart"), instant("planningWindowEnd"),
    )  # fmt: skip


def status(server: SoapServer, visit: Visit) -> str:
    return str(server.store.bookings[int(visit.booking_ref)]["bookingLifeCycleStatus"])


def test_a_reservation_becomes_planned_and_the_session_ends(
    server: SoapServer, client: SoapClient, visit: Visit, tmp_path: Path
) -> None:
    confirm(client, SECRETS, visit)
    assert status(server, visit) == "PLANNED"
    assert server.requests == ["openSession", "selectOrder", "confirmReservation", "closeSession"]
    assert not server.store.sessions
    again = DrsStore.from_file(tmp_path / drs.FILE, login="any", password="any")
    assert again.bookings[int(visit.booking_ref)]["bookingLifeCycleStatus"] == "PLANNED"


def test_what_is_planned_already_is_not_confirmed_again(server: SoapServer, client: SoapClient, visit: Visit) -> None:
    confirm(client, SECRETS, visit)
    with pytest.raises(ContractBroken, match="it is planned, not reserved"):
        confirm(client, SECRETS, visit)


def test_a_visit_that_was_moved_since_is_left_alone(server: SoapServer, client: SoapClient, visit: Visit) -> None:
    earlier = replace(visit, window_start_at=visit.window_start_at - timedelta(hours=1))
    with pytest.raises(ContractBroken, match="moved it since") as caught:
        confirm(client, SECRETS, earlier)
    assert "hub migrate --system drs" in str(caught.value)
    assert status(server, visit) == "RESERVED"
    assert not server.store.sessions


def test_a_booking_that_the_scheduler_does_not_have(client: SoapClient, visit: Visit) -> None:
    with pytest.raises(ContractBroken, match="does not have it"):
        confirm(client, SECRETS, replace(visit, booking_ref="999999"))


def test_a_wrong_password_changes_nothing(server: SoapServer, client: SoapClient, visit: Visit) -> None:
    with pytest.raises(SourceRefused):
        confirm(client, {**SECRETS, "password": "wrong"}, visit)
    assert status(server, visit) == "RESERVED"
