"""Names that a source does not divide: title, forenames and surname of each distinct text."""

from __future__ import annotations

import re

import pandas as pd
from nameparser import HumanName

PARTS = ("title", "forename", "surname")
TITLES = r"(?:MR|MRS|MS|MISS|MX|DR|REV|REVD|SIR|DAME|LADY|LORD|PROF|MASTER|MSTR|CLLR|HAJI)"
PARTICLES = r"(?:DE|DA|DI|DU|DOS|DAS|DEL|LA|LE|VAN|VON|DER|DEN|AL|EL|MAC|MC|BIN|O)"
SHORT = r"(?:LI|NG|HO|WU|XU|YU|MA|HE|LU|HU|KO|LO|LE|VU|DO|LY|OH|AU|SO|TO|YE)"
"""Family names of two letters, which are no initials."""
_STANDING_FOR = re.compile(
    r"^(?:THE\s+)?(?:EXOR'?S?|EXECUTORS?|EXECUTRIX|PERS(?:ONAL)?\.?\s*REPS?(?:RESENTATIVES?)?|ADMINISTRATORS?|"
    r"ESTATE|TRUSTEES?)\.?\s+(?:(?:OF|FOR)\s+)?(?:THE\s+)?(?:LATE\s+|ESTATE\s+OF\s+(?:THE\s+)?(?:LATE\s+)?)?"
    r"|^THE\s+LATE\s+|^(?:C/O|CARE\s+OF)\s+|\s*\(?\b(?:DECEASED|DEC'?D)\b\)?|\s+(?:\(D?E?C?|DEC?)$"
)
_NOBODY = re.compile(
    r"^(?:THE\s+)?(?:OCCUPIERS?|TENANTS?|RESIDENTS?|HOUSEHOLDER|UNKNOWN|NOT\s+KNOWN|N/?A|NONE|VOID|TBC|TEST"
    r"|ANON(?:YMOUS)?"
    r"|X+|-+|\?+|\.+)$"
)
_SURNAME_FIRST = re.compile(rf"^([^\s,]+(?:\s+[^\s,]+)*?),\s*({TITLES}\.?\s+)?(.*?)(?:\s+({TITLES})\.?)?$")
_TITLE_AMID = re.compile(rf"^(.+?)\s+({TITLES})\.?\s+(.+)$")
_INITIALS_LAST = re.compile(rf"^(\S{{2,}})\s+([A-Z]\.?(?:\s*[A-Z]\.|\s+[A-Z])*)(?:\s+({TITLES})\.?)?$")
_TITLE_LAST = re.compile(rf"^((?:{PARTICLES}\s+)*\S+)\s+(\S.*?)\s+({TITLES})$")
_INITIALS_TOGETHER = re.compile(rf"^(\S{{3,}})\s+(?!{SHORT}$)([A-Z])([A-Z])$")
_IRISH = re.compile(r"^(.*\S) (O [A-Z]{4,})$")
_DOTTED = re.compile(rf"\b({TITLES})\.(?=\s|$)")
_PLAIN = re.compile(rf"^(?:({TITLES})\.?\s+)?([^\s]+(?:\s+[A-Z]\.?)*)\s+([^\s]{{2,}})$")


def divide(texts: pd.Series) -> pd.DataFrame:
    """Title, forename (with middle names) and surname of undivided names, index as given; empty where unknown.

    Each distinct text is read once. The forms that computers print ("MR J SMITH", "SMITH, JOHN MR", "SMITH J")
    are told by their shape; the rest, such as names with particles, by nameparser.
    """
    known = texts.fillna("").astype("str")
    distinct = pd.Series(known.unique())
    parts = pd.DataFrame([_divide(text) for text in distinct], columns=list(PARTS), index=distinct, dtype="str")
    return parts.reindex(known).set_axis(texts.index)


def _divide(text: str) -> tuple[str, str, str]:  # noqa: PLR0911 - one way out for each form
    name = " ".join(_STANDING_FOR.sub(" ", " ".join(text.upper().split())).split())
    name = _DOTTED.sub(r"\1", name)
    if not name or _NOBODY.match(name):
        return "", "", ""
    if found := _SURNAME_FIRST.match(name):
        surname, before, forename, after = found.groups()
        return (before or after or "").strip(" ."), forename.strip(), surname
    if (found := _TITLE_AMID.match(name)) and not re.match(rf"^{TITLES}\b", name):
        surname, title, forename = found.groups()
        return title, forename, surname
    if (found := _INITIALS_LAST.match(name)) and not re.fullmatch(TITLES, found.group(1)):
        surname, forename, title = found.groups()
        return title or "", forename.strip(), surname
    if (found := _TITLE_LAST.match(name)) and not re.match(rf"^{TITLES}\b", name):
        surname, forename, title = found.groups()
        return title, forename, surname
    if found := _IRISH.match(name):
        title, forename, _ = _divide(f"{found.group(1)} X")
        return title, forename, found.group(2)
    if found := _INITIALS_TOGETHER.match(name):
        surname, first, second = found.groups()
        return "", f"{first} {second}", surname
    if found := _PLAIN.match(name):
        title, forename, surname = found.groups()
        if not re.fullmatch(TITLES, forename):
            return title or "", forename, surname
        return forename, "", surname
    if " " not in name:
        return "", "", name
    parsed = HumanName(name)
    return parsed.title, " ".join((parsed.first, parsed.middle)).strip(), parsed.last
