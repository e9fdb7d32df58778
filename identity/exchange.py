"""People's decisions as CSV: out of one hub, into another or back into the same.

Ids and verdicts only, no value of a person but what somebody wrote as a reason. A cell that a spreadsheet would take
for a formula goes out with an apostrophe before it, which is taken off again on the way in.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pandas as pd
from psycopg import sql

from canonical_model.golden import ENTITY_TYPES
from identity.decisions import MACHINE, PAIR, append, effective, read_log
from identity.frames import Connection
from identity.rulings import LONGEST_REASON, VERDICTS, carry_out, settle, user
from ledger.errors import ContractBroken, HubError, SourceUnreadable

HEADER = ("entity_type", "left_id", "right_id", "verdict", "decided_by", "decided_at", "reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TOLD = 20
"""So many faults of a file are told one by one."""


@dataclass(frozen=True)
class Imported:
    """How many decisions a file brought, how many stood already, and the golden ids that were touched, by kind."""

    new: int
    known: int
    touched: dict[str, list[str]]
    notes: tuple[str, ...] = ()


def export(connection: Connection, file: Path) -> int:
    """Writes people's decisions in force; gives their number."""
    parts = [_in_force(connection, entity_type).assign(entity_type=entity_type) for entity_type in ENTITY_TYPES]
    told = pd.concat(parts).rename(columns={"kind": "verdict"})
    told = told.assign(
        left_id=told["left_id"].map(_uuid), right_id=told["right_id"].map(_uuid),
        decided_at=told["decided_at"].dt.strftime("%Y-%m-%dT%H:%M:%S.%f%z"),
        decided_by=told["decided_by"].map(_harmless), reason=told["reason"].fillna("").map(_harmless),
    )  # fmt: skip
    file.write_text(told[list(HEADER)].to_csv(index=False, lineterminator="\r\n"), "utf-8-sig", newline="")
    return len(told)


def import_file(connection: Connection, file: Path, by: str) -> Imported:
    """Takes in the decisions of a file: all of them or none. One that is in force already is not said again.

    A row without ``decided_by`` is that of ``by``. Raises SourceUnreadable where it is no such CSV, ContractBroken
    with everything that is wrong in its rows.
    """
    by, rows = user(by), _rows(file)
    faults = _faults(connection, rows)
    if faults:
        more = f" And {len(faults) - TOLD} more." if len(faults) > TOLD else ""
        raise ContractBroken(
            f"{' '.join(faults[:TOLD])}{more}", place=file.name,
            next_step="Correct all of these, then import it again; nothing was taken in.",
        )  # fmt: skip
    rows = rows.assign(decided_by=rows["decided_by"].where(rows["decided_by"] != "", by))
    new, notes, touched = 0, list[str](), dict[str, list[str]]()
    with connection.transaction():
        for entity_type, part in rows.groupby("entity_type"):
            said = _unsaid(connection, str(entity_type), part)
            new += len(said)
            if said.empty:
                continue
            append(connection, str(entity_type), said)
            ruled = carry_out(connection, str(entity_type), pd.unique(said[PAIR].to_numpy().ravel()).tolist(), by)
            settle(connection, str(entity_type), list(said[[*PAIR, "decided_by"]].itertuples(index=False, name=None)))
            touched[str(entity_type)], notes = ruled.touched, [*notes, *ruled.notes]
    return Imported(new, len(rows) - new, touched, tuple(notes))


def _in_force(connection: Connection, entity_type: str) -> pd.DataFrame:
    found = effective(read_log(connection, entity_type))
    return found[found["decided_by"] != MACHINE]


def _unsaid(connection: Connection, entity_type: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that say something that is not in force, as decisions."""
    ids = rows[PAIR].map(lambda text: UUID(text).hex)
    said = rows.assign(left_id=ids.min(axis=1), right_id=ids.max(axis=1), kind=rows["verdict"])
    said = said.drop_duplicates([*PAIR], keep="last")
    key = [*PAIR, "kind"]
    known = pd.MultiIndex.from_frame(_in_force(connection, entity_type)[key])
    said = said[~pd.MultiIndex.from_frame(said[key]).isin(known)]
    now = datetime.now(UTC).isoformat()
    return said.assign(
        decided_at=said["decided_at"].where(said["decided_at"] != "", now), reason=said["reason"].replace("", None)
    )[[*key, "decided_by", "decided_at", "reason"]]


def _rows(file: Path) -> pd.DataFrame:
    """The file's cells as texts, with ``line``. Raises SourceUnreadable where it is no CSV of decisions."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SourceUnreadable(
            "It cannot be read.", place=file.name, next_step="Check its name and who may read it."
        ) from error
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise _unreadable(file, "It is a workbook, not CSV.", "Save it as CSV UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(file, "It is not UTF-8.", "Save it as CSV UTF-8.") from error
    if "\x00" in text:
        raise _unreadable(file, "It holds NUL characters.", "Save it as CSV UTF-8.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cells)]
    except csv.Error as error:
        raise _unreadable(
            file, f"Line {reader.line_num} is no CSV.", "Export it anew, or correct its quotes."
        ) from error
    header = tuple(cell.strip().lower() for cell in lines[0][1]) if lines else ()
    if header != HEADER:
        raise _unreadable(file, f"Its header is not {','.join(HEADER)}.", "Give it that header, with commas between.")
    short = [str(line) for line, cells in lines[1:] if len(cells) != len(HEADER)]
    if short:
        raise _unreadable(
            file, f"These lines have not {len(HEADER)} cells: {', '.join(short[:TOLD])}.", "Correct them."
        )
    cells = [[_as_written(cell.strip()) for cell in cells] for _, cells in lines[1:]]
    return pd.DataFrame(cells, columns=list(HEADER), dtype="str").assign(line=[line for line, _ in lines[1:]])


def _faults(connection: Connection, rows: pd.DataFrame) -> list[str]:
    """What is wrong in the rows, in order of lines; ids are named, nothing else of a cell."""
    faults: list[tuple[int, str]] = []

    def note(wrong: pd.Series[bool], what: pd.Series[str] | str) -> None:
        told = pd.Series(what, index=rows.index)[wrong]
        faults.extend((line, f"Line {line}: {text}.") for line, text in zip(rows["line"][wrong], told, strict=True))

    known = rows["entity_type"].isin(ENTITY_TYPES)
    note(~known, f"the entity_type is none of {', '.join(ENTITY_TYPES)}")
    note(~rows["verdict"].isin(VERDICTS), f"the verdict is none of {', '.join(VERDICTS)}")
    note(rows["reason"].str.len() > LONGEST_REASON, f"the reason is longer than {LONGEST_REASON} characters")
    note(~rows["decided_by"].map(_may_decide), "decided_by is no person's name")
    note(~rows["decided_at"].map(_is_past), "decided_at is no instant of the past such as 2026-03-04T15:30:00+00:00")
    ids = {side: rows[side].map(_is_id) for side in PAIR}
    for side, sound in ids.items():
        note(~sound, f"the {side} is no id")
        unknown = _unknown(connection, rows[known & sound], side).reindex(rows.index, fill_value=False)
        note(unknown, "there is no linked " + rows["entity_type"] + " " + rows[side])
    sound = ids["left_id"] & ids["right_id"]
    pairs = rows.loc[sound, PAIR].map(lambda text: UUID(text).hex).reindex(rows.index)
    note(sound & (pairs["left_id"] == pairs["right_id"]), "left_id and right_id are the same")
    pair = rows["entity_type"] + pairs.min(axis=1) + pairs.max(axis=1)
    note(sound & rows["verdict"].groupby(pair).transform("nunique").gt(1), "the pair has both verdicts in this file")
    return [text for _, text in sorted(faults)]


def _unknown(connection: Connection, rows: pd.DataFrame, side: str) -> pd.Series[bool]:
    """True for rows whose id is of no linked record of its kind."""
    missing = pd.Series(data=False, index=rows.index)
    for entity_type, part in rows.groupby("entity_type"):
        found = connection.execute(
            sql.SQL("SELECT id FROM unnest(%s::uuid[]) id WHERE NOT EXISTS (SELECT FROM canonical.golden_link l "
                    "WHERE l.entity_type = %s AND l.entity_id = id)"),
            (part[side].tolist(), entity_type),
        ).fetchall()  # fmt: skip
        missing[part.index] = part[side].map(UUID).isin({one for (one,) in found})
    return missing


def _unreadable(file: Path, fault: str, next_step: str) -> SourceUnreadable:
    return SourceUnreadable(fault, place=file.name, next_step=next_step)


def _may_decide(name: str) -> bool:
    try:
        return not name or bool(user(name))
    except HubError:
        return False


def _is_past(text: str) -> bool:
    try:
        return not text or datetime.fromisoformat(text) <= datetime.now(UTC)
    except (ValueError, TypeError):
        return False


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _uuid(digits: str) -> str:
    return str(UUID(digits))


def _harmless(text: str) -> str:
    """The text as a spreadsheet takes it for text."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def _as_written(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell
