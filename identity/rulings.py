"""A person's word: checked, added to the log, and carried out on the links of the records that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pandas as pd
from psycopg import sql

from canonical_model.golden import ENTITY_TYPES
from identity import address_rulings
from identity.address_rulings import ADDRESS
from identity.decisions import MACHINE, NOT_SAME, SAME, UNDO, Word, effective, read_log, say
from identity.frames import Connection
from identity.links import Linked, current, members, relink
from identity.queue import CONTRADICTION, ask
from identity.rebuilding import rebuild
from ledger.errors import ConfigurationFault

VERDICTS = (SAME, NOT_SAME)
LONGEST_REASON = 200
CONTRADICTED = 1_000.0
"""What people say against each other is asked before anything that the machine doubts."""

SETTLE = """
UPDATE identity.review_item i SET status = 'decided', held_by = NULL, held_at = NULL, decision_id = (
    SELECT max(d.id) FROM identity.decision d
    WHERE d.entity_type = i.entity_type AND d.left_id = i.left_id AND d.right_id = i.right_id)
FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) said(left_id, right_id, decided_by)
WHERE i.status = 'open' AND i.entity_type = %s AND i.left_id = said.left_id AND i.right_id = said.right_id
  AND lower(i.not_for) IS DISTINCT FROM lower(said.decided_by)
"""

WEIGHED = """
SELECT weight, model_version FROM identity.pair WHERE entity_type = %s AND left_id = %s AND right_id = %s
"""


@dataclass(frozen=True)
class Record:
    """A record that a person named, by its id or by that of its golden record; ``notes`` say what to know of it."""

    id: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ruled:
    """What a person's words did: their numbers (none where they were said before), the golden ids that they touched,
    what to know."""

    numbers: tuple[int, ...]
    touched: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def decision_id(self) -> int | None:
        """The number of the last of them."""
        return self.numbers[-1] if self.numbers else None


def decide(
    connection: Connection, by: str, entity_type: str, left: str, right: str, verdict: str, reason: str | None = None
) -> Ruled:
    """Says that two records are, or are not, the same thing, and links them so. The last word counts.

    ``left`` and ``right`` are ids of records, or of golden records, old ones too; of an ``address`` they are the
    record that states it and the unit (BLPU) of the gazetteer.
    Raises ConfigurationFault where there is no such record, or they are one and the same.
    """
    if verdict not in VERDICTS:
        raise ConfigurationFault(f"{verdict!r} is no verdict.", next_step=f"Say one of: {', '.join(VERDICTS)}.")
    by, reason = user(by), checked_reason(reason)
    with connection.transaction():
        one, other = _named(connection, entity_type, left, right)
        if one.id == other.id:
            raise ConfigurationFault(
                f"Both ids lead to the one {entity_type} {UUID(one.id)}.", next_step="Name two different records."
            )
        ids = [one.id, other.id] if entity_type == ADDRESS else sorted((one.id, other.id))
        standing = effective(read_log(connection, entity_type, pd.Series(ids)))
        if ((standing["decided_by"] == by) & (standing["kind"] == verdict)).any():
            return Ruled((), notes=(*one.notes, *other.notes, f"{by} has said so before; nothing was added."))
        weight, model_version = _weighed(connection, entity_type, ids)
        word = Word(verdict, entity_type, ids[0], ids[1], by, reason, None, weight, model_version)
        number = say(connection, word)
        ruled = carry_out(connection, entity_type, ids, by)
        settle(connection, entity_type, [(ids[0], ids[1], by)])
    return Ruled((number,), ruled.touched, (*one.notes, *other.notes, *ruled.notes))


def undo(connection: Connection, by: str, *numbers: int, reason: str | None = None) -> Ruled:
    """Takes decisions of people on one kind of record back, by their numbers, all or none.

    Raises ConfigurationFault where one of them cannot be.
    """
    by, reason = user(by), checked_reason(reason)
    with connection.transaction():
        said = [_undoable(connection, number) for number in dict.fromkeys(numbers)]
        kinds = {word.entity_type for word in said}
        if len(kinds) != 1:
            raise ConfigurationFault(
                f"The decisions are on records of {len(kinds)} kinds.",
                next_step="Take back those of one kind at a time.",
            )
        undoing = tuple(say(connection, replace(word, by=by, reason=reason)) for word in said)
        records = list(dict.fromkeys(record for word in said for record in (word.left_id, word.right_id)))
        ruled = carry_out(connection, kinds.pop(), records, by)
    return Ruled(undoing, ruled.touched, ruled.notes)


def unmerge(connection: Connection, by: str, entity_type: str, record: str, reason: str | None = None) -> Ruled:
    """Says that a record is not the same as any other that it is linked with, so that it stands alone.

    Raises ConfigurationFault where it does stand alone.
    """
    by, reason = user(by), checked_reason(reason)
    with connection.transaction():
        this = record_of(connection, entity_type, record)
        others = [other.hex for other in _linked_with(connection, entity_type, this.id)]
        if not others:
            raise ConfigurationFault(
                f"The {entity_type} {UUID(this.id)} is linked with no other.", next_step="Nothing needs to be done."
            )
        pairs = [sorted((this.id, other)) for other in others]
        numbers = []
        for pair in pairs:
            weight, model_version = _weighed(connection, entity_type, pair)
            word = Word(NOT_SAME, entity_type, pair[0], pair[1], by, reason, None, weight, model_version)
            numbers.append(say(connection, word))
        ruled = carry_out(connection, entity_type, [this.id, *others], by)
        settle(connection, entity_type, [(left, right, by) for left, right in pairs])
    return Ruled(tuple(numbers), ruled.touched, (*this.notes, *ruled.notes))


def carry_out(connection: Connection, entity_type: str, records: Sequence[str], by: str) -> Ruled:
    """Links anew what words about these records can have changed, and makes the golden records that it touched; what
    contradicts the words is put into the queue."""
    if entity_type == ADDRESS:
        address_rulings.apply(connection, *records)
        return Ruled(())
    linked = relink(connection, entity_type, records, by)
    rebuild(connection, entity_type, linked.touched)
    queue_contradictions(connection, entity_type, linked, linked.replayed.clusters["record_id"].tolist())
    notes = tuple(
        f"Decision {row.id} ({row.kind}, by {row.decided_by}) cannot stand beside later ones: its pair is in the queue."
        for row in linked.replayed.contradictions.itertuples()
    )
    return Ruled((), linked.touched, notes)


def queue_contradictions(
    connection: Connection, entity_type: str, linked: Linked, near: list[str] | None = None, run_id: int | None = None
) -> None:
    """Puts the pairs of people's decisions that later ones overrule into the queue; withdraws those that are settled.

    ``near`` are the records that were replayed; None for all.
    """
    pairs = linked.replayed.contradictions.assign(worth=CONTRADICTED)
    ask(connection, CONTRADICTION, entity_type, pairs, run_id, near)


def settle(connection: Connection, entity_type: str, said: Sequence[tuple[str, str, str]]) -> None:
    """Marks what waited in the queue for words that are in the log now: left_id, right_id and who said it."""
    left, right, by = (list(column) for column in zip(*said, strict=True))
    connection.execute(SETTLE, (left, right, by, entity_type))


def record_of(connection: Connection, entity_type: str, text: str) -> Record:
    """The record that an id names: its own, or that of its golden record, which an old golden id leads to.

    Raises ConfigurationFault where it names none, or several.
    """
    if entity_type not in ENTITY_TYPES:
        raise ConfigurationFault(f"{entity_type!r} is not linked.", next_step=f"Use one of: {', '.join(ENTITY_TYPES)}.")
    try:
        named = UUID(text.strip())
    except ValueError as error:
        raise ConfigurationFault("That is no id.", next_step="Give the UUID of a record.") from error
    query = sql.SQL(
        "SELECT t.ended_run_id, l.entity_id FROM {} t LEFT JOIN canonical.golden_link l "
        "ON l.entity_type = %s AND l.entity_id = t.id WHERE t.id = %s"
    ).format(sql.Identifier("canonical", entity_type))
    found = connection.execute(query, (entity_type, named)).fetchone()
    if found is None:
        return _of_golden(connection, entity_type, named)
    ended, linked = found
    if linked is None:
        raise ConfigurationFault(
            f"The {entity_type} {named} is not linked yet.", next_step="Run hub migrate, which links it, then decide."
        )
    return Record(named.hex, (f"Its source dropped {named} in run {ended}.",) if ended else ())


def user(name: str) -> str:
    """The user's name as the log has it. Raises ConfigurationFault where it is none, or the machine's."""
    shown = name.strip()
    if not shown or shown.lower() == MACHINE or len(shown) > 64 or not shown.isprintable():
        raise ConfigurationFault(
            "A decision needs the name of the person who takes it.", next_step="Give it with --user."
        )
    return shown


def checked_reason(reason: str | None) -> str | None:
    """The reason on one line. Raises ConfigurationFault where it is too long."""
    shown = " ".join((reason or "").split())
    if len(shown) > LONGEST_REASON:
        raise ConfigurationFault(f"The reason has {len(shown)} characters.", next_step=f"Say it in {LONGEST_REASON}.")
    return shown or None


def _undoable(connection: Connection, number: int) -> Word:
    """The word that takes a decision back. Raises ConfigurationFault where there is nothing that can be."""
    found = connection.execute(
        "SELECT d.kind, d.entity_type, d.left_id, d.right_id, d.decided_by, u.id FROM identity.decision d "
        "LEFT JOIN identity.decision u ON u.undoes = d.id WHERE d.id = %s", (number,)
    ).fetchone()  # fmt: skip
    if found is None:
        raise ConfigurationFault(f"There is no decision {number}.", next_step="See hub identity events.")
    kind, entity_type, left, right, who, undone = found
    if kind == UNDO or undone is not None:
        raise ConfigurationFault(
            f"Decision {number} is an undo." if kind == UNDO else f"Decision {undone} has undone it already.",
            place=f"decision {number}", next_step="Decide anew: hub identity decide.",
        )  # fmt: skip
    if who == MACHINE:
        raise ConfigurationFault(
            "That is the machine's, which would only say it again.", place=f"decision {number}",
            next_step=f"Say so yourself: hub identity decide {left} {right} not_same.",
        )  # fmt: skip
    return Word(UNDO, entity_type, left.hex, right.hex, who, undoes=number)


def _named(connection: Connection, entity_type: str, left: str, right: str) -> list[Record]:
    """The two that a person named. Raises ConfigurationFault where either is none."""
    if entity_type != ADDRESS:
        return [record_of(connection, entity_type, text) for text in (left, right)]
    try:
        record, unit = UUID(left.strip()), UUID(right.strip())
    except ValueError as error:
        raise ConfigurationFault("That is no id.", next_step="Give the UUIDs of a record and of a BLPU.") from error
    if not address_rulings.is_known(connection, record, unit):
        raise ConfigurationFault(
            "There is no such address, or no such unit of the gazetteer.",
            next_step="Give the record that states the address first, then the BLPU.",
        )
    return [Record(record.hex), Record(unit.hex)]


def _of_golden(connection: Connection, entity_type: str, golden_id: UUID) -> Record:
    """The senior record of a golden id, or of the one that an old golden id leads to."""
    now = current(connection, golden_id)
    found = [[record for kind, record in members(connection, one) if kind == entity_type] for one in now]
    if not any(found):
        raise ConfigurationFault(
            f"There is no {entity_type} with the id {golden_id}.", next_step="Check the id, and --entity."
        )
    if len(now) > 1:
        raise ConfigurationFault(
            f"The golden id {golden_id} was split into {', '.join(map(str, now))}.", next_step="Say which of them."
        )
    note = f"{golden_id} is the golden record of {found[0][0]}."
    if now != [golden_id]:
        note = f"{golden_id} has become the golden record {now[0]}, of {found[0][0]}."
    return Record(found[0][0].hex, (note,))


def _linked_with(connection: Connection, entity_type: str, record: str) -> list[UUID]:
    query = (
        "SELECT o.entity_id FROM canonical.golden_link l JOIN canonical.golden_link o USING (golden_id) "
        "WHERE l.entity_type = %s AND l.entity_id = %s AND o.entity_id <> l.entity_id ORDER BY 1"
    )
    return [other for (other,) in connection.execute(query, (entity_type, record)).fetchall()]


def _weighed(connection: Connection, entity_type: str, pair: Sequence[str]) -> tuple[float | None, str | None]:
    """What the machine says of a pair; nothing where it never weighed it."""
    found = connection.execute(WEIGHED, (entity_type, *pair)).fetchone()
    return (found[0], found[1]) if found else (None, None)
