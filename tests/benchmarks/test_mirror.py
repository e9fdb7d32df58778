"""The benchmark's own count of rows that refer to nothing."""

from __future__ import annotations

import psycopg

from benchmarks.mirror.state import orphans


def test_each_row_that_refers_to_nothing_is_counted(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE home (area text, number int, PRIMARY KEY (number, area))")
        connection.execute(
            "CREATE TABLE repair (area text, number int, FOREIGN KEY (area, number) REFERENCES home (area, number))"
        )
        connection.execute("INSERT INTO home VALUES ('a', 1), ('b', 2)")
        connection.execute("ALTER TABLE repair DISABLE TRIGGER ALL")
        connection.execute("INSERT INTO repair VALUES ('a', 1), ('a', 2), ('b', 1), (NULL, 1), ('c', 3)")
        assert orphans(connection) == (3, 1)
