"""A query string as a question: which fields, what comes along, filters, sort, page size, cursor, instant.

Everything is checked against what the caller sees: a name that is hidden is refused with the scope it needs, one that
is not there is named, and a value that does not fit is told by its parameter alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from api.problems import Problem
from api.scopes import Sight, shown
from canonical_model.reads import Filter, Included, Order
from canonical_model.resources import Field, Resource

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 500
MOST_PARAMETERS, MOST_INCLUDES, MOST_VALUES = 50, 5, 100
LONGEST_VALUE = 1_000
"""Characters of a value that records are compared with."""
OF_A_RECORD = frozenset({"fields", "include", "at"})
OF_A_LIST = OF_A_RECORD | {"sort", "limit"}
SHORT_TEXT = f"a text of {LONGEST_VALUE:,} characters at most"
FORM = {
    "uuid": "a UUID", "integer": "a whole number", "decimal": "a decimal number", "money": "an amount such as 12.50",
    "boolean": "true or false", "date": "a day such as 2026-04-06", "time": "a time such as 09:30",
    "instant": "an instant such as 2026-04-06T09:30:00Z", "text": SHORT_TEXT, "texts": SHORT_TEXT,
}  # fmt: skip
_FILTER = re.compile(r"([a-z0-9_]+)\[(gte|lte|in|null)\]")
_ORDERED = ("integer", "decimal", "money", "date", "time", "instant")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What is asked of a resource. ``about`` says it all but page and cursor: a cursor is bound to it."""

    resource: Resource
    fields: tuple[Field, ...]
    included: tuple[Included, ...]
    filters: tuple[Filter, ...]
    order: Order
    limit: int
    at: datetime | None
    about: str

    @cached_property
    def personal(self) -> tuple[str, ...]:
        """The names of the fields whose reading the audit keeps, those that come along under their include's name.

        Who is let through by a value, or comes after whom by it, is told of it as well: filters and sort are read too.
        """
        own = (*self.fields, *(one.field for one in self.filters), self.order.field)
        along = [
            f"{one.include.name}.{field.name}" for one in self.included for field in one.fields if _personal(field)
        ]
        return (*dict.fromkeys(field.name for field in own if _personal(field)), *along)


def parameters(query: bytes) -> dict[str, str]:
    """The parameters of a query string. Raises Problem where one is given twice or the text is not UTF-8."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        raise Problem(
            "malformed", f"The query is not percent-encoded UTF-8 of at most {MOST_PARAMETERS} parameters."
        ) from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Problem("malformed", "A parameter is given twice. Use field[in]=a,b for several values.")
    return found


def question(sight: Sight, given: Mapping[str, str], allowed: frozenset[str]) -> Question:
    """The question that the parameters ask. ``allowed`` are those beside filters, which only a list has."""
    more = [name for name in given if name not in allowed]
    if more and allowed == OF_A_RECORD:
        raise Problem("unknown-parameter", f"There is no parameter {shown(more[0])} here.", known=sorted(allowed))
    about = {name: value for name, value in sorted(given.items()) if name != "limit"}
    return Question(
        sight.resource,
        _fields(sight, given["fields"]) if "fields" in given else sight.fields,
        _included(sight, given["include"]) if "include" in given else (),
        tuple(_filter(sight, name, given[name]) for name in more),
        _order(sight, given.get("sort", "id")),
        page_size(given.get("limit")),
        instant(given["at"], "at") if "at" in given else None,
        f"{sight.resource.path}?{urlencode(about)}",
    )


def value_of(field: Field, text: str, parameter: str) -> Any:
    """The text as a value of the field's kind. Raises Problem that names the parameter, not the text."""
    if field.codes and text not in field.codes:
        raise Problem("bad-value", f"{parameter} is one of: {', '.join(field.codes)}.", parameter=parameter)
    if field.kind == "instant":
        return instant(text, parameter)
    try:
        return _READERS[field.kind](text)
    except ValueError:
        raise Problem("bad-value", f"{parameter} is {FORM[field.kind]}.", parameter=parameter) from None


def instant(text: str, parameter: str) -> datetime:
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # no such day, or one that lies before the first year
    raise Problem("bad-value", f"{parameter} is {FORM['instant']}; a + is written %2B.", parameter=parameter)


def record_id(text: str) -> UUID:
    """The id in a path. Raises Problem 400 where it is no UUID."""
    if not _UUID.fullmatch(text):
        raise Problem("bad-value", "An id is a UUID.", parameter="id")
    return UUID(text)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not -(2**63) <= (number := int(text)) < 2**63:
        raise ValueError
    return number


def _matching(form: re.Pattern[str], read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Reads texts of that form; ValueError for others, which ``read`` might take all the same."""

    def reading(text: str) -> Any:
        if not form.fullmatch(text):
            raise ValueError
        return read(text)

    return reading


def _text(text: str) -> str:
    if "\0" in text or len(text) > LONGEST_VALUE:
        raise ValueError
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "uuid": record_id, "integer": _whole, "text": _text, "texts": _text,
    "decimal": _matching(_DECIMAL, Decimal), "money": _matching(_AMOUNT, Decimal),
    "date": _matching(_DAY, date.fromisoformat), "time": _matching(_TIME, time.fromisoformat),
    "boolean": lambda text: bool(("false", "true").index(text)),
}  # fmt: skip


def _filter(sight: Sight, name: str, text: str) -> Filter:
    match = _FILTER.fullmatch(name)
    field = sight.field(match[1] if match else name)
    test = match[2] if match else "eq"
    if test == "null":
        if text not in ("true", "false"):
            raise Problem("bad-value", f"{name} is true or false.", parameter=name)
        return Filter(field, test, text == "true")
    if (test in ("gte", "lte") and field.kind not in _ORDERED) or (test == "in" and field.kind == "texts"):
        raise Problem("unknown-parameter", f"{field.name} cannot be filtered by [{test}].", parameter=name)
    if test == "in":
        texts = text.split(",")
        if len(texts) > MOST_VALUES:
            raise Problem("bad-value", f"{name} takes {MOST_VALUES} values at most.", parameter=name)
        return Filter(field, test, [value_of(field, one, name) for one in texts])
    return Filter(field, test, value_of(field, text, name))


def _names(text: str, parameter: str, most: int) -> list[str]:
    """The names of a list such as ``a,b``, each once. Raises Problem where there are too many."""
    names = text.split(",")
    if len(names) > most:
        raise Problem("bad-value", f"{parameter} takes {most} names at most.", parameter=parameter)
    return list(dict.fromkeys(names))


def _fields(sight: Sight, text: str) -> tuple[Field, ...]:
    return tuple(sight.field(name) for name in _names(text, "fields", len(sight.resource.fields)))


def _included(sight: Sight, text: str) -> tuple[Included, ...]:
    found = [sight.include(name) for name in _names(text, "include", MOST_INCLUDES)]
    return tuple(Included(include, other.fields) for include, other in found)


def _order(sight: Sight, text: str) -> Order:
    field = sight.field(text.removeprefix("-"))
    if not field.sortable:
        known = [one.name for one in sight.fields if one.sortable]
        raise Problem("bad-value", f"A list can be sorted by: {', '.join(known)}.", parameter="sort")
    return Order(field, text.startswith("-"))


def page_size(text: str | None, default: int = DEFAULT_LIMIT) -> int:
    """How many a page holds. Raises Problem that names the bounds."""
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_LIMIT:
        raise Problem("bad-limit", f"limit is from 1 to {LARGEST_LIMIT}.", parameter="limit")
    return int(text)


def _personal(field: Field) -> bool:
    return field.klass != "open"
