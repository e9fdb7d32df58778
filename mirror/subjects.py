"""Whom the masks hang on: the people and places of a source, read in the build's snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True)
class Subjects:
    """The people and places of a source."""

    @staticmethod
    def empty() -> Subjects:
        """Nobody and nowhere: every value is masked by itself."""
        return Subjects()


def read(connection: psycopg.Connection) -> Subjects:
    """The people and places of the database, in the connection's snapshot."""
    return Subjects()
