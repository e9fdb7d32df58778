"""Gas servicing: engineers, appliances, the yearly services and every visit, the vain ones too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.names import CULTURES, SHARES, forenames, surnames
from estate.seeds import stream

if TYPE_CHECKING:
    from estate.world import World

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

GAS_FIRMS = (0, 1)
_TRADES = {0: "GAS", 1: "GAS", 2: "ROF", 3: "FIT", 4: "ELE", 7: "WIN"}
"""The trade of each firm's people, by contractor_id."""
_APPLIANCES = ("Combi boiler", "System boiler", "Back boiler", "Warm air unit")
_SECOND = ("Gas fire", "Cooker")
_MAKES = {"Vantor": "Ecoline 24|Ecoline 30|System 18", "Heatley": "Compact 28|Classic 30", "Ardent": "Duo 25|Duo 32",
          "Bellwood": "Hearth 4|Hearth 6", "Norcalor": "Air 12|Ranger"}  # fmt: skip
_SERVICE_PENCE = 6_850
_NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True, eq=False)
class Servicing:
    """Ids are row numbers, -1 is none; dates datetime64[s]; money int64 pence.

    engineers     engineer_id, engineer_no, forename, surname, contractor_id, trade_code (GAS ELE ROF FIT WIN),
                  gas_safe_no ('' none), start_date, end_date
    appliances    appliance_id, property_id, kind (boilers, warm air, gas fire, cooker), make, model, serial_no,
                  install_year, removed_date (NaT still there), tenants_own; a home's main appliance first
    gas_services  gas_service_id, job_ref, programme_id, certificate_no ('' not served yet), property_id,
                  contractor_id, due_date, service_date (NaT none), result (PASS, FAIL, NOACC, ''),
                  engineer_id (-1 none yet), engineer_no (gas_safe_no of the engineer), appliance, attempts,
                  value_pence, notes
    visits        visit_id, job_ref, property_id, engineer_id, date, slot (AM, PM), start_minute (of the day; -1
                  not been), outcome (done, no access, booked), attempt, booked_date
    """

    engineers: pd.DataFrame
    appliances: pd.DataFrame
    gas_services: pd.DataFrame
    visits: pd.DataFrame


def build(world: World, programmes: pd.DataFrame, jobs: pd.DataFrame) -> Servicing:
    """Three years of services of every home with gas, and the visits of planned jobs' surveyors."""
    rng = stream(world.seed, "servicing")
    engineers = _engineers(world, rng)
    appliances = _appliances(world, rng)
    services = _services(world, engineers, appliances, programmes, rng)
    visits = pd.concat([_service_visits(world, services, rng), _survey_visits(world, programmes, jobs, engineers, rng)])
    visits = visits.sort_values(["booked_date", "job_ref", "attempt"], ignore_index=True)
    visits.insert(0, "visit_id", np.arange(len(visits)))
    return Servicing(engineers, appliances, services, visits)


def _engineers(world: World, rng: np.random.Generator) -> pd.DataFrame:
    each = {firm: max(6, world.homes // 100) if firm in GAS_FIRMS else 5 for firm in _TRADES}
    firm = np.repeat(list(each), list(each.values()))
    count = len(firm)
    culture = rng.choice(len(CULTURES), count, p=list(SHARES.values()))
    trade = pd.Series(firm).map(_TRADES)
    left = (rng.random(count) < 0.08) & pd.Series(firm).duplicated().to_numpy()
    today = np.datetime64(world.today, "s")
    return pd.DataFrame(
        {
            "engineer_id": np.arange(count), "engineer_no": [f"E{number:03}" for number in range(1, count + 1)],
            "forename": forenames(rng, culture, rng.random(count) < 0.06, np.full(count, 1980)),
            "surname": surnames(rng, culture), "contractor_id": firm, "trade_code": trade,
            "gas_safe_no": pd.Series(5_100_000 + np.arange(count)).astype("str").where(trade == "GAS", ""),
            "start_date": today - rng.integers(1_300, 6_000, count) * np.timedelta64(1, "D"),
            "end_date": np.where(left, today - np.timedelta64(70, "D"), _NEVER),
        }
    )  # fmt: skip


def _appliances(world: World, rng: np.random.Generator) -> pd.DataFrame:
    homes = np.flatnonzero(world.places.properties["has_gas"])
    parts = world.stock.components
    boilers = parts.loc[parts["element_code"] == "BOILER"].set_index("property_id")["install_year"]
    year = boilers.reindex(homes).fillna(world.today.year - 8).astype("int64").to_numpy()
    main = pd.DataFrame({"property_id": homes, "install_year": year, "tenants_own": False, "removed_date": _NEVER})
    main["kind"] = rng.choice(_APPLIANCES, len(homes), p=[0.7, 0.22, 0.05, 0.03])
    replaced = rng.random(len(homes)) < 0.06
    old = main[replaced].assign(
        install_year=year[replaced] - rng.integers(13, 20, replaced.sum()),
        removed_date=(year[replaced] - 1970).astype("datetime64[Y]").astype("datetime64[s]") + np.timedelta64(60, "D"),
    )
    second = main[rng.random(len(homes)) < 0.15]
    second = second.assign(
        kind=rng.choice(_SECOND, len(second), p=[0.6, 0.4]),
        install_year=world.today.year - rng.integers(1, 20, len(second)),
    )
    second["tenants_own"] = second["kind"] == "Cooker"
    frame = pd.concat([main.assign(turn=0), second.assign(turn=1), old.assign(turn=2)])
    frame = frame.sort_values(["property_id", "turn"], ignore_index=True).drop(columns="turn")
    makes = np.array(list(_MAKES), dtype=object)
    make = np.where(frame["kind"].isin(_SECOND), makes[3 + rng.integers(0, 2, len(frame))],
                    makes[rng.integers(0, 3, len(frame))])  # fmt: skip
    models = pd.Series(make).map(lambda one: _MAKES[one].split("|"))
    frame["make"] = make
    frame["model"] = [
        names[turn % len(names)] for names, turn in zip(models, rng.integers(6, size=len(frame)), strict=True)
    ]
    frame["serial_no"] = pd.Series(rng.integers(10**9, 10**10, len(frame))).astype("str")
    frame.insert(0, "appliance_id", np.arange(len(frame)))
    return frame


def _services(
    world: World, engineers: pd.DataFrame, appliances: pd.DataFrame, programmes: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    main = appliances.drop_duplicates("property_id")
    homes, kinds = main["property_id"].to_numpy(), main["kind"].to_numpy()
    today = np.datetime64(world.today, "D")
    firm = rng.integers(0, len(GAS_FIRMS), len(homes))
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
                    "service_date": np.where(done, when.astype("datetime64[s]"), _NEVER), "result": result,
                    "engineer_id": _engineer_of(firm, engineers, rng), "appliance": kinds,
                    "attempts": np.where(late, 3, rng.choice([1, 1, 1, 2], len(homes))),
                    "value_pence": _SERVICE_PENCE + np.where(rng.random(len(homes)) < 0.12, 2_740, 0),
                }
            )
        )  # fmt: skip
    frame = pd.concat(parts).sort_values(["due_date", "property_id"], ignore_index=True)
    frame.insert(0, "gas_service_id", np.arange(len(frame)))
    gas = programmes[programmes["kind_code"] == "GAS"].set_index(["year", "contractor_id"])
    of = pd.MultiIndex.from_arrays([frame["due_date"].dt.year, frame["contractor_id"]])
    frame["programme_id"] = gas["programme_id"].reindex(of).to_numpy()
    number = frame.groupby("programme_id").cumcount() + 1
    frame["job_ref"] = gas["programme_ref"].reindex(of).to_numpy() + "/" + number.astype("str").str.zfill(5)
    served = frame["result"].isin(["PASS", "FAIL"])
    frame["certificate_no"] = ("CP" + (frame["gas_service_id"] + 310_001).astype("str")).where(served, "")
    frame["engineer_no"] = engineers["gas_safe_no"].to_numpy()[frame["engineer_id"]]
    notes = np.array(["", "", "", "", "Meter capped", "CO alarm renewed", "Left card, rang tenant"], dtype=object)
    frame["notes"] = pd.Series(notes[rng.integers(len(notes), size=len(frame))], dtype="str")
    return frame


def _engineer_of(firm: Ints, engineers: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """One of the firm's people for each row."""
    order = engineers.sort_values("contractor_id", kind="stable")
    first = np.searchsorted(order["contractor_id"].to_numpy(), firm, "left")
    after = np.searchsorted(order["contractor_id"].to_numpy(), firm, "right")
    found: Ints = order["engineer_id"].to_numpy()[first + rng.integers(0, after - first)]
    return found


def _service_visits(world: World, services: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One visit an attempt, the last at the service; calls in vain a week or more before; some are still to come."""
    today = np.datetime64(world.today, "D")
    coming = (services["result"] == "").to_numpy() & (rng.random(len(services)) < 0.6)
    tried = services[(services["result"] != "").to_numpy() | coming]
    times = np.where(tried["result"] == "", 1, tried["attempts"])
    row = np.repeat(np.arange(len(tried)), times)
    of = tried.iloc[row].reset_index(drop=True)
    attempt = pd.Series(row).groupby(row).cumcount().to_numpy() + 1
    last = attempt == times[row]
    end = of["service_date"].fillna(of["due_date"]).to_numpy().astype("datetime64[D]")
    day = end - (times[row] - attempt) * rng.integers(7, 15, len(tried))[row]
    day = np.where(of["result"] == "", today + rng.integers(1, 40, len(of)), day)
    day = np.where(of["result"] == "NOACC", np.minimum(day, today - 1), day)
    outcome = np.select([of["result"] == "", last & (of["result"] != "NOACC")], ["booked", "done"], "no access")
    return _visits(of, day, outcome, attempt, today, rng)


def _survey_visits(
    world: World, programmes: pd.DataFrame, jobs: pd.DataFrame, engineers: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """The survey of each planned job, after one call in vain in a tenth of them."""
    today = np.datetime64(world.today, "D")
    firm = programmes["contractor_id"].to_numpy()[jobs["programme_id"]]
    jobs = jobs.assign(engineer_id=_engineer_of(firm, engineers, rng))
    coming = (jobs["surveyed_date"] >= today.astype("M8[s]")).to_numpy()
    times = np.where(coming, 1, rng.choice([1, 2], len(jobs), p=[0.9, 0.1]))
    row = np.repeat(np.arange(len(jobs)), times)
    of = jobs.iloc[row].reset_index(drop=True)
    attempt = pd.Series(row).groupby(row).cumcount().to_numpy() + 1
    last = attempt == times[row]
    day = of["surveyed_date"].to_numpy().astype("datetime64[D]") - np.where(last, 0, 9)
    been = np.where(last & (of["status"] != "no access"), "done", "no access")
    return _visits(of, day, np.where(coming[row], "booked", been), attempt, today, rng)


def _visits(
    of: pd.DataFrame, day: Days, outcome: NDArray[Any], attempt: NDArray[Any], today: Any, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(of)
    morning = rng.random(count) < 0.55
    start = np.where(morning, 480, 720) + rng.integers(0, 46, count) * 5
    booked = np.minimum(day - rng.integers(3, 21, count), today - rng.integers(1, 9, count))
    return pd.DataFrame(
        {
            "job_ref": of["job_ref"], "property_id": of["property_id"], "engineer_id": of["engineer_id"],
            "date": day.astype("datetime64[s]"), "slot": np.where(morning, "AM", "PM"),
            "start_minute": np.where(outcome == "booked", -1, start), "outcome": outcome.astype(str),
            "attempt": attempt, "booked_date": booked.astype("datetime64[s]"),
        }
    )  # fmt: skip
