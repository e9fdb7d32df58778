"""Cursors are good for their caller and their query, for a while, and tell nobody anything."""

from __future__ import annotations

import base64

import pytest

from api.cursors import DAY, Cursors
from api.problems import Problem

SECRET = b"a secret of the tests"


def cursors(day: float = 100) -> Cursors:
    return Cursors(SECRET, days=7, clock=lambda: day * DAY)


def test_a_cursor_leads_back_to_its_place() -> None:
    sealed = cursors().seal("portal", "people", ["Marsh", "id"])
    assert cursors().open(sealed, "portal", "people") == ["Marsh", "id"]


def test_the_same_place_has_the_same_cursor() -> None:
    assert cursors(100.1).seal("portal", "people", [1]) == cursors(100.9).seal("portal", "people", [1])


def test_what_a_cursor_holds_cannot_be_read() -> None:
    assert b"Marsh" not in base64.urlsafe_b64decode(cursors().seal("portal", "people", ["Marsh"]) + "==")


@pytest.mark.parametrize(
    ("cursor", "client", "about"),
    [
        (cursors().seal("portal", "people", [1]), "finance", "people"),
        (cursors().seal("portal", "people", [1]), "portal", "places"),
        (Cursors(b"another").seal("portal", "people", [1]), "portal", "people"),
        ("A" + cursors().seal("portal", "people", [1]), "portal", "people"),
        ("", "portal", "people"),
        ("é", "portal", "people"),
        ("A" * 10_000_000, "portal", "people"),
    ],
)
def test_forged_and_foreign_cursors_are_refused(cursor: str, client: str, about: str) -> None:
    with pytest.raises(Problem) as refused:
        cursors().open(cursor, client, about)
    assert (refused.value.status, refused.value.kind) == (400, "bad-cursor")


def test_an_old_cursor_is_gone() -> None:
    with pytest.raises(Problem) as refused:
        cursors(108).open(cursors(100).seal("portal", "people", [1]), "portal", "people")
    assert (refused.value.status, refused.value.kind) == (410, "cursor-too-old")
