"""The scheduler's golden answers: a small store behind the made-up SOAP service, and the confirmations it sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.opening import Connection
from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from tests.mappings.test_golden import GOLDEN, expect, mapped

SECRETS = {"username": "hub", "password": "right"}


@pytest.fixture
def scheduler() -> Iterator[Connection]:
    """The service with what ``golden/drs`` says."""
    store = DrsStore.from_file(GOLDEN / "drs/drs.json", login="hub", password="right")
    with SoapServer(store) as server:
        inbox = GOLDEN / "drs/confirmations"
        yield Connection(server.url, inbox=inbox, secrets=SECRETS, today=date(2026, 9, 28))


def test_golden_answers_map_as_expected(scheduler: Connection, tmp_path: Path) -> None:
    expect("drs", mapped("drs", scheduler, tmp_path))
