"""A bulk export into a file: asked for, waited for, fetched on from where it broke off, and held against its hash."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx

from housing_hub_client.session import Session, refusal

Format = Literal["ndjson", "csv", "parquet"]
LOOK_SECONDS = 0.2
FETCHES = 5


def export(
    session: Session,
    resource: str,
    file: Path,
    form: Format = "ndjson",
    *,
    fields: Sequence[str] = (),
    filters: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The export's manifest, once the file is whole. Its ``changes_after`` is the cursor to follow the feed from.

    Raises Refused, and ValueError where what came has not the hash that the manifest tells.
    """
    asked: dict[str, Any] = {"resource": resource, "format": form}
    asked |= {"fields": list(fields)} if fields else {}
    asked |= {"filters": dict(filters)} if filters else {}
    made: dict[str, Any] = session.ask("POST", "/v1/exports", json=asked).json()
    while made["status"] == "waiting":
        time.sleep(LOOK_SECONDS)
        made = session.ask("GET", f"/v1/exports/{made['id']}").json()
    if made["status"] != "ready":
        raise ValueError(f"the export of {resource} is {made['status']}")
    [part] = made["parts"]
    _fetch(session, part, file)
    with file.open("rb") as written:
        if hashlib.file_digest(written, "sha256").hexdigest() != part["sha256"]:
            raise ValueError(f"what came of the export of {resource} is not what was made; ask for it again")
    return made


def _fetch(session: Session, part: Mapping[str, Any], file: Path) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    for attempt in range(1, FETCHES + 1):
        try:
            _fetch_on(session, part, file)
        except httpx.TransportError:
            if attempt == FETCHES:
                raise
        else:
            return


def _fetch_on(session: Session, part: Mapping[str, Any], file: Path) -> None:
    """Fetches what the file has not yet."""
    if (have := file.stat().st_size) >= part["bytes"]:
        return
    with session.stream(part["href"], {"Range": f"bytes={have}-"}) as answer, file.open("ab") as into:
        if answer.is_error:
            raise refusal(answer)
        for block in answer.iter_bytes():
            into.write(block)
