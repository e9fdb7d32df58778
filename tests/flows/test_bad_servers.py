"""SFTP servers and SOAP services that refuse, vanish or talk nonsense, as the ``hub`` command meets them."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from estate import world
from estate.servers.drs import DrsStore
from estate.servers.sftp import SftpServer
from estate.servers.soap import SoapServer
from estate.truth import Truth
from estate.writers import drs
from tests.flows.desk import CANARY, Desk, Shop
from tests.flows.support import written


def supply(folder: Path) -> None:
    """A gazetteer, complete with its trailer."""
    written("gazetteer", folder.parent, homes=100).rename(folder)


@dataclass(frozen=True)
class Feed:
    """An SFTP server of the gazetteer, and a desk whose settings lead to it."""

    server: SftpServer
    desk: Desk

    def set(self, *, password: str = "right", path: str = "", **changed: str) -> Desk:
        """The desk with these settings of the feed."""
        source = self.server.address.url.replace("hub@", "hub:${FEED_PASSWORD}@") + path
        lines = {"source": source, "host_key": self.server.address.host_key, **changed}
        settings = "\n".join(["[systems.gazetteer]", *(f'{name} = "{value}"' for name, value in lines.items()), ""])
        return replace(self.desk, settings=settings, environment={"FEED_PASSWORD": password})


@pytest.fixture
def feed(shop: Shop, tmp_path: Path) -> Iterator[Feed]:
    with (
        shop.desk(tmp_path / "desk", "gazetteer", supply) as desk,
        SftpServer(desk.folder / "source", user="hub", password="right") as server,
    ):
        yield Feed(server, desk)


def test_a_feed_is_fetched_and_the_same_files_again_are_not(feed: Feed) -> None:
    desk = feed.set()
    for _ in range(2):
        desk.migrates("gazetteer", "")
        assert not sum(line["loaded"] + line["ended"] for line in desk.books())
    assert feed.server.bytes_served < 2 * sum(path.stat().st_size for path in feed.server.root.iterdir())


def test_a_wrong_password_of_a_feed(feed: Feed) -> None:
    feed.set(password=CANARY).refuses("gazetteer", "", "does not accept the password", "in the environment")


def test_a_wrong_host_key(feed: Feed) -> None:
    other = "SHA256:" + "A" * 43
    feed.set(host_key=other).refuses("gazetteer", "", f"expected {other}, got SHA256:", "No password was sent")


def test_a_folder_that_the_feed_does_not_have(feed: Feed) -> None:
    feed.set(path="gone").refuses("gazetteer", "", "The server has no folder /gone", "hub.toml")


def test_a_feed_that_is_down(feed: Feed) -> None:
    desk = feed.set()
    feed.server.stop()
    desk.refuses("gazetteer", "", "No SFTP server answers at 127.0.0.1:", "run again")


def test_a_feed_that_is_cut_in_the_middle_is_gone_on_with(feed: Feed) -> None:
    desk = feed.set()
    feed.server.drop_after_bytes = 20_000
    desk.refuses("gazetteer", "", "The connection was lost", "the fetch goes on where it stopped")
    desk.migrates("gazetteer", "")


def test_names_that_lead_elsewhere_and_a_file_that_is_not_complete_are_told(feed: Feed) -> None:
    feed.server.extra_names = ("../etc/passwd.csv",)
    (feed.server.root / "supply-2027-01-01.csv").write_text("10,")
    told = feed.set().migrates("gazetteer", "").text
    assert "'supply-2027-01-01.csv', its trailer is not there" in told
    assert "../etc/passwd.csv" in told and "the name leads to another folder" in told


def test_no_room_in_the_inbox(feed: Feed) -> None:
    desk = feed.set()
    desk.type("status")
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, allowed[1]))
    try:
        answer = desk.type("migrate", "--system", "gazetteer")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert answer.code == 1
    assert "gazetteer stopped: gazetteer, file AddressBase" in answer.text
    assert "The inbox cannot be written (File too large). Next step: Make room" in answer.text
    desk.migrates("gazetteer", "")


def test_a_supply_whose_trailer_counts_wrong(feed: Feed) -> None:
    (file,) = feed.server.root.iterdir()
    lines = file.read_text("utf-8").splitlines()
    last = lines[-1].split(",")
    last[2] = "7"
    file.write_text("\n".join([*lines[:-1], ",".join(last), ""]), "utf-8")
    feed.set().refuses("gazetteer", "", file.name, "trailer states: the number of rows")


def serving(folder: Path) -> SoapServer:
    """The repairs scheduler of what stands in the folder."""
    return SoapServer(DrsStore.from_file(folder / drs.FILE, login="hub", password="right"))


def address(server: SoapServer, password: str = "right") -> str:
    return server.url.replace("//", f"//hub:{password}@")


def scheduler(folder: Path) -> str:
    """What the repairs scheduler knows; gives the address of a service that outlives the tests."""
    folder.mkdir()
    drs.write(world.build(100, seed=7), folder, Truth())
    server = serving(folder)
    server.url = server.start()
    return address(server)


@pytest.fixture
def service(shop: Shop, tmp_path: Path) -> Iterator[tuple[SoapServer, Desk]]:
    with shop.desk(tmp_path / "desk", "drs", scheduler) as desk, serving(desk.folder / "source") as server:
        yield server, desk


ANSWERS = {
    "html": "an HTML page in place of a SOAP message",
    "html 500": "HTTP 500 and an HTML page in place of a SOAP fault",
    "http 401": "does not let us in (HTTP 401)",
    "http 404": "There is no such service (HTTP 404)",
    "http 503": "not available (HTTP 503)",
    "server fault": "The service answered with the fault 'Server'",
    "client fault": "The service answered with the fault 'Client'",
    "login fault": "Correct the user and password in the environment",
    "bomb": "declares a document type",
    "external entity": "declares a document type",
    "not soap": "not a SOAP 1.1 message",
    "broken xml": "breaks off after 75 bytes",
    "empty": "not XML in place of a SOAP message (0 bytes)",
    "cut": "hung up",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_that_are_none(service: tuple[SoapServer, Desk], answer: str) -> None:
    """In the middle: the session is open and some records have come."""
    server, desk = service
    server.troubles.extend(["", "", answer, answer, answer, answer])
    desk.refuses("drs", address(server), "drs, operation selectBooking: ", ANSWERS[answer])


def test_a_wrong_password_of_a_service(service: tuple[SoapServer, Desk]) -> None:
    server, desk = service
    desk.refuses("drs", address(server, CANARY), "does not accept the user and password", "in the environment")


def test_a_service_that_is_down(service: tuple[SoapServer, Desk]) -> None:
    server, desk = service
    server.stop()
    desk.refuses("drs", address(server), "cannot be reached", "run again")
