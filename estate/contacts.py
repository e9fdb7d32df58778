"""How people can be reached and what is recorded of them beyond the name: all invented.

Landlines come from the ranges that Ofcom keeps for drama: about 16,000, so a large estate repeats some.
Mobiles are 071 numbers, a range with no operator, because the drama range holds only a thousand. Email ends
in example.org or example.com. NI numbers have the valid shape (rule NIM39110) and random digits.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.names import CULTURES

Texts = NDArray[np.object_]
_YEAR = 365.25
_LANDLINES = (
    "01632 960", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0", "0121 496 0",
    "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "020 7946 0", "0191 498 0", "028 9649 6", "029 2018 0",
)  # fmt: skip
_FIRST, _SECOND, _NEVER = "ABCEGHJKLMNOPRSTWXYZ", "ABCEGHJKLMNPRSTWXYZ", {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
NINO_PREFIXES = tuple(a + b for a in _FIRST for b in _SECOND if a + b not in _NEVER)

_ETHNICITY = {
    "english": "A1", "celtic": "A2", "caribbean": "D1", "pakistani": "C2", "bangladeshi": "C3", "punjabi": "C1",
    "gujarati": "C1", "westafrican": "D2", "somali": "D2", "polish": "A9", "romanian": "A9", "portuguese": "A9",
    "turkish": "E9", "arabic": "E1", "chinese": "C4", "vietnamese": "C9",
}  # fmt: skip
_RELIGION = {
    "caribbean": "CHR", "pakistani": "MUS", "bangladeshi": "MUS", "punjabi": "SIK", "gujarati": "HIN",
    "westafrican": "CHR", "somali": "MUS", "polish": "CHR", "romanian": "CHR", "portuguese": "CHR",
    "turkish": "MUS", "arabic": "MUS", "chinese": "NON", "vietnamese": "BUD",
}  # fmt: skip
_LANGUAGE = {
    "pakistani": "URD", "bangladeshi": "BEN", "punjabi": "PAN", "gujarati": "GUJ", "somali": "SOM", "polish": "POL",
    "romanian": "RON", "portuguese": "POR", "turkish": "TUR", "arabic": "ARA", "chinese": "YUE", "vietnamese": "VIE",
}  # fmt: skip
DISABILITIES = ("MOB", "VIS", "HEA", "LRN", "MEN", "LTI")


def add_contacts(persons: pd.DataFrame, crowd: pd.DataFrame, rng: np.random.Generator, now: int) -> pd.DataFrame:
    """The people frame: titles, numbers, addresses of mail, special category codes added."""
    count = len(persons)
    age = (now - persons["born"].to_numpy()) / _YEAR
    culture = np.array(CULTURES, dtype=object)[persons["culture"]]
    adult = age >= 16
    household = persons["household_id"].to_numpy()
    lines = int(household.max()) + 1
    has_line = rng.random(lines) < 0.48
    line = _landlines(lines, rng)
    mobiles = _mobiles(count, rng)
    keeps = adult & (rng.random(count) < np.where(age > 78, 0.45, 0.9))
    same_phone = (persons["role"] == "PART").to_numpy() & (rng.random(count) < 0.05)
    same_phone &= np.r_[False, household[1:] == household[:-1]]
    mobiles = np.where(same_phone, np.roll(mobiles, 1), mobiles)
    mails = adult & (rng.random(count) < np.where(age > 70, 0.25, 0.66))
    disabled = rng.random(count) < np.where(age > 65, 0.35, 0.11)
    asked = rng.random(count) < 0.85
    code = pd.Series(culture)
    frame = pd.DataFrame(
        {
            "person_id": persons["person_id"],
            "title": _titles(persons, age, rng),
            "forename": persons["forename"], "middle_names": persons["middle_names"],
            "surname": persons["surname"], "previous_surname": persons["previous_surname"],
            "gender": np.where(persons["female"], "F", "M"), "culture": culture,
            "dob": persons["dob"], "dod": persons["dod"],
            "nino": np.where(adult, _ninos(count, rng), ""),
            "landline": np.where(has_line[household] & adult, line[household], ""),
            "mobile": np.where(keeps, mobiles, ""),
            "email": np.where(mails, _emails(persons, rng), ""),
            "ethnicity": np.where(asked, code.map(_ETHNICITY), ""),
            "religion": np.where(asked & (rng.random(count) < 0.7), code.map(_RELIGION).fillna("NON"), ""),
            "disability": np.where(disabled, np.array(DISABILITIES)[rng.integers(6, size=count)], ""),
            "language": np.where(rng.random(count) < 0.3, code.map(_LANGUAGE).fillna("ENG"), "ENG"),
            "twin_id": persons["twin_id"], "namesake_id": persons["namesake_id"],
        }
    )  # fmt: skip
    texts = frame.select_dtypes(exclude=["number", "datetime"]).columns
    return frame.astype(dict.fromkeys(texts, "str"))


def _titles(persons: pd.DataFrame, age: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.str_]:
    draw = rng.random(len(persons))
    wed = (persons["previous_surname"] != "").to_numpy()
    woman = np.select([age < 18, wed, age > 60], ["Miss", "Mrs", "Mrs"], np.where(draw < 0.5, "Ms", "Miss"))
    man = np.where(age < 16, "Master", "Mr")
    return np.where(draw > 0.988, "Dr", np.where(persons["female"], woman, man))


def _landlines(count: int, rng: np.random.Generator) -> Texts:
    """Each number once before any comes a second time; one in three is local (01632)."""
    total = len(_LANDLINES) * 1000
    picks = np.concatenate([rng.permutation(total) for _ in range(-(-count // total))])[:count]
    stems = np.array(_LANDLINES, dtype=object)
    digits: Texts = (picks % 1000).astype(str).astype(object)
    found: Texts = stems[picks // 1000] + pd.Series(digits).str.zfill(3).to_numpy(dtype=object)
    return found


def _mobiles(count: int, rng: np.random.Generator) -> Texts:
    start = int(rng.integers(0, 90_000_000))
    number = (start + np.arange(count) * 7_368_787) % 100_000_000
    digits = pd.Series(number).astype("str").str.zfill(8)
    return ("071" + digits.str[:2] + " " + digits.str[2:]).to_numpy(dtype=object)


def _ninos(count: int, rng: np.random.Generator) -> Texts:
    """Distinct numbers: a step without a common factor through all prefixes, digits and suffixes."""
    space = len(NINO_PREFIXES) * 1_000_000 * 4
    number = (int(rng.integers(space)) + np.arange(count) * 68_718_952_447) % space
    prefix = np.array(NINO_PREFIXES, dtype=object)[number // 4_000_000]
    digits = pd.Series(number // 4 % 1_000_000).astype("str").str.zfill(6).to_numpy(dtype=object)
    found: Texts = prefix + digits + np.array(list("ABCD"), dtype=object)[number % 4]
    return found


def _emails(persons: pd.DataFrame, rng: np.random.Generator) -> Texts:
    name = (persons["forename"].astype("str") + "." + persons["surname"].astype("str")).str.lower()
    plain = name.str.normalize("NFKD").str.replace(r"[^a-z.]", "", regex=True).str.replace("..", ".", regex=False)
    digits = pd.Series(rng.integers(1, 9999, len(persons))).astype("str")
    host = np.where(rng.random(len(persons)) < 0.6, "@example.org", "@example.com")
    return (plain + digits + host).to_numpy(dtype=object)
