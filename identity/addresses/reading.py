"""How an address text is read: which of its words are numbers, units and floors, and which are names.

Gazetteer and messy addresses are read by the same rules, so a spelling that is read oddly is read oddly on both
sides. ``words.csv`` lists the words that have a meaning; whoever knows a local one adds a line.

A *mark* is what tells one home from its neighbour: a number with its letter (``27A``), a range (``12-14``), a unit's
letter, floor or position (``=A``, ``=FIRST``, ``=REAR``). A *use* says that something is no plain home: GARAGE, LAND,
ROOM. The other words are names.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

WORDS = Path(__file__).with_name("words.csv")
_FLOORS = (
    "LOWERGROUND|GROUND|BASEMENT|FIRST|SECOND|THIRD|FOURTH|FIFTH|SIXTH|SEVENTH|EIGHTH|NINTH|TENTH|TOP|UPPER|LOWER|"
    "MEZZANINE|ATTIC"
)
_SIDES = "FRONT|REAR|LEFT|RIGHT|MIDDLE|SIDE"

_BEFORE_WORDS = (
    (r"['\x{2019}`.]", ""),
    (r"&", " AND "),
    (r"\b([A-Z]{1,2}\d[A-Z\d]?) *(\d[A-Z]{2})\s*$", " "),  # a postcode at the end
    (r"(\d[A-Z]?)\s?[-\x{2013}]\s?(\d)", r"\1~\2"),
    (r"[^A-Z0-9~]+", " "),
    (r"\b(\d+)([A-Z]{3,})\b", r"\1 \2"),
    (r"\b0+(\d)", r"\1"),
    (r"\bLOWER (GROUND|GRD|GND)\b", "LOWERGROUND"),
    (r"\bREAR OF\b", "REAROF"),
    (r"^ +| +$", ""),
)  # fmt: skip
_AFTER_WORDS = (
    (rf"\b({_FLOORS}) FLOOR\b", r"=\1"),
    (rf"(^| )({_FLOORS}|{_SIDES}) FLAT\b", r"\1=\2 FLAT"),
    (rf"\bFLAT ({_FLOORS}|{_SIDES})\b", r"FLAT =\1"),
    (r"(^| )(BASEMENT|LOWERGROUND)\b", r"\1=\2"),
    (rf"(=[A-Z]+|FLAT \d+[A-Z]?) ({_SIDES})\b", r"\1 =\2"),
    (rf"\b({_SIDES}) (=[A-Z]+)", r"=\1 \2"),
    (r"\bFLAT ([A-Z])( |$)", r"FLAT =\1\2"),
    (r"^([A-Z]) ", r"=\1 "),
    (r"\b(\d+) ([A-Z])( |$)", r"\1\2\3"),
    (r"~", "-"),
)  # fmt: skip
_JOINED_NAMES = (r"([A-Za-z][a-z]{3})([A-Z][a-z]{4})", r"\1 \2")
_COMPASS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}
_MARK = r"^(=.+|\d+[A-Z]?(-\d+[A-Z]?)?)$"


@cache
def meanings() -> dict[str, tuple[str, str]]:
    """What each listed word is read as, and its kind."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return {row["word"]: (row["read_as"], row["kind"]) for row in csv.DictReader(file)}


def of_kind(*kinds: str) -> list[str]:
    """The words of those kinds, as they are read."""
    return sorted({read_as for read_as, kind in meanings().values() if kind in kinds})


def read(connection: duckdb.DuckDBPyConnection, texts: pa.Array, name: str, known: str | None = None) -> None:
    """Makes the table ``name``: each distinct text once, read; beside the table ``known`` slips of the pen in words
    for flats, floors and uses are put right, where no name in it is such a word.

    text, tokens, marks (in order), unit (marks that directly follow a word for a flat or a use), is_unit (it names a
    unit), uses (sorted), names (in order), joined (neighbouring names as one word), beside (names that stand directly
    after a mark or, where none does, before the first).
    """
    connection.register("texts", pa.table({"text": texts.cast(pa.string()).unique()}))
    listed = [{"word": word, "read_as": read_as, "kind": kind} for word, (read_as, kind) in meanings().items()]
    connection.register("words_given", pa.Table.from_pylist(listed))
    connection.execute("CREATE OR REPLACE TABLE word_list AS SELECT * FROM words_given")
    types = "|".join(of_kind("street_type"))
    compass = tuple((rf"\b{letter} ({types})\b", rf"{word} \1") for letter, word in _COMPASS.items())
    joined = "|".join(word.capitalize() for word in meanings() if word.isalpha())  # AspenWalk, FlatB
    parted = _rewritten("text", ((rf"([A-Za-z][a-z]{{2}})({joined}|[A-Z])\b", r"\1 \2"), _JOINED_NAMES))
    before = _rewritten(f"strip_accents(upper({parted}))", _BEFORE_WORDS)
    if known:
        connection.execute(_SLIPS.format(known=known, before=before))
    connection.execute(_SQL.format(
        name=name, before=before, after=_rewritten("spelled", compass + _AFTER_WORDS), mark=_MARK.replace("'", "''"),
        uses=of_kind("not_a_home"), units=of_kind("unit"),
    ))  # fmt: skip
    connection.unregister("texts")
    connection.unregister("words_given")


def _rewritten(expression: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        expression = "regexp_replace({}, '{}', '{}', 'g')".format(
            expression, pattern.replace("'", "''"), replacement.replace("'", "''")
        )
    return expression


_SLIPS = """
INSERT INTO word_list
WITH words AS (SELECT DISTINCT unnest(string_split({before}, ' ')) AS word FROM texts WHERE text IS NOT NULL),
unknown AS (
    SELECT word FROM words ANTI JOIN word_list USING (word)
    ANTI JOIN (SELECT unnest(names) AS word FROM {known}) USING (word)
    WHERE regexp_matches(word, '^[A-Z][A-Z][A-Z]+$')
)
SELECT u.word, any_value(l.read_as), any_value(l.kind)
FROM unknown u JOIN word_list l ON length(l.word) > 3 AND damerau_levenshtein(u.word, l.word) = 1
GROUP BY u.word
HAVING count(DISTINCT l.read_as) = 1
    AND bool_and(l.kind = 'unit' OR l.kind IN ('floor', 'not_a_home') AND length(l.word) > 4)
"""

_SQL = """
CREATE OR REPLACE TABLE {name} AS
WITH plain AS (SELECT text, string_split({before}, ' ') AS words FROM texts WHERE text IS NOT NULL),
spelled AS (
    SELECT text, string_agg(coalesce(read_as, word), ' ' ORDER BY turn) AS spelled
    FROM (SELECT text, unnest(words) AS word, generate_subscripts(words, 1) AS turn FROM plain)
    LEFT JOIN word_list USING (word)
    WHERE coalesce(read_as, word) <> ''
    GROUP BY text
),
tokens AS (SELECT text, string_split({after}, ' ') AS tokens FROM spelled),
sorted_out AS (
    SELECT *,
        list_filter(tokens, lambda t: regexp_matches(t, '{mark}')) AS marks,
        list_sort(list_distinct(list_filter(tokens, lambda t: list_contains({uses}, t)))) AS uses,
        list_filter(tokens, lambda t: NOT list_contains({units}, t) AND NOT list_contains({uses}, t)) AS body
    FROM tokens
),
placed AS (
    SELECT *,
        list_filter(range(1, len(body) + 1), lambda i: regexp_matches(body[i], '{mark}')) AS places,
        list_filter(body, lambda t: NOT regexp_matches(t, '{mark}')) AS names
    FROM sorted_out
)
SELECT text, tokens, marks, uses, names,
    list_filter(
        list_transform(range(2, len(tokens) + 1), lambda i:
            CASE WHEN list_contains({units} || {uses}, tokens[i - 1]) AND coalesce(tokens[i - 2], '') NOT LIKE '=%'
                AND regexp_matches(tokens[i], '{mark}') THEN tokens[i] END
        ), lambda t: t IS NOT NULL
    ) AS unit,
    list_has_any(tokens, {units}) OR len(list_filter(marks, lambda t: t LIKE '=%')) > 0 AS is_unit,
    list_transform(range(1, len(names)), lambda i: names[i] || names[i + 1]) AS joined,
    list_filter(flatten(list_transform(places, lambda i: [body[i + 1], body[i + 1] || body[i + 2]])),
        lambda t: t IS NOT NULL AND NOT regexp_matches(t, '{mark}')) AS after,
    CASE WHEN len(after) > 0 OR len(places) = 0 OR places[1] = 1 THEN after
        ELSE [body[places[1] - 1], coalesce(body[places[1] - 2], '') || body[places[1] - 1]] END AS beside
FROM placed
"""
