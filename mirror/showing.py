"""What a mirror shows of people, homes and tenancies to those who have no business with them: k-anonymity.

Nobody stands out by what the plan calls quasi-identifiers, not even by all of them together: of a person, of the homes
and tenancies that rows connect the person with. Values are made coarse first; then, one attribute after the other,
each is hidden from those who would share all that is shown so far with fewer than ``LEAST``. The rows stay, and so do
counts and balances. Every record of a person or a place shows what the golden record shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

DEMO = "demo"
"""The profile that shows less."""
LEAST = 5
"""How many at least share everything that is shown of one of them."""

ATTRIBUTES: Mapping[str, str] = {
    "area": "home", "tenure": "tenancy", "age": "person", "kind": "home", "sex": "person", "bedrooms": "home",
    "built": "home",
}  # fmt: skip
"""Attribute -> what it is of. The first are the last to be hidden."""
HIDDEN: Mapping[str, str | None] = {"tenure": "other", "kind": "other"}
"""What stands in the place of a hidden value that may not be null."""

UNITS: Mapping[str, str] = {
    "person": """
SELECT id::text, (floor(extract(year FROM birth_date) / 30) * 30)::int || '-01-01' AS age, sex_code AS sex
FROM canonical.golden_person
""",
    "home": r"""
SELECT id::text, rtrim(regexp_replace(postcode, '[A-Za-z]{2}\s*$', '')) AS area, asset_type_code AS kind,
  bedrooms::text, (built_year / 10 * 10)::text AS built
FROM canonical.golden_asset
""",
    "tenancy": "SELECT id::text, tenancy_type_code AS tenure FROM canonical.tenancy",
}
"""What is known of each, coarse: an age is the first day of thirty years, a building's its decade. What is shown so
reads the same again."""

WAYS: Mapping[str, str] = {
    "person": """
SELECT p.id::text AS person, p.asset_id::text AS home, NULL AS tenancy FROM canonical.golden_person p
UNION SELECT p.id::text, p.asset_id::text, h.tenancy_id::text
FROM canonical.golden_person p JOIN canonical.golden_household h ON h.id = p.household_id
UNION SELECT p.id::text, p.asset_id::text, t.tenancy_id::text
FROM canonical.golden_person p JOIN canonical.golden_link l ON l.entity_type = 'person' AND l.golden_id = p.id
JOIN canonical.tenancy_party t ON t.person_id = l.entity_id
UNION SELECT p.golden_id::text, a.golden_id::text, t.tenancy_id::text
FROM canonical.tenancy_party t JOIN canonical.golden_link p ON p.entity_type = 'person' AND p.entity_id = t.person_id
LEFT JOIN canonical.tenancy_holding h ON h.tenancy_id = t.tenancy_id
LEFT JOIN canonical.golden_link a ON a.entity_type = 'asset' AND a.entity_id = h.asset_id
""",
    "home": "SELECT id::text AS home FROM canonical.golden_asset",
    "tenancy": """
SELECT t.id::text AS tenancy, a.golden_id::text AS home
FROM canonical.tenancy t LEFT JOIN canonical.tenancy_holding h ON h.tenancy_id = t.id
LEFT JOIN canonical.golden_link a ON a.entity_type = 'asset' AND a.entity_id = h.asset_id
""",
}
"""Whom to count, and how rows connect each with the others whose attributes tell of it."""

RECORDS = """
SELECT entity_id::text, golden_id::text FROM canonical.golden_link WHERE entity_type IN ('person', 'asset')
"""


@dataclass(frozen=True)
class Shown:
    """Attribute -> what is shown of each id: golden ones, those of their records, tenancies'."""

    ids: Mapping[str, pa.Array]
    values: Mapping[str, pa.Array]

    def of(self, attribute: str, ids: pa.Array) -> pa.Array:
        """The column that the rows with these ids show; of one that nobody knows, nothing."""
        found = self.values[attribute].take(pc.index_in(ids, self.ids[attribute]))
        return pc.fill_null(found, hidden) if (hidden := HIDDEN.get(attribute)) else found


@dataclass(frozen=True)
class View:
    """Ways in which one kind is seen. ``subjects`` are counted, and hidden in their order where others need company;
    ``rows`` has the places of the units of each kind."""

    subjects: np.ndarray
    rows: Mapping[str, np.ndarray]


def read(connection: psycopg.Connection) -> Shown:
    """What the source's rows show, in the snapshot of that connection."""
    units = {kind: _frame(connection, query).set_index("id") for kind, query in UNITS.items()}
    ways = {kind: _frame(connection, query) for kind, query in WAYS.items()}
    met = {kind: pd.concat([way[kind] for way in ways.values() if kind in way]).value_counts() for kind in UNITS}
    views = [
        View(
            _places(way[kind], met[kind]),
            {each: units[each].index.get_indexer(pd.Index(way[each])) for each in UNITS if each in way},
        )
        for kind, way in ways.items()
    ]
    shown = settle(views, {name: units[kind][name] for name, kind in ATTRIBUTES.items()})
    links = _frame(connection, RECORDS).set_index("entity_id")["golden_id"]
    ids, values = {}, {}
    for name, column in shown.items():
        records = links[links.isin(column.index)].map(column)
        told = pd.concat([column, records[~records.index.isin(column.index)]])
        ids[name] = pa.array(told.index, pa.string())
        values[name] = pa.array(told, pa.string(), from_pandas=True)
    return Shown(ids, values)


def settle(views: Sequence[View], values: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Attribute -> value by unit, null where it is hidden: in no view do fewer than LEAST share what is shown.

    Whether there is a home or a tenancy can be seen, whatever is hidden of it. Of fewer than LEAST who are alike in
    that nothing is shown.
    """
    classes = [_connected(view) for view in views]
    shown: dict[str, pd.Series] = {}
    for name, column in values.items():
        kind = ATTRIBUTES[name]
        codes, known = pd.factorize(column)  # a null is -1, as what is hidden
        while True:
            told = [_told(view, kind, codes) for view in views]
            hide = [
                view.rows[kind][rows]
                for view, base, value in zip(views, classes, told, strict=True)
                if kind in view.rows and (rows := _standing_out(view.subjects, base, value)).any()
            ]
            if not hide:
                break
            codes[np.concatenate(hide)] = -1
        classes = [_classes(base, value) for base, value in zip(classes, told, strict=True)]
        texts = np.array([*known, None], dtype=object)
        shown[name] = pd.Series(texts[codes], column.index, dtype=object)
    return shown


def _places(ids: pd.Series, met: pd.Series) -> np.ndarray:
    """Numbers for the ids, the least met first: whoever is hidden for others' sake takes the least along."""
    order = met.sort_index().sort_values(kind="stable").index
    return np.asarray(order.get_indexer(pd.Index(ids)))


def _told(view: View, kind: str, codes: np.ndarray) -> np.ndarray:
    """What each row of a view tells of its unit of that kind; 0 for nothing. (Those without one are a class apart.)"""
    places = view.rows.get(kind)
    return np.zeros(len(view.subjects), np.int64) if places is None else np.append(codes, -1)[places] + 1


def _connected(view: View) -> np.ndarray:
    """The classes of a view's rows by the kinds that they lead to."""
    classes = np.zeros(len(view.subjects), np.int64)
    for places in view.rows.values():
        classes = _classes(classes, (places >= 0).astype(np.int64))
    return classes


def _classes(base: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.unique(base * (value.max(initial=0) + 1) + value, return_inverse=True)[1].astype(np.int64)


def _standing_out(subjects: np.ndarray, base: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The rows to hide: of classes that are too small, and, where the hidden are too few, some of the largest class."""
    width = value.max(initial=0) + 1
    cells, rows = np.unique(base * width + value, return_inverse=True)
    pairs = np.unique(np.column_stack((rows, subjects)), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(cells))
    small, told, bases = counts < LEAST, cells % width > 0, cells // width
    hide: np.ndarray = (small & told)[rows]
    for few in np.flatnonzero(small & ~told):
        beside = np.flatnonzero((bases == bases[few]) & told & ~small)
        if len(beside):
            largest = beside[counts[beside].argmax()]
            joining = pairs[pairs[:, 0] == largest, 1][: LEAST - counts[few]]
            hide |= (rows == largest) & np.isin(subjects, joining)
    return hide


def _frame(connection: psycopg.Connection, query: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query.encode())
        names = [column.name for column in cursor.description or ()]
        return pd.DataFrame(sorted(cursor.fetchall(), key=str), columns=names, dtype=object)
