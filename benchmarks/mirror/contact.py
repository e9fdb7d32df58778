"""What leaves with every sender on: of a mirror nothing, and of a hub, as the control, something of each sender.

In a network of its own, whose way out is a wire that nobody answers at and that counts packets by where they go.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.figures import keep
from canonical_model import schema
from services.databases import create_database
from services.postgres import Postgres
from tests.mirror.senders import SECONDS, Sent, over
from tests.mirror.wire import unable

REFUSED = "a mirror sends nothing"


def measure() -> None:
    """Runs both; skips, and says why, where no network of its own can be made."""
    if why := unable():
        print(f"contact: not measured, {why}")
        return
    with tempfile.TemporaryDirectory(prefix="hub-contact-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Postgres(folder / "postgres") as server:
            schema.migrate(create_database(server, "empty_hub"))
            mirror, hub = (_sent(server, folder, is_mirror=is_mirror) for is_mirror in (True, False))
    told = f"{len(mirror)} senders on for {SECONDS:.0f} s, in a network namespace whose one way out is read"
    keep("mirror, packets that leave", sum(left for left, _ in mirror.values()), "packets", "0",
         not any(left for left, _ in mirror.values()), told,
         "the same senders over a hub", sum(left for left, _ in hub.values()))  # fmt: skip
    silent = sum(not left for left, _ in hub.values())
    keep("mirror, senders of a hub that send in that network", len(hub) - silent, "senders", f"all {len(hub)}",
         not silent, told)  # fmt: skip
    named = sum(REFUSED in str(said) for _, said in mirror.values())
    keep("mirror, senders refused by name", named, "senders", f"all {len(mirror)}", named == len(mirror), told)


def _sent(server: str, folder: Path, *, is_mirror: bool) -> Sent:
    own = folder / ("mirror" if is_mirror else "hub")
    own.mkdir()
    found = over(server, "empty_hub", own, is_mirror=is_mirror)
    for sender, (left, said) in found.items():
        print(f"  {'mirror' if is_mirror else 'hub':<7} {sender:<27} {left:>4} packets  {said or ''}")
    return found
