"""The rents mainframe's files: EBCDIC records, headers, and trailers whose counts and totals are right again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from estate import cobol
from estate.cobol import Bytes, Ints
from estate.writers import rents
from estate.writers.rent_postings import LENGTH, RECEIPT, TYPES, header, posting_records, trailer
from mirror.extracts.landed import Landed, Tables
from mirror.extracts.writing.amounts import pence

PAGE = "cp1140"
FIELDS = {"RP-NUMBER": slice(1, 11), "RP-ACCOUNT": slice(11, 19)}
"""Where a posting's record has what is masked."""
_MASTER, _CALENDAR = "RENTACCT.DAT", "RENTCAL.DAT"


def unfolded(landed: Landed) -> Landed:
    """The table with the cells of its broken records: the numbers that a posting bears."""
    raws = landed.raws()
    if raws.empty or landed.table.name not in ("debits", "receipts"):
        return landed
    cells = [{name: _digits(bytes.fromhex(raw)[place]) for name, place in FIELDS.items()} for raw in raws]
    return replace(landed, broken=pd.DataFrame(cells, index=raws.index, dtype=object))


def _digits(data: bytes) -> str | None:
    text = data.decode(PAGE)
    return text if text.isdigit() else None


def write(tables: Tables, target: Path) -> None:
    """Writes the files and their copybooks into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    rents.copy_layouts(target)
    rents.write_periods(target, _periods(tables["periods"].frame()))
    accounts = tables["accounts"].frame().sort_values("_line", ignore_index=True)
    records = cobol.records(
        rents.account_records(_accounts(accounts)), _charges(tables["charges"], accounts["_line"]), length=rents.LENGTH
    )
    rents.write_master(target, records, int(pence(accounts["RA-BALANCE"]).sum()))
    postings = {name: dict(tables[name].by_unit()) for name in ("debits", "receipts")}
    for unit in sorted({*postings["debits"], *postings["receipts"]}):
        _write_year(target / unit, {name: found.get(unit) for name, found in postings.items()}, tables)


def _periods(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"RC-GROUP": "rent_group", "RC-YEAR": "rent_year", "RC-WEEK": "period_no", "RC-MONDAY": "monday",
             "RC-DEBIT": "debit", "RC-WEEKS-CHARGED": "weeks_charged"}  # fmt: skip
    return pd.DataFrame({new: _plain(rows[old]) for old, new in names.items()})


def _accounts(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"RA-ACCOUNT": "account", "RA-PAY-REF": "pay_ref", "RA-CLASS": "class", "RA-STATUS": "status",
             "RA-TENANCY": "tenancy", "RA-NAME": "name", "RA-GROUP": "group", "RA-START": "opened", "RA-END": "ended",
             "RA-DEBIT-TO": "debit_to", "RA-METHOD": "method", "RA-BALANCE-DATE": "balanced"}  # fmt: skip
    found = pd.DataFrame({new: _plain(rows[old]) for old, new in names.items()})
    texts = {name: _plain(rows[f"RA-{name}"]).astype("str")
             for name in ("HB-CLAIM", "SITE", "BAY", "END-REASON", "LAST-PROPERTY")}  # fmt: skip
    kinds = [found["class"] == "RT", found["class"] == "FT"]
    former = texts["END-REASON"].str.ljust(3) + texts["LAST-PROPERTY"]
    site = texts["SITE"].str.slice(0, 14).str.ljust(14) + texts["BAY"]
    detail = np.select(kinds, [texts["HB-CLAIM"], former], site)
    return found.assign(detail=detail, weekly=pence(rows["RA-WEEKLY"]), balance=pence(rows["RA-BALANCE"]))


def _charges(landed: Landed, lines: pd.Series[int]) -> Bytes:
    """The charges of the accounts at those lines; those of a record that could not be read as its bytes were."""
    rows = landed.frame()
    at = pd.Series(np.arange(len(lines)), index=lines.to_numpy())
    whole = rows[rows["_fault"].isna()]
    found = pd.DataFrame(
        {
            "row": at.loc[whole["_line"].to_numpy()].to_numpy(), "slot": _plain(whole["_occurrence"]).to_numpy() - 1,
            "code": _plain(whole["RA-ELEMENT"]).to_numpy(), "pence": pence(whole["RA-AMOUNT"]).to_numpy(),
            "first": _plain(whole["RA-FROM"]).to_numpy(), "last": _plain(whole["RA-TO"]).to_numpy(),
            "frequency": _plain(whole["RA-FREQUENCY"]).to_numpy(),
        }
    )  # fmt: skip
    records = rents.charge_records(found, len(lines))
    for line, raw in zip(rows.loc[rows["_fault"].notna(), "_line"], landed.raws(), strict=True):
        data = np.frombuffer(bytes.fromhex(raw), np.uint8)[rents.CHARGES_AT :]
        records[at[line]] = data[: records.shape[1]]
    return records


def _write_year(path: Path, found: dict[str, pd.DataFrame | None], tables: Tables) -> None:
    parts = [_postings(rows, name, tables[name]) for name, rows in found.items() if rows is not None]
    rows = pd.concat(parts, ignore_index=True).sort_values("line", kind="stable", ignore_index=True)
    codes = sorted(set(rows["code"]))
    year = int(rows["year"].max())
    coded = rows.assign(code=rows["code"].map({code: at for at, code in enumerate(codes)}))
    matrix = posting_records(coded, year, codes, cobol.text(rows["batch"], 8))
    torn = rows[rows["raw"] != ""]
    for at, raw in zip(torn.index, torn["raw"], strict=True):
        matrix[at] = np.frombuffer(bytes.fromhex(raw), np.uint8)[:LENGTH]
        for name, place in FIELDS.items():
            digits = torn.loc[at, name]
            if digits:
                matrix[at, place] = cobol.text([digits], place.stop - place.start)[0]
    receipt = (rows["type"] == RECEIPT).to_numpy()
    sums: Ints = np.array([[kind.sum(), rows["amount"].to_numpy()[kind].sum()] for kind in (~receipt, receipt)])
    path.write_bytes(header(year).tobytes() + matrix.tobytes() + trailer(sums).tobytes())


def _postings(rows: pd.DataFrame, table: str, landed: Landed) -> pd.DataFrame:
    short, amount = ("DR", "RP-DR-AMOUNT") if table == "debits" else ("RC", "RP-RC-AMOUNT")
    raws = landed.raws().reindex(rows["_row"]).fillna("").to_numpy()
    broken = landed.broken.reindex(rows["_row"])
    cells = {
        name: (broken[name].fillna("") if name in broken else pd.Series("", index=broken.index)).to_numpy()
        for name in FIELDS
    }
    types = _plain(rows["RP-TYPE"]).map({kind: at for at, kind in enumerate(TYPES)})
    numbers = {"number": "RP-NUMBER", "account": "RP-ACCOUNT", "date": "RP-DATE", "year": "RP-YEAR", "week": "RP-WEEK"}
    return pd.DataFrame(
        {
            "line": rows["_line"].to_numpy(), "type": types.fillna(RECEIPT if short == "RC" else 0).astype("int64"),
            **{new: _plain(rows[old]).fillna(0).astype("int64") for new, old in numbers.items()},
            "code": _plain(rows[f"RP-{short}-CODE"]).fillna("").astype("str"), "amount": pence(rows[amount]),
            "batch": _plain(rows["RP-RC-BATCH"]).fillna("").astype("str") if short == "RC" else "", "raw": raws,
            **cells,
        }
    )  # fmt: skip


def _plain(values: pd.Series) -> pd.Series:
    """The column on NumPy's types: text as text, whole numbers as int64 where none is missing."""
    if pd.api.types.is_string_dtype(values):
        return values.astype("str")
    return values.astype("Int64") if values.isna().any() else values.astype("int64")
