"""What is wrong in the contractors' system: each table's dirt, and the truth about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from estate import dbf, dirt
from estate.dirt import Ints
from estate.seeds import stream
from estate.soil import Bools, Soil
from estate.truth import Truth

SYSTEM = "contractor"
LAYOUTS = {
    "FIRMS": "FIRMNO C5, NAME C40, TRADES C12, LIMIT N10.2, INSUNTIL D, ACTIVE L",
    "TRADES": "TRADE C3, NAME C30",
    "PROGRAM": "PROGNO C9, TITLE C40, KIND C3, FIRMNO C5, FYEAR N4, BUDGET Y, STARTS D, ENDS D",
    "RATES": "RATECODE C6, DESCRIP C45, UNIT C2, RATE N8.2, MINS N5, FROMDATE D, TODATE D",
    "ENGINEER": "ENGNO C4, SURNAME C25, FORENAME C20, FIRMNO C5, TRADE C3, GASSAFE C7, STARTED D, LEFT D",
    "PROPLIST": "PROPNO C7, CLIENTREF C8, UPRN C13, ADDR1 C40, ADDR2 C40, TOWN C20, POSTCODE C8, PROPTYPE C2, "
    "BEDS N2, GAS L, ADDED D",
    "APPLIANC": "APPNO C7, PROPNO C7, KIND C2, MAKE C12, MODEL C15, SERIAL C12, INSTALLED D, INSTYEAR N4, "
    "TENANTS L, REMOVED D",
    "JOBS": "JOBNO C15, JOBTYPE C1, PROGNO C9, PROPNO C7, FIRMNO C5, STATUS C2, RAISED D, TARGET D, STARTED D, "
    "FINISHED D, VALUE N10.2, INVOICED N10.2, TENANT C30, TENTEL C15, NOTES M",
    "JOBLINE": "JOBNO C15, LINENO N3, RATECODE C6, QTY N9.2, RATE N9.2, AMOUNT N9.2, DONE L",
    "GASCERT": "CERTNO C9, APPNO C7, PROPNO C7, JOBNO C15, GASSAFE C7, ISSUED D, NEXTDUE D, RESULT C4, DEFECTS M",
    "EICR": "REPORTNO C12, PROPNO C7, TESTED D, RETEST D, RESULT C5, TESTER C30, CIRCUITS N3, REMARKS M",
    "VISITS": "VISITNO I, JOBNO C15, PROPNO C7, ENGNO C4, BOOKED T, VDATE D, SLOT C2, FROMTIME C5, TOTIME C5, "
    "ARRIVED C5, STATUS C1, ATTEMPT N2, CARDLEFT L, NOTES M",
}
"""The fields of each table."""
KEYS = {
    "FIRMS": ["FIRMNO"], "TRADES": ["TRADE"], "PROGRAM": ["PROGNO"], "RATES": ["RATECODE"], "ENGINEER": ["ENGNO"],
    "PROPLIST": ["PROPNO"], "APPLIANC": ["APPNO"], "JOBS": ["JOBNO"], "JOBLINE": ["JOBNO", "LINENO"],
    "GASCERT": ["CERTNO", "APPNO"], "EICR": ["REPORTNO"], "VISITS": ["VISITNO"],
}  # fmt: skip
OLD = ("RATES", "EICR")
"""Tables of the program before, in dBase III."""
_DAY = np.timedelta64(1, "D")
_BROKEN = ord("?")


class Records(Soil):
    """A table's rows on their way into the file, with the earlier versions of rows that were deleted."""

    def __init__(self, table: str, rows: pd.DataFrame, seed: int) -> None:
        rows = rows.reset_index(drop=True)
        gone = rows.loc[dirt.pick(stream(seed, SYSTEM, table, "deleted"), "record-deleted", len(rows))]
        both = pd.concat([gone.assign(deleted=True), rows.assign(deleted=False)]).sort_index(kind="stable")
        super().__init__(SYSTEM, table, both, KEYS[table], seed)
        self.used = self.frame["deleted"].to_numpy().copy()
        self.frame["broken"] = self.frame["lost"] = False
        self.unread: list[tuple[str, Ints]] = []

    def lose(self, kind: str, among: Bools | None = None) -> Ints:
        """Rows that cannot be read whole, and so are known by their place in the file alone."""
        at = self.hit(kind, None, among)
        self.faults.pop()
        self.unread.append((kind, at))
        return at

    def lose_memos(self, field: str) -> None:
        """Lets records point behind the end of the memo file."""
        self.frame.loc[self.lose("memo-missing", self.frame[field] != ""), "lost"] = True

    def write(self, target: Path, truth: Truth) -> None:
        """Writes the table; what cannot be read is in the truth by file and line."""
        file, frame = f"{self.table}.DBF", self.frame
        for fault, at in self.unread:
            truth.plant(SYSTEM, self.table, fault, dirt.RATES[fault].revealed_by, unit=file, line=at + 1)
        write_records(target, self.table, frame)


def kind_of(table: str) -> dbf.Kind:
    """The product that wrote the table."""
    return dbf.DBASE_III if table in OLD else dbf.FOXPRO


def write_records(target: Path, table: str, rows: pd.DataFrame) -> None:
    """Writes the table; beside its fields the rows say whether each is ``deleted``, ``broken``, its memo ``lost``."""
    marks = np.select([rows["broken"], rows["deleted"]], [_BROKEN, dbf.DELETED], dbf.WHOLE).astype(np.uint8)
    lost = rows["lost"].to_numpy(dtype=bool)
    dbf.write_table(target / f"{table}.DBF", LAYOUTS[table], rows, kind_of(table), marks=marks, lost_memos=lost)


def soiled(records: Records, truth: Truth) -> Records:
    """The table's records as the system has them."""
    match records.table:
        case "PROPLIST":
            _properties(records, truth)
        case "APPLIANC":
            there = records.frame["REMOVED"].isna()
            records.fill("code-retired", "KIND", "ZB", there)
            records.fill("code-unknown", "KIND", "XX", there)
            records.fill("placeholder", "SERIAL", "NOT VISIBLE", there)
            records.orphan("PROPNO", there)
            records.done(truth)
        case "JOBS":
            _jobs(records, truth)
        case "JOBLINE":
            _lines(records, truth)
        case "GASCERT":
            _gas_records(records, truth)
        case "EICR":
            _electrical_reports(records, truth)
        case "VISITS":
            _visits(records, truth)
    return records


def _properties(records: Records, truth: Truth) -> None:
    frame = records.frame
    live = ~frame["deleted"]
    truth.property(SYSTEM, "PROPLIST", frame.loc[live, "PROPNO"], frame.loc[live, "property_id"])
    truth.address(SYSTEM, "PROPLIST", frame.loc[live, "PROPNO"], "ADDR1", frame.loc[live, "true_uprn"])
    records.spoil_uprns("UPRN", live)
    records.spoil("postcode-invalid", "POSTCODE")
    records.change("systems-disagree", "POSTCODE", lambda codes: codes.str[:-2] + "ZZ")
    records.spoil("wrong-code-page", "ADDR2")
    records.spoil("double-spaces", "ADDR1")
    records.fill("required-missing", "ADDR1", "")
    records.frame = records.repeated(truth, "BEDS", 9)
    # Taken on twice: the same home under a second number.
    again = records.frame.loc[dirt.take_out(records.rng, records.used, "property-twice")]
    again = again.assign(PROPNO="P" + (900_001 + pd.Series(np.arange(len(again)), again.index)).astype("str"), UPRN="")
    truth.property(SYSTEM, "PROPLIST", again["PROPNO"], again["property_id"])
    truth.address(SYSTEM, "PROPLIST", again["PROPNO"], "ADDR1", again["true_uprn"])
    records.plant(truth, "property-twice", again, "ADDR1")
    records.frame = pd.concat([records.frame, again], ignore_index=True)


def _jobs(records: Records, truth: Truth) -> None:
    frame = records.frame
    named = frame[~frame["deleted"] & (frame["person_id"] >= 0)]
    truth.person(SYSTEM, "JOBS", named["JOBNO"], named["person_id"])
    records.spoil("phone-invalid", "TENTEL", frame["TENTEL"] != "")
    records.spoil("double-spaces", "TENANT", frame["TENANT"] != "")
    records.end_early("FINISHED", "RAISED", 5 * _DAY, frame["FINISHED"].notna())
    records.change("amount-implausible", "VALUE", lambda pence: pence * 1_000, frame["JOBTYPE"] == "G")
    records.change("lines-differ", "VALUE", lambda pence: pence + 12_500, frame["JOBTYPE"] == "P")
    records.change("phone-in-text", "NOTES", _with_telephone, frame["NOTES"] != "")
    records.spoil("wrong-code-page", "NOTES", frame["NOTES"] != "")
    records.fill("code-unknown", "STATUS", "77")
    records.orphan("PROPNO")
    records.lose_memos("NOTES")
    records.done(truth)


def _lines(records: Records, truth: Truth) -> None:
    at = records.lose("number-overflow")
    records.frame["AMOUNT"] = as_written(records.frame["AMOUNT"])
    records.frame.loc[at, "AMOUNT"] = "*" * 9
    records.orphan("RATECODE")
    records.frame = records.repeated(truth, "QTY", 0)


def _gas_records(records: Records, truth: Truth) -> None:
    frame = records.frame
    records.end_early("NEXTDUE", "ISSUED", _DAY)
    at = records.hit("due-inconsistent", "NEXTDUE")
    frame.loc[at, "NEXTDUE"] = frame.loc[at, "ISSUED"] + 730 * _DAY
    at = records.hit("certificate-reused", "CERTNO")
    frame.loc[at, "CERTNO"] = frame.loc[np.abs(at - 7), "CERTNO"].to_numpy()  # of another home
    records.fill("code-unknown", "RESULT", "O.K.")
    records.change("engineer-unknown", "GASSAFE", lambda numbers: "49" + numbers.str[2:])
    records.orphan("PROPNO")
    lost = records.lose("date-impossible")
    days = frame["NEXTDUE"].dt.strftime("%Y%m%d")
    frame["NEXTDUE"] = days.where(~frame.index.isin(lost), days.str[:4] + "0231").astype("str")
    records.lose_memos("DEFECTS")
    records.frame = records.repeated(truth, "RESULT", "AR")


def _electrical_reports(records: Records, truth: Truth) -> None:
    frame = records.frame
    records.end_early("RETEST", "TESTED", 30 * _DAY)
    at = records.hit("due-inconsistent", "RETEST")
    frame.loc[at, "RETEST"] = frame.loc[at, "TESTED"] + 3_652 * _DAY
    records.fill("code-retired", "RESULT", "PASS")
    records.fill("code-unknown", "RESULT", "TBC")
    records.change("phone-in-text", "REMARKS", _with_telephone, frame["REMARKS"] != "")
    records.orphan("PROPNO")
    frame.loc[records.lose("record-broken"), "broken"] = True
    records.lose_memos("REMARKS")
    records.frame = records.repeated(truth, "CIRCUITS", 99)


def _visits(records: Records, truth: Truth) -> None:
    frame = records.frame
    records.spoil("time-impossible", "ARRIVED", frame["ARRIVED"] != "")
    at = records.hit("visit-before-booking", "VDATE", frame["STATUS"] != "B")
    frame.loc[at, "VDATE"] = frame.loc[at, "BOOKED"].dt.normalize() - 40 * _DAY
    records.orphan("ENGNO")
    records.change("phone-in-text", "NOTES", _with_telephone, frame["NOTES"] != "")
    lost = records.lose("date-impossible")
    days = frame["VDATE"].dt.strftime("%Y%m%d")
    frame["VDATE"] = days.where(~frame.index.isin(lost), days.str[:6] + "32").astype("str")
    records.lose_memos("NOTES")
    records.frame = records.repeated(truth, "ATTEMPT", 9)


def _with_telephone(texts: pd.Series) -> pd.Series:
    return texts + " - ring " + dirt.drama_phones(texts.index)


def as_written(pence: pd.Series) -> pd.Series:
    """Amounts as text with a point, so that a cell among them can hold something else."""
    whole = (pence // 100).astype("str")
    return whole + "." + (pence % 100).astype("str").str.zfill(2)
