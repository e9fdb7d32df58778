"""The whole canonical model: importing this fills ``metadata`` with every table."""

from __future__ import annotations

from types import ModuleType

from sqlalchemy import Table

from canonical_model import (
    appointments,
    arrears,
    compliance,
    components,
    contacts,
    documents,
    feedback,
    gazetteer,
    golden,
    identifiers,
    licensing,
    people,
    places,
    recharges,
    register,
    rents,
    repairs,
    tenancies,
    workforce,
)
from canonical_model.base import CURRENT, Base

metadata = Base.metadata

WORDS: dict[str, ModuleType] = {
    "Places": places,
    "Gazetteer": gazetteer,
    "People": people,
    "Contacts": contacts,
    "Tenancies": tenancies,
    "Rents": rents,
    "Arrears": arrears,
    "Repairs": repairs,
    "Appointments": appointments,
    "Workforce": workforce,
    "Recharges": recharges,
    "Components and voids": components,
    "Compliance": compliance,
    "Housing register": register,
    "Licensing": licensing,
    "Feedback": feedback,
    "Documents": documents,
    "Identifiers": identifiers,
    "Golden records": golden,
}
"""The housing words, each with the module that holds its tables, in the order in which they are told."""


def current(name: str) -> Table:
    """The canonical table of that name; KeyError where there is none."""
    return metadata.tables[f"{CURRENT}.{name}"]


def tables_of(word: ModuleType) -> list[Table]:
    """The canonical tables that a module holds, as they stand in it."""
    classes = (value for value in vars(word).values() if isinstance(value, type))
    return [
        current(kind.__tablename__) for kind in classes if issubclass(kind, Base) and kind.__module__ == word.__name__
    ]
