"""Whom the masks hang on: the people, families and places of a source, read in the build's snapshot.

A family are the golden people who were ever in one household; records, homes, tenancies, accounts and payment
references lead to it. A mask is drawn for a family's word, so every record of a person shows the same masked person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import psycopg
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.people.names import divide
from mirror.masks import names
from mirror.masks.name_lists import FORENAME, SURNAME, kind_of, listed
from mirror.masks.naming import Word
from mirror.masks.places import Vocabulary, vocabulary
from mirror.masks.slips import between

_SEX = {"female": "F", "male": "M"}


@dataclass(frozen=True)
class Subjects:
    """The people and places of a source.

    anchors    the family that a key of any kind leads to: an id without dashes, or a payment reference
    people     the golden person of a person record's id, both without dashes
    words      the words of each family's names
    births     golden_id, birth_date, first, last: between which days the masked one may lie
    ninos      the NI number of a golden person
    all_ninos  every NI number of the source
    vocabulary the words of its addresses
    batches    the system and table of each batch, by its number
    remittances the mask of what stands for a payer's reference and is another field of the bank's entry
    """

    anchors: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    births: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["golden_id", "birth_date", "first", "last"])
    )
    ninos: Mapping[str, str] = field(default_factory=dict)
    all_ninos: frozenset[str] = frozenset()
    vocabulary: Vocabulary = field(default_factory=lambda: vocabulary([], [], []))
    batches: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    remittances: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def empty() -> Subjects:
        """Nobody and nowhere: every value is masked by itself."""
        return Subjects()


def read(connection: psycopg.Connection[Any]) -> Subjects:
    """The people and places of the database, as the connection's transaction sees them."""
    source = _Source(connection)
    return Subjects(
        source.anchors, source.people, tuple(source.words()), source.births(), source.ninos(), source.all_ninos(),
        source.vocabulary(), source.batches(),
        dict(source.remittances()),
    )  # fmt: skip


_BATCHES = "SELECT id::text, system, source_table FROM ledger.batch"
_REMITTANCES = """SELECT DISTINCT s.received_ref, CASE s.received_ref WHEN b.details THEN 'text.remark' ELSE 'name' END
    FROM (SELECT bank_entry_id, received_ref FROM canonical.suspense_item
          UNION SELECT bank_entry_id, received_ref FROM history.suspense_item) s
    JOIN (SELECT id, details, payer_name FROM canonical.bank_entry
          UNION SELECT id, details, payer_name FROM history.bank_entry) b ON b.id = s.bank_entry_id
    WHERE s.received_ref IN (b.details, b.payer_name) ORDER BY 1, 2"""
_LINKS = "SELECT entity_type, entity_id, golden_id FROM canonical.golden_link"
_PEOPLE = """SELECT id, forename, surname, full_name, preferred_name, title, sex_code,
    tenancy_id, payment_ref, national_insurance_number FROM canonical.person ORDER BY id"""
_GOLDEN = """SELECT id, forename, surname, full_name, preferred_name, title, sex_code,
    birth_date, national_insurance_number, household_id FROM canonical.golden_person ORDER BY id"""
_MEMBERS = "SELECT person_id, household_id FROM canonical.golden_member ORDER BY id"
_TENANCIES = "SELECT id, household_id, payment_ref FROM canonical.tenancy ORDER BY id"
_ACCOUNTS = "SELECT id, tenancy_id, person_id, payment_ref FROM canonical.rent_account ORDER BY id"
_HOLDINGS = "SELECT asset_id, tenancy_id FROM canonical.tenancy_holding ORDER BY start_date NULLS FIRST, id"
_EVENTS = """
SELECT l.golden_id, day, moves FROM (
    SELECT person_id, start_date AS day, true AS moves FROM canonical.household_member
    UNION ALL SELECT person_id, end_date, false FROM canonical.household_member
    UNION ALL SELECT p.person_id, t.start_date, false
        FROM canonical.tenancy_party p JOIN canonical.tenancy t ON t.id = p.tenancy_id
    UNION ALL SELECT id, death_date, false FROM canonical.person
) AS dated JOIN canonical.golden_link l ON l.entity_type = 'person' AND l.entity_id = dated.person_id
WHERE day IS NOT NULL"""
_STREETS = """SELECT DISTINCT unnest(ARRAY[description]) FROM canonical.street_description
    UNION SELECT DISTINCT unnest(ARRAY[pao_text, sao_text]) FROM canonical.lpi
    UNION SELECT DISTINCT unnest(ARRAY[thoroughfare, dependent_thoroughfare, building_name, sub_building_name])
        FROM canonical.delivery_point"""
_AREAS = """SELECT DISTINCT unnest(ARRAY[locality, town, administrative_area]) FROM canonical.street_description
    UNION SELECT DISTINCT unnest(ARRAY[dependent_locality, double_dependent_locality, post_town])
        FROM canonical.delivery_point"""
_LINES = """SELECT DISTINCT concat_ws(', ', name, address_line_1, address_line_2, address_line_3, address_line_4)
    FROM canonical.asset
    UNION ALL SELECT address_text FROM canonical.hmo_licence UNION ALL SELECT address_text FROM canonical.letting
    UNION ALL SELECT current_address_text FROM canonical.housing_application"""


class _Source:
    """What is read, once."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        links = self._rows(_LINKS)
        self._links = {entity: golden for _, entity, golden in links}
        self.golden = self._rows(_GOLDEN)
        self.records = self._rows(_PEOPLE)
        own = {row[0]: row[0] for row in (*self.records, *self.golden)}
        self.people = own | {entity: golden for kind, entity, golden in links if kind == "person"}
        self.anchors = self._anchored()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, ids as they are spelt without dashes."""
        found = self._connection.execute(query.encode())
        return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]

    def _anchored(self) -> dict[str, str]:
        """The family of each key: the least golden id that its households lead to."""
        tenancies, accounts = self._rows(_TENANCIES), self._rows(_ACCOUNTS)
        joins = [(person, home) for person, home in self._rows(_MEMBERS)]
        joins += [(row[0], row[9]) for row in self.golden if row[9]]
        at_home = {person for person, _ in joins}
        let = {tenancy: self._links.get(household, household) for tenancy, household, _ in tenancies if household}
        paid = {ref: let[tenancy] for tenancy, _, ref in tenancies if ref and tenancy in let}
        paid |= {ref: let[tenancy] for _, tenancy, _, ref in accounts if ref and tenancy in let}
        for record in self.records:  # who is on no household's list belongs to that of the tenancy they are named by
            person, home = self.people[record[0]], let.get(record[7]) or paid.get(record[8])
            if home and person not in at_home:
                joins.append((person, home))
        family = _components(joins)
        anchors = {person: family.get(golden, golden) for person, golden in self.people.items()}
        anchors |= {key: family.get(home, home) for key, home in {**let, **paid}.items()}
        anchors |= {row[0]: anchors[row[1]] for row in accounts if row[1] in anchors}
        anchors |= {row[0]: anchors[row[2]] for row in accounts if row[2] in anchors and row[0] not in anchors}
        anchors |= {
            row[3]: anchors[row[0]] for row in accounts if row[3] and row[0] in anchors and row[3] not in anchors
        }
        anchors |= {asset: anchors[tenancy] for asset, tenancy in self._rows(_HOLDINGS) if tenancy in anchors}
        anchors |= {home: found for home, found in family.items() if home not in anchors}
        return anchors | {
            entity: anchors[golden]
            for entity, golden in self._links.items()
            if entity not in anchors and golden in anchors
        }

    def words(self) -> Iterator[Word]:
        """The words of each family's names but for those that are slips or short forms of others of it."""
        golden = {row[0]: row for row in self.golden}
        stated = pd.DataFrame(
            [(self.people[row[0]], *row[1:7], False) for row in self.records]
            + [(*row[:7], True) for row in self.golden],
            columns=["person", "forename", "surname", "full_name", "preferred_name", "title", "sex", "golden"],
        )
        parts = divide(stated["full_name"].where(stated["surname"].isna()))
        own = {row[0] for row in self.golden}
        counted: dict[tuple[str, str, str], list[Any]] = {}
        texts = zip(stated["person"], stated["golden"], stated["title"], stated["sex"], stated["forename"],
                    stated["preferred_name"], parts["forename"], stated["surname"], parts["surname"],
                    stated["full_name"], strict=True)  # fmt: skip
        for person, is_golden, title, sex, *columns, full_name in texts:
            if isinstance(full_name, str) and names.is_body(full_name):
                continue
            row = golden.get(person)
            gender = _SEX.get(str(row[6] if row else sex), "") or names.sex_of(row[5] if row else title)
            born = row[7].year if row and row[7] else 0
            for kind, text in zip((FORENAME, FORENAME, FORENAME, SURNAME, SURNAME), columns, strict=True):
                for word in names.words(text) if isinstance(text, str) else ():
                    times = counted.setdefault(
                        (self.anchors[person], kind_of(kind, word), word), [False, 0, gender, born]
                    )
                    times[0] |= is_golden and person in own
                    times[1] += 1
        yield from _without_slips(counted)

    def births(self) -> pd.DataFrame:
        """golden_id, birth_date, first, last; no event of the person's changes sides. Who was born into a household
        came to it on the masked day too."""
        born = pd.DataFrame([(row[0], row[7]) for row in self.golden if row[7]], columns=["golden_id", "birth_date"])
        events = pd.DataFrame(self._rows(_EVENTS), columns=["golden_id", "day", "moves"]).merge(born, on="golden_id")
        events = events[~(events["moves"].astype(bool) & (events["day"] == events["birth_date"]))]
        days, birth = events["day"].astype("datetime64[s]"), events["birth_date"].astype("datetime64[s]")
        after = days[days >= birth].groupby(events["golden_id"]).min().rename("last")
        before = days[days < birth].groupby(events["golden_id"]).max().rename("first")
        born = born.join(before + pd.Timedelta(days=1), on="golden_id").join(after, on="golden_id")
        return born.assign(birth_date=born["birth_date"].astype("datetime64[s]"))

    def ninos(self) -> dict[str, str]:
        """The NI number of each golden person that has one."""
        return {row[0]: row[8] for row in self.golden if row[8]}

    def all_ninos(self) -> frozenset[str]:
        """Every NI number that a record or a golden person has."""
        return frozenset(str(row[at]) for rows, at in ((self.records, 9), (self.golden, 8)) for row in rows if row[at])

    def batches(self) -> dict[str, tuple[str, str]]:
        """The system and table that each batch came from."""
        return {batch: (system, table) for batch, system, table in self._rows(_BATCHES)}

    def remittances(self) -> list[tuple[str, str]]:
        """What payments are waiting under that no payer wrote, and its mask."""
        return [(text, mask) for text, mask in self._rows(_REMITTANCES)]

    def vocabulary(self) -> Vocabulary:
        """The words of the gazetteer's streets and buildings, of its areas, and of the assets' addresses."""
        streets, areas, lines = ([text for (text,) in self._rows(q) if text] for q in (_STREETS, _AREAS, _LINES))
        return vocabulary(streets, areas, lines)


def _components(joins: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The least name of those that each is joined to, directly or through others."""
    frame = pd.DataFrame(joins, columns=["left", "right"], dtype="str")
    if frame.empty:
        return {}
    codes, known = pd.factorize(pd.concat([frame["left"], frame["right"]]), sort=True)
    half, count = len(frame), len(known)
    graph = coo_matrix((np.ones(half), (codes[:half], codes[half:])), shape=(count, count))
    _, group = connected_components(graph, directed=False)
    least = pd.Series(np.arange(count)).groupby(group).min().to_numpy()[group]
    return dict(zip(known, known[least], strict=True))


def _without_slips(counted: Mapping[tuple[str, str, str], list[Any]]) -> Iterator[Word]:
    """The words without those that follow from another as a slip or a short form of it.

    The golden records' own that a list has come first, then the most frequent; a word that is a forename and a surname
    in one family is a surname.
    """
    surnames = {(of, word) for of, kind, word in counted if kind == SURNAME}
    order = sorted(
        counted.items(), key=lambda one: (one[0][0], not (one[1][0] and listed(*one[0][1:])), -one[1][1], one[0][2])
    )
    anchor, stood = "", dict[str, str]()
    for (of, kind, word), (is_own, _, sex, born) in order:
        if of != anchor:
            anchor, stood = of, {}
        if word in stood or (kind == FORENAME and (of, word) in surnames):
            continue
        known = is_own and bool(listed(kind, word))
        slips = (between(right, word) for right, of_kind in stood.items() if of_kind == kind)
        if any(slip and not (known and slip.kind in ("cut", "longer")) for slip in slips):
            continue
        if not is_own and kind == FORENAME and any(names.akin(right, word) for right in stood):
            continue
        stood[word] = kind
        yield Word(of, word, kind, sex if kind == FORENAME else "", born if kind == FORENAME else 0)
