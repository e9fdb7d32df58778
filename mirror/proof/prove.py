"""The proof of a build: that nothing of the source is in the mirror, and that everything else is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from mirror import catalogue
from mirror.key import MaskKey
from mirror.plan import Plan
from mirror.proof import identifiers, integrity, k, leaks, own_records, storage, utility
from mirror.proof.identifiers import Masks
from mirror.proof.integrity import Integrity
from mirror.proof.k import Group
from mirror.proof.leaks import Scan, Search
from mirror.proof.rows import Connection
from mirror.proof.utility import Utility

NOT_SCANNED = "not scanned: the cluster is not on this machine"
MOST_TOLD = 20


class Masker(Masks, Protocol):
    """What made the masks, with its key."""

    @property
    def key(self) -> MaskKey:
        """The mask key."""
        ...


@dataclass(frozen=True)
class Built:
    """What stands to be proven. ``copied`` are the rows that each table got, ``whole``: all that the source has.

    ``folders`` are the cluster's own (data, logs); None where it is not on this machine.
    """

    build: str
    profile: str
    copied: Mapping[str, int]
    whole: bool = True
    folders: tuple[Path, ...] | None = None


@dataclass(frozen=True)
class Proof:
    """What a proof came to: ``faults`` name what failed; ``is_complete``: files and WAL were looked at too; ``told`` is
    the whole account."""

    faults: tuple[str, ...]
    is_complete: bool
    told: dict[str, Any]


@dataclass(frozen=True)
class Sides:
    """Connections to a source, in the snapshot that a mirror was built from, and to that mirror, as a superuser of its
    cluster where the files are to be looked at."""

    source: Connection
    mirror: Connection


def prove(sides: Sides, others: Sides, masks: Masker, plan: Plan, built: Built) -> Proof:
    """The proof of a mirror beside its source. ``others`` are more connections to the same: the servers compare over
    them while originals are looked for here."""
    began = perf_counter()
    secret = masks.key.sub("fingerprints")
    with ThreadPoolExecutor(1, "proof") as beside:
        comparison = beside.submit(_compared, others, plan, built, masks.key.reference_day)
        sought = identifiers.gather(sides.source, plan, masks)
        search = Search.of(sought, lambda key: hmac.digest(secret, key.to_bytes(8, "big"), "sha256").hex()[:12])
        in_values = leaks.values(sides.mirror, search)
        own = own_records.unmasked(sides.source, sides.mirror, plan, masks)
        whole, groups, useful = comparison.result()
    in_files, unread = _files(sides.mirror, search, built)
    faults = (
        *_leaked(in_values),
        *(_leaked(in_files) if in_files else ()),
        *(f"{column} is stored compressed, so its files cannot be read" for column in unread),
        *(f"{column} still has its own original in {times:,} rows" for column, times in own.items()),
        *whole.faults,
        *k.faults(groups, built.profile),
        *useful.faults,
    )
    told = {
        "build": built.build,
        "profile": built.profile,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan": plan.fingerprint,
        "schema": _schema(sides.mirror),
        "faults": list(faults),
        "is_complete": in_files is not None,
        "identifiers": {"sought": sought.found, "coincidences": sought.coincidences},
        "leaks": {
            "values": _told(in_values),
            "files": _told(in_files) if in_files else NOT_SCANNED,
            "own records": own,
        },
        "rows": dict(built.copied),
        "integrity": asdict(whole) | {"faults": list(whole.faults)},
        "k": [asdict(group) | {"columns": list(group.columns)} for group in groups],
        "utility": {figure.name: round(figure.distance, 6) for figure in useful.figures},
        "seconds": round(perf_counter() - began, 2),
    }
    return Proof(faults, in_files is not None, told)


def _compared(sides: Sides, plan: Plan, built: Built, day: date) -> tuple[Integrity, tuple[Group, ...], Utility]:
    """What the servers tell of both sides."""
    whole = integrity.compare(sides.source, sides.mirror, plan, built.copied, whole=built.whole)
    groups = k.report(sides.mirror)
    useful = utility.compare(sides.source, sides.mirror, built.profile, day) if built.whole else Utility((), ())
    return whole, groups, useful


def _files(mirror: Connection, search: Search, built: Built) -> tuple[Scan | None, list[str]]:
    """What is in the cluster's files once all is written to them; None where they are not here."""
    if built.folders is None:
        return None, []
    mirror.execute("CHECKPOINT")
    return leaks.files(built.folders, search), storage.compressed(mirror)


def _leaked(scan: Scan) -> list[str]:
    told = [f"{leak.times:,} originals ({leak.kind}) in {leak.place}" for leak in scan.leaks]
    return told[:MOST_TOLD] + ([f"and in {len(told) - MOST_TOLD} more places"] if len(told) > MOST_TOLD else [])


def _told(scan: Scan) -> dict[str, Any]:
    return {
        "places": scan.places,
        "bytes": scan.bytes,
        "leaks": [asdict(leak) | {"prints": list(leak.prints)} for leak in scan.leaks],
    }


def _schema(mirror: Connection) -> str:
    """SHA-256 of the mirror's columns, types and objects."""
    stands = catalogue.read(mirror)
    lines = sorted(map(str, [*stands.columns.items(), *stands.objects]))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
