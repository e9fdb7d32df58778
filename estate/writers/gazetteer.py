"""The gazetteer's full supply: volumes of a transfer file in which the first field tells the record's type.

Text is quoted, numbers and dates are not. Each volume has a header and a trailer that counts its records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import dirt
from estate.gazetteer import CUSTODIAN
from estate.seeds import stream
from estate.truth import Truth
from estate.world import World

SYSTEM = "gazetteer"
VOLUME_RECORDS = 30_000
SLICE = 50_000
SCHEME = "AddressBase Premium Classification Scheme"
Ints = NDArray[np.int64]
Record = tuple[str, str, str, pd.DataFrame]
"""Record type, table, key column, and the fields after record type, change type and processing order."""


def write(world: World, target: Path, truth: Truth) -> None:
    """Writes the volumes into the folder ``target``."""
    rng = stream(world.seed, SYSTEM, "supply")
    blpus = world.gazetteer.blpus
    own = blpus["property_id"] >= 0
    truth.property(SYSTEM, "blpu", blpus.loc[own, "uprn"].astype("str"), blpus.loc[own, "property_id"])
    target.mkdir(parents=True, exist_ok=True)
    volumes = Volumes(target, world.today - timedelta(days=14))
    for record, table, key, fields in _records(world):
        rows, broken = _soiled(table, key, fields, truth, rng)
        for first in range(0, len(rows), SLICE):
            part = rows.iloc[first : first + SLICE]
            here = broken[(broken >= first) & (broken < first + len(part))] - first
            for unit, line in volumes.add(record, part, here):
                truth.plant(SYSTEM, table, "record-broken", "row", unit=unit, line=line)
    volumes.close()


class Volumes:
    """The files of a supply, one after another."""

    def __init__(self, folder: Path, made: date) -> None:
        self.folder, self.made = folder, made
        self.volume, self.order, self.lines = 0, 0, list[str]()

    @property
    def name(self) -> str:
        return f"AddressBasePremium_FULL_{self.made}_{self.volume + 1:03}.csv"

    def add(self, record: str, rows: pd.DataFrame, broken: Ints) -> Iterator[tuple[str, int]]:
        """Adds records; tells file and line of those that end in the middle."""
        order = pd.Series(np.arange(self.order + 1, self.order + 1 + len(rows)), index=rows.index).astype("str")
        lines = record + ',"I",' + order
        for column in rows:
            lines = lines + "," + rows[column]
        self.order += len(rows)
        torn = set(broken.tolist())
        for at, line in enumerate(lines):
            if len(self.lines) == VOLUME_RECORDS:
                self._write(last=False)
            if at in torn:
                yield self.name, len(self.lines) + 2
            self.lines.append(line[: len(line) // 2].rstrip('"') if at in torn else line)

    def close(self) -> None:
        """Writes the last volume."""
        self._write(last=True)

    def _write(self, *, last: bool) -> None:
        at, number = "06:14:55", self.volume + 1
        head = f'10,"NAG Hub - GeoPlace",9999,{self.made},{number},{self.made},{at},"2.1","F"'
        tail = f"99,{0 if last else number + 1},{len(self.lines)},{self.made},{at}"
        (self.folder / self.name).write_text("\r\n".join([head, *self.lines, tail, ""]), "utf-8", newline="")
        self.volume, self.lines = number, []


def _records(world: World) -> Iterator[Record]:
    """The records of every type as they should be, all fields as text, quoted where they are text."""
    known = world.gazetteer
    streets, blpus, lpis = known.streets, known.blpus, known.lpis
    yield "11", "street", "USRN", _streets(streets)
    yield "15", "street_descriptor", "USRN", _descriptors(streets)
    yield "21", "blpu", "UPRN", _blpus(blpus)
    number = pd.Series(np.arange(1, len(blpus) + 1), index=blpus.index).astype("str").str.zfill(9)
    uprn, life = blpus["uprn"].astype("str"), _life(blpus["start_date"])
    toid = "osgb4000000" + number
    yield "23", "cross_reference", "XREF_KEY", pd.DataFrame(
        {"UPRN": uprn, "XREF_KEY": _quoted(f"{CUSTODIAN}X" + number), "CROSS_REFERENCE": _quoted(toid), "VERSION": "8",
         "SOURCE": '"7666MT"', **life}
    )  # fmt: skip
    yield "24", "lpi", "LPI_KEY", _lpis(lpis)
    homes = blpus[blpus["blpu_class"].str.startswith("RD") & (blpus["blpu_class"] != "RD07")]
    yield "28", "delivery_point", "UDPRN", _delivery_points(homes, lpis, streets)
    halls = blpus[blpus["blpu_class"] == "CC04"]
    name = halls.merge(streets[["usrn", "locality"]], on="usrn", how="left")["locality"].to_numpy()
    yield "31", "organisation", "ORG_KEY", pd.DataFrame(
        {"UPRN": halls["uprn"].astype("str"), "ORG_KEY": _quoted(f"{CUSTODIAN}O" + number[halls.index]),
         "ORGANISATION": _quoted(pd.Series(name, index=halls.index) + " Tenants and Residents Association"),
         "LEGAL_NAME": '""', **_life(halls["start_date"])}
    )  # fmt: skip
    yield "32", "classification", "CLASS_KEY", pd.DataFrame(
        {"UPRN": uprn, "CLASS_KEY": _quoted(f"{CUSTODIAN}C" + number),
         "CLASSIFICATION_CODE": _quoted(blpus["blpu_class"]), "CLASS_SCHEME": f'"{SCHEME}"',
         "SCHEME_VERSION": "1.0", **life}
    )  # fmt: skip


def _streets(streets: pd.DataFrame) -> pd.DataFrame:
    east, north = streets["easting"], streets["northing"]
    start = _days(streets["start_date"])
    return pd.DataFrame(
        {
            "USRN": streets["usrn"].astype("str"), "RECORD_TYPE": "1", "SWA_ORG_REF_NAMING": str(CUSTODIAN),
            "STATE": "2", "STATE_DATE": start, "STREET_SURFACE": "1", "STREET_CLASSIFICATION": "8", "VERSION": "0",
            "STREET_START_DATE": start, "STREET_END_DATE": "", "LAST_UPDATE_DATE": start, "RECORD_ENTRY_DATE": start,
            **_point("STREET_START", east, north), **_point("STREET_END", east + 110, north + 75),
            "STREET_TOLERANCE": "10",
        }
    )  # fmt: skip


def _descriptors(streets: pd.DataFrame) -> pd.DataFrame:
    start = _days(streets["start_date"])
    return pd.DataFrame(
        {
            "USRN": streets["usrn"].astype("str"), "STREET_DESCRIPTION": _quoted(streets["street_name"].str.upper()),
            "LOCALITY_NAME": _quoted(streets["locality"].str.upper()),
            "TOWN_NAME": _quoted(streets["town"].str.upper()),
            "ADMINISTRATIVE_AREA": _quoted(streets["town"].str.upper()), "LANGUAGE": '"ENG"', "START_DATE": start,
            "END_DATE": "", "LAST_UPDATE_DATE": start, "ENTRY_DATE": start,
        }
    )  # fmt: skip


def _blpus(blpus: pd.DataFrame) -> pd.DataFrame:
    inside = blpus.loc[blpus["parent_uprn"] >= 0, "parent_uprn"].value_counts()
    home = blpus["blpu_class"].str.startswith("RD") & (blpus["blpu_class"] != "RD07")
    return pd.DataFrame(
        {
            "UPRN": blpus["uprn"].astype("str"), "LOGICAL_STATUS": blpus["logical_status"].astype("str"),
            "BLPU_STATE": "2", "BLPU_STATE_DATE": _days(blpus["start_date"]),
            "PARENT_UPRN": _number(blpus["parent_uprn"]),
            **_point("", blpus["easting"], blpus["northing"]), "RPC": "1",
            "LOCAL_CUSTODIAN_CODE": blpus["custodian"].astype("str"), "COUNTRY": '"E"', **_life(blpus["start_date"]),
            "ADDRESSBASE_POSTAL": np.where(home, '"D"', '"N"'), "POSTCODE_LOCATOR": _quoted(blpus["postcode"]),
            "MULTI_OCC_COUNT": blpus["uprn"].map(inside).fillna(0).astype("int64").astype("str"),
        }
    )  # fmt: skip


def _lpis(lpis: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "UPRN": lpis["uprn"].astype("str"), "LPI_KEY": _quoted(lpis["lpi_key"]),
            "LANGUAGE": _quoted(lpis["language"]),
            "LOGICAL_STATUS": lpis["logical_status"].astype("str"), **_life(lpis["start_date"]),
            "SAO_START_NUMBER": _number(lpis["sao_number"]), "SAO_START_SUFFIX": _quoted(lpis["sao_suffix"]),
            "SAO_END_NUMBER": "", "SAO_END_SUFFIX": '""', "SAO_TEXT": _quoted(lpis["sao_text"].str.upper()),
            "PAO_START_NUMBER": _number(lpis["pao_number"]), "PAO_START_SUFFIX": _quoted(lpis["pao_suffix"]),
            "PAO_END_NUMBER": "", "PAO_END_SUFFIX": '""', "PAO_TEXT": _quoted(lpis["pao_text"].str.upper()),
            "USRN": lpis["usrn"].astype("str"), "USRN_MATCH_INDICATOR": '"1"', "AREA_NAME": '""', "LEVEL": '""',
            "OFFICIAL_FLAG": _quoted(lpis["official"]),
        }
    )  # fmt: skip


def _delivery_points(homes: pd.DataFrame, lpis: pd.DataFrame, streets: pd.DataFrame) -> pd.DataFrame:
    official = lpis[lpis["logical_status"] == 1].drop_duplicates("uprn").drop(columns=["usrn", "start_date"])
    rows = homes.merge(official, on="uprn").merge(streets[["usrn", "street_name", "locality", "town"]], on="usrn")
    flat = "FLAT " + _number(rows["sao_number"]) + rows["sao_suffix"]
    unit = rows["sao_text"].str.upper().where(rows["sao_text"] != "", flat.where(rows["sao_number"] >= 0, ""))
    lettered = rows["pao_suffix"] != ""
    building = rows["pao_text"].where(~lettered, _number(rows["pao_number"]) + rows["pao_suffix"])
    empty = '""'
    return pd.DataFrame(
        {
            "UPRN": rows["uprn"].astype("str"), "UDPRN": (5_000_000 + np.arange(len(rows)) * 3).astype(str),
            "ORGANISATION_NAME": empty, "DEPARTMENT_NAME": empty, "SUB_BUILDING_NAME": _quoted(unit),
            "BUILDING_NAME": _quoted(building.str.upper()),
            "BUILDING_NUMBER": _number(rows["pao_number"].where(~lettered, -1)), "DEPENDENT_THOROUGHFARE": empty,
            "THOROUGHFARE": _quoted(rows["street_name"].str.upper()), "DOUBLE_DEPENDENT_LOCALITY": empty,
            "DEPENDENT_LOCALITY": _quoted(rows["locality"].str.upper()), "POST_TOWN": _quoted(rows["town"].str.upper()),
            "POSTCODE": _quoted(rows["postcode"]), "POSTCODE_TYPE": '"S"', "WELSH_DEPENDENT_THOROUGHFARE": empty,
            "WELSH_THOROUGHFARE": empty, "WELSH_DOUBLE_DEPENDENT_LOCALITY": empty, "WELSH_DEPENDENT_LOCALITY": empty,
            "WELSH_POST_TOWN": empty, "PO_BOX_NUMBER": empty, "PROCESS_DATE": "2026-09-01",
            **_life(rows["start_date"]),
        }
    )  # fmt: skip


def _soiled(
    table: str, key: str, rows: pd.DataFrame, truth: Truth, rng: np.random.Generator
) -> tuple[pd.DataFrame, Ints]:
    """The rows as they are supplied, and the positions of those that end in the middle."""
    rows = rows.reset_index(drop=True)
    used = np.zeros(len(rows), dtype=bool)

    def spoil(kind: str, field: str, spoilt: str | pd.Series) -> None:
        at = dirt.take_out(rng, used, kind)
        rows.loc[at, field] = spoilt if isinstance(spoilt, str) else spoilt[at]
        truth.plant(SYSTEM, table, kind, dirt.RATES[kind].revealed_by, key=_plain(rows.loc[at, key]), field=field)

    if table == "blpu":
        spoil("code-unknown", "BLPU_STATE", "5")
        spoil("date-impossible", "START_DATE", rows["START_DATE"].str[:4] + "-02-30")
        spoil("end-before-start", "END_DATE", "1999-12-31")
        spoil(
            "postcode-invalid", "POSTCODE_LOCATOR", _quoted(dirt.spoil_postcode(_plain(rows["POSTCODE_LOCATOR"]), rng))
        )
    if table == "lpi":
        spoil("orphan-key", "UPRN", "9" + rows["UPRN"].str.zfill(12).str[1:])
        spoil("required-missing", "LOGICAL_STATUS", "")
    if table == "delivery_point":
        spoil("postcode-invalid", "POSTCODE", _quoted(dirt.spoil_postcode(_plain(rows["POSTCODE"]), rng)))
        spoil("wrong-code-page", "THOROUGHFARE", _quoted(dirt.mojibake(_plain(rows["THOROUGHFARE"]))))
    if table == "classification":
        again = rows.loc[dirt.take_out(rng, used, "duplicate-key")].assign(CLASSIFICATION_CODE='"CR08"')
        truth.plant(SYSTEM, table, "duplicate-key", "system", key=_plain(again[key]))
        rows = pd.concat([rows, again], ignore_index=True)
        used = np.concatenate([used, np.ones(len(again), dtype=bool)])
    broken = dirt.take_out(rng, used, "record-broken") if table == "delivery_point" else np.array([], dtype=np.int64)
    return rows, broken


def _point(name: str, east: pd.Series, north: pd.Series) -> dict[str, pd.Series]:
    """Grid coordinates in metres, and degrees that are good enough for a town."""
    x, y, lat, long = (
        (f"{name}_{part}" for part in ("X", "Y", "LAT", "LONG"))
        if name
        else ("X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE")
    )
    return {
        x: east.astype("str") + ".00",
        y: north.astype("str") + ".00",
        lat: (52.425 + (north - 281_000) / 111_250).map("{:.7f}".format),
        long: (-1.323 + (east - 446_000) / 67_900).map("{:.7f}".format),
    }


def _life(start: pd.Series) -> dict[str, pd.Series | str]:
    day = _days(start)
    return {"START_DATE": day, "END_DATE": "", "LAST_UPDATE_DATE": day, "ENTRY_DATE": day}


def _days(values: pd.Series) -> pd.Series:
    days: pd.Series = values.dt.strftime("%Y-%m-%d")
    return days


def _quoted(values: pd.Series) -> pd.Series:
    return '"' + values.astype("str") + '"'


def _plain(values: pd.Series) -> pd.Series:
    plain: pd.Series = values.str.strip('"')
    return plain


def _number(values: pd.Series) -> pd.Series:
    return values.astype("str").where(values >= 0, "")
