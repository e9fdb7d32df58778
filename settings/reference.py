"""The reference of all settings, as docs/configuration.md shows it: made from the model.

``python -m settings.reference`` prints it.
"""

from __future__ import annotations

from inspect import cleandoc

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from settings.model import Api, Database, Hub, Landing, Mirror, Prefect, Scheduling, System

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[hub]", Hub),
    ("[database]", Database),
    ("[landing]", Landing),
    ("[prefect]", Prefect),
    ("[api]", Api),
    ("[scheduling]", Scheduling),
    ("[mirror]", Mirror),
    ("[systems.<name>]", System),
)


def reference() -> str:
    """Markdown: a heading and a table for each section of ``hub.toml``."""
    return "\n".join(_section(title, model) for title, model in SECTIONS)


def _section(title: str, model: type[BaseModel]) -> str:
    rows = [f"| `{name}` | {_default(field)} | {field.description} |" for name, field in model.model_fields.items()]
    head = [f"### `{title}`", "", cleandoc(model.__doc__ or ""), ""]
    return "\n".join([*head, "| setting | default | meaning |", "|---|---|---|", *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if default is None:
        return "none"
    return f"`{default}`" if isinstance(default, int) else f'`"{default}"`'


if __name__ == "__main__":
    print(reference())
