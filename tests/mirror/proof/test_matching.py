"""What is looked for is found however it is written, and nothing else."""

from __future__ import annotations

import base64
from urllib.parse import quote

import numpy as np
import pytest

from mirror.proof import matching
from mirror.proof.walk import CHUNK, KINDS, WITH_NAMES, WITH_PLACES

TITLES = matching.words("mr mrs dr")
SOUGHT = matching.laid_out(
    matching.merged(
        matching.collect(b"Mr Ada Example\nSean O'Neverland\nZo\xc3\xab Fictional", WITH_NAMES, TITLES),
        matching.collect(b"12 Laburnum Green\nKB1 1AA", WITH_PLACES),
        matching.collect(
            b"07700900104\n0113 496 0268\nQQ247675D\nada.example7@mail.test\n1000000214\nHB40000019\n001001/05"
        ),
    )
)
FOUND = {
    "names": [
        "Ada Example", "EXAMPLE, ADA", "Dr ada  example", "Ada Lovelace Example", "{Ada,Example}", "SEAN ONEVERLAND",
        '{"forename": "Ada", "surname": "Example"}', "ada\x1fexample", "O'Neverland Sean", "ZOË FICTIONAL",
    ],
    "places": ["at 12 LABURNUM GREEN", "Laburnum Green", "laburnum-green", "kb1 1aa", "KB1-1AA"],
    "telephone": [
        "07700900104", "07700 900104", "07700 900 104", "+447700900104", "+44 7700 900104", "0044 7700 900104",
        "+44 (0)7700 900 104", "(07700) 900-104", "7700900104", "07700.900.104", "0113 4960268", "ring01134960268now",
    ],
    "nino": ["QQ247675D", "qq247675d", "QQ 24 76 75 D", "QQ-247675-D", "QQ 247675"],
    "mail": ["ada.example7@mail.test", "<ADA.EXAMPLE7@MAIL.TEST>", "to ada.example7@mail.test."],
    "token": ["1000000214", "ref=1000000214;", "hb40000019", "001001/05", "001001"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts])
def test_an_identifier_is_found_in_any_spelling(kind: str, text: str) -> None:
    hits = matching.search(SOUGHT, text.encode())
    assert kind in {KINDS[SOUGHT.kinds[slot]] for slot in hits.slots}


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace", "Mr Example", "Ada\x1eExample", "Ada and nine more words before Example", "Green Laburnum",
        "Laburnum Road", "KB1 1AB", "07700900105", "90770090010412", "QQ247676D", "ada.example8@mail.test",
        "10000002141", "HB40000018", "2026-09-28 07:00", "0", "",
    ],
)  # fmt: skip
def test_what_is_like_it_is_not_found(text: str) -> None:
    assert matching.search(SOUGHT, text.encode()).times == 0


def test_in_a_file_the_length_of_a_value_may_stand_around_it() -> None:
    """A short text's length is one byte before it, which may be a digit or a letter; the next one's follows it."""
    for glued in (
        b"31000000214 and so on, on\x00",  # 3 is 24 signs
        b"10000002145" + b" " * 25 + b"\x07",  # 5 is 25 signs
        b"\x17HB40000019\x05",
    ):
        assert matching.search(SOUGHT, glued, is_file=True).times, glued
    for longer in (b"31000000214\x00", b"10000002145\x00", b"31000000214 and so on, on and on\x00"):
        assert not matching.search(SOUGHT, longer, is_file=True).times, longer


def test_what_tells_a_length_makes_no_token_of_what_is_none() -> None:
    sought = matching.laid_out(matching.collect(b"9345678"))
    assert matching.search(sought, b"\x009345678\x00", is_file=True).times
    assert not matching.search(
        sought, b"9" + b"345678 Laburnum".ljust(27) + b"\x00", is_file=True
    ).times  # 9: 27 signs follow


def test_in_a_file_what_follows_a_text_is_not_its_last_sign() -> None:
    """A number or an id stands behind it without a gap, and its first byte may read as a sign."""
    sought = matching.laid_out(matching.collect(b"8345678\n83456781\nRUN 8345678"))
    at_end = b"\x00\x118345678"  # 11: eight bytes, with itself
    assert matching.search(sought, at_end + b"1\x00\x01\x00", is_file=True).times == 1
    assert matching.search(sought, b"\x00\x1383456781\x00", is_file=True).times == 1
    longer = matching.laid_out(matching.collect(b"83456781"))
    for followed in (
        at_end + b"1\x00\x01\x00",  # a number of four bytes
        b"\x00\x19RUN 8345678" + b"1\xc3\x07",  # an id
        b"\x2c\x00\x00\x008345678" + b"1\x00\x00\x00",  # an array's next
        b"\x00\x11REPAIRS\x118345678" + b"1\x00",  # the second of two texts
    ):
        assert not matching.search(longer, followed, is_file=True).times, followed
    names = matching.laid_out(matching.collect(b"Ada Exampled", WITH_NAMES))
    assert not matching.search(names, b"\x00\x09Ada\x11Exampled\x01", is_file=True).times
    assert matching.search(names, b"\x00\x09Ada\x13Exampled\x01", is_file=True).times


def test_a_told_length_is_believed_before_what_reads_as_one() -> None:
    sought = matching.laid_out(matching.collect(b"703711"))
    assert not matching.search(sought, b"\x00\x111703711#Ms G Hazelbourne\x01", is_file=True).times


def test_pairs_of_short_words_are_no_sums() -> None:
    sought = matching.laid_out(matching.collect(b"Ab Cd", WITH_NAMES))
    assert matching.search(sought, b"Cd Ab").times == 1
    assert not matching.search(sought, b"Aa Dd").times


def test_digits_behind_a_point_are_no_reference() -> None:
    sought = matching.laid_out(matching.collect(b"345678"))
    assert matching.search(sought, b"no.345678").times
    assert not matching.search(sought, b'{"street": 12.345678}').times


def test_in_a_file_no_name_ends_where_a_long_value_is_cut() -> None:
    """As the statistics of a column are: what looks like Ada Example may be Ada Examplewhite."""
    begin, text = b"\x40\x1f\x00\x00", b", " * 992 + b"Ada Example"
    assert len(text) == CHUNK - 1
    assert matching.search(SOUGHT, begin + text + b",\x01\x02", is_file=True).times
    for cut in (begin + b"," + text + b"\x01\x02", begin + b"Ada Example" + b"," * 100):
        assert not matching.search(SOUGHT, cut, is_file=True).times


def test_stored_words_are_found_where_they_begin_at_eight() -> None:
    ids = np.array([0x1122334455667788, 0x99AABBCCDDEEFF00], np.uint64)
    sought = matching.laid_out(matching.of_words(ids))
    page = np.zeros(1024, np.uint64)
    page[[5, 700]] = ids
    hits = matching.search_words(sought, page)
    assert sorted(hits.places) == [40, 5600]


def test_more_keys_than_fit_any_cache_are_all_found() -> None:
    numbers = [f"{number:010d}" for number in range(1_000_000_000, 1_000_100_000)]
    sought = matching.laid_out(matching.collect("\n".join(numbers).encode()))
    assert matching.search(sought, " \x1e".join(numbers[:5_000]).encode()).times >= 5_000
    assert matching.search(sought, " \x1e".join(f"9{number}" for number in numbers[:5_000]).encode()).times == 0


def test_hidden_values_read_as_what_they_are() -> None:
    from mirror.proof.leaks import _hidden  # noqa: PLC0415

    plain = b"ada.example7@mail.test"
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in plain.decode())
    for written in (base64.b64encode(plain), plain.hex().encode(), quote(plain, safe="").encode(), escaped.encode()):
        assert any(plain in found for found in _hidden(b"x " + written + b" y")), written
