"""How a source's text becomes part of a key: the one place, for ids rest on it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

NUL, UNREADABLE = "\x00", "\ufffd"


def trimmed(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The column as text without outer blanks, null where nothing is left.

    Outer NULs are padding too; one inside stands as U+FFFD, for no database takes it as it is.
    """
    texts = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    if pc.any(pc.match_substring(texts, NUL)).as_py():
        texts = pc.replace_substring_regex(texts, r"^[\s\x00]+|[\s\x00]+$", "")
        texts = pc.replace_substring(texts, NUL, UNREADABLE)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
