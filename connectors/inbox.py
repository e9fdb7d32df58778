"""The local folder that a feed's files arrive in, and its ledger of what was taken.

``<name>``           a complete file, ready for the format's connector
``<name>.part``      a file on its way; connectors of formats pass it over
``.earlier/``        what a name held before the sender replaced it
``.taken.jsonl``     one line for every file begun and taken; only ever appended to

Whatever moment the power fails in, the next fetch goes on from there: a file is renamed only when it is
whole and on disk, and a file that stands there without its line in the ledger is recognised by its bytes.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

from connectors.files import sha256_of
from ledger.errors import ConfigurationFault, Transient


@dataclass(frozen=True)
class Offer:
    """A file as its sender lists it; ``modified`` in whole seconds since 1970."""

    name: str
    size: int
    modified: int


@dataclass(frozen=True)
class Taken:
    """A file taken from a feed. ``same_as`` names the file that brought the same bytes before.

    ``bytes`` is its size; ``at`` an ISO instant.
    """

    name: str
    bytes: int
    modified: int
    sha256: str
    at: str
    same_as: str | None = None


class Inbox:
    """A feed's folder, locked while it is open. Raises Transient where another fetch holds it."""

    def __init__(self, folder: Path, system: str) -> None:
        self.folder, self.system = folder, system
        self._begun: dict[str, Offer] = {}
        self._offers: set[Offer] = set()
        self._names_by_content: dict[str, str] = {}
        """Sha-256 of every content taken, with the name that brought it first."""

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._ledger: IO[bytes] = (self.folder / ".taken.jsonl").open("a+b")
        try:
            fcntl.flock(self._ledger, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._recall()
        except BlockingIOError:
            self._ledger.close()
            raise Transient(
                f"Another fetch is using the inbox {self.folder}.",
                system=self.system,
                next_step="Wait for it to end and run again.",
            ) from None
        except BaseException:
            self._ledger.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.close()

    def knows(self, offer: Offer) -> bool:
        """True where a file of that name, size and time was taken already."""
        return offer in self._offers

    def begin(self, offer: Offer) -> Path:
        """The ``.part`` file to go on with: what an earlier try at the same offer left, or an empty one."""
        part = self.folder / f"{offer.name}.part"
        if self._begun.get(offer.name) != offer or (part.exists() and part.stat().st_size > offer.size):
            part.unlink(missing_ok=True)
            self._write({"event": "begun", **asdict(offer)})
            self._begun[offer.name] = offer
        part.touch(mode=0o600)
        return part

    def keep(self, offer: Offer, at: str) -> Taken:
        """The file's entry, once its whole ``.part`` stands in its place; an older version is set aside."""
        part, place = self.folder / f"{offer.name}.part", self.folder / offer.name
        content = sha256_of(part)
        first = self._names_by_content.get(content)
        # Two empty files are two messages that there is nothing, not one file sent twice.
        same_as = first if first and offer.size and first != offer.name else None
        if place.exists() and (same_as or sha256_of(place) != content):
            self._set_aside(place)
        if same_as:
            part.unlink()
        else:
            part.replace(place)
        _sync(self.folder)
        taken = Taken(offer.name, offer.size, offer.modified, content, at, same_as)
        self._write({"event": "taken", **asdict(taken)})
        self._remember(taken)
        return taken

    def _set_aside(self, place: Path) -> None:
        earlier = self.folder / ".earlier"
        earlier.mkdir(mode=0o700, exist_ok=True)
        place.replace(earlier / f"{place.name}.{sha256_of(place)[:12]}")
        _sync(earlier)

    def _remember(self, taken: Taken) -> None:
        self._offers.add(Offer(taken.name, taken.bytes, taken.modified))
        self._names_by_content.setdefault(taken.sha256, taken.name)
        self._begun.pop(taken.name, None)

    def _recall(self) -> None:
        self._ledger.seek(0)
        content = self._ledger.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):  # the power failed while the last line was written
            self._ledger.truncate(whole)
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                entry = json.loads(line)
                if entry.pop("event") == "begun":
                    self._begun[entry["name"]] = Offer(**entry)
                else:
                    self._remember(Taken(**entry))
            except (ValueError, TypeError, KeyError) as error:
                raise ConfigurationFault(
                    "The ledger of taken files is damaged.",
                    system=self.system,
                    place=f"{self.folder / '.taken.jsonl'}, line {number}",
                    next_step="Restore it from a backup, or remove the line: its file is then taken again.",
                ) from error

    def _write(self, entry: dict[str, Any]) -> None:
        self._ledger.write(json.dumps(entry).encode() + b"\n")
        self._ledger.flush()
        os.fsync(self._ledger.fileno())


def _sync(folder: Path) -> None:
    """Makes renames in the folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
