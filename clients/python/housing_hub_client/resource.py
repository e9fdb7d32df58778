"""One resource: a record by its id, pages, all that there is, and where a field comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from housing_hub_client.session import Session

T = TypeVar("T")
LARGEST_PAGE = 500


@dataclass(frozen=True)
class Page(Generic[T]):
    """Records, and the cursor of those after them; None where there are none."""

    records: Sequence[T]
    next: str | None


class Resource(Generic[T]):
    """The records of one kind. ``path`` is the resource's name in the address."""

    def __init__(self, session: Session, path: str) -> None:
        self._session, self.path = session, path

    def get(
        self, identity: str, *, fields: Sequence[str] = (), include: Sequence[str] = (), at: datetime | None = None
    ) -> T:
        """A record by its id, as it is or as it was at an instant; an old id gives the record it leads to.

        Raises Refused: 404 where there is none, 410 where it has ended.
        """
        asked = _asked({}, fields, include, at)
        return cast(T, self._session.get(f"/v1/{self.path}/{quote(identity, safe='')}", asked))

    def page(
        self,
        filters: Mapping[str, Any] | None = None,
        *,
        fields: Sequence[str] = (),
        include: Sequence[str] = (),
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        at: datetime | None = None,
    ) -> Page[T]:
        """A page of those that the filters let through, such as ``{"surname": "Marsh", "birth_date[gte]": day}``."""
        asked = _asked(filters or {}, fields, include, at)
        for name, value in (("sort", sort), ("limit", limit), ("cursor", cursor)):
            if value is not None:
                asked[name] = str(value)
        told = self._session.get(f"/v1/{self.path}", asked)
        return Page(told["data"], told["next"])

    def all(
        self,
        filters: Mapping[str, Any] | None = None,
        *,
        fields: Sequence[str] = (),
        include: Sequence[str] = (),
        sort: str | None = None,
        at: datetime | None = None,
    ) -> Iterator[T]:
        """All of them, page by page as they are taken."""
        cursor: str | None = None
        while True:
            page = self.page(
                filters, fields=fields, include=include, sort=sort, limit=LARGEST_PAGE, cursor=cursor, at=at
            )
            yield from page.records
            if (cursor := page.next) is None:
                return

    def lineage(self, identity: str, field: str | None = None) -> Any:
        """Where a record's fields come from: system, table, column and rule."""
        asked = {"field": field} if field else {}
        return self._session.get(f"/v1/{self.path}/{quote(identity, safe='')}/lineage", asked)

    def search(self, words: str, *, limit: int | None = None) -> Sequence[T]:
        """The records most like the words. Sent as a body, so that no name stands in an address. People and places."""
        body = {"q": words, **({"limit": limit} if limit is not None else {})}
        return cast(Sequence[T], self._session.ask("POST", f"/v1/{self.path}/search", json=body).json()["data"])


def _asked(
    filters: Mapping[str, Any], fields: Sequence[str], include: Sequence[str], at: datetime | None
) -> dict[str, str]:
    asked = {name: _text(value) for name, value in filters.items()}
    for name, names in (("fields", fields), ("include", include)):
        if names:
            asked[name] = ",".join(names)
    return asked if at is None else {**asked, "at": at.isoformat()}


def _text(value: Any) -> str:
    """A value as a parameter has it; several for ``[in]`` with commas between."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(_text(one) for one in value)
    return str(value)
