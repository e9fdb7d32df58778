"""dBase and FoxPro tables with their memos: deleted, broken and undecodable records stand where they stood."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from estate import dbf
from estate.writers.contractor_dirt import LAYOUTS, kind_of, write_records
from mirror.extracts.landed import Landed, Tables
from mirror.extracts.writing.amounts import pence

_JULIAN_OF_1970 = 2_440_588
_BROKEN = "broken"


def unfolded(landed: Landed) -> Landed:
    """The table with the cells of its broken records as text."""
    raws = landed.raws()
    if raws.empty:
        return landed
    kind = kind_of(landed.table.name)
    fields = dbf.fields(LAYOUTS[landed.table.name], kind)
    cells = [_listed(raw, fields) if raw.startswith("{") else _sliced(raw, fields, kind) for raw in raws]
    return replace(landed, broken=pd.DataFrame(cells, index=raws.index, dtype=object))


def _listed(raw: str, fields: tuple[dbf.Field, ...]) -> dict[str, str | None]:
    """The cells of a deleted record, whose values landed."""
    found = json.loads(raw)
    return {field.name: _written(found.get(field.name)) for field in fields}


def _written(value: Any) -> str | None:
    if isinstance(value, bool):
        return "T" if value else "F"
    return None if value is None else str(value)


def _sliced(raw: str, fields: tuple[dbf.Field, ...], kind: dbf.Kind) -> dict[str, str | None]:
    """The cells of a record whose bytes landed; its memos did not."""
    record, at, found = bytes.fromhex(raw), 1, dict[str, str | None]()
    for field in fields:
        found[field.name] = _cell(record[at : at + field.length], field, kind)
        at += field.length
    return found


def _cell(data: bytes, field: dbf.Field, kind: dbf.Kind) -> str | None:
    match field.type:
        case "M":
            return None
        case "I":
            return str(int.from_bytes(data, "little", signed=True))
        case "Y":
            return str(Decimal(int.from_bytes(data, "little", signed=True)).scaleb(-4))
        case "T":
            day, milliseconds = (int.from_bytes(data[part], "little") for part in (slice(4), slice(4, 8)))
            moment = datetime(1970, 1, 1) + timedelta(days=day - _JULIAN_OF_1970, milliseconds=milliseconds)
            return None if not data.strip() else f"{moment:%Y-%m-%d %H:%M:%S}"
    return data.decode(kind.page, "replace")


def write(tables: Tables, target: Path) -> None:
    """Writes the tables into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    for name, landed in tables.items():
        kind = kind_of(name)
        faults = landed.faults().reindex(range(len(landed))).fillna("")
        rows = {field.name: _column(landed, field) for field in dbf.fields(LAYOUTS[name], kind)}
        marks = {
            "deleted": faults == "deleted",
            "broken": faults == _BROKEN,
            "lost": faults == "memo-missing",
        }
        write_records(target, name, pd.DataFrame(rows | marks))


def _column(landed: Landed, field: dbf.Field) -> pd.Series[Any]:
    """The column as the writer takes it: text as it stands in the record, but for the binary types."""
    values = landed.values(field.name)
    match field.type:
        case "I":
            return pd.Series(pc.fill_null(pc.cast(values, pa.int64()), 0).to_numpy())
        case "Y":
            return pence(values.to_pandas(types_mapper=pd.ArrowDtype))
        case "T":
            return pd.Series(pd.to_datetime(values.to_pandas().astype(object), format="ISO8601"))
        case "D":
            values = pc.replace_substring(values, "-", "")
        case "L":
            values = pc.replace_substring(pc.replace_substring(values, "true", "T"), "false", "F")
        case "N":
            values = pc.utf8_trim_whitespace(values)
    return pd.Series(np.asarray(pc.fill_null(values, "").to_pylist(), dtype=object), dtype="str")
