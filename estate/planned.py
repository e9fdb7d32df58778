"""Planned works: programmes, jobs in homes and their priced lines; with gas servicing, the contractors' own system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate import servicing
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

_KINDS = (("KIT", "Kitchens", 3), ("BTH", "Bathrooms", 3), ("WIN", "Windows", 7), ("ROF", "Roofs", 2),
          ("HTG", "Boilers", 0), ("ELE", "Rewires", 4))  # fmt: skip
_FIRST_YEAR = 2022
_LETTERS = "AB"
"""The two gas firms' contracts of a year: GS2026A, GS2026B."""
JOB_STATUSES = ("completed", "on site", "planned", "refused", "no access")

RATES = pd.DataFrame(
    [
        ("KIT010", "KIT", "Kitchen complete, up to 8 units", "NO", 418_000, 1_920),
        ("KIT020", "KIT", "Extra wall unit", "NO", 14_520, 60),
        ("KIT030", "KIT", "Worktop, laminate", "LM", 6_850, 45),
        ("KIT040", "KIT", "Tiling to splashback", "SM", 4_826, 70),
        ("KIT050", "KIT", "Double socket outlet", "NO", 6_140, 40),
        ("BTH010", "BTH", "Bathroom complete", "NO", 268_400, 1_440),
        ("BTH020", "BTH", "Thermostatic mixer over bath", "NO", 18_350, 90),
        ("BTH030", "BTH", "Tiling to walls", "SM", 4_826, 70),
        ("BTH040", "BTH", "Non-slip sheet floor", "SM", 5_280, 40),
        ("BTH050", "BTH", "Humidity extractor fan", "NO", 14_290, 90),
        ("WIN010", "WIN", "Window, double glazed", "NO", 61_200, 150),
        ("WIN020", "WIN", "Trickle vent", "NO", 1_850, 15),
        ("WIN030", "WIN", "Make good to reveals", "LM", 1_240, 20),
        ("WIN040", "WIN", "Window board", "LM", 2_360, 25),
        ("WIN050", "WIN", "Restrictor", "NO", 1_410, 10),
        ("ROF010", "ROF", "Strip and retile", "SM", 9_840, 75),
        ("ROF020", "ROF", "Gutter, renew", "LM", 3_120, 25),
        ("ROF030", "ROF", "Ridge, bed and point", "LM", 4_450, 40),
        ("ROF040", "ROF", "Lead flashing", "LM", 6_380, 50),
        ("ROF050", "ROF", "Loft insulation, 300 mm", "SM", 1_260, 8),
        ("HTG010", "HTG", "Combination boiler, renew", "NO", 213_500, 540),
        ("HTG020", "HTG", "Radiator, renew", "NO", 21_940, 90),
        ("HTG030", "HTG", "Thermostatic valve", "NO", 4_160, 25),
        ("HTG040", "HTG", "Flue through roof", "NO", 32_700, 180),
        ("HTG050", "HTG", "Power flush", "NO", 28_600, 240),
        ("ELE010", "ELE", "Rewire, up to 3 bedrooms", "NO", 284_000, 2_400),
        ("ELE020", "ELE", "Consumer unit, 10 way", "NO", 48_900, 210),
        ("ELE030", "ELE", "Smoke alarm, mains", "NO", 7_320, 35),
        ("ELE040", "ELE", "Make good to chases", "LM", 980, 12),
        ("ELE050", "ELE", "Outside light", "NO", 8_840, 50),
        ("GAS010", "GAS", "Annual service and safety record", "NO", 6_850, 45),
    ],
    columns=["rate_code", "kind_code", "text", "unit", "rate_pence", "minutes"],
)  # fmt: skip
"""rate_code, kind_code, text, unit, rate_pence (of one unit), minutes. Five a kind, the main work first."""
_EACH = 5


@dataclass(frozen=True, eq=False)
class Planned:
    """Ids are row numbers, -1 is none; dates datetime64[s]; money int64 pence.

    programmes       programme_id, programme_ref, name, kind_code (KIT BTH WIN ROF HTG ELE, and GAS for the
                     servicing contracts), year, contractor_id, budget_pence
    jobs             planned_job_id, job_ref, programme_id, property_id, status (JOB_STATUSES), surveyed_date,
                     start_date, completed_date, value_pence (sum of its lines), notes
    lines            line_id, planned_job_id, line_no, rate_code (RATES), quantity, amount_pence
    engineers, appliances, gas_services, visits     see servicing.Servicing
    """

    programmes: pd.DataFrame
    jobs: pd.DataFrame
    lines: pd.DataFrame
    servicing: servicing.Servicing

    @property
    def gas_services(self) -> pd.DataFrame:
        """See servicing.Servicing."""
        return self.servicing.gas_services


def build(world: World) -> Planned:
    """Six programmes a year since 2022 and three years of annual gas services, the next one due among them."""
    rng = stream(world.seed, "planned")
    years = range(_FIRST_YEAR, world.today.year + 1)
    rows = [(f"PW{year}{kind}", f"{name} {year}", kind, year, firm) for year in years for kind, name, firm in _KINDS]
    works = len(rows)
    rows += [
        (f"GS{year}{letter}", f"Gas servicing {year}, lot {letter}", "GAS", year, firm)
        for year in range(world.today.year - 3, world.today.year + 2) for firm, letter in enumerate(_LETTERS)
    ]  # fmt: skip
    columns = ["programme_ref", "name", "kind_code", "year", "contractor_id"]
    programmes = pd.DataFrame(rows, columns=columns)
    programmes.insert(0, "programme_id", np.arange(len(programmes)))
    jobs, lines = _jobs(world, programmes[:works], rng)
    serviced = servicing.build(world, programmes, jobs)
    spent = pd.concat([jobs, serviced.gas_services]).groupby("programme_id")["value_pence"].sum()
    value = spent.reindex(programmes["programme_id"], fill_value=0).to_numpy()
    programmes["budget_pence"] = (value * 1.08).round(-5).astype("int64")
    return Planned(programmes, jobs, lines, serviced)


def _jobs(world: World, programmes: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    homes = np.flatnonzero(world.places.properties["is_dwelling"])
    share = rng.uniform(0.02, 0.045, len(programmes))
    parts = [
        pd.DataFrame({"programme_id": number, "property_id": np.sort(rng.choice(homes, size, replace=False))})
        for number, size in enumerate(np.maximum(2, (len(homes) * share).astype("int64")))
    ]
    frame = pd.concat(parts, ignore_index=True)
    count, of = len(frame), programmes.loc[frame["programme_id"]].reset_index(drop=True)
    today = np.datetime64(world.today, "D")
    start = (of["year"] - 1970).to_numpy().astype("datetime64[Y]").astype("datetime64[D]") + rng.integers(
        95, 380, count
    )
    start = start - (start.astype("int64") + 3) % 7  # works begin on Mondays
    lasts = rng.integers(2, 16, count)
    gone = rng.choice(["", "refused", "no access"], count, p=[0.93, 0.05, 0.02])
    status = np.select([start > today, gone != "", start + lasts < today], ["planned", gone, "completed"], "on site")
    never = np.datetime64("NaT", "s")
    done, dated = status == "completed", np.isin(status, ["completed", "on site", "planned"])
    turn = frame.groupby("programme_id").cumcount() + 1
    notes = np.array(["", "", "", "Tenant chose colour 4", "Asbestos found behind panel, removed under licence",
                      "Access through neighbour", "Works doubled up with rewire"], dtype=object)  # fmt: skip
    lines = _lines(of["kind_code"], rng)
    jobs = pd.DataFrame(
        {
            "planned_job_id": np.arange(count),
            "job_ref": of["programme_ref"] + "/" + turn.astype("str").str.zfill(5),
            "programme_id": frame["programme_id"], "property_id": frame["property_id"], "status": status.astype(str),
            "surveyed_date": (start - rng.integers(30, 90, count)).astype("datetime64[s]"),
            "start_date": np.where(dated, start.astype("datetime64[s]"), never),
            "completed_date": np.where(done, (start + lasts).astype("datetime64[s]"), never),
            "value_pence": lines.groupby("planned_job_id")["amount_pence"].sum().to_numpy(),
            "notes": pd.Series(notes[rng.integers(len(notes), size=count)], dtype="str"),
        }
    )  # fmt: skip
    return jobs, lines


def _lines(kinds: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """The main work of each job's kind and up to three further items, quantities in halves of a unit."""
    extras = rng.integers(0, _EACH - 1, len(kinds))
    job = np.repeat(np.arange(len(kinds)), 1 + extras)
    turn = pd.Series(job).groupby(job).cumcount().to_numpy()
    shift = rng.integers(0, _EACH - 1, len(kinds))[job]
    item = np.where(turn == 0, 0, 1 + (shift + turn) % (_EACH - 1))
    first = {kind: number * _EACH for number, (kind, *_) in enumerate(_KINDS)}
    rate = RATES.loc[kinds.map(first).to_numpy()[job] + item].reset_index(drop=True)
    kind, main = kinds.to_numpy()[job], turn == 0
    halves = np.where(rate["unit"] == "NO", 2 * rng.integers(1, 4, len(job)), rng.integers(3, 25, len(job)))
    halves = np.select(
        [main & (kind == "WIN"), main & (kind == "ROF"), main],
        [2 * rng.integers(3, 10, len(job)), rng.integers(60, 160, len(job)), 2], halves,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "line_id": np.arange(len(job)), "planned_job_id": job, "line_no": turn + 1,
            "rate_code": rate["rate_code"], "quantity": halves / 2,
            "amount_pence": halves * rate["rate_pence"] // 2,
        }
    )  # fmt: skip
