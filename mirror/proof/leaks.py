"""Looks for originals in a mirror: in every value, in what PostgreSQL notes of values, and in every file.

Values are looked at as text, and once more where they are written in percent signs, base64, hexadecimal or JSON's
escapes. A leak is told by where it stands, its kind and a keyed fingerprint, never by its value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
from psycopg import sql

from mirror.proof import matching
from mirror.proof.identifiers import Identifiers
from mirror.proof.matching import Hits, Sought
from mirror.proof.rows import Connection, blocks, eights
from mirror.proof.walk import KINDS, PAGE

Fingerprint = Callable[[int], str]

FIELD = "\x1f"
AT_ONCE = 2
PIECE = 64 << 20
OVERLAP = PAGE
"""So much of a file's piece is looked at again with the next, that nothing is cut in two."""
TIMED = ("timestamp", "time ", "date", "interval", "boolean", "numeric", "double", "real", "smallint", "xid")
STORED = ("uuid", "bigint")
NUMBERING = ("source_row",)
"""A row's place in its file: in a large file every number below its length, and so some that are somebody's too."""

RELATIONS = """
SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum),
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
GROUP BY 1 ORDER BY 1
"""
STATISTICS = ("most_common_vals", "histogram_bounds", "most_common_elems")
NOTED = {
    "pg_statistic": "SELECT s.schemaname || '.' || s.tablename || '.' || s.attname, "
    + ", ".join(f"array_to_string(s.{name}::text::text[], E'\\x1e')" for name in STATISTICS)
    + " FROM pg_stats s JOIN pg_attribute a ON a.attname = s.attname AND a.attrelid = "
    "format('%I.%I', s.schemaname, s.tablename)::regclass JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE s.schemaname !~ '^pg_' AND t.typcategory IN ('S', 'A', 'U', 'E', 'Z')",
    "pg_statistic_ext": "SELECT statistics_name, array_to_string(most_common_vals::text::text[], E'\\x1e') "
    "FROM pg_stats_ext",
    "comments": "SELECT objoid::text, description FROM pg_description d WHERE objoid >= 16384 UNION ALL "
    "SELECT objoid::text, description FROM pg_shdescription",
    "sequences": "SELECT schemaname || '.' || sequencename, last_value::text FROM pg_sequences",
    "definitions": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE oid >= 16384 UNION ALL "
    "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid >= 16384 UNION ALL "
    "SELECT adrelid::regclass::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE oid >= 16384 UNION ALL "
    "SELECT c.oid::regclass::text, pg_get_viewdef(c.oid) FROM pg_class c WHERE relkind IN ('v', 'm') AND oid >= 16384 "
    "UNION ALL SELECT proname, prosrc FROM pg_proc WHERE oid >= 16384 UNION ALL "
    "SELECT enumtypid::regtype::text, enumlabel FROM pg_enum WHERE oid >= 16384",
    "settings": "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database UNION ALL "
    "SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles UNION ALL "
    "SELECT name, setting FROM pg_settings WHERE source <> 'default' UNION ALL "
    "SELECT setdatabase::text, setconfig::text FROM pg_db_role_setting",
}
"""What PostgreSQL keeps of values beside the tables."""

_PERCENT = re.compile(rb"[\w.+-]*(?:%[0-9A-Fa-f]{2}[\w.+-]*)+")
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{12,}={0,2}(?![A-Za-z0-9+/=])")
_HEX = re.compile(rb"(?<![0-9A-Za-z])(?:\\x)?((?:[0-9a-fA-F]{2}){7,})(?![0-9A-Za-z])")
_ESCAPED = re.compile(rb"\\\\?u([0-9a-fA-F]{4})")
_READABLE = re.compile(rb"[\x20-\x7e\xc2-\xc5\x80-\xbf]{6,}")


@dataclass(frozen=True)
class Leak:
    """Something of the source, so often at that place. ``prints`` are keyed fingerprints of what it was."""

    place: str
    kind: str
    times: int
    prints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scan:
    """What was looked at, and what was found there."""

    leaks: tuple[Leak, ...]
    places: int
    bytes: int


@dataclass
class _Found:
    """Hits by place and kind, as they come."""

    times: Counter[tuple[str, str]] = field(default_factory=Counter)
    prints: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, place: str, kind: str, print_: str, times: int = 1) -> None:
        self.times[place, kind] += times
        prints = self.prints.setdefault((place, kind), set())
        if len(prints) < 5:
            prints.add(print_)

    def leaks(self) -> tuple[Leak, ...]:
        return tuple(
            Leak(place, kind, times, tuple(sorted(self.prints[place, kind])))
            for (place, kind), times in sorted(self.times.items())
        )


@dataclass(frozen=True)
class Search:
    """What is looked for, laid out; ``fingerprint`` makes a told name of a key."""

    text: Sought
    words: Sought
    fingerprint: Fingerprint

    @classmethod
    def of(cls, identifiers: Identifiers, fingerprint: Fingerprint) -> Search:
        """The search for those identifiers."""
        return cls(matching.laid_out(identifiers.text), matching.laid_out(identifiers.words), fingerprint)


def values(mirror: Connection, search: Search) -> Scan:
    """The leaks in the mirror's values, and in what its catalogue notes of them."""
    found = _Found()
    places, size = 0, 0
    for table, names, kinds in mirror.execute(RELATIONS).fetchall():
        assert isinstance(names, list)
        assert isinstance(kinds, list)
        columns = dict(zip(names, kinds, strict=True))
        shown = [name for name, kind in columns.items() if kind not in STORED and not kind.startswith(TIMED)]
        shown = [name for name in shown if name not in NUMBERING]
        stored = [(name, kind) for name, kind in columns.items() if kind in STORED]
        size += _text_columns(mirror, str(table), shown, search, found)
        if stored:
            words = eights(mirror, str(table), stored)
            size += words.nbytes
            rows = len(words) // len(stored)
            hits = matching.search_words(search.words, words)
            for place, slot in zip(hits.places, hits.slots, strict=True):
                name = stored[int(place) // 8 // max(rows, 1)][0]
                found.add(f"{table}.{name}", "word", _print(search.words, slot, search.fingerprint))
            _beyond(hits, found, str(table))
        places += len(columns)
    for name, query in NOTED.items():
        size += _queried(mirror, sql.SQL(query), ["of", *["value"] * 4], name, search, found)
        places += 1
    return Scan(found.leaks(), places, size)


def files(folders: Iterable[Path], search: Search) -> Scan:
    """The leaks in every file below the folders: data, WAL, statistics, temporary files, logs."""
    every = [path for folder in folders for path in _files(folder)]
    found = _Found()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, size, hits in pool.map(lambda path: _file(path, search), every):
            for kind, print_, times in hits:
                found.add(_told(path), kind, print_, times)
            found.times.update({("", ""): size})
    total = found.times.pop(("", ""), 0)
    return Scan(found.leaks(), len(every), total)


def _text_columns(mirror: Connection, table: str, columns: list[str], search: Search, found: _Found) -> int:
    if not columns:
        return 0
    fields = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("SELECT {} FROM {}").format(fields, sql.Identifier(*table.split(".", 1)))
    return _queried(mirror, query, columns, table, search, found)


def _queried(
    mirror: Connection, query: sql.Composable, columns: list[str], place: str, search: Search, found: _Found
) -> int:
    """How many bytes the query gave; what is found in them goes to ``found`` by column."""
    told = sql.SQL("COPY (SELECT E'\\x1e', q.* FROM ({}) q) TO STDOUT (FORMAT csv, DELIMITER {}, NULL '')").format(
        query, sql.Literal(FIELD)
    )
    size = 0
    for block in blocks(mirror, told):
        size += len(block)
        hits = matching.search(search.text, block)
        for at, slot in zip(hits.places, hits.slots, strict=True):
            row = block.rfind(matching.ROW, 0, int(at) + 1)
            number = block.count(FIELD.encode(), row, int(at)) - 1
            kind = KINDS[search.text.kinds[slot]]
            found.add(f"{place}.{columns[max(number, 0)]}", kind, _print(search.text, slot, search.fingerprint))
        _beyond(hits, found, place)
        if hidden := b"\n\x1e\n".join(_hidden(block)):
            hits = matching.search(search.text, hidden)
            for slot in hits.slots:
                kind = KINDS[search.text.kinds[slot]]
                found.add(f"{place} (encoded)", kind, _print(search.text, slot, search.fingerprint))
    return size


def _hidden(block: bytes) -> Iterator[bytes]:
    """What is written in another way within the bytes, as it reads."""
    if b"%" in block:
        yield from (unquote_to_bytes(part).replace(b"+", b" ") for part in _PERCENT.findall(block))
    for part in _BASE64.findall(block):
        try:
            plain = base64.b64decode(part.rstrip(b"=") + b"=" * (-len(part.rstrip(b"=")) % 4))
        except binascii.Error:
            continue
        if _READABLE.fullmatch(plain):
            yield plain
    for part in _HEX.findall(block):
        plain = bytes.fromhex(part.decode())
        if _READABLE.fullmatch(plain):
            yield plain
    if b"\\u" in block:
        for row in block.split(matching.ROW):
            if b"\\u" in row:
                yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), row)


def _file(path: Path, search: Search) -> tuple[Path, int, list[tuple[str, str, int]]]:
    """The path, its size, and the kinds, fingerprints and times of what was found in it."""
    told: Counter[tuple[str, str]] = Counter()
    try:
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError:  # a server at work removes files of its own
        return path, 0, []
    for start in range(0, len(data), PIECE):
        piece = data[max(0, start - OVERLAP) : start + PIECE]
        hits = matching.search(search.text, piece, is_file=True)
        _tell(hits, search.text, search.fingerprint, told)
    hits = matching.search_words(search.words, data[: len(data) // 8 * 8])
    _tell(hits, search.words, search.fingerprint, told)
    return path, len(data), [(kind, print_, times) for (kind, print_), times in told.items()]


def _tell(hits: Hits, sought: Sought, fingerprint: Fingerprint, told: Counter[tuple[str, str]]) -> None:
    slots, times = np.unique(hits.slots, return_counts=True)
    for slot, often in zip(slots, times, strict=True):
        told[KINDS[sought.kinds[slot]], _print(sought, slot, fingerprint)] += int(often)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    else:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _told(path: Path) -> str:
    """The last three parts of a path: enough to find the file, the same from build to build."""
    return "/".join(path.parts[-3:])


def _print(sought: Sought, slot: int, fingerprint: Fingerprint) -> str:
    return fingerprint(int(sought.table[slot]))


def _beyond(hits: Hits, found: _Found, place: str) -> None:
    if hits.times > len(hits.places):
        found.add(place, "more", "", hits.times - len(hits.places))
