"""Where the papers are."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column

DOCUMENT_TYPES = (
    "letter",
    "agreement",
    "notice",
    "certificate",
    "photograph",
    "plan",
    "invoice",
    "form",
    "other",
)


class DocumentLink(Sourced, Base):
    """A document elsewhere that belongs to something in the model."""

    # what it belongs to can stand in any table, so a foreign key cannot say it
    entity_type: Mapped[str] = column("Table of what it belongs to")
    entity_id: Mapped[UUID] = column("Id of what it belongs to")
    document_type_code: Mapped[str | None] = code(DOCUMENT_TYPES, "What kind of document it is")
    title: Mapped[str | None] = column("Title; may name people")
    uri: Mapped[str] = column("Where it is kept")
    sha256: Mapped[str | None] = column("Hash of the document", check="{} ~ '^[0-9a-f]{{64}}$'")
    document_date: Mapped[date | None] = column("Day of the document")

    __table_args__ = (Index(None, "entity_type", "entity_id"),)
