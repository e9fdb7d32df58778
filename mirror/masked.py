"""Masked rows: each column of a table as the plan decides, by the masks of ``mirror/masks``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from identity.addresses.grid import to_degrees
from ledger.errors import ContractBroken
from mirror.extracts.keys import mask_source_key
from mirror.key import MaskKey
from mirror.masks import bodies, contacts, ids, nobody, places, references, staff, text
from mirror.masks.columns import texts
from mirror.masks.name_lists import FORENAME, SURNAME
from mirror.people import By, People
from mirror.plan import DROP, EMPTY, KEEP, OWN, Decision
from mirror.showing import DEMO, Shown
from mirror.subjects import Subjects

Mask = Callable[[pa.Array, By], pa.Array]
_TEXT = pa.string()
_KEYS = "ids of a person, household, tenancy, account or asset, or payment references; the first that is known counts"

CODES = ("code:annual_leave", "code:LEAVE")
"""Masks that are one code, whichever stood there."""
BY: Mapping[str, str] = {
    **dict.fromkeys(("uuid", "hash", "hex", "reference", "postcode", "address", "organisation", "uri",
                     "staff", "phone", "mail", "remittance", *CODES, *(f"text.{kind}" for kind in text.KINDS)), ""),
    **dict.fromkeys(("name", "forename", "surname"), _KEYS),
    **dict.fromkeys(("birth_date", "born_day", "nino"), "the id of the person"),
    "easting": "the northing", "northing": "the easting",
    "latitude": "easting, northing", "longitude": "easting, northing",
    **dict.fromkeys(("pair.lesser", "pair.greater"), "the pair's other id, what they are ids of"),
    "source_key": "the batch",
    "contact": "contact type, person's id", "golden_value": "field, golden id", "identifier": "scheme, entity's id",
}  # fmt: skip
"""Each mask and the columns that a value is masked by; "" where it is masked by itself."""
MASKS = frozenset(BY)

CONTACTS = {"email": "mail", "address": "address"}
SCHEMES = {"national_insurance_number": "nino", "contractor_ref": "keep"}
"""How identifiers are masked where they are no references."""
_GOLDEN_FIELDS = {
    **dict.fromkeys(("forename", "preferred_name"), "forename"), "surname": "surname", "full_name": "name",
    "birth_date": "birth_date", "national_insurance_number": "nino", "email": "mail",
    **dict.fromkeys(("mobile", "telephone"), "phone"), "postcode": "postcode",
    **dict.fromkeys(("name", "address_line_1", "address_line_2", "address_line_3", "address_line_4"), "address"),
    **dict.fromkeys(("asset_id", "parent_id", "household_id", "tenancy_id"), "uuid"),
    **dict.fromkeys(("asset_ref", "uprn", "parent_uprn", "usrn"), "reference"),
    **dict.fromkeys(("easting_m", "northing_m", "latitude", "longitude"), "near"),
    **dict.fromkeys(("nationality", "ethnic_origin", "preferred_language", "is_disabled", "has_support_needs"), "drop"),
    **dict.fromkeys(("title", "sex_code", "is_deceased", "death_date", "asset_type_code", "ownership_code", "bedrooms",
                     "storeys", "floor_level", "floor_area_m2", "built_year", "occupancy_status_code", "is_active"),
                    "keep"),
}  # fmt: skip
"""How the values of golden records' fields are masked. ``near`` and ``drop`` become null: a coordinate is masked beside
its other, and special categories are nowhere."""


_COARSER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "decade": ((r"-\d\d-\d\d$", "-01-01"), (r"^(\d*)\d(-01-01)?$", r"\10\2")),
    "sector": ((r"[A-Za-z]{1,2}\s*$", ""),),
    "initial": ((r"^\s*(\w).*$", r"\1"),),
    "street": ((r"(?i)\b(?:(?:flat|apartment|unit|room|garage|plot)\s+)?\d+[a-z]?\b[,\s]*", ""),),
    "no address": ((r"(?s)^[^@]*[A-Za-z]{3}[^@]*$", "not shown"),),
}
"""How a value is made coarser: the decade of a year, an age or a day; the sector of a postcode; a name's initial; an
address without its numbers; a way to reach somebody that is no address."""


class Decided(Protocol):
    """What a masker asks of the plan."""

    def table(self, name: str) -> Mapping[str, Decision]:
        """The decisions of a table, with its schema, by column."""


class Masker:
    """The masks under one key, of one source's people and places.

    ``profile`` is ``test``, or ``demo`` for those who have no business with the data: what the plan says of it goes
    before the mask, and quasi-identifiers are as ``shown``.
    """

    def __init__(
        self, plan: Decided, key: MaskKey, subjects: Subjects, profile: str = "test", shown: Shown | None = None
    ) -> None:
        self.plan, self.key, self.subjects, self.profile, self.shown = plan, key, subjects, profile, shown

    def mask(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of ``table`` (with its schema) masked: the same columns, texts all of them."""
        decisions = self.plan.table(table)
        if unknown := [name for name in batch.schema.names if name not in decisions]:
            raise ContractBroken(
                f"no decision for {', '.join(unknown)}.", place=table, next_step="Decide in mirror/planned, and review."
            )
        if batch.num_columns and all(decision.action in (EMPTY, OWN) for decision in decisions.values()):
            return batch.slice(0, 0)
        columns = [self._as_shown(decisions[name], batch) for name in batch.schema.names]
        return pa.record_batch(columns, names=batch.schema.names)

    def ready(self) -> None:
        """Draws now what is drawn of all people and places together, for processes that are forked later."""
        self._people.ready()
        _ = self._addresses

    def apply(self, mask: str, values: pa.Array, by: By = ()) -> pa.Array:
        """The column under one mask, as it is in every table; ``by`` in the order of BY."""
        if mask not in self._masks:
            raise ContractBroken(
                f"the plan names a mask {mask!r} that there is none of.", place="mirror plan",
                next_step=f"Name one of {', '.join(sorted(self._masks))}.",
            )  # fmt: skip
        if not len(values) or values.null_count == len(values):
            return values.cast(_TEXT)
        values = values.cast(_TEXT)
        return nobody.left(mask, values, self._masks[mask](values, tuple(column.cast(_TEXT) for column in by)))

    def _column(self, decision: Decision, batch: pa.RecordBatch) -> pa.Array:
        values = batch.column(decision.column)
        if decision.action == KEEP:
            return values
        if decision.action in (DROP, EMPTY, OWN):
            return pa.nulls(len(values), _TEXT)
        if missing := [name for name in decision.by if name not in batch.schema.names]:
            raise ContractBroken(
                f"{decision.column} is to be masked by {', '.join(missing)}, which the rows lack.",
                place=decision.table, next_step="Name columns of the same table in mirror/planned.",
            )  # fmt: skip
        return self.apply(decision.mask, values, tuple(batch.column(name) for name in decision.by))

    def _as_shown(self, decision: Decision, batch: pa.RecordBatch) -> pa.Array:
        """The column as the profile shows it."""
        if self.profile == DEMO and decision.quasi:
            if self.shown is None or "id" not in batch.schema.names:
                raise ContractBroken(
                    f"nobody knows whose {decision.column} may be shown.", place=decision.table,
                    next_step="Call a column a quasi-identifier in mirror/planned only where its table has an id.",
                )  # fmt: skip
            return self.shown.of(decision.quasi, batch.column("id"))
        values = self._column(decision, batch)
        if self.profile != DEMO or not decision.demo or values.null_count == len(values):
            return values
        if decision.demo == DROP:
            return pa.nulls(len(values), _TEXT)
        if decision.demo not in _COARSER:
            raise ContractBroken(
                f"nobody knows how to show {decision.column} as {decision.demo!r}.", place=decision.table,
                next_step=f"Name drop or one of {', '.join(_COARSER)} in mirror/planned.",
            )  # fmt: skip
        for pattern, shown in _COARSER[decision.demo]:
            values = pc.replace_substring_regex(values, pattern, shown)
        return values

    @cached_property
    def _masks(self) -> Mapping[str, Mask]:
        key, people = self.key.sub, self._people
        alone: dict[str, Callable[[pa.Array], pa.Array]] = {
            "uuid": lambda values: ids.uuids(key("uuid"), values),
            "hash": lambda values: ids.hashes(key("hash"), values),
            "hex": lambda values: ids.digests(key("hex"), values),
            "reference": lambda values: references.references(key("reference"), values),
            "postcode": lambda values: places.postcodes(key("address"), values),
            "address": self._addresses.addresses,
            "organisation": lambda values: bodies.bodies(key("organisation"), values, self.subjects.vocabulary.areas),
            "uri": lambda values: ids.uris(key("hex"), values),
            "staff": lambda values: staff.staff(key("staff"), values),
            "phone": lambda values: contacts.phones(key("phone"), values),
            "mail": lambda values: contacts.mails(key("mail"), values),
            **{mask: partial(_coded, mask.removeprefix("code:")) for mask in CODES},
            "remittance": self._remittances,
            **{f"text.{kind}": partial(self._texts, kind) for kind in text.KINDS},
        }
        return {name: partial(_alone, mask) for name, mask in alone.items()} | {
            "name": people.names,
            "forename": partial(people.names, kind=FORENAME),
            "surname": partial(people.names, kind=SURNAME),
            "birth_date": people.birth_dates,
            "born_day": people.born_days,
            "nino": people.ninos,
            "easting": lambda values, by: places.coordinates(key("place"), values, by[0], 0),
            "northing": lambda values, by: places.coordinates(key("place"), by[0], values, 1),
            "latitude": lambda values, by: self._degrees(values, by, "latitude"),
            "longitude": lambda values, by: self._degrees(values, by, "longitude"),
            "pair.lesser": partial(self._of_pair, pc.min_element_wise),
            "pair.greater": partial(self._of_pair, pc.max_element_wise),
            "source_key": self._source_keys,
            "contact": self._contacts,
            "golden_value": self._golden_values,
            "identifier": self._identifiers,
        }

    @cached_property
    def _people(self) -> People:
        return People(self.key, self.subjects)

    @cached_property
    def _addresses(self) -> places.Addresses:
        return places.Addresses(self.key.sub("address"), self.subjects.vocabulary)

    def birth_dates(self, values: pa.Array, by: By, fmt: str) -> pa.Array:
        """Masked birth dates of a column in which they are spelt in another format than ISO's."""
        return self._people.birth_dates(values.cast(_TEXT), tuple(column.cast(_TEXT) for column in by), fmt)

    def _degrees(self, values: pa.Array, by: By, name: str) -> pa.Array:
        east, north = (places.coordinates(self.key.sub("place"), by[0], by[1], axis) for axis in (0, 1))
        metres = [pd.Series(pd.to_numeric(pd.Series(texts(one)))) for one in (east, north)]
        degrees = to_degrees(*metres)[name].round(7)
        return pc.if_else(
            pc.is_valid(values), pc.cast(pa.array(degrees, from_pandas=True), _TEXT), pa.scalar(None, _TEXT)
        )

    def _texts(self, kind: str, values: pa.Array) -> pa.Array:
        found = text.written(self.key.sub("text"), kind, values)
        return text.with_numbers(values, found, lambda numbers: self.apply("phone", numbers))

    def _source_keys(self, values: pa.Array, by: By) -> pa.Array:
        """Keys of source rows, each part as the extracts of the batch's table have it; of no known batch by value."""
        found = references.source_keys(self.key.sub("reference"), values)
        for batch in pc.unique(by[0]).drop_null().to_pylist() if by else []:
            if table := self.subjects.batches.get(batch):
                rows = pc.fill_null(pc.equal(by[0], batch), False)
                found = pc.replace_with_mask(found, rows, mask_source_key(*table, values.filter(rows), self))
        return found

    def _remittances(self, values: pa.Array) -> pa.Array:
        """What payers write by their payment: a reference as everywhere, words as names of whoever it may be; but what
        was taken from another field of the entry is masked as that is."""
        found = self.apply("reference", values)
        worded = pc.fill_null(pc.match_substring_regex(values, "[A-Za-z]{3}"), False)
        found = pc.if_else(worded, self.apply("staff", found), found)
        for mask in sorted(set(self.subjects.remittances.values())):
            texts = [text for text, kind in self.subjects.remittances.items() if kind == mask]
            found = pc.if_else(pc.is_in(values, pa.array(texts, _TEXT)), self.apply(mask, values), found)
        return found

    def _of_pair(self, which: Callable[[pa.Array, pa.Array], pa.Array], values: pa.Array, by: By) -> pa.Array:
        """The ids of pairs, which stand in order; but a record and the address that it was given do not."""
        mine, other = self.apply("uuid", values), self.apply("uuid", by[0])
        return pc.if_else(pc.equal(by[1], "address"), mine, which(mine, other))

    def _contacts(self, values: pa.Array, by: By) -> pa.Array:
        return self._by_kind(values, by[0], lambda kind: CONTACTS.get(kind, "phone"), by[1:])

    def _identifiers(self, values: pa.Array, by: By) -> pa.Array:
        return self._by_kind(values, by[0], lambda kind: SCHEMES.get(kind, "reference"), by[1:])

    def _golden_values(self, values: pa.Array, by: By) -> pa.Array:
        return self._by_kind(values, by[0], _golden_mask, by[1:])

    def _by_kind(self, values: pa.Array, kinds: pa.Array, mask_of: Callable[[str], str], by: By) -> pa.Array:
        """The column, each value under the mask of its row's kind."""
        found = np.empty(len(values), dtype=object)
        masks = np.array([mask_of(kind or "") for kind in texts(kinds)], dtype=object)
        for mask in sorted(set(masks)):
            rows = np.flatnonzero(masks == mask)
            some = values.take(pa.array(rows))
            if mask == "keep":
                found[rows] = texts(some)
            elif mask not in ("drop", "near"):
                here = tuple(column.take(pa.array(rows)) for column in by) if BY[mask] else ()
                found[rows] = texts(self.apply(mask, some, here))
        return pa.array(found, _TEXT)


def _golden_mask(field: str) -> str:
    if field not in _GOLDEN_FIELDS:
        raise ContractBroken(
            f"nobody has decided what becomes of golden values of {field or 'no field'}.",
            place="canonical.golden_value",
            next_step="Decide it in mirror/masked.py as its column is in mirror/planned.",
        )
    return _GOLDEN_FIELDS[field]


def _alone(mask: Callable[[pa.Array], pa.Array], values: pa.Array, by: By) -> pa.Array:
    return mask(values)


def _coded(code: str, values: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(values), pa.scalar(code, _TEXT), pa.scalar(None, _TEXT))
