from __future__ import annotations

from pathlib import Path

from settings.model import Api, Database, Hub, Landing, Prefect, Scheduling, System
from settings.reference import reference


def test_the_documentation_shows_the_model() -> None:
    page = (Path(__file__).parents[2] / "docs/configuration.md").read_text()
    assert reference() in page, "put what 'python -m settings.reference' prints into docs/configuration.md"


def test_every_setting_is_described() -> None:
    for model in (Hub, Database, Landing, Prefect, Api, Scheduling, System):
        assert all(field.description for field in model.model_fields.values()), model
