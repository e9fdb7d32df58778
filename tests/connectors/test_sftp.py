"""Feeds over SFTP, against a real OpenSSH server and against the made-up council's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import paramiko
import pytest

from connectors.inbox import Inbox, Offer
from connectors.sftp import Feed, FetchResult, fetch
from estate.servers.sftp import SftpServer
from ledger.errors import (
    ConfigurationFault,
    SourceRefused,
    SourceUnavailable,
    Transient,
)
from tests.connectors.conftest import OpenSsh

AT = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
SECRETS = {"password": "right"}
BIG = bytes(range(256)) * 12_000  # 3 MB


@pytest.fixture
def outgoing(tmp_path: Path) -> Path:
    """The sender's folder."""
    folder = tmp_path / "outgoing"
    folder.mkdir()
    return folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def server(outgoing: Path) -> Iterator[SftpServer]:
    with SftpServer(outgoing, user="hub", password="right") as running:
        yield running


@pytest.fixture
def feed(server: SftpServer) -> Feed:
    return Feed("rents", server.address.url, server.address.host_key, settle_seconds=0)


def take(feed: Feed, inbox: Path) -> FetchResult:
    return fetch(feed, inbox=inbox, secrets=SECRETS, at=AT)


def names(result: FetchResult) -> list[str]:
    return [entry.name for entry in result.taken]


class TestTaking:
    def test_a_file_arrives_whole_with_its_hash_in_a_private_folder(
        self, outgoing: Path, inbox: Path, feed: Feed
    ) -> None:
        (outgoing / "RENT.2026").write_bytes(BIG)
        (entry,) = take(feed, inbox).taken
        assert (entry.name, entry.bytes, entry.sha256) == ("RENT.2026", len(BIG), sha256(BIG).hexdigest())
        assert (inbox / "RENT.2026").read_bytes() == BIG
        assert inbox.stat().st_mode & 0o777 == 0o700
        assert (inbox / "RENT.2026").stat().st_mode & 0o077 == 0
        assert not list(inbox.glob("*.part"))

    def test_an_empty_folder_and_empty_files(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        assert take(feed, inbox) == FetchResult()
        (outgoing / "A").touch()
        (outgoing / "B").touch()
        assert names(take(feed, inbox)) == ["A", "B"]

    def test_a_file_is_taken_once(self, outgoing: Path, inbox: Path, feed: Feed, server: SftpServer) -> None:
        (outgoing / "A").write_bytes(b"one")
        take(feed, inbox)
        (inbox / "A").unlink()  # the hub purged it: what was taken stays known
        served = server.bytes_served
        result = take(feed, inbox)
        assert not result.taken and [left.reason for left in result.skipped] == ["taken before"]
        assert server.bytes_served == served

    def test_the_same_content_under_another_name_is_not_taken_twice(
        self, outgoing: Path, inbox: Path, feed: Feed
    ) -> None:
        (outgoing / "A").write_bytes(b"one")
        take(feed, inbox)
        (outgoing / "A-again").write_bytes(b"one")
        result = take(feed, inbox)
        assert not result.taken and result.skipped[-1].reason == "the same content as A"
        assert not (inbox / "A-again").exists() and not (inbox / "A-again.part").exists()
        assert [left.reason for left in take(feed, inbox).skipped] == ["taken before"] * 2

    def test_new_content_under_a_known_name_is_a_new_version_and_the_old_one_stays(
        self, outgoing: Path, inbox: Path, feed: Feed
    ) -> None:
        for content in (b"first", b"second!", b"first"):
            (outgoing / "A").write_bytes(content)
            os.utime(outgoing / "A", (len(list(inbox.rglob("*"))),) * 2)
            assert names(take(feed, inbox)) == ["A"]
            assert (inbox / "A").read_bytes() == content
        earlier = {path.read_bytes() for path in (inbox / ".earlier").iterdir()}
        assert earlier == {b"first", b"second!"}

    def test_only_what_the_patterns_name(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        for name in ("RENT.1", "rent.2", "notes.txt", ".hidden"):
            (outgoing / name).write_text(name)
        (outgoing / "RENT.folder").mkdir()
        (outgoing / "RENT.link").symlink_to(outgoing / "notes.txt")
        assert names(take(replace(feed, patterns=("RENT.*",)), inbox)) == ["RENT.1", "rent.2"]


class TestComplete:
    def test_names_of_files_being_written_are_passed_over(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        for name in ("A", "B.part", "C.tmp", "D.filepart", "E.PART"):
            (outgoing / name).write_text(name)
        assert names(take(feed, inbox)) == ["A"]

    def test_a_growing_file_waits(
        self, outgoing: Path, inbox: Path, feed: Feed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (outgoing / "A").write_bytes(b"begun")
        (outgoing / "B").write_bytes(b"whole")

        def write_on(seconds: float) -> None:
            assert seconds == 2
            with (outgoing / "A").open("ab") as file:
                file.write(b" and on")

        monkeypatch.setattr("connectors.sftp.time", SimpleNamespace(sleep=write_on))
        result = take(replace(feed, settle_seconds=2), inbox)
        assert names(result) == ["B"]
        assert [(left.name, left.reason) for left in result.incomplete] == [("A", "it is still growing")]
        monkeypatch.undo()
        assert names(take(feed, inbox)) == ["A"]
        assert (inbox / "A").read_bytes() == b"begun and on"

    def test_a_done_file_is_waited_for(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        waiting = replace(feed, done_suffix=".done")
        (outgoing / "A").write_bytes(b"one")
        assert take(waiting, inbox).incomplete[0].reason == "its .done file is not there"
        (outgoing / "A.done").touch()
        assert names(take(waiting, inbox)) == ["A"]

    def test_a_trailer_is_waited_for(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        fixed = replace(feed, trailer=b"\xe3", trailer_bytes=4)
        lines = replace(feed, trailer=b"TRAILER")
        (outgoing / "A").write_bytes(b"D123D123")
        assert take(fixed, inbox).incomplete[0].reason == "its trailer is not there"
        (outgoing / "A").write_bytes(b"D123D123\xe3002")
        assert names(take(fixed, inbox)) == ["A"]
        (outgoing / "B").write_bytes(b"row\nrow\nTRAILER,2\n")
        assert names(take(lines, inbox)) == ["B"]


class TestNames:
    def test_a_name_that_leads_elsewhere_is_refused_and_the_others_are_taken(
        self, outgoing: Path, inbox: Path, feed: Feed, server: SftpServer
    ) -> None:
        bad = ("../../etc/x", "a/b", "a\\b", "C:boot.ini", "line\nend", "bell\x07", "", "n" * 300)
        server.extra_names = bad
        (outgoing / "A").write_bytes(b"one")
        result = take(feed, inbox)
        assert names(result) == ["A"]
        assert {left.name for left in result.refused} == {ascii(name) for name in bad}
        assert {path.name for path in inbox.iterdir()} == {"A", ".taken.jsonl"}
        assert {path.name for path in inbox.parent.iterdir()} == {"inbox", "outgoing"}


class TestDrops:
    def test_a_fetch_goes_on_where_the_connection_was_cut(
        self, outgoing: Path, inbox: Path, feed: Feed, server: SftpServer
    ) -> None:
        (outgoing / "A").write_bytes(BIG)
        server.drop_after_bytes = 2_000_000
        with pytest.raises(SourceUnavailable, match="file A") as caught:
            take(feed, inbox)
        assert caught.value.system == "rents" and "Run again" in caught.value.next_step
        have = (inbox / "A.part").stat().st_size
        assert 0 < have < len(BIG) and not (inbox / "A").exists()
        served = server.bytes_served
        assert names(take(feed, inbox)) == ["A"]
        assert (inbox / "A").read_bytes() == BIG
        assert server.bytes_served - served <= len(BIG) - have + 65_536 + 255 * 1024

    def test_a_part_of_another_version_is_not_gone_on_with(
        self, outgoing: Path, inbox: Path, feed: Feed, server: SftpServer
    ) -> None:
        (outgoing / "A").write_bytes(BIG)
        server.drop_after_bytes = 2_000_000
        with pytest.raises(SourceUnavailable):
            take(feed, inbox)
        (outgoing / "A").write_bytes(BIG[::-1])
        os.utime(outgoing / "A", (1_000_000, 1_000_000))
        take(feed, inbox)
        assert (inbox / "A").read_bytes() == BIG[::-1]

    def test_a_part_whose_end_is_not_the_servers_begins_again(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        (outgoing / "A").write_bytes(BIG)
        modified = int((outgoing / "A").stat().st_mtime)
        with Inbox(inbox, "rents") as kept:
            kept.begin(Offer("A", len(BIG), modified)).write_bytes(b"damaged by a failing disk")
        take(feed, inbox)
        assert (inbox / "A").read_bytes() == BIG

    def test_a_fetch_killed_in_the_middle_loses_and_doubles_nothing(
        self, outgoing: Path, inbox: Path, feed: Feed, server: SftpServer
    ) -> None:
        (outgoing / "A").write_bytes(BIG)
        server.seconds_per_read = 0.02
        program = (
            "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
            "from connectors.sftp import Feed, fetch\n"
            f"fetch(Feed('rents', {feed.url!r}, {feed.host_key!r}, settle_seconds=0),"
            f" inbox=Path({str(inbox)!r}), secrets={SECRETS!r}, at=datetime.now(UTC))"
        )
        fetching = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
        part = inbox / "A.part"
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
        fetching.send_signal(signal.SIGKILL)
        fetching.wait()
        assert part.exists() and not (inbox / "A").exists()
        server.seconds_per_read = 0
        assert names(take(feed, inbox)) == ["A"]
        assert (inbox / "A").read_bytes() == BIG

    def test_a_crash_between_rename_and_ledger_is_healed(self, outgoing: Path, inbox: Path, feed: Feed) -> None:
        (outgoing / "A").write_bytes(b"one")
        take(feed, inbox)
        ledger = inbox / ".taken.jsonl"
        begun, _taken = ledger.read_bytes().splitlines(keepends=True)
        ledger.write_bytes(begun + b'{"event": "tak')  # the power failed in the middle of the last line
        assert names(take(feed, inbox)) == ["A"]
        assert names(take(feed, inbox)) == []
        assert {path.name for path in inbox.iterdir()} == {"A", ".taken.jsonl"}

    def test_a_damaged_ledger_is_named(self, inbox: Path, feed: Feed) -> None:
        inbox.mkdir()
        (inbox / ".taken.jsonl").write_text("not json\n")
        with pytest.raises(ConfigurationFault, match=r"taken\.jsonl, line 1"):
            take(feed, inbox)

    def test_two_fetches_do_not_share_an_inbox(self, inbox: Path, feed: Feed) -> None:
        with Inbox(inbox, "rents"), pytest.raises(Transient, match="Another fetch"):
            take(feed, inbox)


class TestTrouble:
    def test_a_wrong_password(self, inbox: Path, feed: Feed) -> None:
        with pytest.raises(SourceRefused, match="password") as caught:
            fetch(feed, inbox=inbox, secrets={"password": "wr0ng-secret"}, at=AT)
        assert "wr0ng-secret" not in str(caught.value)

    def test_a_wrong_host_key_says_both_and_what_to_do(self, inbox: Path, feed: Feed, server: SftpServer) -> None:
        other = paramiko.ECDSAKey.generate()
        with pytest.raises(SourceRefused) as caught:
            take(replace(feed, host_key=other.fingerprint), inbox)
        text = str(caught.value)
        assert other.fingerprint in text and server.host_key.fingerprint in text and "hub.toml" in text

    @pytest.mark.parametrize("key", ["", "ssh-ed25519 no-key", "nonsense"])
    def test_an_unreadable_pin(self, inbox: Path, feed: Feed, key: str) -> None:
        with pytest.raises(ConfigurationFault, match="host key"):
            take(replace(feed, host_key=key), inbox)

    def test_a_host_that_is_down(self, inbox: Path, feed: Feed) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(SourceUnavailable, match=str(port)):
            take(replace(feed, url=f"sftp://hub@127.0.0.1:{port}/"), inbox)

    def test_a_host_that_says_nothing(self, inbox: Path, feed: Feed) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"sftp://hub@127.0.0.1:{silent.getsockname()[1]}/"
            with pytest.raises(SourceUnavailable):
                take(replace(feed, url=url, timeout_seconds=0.3), inbox)

    def test_a_missing_folder(self, inbox: Path, feed: Feed) -> None:
        with pytest.raises(ConfigurationFault, match="no folder /nowhere"):
            take(replace(feed, url=feed.url + "nowhere"), inbox)

    @pytest.mark.parametrize("url", ["sftp://hub:secret@host/", "ftp://hub@host/", "sftp://host/"])
    def test_a_url_that_will_not_do(self, inbox: Path, feed: Feed, url: str) -> None:
        with pytest.raises(ConfigurationFault) as caught:
            take(replace(feed, url=url), inbox)
        assert "secret" not in caught.value.fault

    def test_no_secret_at_all(self, inbox: Path, feed: Feed) -> None:
        with pytest.raises(ConfigurationFault, match="environment"):
            fetch(feed, inbox=inbox, secrets={}, at=AT)


class TestOpenSsh:
    @pytest.fixture
    def real(self, openssh: OpenSsh, outgoing: Path) -> Feed:
        return Feed("payments", openssh.url + str(outgoing), openssh.host_key, settle_seconds=0)

    @pytest.fixture
    def key(self, openssh: OpenSsh) -> dict[str, str]:
        return {"private_key": openssh.private_key}

    def test_files_are_taken_once(self, real: Feed, key: dict[str, str], outgoing: Path, inbox: Path) -> None:
        (outgoing / "MT940.sta").write_bytes(BIG)
        (outgoing / "half.part").write_bytes(b"x")
        (outgoing / "two\nlines").write_bytes(b"x")
        first = fetch(real, inbox=inbox, secrets=key, at=AT)
        assert names(first) == ["MT940.sta"] and (inbox / "MT940.sta").read_bytes() == BIG
        assert [left.name for left in first.refused] == [r"'two\nlines'"]
        assert not fetch(real, inbox=inbox, secrets=key, at=AT).taken

    def test_a_left_part_is_gone_on_with(self, real: Feed, key: dict[str, str], outgoing: Path, inbox: Path) -> None:
        (outgoing / "A").write_bytes(BIG)
        offer = Offer("A", len(BIG), int((outgoing / "A").stat().st_mtime))
        with Inbox(inbox, "payments") as kept:
            kept.begin(offer).write_bytes(BIG[:1_000_001])
        assert names(fetch(real, inbox=inbox, secrets=key, at=AT)) == ["A"]
        assert (inbox / "A").read_bytes() == BIG

    def test_the_pinned_key_may_be_one_of_several(
        self, real: Feed, key: dict[str, str], openssh: OpenSsh, inbox: Path
    ) -> None:
        rsa = replace(real, host_key=f"ssh-rsa {openssh.rsa_fingerprint}")
        assert fetch(rsa, inbox=inbox, secrets=key, at=AT) == FetchResult()

    def test_a_wrong_host_key_is_refused(self, real: Feed, key: dict[str, str], inbox: Path) -> None:
        with pytest.raises(SourceRefused, match="expected SHA256:AAAA"):
            fetch(replace(real, host_key="SHA256:AAAA"), inbox=inbox, secrets=key, at=AT)

    def test_a_key_that_the_server_does_not_know(self, real: Feed, inbox: Path, tmp_path: Path) -> None:
        paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / "stranger"))
        stranger = {"private_key": (tmp_path / "stranger").read_text()}
        with pytest.raises(SourceRefused, match="private key"):
            fetch(real, inbox=inbox, secrets=stranger, at=AT)
        with pytest.raises(SourceRefused, match="password"):
            fetch(real, inbox=inbox, secrets=SECRETS, at=AT)

    def test_a_private_key_that_is_none(self, real: Feed, inbox: Path) -> None:
        with pytest.raises(ConfigurationFault, match="private key cannot be read"):
            fetch(real, inbox=inbox, secrets={"private_key": "not a key"}, at=AT)


class TestEstateServer:
    def test_it_is_read_only_and_nothing_outside_its_root_is_seen(self, outgoing: Path, server: SftpServer) -> None:
        (outgoing.parent / "outside").write_text("secret")
        (outgoing / "link").symlink_to(outgoing.parent / "outside")
        (outgoing / "A").write_text("one")
        transport = paramiko.Transport((server.address.host, server.address.port))
        transport.connect(username="hub", password="right")
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        for path in ("../outside", "/../outside", "link"):
            with pytest.raises(OSError):
                client.open(path).read()
        with pytest.raises(PermissionError):
            client.open("A", "w")
        for change in (client.remove, client.mkdir):
            with pytest.raises(OSError):
                change("A")
        transport.close()

    def test_its_key_may_stay_from_start_to_start(self, outgoing: Path, tmp_path: Path) -> None:
        keys = {
            SftpServer(outgoing, user="u", password="p", key_file=tmp_path / "key").host_key.fingerprint
            for _ in range(2)
        }
        assert len(keys) == 1
        assert (tmp_path / "key").stat().st_mode & 0o077 == 0
