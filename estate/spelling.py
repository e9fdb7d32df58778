"""People as a system's users wrote them: the same names, spelt, shortened, exchanged and remembered otherwise."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import dirt
from estate.habits import Habits
from estate.names import CULTURES, Strings, variants

Bools = NDArray[np.bool_]
FAMILY_FIRST = frozenset(
    {"pakistani", "bangladeshi", "gujarati", "westafrican", "somali", "arabic", "chinese", "vietnamese"}
)
"""Cultures whose names officials often take the wrong way round."""
assert frozenset(CULTURES) >= FAMILY_FIRST


def spelt(people: pd.DataFrame, habits: Habits, rng: np.random.Generator) -> pd.DataFrame:
    """Those rows of the world's people, numbered from 0, with names, dob and nino as the habits have them."""
    frame = people.reset_index(drop=True)
    count = len(frame)

    def hit(share: float, among: Bools | pd.Series) -> Bools:
        found: Bools = np.asarray(among, dtype=bool) & (rng.random(count) < share)
        return found

    first, middle, last = (frame[name].to_numpy(dtype=object) for name in ("forename", "middle_names", "surname"))
    before = frame["previous_surname"].to_numpy(dtype=object)
    last = np.where(hit(habits.maiden, before != ""), before, last)
    called = hit(habits.middle, middle != "")
    first, middle = np.where(called, middle, first), np.where(called, "", middle)
    first = _varied("nickname", first, hit(habits.nickname, np.ones(count, bool)), rng)
    heard = hit(habits.spelling, np.ones(count, bool))
    first, last = (_varied("spelling", names, heard, rng) for names in (first, last))
    unmarked, way = hit(habits.marks, np.ones(count, bool)), rng.integers(2, size=count)
    first, last = (np.where(unmarked, _without_marks(names, way), names) for names in (first, last))
    wrong, of_last = hit(habits.misspelt, np.ones(count, bool)), rng.random(count) < 0.6
    first = _changed(first, wrong & ~of_last, lambda names: dirt.misspell(names, rng))
    last = _changed(last, wrong & of_last, lambda names: dirt.misspell(names, rng))
    exchanged = hit(habits.swapped, frame["culture"].isin(FAMILY_FIRST))
    first, last = np.where(exchanged, last, first), np.where(exchanged, first, last)
    first = _changed(first, hit(habits.initial, np.ones(count, bool)), dirt.initials)
    unborn, unnumbered = hit(habits.no_birth_date, np.ones(count, bool)), hit(habits.no_nino, np.ones(count, bool))
    return frame.assign(
        forename=pd.Series(first, dtype="str"), middle_names=pd.Series(middle, dtype="str"),
        surname=pd.Series(last, dtype="str"), dob=frame["dob"].mask(unborn), nino=frame["nino"].mask(unnumbered, ""),
    )  # fmt: skip


def capitals(texts: pd.Series) -> pd.Series:
    """Capitals of ASCII, as payment systems and mainframes carry them."""
    plain = {text: _ascii(text).upper() for text in set(texts)}
    found: pd.Series = texts.map(plain).astype("str")
    return found


def joined(*parts: pd.Series) -> pd.Series:
    """The parts of each row with single blanks between those that are filled."""
    line = parts[0].astype("str")
    for part in parts[1:]:
        line = line + " " + part.astype("str")
    found: pd.Series = line.str.replace(r" +", " ", regex=True).str.strip()
    return found


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _changed(names: Strings, where: Bools, change: Callable[[pd.Series], pd.Series]) -> Strings:
    changed = names.copy()
    changed[where] = change(pd.Series(names[where], dtype="str")).to_numpy(dtype=object)
    return changed


@cache
def _table(kind: str) -> tuple[pd.Index, Strings, NDArray[np.int64]]:
    """The names that vary, a row of variants for each (filled up with its first), and how many each has."""
    known = variants(kind)
    counts = np.array([len(forms) for forms in known.values()])
    rows = [[*forms, *[forms[0]] * (counts.max() - len(forms))] for forms in known.values()]
    return pd.Index(list(known)), np.array(rows, dtype=object), counts


def _varied(kind: str, names: Strings, where: Bools, rng: np.random.Generator) -> Strings:
    index, forms, counts = _table(kind)
    row = index.get_indexer(pd.Index(names))
    turn = (rng.random(len(names)) * counts[row]).astype("int64")
    found: Strings = np.where(where & (row >= 0), forms[row, turn], names)
    return found


def _without_marks(names: Strings, way: NDArray[np.int64]) -> Strings:
    """Without accents; hyphens and apostrophes gone (way 0) or turned into blanks (way 1), particles run together."""
    text = pd.Series(names, dtype="str")
    plain = text.map({name: _ascii(name) for name in set(text)}).astype("str")
    together = plain.str.replace(r"['-]", "", regex=True).str.replace(r"^(de|dos|Al|El) ", r"\1", regex=True)
    apart = plain.str.replace(r"['-]", " ", regex=True)
    found: Strings = together.where(way == 0, apart).to_numpy(dtype=object)
    return found
