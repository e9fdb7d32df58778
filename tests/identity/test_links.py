"""Golden ids that stay: over runs, newcomers, shuffles, merges and their undoing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise
from uuid import UUID

import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import create_engine

from canonical_model.queries import golden_balances, golden_tenancies
from identity import decisions, frames, rulings, survivorship
from identity.decisions import Word, read_log
from identity.flags import CAPPED, SHARED, TOO_MANY
from identity.ids import key_of, stable_id
from identity.links import LINK, READ_LINKS, changes, current, golden_ids, link_all, members, relink
from identity.rebuilding import people_and_households
from identity.replay import replay
from identity.survivorship import survive
from identity.trust import load_trust
from loading.load import connect
from tests.identity.people_of_a_council import Connection, Council, write_council

NO_EDGES = pd.DataFrame({"left_id": [], "right_id": [], "weight": [], "model_version": []})


def golden(senior: str) -> str:
    return stable_id(key_of("golden", "person", senior)).hex


def linked(*groups: str, ended: str = "") -> pd.DataFrame:
    """Links of records named by letters; the earlier in the alphabet, the longer known."""
    rows = [(letter, number, ord(letter), letter in ended) for number, group in enumerate(groups) for letter in group]
    return golden_ids(pd.DataFrame(rows, columns=["record_id", "cluster", "first_run_id", "ended"]), "person")


def told(old: pd.DataFrame, new: pd.DataFrame, retired: str = "") -> list[tuple[str, str, str]]:
    """The events, ids by their senior's letter."""
    letters = {golden(letter): letter for letter in "abcdefgh"}
    found = changes(old, new, [golden(letter) for letter in retired]).astype(object)
    rows = found.itertuples(index=False)
    return sorted((str(kind), letters.get(one, ""), letters.get(other, "")) for kind, one, other in rows)


class TestGoldenIds:
    """An id is a function of the members alone."""

    def test_the_senior_gives_the_id(self) -> None:
        links = linked("cab", "d")
        assert links.set_index("record_id")["golden_id"].to_dict() == {
            **dict.fromkeys("abc", golden("a")),
            "d": golden("d"),
        }

    def test_of_the_same_run_the_least_id_is_senior(self) -> None:
        rows = pd.DataFrame({"record_id": ["b", "a"], "cluster": [7, 7], "first_run_id": [1, 1]})
        assert golden_ids(rows, "person")["golden_id"].unique().tolist() == [golden("a")]

    def test_of_nobody_there_is_none(self) -> None:
        assert linked().golden_id.tolist() == []
        assert told(linked(), linked()) == []

    def test_a_newcomer_renames_nothing(self) -> None:
        assert told(linked("ab", "c"), linked("abz", "cy", "x").replace("x", "h")) == [("created", "", "")]


class TestChanges:
    """Every change of ids has its event, and nothing else has one."""

    @pytest.mark.parametrize(
        ("old", "new", "events"),
        [
            (["ab", "c"], ["ab", "c"], []),
            (["ab", "cd"], ["abcd"], [("merge", "c", "a")]),
            (["a", "b", "c"], ["abc"], [("merge", "b", "a"), ("merge", "c", "a")]),
            (["abcd"], ["ab", "cd"], [("split", "a", "c")]),
            (["abcd"], ["a", "b", "cd"], [("split", "a", "b"), ("split", "a", "c")]),
            (["ab", "cd"], ["ac", "bd"], [("split", "a", "b"), ("split", "c", "a"), ("split", "c", "b")]),
            (["ab", "cd"], ["abc", "d"], [("split", "c", "a"), ("split", "c", "d")]),
            (["ab", "cd"], ["a", "bcd"], [("merge", "c", "b"), ("split", "a", "b")]),
            ([], ["ab", "c"], [("created", "", "a"), ("created", "", "c")]),
        ],
    )  # fmt: skip
    def test_of_groups(self, old: list[str], new: list[str], events: list[tuple[str, str, str]]) -> None:
        assert told(linked(*old), linked(*new)) == events

    def test_a_thing_retires_when_all_its_records_have_ended(self) -> None:
        assert told(linked("ab"), linked("ab", ended="a")) == []
        assert told(linked("ab"), linked("ab", ended="ab")) == [("retired", "a", "")]
        assert told(linked("ab"), linked("ab", ended="ab"), retired="a") == []
        assert told(linked("ab"), linked("ab", ended="a"), retired="a") == [("created", "", "a")]


@pytest.fixture
def connection(hub_url: str) -> Iterator[Connection]:
    with connect(hub_url) as opened:
        yield opened


@pytest.fixture
def council(hub_url: str, connection: Connection) -> Council:
    found = write_council(hub_url, 300)
    edges = pd.DataFrame([(*sorted(pair), 12.0, "m1") for pair in pairwise(found.ids[:60:2])], columns=list(NO_EDGES))
    said = decisions.machine_changes(
        read_log(connection, "person"), edges.iloc[::3], pd.Series(found.ids), pd.Series([]), 1
    )
    decisions.append(connection, "person", said)
    found.link(connection)
    return found


def say(connection: Connection, kind: str, left: str, right: str, undoes: int | None = None) -> int:
    number = decisions.say(connection, Word(kind, "person", left, right, "ada", undoes=undoes))
    relink(connection, "person", [left, right], "ada")
    return number


def links_of(connection: Connection) -> pd.DataFrame:
    return frames.read(connection, READ_LINKS, LINK, {"entity_type": "person"})


def events_of(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM canonical.golden_event").fetchall()[0][0])


def test_a_run_again_changes_nothing_in_whatever_order(connection: Connection, council: Council) -> None:
    before = connection.execute("SELECT * FROM canonical.golden_link ORDER BY 1, 2").fetchall()
    events = events_of(connection)
    again = link_all(connection, "person", council.records.sample(frac=1, random_state=3), 9)
    assert (len(again.events), again.touched) == (0, [])
    assert connection.execute("SELECT * FROM canonical.golden_link ORDER BY 1, 2").fetchall() == before
    assert events_of(connection) == events


def test_two_percent_more_records_rename_nothing(connection: Connection, council: Council) -> None:
    rng = random.Random(5)
    new = [f"{n:032x}" for n in range(6)]
    edges = pd.DataFrame(
        [(*sorted((one, rng.choice(council.ids))), 9.0, "m1") for one in new[:4]], columns=list(NO_EDGES)
    )
    decisions.append(connection, "person", decisions.machine_changes(
        read_log(connection, "person"), edges, pd.Series(new), pd.Series([]), 2
    ))  # fmt: skip
    before = links_of(connection).set_index("record_id")["golden_id"]
    more = pd.DataFrame({"record_id": new, "first_run_id": 3, "ended": False})
    found = link_all(connection, "person", pd.concat([more, council.records]), 3)
    after = links_of(connection).set_index("record_id")["golden_id"]
    assert after[before.index].equals(before)
    assert found.events["kind_code"].tolist() == ["created", "created"]


def test_a_record_that_is_gone_keeps_its_place_and_the_id(connection: Connection, council: Council) -> None:
    before = links_of(connection)
    (one, *_), alone = council.ids, council.ids[-1]
    found = link_all(connection, "person", council.records[~council.records["record_id"].isin([one, alone])], 2)
    assert links_of(connection).equals(before)
    assert found.events.to_numpy().tolist()[0][:2] == ["retired", golden(alone)]
    back = council.link(connection, 3)
    assert back.events["kind_code"].tolist() == ["created"]


def test_an_old_id_leads_to_what_stands_now(connection: Connection, council: Council) -> None:
    a, b, c = council.ids[101:104]
    ids = {one: UUID(links_of(connection).set_index("record_id")["golden_id"][one]) for one in (a, b, c)}
    first = say(connection, "same", a, b)
    assert current(connection, ids[a]) == current(connection, ids[b])
    second = say(connection, "same", b, c)
    assert current(connection, ids[a]) == current(connection, ids[b]) == current(connection, ids[c])
    (whole,) = current(connection, ids[a])
    assert {record.hex for _, record in members(connection, whole)} == {a, b, c}
    say(connection, "undo", a, b, first)
    say(connection, "undo", b, c, second)
    assert [current(connection, ids[one]) for one in (a, b, c)] == [[ids[a]], [ids[b]], [ids[c]]]
    assert current(connection, UUID(int=1)) == []


def test_an_id_whose_records_went_two_ways_leads_to_both(connection: Connection, council: Council) -> None:
    a, b, c, d = council.ids[101:109:2]
    links = links_of(connection).set_index("record_id")
    seniors = sorted((a, b, c, d), key=lambda one: (links["first_run_id"][one], one))
    first, second, third, fourth = seniors
    joined = say(connection, "same", third, fourth)
    old = UUID(golden(third))
    say(connection, "same", first, third)
    assert current(connection, old) == [UUID(golden(first))]
    say(connection, "undo", third, fourth, joined)
    say(connection, "same", second, fourth)
    assert current(connection, UUID(golden(fourth))) == [UUID(golden(second))]
    assert current(connection, old) == [UUID(golden(first))]


def state(connection: Connection, url: str) -> str:
    """A hash over source records, links, golden records, and the tenancies and balances of golden people."""
    records = frames.read(connection, PEOPLE, dict.fromkeys(("record_id", "system", *FIELDS), frames.TEXT))
    records = records.merge(links_of(connection), on="record_id").assign(as_of=None)
    absent = [name for name in survivorship.names(survivorship.PERSON) if name not in records]
    found = survive(records.assign(**dict.fromkeys(absent)), NO_FAULTS, TRUST["person"], survivorship.PERSON)
    digest = blake2b(digest_size=16)
    for part in (records, found.golden, found.kept.to_pandas(), *followed(url)):
        digest.update(part.to_csv(index=False).encode())
    return digest.hexdigest()


FIELDS = ("forename", "surname", "birth_date")
PEOPLE = """
SELECT encode(uuid_send(p.id), 'hex'), b.system, p.forename, p.surname, p.birth_date
FROM canonical.person p JOIN ledger.batch b ON b.id = p.batch_id ORDER BY p.id
"""
NO_FAULTS = pd.DataFrame({"record_id": [], "field": [], "severity": []})
TRUST = load_trust({name: survivorship.names(fields) for name, fields in survivorship.FIELDS.items()})


def followed(url: str) -> list[pd.DataFrame]:
    """The tenancies and the balances of golden people, in order."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [pd.read_sql(query, connection) for query in (golden_tenancies(), golden_balances())]
    engine.dispose()
    return [frame.sort_values(list(frame.columns), ignore_index=True) for frame in found]


@pytest.mark.parametrize("merges", [60, pytest.param(1_000, marks=pytest.mark.slow)])
def test_random_merges_unmerged_in_random_order_leave_all_as_it_was(
    connection: Connection, hub_url: str, council: Council, merges: int
) -> None:
    rng = random.Random(merges)
    before = state(connection, hub_url)
    tenancies, balances = followed(hub_url)
    said: list[tuple[int, str, str]] = []
    while len(said) < merges:
        left, right = sorted(rng.sample(council.ids, 2))
        said.append((say(connection, "same", left, right), left, right))
    assert state(connection, hub_url) != before
    merged_tenancies, merged_balances = followed(hub_url)
    assert follows(connection, tenancies, merged_tenancies, "tenancy_id")
    assert follows(connection, balances, merged_balances, "account_id")
    each = ["account_id", "balance"]
    assert sorted(set(merged_balances[each].itertuples(index=False))) == sorted(
        set(balances[each].itertuples(index=False))
    )
    rng.shuffle(said)
    for number, left, right in said:
        say(connection, "undo", left, right, number)
    assert state(connection, hub_url) == before
    replayed = replay(pd.Series(council.ids), read_log(connection, "person")).clusters
    rebuilt = golden_ids(replayed.merge(council.records, on="record_id"), "person")
    now = links_of(connection)
    assert rebuilt.sort_values("record_id")["golden_id"].tolist() == now["golden_id"].tolist()


def follows(connection: Connection, before: pd.DataFrame, after: pd.DataFrame, what: str) -> bool:
    """Whether each golden person has what the ones had that it was merged from, and nothing else."""
    now = {old: current(connection, old)[0] for old in before["golden_id"].unique()}
    return set(zip(before["golden_id"].map(now), before[what], strict=True)) == set(
        after[["golden_id", what]].itertuples(index=False, name=None)
    )


def test_relinking_near_records_is_linking_all(connection: Connection, council: Council) -> None:
    """What a person's word changes near by is what a replay of the whole log says."""
    rng = np.random.default_rng(4)
    for _ in range(120):
        left, right = sorted(rng.choice(council.ids[:40], 2, replace=False))
        say(connection, str(rng.choice(["same", "same", "not_same"])), str(left), str(right))
    assert council.link(connection, 5).touched == []


def test_the_log_is_only_ever_added_to(connection: Connection, council: Council) -> None:
    for statement in (
        "UPDATE identity.decision SET kind = 'not_same'",
        "DELETE FROM identity.decision",
        "TRUNCATE identity.decision",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="only ever added"):
            connection.execute(statement)


GOLDEN_ROWS = """
SELECT to_jsonb(p) - '{run_id,ended_run_id}'::text[] FROM canonical.golden_person p
WHERE ended_run_id IS NULL ORDER BY id
"""
GOLDEN_VALUES = "SELECT to_jsonb(v) - 'run_id' FROM canonical.golden_value v ORDER BY golden_id, field, rank"


def test_the_golden_rows_of_the_database_come_back_too(connection: Connection, council: Council) -> None:
    people_and_households(connection, 2)
    before = [connection.execute(query.encode()).fetchall() for query in (GOLDEN_ROWS, GOLDEN_VALUES)]
    assert len(before[0]) < len(council.ids)
    rng = random.Random(2)
    said = []
    for _ in range(12):
        left, right = rng.sample(council.ids, 2)
        said.append(rulings.decide(connection, "ada", "person", left, right, "same").decision_id)
    assert connection.execute(GOLDEN_ROWS.encode()).fetchall() != before[0]
    rng.shuffle(said)
    for number in said:
        assert number is not None
        rulings.undo(connection, "bob", number)
    assert [connection.execute(query.encode()).fetchall() for query in (GOLDEN_ROWS, GOLDEN_VALUES)] == before
    people_and_households(connection, 2)
    assert [connection.execute(query.encode()).fetchall() for query in (GOLDEN_ROWS, GOLDEN_VALUES)] == before


FLAGS = """
SELECT encode(uuid_send(id), 'hex'), flags FROM canonical.golden_person
WHERE flags <> '{}' AND ended_run_id IS NULL ORDER BY id
"""


def test_who_is_capped_and_who_shares_a_number_is_flagged(connection: Connection, council: Council) -> None:
    """Of a pair kept apart for size both sides are flagged, and everybody with a number that too many have."""
    connection.execute("UPDATE canonical.person SET national_insurance_number = NULL")
    people_and_households(connection, 2)
    assert connection.execute(FLAGS.encode()).fetchall() == []
    left, right, *officers = council.ids[100:109]
    connection.execute(
        "INSERT INTO identity.pair (entity_type, left_id, right_id, weight, parts, vetoes, status, model_version)"
        " VALUES ('person', %s, %s, 20, '{}', %s, 'vetoed', 'm1')", (*sorted((left, right)), [TOO_MANY])
    )  # fmt: skip
    for asked in (officers[:6], officers):
        connection.execute(
            "UPDATE canonical.person SET national_insurance_number = 'QQ123456C' WHERE id = ANY(%s::uuid[])", (asked,)
        )
        people_and_households(connection, 3)
        found: dict[str, list[str]] = dict(connection.execute(FLAGS.encode()).fetchall())
        shared = {golden(one): [SHARED] for one in asked if len(asked) > 6}
        assert found == {golden(left): [CAPPED], golden(right): [CAPPED]} | shared
    said = rulings.decide(connection, "ada", "person", left, officers[0], "same")
    both = [golden(senior) for senior in (left, officers[0])]
    assert [flags for one, flags in connection.execute(FLAGS.encode()).fetchall() if one in both] == [[CAPPED, SHARED]]
    assert said.decision_id is not None
    rulings.undo(connection, "ada", said.decision_id)
    assert dict(connection.execute(FLAGS.encode()).fetchall()) == found
