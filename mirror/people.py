"""The masks of people under one key: names, birth dates and NI numbers, of the persons that records lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property

import numpy as np
import pyarrow as pa

from mirror.key import MaskKey
from mirror.masks import birth_dates, bodies, contacts, names, naming
from mirror.masks.birth_dates import EARLIEST, LATEST
from mirror.masks.columns import strings, texts
from mirror.masks.naming import Family
from mirror.masks.slips import between
from mirror.subjects import Subjects

By = tuple[pa.Array, ...]


class People:
    """The masked people of a source."""

    def __init__(self, key: MaskKey, subjects: Subjects) -> None:
        self._subjects, self._reference_day = subjects, key.reference_day
        self._name_key, self._birth_key, self._nino_key = key.sub("name"), key.sub("birth_date"), key.sub("nino")
        self._body_key = key.sub("organisation")

    def names(self, values: pa.Array, by: By, kind: str = "") -> pa.Array:
        """Masked names: of the family that the first known key of the row leads to; of bodies, as those are."""
        return self._each(values, by, self._subjects.anchors, lambda text, anchor: self._name(text, anchor, kind))

    def birth_dates(self, values: pa.Array, by: By, fmt: str = "%Y-%m-%d") -> pa.Array:
        """Masked birth dates, spelt as they were; a text that is no day becomes one of noughts."""
        return self._each(values, by, self._subjects.people, lambda text, person: self._birth_date(text, person, fmt))

    def born_days(self, values: pa.Array, by: By) -> pa.Array:
        """Days of events: one that is the person's birth date (a child born into a household) moves with it."""
        return self._each(values, by, self._subjects.people, self._born_day)

    def ninos(self, values: pa.Array, by: By) -> pa.Array:
        """Masked NI numbers; a slip in a person's number is the same slip in its mask."""
        return self._each(values, by, self._subjects.people, self._nino)

    def _each(self, values: pa.Array, by: By, lead: Mapping[str, str], mask: Callable[[str, str], str]) -> pa.Array:
        """``mask`` of each distinct value and what the keys of its row lead to ("" where nowhere); null stays."""
        columns = [texts(column) for column in by]
        known: dict[tuple[str, str], str] = {}
        found: list[str | None] = []
        for row, text in enumerate(texts(values)):
            if text is None or not text.strip():
                found.append(text)
                continue
            keys = (column[row] for column in columns)
            to = next((lead[plain] for key in keys if key and (plain := _plain(key)) in lead), "")
            if (text, to) not in known:
                known[text, to] = mask(text, to)
            found.append(known[text, to])
        return strings(found)

    def ready(self) -> None:
        """Draws the masks of all families, birth dates and NI numbers now: a process forked later has them."""
        _ = self._families, self._births, self._nino_masks

    @cached_property
    def _families(self) -> dict[str, Family]:
        return naming.families(self._name_key, self._subjects.words)

    def _name(self, text: str, anchor: str, kind: str) -> str:
        if names.is_body(text):
            return bodies.body(self._body_key, text, self._subjects.vocabulary.areas)
        return names.masked(self._name_key, text, self._families.get(anchor) or Family(anchor), kind)

    @cached_property
    def _births(self) -> dict[str, tuple[date, date]]:
        """The birth date of each golden person and its mask."""
        born = self._subjects.births
        days = [born[name].to_numpy("datetime64[D]") for name in ("birth_date", "first", "last")]
        masked = birth_dates.moved(self._birth_key, self._reference_day, born["golden_id"].tolist(), *days)
        return {
            person: (right, mask)
            for person, right, mask in zip(
                born["golden_id"], days[0].astype(object), masked.astype(object), strict=True
            )
        }

    def _birth_date(self, text: str, person: str, fmt: str) -> str:
        try:
            stated = datetime.strptime(text.strip(), fmt)
        except ValueError:
            return "".join("0" if letter.isdigit() else letter for letter in text)
        if not EARLIEST <= stated.date() <= LATEST:
            return text
        right, mask = self._births.get(person) or (stated.date(), self._alone(stated.date()))
        day = birth_dates.written(stated.date(), right, mask)
        return stated.replace(day.year, day.month, day.day).strftime(fmt)

    def _born_day(self, text: str, person: str) -> str:
        right, mask = self._births.get(person) or (None, None)
        day, rest = text[:10], text[10:]  # a source may write a time of nought behind it
        return f"{mask}{rest}" if mask and day == str(right) else text

    def _alone(self, day: date) -> date:
        """The mask of a day that is nobody's."""
        days, none = np.array([day], "datetime64[D]"), np.array(["NaT"], "datetime64[D]")
        masked = birth_dates.moved(self._birth_key, self._reference_day, [day.isoformat()], days, none, none)
        found: date = masked.astype(object)[0]
        return found

    @cached_property
    def _nino_masks(self) -> dict[str, int]:
        """The masked number of every NI number (a number is one, whatever its suffix) of the source."""
        theirs = {nino[:8] for nino in self._subjects.all_ninos}
        taken = [number for nino in theirs if (number := contacts.nino_number(nino + "A")) is not None]
        return contacts.distinct(theirs, self._nino_key, contacts.NINO_SPACE, taken)

    def _nino(self, text: str, person: str) -> str:
        plain = "".join(text.split()).upper()
        right = self._subjects.ninos.get(person, "")
        slip = between(right[2:8], plain[2:8])
        near = plain[2:8] == right[2:8] or (slip and plain[:2] == right[:2])
        return contacts.nino_like(text, right if near else plain, self._number(right if near else plain))

    def _number(self, plain: str) -> int:
        if plain[:8] in self._nino_masks:
            return self._nino_masks[plain[:8]]
        return contacts.distinct([plain[:8]], self._nino_key, contacts.NINO_SPACE)[plain[:8]]


def _plain(key: str) -> str:
    """An id without dashes and in small letters; any other key as it is."""
    return key.replace("-", "").lower() if len(key) in (32, 36) else key
