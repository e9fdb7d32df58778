"""COBOL copybooks: the layout of a record, read from the text that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.errors import ConfigurationFault, SourceUnreadable

USAGES = {
    "DISPLAY": "display",
    "COMP": "binary",
    "COMP-0": "binary",
    "COMP-4": "binary",
    "COMP-5": "binary",
    "BINARY": "binary",
    "COMP-1": "float",
    "COMP-2": "double",
    "COMP-3": "packed",
    "PACKED-DECIMAL": "packed",
}
USAGES |= {name.replace("COMP", "COMPUTATIONAL"): usage for name, usage in USAGES.items() if "COMP-" in name}
USAGES |= {"COMPUTATIONAL": "binary"}


@dataclass(frozen=True)
class Picture:
    """A PIC clause. ``positions`` has one letter for each stored character (S, V and P take none).

    ``scale`` counts the digits behind the decimal point, negative where P stands behind the digits.
    """

    positions: str
    is_text: bool
    signed: bool = False
    digits: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Field:
    """One entry of a copybook. ``size`` in bytes of one occurrence; ``offset`` from the record's start."""

    level: int
    name: str
    picture: Picture | None = None
    usage: str = "display"
    sign_leading: bool = False
    sign_separate: bool = False
    occurs: int = 1
    repeats: bool = False
    depending_on: str | None = None
    redefines: str | None = None
    children: tuple[Field, ...] = ()
    offset: int = 0
    size: int = 0

    @property
    def length(self) -> int:
        """Bytes of all occurrences."""
        return self.size * self.occurs

    def fields(self) -> Iterator[Field]:
        """The entry and everything below it."""
        yield self
        for child in self.children:
            yield from child.fields()


@dataclass(frozen=True)
class Copybook:
    """The 01 levels of a copybook: alternative layouts of the same record."""

    records: tuple[Field, ...]

    @property
    def record_length(self) -> int:
        """Bytes of a record in a file: those of the longest 01 level."""
        return max(record.length for record in self.records)

    def record(self, name: str | None = None) -> Field:
        """The 01 level of that name, or the first. KeyError where there is none."""
        return self.records[0] if name is None else {r.name: r for r in self.records}[name.upper()]

    def field(self, name: str) -> Field:
        """The first entry of that name in any record. KeyError where there is none."""
        for record in self.records:
            for field in record.fields():
                if field.name == name.upper():
                    return field
        raise KeyError(name)


def read_copybook(path: Path) -> Copybook:
    """The layout that a copybook file describes. Raises ConfigurationFault naming file and entry."""
    try:
        return parse_copybook(path.read_text("utf-8", errors="replace"))
    except OSError as error:
        raise ConfigurationFault(
            f"The copybook cannot be read ({error.strerror}).",
            place=f"copybook {path.name}",
            next_step="Put it beside source.toml, or correct layout.copybook.",
        ) from error
    except CopybookFault as fault:
        raise ConfigurationFault(
            f"The copybook is not understood: {fault}.",
            place=f"copybook {path.name}",
            next_step="Correct the entry, or ask for the copybook that the program was compiled with.",
        ) from fault


class CopybookFault(ValueError):
    """What is wrong with a copybook, and at which entry."""


def parse_copybook(text: str) -> Copybook:
    """The layout that the copybook's text describes. Raises CopybookFault."""
    entries = [entry for entry in map(_entry, _sentences(text)) if entry is not None]
    if not entries:
        raise CopybookFault("it has no entries")
    if entries[0].level != 1:
        entries.insert(0, Field(1, "RECORD"))
    records = []
    while entries:
        record, entries = _tree(entries, entries[0].usage)
        records.append(_placed(record, 0))
    return Copybook(tuple(records))


def _sentences(text: str) -> Iterator[list[str]]:
    """The tokens of each sentence; comments, sequence numbers and columns past 72 left out."""
    sentence: list[str] = []
    for line in map(str.expandtabs, text.replace("\x1a", "").splitlines()):
        margin = line[:6]
        fixed = not margin.strip() or (len(margin.split()) == 1 and len(margin.strip()) == 6)
        if line.lstrip().startswith("*") or (fixed and line[6:7] in ("*", "/")):
            continue
        for token in re.findall(r"""'[^']*'\.?|"[^"]*"\.?|\S+""", line[6:72] if fixed else line):
            word = token.rstrip(",;")
            if word.endswith("."):
                yield [*sentence, *filter(None, [word[:-1]])]
                sentence = []
            elif word:
                sentence.append(word)
    if sentence:
        raise CopybookFault(f"the entry {' '.join(sentence[:2])} does not end in a full stop")


def _entry(tokens: list[str]) -> Field | None:
    words = [token.upper() for token in tokens]
    if not words or words[0] in ("SKIP1", "SKIP2", "SKIP3", "EJECT"):
        return None
    if not words[0].isdigit():
        raise CopybookFault(f"{words[0]} is not a level number")
    level = int(words[0])
    if level in (66, 88):
        return None
    named = len(words) > 1 and words[1] not in _CLAUSES and words[1] not in USAGES
    field = Field(1 if level == 77 else level, words[1] if named else "FILLER", usage="")
    at = 2 if named else 1
    while at < len(words):
        field, at = _clause(field, words, at)
    return field


_OCCURS = re.compile(
    r"(?:(\d+) TO )?(\d+)(?: TIMES)?(?: DEPENDING(?: ON)? (\S+))?"
    r"(?: (?:ASCENDING|DESCENDING)(?: KEY)?(?: IS)?(?: \S+)+?(?= INDEXED|$))?(?: INDEXED(?: BY)? \S+)?"
)
_CLAUSES = {"PIC", "PICTURE", "OCCURS", "REDEFINES", "USAGE", "SIGN", "VALUE", "LEADING", "TRAILING"}
_NOISE = {
    "IS",
    "ARE",
    "USAGE",
    "SIGN",
    "TIMES",
    "ON",
    "CHARACTER",
    "JUST",
    "JUSTIFIED",
    "RIGHT",
    "GLOBAL",
    "EXTERNAL",
}


def _clause(field: Field, words: Sequence[str], at: int) -> tuple[Field, int]:  # noqa: PLR0911 - one a clause
    """The field with the clause that starts there, and where the next one starts."""
    word, follows = words[at], [*words[at + 1 :], "", "", ""]
    if word in ("PIC", "PICTURE"):
        skip = follows[0] == "IS"
        return replace(field, picture=parse_picture(follows[skip])), at + 2 + skip
    if word == "REDEFINES":
        return replace(field, redefines=follows[0]), at + 2
    if word == "OCCURS":
        times = _OCCURS.match(" ".join(words[at + 1 :]))
        if times is None:
            raise CopybookFault(f"OCCURS of {field.name} has no number")
        found = replace(field, occurs=int(times[2]), repeats=True, depending_on=times[3])
        return found, at + 1 + len(times[0].split())
    if word in ("LEADING", "TRAILING"):
        separate = follows[0] == "SEPARATE"
        return replace(field, sign_leading=word == "LEADING", sign_separate=separate), at + 1 + separate
    if word in ("VALUE", "VALUES"):
        return field, len(words) if "PIC" not in follows else words.index("PIC", at)
    if word in USAGES:
        return replace(field, usage=USAGES[word]), at + 1
    if word == "BLANK":
        return field, at + 2 + ("WHEN" in follows[:1])
    if word in _NOISE:
        return field, at + 1
    raise CopybookFault(f"{word} in the entry {field.name} is not supported")


def parse_picture(text: str) -> Picture:
    """The picture of a PIC string. Raises CopybookFault for symbols that are not supported."""
    spread = re.sub(r"(.)\((\d+)\)", lambda found: found[1] * int(found[2]), text.upper())
    if set(spread) & set("XA"):
        if not set(spread) <= set("XA9B0/"):
            raise CopybookFault(f"PIC {text} is not supported")
        return Picture(spread, is_text=True)
    positions = re.sub("[SVP]", "", spread)
    if not re.fullmatch(r"[9Z*.,+\-$£B0/]+(CR|DB)?", positions):
        raise CopybookFault(f"PIC {text} is not supported")
    floating = {symbol for symbol in "+-$£" if positions.count(symbol) > 1}
    digits = sum(p in "9Z*" for p in positions) + sum(positions.count(f) - 1 for f in floating)
    whole, _, fraction = spread.replace("V", ".").partition(".")
    scale = sum(p in "9Z*" or p in floating for p in fraction)
    if (whole.lstrip("SP") == "" and "P" in spread) or re.match(r"S?P+9", spread):
        scale = digits + spread.count("P")
    elif "P" in spread:
        scale = -spread.count("P")
    return Picture(positions, is_text=False, signed=_is_signed(spread), digits=digits, scale=scale)


def _is_signed(spread: str) -> bool:
    return spread.startswith("S") or bool(re.search(r"[+\-]|CR|DB", spread))


def _tree(entries: list[Field], usage: str) -> tuple[Field, list[Field]]:
    """The first entry with those below it, and the entries that follow. A group's usage is its fields'."""
    head, rest = replace(entries[0], usage=entries[0].usage or usage), entries[1:]
    children: list[Field] = []
    while rest and rest[0].level > head.level:
        child, rest = _tree(rest, head.usage)
        children.append(child)
    if not children and head.picture is None and head.usage not in ("float", "double"):
        raise CopybookFault(f"{head.name} has neither a picture nor fields below it")
    return replace(head, children=tuple(children), usage=head.usage or "display"), rest


def _placed(field: Field, offset: int) -> Field:
    """The field with offsets and sizes from there on."""
    children: list[Field] = []
    end = offset
    for child in field.children:
        start = end
        if child.redefines:
            base = next((other for other in children if other.name == child.redefines), None)
            if base is None:
                raise CopybookFault(f"{child.name} redefines {child.redefines}, which is not before it")
            start = base.offset
        children.append(_placed(child, start))
        end = max(end, start + children[-1].length)
    size = end - offset if children else _size(field)
    return replace(field, children=tuple(children), offset=offset, size=size)


def _size(field: Field) -> int:
    picture = field.picture
    if picture is None:
        return 4 if field.usage == "float" else 8
    if picture.is_text or field.usage == "display":
        return len(picture.positions) + field.sign_separate
    if field.usage == "packed":
        return picture.digits // 2 + 1
    if picture.digits <= 18:
        return 2 if picture.digits <= 4 else 4 if picture.digits <= 9 else 8
    largest = int(10**picture.digits) - 1
    return (largest.bit_length() + 8) // 8  # a compiler's extension: as few bytes as hold it and a sign


def does_not_fit(system: str, place: str, record_length: int, file_length: int) -> SourceUnreadable:
    """The error for a file that a copybook does not describe."""
    return SourceUnreadable(
        f"The copybook does not fit the file: its record has {record_length} bytes, the file has "
        f"{file_length}, which is {file_length // record_length} records and {file_length % record_length} "
        f"bytes, and most records do not decode or are of no known type.",
        system=system,
        place=place,
        next_step="Ask for the copybook of this extract; check layout.encoding, record, select and ignore.",
    )
