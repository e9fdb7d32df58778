"""Reviewing: one pair after the other to a person, both sides beside each other, and what the person says of it.

Two people never have the same pair on the screen. A share of what one has decided is shown to a second one, who sees
neither the machine's weight nor the first verdict; where they disagree the pair waits as disputed for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from identity.decisions import MACHINE
from identity.frames import Connection
from identity.rulings import Ruled, decide, user
from ledger.errors import ConfigurationFault

SAMPLE, DISPUTED = "sample", "disputed"
HELD_MINUTES = 30
"""A pair that somebody left on the screen so long is free again."""

NEXT = """
UPDATE identity.review_item SET held_by = %(by)s, held_at = now() WHERE id = (
    SELECT id FROM identity.review_item
    WHERE status = 'open' AND (%(entity_type)s::text IS NULL OR entity_type = %(entity_type)s)
      AND lower(not_for) IS DISTINCT FROM lower(%(by)s)
      AND (held_by IS NULL OR held_by = %(by)s OR held_at < now() - make_interval(mins => %(minutes)s))
      AND (put_off_at IS NULL OR put_off_at < %(since)s)
    ORDER BY put_off_at NULLS FIRST, worth DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, kind, entity_type, left_id, right_id, worth, weight, model_version
"""

HELD = """
SELECT id, kind, entity_type, left_id, right_id, worth, weight, model_version FROM identity.review_item
WHERE id = %s AND status = 'open' AND held_by = %s FOR UPDATE
"""

ASK_AGAIN = """
INSERT INTO identity.review_item
    (kind, status, entity_type, left_id, right_id, worth, weight, model_version, not_for)
VALUES (%(kind)s, 'open', %(entity_type)s, %(left)s, %(right)s, %(worth)s, %(weight)s, %(model_version)s, %(not_for)s)
ON CONFLICT (entity_type, left_id, right_id) WHERE status = 'open' DO NOTHING
"""

FIRST_VERDICT = """
SELECT d.kind FROM identity.decision d JOIN identity.review_item i ON d.entity_type = i.entity_type
    AND d.left_id = i.left_id AND d.right_id = i.right_id AND lower(d.decided_by) = lower(i.not_for)
WHERE i.id = %s AND NOT EXISTS (SELECT FROM identity.decision u WHERE u.undoes = d.id) ORDER BY d.id DESC LIMIT 1
"""

PERSON = """
SELECT jsonb_build_object(
    'source', b.system || '.' || b.source_table, 'reference', t.person_ref, 'title', t.title, 'forename', t.forename,
    'surname', t.surname, 'full name', t.full_name, 'preferred name', t.preferred_name, 'born', t.birth_date,
    'died', t.death_date, 'sex', t.sex_code, 'NI number', t.national_insurance_number,
    'contacts', (SELECT string_agg(DISTINCT c.value, ', ') FROM canonical.contact_method c WHERE c.person_id = t.id),
    'lives at', (
        SELECT string_agg(DISTINCT concat_ws(', ', a.address_line_1, a.address_line_2, a.postcode), '; ')
        FROM canonical.asset a WHERE a.id = t.asset_id OR a.id IN (
            SELECT h.asset_id FROM canonical.household_member m JOIN canonical.household h ON h.id = m.household_id
            WHERE m.person_id = t.id)),
    'tenancies', (
        SELECT string_agg(DISTINCT concat(y.tenancy_ref, ' from ', y.start_date, ' until ' || y.end_date), '; ')
        FROM canonical.tenancy_party p JOIN canonical.tenancy y ON y.id = p.tenancy_id WHERE p.person_id = t.id),
    'lives with', (
        SELECT string_agg(DISTINCT concat_ws(' ', o.forename, o.surname), ', ')
        FROM canonical.household_member m JOIN canonical.household_member n ON n.household_id = m.household_id
        JOIN canonical.person o ON o.id = n.person_id WHERE m.person_id = t.id AND n.person_id <> t.id),
    'dropped in run', t.ended_run_id)
FROM canonical.person t JOIN ledger.batch b ON b.id = t.batch_id WHERE t.id = %s
"""
ASSET = """
SELECT jsonb_build_object(
    'source', b.system || '.' || b.source_table, 'reference', t.asset_ref, 'kind', t.asset_type_code, 'name', t.name,
    'UPRN', t.uprn, 'address', concat_ws(', ', t.address_line_1, t.address_line_2, t.address_line_3, t.address_line_4),
    'postcode', t.postcode, 'bedrooms', t.bedrooms, 'floor', t.floor_level, 'built', t.built_year,
    'part of', (SELECT concat_ws(' ', p.asset_ref, p.name) FROM canonical.asset p WHERE p.id = t.parent_id),
    'dropped in run', t.ended_run_id)
FROM canonical.asset t JOIN ledger.batch b ON b.id = t.batch_id WHERE t.id = %s
"""
HOUSEHOLD = """
SELECT jsonb_build_object(
    'source', b.system || '.' || b.source_table, 'reference', t.household_ref, 'name', t.name, 'from', t.start_date,
    'until', t.end_date,
    'lives at', (SELECT concat_ws(', ', a.address_line_1, a.address_line_2, a.postcode)
                 FROM canonical.asset a WHERE a.id = t.asset_id),
    'people', (SELECT string_agg(concat_ws(' ', p.forename, p.surname, p.birth_date), '; ' ORDER BY p.birth_date)
               FROM canonical.household_member m JOIN canonical.person p ON p.id = m.person_id
               WHERE m.household_id = t.id),
    'dropped in run', t.ended_run_id)
FROM canonical.household t JOIN ledger.batch b ON b.id = t.batch_id WHERE t.id = %s
"""
ADDRESS = """
WITH named AS (SELECT %s::uuid AS id)
SELECT jsonb_build_object('source', found.source, 'address', found.address, 'postcode', found.postcode)
FROM named CROSS JOIN LATERAL (
    SELECT 'asset ' || a.asset_ref,
           concat_ws(', ', a.address_line_1, a.address_line_2, a.address_line_3, a.address_line_4), a.postcode
    FROM canonical.asset a WHERE a.id = named.id
    UNION ALL SELECT 'housing application', t.current_address_text, t.current_postcode
    FROM canonical.housing_application t WHERE t.id = named.id
    UNION ALL SELECT 'letting', t.address_text, t.postcode FROM canonical.letting t WHERE t.id = named.id
    UNION ALL SELECT 'contact', t.value, t.postcode FROM canonical.contact_method t WHERE t.id = named.id
    UNION ALL SELECT 'licence', t.address_text, t.postcode FROM canonical.hmo_licence t WHERE t.id = named.id
    UNION ALL SELECT 'gazetteer, UPRN ' || b.uprn, (
        SELECT string_agg(DISTINCT concat_ws(' ', l.sao_text, l.sao_start_number || coalesce(l.sao_start_suffix, ''),
                   l.pao_text, l.pao_start_number || coalesce(l.pao_start_suffix, ''), s.description), '; ')
        FROM canonical.lpi l LEFT JOIN canonical.street_description s ON s.usrn = l.usrn
        WHERE l.uprn = b.uprn), b.postcode
    FROM canonical.blpu b WHERE b.id = named.id
) found(source, address, postcode)
"""
SIDES = {"person": PERSON, "asset": ASSET, "household": HOUSEHOLD, "address": ADDRESS}
SHOWN = {
    "person": ("source", "reference", "title", "forename", "surname", "full name", "preferred name", "born", "died",
               "sex", "NI number", "contacts", "lives at", "lives with", "tenancies", "dropped in run"),
    "asset": ("source", "reference", "kind", "name", "UPRN", "address", "postcode", "bedrooms", "floor", "built",
              "part of", "dropped in run"),
    "household": ("source", "reference", "name", "lives at", "people", "from", "until", "dropped in run"),
    "address": ("source", "address", "postcode"),
}  # fmt: skip

COUNTS = "SELECT entity_type, kind, status, count(*) FROM identity.review_item GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
DECIDED = """
SELECT entity_type, CASE WHEN decided_by = %s THEN decided_by ELSE 'people' END, kind, count(*)
FROM identity.decision GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
AGREED = """
SELECT count(*) FILTER (WHERE first.kind = second.kind), count(*)
FROM identity.review_item i JOIN identity.decision second ON second.id = i.decision_id
CROSS JOIN LATERAL (
    SELECT d.kind FROM identity.decision d WHERE d.entity_type = i.entity_type AND d.left_id = i.left_id
      AND d.right_id = i.right_id AND lower(d.decided_by) = lower(i.not_for) AND d.id < second.id AND d.kind <> 'undo'
    ORDER BY d.id DESC LIMIT 1) first
WHERE i.kind = 'sample' AND i.status = 'decided'
"""


@dataclass(frozen=True)
class Item:
    """A pair that one person has on the screen. ``weight`` in bits; None where the machine never weighed it."""

    id: int
    kind: str
    entity_type: str
    left_id: UUID
    right_id: UUID
    worth: float
    weight: float | None
    model_version: str | None

    @property
    def is_blind(self) -> bool:
        """Whether nobody's opinion of it may be shown: it is the second look of two."""
        return self.kind == SAMPLE


@dataclass(frozen=True)
class Status:
    """Where review stands. ``queue``: kind of record, why it waits, status, number. ``decisions``: kind of record,
    who, what, number. ``agreed`` of ``second_looks`` came to the first verdict."""

    queue: list[tuple[Any, ...]]
    decisions: list[tuple[Any, ...]]
    agreed: int
    second_looks: int


def next_item(connection: Connection, by: str, since: datetime, entity_type: str | None = None) -> Item | None:
    """The pair most worth deciding, held for this person; None where nothing waits that they may decide.

    What was put off after ``since`` does not come again. Raises ConfigurationFault for a kind never asked about.
    """
    if entity_type not in (None, *SIDES):
        raise ConfigurationFault(f"{entity_type!r} is never asked about.", next_step=f"Use one of: {', '.join(SIDES)}.")
    values = {"by": user(by), "entity_type": entity_type, "minutes": HELD_MINUTES, "since": since}
    found = connection.execute(NEXT, values).fetchone()
    return Item(*found) if found else None


def sides(connection: Connection, item: Item) -> list[tuple[str, str, str]]:
    """Both records beside each other, field by field: personal data. Fields that neither has are left out."""
    left, right = (
        (connection.execute(SIDES[item.entity_type].encode(), (record,)).fetchone() or ({},))[0]
        for record in (item.left_id, item.right_id)
    )
    lines = [(name, _text(left.get(name)), _text(right.get(name))) for name in SHOWN[item.entity_type]]
    return [line for line in lines if line[1] or line[2]]


def settle(connection: Connection, by: str, item: Item, verdict: str, share: float, reason: str | None = None) -> Ruled:
    """Takes the person's verdict on what they hold. ``share`` of the pairs is asked of a second person.

    Raises ConfigurationFault where they hold it no more: somebody else has settled it.
    """
    with connection.transaction():
        if connection.execute(HELD, (item.id, user(by))).fetchone() is None:
            raise ConfigurationFault(
                "Somebody else has settled that pair, or it is doubtful no more.", place=f"review item {item.id}",
                next_step="Go on with the next one.",
            )  # fmt: skip
        first = connection.execute(FIRST_VERDICT, (item.id,)).fetchone()
        ruled = decide(connection, by, item.entity_type, item.left_id.hex, item.right_id.hex, verdict, reason)
        _close(connection, item, by)
        if first is not None and first[0] != verdict:
            _ask_again(connection, item, DISPUTED, None)
        elif item.kind not in (SAMPLE, DISPUTED) and is_sampled(item, share):
            _ask_again(connection, item, SAMPLE, by)
    return ruled


def put_off(connection: Connection, by: str, item: Item) -> None:
    """Lays the pair aside: it comes after all others."""
    connection.execute(
        "UPDATE identity.review_item SET put_off_at = now(), held_by = NULL, held_at = NULL "
        "WHERE id = %s AND held_by = %s", (item.id, by)
    )  # fmt: skip


def give_back(connection: Connection, by: str, item: Item) -> None:
    """Frees the pair that the person holds for others."""
    connection.execute(
        "UPDATE identity.review_item SET held_by = NULL, held_at = NULL WHERE id = %s AND held_by = %s", (item.id, by)
    )


def is_sampled(item: Item, share: float) -> bool:
    """Whether the pair is among the share that a second person sees; the same for everybody, and not guessable
    from its worth."""
    drawn = int.from_bytes(blake2b(item.left_id.bytes + item.right_id.bytes, digest_size=8).digest()) / 2**64
    return drawn < share


def status(connection: Connection) -> Status:
    """What waits, what was decided by whom, and how far two people agree."""
    agreed = connection.execute(AGREED).fetchall()[0]
    queue = connection.execute(COUNTS).fetchall()
    decided = connection.execute(DECIDED, (MACHINE,)).fetchall()
    return Status(queue, decided, int(agreed[0]), int(agreed[1]))


def _close(connection: Connection, item: Item, by: str) -> None:
    """Marks the item as decided by the person's standing word on it, where a word said before settled it already."""
    connection.execute(
        "UPDATE identity.review_item i SET status = 'decided', held_by = NULL, held_at = NULL, decision_id = ("
        "SELECT max(d.id) FROM identity.decision d WHERE d.entity_type = i.entity_type AND d.left_id = i.left_id "
        "AND d.right_id = i.right_id AND d.decided_by = %s AND d.kind <> 'undo') WHERE id = %s AND status = 'open'",
        (by, item.id),
    )


def _ask_again(connection: Connection, item: Item, kind: str, not_for: str | None) -> None:
    values = {
        "kind": kind, "entity_type": item.entity_type, "left": item.left_id, "right": item.right_id,
        "worth": item.worth, "weight": item.weight, "model_version": item.model_version, "not_for": not_for,
    }  # fmt: skip
    connection.execute(ASK_AGAIN, values)


def _text(value: object) -> str:
    return "" if value is None else str(value)
