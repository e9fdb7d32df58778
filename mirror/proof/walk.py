"""One pass over bytes, compiled: what of them could be an identifier, in whatever way it is written, and its key.

The state of the pass is what has been read of each kind so far; a key is made, or looked up, where one ends.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numba import njit

Function = TypeVar("Function")

KINDS = ("token", "names", "places", "telephone", "nino", "mail", "word")
TOKEN, NAMES, PLACES, TELEPHONE, NINO, MAIL, WORD = range(len(KINDS))
TOKENS_ONLY, WITH_NAMES, WITH_PLACES = range(3)
"""What ``collect`` makes keys of beside tokens, telephones, ninos and mails, which it always does."""

PAGE, WAL_HEADS = 8192, (24, 40)
"""The WAL cuts a value where a page ends, and goes on behind the next one's head: what is left is no whole word."""
CHUNK = 1996
"""PostgreSQL cuts a long value into chunks of so many bytes, each behind its length: there, too, words are cut."""

_DIGIT, _LETTER, _JOINS = 1, 2, 3
_CLASS = np.zeros(256, np.uint8)
_CLASS[ord("0") : ord("9") + 1] = _DIGIT
_CLASS[[*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1), *range(0x80, 0x100)]] = _LETTER
_CLASS[ord("'")] = _JOINS
_FOLD = np.arange(256, dtype=np.uint8)
_FOLD[ord("A") : ord("Z") + 1] += 32
_IN_MAIL = (_CLASS == _DIGIT) | ((_CLASS == _LETTER) & (np.arange(256) < 0x80))
_IN_MAIL[[ord(sign) for sign in "._%+-"]] = True
_IN_PHONE = np.isin(np.arange(256), [ord(sign) for sign in " -.()+\xa0"])
_IN_NINO = np.isin(np.arange(256), [ord(sign) for sign in " -./"])

_BASE = np.uint64(0x9E3779B97F4A7C15 | 1)
_PAIR = np.uint64(0xD6E8FEB86659FD93)  # another than the base, or words whose letters add up alike would be one pair
_TEN, _TEN_DIGITS, _ELEVEN_DIGITS = np.uint64(10), np.uint64(10**10), np.uint64(10**11)
_NINE_SIGNS, _EIGHT_SIGNS = np.uint64(36**9), np.uint64(36**8)
_U0, _U1, _U4, _U32, _U36 = (np.uint64(number) for number in (0, 1, 4, 32, 36))


def _compiled(function: Function) -> Function:
    compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
    return compiled(function)  # type: ignore[no-any-return]


@_compiled
def _mix(value: Any, kind: Any) -> Any:
    mixed = np.uint64(value) ^ (np.uint64(kind + 1) * np.uint64(0xD6E8FEB86659FD93))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed if mixed != _U0 else _U1


@_compiled
def keys_of(values: Any, kind: Any) -> Any:
    mixed = np.empty(len(values), np.uint64)
    for place in range(len(values)):
        mixed[place] = _mix(values[place], kind)
    return mixed


@_compiled
def hash_of(word: Any) -> Any:
    value = _U0
    for sign in word:
        value = value * _BASE + np.uint64(sign) + _U1
    return value


@_compiled
def fill(keys: Any, of: Any, table: Any, kinds: Any, bits: Any) -> None:
    last, last_bit = np.uint64(len(table) - 1), np.uint64(len(bits) * 64 - 1)
    for place in range(len(keys)):
        key = keys[place]
        slot = key & last
        while table[slot] != _U0 and table[slot] != key:
            slot = (slot + _U1) & last
        table[slot], kinds[slot] = key, of[place]
        bit = (key >> _U32) & last_bit
        bits[bit >> np.uint64(6)] |= _U1 << (bit & np.uint64(63))


@_compiled
def _find(key: Any, table: Any, bits: Any) -> Any:
    """The slot of the key; -1 where it is not sought."""
    bit = (key >> _U32) & np.uint64(len(bits) * 64 - 1)
    if not (bits[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & _U1:
        return -1
    last = np.uint64(len(table) - 1)
    slot = key & last
    while table[slot] != _U0:
        if table[slot] == key:
            return np.int64(slot)
        slot = (slot + _U1) & last
    return -1


@_compiled
def stored_words(data: Any, table: Any, bits: Any, places: Any, slots: Any) -> Any:
    found = 0
    for place in range(len(data)):
        if data[place] == _U0:
            continue
        slot = _find(_mix(data[place], WORD), table, bits)
        if slot >= 0:
            if found < len(places):
                places[found], slots[found] = place * 8, slot
            found += 1
    return found


@_compiled
def _met(key: Any, kind: Any, place: Any, collects: Any, count: Any, keys: Any, of: Any, table: Any, bits: Any,
         places: Any, slots: Any) -> Any:  # fmt: skip
    """Collects the key, or looks it up; the new count."""
    mixed = _mix(key, kind)
    if collects:
        keys[count], of[count] = mixed, kind
        return count + 1
    slot = _find(mixed, table, bits)
    if slot < 0:
        return count
    if count < len(places):
        places[count], slots[count] = place, slot
    return count + 1


@_compiled
def _is_barred(word: Any, barred: Any) -> Any:
    place = np.searchsorted(barred, word)
    return place < len(barred) and barred[place] == word


@_compiled
def _tells_length(data: Any, place: Any) -> Any:
    """Whether the byte may be the length of a stored text: odd, and just so many readable bytes follow it."""
    if not data[place] & 1:
        return False
    end = place + (data[place] >> 1)
    if end > len(data):
        return False
    for at in range(place + 1, end):
        if data[at] < 32:
            return False
    return end == len(data) or data[end] < 32


@_compiled
def _is_cut(data: Any, begin: Any, end: Any) -> Any:
    """Whether a page or a chunk of a long value begins or ends where the letters do."""
    if end % PAGE == 0 or begin % PAGE in WAL_HEADS or _begins_chunk(data, begin):
        return True
    over = _begins_chunk(data, end - CHUNK - WAL_HEADS[0]) or _begins_chunk(data, end - CHUNK - WAL_HEADS[1])
    return over or _begins_chunk(data, end - CHUNK)  # in the WAL a chunk may go over a page's head


@_compiled
def _begins_chunk(data: Any, place: Any) -> Any:
    """Whether a whole chunk's length stands before the place: 2,000 bytes with itself, in PostgreSQL's way."""
    return (
        place >= 4 and data[place - 4] == 64 and data[place - 3] == 31 and data[place - 2] == 0 and data[place - 1] == 0
    )


@_compiled
def _is_text(data: Any, begin: Any, end: Any) -> Any:
    """Whether all from there to there can be read."""
    if end > len(data):
        return False
    for place in range(begin, end):  # noqa: SIM110 - compiled
        if data[place] < 32 and data[place] not in (9, 10, 13):
            return False
    return True


@_compiled
def _told_end(data: Any, begin: Any) -> Any:
    """Where the text that begins there ends, by the length before it, of a byte or of four; -1 where none tells it."""
    told = np.int64(-1)
    if begin >= 1 and data[begin - 1] & 1 and data[begin - 1] < 32:
        told = begin - 1 + (data[begin - 1] >> 1)
    elif begin >= 4 and data[begin - 1] == 0 and data[begin - 2] == 0 and data[begin - 4] & 3 == 0:
        told = begin - 4 + ((np.int64(data[begin - 4]) + np.int64(data[begin - 3]) * 256) >> 2)
    return told if told > begin and _is_text(data, begin, told) else -1


@_compiled
def _is_joined(data: Any, begin: Any, end: Any) -> Any:
    """Whether what reads as one word is none: a text ends within it, or the length of one stands in it. Numbers, ids
    and lengths follow a text without a gap, and some of their bytes read as signs."""
    start = begin
    while start > 0 and begin - start < 128 and data[start - 1] >= 32:
        start -= 1
    if start == 0 or begin - start == 128 or data[start - 1] in (9, 10, 13):
        return False
    over = _told_end(data, start)
    over = start if over < 0 else over
    while over <= begin:  # where a text ends the next one's length stands, and so on
        following = over + (data[over] >> 1)
        if not data[over] & 1 or following <= over + 1 or not _is_text(data, over + 1, following):
            return False
        if over == begin:
            return True
        over = following
    return over < end


@_compiled
def _hash(data: Any, begin: Any, end: Any) -> Any:
    """The hash of the token that stands there."""
    value = _U0
    for place in range(begin, end):
        if _CLASS[data[place]] != _JOINS:
            value = value * _BASE + np.uint64(_FOLD[data[place]]) + _U1
    return value


@_compiled
def _is_fraction(data: Any, begin: Any) -> Any:
    """Whether the digits that begin there are a number's behind its point."""
    return begin >= 2 and data[begin - 1] == 46 and _CLASS[data[begin - 2]] == _DIGIT


@_compiled
def _mail(data: Any, at: Any) -> Any:
    """The hashes of the address around the @, whole and without its first sign; 0 where there is none."""
    begin = at
    while begin > 0 and at - begin < 64 and _IN_MAIL[data[begin - 1]]:
        begin -= 1
    end = at + 1
    while end < len(data) and end - at < 100 and _IN_MAIL[data[end]] and data[end] != 37:
        end += 1
    while end > at + 1 and (data[end - 1] == 46 or data[end - 1] == 45):
        end -= 1
    if at - begin < 1 or end - at < 4:
        return _U0, _U0
    whole, less = _U0, _U0
    for place in range(begin, end):
        sign = np.uint64(_FOLD[data[place]]) + _U1
        whole = whole * _BASE + sign
        if place > begin:
            less = less * _BASE + sign
    return whole, less


@_compiled
def walk(  # noqa: PLR0912, PLR0915 - one walk, whose state calls would have to carry
    data: Any, collects: Any, mode: Any, is_file: Any, barred: Any, keys: Any, of: Any, table: Any, bits: Any,
    places: Any, slots: Any,
) -> Any:  # fmt: skip
    """One pass: how many keys were collected, or found. ``places`` get where, ``slots`` what."""
    count = 0
    whole, less_last, less_first, less_both = _U0, _U0, _U0, _U0  # hashes of the token as it grows
    length, digits = 0, 0
    before, before_length, before_digits, before_place = _U0, 0, 0, -1
    earlier, earlier_length, earlier_digits, earlier_place = _U0, 0, 0, -1
    gap = 0
    number, number_length, number_gap = _U0, 0, 0
    signs, sign_kinds, sign_count, sign_gap = _U0, 0, 0, 0
    size = len(data)
    for place in range(size + 1):
        byte = data[place] if place < size else np.uint8(0)
        kind = _CLASS[byte]
        if kind == _JOINS:
            if length:
                continue
            kind = 0
        if kind == 0:
            if length:
                is_cut = is_file and _is_cut(data, place - length, place)
                is_number = not collects and digits == length and _is_fraction(data, place - length)
                if not (is_cut or is_number) and (
                    (length >= 6 and digits >= 5) or (5 <= length <= 7 and digits >= 2 and sign_kinds & 7 == 3)
                ):
                    token, begin, end = whole, place - length, place
                    told = _told_end(data, begin) if is_file else -1
                    if begin < told <= place:
                        token, end = _hash(data, begin, told), told
                    elif is_file and length >= 7:  # what tells a length is not the token's
                        before_it = _tells_length(data, begin)
                        after_it = _tells_length(data, place - 1)
                        token = (less_both if after_it else less_first) if before_it else token
                        token = less_last if after_it and not before_it else token
                        begin, end = begin + before_it, end - after_it
                    met = _met(token, TOKEN, place, collects, count, keys, of, table, bits, places, slots)
                    count = count if is_file and met > count and _is_joined(data, begin, end) else met
                if is_cut:
                    digits = max(digits, 1)  # no word
                if length >= 2:
                    is_word = digits == 0
                    names = is_word and (not collects or (mode == WITH_NAMES and not _is_barred(whole, barred)))
                    is_pair = names and before_place >= 0 and before_length >= 2 and before_digits == 0
                    if is_pair and not (collects and (before == whole or _is_barred(before, barred))):
                        pair = min(whole, before) * _PAIR + max(whole, before)
                        met = _met(pair, NAMES, place, collects, count, keys, of, table, bits, places, slots)
                        is_joined = (
                            is_file
                            and met > count
                            and (
                                _is_joined(data, place - length, place)
                                or _is_joined(data, before_place - before_length, before_place)
                            )
                        )
                        count = count if is_joined else met
                    is_pair = names and earlier_place >= 0 and earlier_length >= 2 and earlier_digits == 0
                    if is_pair and not (collects and (earlier == whole or _is_barred(earlier, barred))):
                        pair = min(whole, earlier) * _PAIR + max(whole, earlier)
                        met = _met(pair, NAMES, place, collects, count, keys, of, table, bits, places, slots)
                        is_joined = (
                            is_file
                            and met > count
                            and (
                                _is_joined(data, place - length, place)
                                or _is_joined(data, earlier_place - earlier_length, earlier_place)
                            )
                        )
                        count = count if is_joined else met
                    is_place = (is_word and before_digits == 0) or (length == 3 and digits == 1 and sign_kinds & 7 == 3)
                    if collects and is_place:
                        is_place = mode == WITH_PLACES and not (_is_barred(whole, barred) or _is_barred(before, barred))
                    if is_place and before_place >= 0 and before_length >= 2:
                        pair = before * _PAIR + whole
                        count = _met(pair, PLACES, place, collects, count, keys, of, table, bits, places, slots)
                earlier, earlier_length, earlier_digits, earlier_place = (
                    before,
                    before_length,
                    before_digits,
                    before_place,
                )
                before, before_length, before_digits, before_place = whole, length, digits, place
                whole, less_last, less_first, less_both = _U0, _U0, _U0, _U0
                length, digits, gap = 0, 0, 0
            gap += 1
            if gap > 8 or byte == 30 or (byte == 10 and collects) or (byte == 0 and is_file):
                before_place, earlier_place = -1, -1
            number_gap += 1
            if number_length and (number_gap > 3 or not _IN_PHONE[byte]):
                number, number_length = _U0, 0
            sign_gap += 1
            if sign_count and (sign_gap > 2 or not _IN_NINO[byte]):
                signs, sign_kinds, sign_count = _U0, 0, 0
            if byte == 64 and place < size:
                address, shorter = _mail(data, place)
                if address != _U0:
                    count = _met(address, MAIL, place, collects, count, keys, of, table, bits, places, slots)
                    if is_file and not collects:
                        count = _met(shorter, MAIL, place, False, count, keys, of, table, bits, places, slots)
            continue
        sign = np.uint64(_FOLD[byte])
        if place > 0 and data[place - 1] == 0xC3 and 0x80 <= byte <= 0x9E:
            sign += _U32
        less_last, less_both = whole, less_first
        if length:
            less_first = less_first * _BASE + sign + _U1
        whole = whole * _BASE + sign + _U1
        length += 1
        sign_gap = 0
        if kind == _DIGIT:
            digits += 1
            number = (number * _TEN + sign - np.uint64(48)) % _ELEVEN_DIGITS
            number_length += 1
            number_gap = 0
            if number_length >= 10 and not (place + 1 < size and _CLASS[data[place + 1]] == _DIGIT):
                lead = number // _TEN_DIGITS
                if number_length == 10 or lead in (_U0, _U4):
                    count = _met(
                        number % _TEN_DIGITS, TELEPHONE, place, collects, count, keys, of, table, bits, places, slots
                    )
            signs = (signs * _U36 + sign - np.uint64(48)) % _NINE_SIGNS
            sign_kinds = (sign_kinds << 1) & 0x1FF
        else:
            number, number_length = _U0, 0
            signs = (signs * _U36 + (sign - np.uint64(87)) % _U36) % _NINE_SIGNS
            sign_kinds = ((sign_kinds << 1) | 1) & 0x1FF
        sign_count += 1
        if sign_count >= 9 and sign_kinds == 0b110000001:
            count = _met(signs, NINO, place, collects, count, keys, of, table, bits, places, slots)
        elif (
            sign_count >= 8
            and sign_kinds & 0xFF == 0b11000000
            and not (place + 1 < size and _CLASS[data[place + 1]] == _DIGIT)
        ):
            count = _met(
                signs % _EIGHT_SIGNS + _NINE_SIGNS, NINO, place, collects, count, keys, of, table, bits, places, slots
            )
    return count
