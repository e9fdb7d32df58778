"""What of the source must not be in a mirror: its identifiers, less those that are masks of others.

S are the identifiers that the source holds in the columns that the plan masks, and those that its free text mentions;
M is what the masks make of S, computed here and not taken from what a build did. Wherever a value of S that is not in M
is found in a mirror, an original has come through. A value of both is the mask of somebody else and cannot be told from
one: it is counted, and looked at by its own record (``own_records``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from mirror.plan import MASK, Decision, Plan
from mirror.proof import matching
from mirror.proof.matching import Keys
from mirror.proof.rows import Connection, eights, texts
from mirror.proof.walk import KINDS, MAIL, NAMES, NINO, PLACES, TELEPHONE, TOKEN, TOKENS_ONLY, WITH_NAMES, WITH_PLACES

AT_ONCE = 100_000
TITLES = matching.words(
    "mr mrs miss ms dr master mx rev sir lady dame prof and the of ltd limited co plc llp services unknown tenant "
    "occupier household pers reps executors exors estate late re dss dwp"
)
MODES = {
    "reference": (TOKENS_ONLY, (TOKEN,)),
    "source_key": (TOKENS_ONLY, (TOKEN,)),
    "identifier": (TOKENS_ONLY, (TOKEN, NINO)),
    "phone": (TOKENS_ONLY, (TELEPHONE,)),
    "mail": (TOKENS_ONLY, (MAIL,)),
    "nino": (TOKENS_ONLY, (NINO,)),
    "name": (WITH_NAMES, (NAMES,)),
    "staff": (WITH_NAMES, (NAMES,)),
    "address": (WITH_PLACES, (PLACES, TOKEN)),
    "postcode": (WITH_PLACES, (PLACES, TOKEN)),
    "contact": (TOKENS_ONLY, (TELEPHONE, MAIL)),
    "golden_value": (TOKENS_ONLY, (TOKEN, TELEPHONE, MAIL, NINO)),
}
"""The masks whose values identify somebody by themselves: how keys are made of them, and of which kinds."""
Mode = tuple[int, tuple[int, ...]]
EVERY = tuple(range(len(KINDS)))
NAMED: Mode = MODES["name"]
MENTIONED: Mode = (TOKENS_ONLY, (TELEPHONE, MAIL, NINO))
PUBLISHED = (
    ("canonical.contractor", ("contractor_ref", "name", "source_key")),
    ("canonical.contract", ("contract_ref", "name", "source_key")),
    ("canonical.street_description", ("town", "administrative_area")),
)
"""Names that a mirror keeps because they are public, though people's columns may hold them too."""
LEAST_NUMBER = 1_000_000_000
"""Stored numbers below that are counts of something as often as somebody's."""


class Masks(Protocol):
    """What masks a column."""

    def apply(self, mask: str, values: pa.Array, by: tuple[pa.Array, ...] = ()) -> pa.Array:
        """The masked values, one for each."""
        ...


@dataclass(frozen=True)
class Identifiers:
    """What is looked for in text and in stored words, and how many there are of each kind; ``coincidences`` are both
    somebody's and the mask of somebody else."""

    text: Keys
    words: Keys
    found: dict[str, int]
    coincidences: dict[str, int]


def gather(source: Connection, plan: Plan, masks: Masks) -> Identifiers:
    """The identifiers of the source as its transaction sees them."""
    originals, masked = [], []
    for values, made, mode in _columns(source, plan, masks):
        originals.append(_keys(values, mode))
        masked.append(_keys(made, (mode[0], EVERY)))  # a mask may be of another kind: ten digits are a number to ring
    told = [_mentioned(source, plan)]
    public = [
        _keys(_joined(texts(source, _select(table, columns), len(columns))), NAMED)
        for table, columns in PUBLISHED
        if set(columns) <= plan.table(table).keys()
    ]
    all_originals = matching.merged(*originals, *told)
    sought = all_originals.without(matching.merged(*masked, *public))
    words = matching.of_words(_words(source, plan))
    found = _sum(all_originals.counts(), words.counts())
    left = _sum(sought.counts(), words.counts())
    return Identifiers(
        sought, words, found, {kind: found[kind] - left[kind] for kind in found if found[kind] - left[kind]}
    )


def _columns(source: Connection, plan: Plan, masks: Masks) -> Iterator[tuple[pa.Array, pa.Array, Mode]]:
    """Values, their masks, and how keys are made of them: each mask of values alone at once, the others by column."""
    alone: dict[str, list[Decision]] = {}
    for decision in plan.decisions:
        if decision.action == MASK and decision.mask in MODES and plan.crosses(decision.table):
            if decision.by:
                columns = texts(source, _select(decision.table, [decision.column, *decision.by]), 1 + len(decision.by))
                made = masks.apply(decision.mask, columns[0], tuple(columns[1:]))
                yield columns[0], made, MODES[decision.mask]
                if decision.mask == "contact":
                    postal = pc.fill_null(pc.equal(columns[1], "address"), False)
                    yield columns[0].filter(postal), made.filter(postal), MODES["address"]
            elif decision.mask != "source_key" or not _is_catalogue(plan, decision.table):
                alone.setdefault(decision.mask, []).append(decision)
    for mask, decisions in alone.items():
        query = sql.SQL(" UNION ").join(_select(each.table, [each.column]) for each in decisions)
        (values,) = texts(source, query, 1)
        made = masks.apply(mask, values)
        yield values, made, MODES[mask]
        if mask == "postcode":
            yield _unspaced(values), _unspaced(made), MODES[mask]
    for table in plan.tables:
        decided = plan.table(table)
        if plan.crosses(table) and {"forename", "surname"} <= decided.keys():
            names = [each for each in decided.values() if each.mask in ("forename", "surname", "name")]
            by = decided["forename"].by
            width = len(names) + len(by)
            columns = texts(source, _select(table, [*(each.column for each in names), *by], every=True), width)
            beside = tuple(columns[len(names) :])
            made = [masks.apply(each.mask, column, beside) for each, column in zip(names, columns, strict=False)]
            yield _joined(columns[: len(names)]), _joined(made), NAMED
            for at, each in enumerate(names):
                if at and each.mask == "name":
                    yield pa.array([], pa.string()), _as_in_a_file(made, at), NAMED


def _is_catalogue(plan: Plan, table: str) -> bool:
    """Whether nothing of the table but its keys is masked: a list of codes, which stay in every other table too."""
    return all(each.mask in ("", "uuid", "hash", "source_key") for each in plan.table(table).values())


def _select(table: str, columns: Sequence[str], *, every: bool = False) -> sql.Composable:
    """The distinct rows of the columns, the first of which is there."""
    fields = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns)
    told = sql.SQL("SELECT DISTINCT {} FROM {}").format(fields, sql.Identifier(*table.split(".", 1)))
    return told if every else told + sql.SQL(" WHERE {} IS NOT NULL").format(sql.Identifier(columns[0]))


def _joined(columns: Sequence[pa.Array]) -> pa.Array:
    """Each row's values with a blank between. (Skipping nulls, Arrow leaves out a row that has nothing else.)"""
    return pc.binary_join_element_wise(*(pc.fill_null(column, "") for column in columns), " ")


def _as_in_a_file(made: Sequence[pa.Array], whole: int) -> pa.Array:
    """The parts of names, then whole names of 19 signs: the byte that tells that length reads as an apostrophe, which
    makes one word of two."""
    there = [pc.fill_null(column, "") for column in made]
    glued = pc.binary_join_element_wise(there[whole - 1], there[whole], "'")
    return pc.binary_join_element_wise(*there[: whole - 1], glued, *there[whole + 1 :], " ")


def _unspaced(values: pa.Array) -> pa.Array:
    return pc.replace_substring(values, " ", "")


def _keys(values: pa.Array, mode: Mode) -> Keys:
    """The keys of all values, a piece at a time."""
    how, kinds = mode
    whole = pc.unique(values.drop_null())
    whole = pc.replace_substring(whole, "\n", matching.ROW.decode() if how == WITH_NAMES else " ")
    parts = []
    for piece in range(0, len(whole), AT_ONCE):
        text = pc.binary_join(
            pa.ListArray.from_arrays([0, len(whole[piece : piece + AT_ONCE])], whole[piece : piece + AT_ONCE]), "\n"
        )
        keys = matching.collect(text[0].as_buffer().to_pybytes(), how, TITLES)
        wanted = np.isin(keys.of, kinds)
        parts.append(Keys(keys.values[wanted], keys.of[wanted]))
    return matching.merged(*parts)


def _mentioned(source: Connection, plan: Plan) -> Keys:
    """Telephone numbers, mails and National Insurance numbers that free text mentions."""
    free = [each for each in plan.decisions if each.mask.startswith("text.") and plan.crosses(each.table)]
    if not free:
        return matching.merged()
    (values,) = texts(source, sql.SQL(" UNION ").join(_select(each.table, [each.column]) for each in free), 1)
    return _keys(values, MENTIONED)


def _words(source: Connection, plan: Plan) -> np.ndarray:
    """Ids, hashes and large numbers of the source as they are stored."""
    parts = [np.empty(0, np.uint64)]
    for table in plan.tables:
        decided = plan.table(table)
        own = [("id", "uuid")] if "id" in decided and decided["id"].mask == "uuid" else []
        hashes = [(each.column, "bigint") for each in decided.values() if each.mask == "hash"]
        numbers = [
            (each.column, "bigint") for each in decided.values() if each.type == "bigint" and each.mask == "reference"
        ]
        if plan.crosses(table) and (own or hashes or numbers):
            parts.append(matching.distinct(eights(source, table, own + hashes + numbers)))
    words = np.concatenate(parts)
    return words[(words > LEAST_NUMBER) & (words < np.uint64(2**64 - LEAST_NUMBER))]


def _sum(*counts: dict[str, int]) -> dict[str, int]:
    return {kind: sum(count.get(kind, 0) for count in counts) for kind in KINDS}
