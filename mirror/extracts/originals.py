"""Whether anything of anybody is in masked extracts: looked for as it is in a mirror, in what was served and written.

What is served is looked through as it landed again: packed decimals, workbooks and other codes hide a text from a
search of bytes, which the files are looked through by. A mask that permutes references gives one record what another
had: that cannot be told from a mask, and is not looked for.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from mappings.catalogue import load_system
from mirror.extracts import decisions, landed
from mirror.extracts.landed import Landed
from mirror.extracts.masking import masked
from mirror.extracts.writing import systems
from mirror.masked import Masker
from mirror.plan import Plan
from mirror.proof import identifiers, leaks, matching
from mirror.proof.leaks import FIELD, Leak, Search
from mirror.proof.matching import Keys
from mirror.proof.rows import Connection
from mirror.proof.walk import KINDS, TOKEN

PERMUTED = ("reference", "phone", "nino", "mail", "easting", "northing")
"""Masks that leave no value to itself, and give somebody what another may have had."""
AT_ONCE = 100_000
"""Rows of a table that are looked through together."""
TORN = "a torn record"


def search(names: Iterable[str], landing: Path, source: Connection, plan: Plan, masks: Masker) -> Search:
    """The search for the source's identifiers, less those that are masks of others in the systems' extracts."""
    known = identifiers.gather(source, plan, masks)
    made = matching.merged(*_made(names, landing, masks))
    secret = masks.key.sub("fingerprints")
    return Search(
        matching.laid_out(known.text.without(made)), matching.laid_out(known.words),
        lambda key: hmac.digest(secret, key.to_bytes(8, "big"), "sha256").hex()[:12],
    )  # fmt: skip


def found(names: Iterable[str], landing: Path, written: Path, sought: Search) -> list[Leak]:
    """The originals in what the systems served, by column, and in the files below ``written``.

    In files of fixed columns two neighbours read as one number, so references are looked for in the columns alone.
    """
    tables = [landed.read(landing, table) for name in names for table in load_system(name).spec.tables]
    served = [Leak(*place, times) for table in tables for place, times in in_table(table, sought).items()]
    return [*served, *(leak for leak in leaks.files((written,), sought).leaks if leak.kind != KINDS[TOKEN])]


def in_table(table: Landed, sought: Search) -> Counter[tuple[str, str]]:
    """How many originals are in the table, torn records too, by column and kind. Numbers and days that are kept are
    nobody's, though they may read like a reference."""
    if not len(table):
        return Counter()
    plan = decisions.read(table.table.system).tables[table.table.name]
    texts = [name for name in table.columns if plan[name].action != "keep" or _is_text(table, name)]
    told: Counter[tuple[str, str]] = Counter()
    columns = [table.values(name) for name in texts]
    for start in range(0, len(table), AT_ONCE):
        told += _found(texts, [column.slice(start, AT_ONCE) for column in columns], sought)
    told += _found([TORN], [pa.array(table.raws().to_numpy(), pa.string())], sought)
    place = f"{table.table.system}.{table.table.name}"
    return Counter({(f"{place}.{column}", kind): times for (column, kind), times in told.items()})


def _made(names: Iterable[str], landing: Path, masks: Masker) -> Iterator[Keys]:
    """The keys of what the masks make of references and numbers, computed here and not taken from what was written."""
    for name in names:
        plan = decisions.read(name)
        for table in load_system(name).spec.tables:
            rows = masked(systems.unfolded(landed.read(landing, table)), plan, masks)
            for column, decision in plan.tables[table.name].items():
                if decision.mask in PERMUTED and column in rows.columns:
                    yield matching.collect(_text(pc.unique(rows.values(column).drop_null()), "\n"))


def _is_text(table: Landed, column: str) -> bool:
    return any(pa.types.is_string(part.rows.schema.field(column).type) for part in table.parts)


def _found(names: list[str], columns: list[pa.Array], sought: Search) -> Counter[tuple[str, str]]:
    told: Counter[tuple[str, str]] = Counter()
    if not columns or not len(columns[0]):
        return told
    begin = pa.scalar(matching.ROW.decode())
    rows = pc.binary_join_element_wise(begin, *(pc.fill_null(column, "") for column in columns), FIELD)
    data = _text(rows, "\n")
    hits = matching.search(sought.text, data)
    for at, slot in zip(hits.places, hits.slots, strict=True):
        number = data.count(FIELD.encode(), data.rfind(matching.ROW, 0, int(at) + 1), int(at)) - 1
        told[names[max(number, 0)], KINDS[sought.text.kinds[slot]]] += 1
    return told


def _text(values: pa.Array, between: str) -> bytes:
    """The values one after the other."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    return str(pc.binary_join(whole, between)[0]).encode()
