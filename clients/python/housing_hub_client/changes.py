"""The change feed: what was created, changed, ended, deleted, merged and split, resumable from where one had come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypedDict

from housing_hub_client.session import Session

LARGEST_PAGE = 500


class Change(TypedDict, total=False):
    """``new_id`` is that of a merge or split; ``record`` comes where it is asked for, None where none stands now."""

    kind: Literal["created", "changed", "ended", "deleted", "merged", "split"]
    entity: str
    id: str
    link: str
    at: str
    run_id: int | None
    new_id: str
    new_link: str
    record: dict[str, Any] | None


class Changes:
    """An iterator over the feed. Keep ``cursor`` once a change is dealt with: whoever resumes there loses nothing.

    The cursor moves when a page is dealt with, so after a fall some changes come a second time, none is left out.
    ``after`` is a cursor, ``"now"``, or None for all that is kept. With ``follow`` it goes on for ever.
    """

    def __init__(
        self,
        session: Session,
        after: str | None = None,
        *,
        entities: Sequence[str] = (),
        records: bool = False,
        follow: bool = False,
        wait_seconds: float = 2.0,
    ) -> None:
        self.cursor = after
        self._session, self._follow, self._wait_seconds = session, follow, wait_seconds
        self._asked = {"limit": str(LARGEST_PAGE)}
        if entities:
            self._asked["entity"] = ",".join(entities)
        if records:
            self._asked["include"] = "record"

    def __iter__(self) -> Iterator[Change]:
        """Raises Refused 410 where the cursor is older than what is kept: take an export, go on from its cursor."""
        while True:
            after = {} if self.cursor is None else {"after": self.cursor}
            told = self._session.get("/v1/changes", {**self._asked, **after})
            yield from told["data"]
            self.cursor = told["next"]
            if not told["more"]:
                if not self._follow:
                    return
                time.sleep(self._wait_seconds)
