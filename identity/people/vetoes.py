"""What keeps two records apart whatever they weigh together; each rule forgives one slip of the pen.

A rule is SQL over the evidence of two nodes, ``l`` and ``r``: true where they cannot be one person. Between two
clusters a rule speaks if it does between any two of their nodes, so a veto once true stays true as they grow.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from identity.people.arrays import Ints, Texts
from identity.people.model import Model
from ledger.errors import ConfigurationFault

_SWAPPED = """(l.birth_date[1:4] = r.birth_date[1:4] AND l.birth_date[5:6] = r.birth_date[7:8]
    AND l.birth_date[7:8] = r.birth_date[5:6])"""
_FIRST_JANUARY = (
    "(abs(l.birth_date[1:4]::INT - r.birth_date[1:4]::INT) <= 1"
    " AND (l.birth_date[5:8] = '0101' OR r.birth_date[5:8] = '0101'))"
)
_FULL_NAMES_DIFFER = """(l.forename IS NOT NULL AND r.forename IS NOT NULL
    AND NOT list_has_any(l.forename_roots, r.forename_roots)
    AND jaro_winkler_similarity(l.forename, r.forename) < 0.85
    AND damerau_levenshtein(l.forename, r.forename) > 1
    AND NOT starts_with(l.forename, r.forename) AND NOT starts_with(r.forename, l.forename)
    AND coalesce(l.first_middle <> r.forename, true) AND coalesce(r.first_middle <> l.forename, true))"""
_INITIALS_DIFFER = """((l.forename IS NULL OR r.forename IS NULL) AND l.initial <> r.initial
    AND NOT list_contains(list_transform(coalesce(l.forename_roots, []), root -> root[1]), r.initial)
    AND NOT list_contains(list_transform(coalesce(r.forename_roots, []), root -> root[1]), l.initial)
    AND coalesce(l.middle_initial <> r.initial, true) AND coalesce(r.middle_initial <> l.initial, true))"""
_EXCHANGED = """(coalesce(jaro_winkler_similarity(l.forename, r.surname) >= 0.9, false)
    OR coalesce(jaro_winkler_similarity(r.forename, l.surname) >= 0.9, false))"""
_OF_ANOTHER_ENTRY = "coalesce(l.listed <> r.listed, true)"

RULES = {
    # one character wrong or missing, or two neighbours exchanged, is a slip
    "nino": ("National Insurance numbers differ", "l.nino <> r.nino AND damerau_levenshtein(l.nino, r.nino) > 1"),
    "birth_date": (
        "birth dates differ",
        f"""l.birth_date <> r.birth_date AND damerau_levenshtein(l.birth_date, r.birth_date) > 1
        AND NOT {_SWAPPED} AND NOT {_FIRST_JANUARY}""",
    ),
    "forename": ("forenames differ", f"({_FULL_NAMES_DIFFER} OR {_INITIALS_DIFFER}) AND NOT {_EXCHANGED}"),
    "death": (
        "one had died",
        """(abs(date_diff('day', l.death_date, r.death_date)) > 31
        OR date_diff('day', l.death_date, r.active_date) > 400
        OR date_diff('day', r.death_date, l.active_date) > 400)""",
    ),
    # a household's list has a person twice only by mistake, and then under one number or birth date and name
    "household": (
        "listed beside each other in one household",
        """l.household_id = r.household_id AND coalesce(l.nino <> r.nino, true)
        AND (coalesce(l.birth_date <> r.birth_date, true) OR coalesce(l.forename <> r.forename, true))""",
    ),
}  # fmt: skip


def reasons(connection: duckdb.DuckDBPyConnection, model: Model, left: Ints, right: Ints) -> Texts:
    """Why nodes ``left[i]`` and ``right[i]`` cannot be one person; None where nothing speaks against it.

    Nodes are counted from 0 here, from 1 in the table ``node``.
    """
    connection.register("question", pa.table({"place": np.arange(len(left)), "one": left + 1, "other": right + 1}))
    cases = " ".join(f"WHEN {rule} THEN '{reason}'" for reason, rule in _rules(model)) or "WHEN false THEN NULL"
    found = connection.execute(
        f"""SELECT CASE {cases} END AS reason FROM question
        JOIN node AS l ON l.node = one JOIN node AS r ON r.node = other ORDER BY place"""
    ).to_arrow_table()["reason"]
    return np.array(found.to_pylist(), dtype=object)


def _rules(model: Model) -> list[tuple[str, str]]:
    if unknown := set(model.vetoes) - RULES.keys():
        raise ConfigurationFault(
            f"unknown vetoes {', '.join(sorted(unknown))}.", place=model.path.name,
            next_step=f"Name some of {', '.join(RULES)}.",
        )  # fmt: skip
    rules = {name: RULES[name] for name in model.vetoes}
    if "forename" in rules and "listed" in model.evidence:  # who is called otherwise is told by the list
        reason, rule = rules["forename"]
        rules["forename"] = reason, f"({rule}) AND {_OF_ANOTHER_ENTRY}"
    return list(rules.values())
