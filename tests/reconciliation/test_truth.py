"""A planted fault counts as caught only under a code that speaks of its kind."""

from __future__ import annotations

import pandas as pd
import pytest

from estate.dirt import HABITS, RATES
from identity import disagreements
from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system, system_names
from reconciliation.truth import MUST_CATCH, _caught, code_endings

FAULT = {"system": "works", "table": "rmreqst", "revealed_by": "row", "key": "1", "row": -1, "field": "rq_phone"}
ISSUE = {"system": "works", "table": "rmreqst", "key": "1", "row": 7, "field": "rq_phone"}


def test_every_kind_that_must_be_caught_is_known_by_codes_of_the_catalogue() -> None:
    must = {kind for kind, dirt in RATES.items() if dirt.revealed_by in MUST_CATCH and kind not in HABITS}
    known = code_endings()
    assert must <= known.keys() <= RATES.keys()
    codes = [code for name in system_names() for code in load_system(name).coded_checks()]
    codes += [f"-{ending}" for ending in disagreements.ENDINGS]
    endings = {ending for several in known.values() for ending in several}
    assert not {ending for ending in endings if not any(code.endswith(f"-{ending}") for code in codes)}


@pytest.mark.parametrize(
    ("code", "field", "key", "caught"),
    [
        ("WORKS-RMREQST-RQ-PHONE-FORMAT", "rq_phone", "1", True),
        ("WORKS-RMREQST-ROW-BROKEN", "_raw", "1", False),
        ("WORKS-RMREQST-RQ-PHONE-BLANKS", "rq_phone", "1", False),
        ("WORKS-RMREQST-RQ-NAME-FORMAT", "rq_name", "1", False),
        ("WORKS-RMREQST-RQ-PHONE-FORMAT", "rq_phone", "2", False),
    ],
)
def test_an_issue_of_another_kind_field_or_row_catches_nothing(code: str, field: str, key: str, caught: bool) -> None:
    faults = pd.DataFrame([{**FAULT, "kind": "phone-invalid"}])
    issues = pd.DataFrame([{**ISSUE, "field": field, "key": key, "code": code}])
    assert _caught(faults, issues, {"phone-invalid": ("FORMAT",)}).tolist() == [caught]


def test_a_fault_known_by_its_place_alone_is_found_there() -> None:
    faults = pd.DataFrame([{**FAULT, "kind": "record-broken", "key": None, "row": 7, "field": None}])
    issues = pd.DataFrame([{**ISSUE, "field": "_raw", "code": "WORKS-RMREQST-ROW-BROKEN"}])
    assert _caught(faults, issues, code_endings()).tolist() == [True]


def test_a_kind_that_no_code_is_stated_for_is_refused() -> None:
    faults = pd.DataFrame([{**FAULT, "kind": "unheard-of"}])
    with pytest.raises(ConfigurationFault, match=r"unheard-of.*kinds\.csv"):
        _caught(faults, pd.DataFrame([{**ISSUE, "code": "A"}]), {})
