"""Source keys under the masks: each part of a key as its column is masked in the extracts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from mappings.catalogue import load_system
from mirror.extracts import decisions
from mirror.extracts.masking import Masks

WHOLE_ROW = ("*",)


def mask_source_key(system: str, table: str, keys: pa.Array, masks: Masks) -> pa.Array:
    """The keys of landed rows as the same rows have them in the masked extracts; null stays null.

    A key that is the hash of its whole row becomes another number: what the masked row's is, only that row tells. A
    text that has not the key's parts is a reference.
    """
    columns = load_system(system).spec.table(table).key
    if columns == WHOLE_ROW:
        return masks.apply("reference", keys)
    if len(columns) > 1:
        is_key = pc.equal(pc.count_substring(keys, "|"), len(columns) - 1)
        if not pc.all(is_key, min_count=0).as_py():
            whole = mask_source_key(system, table, pc.if_else(is_key, keys, pa.scalar(None, pa.string())), masks)
            return pc.if_else(is_key, whole, masks.apply("reference", keys))
    plan = decisions.read(system).tables[table]
    parts = pc.split_pattern(keys, "|", max_splits=len(columns) - 1)
    found = []
    for at, column in enumerate(columns):
        values = pc.list_element(parts, at)
        decision = plan[column]
        found.append(masks.apply(decision.mask, values) if decision.action == "mask" else values)
    return pc.binary_join_element_wise(*found, "|") if len(found) > 1 else found[0]
