"""Masks of people's names as sources write them: each word for its mask, the way of writing kept.

Titles, order, initials, capitals and slips of the pen stay as they were: "SMITH, J MRS" becomes "BARKER, T MRS" where
Jane Smith is Tessa Barker in that family, and SIMTH becomes BAKRER. A short form becomes one of the masked name. A word
that is nobody's of the family (a name before marriage, a neighbour) becomes another, the same each time.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from identity.people.clean import NICKNAMES
from identity.people.names import PARTICLES, SHORT, TITLES
from mirror.masks.name_lists import FORENAME, SURNAME, fold, listed
from mirror.masks.naming import Family, draw
from mirror.masks.slips import Slip, between, repeated

_PIECES = re.compile(r"[^\W\d_]+(?:['’`´.]?[^\W\d_]+)*\.?|[^\W\d_]|.", re.DOTALL)  # noqa: RUF001 - typed apostrophes
_STAY = re.compile(
    rf"(?:{TITLES}|AND|OF|FOR|THE|LATE|EST(?:ATE)?|EXORS?|EXECUTORS?|EXECUTRIX|PERS(?:ONAL)?|REPS?|REPRESENTATIVES?"
    r"|ADMINISTRATORS?|TRUSTEES?|DECD?|DE(?:C(?:E(?:A(?:S(?:ED?)?)?)?)?)?|CARE|CO|OCCUPIERS?|TENANTS?|RESIDENTS?|HOUSEHOLDER|UNKNOWN|NOT|KNOWN"
    r"|NONE|VOID|TBC|TEST|ANON|ANONYMOUS|NA|JNR|SNR|JR|SR)"
)
_BODIES = re.compile(
    r"(?i)\b(?:council|borough|ltd|limited|plc|llp|trust|association|housing|bank|dwp|bc|mbc|services|society|agency|"
    r"charity|church|solicitors|lettings|homes|properties)\b"
)
_PARTICLE, _SHORT_NAME = re.compile(PARTICLES), re.compile(SHORT)


def is_body(text: str) -> bool:
    """Whether a name is that of a council, a firm or another body."""
    return bool(_BODIES.search(text))


def masked(key: bytes, text: str, family: Family, kind: str = "") -> str:
    """The name as the source would have written it of the masked person.

    ``kind``: forename or surname where the text is that alone.
    """
    pieces = _PIECES.findall(text)
    found, at = [], 0
    last = max((i for i, piece in enumerate(pieces) if len(fold(piece)) > 1 and not _stays(fold(piece))), default=-1)
    while at < len(pieces):
        piece = pieces[at]
        if not fold(piece):
            found.append(piece)
        elif joined := _joined(pieces, at, family):
            piece, at = joined
            found.append(_styled(piece, family.words[fold(piece)]))
        else:
            found.append(_word(key, piece, family, kind or (SURNAME if at == last else "")))
        at += 1
    return "".join(found)


def _joined(pieces: list[str], at: int, family: Family) -> tuple[str, int] | None:
    """A name written apart (O BRIEN, AL-SAYED, VAN DER BERG) and where it ends; None where none begins here."""
    if not _PARTICLE.fullmatch(fold(pieces[at])):
        return None
    for end in (at + 4, at + 2):
        together = "".join(pieces[at : end + 1])
        if end < len(pieces) and fold(together) in family.words:
            return together, end
    return None


def _stays(word: str) -> bool:
    return bool(_STAY.fullmatch(word))


def _word(key: bytes, piece: str, family: Family, kind: str) -> str:
    word = fold(piece)
    if word in family.words:
        return _styled(piece, family.words[word])
    if _stays(word):
        return piece
    if len(word) == 1 or (
        len(word) < 4 and piece.isupper() and not _SHORT_NAME.fullmatch(word) and _initials(piece, word)
    ):
        return "".join(family.initial(key, letter) if letter.isalpha() else letter for letter in fold_letters(piece))
    if _PARTICLE.fullmatch(word) and not listed(SURNAME, word):
        return piece
    if like := _like(key, word, family):
        return _styled(piece, like)
    return _styled(piece, family.other(key, word, kind or (FORENAME if listed(FORENAME, word) else SURNAME)))


def _initials(piece: str, word: str) -> bool:
    """Whether two or three capitals are initials: J.A., or BA where no list has it as a name."""
    return "." in piece or (len(word) == 2 and not listed(FORENAME, word) and not listed(SURNAME, word))


def fold_letters(piece: str) -> str:
    """The piece, each letter as a capital without its accent."""
    return "".join(fold(letter) or letter for letter in piece)


def _like(key: bytes, word: str, family: Family) -> str:
    """The family's name that the word is a short form or a slip of, with the same done to its mask; "" for none."""
    for right, name in family.words.items():
        if slip := between(right, word):
            if slip.letters and not slip.at:  # another initial than the family's name has
                slip = replace(slip, letters=family.initial(key, slip.letters))
            if fold(found := repeated(slip, name)) != word:  # by chance it may be what stood there
                return found
    for right, name in family.words.items():  # further apart, yet alike: QURAISHI for QURESHI
        if word[:3] == right[:3] and min(len(word), len(right)) > 4 and abs(len(word) - len(right)) < 3:
            return repeated(Slip("longer", len(right), len(right)), name)
    roots = _roots(word)
    for right, name in family.words.items():
        if family.kinds.get(right) == FORENAME and roots & _roots(right):
            forms = sorted(form for root in _roots(fold(name)) for form in _forms()[root] - {fold(name), word})
            return forms[int(draw(key, word) * len(forms))] if forms else name
    for right, name in family.words.items():  # CALDDENBENSON
        if word.startswith(right) and (rest := word[len(right) :]) in family.words:
            return name + family.words[rest]
    return ""


def akin(one: str, other: str) -> bool:
    """Whether two forenames are short forms or spellings of one name."""
    return bool(_roots(one) & _roots(other))


def words(text: str) -> list[str]:
    """The words of a forename or a surname, folded, a particle with what it belongs to; no initials, no titles."""
    found: list[str] = []
    particle = ""
    for piece in re.split(r"[\s\-/&,]+", text):
        word = fold(piece)
        if word and _PARTICLE.fullmatch(word) and particle + word != text:
            particle += word
            continue
        if len(particle + word) > 1 and not _stays(word):
            found.append(particle + word)
        particle = ""
    return found or ([particle] if len(particle) > 1 else [])


def sex_of(title: object) -> str:
    """F or M where the title says so."""
    told = fold(str(title or ""))
    return (
        "F" if told in ("MRS", "MISS", "MS", "LADY", "DAME") else "M" if told in ("MR", "MASTER", "SIR", "LORD") else ""
    )


@cache
def _forms() -> Mapping[str, frozenset[str]]:
    """The spellings and short forms of each root name, itself among them."""
    with NICKNAMES.open(encoding="utf-8", newline="") as file:
        rows = [(row["root"], row["variants"].split()) for row in csv.DictReader(file)]
    found: dict[str, set[str]] = defaultdict(set)
    for root, variants in rows:
        found[root] |= {root, *variants}
    return {root: frozenset(forms) for root, forms in found.items()}


@cache
def _roots_by_form() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for root, forms in _forms().items():
        for form in forms:
            found[form].add(root)
    return {form: frozenset(roots) for form, roots in found.items()}


def _roots(word: str) -> frozenset[str]:
    return _roots_by_form().get(word, frozenset())


def _styled(written: str, name: str) -> str:
    """The name in the capitals of what was written; without accents where capitals have none."""
    letters = [letter for letter in written if letter.isalpha()]
    if all(letter.isupper() for letter in letters) and len(letters) > 1:
        found = fold_letters(name) if written.isascii() else name.upper()
    elif all(letter.islower() for letter in letters):
        found = name.lower()
    else:
        found = name[:1].upper() + name[1:].lower()
    return found + "Â" * written.endswith("Â")  # what the wrong code page leaves of a hard blank
