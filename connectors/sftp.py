"""Files fetched from an SFTP server into an inbox: each once, only when complete, resumed after a drop."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import paramiko

from connectors.files import UNFINISHED
from connectors.inbox import Inbox, Offer, Taken
from connectors.ssh import CONNECTION_LOST, Server, connected, lost
from ledger.errors import ConfigurationFault, SourceRefused

BLOCK_BYTES = 255 * 1024
"""As much as OpenSSH gives in one answer."""
PREFIX_BYTES = 1 << 16
"""How much of what was fetched before is compared with the server's file before a fetch goes on."""


@dataclass(frozen=True)
class Feed(Server):
    """A folder on an SFTP server and how its sender marks a complete file.

    ``trailer`` is what the last ``trailer_bytes`` of a complete file begin with; 0 stands for the last line.
    """

    patterns: tuple[str, ...] = ("*",)
    settle_seconds: float = 2.0
    """A new file is taken when its size and time stay the same for so long."""
    done_suffix: str | None = None
    """A file is complete when one of its name and this suffix stands beside it, e.g. ``.done``."""
    trailer: bytes = b""
    trailer_bytes: int = 0

    @property
    def folder(self) -> str:
        """The remote folder; relative to the user's own one where the URL says ``/~/``."""
        path = unquote(urlsplit(self.url).path)
        return (path[3:] if path.startswith("/~/") else path).rstrip("/") or ("/" if path == "/" else ".")


@dataclass(frozen=True)
class Left:
    """A file that was not taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class FetchResult:
    """What a fetch did with every file of the folder that matches the feed's patterns."""

    taken: tuple[Taken, ...] = ()
    skipped: tuple[Left, ...] = ()
    """Taken before, or the same bytes under another name."""
    incomplete: tuple[Left, ...] = ()
    """Still being written: the next fetch looks again."""
    refused: tuple[Left, ...] = ()
    """A name that could leave the inbox, or a file that may not be read."""


def fetch(feed: Feed, *, inbox: Path, secrets: Mapping[str, str], at: datetime) -> FetchResult:
    """What was taken into ``inbox`` and what was not; safe to repeat at any time, also after a crash.

    ``secrets`` holds ``password``, or ``private_key`` (its text) and perhaps ``passphrase``; ``username``
    where the URL names none.
    Raises ConfigurationFault, SourceRefused (host key, login, folder), SourceUnavailable (down, dropped).
    """
    taken: list[Taken] = []
    skipped: list[Left] = []
    incomplete: list[Left] = []
    refused: list[Left] = []
    with Inbox(inbox, feed.system) as kept, connected(feed, secrets) as server:
        offers, names, refused = _offers(server, feed)
        skipped += [Left(offer.name, "taken before") for offer in offers if kept.knows(offer)]
        new = [offer for offer in offers if not kept.knows(offer)]
        if new and feed.settle_seconds:
            time.sleep(feed.settle_seconds)
        still = set(_offers(server, feed)[0]) if new else set()
        for offer in new:
            if offer not in still:
                incomplete.append(Left(offer.name, "it is still growing"))
            elif feed.done_suffix and offer.name + feed.done_suffix not in names:
                incomplete.append(Left(offer.name, f"its {feed.done_suffix} file is not there"))
            elif reason := _download(server, feed, offer, kept):
                (refused if reason == NOT_READABLE else incomplete).append(Left(offer.name, reason))
            else:
                entry = kept.keep(offer, at.isoformat())
                if entry.same_as:
                    skipped.append(Left(offer.name, f"the same content as {entry.same_as}"))
                else:
                    taken.append(entry)
    return FetchResult(tuple(taken), tuple(skipped), tuple(incomplete), tuple(refused))


NOT_READABLE = "the server does not let us read it"


def _offers(server: paramiko.SFTPClient, feed: Feed) -> tuple[list[Offer], set[str], list[Left]]:
    """Files that match and may be taken, all names of the folder, and those refused."""
    try:
        listing = server.listdir_attr(feed.folder)
    except FileNotFoundError:
        raise ConfigurationFault(
            f"The server has no folder {feed.folder}.",
            system=feed.system,
            next_step="Correct the path of the feed's URL in hub.toml.",
        ) from None
    except PermissionError:
        raise SourceRefused(
            f"The server does not let this user read the folder {feed.folder}.",
            system=feed.system,
            next_step="Ask the sender to give the feed's user the right to read it.",
        ) from None
    except CONNECTION_LOST as error:
        raise lost(feed, "while the folder was listed", error) from error
    offers, refused = [], []
    for entry in sorted(listing, key=lambda entry: entry.filename):
        name = entry.filename
        if reason := _unsafe(name):
            refused.append(Left(ascii(name), reason))
        elif stat.S_ISREG(entry.st_mode or 0) and _wanted(name, feed):
            offers.append(Offer(name, entry.st_size or 0, entry.st_mtime or 0))
    return offers, {entry.filename for entry in listing}, refused


def _unsafe(name: str) -> str | None:
    """Why a name must not become a local file's name; None where it may."""
    if not name or name in {".", ".."} or "/" in name or "\\" in name:
        return "the name leads to another folder"
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]", name):
        return "the name holds control characters"
    if re.match(r"[A-Za-z]:", name):
        return "the name begins with a drive letter"
    if len(name.encode()) > 200:
        return "the name is too long"
    return None


def _wanted(name: str, feed: Feed) -> bool:
    lower = name.casefold()
    return (
        any(fnmatch(lower, pattern.casefold()) for pattern in feed.patterns)
        and not lower.startswith(".")
        and not lower.endswith(UNFINISHED)
        and not (feed.done_suffix and lower.endswith(feed.done_suffix.casefold()))
    )


def _download(server: paramiko.SFTPClient, feed: Feed, offer: Offer, inbox: Inbox) -> str | None:
    """None when the file's ``.part`` holds all of it, on disk; else why the file was not taken."""
    path = f"{feed.folder.rstrip('/')}/{offer.name}"
    try:
        with server.open(path, "rb") as remote:
            if not _has_trailer(remote, feed, offer):
                return "its trailer is not there"
            part = inbox.begin(offer)
            with part.open("r+b") as local:
                start = _resume_at(remote, local)
                local.truncate(start)
                local.seek(start)
                for block in _blocks(remote, start):
                    try:
                        local.write(block)
                    except OSError as error:
                        raise _disk_full(feed, offer, error) from error
                local.flush()
                os.fsync(local.fileno())
                fetched = local.tell()
        after = server.stat(path)
    except FileNotFoundError:
        return "it went away while it was fetched"
    except PermissionError:
        return NOT_READABLE
    except CONNECTION_LOST as error:
        raise lost(feed, f"file {offer.name}", error) from error
    if (after.st_size, after.st_mtime, fetched) != (offer.size, offer.modified, offer.size):
        return "it changed while it was fetched"
    return None


def _has_trailer(remote: paramiko.SFTPFile, feed: Feed, offer: Offer) -> bool:
    if not feed.trailer:
        return True
    remote.seek(max(0, offer.size - (feed.trailer_bytes or 4096)))
    end = remote.read(feed.trailer_bytes or 4096)
    last = end if feed.trailer_bytes else (end.splitlines() or [b""])[-1]
    return last.startswith(feed.trailer)


def _resume_at(remote: paramiko.SFTPFile, local: IO[bytes]) -> int:
    """How many bytes of the local part hold: all of them if its end is the server's too, else none."""
    have = local.seek(0, os.SEEK_END)
    begin = max(0, have - PREFIX_BYTES)
    local.seek(begin)
    remote.seek(begin)
    return have if local.read() == remote.read(have - begin) else 0


def _blocks(remote: paramiko.SFTPFile, start: int) -> Iterator[bytes]:
    # Large requests rather than paramiko's prefetch, whose thread dies with a stack trace at every drop.
    remote.MAX_REQUEST_SIZE = BLOCK_BYTES
    remote.seek(start)
    while block := remote.read(BLOCK_BYTES):
        yield block


def _disk_full(feed: Feed, offer: Offer, error: OSError) -> ConfigurationFault:
    return ConfigurationFault(
        f"The inbox cannot be written ({error.strerror}).",
        system=feed.system,
        place=f"file {offer.name}",
        next_step="Make room on the disk, or move the hub's data folder in hub.toml.",
    )
