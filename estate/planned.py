"""Planned works and gas servicing: what the contractors' own system holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

_KINDS = (("KIT", "Kitchens", 540_000, 3), ("BTH", "Bathrooms", 330_000, 3), ("WIN", "Windows", 430_000, 7),
          ("ROF", "Roofs", 620_000, 2), ("HTG", "Boilers", 260_000, 0), ("ELE", "Rewires", 310_000, 4))  # fmt: skip
_FIRST_YEAR = 2022
_APPLIANCES = ("Combi boiler", "System boiler", "Back boiler", "Warm air unit")
JOB_STATUSES = ("completed", "on site", "planned", "refused", "no access")


@dataclass(frozen=True, eq=False)
class Planned:
    """Ids are row numbers, -1 is none; dates datetime64[s]; money int64 pence.

    programmes       programme_id, programme_ref, name, kind_code (KIT BTH WIN ROF HTG ELE), year,
                     contractor_id, budget_pence
    jobs             planned_job_id, job_ref, programme_id, property_id, status (JOB_STATUSES), surveyed_date,
                     start_date, completed_date, value_pence, notes
    gas_services     gas_service_id, certificate_no, property_id, contractor_id, due_date, service_date (NaT
                     none), result (PASS, FAIL, NOACC, ''), engineer_no, appliance, attempts, notes
    """

    programmes: pd.DataFrame
    jobs: pd.DataFrame
    gas_services: pd.DataFrame


def build(world: World) -> Planned:
    """Six programmes a year since 2022 and three years of annual gas services, the next one due among them."""
    rng = stream(world.seed, "planned")
    years = range(_FIRST_YEAR, world.today.year + 1)
    rows = [(year, *kind) for year in years for kind in _KINDS]
    programmes = pd.DataFrame(rows, columns=["year", "kind_code", "name", "unit_pence", "contractor_id"])
    programmes.insert(0, "programme_id", np.arange(len(programmes)))
    programmes["programme_ref"] = "PW" + programmes["year"].astype("str") + programmes["kind_code"]
    programmes["name"] = programmes["name"] + " " + programmes["year"].astype("str")
    jobs = _jobs(world, programmes, rng)
    value = jobs.groupby("programme_id")["value_pence"].sum().reindex(programmes["programme_id"], fill_value=0)
    programmes["budget_pence"] = (value.to_numpy() * 1.08).round(-5).astype("int64")
    columns = ["programme_id", "programme_ref", "name", "kind_code", "year", "contractor_id", "budget_pence"]
    return Planned(programmes[columns], jobs, _gas(world, rng))


def _jobs(world: World, programmes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
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
    return pd.DataFrame(
        {
            "planned_job_id": np.arange(count),
            "job_ref": of["programme_ref"] + "/" + turn.astype("str").str.zfill(5),
            "programme_id": frame["programme_id"], "property_id": frame["property_id"], "status": status.astype(str),
            "surveyed_date": (start - rng.integers(30, 90, count)).astype("datetime64[s]"),
            "start_date": np.where(dated, start.astype("datetime64[s]"), never),
            "completed_date": np.where(done, (start + lasts).astype("datetime64[s]"), never),
            "value_pence": (of["unit_pence"] * rng.uniform(0.75, 1.4, count)).round(-2).astype("int64"),
            "notes": pd.Series(notes[rng.integers(len(notes), size=count)], dtype="str"),
        }
    )  # fmt: skip


def _gas(world: World, rng: np.random.Generator) -> pd.DataFrame:
    homes = np.flatnonzero(world.places.properties["has_gas"])
    today = np.datetime64(world.today, "D")
    firm = rng.integers(0, 2, len(homes))
    due, parts = today - rng.integers(-60, 305, len(homes)), []
    for turn in range(3):  # the latest due date, and the two years before
        due_then = due - 365 * turn
        when = due_then - rng.integers(2, 60, len(homes))
        late = rng.random(len(homes)) < 0.02
        when = np.where(late, due_then + rng.integers(1, 40, len(homes)), when)
        done = when < today
        result = np.where(done, rng.choice(["PASS", "FAIL"], len(homes), p=[0.985, 0.015]), "")
        result = np.where(~done & (due_then < today), "NOACC", result)
        parts.append(
            pd.DataFrame(
                {
                    "property_id": homes, "contractor_id": firm, "due_date": due_then.astype("datetime64[s]"),
                    "service_date": np.where(done, when.astype("datetime64[s]"), np.datetime64("NaT", "s")),
                    "result": result, "engineer_no": rng.integers(5_100_000, 5_100_040, len(homes)).astype(str),
                    "appliance": rng.choice(_APPLIANCES, len(homes), p=[0.7, 0.22, 0.05, 0.03]),
                    "attempts": np.where(late, 3, rng.choice([1, 1, 1, 2], len(homes))),
                }
            )
        )  # fmt: skip
    frame = pd.concat(parts).sort_values(["due_date", "property_id"], ignore_index=True)
    frame.insert(0, "gas_service_id", np.arange(len(frame)))
    frame.insert(1, "certificate_no", "CP" + (frame["gas_service_id"] + 310_001).astype("str"))
    notes = np.array(["", "", "", "", "Meter capped", "CO alarm renewed", "Left card, rang tenant"], dtype=object)
    frame["notes"] = pd.Series(notes[rng.integers(len(notes), size=len(frame))], dtype="str")
    return frame
