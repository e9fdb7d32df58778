"""Foreign keys that staging has proven are not looked up again; every other one is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import MetaData, Table

from ledger.values import Mapped
from loading import load as loading
from loading import references
from tests.flows.hub import Hub, count, fates
from tests.flows.test_conservation import ALL, POSTINGS

TRIGGER = """
CREATE TABLE public.seen (id uuid);
CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO public.seen VALUES (NEW.id); RETURN NEW; END';
CREATE TRIGGER see AFTER INSERT ON canonical.rent_transaction FOR EACH ROW EXECUTE FUNCTION public.see();
"""
ROLE = "SHOW session_replication_role"


@pytest.fixture
def roles(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """By canonical table, in which role its rows were last written."""
    found: dict[str, str] = {}
    upsert = loading.upsert

    def seen(cursor: references.Cursor, target: Table, run_id: int) -> int:
        cursor.execute(ROLE)
        found[target.name] = str(cursor.fetchall()[0][0])
        return upsert(cursor, target, run_id)

    monkeypatch.setattr(loading, "upsert", seen)
    yield found


def test_proven_keys_are_not_looked_up_again(hub: Hub, roles: dict[str, str]) -> None:
    result = hub.run({**ALL, "postings": [*POSTINGS, ("A9", "1", "2024-04-01", "RNT", "1.00")]})
    assert roles["rent_transaction"] == "replica"
    assert fates(result, "postings") == {"extracted": 4, "loaded": 3, "quarantined": 1}
    assert count(result, "postings").closes
    lost = "SELECT count(*) FROM canonical.{0} c WHERE NOT EXISTS (SELECT FROM canonical.{1} p WHERE p.id = c.{2})"
    assert hub.query(lost.format("rent_transaction", "rent_account", "account_id")) == [(0,)]


def test_a_trigger_of_somebody_fires(hub: Hub, roles: dict[str, str]) -> None:
    with loading.connect(hub.database_url) as connection:
        connection.execute(TRIGGER.encode())
    hub.run(ALL)
    assert roles["rent_transaction"] == "origin"
    assert hub.query("SELECT count(*) FROM public.seen") == [(3,)]


def test_a_key_that_nothing_proves_is_looked_up(
    hub: Hub, roles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = references.check_references

    def forgetful(cursor: references.Cursor, model: MetaData, mapped: Mapped) -> tuple[pd.DataFrame, np.ndarray]:
        found = check(cursor, model, mapped)
        monkeypatch.setitem(cast("dict[str, object]", mapped.references), "rent_transaction", {})
        return found

    monkeypatch.setattr(loading, "check_references", forgetful)
    hub.run(ALL)
    assert roles["rent_transaction"] == "origin"


def test_what_is_referred_to_cannot_be_deleted_meanwhile(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.run({**ALL, "postings": []})
    tried: list[str] = []
    upsert = loading.upsert

    def deleting(cursor: references.Cursor, target: Table, run_id: int) -> int:
        if target.name == "rent_transaction":
            with loading.connect(hub.database_url) as other:
                other.execute("SET lock_timeout = '100ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute("DELETE FROM canonical.rent_account WHERE account_ref = 'A1'")
                tried.append(target.name)
        return upsert(cursor, target, run_id)

    monkeypatch.setattr(loading, "upsert", deleting)
    assert all(line.closes for line in hub.run(ALL).counts)
    assert tried == ["rent_transaction"]
