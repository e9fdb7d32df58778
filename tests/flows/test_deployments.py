"""How systems and schedules become deployments."""

from __future__ import annotations

from pathlib import Path

from flows.deployments import ALL, _planned


def test_systems_of_one_schedule_are_one_deployment_and_those_without_stand_alone() -> None:
    night, weekly = "0 2 * * *", "0 3 * * 0"
    assert _planned({"tenancy": night, "stock": weekly, "rents": night, "works": None, "drs": None}) == [
        ("tenancy, rents", ["tenancy", "rents"], night),
        ("stock", ["stock"], weekly),
        ("works", ["works"], None),
        ("drs", ["drs"], None),
        (ALL, ["tenancy", "stock", "rents", "works", "drs"], None),
    ]


def test_no_file_of_the_flows_hides_a_room() -> None:
    """Prefect runs a deployment's file with its folder first on the path."""
    root = Path(__file__).parents[2]
    rooms = {path.parent.name for path in root.glob("*/__init__.py")}
    assert {"mirror", "scheduling"} <= rooms
    assert not rooms & {path.stem for path in (root / "flows").glob("*.py")} - {"__init__"}
