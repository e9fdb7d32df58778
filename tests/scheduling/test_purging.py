"""What is over and old goes; what waits, what is young and what numbers go on from stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from scheduling import purging
from scheduling.desk import Desk
from scheduling.devices import messages

NOW = datetime(2026, 12, 1, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=100), NOW - timedelta(days=10)


def rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode())]


def test_old_sessions_and_confirmations_go(desk: Desk, hub_url: str) -> None:
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        for name, ends in (("old", OLD), ("young", YOUNG)):
            connection.execute(
                "INSERT INTO scheduling.caller_session (session_hash, client_id, expires_at) VALUES (%s, 'c', %s)",
                (name, ends),
            )
        for ref, sent, given_up in (("sent", OLD, None), ("given up", None, OLD), ("waits", None, None),
                                    ("young", YOUNG, None)):  # fmt: skip
            connection.execute(
                "INSERT INTO scheduling.confirmation (event_number, booking_id, job_ref, window_start_at, "
                "window_end_at, changed_at, sent_at, given_up_at) VALUES (%s, 1, %s, %s, %s, %s, %s, %s)",
                (desk.last_event, ref, OLD, OLD, OLD, sent, given_up),
            )
        for sequence, at in enumerate((OLD, OLD, YOUNG), 1):
            _message(connection, "OP0", sequence, at)
        _message(connection, "OP1", 1, OLD)
        went = purging.purge(connection, NOW - timedelta(days=90))
        assert went == purging.Purged(sessions=1, confirmations=2, messages=2)
        assert rows(connection, "SELECT session_hash FROM scheduling.caller_session") == ["young"]
        assert rows(connection, "SELECT job_ref FROM scheduling.confirmation ORDER BY 1") == ["waits", "young"]
        assert purging.purge(connection, NOW - timedelta(days=90)) == purging.Purged(0, 0, 0)
    assert [one.sequence for one in messages(desk, "OP0")] == [3]
    assert [one.sequence for one in messages(desk, "OP1")] == [1]  # the next one is numbered after it


def _message(connection: psycopg.Connection[Any], whose: str, sequence: int, at: datetime) -> None:
    connection.execute(
        "INSERT INTO scheduling.message (operative_ref, sequence, kind, told, sent_at) VALUES (%s, %s, 'x', '{}', %s)",
        (whose, sequence, at),
    )
