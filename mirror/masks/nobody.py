"""What stands for nobody: it stays, whatever it would be masked as, in a mirror and in a source's extract alike."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_NO_NAME = r"(?i)^\s*(?:baby|unborn|tbc|unknown|not known|n/?a|none|test|void|occupier|the occupier|[x?.\-]+)\s*$"
NOBODY = {
    **dict.fromkeys(("forename", "surname", "name"), _NO_NAME),
    "nino": r"^\s*AB ?12 ?34 ?56 ?C\s*$",
    "phone": r"^[0 ]+$",
    "remittance": r"^\s*NONREF\s*$",
}
"""By mask, what stands for nobody: a word, the specimen of a form, a row of noughts, a bank's word for none."""


def left(mask: str, values: pa.Array, masked: pa.Array) -> pa.Array:
    """The masked values, but for those that stand for nobody."""
    if mask not in NOBODY:
        return masked
    return pc.if_else(pc.fill_null(pc.match_substring_regex(values, NOBODY[mask]), False), values, masked)
