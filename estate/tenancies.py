"""Who held which home and when: tenancies and voids since before April 2016, households, garages, leases.

No two tenancies of a home overlap in truth. A household is what stays together: it keeps its id through a
transfer (a new home) and a succession (a new tenant in the same home).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.places import Places
from estate.seeds import stream

Ints = NDArray[np.int64]
BOOKS_OPEN = 16_895
"""4 April 2016 in days since 1970: the first day of the ten years that the rents system keeps."""
_DAY = np.dtype("datetime64[D]")

END_REASONS = {
    "NTQ": "Tenant's notice", "DEA": "Death of tenant", "TRF": "Transfer", "MEX": "Mutual exchange",
    "ABA": "Abandoned", "EVI": "Evicted", "RES": "Residential care", "PRI": "Private sector",
    "RTB": "Right to buy", "SUC": "Succession", "SAL": "Lease or freehold sold",
}  # fmt: skip
TENURES = {
    "SEC": "Secure", "INT": "Introductory", "NON": "Non-secure", "LEA": "Leasehold (RTB)",
    "FRE": "Freehold", "TGA": "Tenant garage", "MPA": "Mesne profit account", "DEC": "Temporary decant",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tenancies:
    """Tenancies by time. Dates are datetime64[s], NaT where open; ids are row numbers, -1 is none.

    tenancies   tenancy_id, tenancy_ref (nnnnnn/ss), property_id, household_id, tenure_code (TENURES),
                start_date (mostly Mondays), end_date, end_reason ('' or of END_REASONS), sequence,
                succeeds (tenancy_id, after a succession), follows (tenancy_id the household moved from)
    voids       void_id, property_id, start_date, end_date, tenancy_id (that ended before it, -1), reason
    households  household_id, kind (tenant, leaseholder, garage, applicant), first_start, last_end,
                sheltered, bedrooms, death (last tenancy ended by death), successions, property_id (the last
                or only home; -1 private)
    """

    tenancies: pd.DataFrame
    voids: pd.DataFrame
    households: pd.DataFrame


def build(places: Places, seed: int, today: date) -> Tenancies:
    """Every home's tenancies and voids up to today, and the households that held them."""
    rng = stream(seed, "tenancies")
    now = int(np.datetime64(today, "D").astype("int64"))
    homes, garages = _rounds(places, now, rng), _garages(places, now, rng)
    frame = pd.concat([homes, garages], ignore_index=True)
    frame = frame.sort_values(["property_id", "start"], ignore_index=True)
    frame.insert(0, "tenancy_id", np.arange(len(frame)))
    before = stream(seed, "tenancies", "refs").integers(0, 7, len(places.properties))
    frame["sequence"] = frame.groupby("property_id").cumcount() + 1 + before[frame["property_id"]]
    frame["tenancy_ref"] = (
        (frame["property_id"] + 1001).astype("str").str.zfill(6) + "/" + frame["sequence"].astype("str").str.zfill(2)
    )
    previous = frame["property_id"].eq(frame["property_id"].shift())
    succession = previous & frame["end_reason"].shift().eq("SUC")
    frame["succeeds"] = np.where(succession, frame["tenancy_id"] - 1, -1)
    frame["follows"] = _transfers(frame, rng)
    frame["household_id"] = _households_of(frame)
    households, frame = _households(frame, places, now, rng)
    voids = _voids(frame, places, now)
    for name in ("start", "end"):
        frame[f"{name}_date"] = _dates(frame[name], now)
    columns = ["tenancy_id", "tenancy_ref", "property_id", "household_id", "tenure_code", "start_date", "end_date",
               "end_reason", "sequence", "succeeds", "follows"]  # fmt: skip
    return Tenancies(frame[columns], voids, households)


def monday_on_or_before(days: Ints) -> Ints:
    """The Monday of each day's week, in days since 1970 (a Thursday)."""
    return days - (days + 3) % 7


def _dates(days: pd.Series | Ints, now: int) -> NDArray[np.datetime64]:
    """Days since 1970 as dates; a day after today is an open end."""
    values = np.asarray(days, dtype="int64")
    found = values.astype(_DAY).astype("datetime64[s]")
    found[values > now] = np.datetime64("NaT")
    return found


def _starts(days: Ints, rng: np.random.Generator) -> Ints:
    """Tenancies begin on Mondays, nine in ten."""
    return np.where(rng.random(len(days)) < 0.9, monday_on_or_before(days + 6), days)


def _ends(days: Ints, rng: np.random.Generator) -> Ints:
    """Tenancies end on Sundays, five in six."""
    return np.where(rng.random(len(days)) < 0.84, monday_on_or_before(days) + 6, days)


def _rounds(places: Places, now: int, rng: np.random.Generator) -> pd.DataFrame:
    """Dwellings' tenancies: each round ends the running ones and lets the homes again."""
    homes = places.properties[places.properties["is_dwelling"]]
    count = len(homes)
    years = np.select([homes["temporary"], homes["sheltered"]], [1.1, 8.0], 15.0)
    kind = homes["asset_type"].to_numpy()
    can_buy = ~(homes["temporary"] | homes["sheltered"]).to_numpy()
    flat = np.isin(kind, ["flat", "maisonette"])
    leased = can_buy & (rng.random(count) < np.where(flat, 0.42, 0.0))
    built = (homes["build_year"].to_numpy() - 1970) * 365.25
    start = np.maximum(BOOKS_OPEN - rng.exponential(0.6 * years * 365, count) - 30, built).astype("int64")
    late = rng.random(count) < 0.03  # void on that day, or not yet built
    start = np.where(late, BOOKS_OPEN + rng.integers(1, 120, count), np.minimum(start, BOOKS_OPEN - 1))
    start = np.maximum(_starts(start, rng), -3000)
    row = np.arange(count)
    parts = []
    while len(row):
        lasts = rng.exponential(np.where(leased[row], 11.0, years[row]) * 365).astype("int64") + 28
        end = _ends(np.maximum(start, BOOKS_OPEN) + lasts, rng)
        reason = _reasons(row, leased, can_buy, homes["temporary"].to_numpy(), end, start, rng)
        closed = end <= now
        tenure = np.where(leased[row], "LEA", np.where(homes["temporary"].to_numpy()[row], "NON", "SEC"))
        young = ~leased[row] & (tenure == "SEC") & ((now - start) < 365) & ~closed
        tenure = np.where(young, "INT", tenure)
        tenure = np.where((tenure == "NON") & (rng.random(len(row)) < 0.15), "DEC", tenure)
        tenure = np.where((tenure == "SEC") & (rng.random(len(row)) < 0.004), "MPA", tenure)
        parts.append(
            pd.DataFrame({"property_id": row, "start": start, "end": np.where(closed, end, now + 1),
                          "tenure_code": tenure, "end_reason": np.where(closed, reason, "")})
        )  # fmt: skip
        sold_house = (reason == "RTB") & ~flat[row]
        leased[row[(reason == "RTB") & flat[row] & closed]] = True
        gap = np.where(
            np.isin(reason, ["SUC", "RTB", "SAL", "MEX"]), 0, rng.gamma(2.0, 17, len(row)).astype("int64") + 3
        )
        next_start = np.where(gap == 0, end + 1, _starts(end + 1 + gap, rng))
        if (freehold := closed & sold_house).any():
            parts.append(
                pd.DataFrame({"property_id": row, "start": end + 1, "end": now + 1, "tenure_code": "FRE",
                              "end_reason": ""})[freehold & (end + 1 <= now)]
            )  # fmt: skip
        again = closed & ~sold_house & (next_start <= now)
        row, start = row[again], next_start[again]
    return pd.concat(parts, ignore_index=True)


def _reasons(
    row: Ints, leased: NDArray[np.bool_], can_buy: NDArray[np.bool_], temporary: NDArray[np.bool_],
    end: Ints, start: Ints, rng: np.random.Generator,
) -> NDArray[np.str_]:  # fmt: skip
    codes = ["NTQ", "DEA", "TRF", "MEX", "ABA", "EVI", "RES", "PRI", "RTB", "SUC"]
    reason = rng.choice(codes, len(row), p=[0.24, 0.2, 0.17, 0.05, 0.06, 0.04, 0.05, 0.06, 0.06, 0.07])
    reason = np.where((reason == "RTB") & (~can_buy[row] | (end - start < 3 * 365)), "NTQ", reason)
    reason = np.where(temporary[row] & np.isin(reason, ["SUC", "MEX", "RTB"]), "TRF", reason)
    return np.where(leased[row], "SAL", reason)


def _garages(places: Places, now: int, rng: np.random.Generator) -> pd.DataFrame:
    garages = places.properties.index[places.properties["asset_type"] == "garage"].to_numpy()
    row = garages[rng.random(len(garages)) < 0.75]
    start = _starts(BOOKS_OPEN - rng.integers(10, 3000, len(row)), rng)
    parts = []
    while len(row):
        end = _ends(np.maximum(start, BOOKS_OPEN) + rng.exponential(6 * 365, len(row)).astype("int64") + 28, rng)
        closed = end <= now
        parts.append(
            pd.DataFrame({"property_id": row, "start": start, "end": np.where(closed, end, now + 1),
                          "tenure_code": "TGA", "end_reason": np.where(closed, "NTQ", "")})
        )  # fmt: skip
        following = _starts(end + 30 + rng.integers(0, 400, len(row)), rng)
        again = closed & (following <= now)
        row, start = row[again], following[again]
    return pd.concat(parts, ignore_index=True)


def _transfers(frame: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """For each tenancy the one that its household gave up for it: ended by transfer within the last weeks."""
    left = frame.loc[frame["end_reason"].isin(["TRF", "MEX"]), ["tenancy_id", "end", "property_id"]]
    free = (frame["succeeds"] < 0) & frame["tenure_code"].isin(["SEC", "INT", "NON"]) & (frame["start"] > BOOKS_OPEN)
    taken = frame.loc[free, ["tenancy_id", "start", "property_id"]]
    left = left.sample(frac=1, random_state=rng).sort_values("end", kind="stable")
    taken = taken.sample(frac=1, random_state=rng).sort_values("start", kind="stable")
    pairs = pd.merge_asof(
        taken, left, left_on="start", right_on="end", tolerance=28, allow_exact_matches=False,
        suffixes=("", "_left"),
    ).dropna(subset="tenancy_id_left")  # fmt: skip
    pairs = pairs[pairs["property_id"] != pairs["property_id_left"]].drop_duplicates("tenancy_id_left")
    follows = np.full(len(frame), -1)
    follows[pairs["tenancy_id"]] = pairs["tenancy_id_left"].astype("int64")
    return follows


def _households_of(frame: pd.DataFrame) -> Ints:
    """A number a household: the tenancies before, by succession or transfer, share their first one's."""
    root = np.where(frame["succeeds"] >= 0, frame["succeeds"], frame["follows"]).astype("int64")
    root = np.where(root < 0, np.arange(len(frame)), root)
    while (further := root[root]).tobytes() != root.tobytes():
        root = further
    return np.unique(root, return_inverse=True)[1]


def _households(
    frame: pd.DataFrame, places: Places, now: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Households of tenancies (two garages in three are let to one of them) and of live applicants."""
    bought = frame["tenure_code"].isin(["LEA", "FRE"]) & frame["end_reason"].shift().eq("RTB")
    bought &= frame["property_id"].eq(frame["property_id"].shift())
    frame = frame.assign(household_id=frame["household_id"].where(~bought, frame["household_id"].shift()))
    frame["household_id"] = frame["household_id"].astype("int64")
    garage = (frame["tenure_code"] == "TGA").to_numpy()
    hosts = frame.loc[~garage].groupby("household_id")["start"].min().sort_values(kind="stable")
    position = np.searchsorted(hosts.to_numpy(), frame["start"].to_numpy(), side="right")
    host = hosts.index.to_numpy()[(rng.random(len(frame)) * np.maximum(position, 1)).astype("int64")]
    gone = frame.loc[~garage].groupby("household_id")["end"].max().reindex(host, fill_value=0).to_numpy()
    shared = garage & (gone > frame["start"]) & (rng.random(len(frame)) < 0.75)
    frame["household_id"] = np.where(shared, host, frame["household_id"])
    frame["household_id"] = np.unique(frame["household_id"], return_inverse=True)[1]
    ordered = frame[~shared].sort_values(["household_id", "start"], kind="stable")
    group = ordered.groupby("household_id")
    final = group.last()
    properties = places.properties
    tenure = final["tenure_code"].to_numpy()
    found = pd.DataFrame(
        {
            "kind": np.select([tenure == "TGA", np.isin(tenure, ["LEA", "FRE"])], ["garage", "leaseholder"], "tenant"),
            "first": group["start"].first().to_numpy(),
            "last": final["end"].to_numpy(),
            "sheltered": properties["sheltered"].to_numpy()[final["property_id"]],
            "bedrooms": properties["bedrooms"].to_numpy()[final["property_id"]],
            "death": (final["end_reason"] == "DEA").to_numpy(),
            "successions": (ordered["succeeds"] >= 0).groupby(ordered["household_id"]).sum().to_numpy(),
            "property_id": np.where(tenure == "TGA", -1, final["property_id"]),
        }
    )
    waiting = max(5, round(0.3 * int(properties["is_dwelling"].sum())))
    applicants = pd.DataFrame(
        {"kind": "applicant", "first": now - rng.exponential(900, waiting).astype("int64") - 5, "last": now + 1,
         "sheltered": rng.random(waiting) < 0.06, "bedrooms": rng.integers(1, 4, waiting), "death": False,
         "successions": 0, "property_id": -1}
    )  # fmt: skip
    found = pd.concat([found, applicants], ignore_index=True)
    found.insert(0, "household_id", np.arange(len(found)))
    found["first_start"], found["last_end"] = _dates(found["first"], now), _dates(found["last"], now)
    return found.drop(columns=["first", "last"]), frame


def _voids(frame: pd.DataFrame, places: Places, now: int) -> pd.DataFrame:
    """The days between a home's tenancies, and from the last one's end."""
    homes = frame[frame["tenure_code"] != "TGA"]
    following = homes["start"].shift(-1).where(homes["property_id"].eq(homes["property_id"].shift(-1)), now + 2)
    gone = homes["end_reason"].eq("RTB") & ~following.le(now)
    gap = homes[(following - homes["end"] > 1) & (homes["end"] < now) & ~gone]
    start, end = gap["end"].to_numpy() + 1, following[gap.index].to_numpy() - 1
    first = homes[~homes["property_id"].duplicated() & (homes["start"] > BOOKS_OPEN)]
    voids = pd.DataFrame(
        {
            "property_id": np.concatenate([gap["property_id"], first["property_id"]]),
            "start": np.concatenate([start, np.full(len(first), BOOKS_OPEN - 21)]),
            "end": np.concatenate([end, first["start"] - 1]),
            "tenancy_id": np.concatenate([gap["tenancy_id"], np.full(len(first), -1)]),
            "reason": np.concatenate([gap["end_reason"], np.full(len(first), "NEW")]),
        }
    ).sort_values(["property_id", "start"], ignore_index=True)
    voids.insert(0, "void_id", np.arange(len(voids)))
    voids["start_date"] = _dates(voids.pop("start"), now)
    voids["end_date"] = _dates(voids.pop("end"), now)
    return voids.astype({"property_id": "int64", "tenancy_id": "int64", "reason": "str"})
