"""Code pages: the United Kingdom's EBCDIC, and what a page does not know."""

from __future__ import annotations

import numpy as np
import pytest

from connectors.codepages import code_page


def test_the_united_kingdoms_ebcdic() -> None:
    page = code_page("cp1146")
    placed = {"£": 0x5B, "$": 0x4A, "€": 0x9F, "[": 0xB1, "]": 0xBB, "¢": 0xB0, "^": 0xBA, "~": 0xBC, "¯": 0xA1}
    assert {character: page.encode(character)[0] for character in placed} == placed
    assert page.decode(bytes([0xC1, 0xF0, 0x40, 0x4F])) == "A0 |"
    assert len(set(page.characters)) == 256


def test_the_american_one_differs() -> None:
    assert code_page("cp037").decode(bytes([0x5B, 0x4A, 0xB1])) == "$¢£"


def test_strings_keep_blanks_and_tell_unknown_bytes() -> None:
    matrix = np.frombuffer(b"ab \0caf\xe9\x81xyz", np.uint8).reshape(3, 4)
    strings, unknown = code_page("cp1252").strings(matrix)
    assert strings.to_pylist()[:2] == ["ab  ", "café"]
    assert unknown.tolist() == [False, False, True]


def test_ascii_knows_half_of_all_bytes() -> None:
    _, unknown = code_page("ascii").strings(np.array([[0x41], [0x80]], np.uint8))
    assert unknown.tolist() == [False, True]


def test_only_single_byte_pages() -> None:
    with pytest.raises(LookupError):
        code_page("utf-16")
