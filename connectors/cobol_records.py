"""Records that a copybook describes, as tables: groups flattened, OCCURS spread out or one row each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.chunks import chunk_of
from connectors.cobol_values import arrow_type, decode
from connectors.codepages import Bytes, CodePage, Mask
from connectors.copybook import Field

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Leaf:
    """One column: a field at a place. ``within`` lists the counters it depends on, and its turn in each."""

    name: str
    field: Field
    offset: int
    group: str = ""
    within: tuple[tuple[str, int], ...] = ()
    exploded: bool = False


@dataclass(frozen=True)
class RecordLayout:
    """How a table's records are cut into columns.

    ``explode`` is a group with OCCURS of which each occurrence becomes a row; the record's ``_line`` is then
    that of each of its rows, and ``_occurrence`` (1 is the first) tells them apart. Every other OCCURS
    becomes columns NAME_1 to NAME_n. Of fields that redefine each other the first is read, or those in
    ``redefines``.
    """

    record: Field
    page: CodePage
    redefines: frozenset[str] = frozenset()
    explode: Field | None = None
    omit: frozenset[str] = frozenset()
    """Groups and fields that are not read: another table of the file holds them."""
    leaves: tuple[Leaf, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = list(self._walk(self.record, 0, Leaf("", self.record, 0)))
        repeated = {name for name, count in Counter(leaf.name for leaf in found).items() if count > 1}
        object.__setattr__(
            self,
            "leaves",
            tuple(replace(leaf, name=f"{leaf.group}.{leaf.name}") if leaf.name in repeated else leaf for leaf in found),
        )

    def empty(self) -> pa.Table:
        """A chunk without records."""
        return self.table(np.zeros((0, self.record.length), np.uint8), np.zeros(0, np.int64))

    def table(self, matrix: Bytes, lines: Whole, broken: Mask | None = None) -> pa.Table:
        """A chunk of those records (records, bytes), faulty ones with their bytes in hex.

        ``broken`` marks records of no known type; the others are undecodable where any field is.
        """
        columns, bad = self._columns([leaf for leaf in self.leaves if not leaf.exploded], matrix)
        if broken is not None:
            bad |= broken
        rows = np.arange(len(matrix))
        if self.explode is not None:
            rows, occurrence, inner, bad = self._exploded(matrix, bad)
            columns = {name: column.take(pa.array(rows)) for name, column in columns.items()} | inner
            columns = {"_occurrence": pa.array(occurrence, pa.int64())} | columns
            names = ["_occurrence", *(leaf.name for leaf in self.leaves)]
            columns = {name: columns[name] for name in names}
        wrong = bad[rows]
        if not wrong.any():
            return chunk_of(pa.array(lines[rows]), columns)
        sound = pa.array(~wrong)
        columns = {n: pc.if_else(sound, c, pa.scalar(None, c.type)) for n, c in columns.items()}
        fault = np.full(len(rows), None, object)
        fault[wrong] = "undecodable"
        if broken is not None:
            fault[broken[rows]] = "broken"
        raws = np.full(len(rows), None, object)
        raws[wrong] = [matrix[row].tobytes().hex() for row in rows[wrong]]
        return chunk_of(pa.array(lines[rows]), columns, list(fault), list(raws))

    def _columns(self, leaves: Collection[Leaf], matrix: Bytes) -> tuple[dict[str, pa.Array], Mask]:
        bad = np.zeros(len(matrix), np.bool_)
        columns: dict[str, pa.Array] = {}
        counts: dict[str, Whole] = {}
        for leaf in leaves:
            column, wrong = decode(leaf.field, matrix[:, leaf.offset : leaf.offset + leaf.field.size], self.page)
            for counter, turn in leaf.within:
                if counter not in counts:
                    counts[counter], miscounted = self._count(counter, matrix)
                    bad |= miscounted
                beyond = counts[counter] < turn
                wrong &= ~beyond
                column = pc.if_else(pa.array(beyond), pa.scalar(None, column.type), column)
            columns[leaf.name] = column
            bad |= wrong
        return columns, bad

    def _count(self, name: str, matrix: Bytes) -> tuple[Whole, Mask]:
        """The value of a DEPENDING ON field, and where it is none or more than the copybook allows."""
        counter = next(leaf for leaf in self.leaves if leaf.field.name == name)
        limit = max(f.occurs for f in self.record.fields() if f.depending_on == name)
        window = matrix[:, counter.offset : counter.offset + counter.field.size]
        column, wrong = decode(counter.field, window, self.page)
        counts = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return counts, wrong | (counts > limit) | (counts < 0)

    def _exploded(self, matrix: Bytes, bad: Mask) -> tuple[Whole, Whole, dict[str, pa.Array], Mask]:
        """Row to record, row to occurrence, the group's columns, and the records that do not decode."""
        group = self.explode
        assert group is not None
        cells = matrix[:, group.offset : group.offset + group.length].reshape(-1, group.occurs, group.size)
        turns = np.broadcast_to(np.arange(1, group.occurs + 1), cells.shape[:2])
        taken = np.ones(cells.shape[:2], np.bool_)
        if group.depending_on:
            counts, miscounted = self._count(group.depending_on, matrix)
            taken, bad = turns <= counts[:, None], bad | miscounted
        rows = np.repeat(np.arange(len(matrix)), group.occurs).reshape(turns.shape)
        inside = [replace(leaf, offset=leaf.offset - group.offset) for leaf in self.leaves if leaf.exploded]
        columns, wrong = self._columns(inside, cells[taken])
        bad = bad.copy()
        bad[rows[taken][wrong]] = True
        # A record that does not decode is one row, whatever its occurrences.
        kept = taken & ~bad[:, None]
        kept[bad, 0] = True
        position = np.cumsum(taken.ravel()).reshape(taken.shape) - 1
        picks = pa.array(np.where(taken, position, -1)[kept])
        picks = pc.if_else(pc.less(picks, 0), pa.scalar(None, pa.int64()), picks)
        return (
            rows[kept],
            turns[kept].astype(np.int64),
            {name: column.take(picks) for name, column in columns.items()},
            bad,
        )

    def _walk(self, parent: Field, shift: int, path: Leaf) -> Iterator[Leaf]:
        """The leaves below a group; ``path`` carries suffix (as name), counters and explosion down."""
        for child in self._read(parent):
            spread = child.repeats and child != self.explode
            exploded = path.exploded or child == self.explode
            for turn in range(1, 1 + (child.occurs if spread else 1)):
                suffix, within = path.name, path.within
                if spread:
                    suffix = f"{suffix}_{turn}"
                    within = (*within, (child.depending_on, turn)) if child.depending_on else within
                moved = shift + (turn - 1) * child.size
                here = Leaf(suffix, child, child.offset + moved, parent.name, within, exploded)
                if child.children:
                    yield from self._walk(child, moved, here)
                elif child.name != "FILLER":
                    yield replace(here, name=child.name + suffix)

    def _read(self, parent: Field) -> Iterator[Field]:
        """A group's fields, with one or the named ones of those that redefine each other."""
        for base in parent.children:
            if base.redefines or base.name in self.omit:
                continue
            area = [base, *(other for other in parent.children if other.redefines == base.name)]
            named = [other for other in area if other.name in self.redefines]
            yield from named or [base]

    @property
    def checks(self) -> bool:
        """Whether any column can tell that the bytes are not what the copybook says."""
        return any(arrow_type(leaf.field) != pa.string() for leaf in self.leaves)
