"""Delimited files: the register's extracts, the register of licences, the gazetteer's volumes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from estate.writers import licensing
from estate.writers.gazetteer import Volumes
from estate.writers.lines import delimited
from estate.writers.register_layouts import LETTINGS, Layout, application_layout, letting_layout
from mirror.extracts.landed import Landed, Tables

_RECORDS = {
    "street": "11", "street_descriptor": "15", "blpu": "21", "cross_reference": "23", "lpi": "24",
    "delivery_point": "28", "organisation": "31", "classification": "32",
}  # fmt: skip
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})")
_PLAIN = r"[0-9.\-]*"
_LEAD = 3
"""Columns that every record of the gazetteer begins with: its type, what changes, its place in the supply."""


def write_register(tables: Tables, target: Path) -> None:
    """Writes the register's extracts into the folder ``target``, each in the layout of its time."""
    target.mkdir(parents=True, exist_ok=True)
    for name, landed in tables.items():
        for unit, rows in landed.by_unit():
            layout = _layout(name, unit)
            sheet = _texts(landed, rows)
            kept = [column for column in sheet if rows[column].notna().any() or column not in layout.lacks]
            named = sheet[kept].rename(columns=dict(layout.headers))
            text = delimited(named, _torn(landed, rows), layout.line_end)
            (target / unit).write_bytes(text.encode(layout.encoding, "replace"))


def _layout(table: str, unit: str) -> Layout:
    match table:
        case "applications":
            return application_layout(unit)
        case "lettings":
            return letting_layout(unit)
    return LETTINGS


def write_licensing(tables: Tables, target: Path) -> None:
    """Writes the register of licences into the folder ``target``."""
    for landed in tables.values():
        for _, rows in landed.by_unit():
            licensing.write_rows(target, _texts(landed, rows), _torn(landed, rows))


def write_gazetteer(tables: Tables, target: Path) -> None:
    """Writes the volumes of a full supply into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    units = sorted({part.unit for landed in tables.values() for part in landed.parts})
    found = _DATED.search(units[0]) if units else None
    volumes = Volumes(target, date.fromisoformat(found[1]) if found else date.today())
    for name, landed in tables.items():
        rows = landed.frame()
        texts = _texts(landed, rows).iloc[:, _LEAD:]
        stated = [column for column in texts if rows[column].notna().any()]
        quoted = pd.DataFrame({column: _quoted(texts[column]) for column in stated})
        torn = _torn(landed, rows)
        first = 0
        for at in [*sorted(torn), len(rows)]:
            list(volumes.add(_RECORDS[name], quoted.iloc[first:at], np.array([], dtype=np.int64)))
            if at in torn:
                volumes.lines.append(torn[at])
                volumes.order += 1
            first = at + 1
    volumes.close()


def _quoted(values: pd.Series[str]) -> pd.Series[str]:
    if values.str.fullmatch(_PLAIN).all():
        return values
    return '"' + values.str.replace('"', '""', regex=False) + '"'


def _texts(landed: Landed, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: rows[name].astype("str").where(rows[name].notna(), "") for name in landed.columns})


def _torn(landed: Landed, rows: pd.DataFrame) -> dict[int, str]:
    """The records that are none, by their place among the rows: what is left of their text."""
    if landed.broken.empty:
        return {}
    places = pd.Series(range(len(rows)), index=rows["_row"].to_numpy())
    here = landed.broken[landed.broken.index.isin(places.index)]
    return dict(zip(places.loc[here.index].tolist(), here["_raw"].astype("str"), strict=True))
