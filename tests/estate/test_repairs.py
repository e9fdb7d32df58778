import numpy as np
import pandas as pd

from estate.repairs import add_working_days
from estate.world import World


def test_working_days_ignore_bank_holidays_as_the_old_system_does() -> None:
    raised = np.array(["2021-04-01"], dtype="datetime64[D]").astype("int64")
    due = add_working_days(raised, np.array([3]))
    assert str(due.astype("datetime64[D]")[0]) == "2021-04-06"


def test_volume_and_outcomes(small_world: World) -> None:
    repairs = small_world.repairs
    assert 2.4 < len(repairs.orders) / small_world.homes / 3 < 3.1
    kept = repairs.appointments[repairs.appointments["outcome"] != ""]
    assert 0.05 < (kept["outcome"] == "no access").mean() < 0.11
    assert repairs.jobs.groupby("order_id").size().between(1, 3).all()


def test_times_follow_one_another(small_world: World) -> None:
    orders = small_world.repairs.orders
    done = orders[orders["completed_at"].notna()]
    assert (done["completed_at"] >= done["attended_at"]).all()
    assert (done["attended_at"] >= done["raised_at"].dt.normalize()).all()
    assert (done["completed_at"] > done["raised_at"]).all()
    assert (orders["invoiced_pence"].gt(0) == orders["completed_at"].notna()).all()


def test_the_manual_plan_holds_together(small_world: World) -> None:
    repairs = small_world.repairs
    plan, team = repairs.allocation, small_world.workforce
    assert plan["appointment_id"].is_unique
    assert (plan["week_start"].dt.day_of_week == 0).all()
    assert (plan["date"] - plan["week_start"]).dt.days.between(0, 4).all()
    stops = plan.groupby(["operative_id", "date"])["sequence"].agg(["min", "max", "size"])
    assert (stops["min"] == 1).all() and (stops["max"] == stops["size"]).all()
    ordered = plan.sort_values(["operative_id", "date", "sequence"])
    same = ordered[["operative_id", "date"]].eq(ordered[["operative_id", "date"]].shift()).all(axis=1)
    assert (ordered["planned_start_at"] >= ordered["planned_end_at"].shift())[same].all()
    assert team.operatives["active"][plan["operative_id"]].all()


def test_few_visits_fall_on_an_absent_operative(small_world: World) -> None:
    plan, away = small_world.repairs.allocation, small_world.workforce.absences
    both = plan.merge(away, on="operative_id")
    clash = both[both["date"].between(both["start_date"], both["end_date"])]
    assert len(clash) < 0.02 * len(plan)


def test_visits_come_after_the_report(small_world: World) -> None:
    repairs = small_world.repairs
    raised = repairs.orders["raised_at"].dt.normalize()[repairs.appointments["order_id"]].to_numpy()
    assert (repairs.appointments["date"].to_numpy() > raised).all()


def test_stock_register_licences_and_planned_works_refer_to_what_is_there(small_world: World) -> None:
    properties = small_world.places.properties
    gas = small_world.planned.gas_services
    assert properties["has_gas"][gas["property_id"]].all()
    components = small_world.stock.components
    assert components.groupby("property_id").size().between(9, 14).all()
    assert (components["renewal_year"] == components["install_year"] + components["life_years"]).all()
    lettings = small_world.register.lettings
    held = small_world.tenancies.tenancies
    assert (held["property_id"][lettings["tenancy_id"]].to_numpy() == lettings["property_id"]).all()
    applications = small_world.register.applications
    assert set(applications["status"]) == {"live", "housed", "suspended", "cancelled"}
    assert applications["application_ref"].is_unique
    licences = small_world.licences
    assert licences["case_number"].str.match(r"^\d\d/\d{5}/HMO[A-Z]{3}$").all()
    assert licences["case_number"].is_unique
    assert (licences["expires_date"] > licences["commenced_date"]).all()
    assert isinstance(small_world.stock.certificates, pd.DataFrame)
