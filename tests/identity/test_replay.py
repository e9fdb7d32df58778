"""Clusters are what the log replays to; nothing but the log says so."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from identity.decisions import LOG, MACHINE, effective, machine_changes
from identity.replay import components, replay

Said = tuple[str, str, str, str]
"""Who, what, left, right; what may be ``undo N``."""


def log_of(*said: Said, weights: dict[int, float] | None = None) -> pd.DataFrame:
    """The log of what was said in that order, numbered from 1."""
    rows = []
    for number, (by, what, left, right) in enumerate(said, 1):
        kind, _, undoes = what.partition(" ")
        rows.append({
            "id": number, "decided_by": by, "kind": kind, "left_id": left, "right_id": right,
            "undoes": int(undoes) if undoes else None, "weight": (weights or {}).get(number, 10.0),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(LOG)).astype({"id": "Int64", "undoes": "Int64"})


def groups(records: str, log: pd.DataFrame) -> list[str]:
    """The clusters as words of their letters."""
    found = replay(pd.Series(list(records)), log).clusters
    return sorted("".join(sorted(part)) for part in found.groupby("cluster")["record_id"].agg("".join))


def test_records_of_which_nobody_says_anything_stand_alone() -> None:
    assert groups("abc", log_of()) == ["a", "b", "c"]


def test_what_is_the_same_is_one_cluster() -> None:
    assert groups("abcde", log_of((MACHINE, "same", "a", "b"), ("ada", "same", "b", "c"))) == ["abc", "d", "e"]


def test_a_decision_on_records_that_are_not_asked_about_is_passed_over() -> None:
    assert groups("abc", log_of((MACHINE, "same", "a", "x"), (MACHINE, "not_same", "x", "y"))) == ["a", "b", "c"]


def test_an_undo_takes_its_decision_out_and_no_other() -> None:
    log = log_of((MACHINE, "same", "a", "b"), ("ada", "same", "a", "b"), ("bob", "undo 2", "a", "b"))
    assert groups("ab", log) == ["ab"]
    assert groups("ab", log_of((MACHINE, "same", "a", "b"), ("ada", "undo 1", "a", "b"))) == ["a", "b"]


def test_a_person_outranks_the_machine_whenever_it_speaks() -> None:
    log = log_of(("ada", "not_same", "a", "b"), (MACHINE, "same", "a", "b"))
    assert groups("ab", log) == ["a", "b"]
    (decision,) = effective(log).to_dict("records")
    assert (decision["decided_by"], decision["kind"]) == ("ada", "not_same")


def test_of_a_persons_words_the_last_one_counts() -> None:
    log = log_of(("ada", "not_same", "a", "b"), ("bob", "same", "a", "b"))
    assert groups("ab", log) == ["ab"]


def test_not_the_same_parts_a_chain_where_it_is_weakest() -> None:
    chain = [(MACHINE, "same", "a", "b"), (MACHINE, "same", "b", "c"), (MACHINE, "same", "c", "d")]
    log = log_of(*chain, ("ada", "not_same", "a", "d"), weights={1: 30.0, 2: 8.0, 3: 20.0})
    assert groups("abcd", log) == ["ab", "cd"]
    assert replay(pd.Series(list("abcd")), log).overridden["id"].tolist() == [2]
    assert replay(pd.Series(list("abcd")), log).contradictions.empty


def test_a_contradiction_is_told_and_the_last_word_wins() -> None:
    log = log_of(("ada", "same", "a", "b"), ("ada", "same", "b", "c"), ("bob", "not_same", "a", "c"))
    found = replay(pd.Series(list("abc")), log)
    assert groups("abc", log) == ["a", "bc"]
    assert found.contradictions["id"].tolist() == [1]

    log = log_of(("bob", "not_same", "a", "c"), ("ada", "same", "a", "b"), ("ada", "same", "b", "c"))
    assert groups("abc", log) == ["abc"]
    assert replay(pd.Series(list("abc")), log).contradictions["id"].tolist() == [1]


def test_a_veto_holds_for_whole_clusters() -> None:
    said = [
        (MACHINE, "same", "a", "b"), (MACHINE, "same", "c", "d"), ("ada", "not_same", "a", "c"),
        (MACHINE, "same", "b", "d"),
    ]  # fmt: skip
    assert groups("abcd", log_of(*said, weights={1: 9.0, 2: 9.0, 4: 5.0})) == ["ab", "cd"]


def test_neither_the_order_of_records_nor_those_around_matter() -> None:
    rng = random.Random(20)
    letters = [f"{n:03}" for n in range(200)]
    said = []
    for _ in range(260):
        left, right = sorted(rng.sample(letters, 2))
        said.append((rng.choice([MACHINE, "ada"]), rng.choice(["same", "same", "not_same"]), left, right))
    log = log_of(*said, weights={n: rng.random() for n in range(1, 261)})
    first = replay(pd.Series(letters), log).clusters
    shuffled = rng.sample(letters, len(letters))
    pd.testing.assert_frame_equal(first, replay(pd.Series(shuffled), log).clusters)
    for _, part in first.groupby("cluster"):
        alone = replay(part["record_id"], log).clusters
        assert alone["cluster"].nunique() == 1


def test_no_persons_last_word_is_broken() -> None:
    """Words of a random log: the newest is always kept, and no kept veto stands inside a cluster."""
    rng = random.Random(7)
    letters = [f"{n:02}" for n in range(40)]
    for _ in range(50):
        said: list[Said] = []
        for _ in range(60):
            left, right = sorted(rng.sample(letters, 2))
            said.append((rng.choice([MACHINE, "ada", "bob"]), rng.choice(["same", "not_same"]), left, right))
        left, right = sorted(rng.sample(letters, 2))
        said.append(("eve", rng.choice(["same", "not_same"]), left, right))
        log = log_of(*said)
        found = replay(pd.Series(letters), log)
        cluster = found.clusters.set_index("record_id")["cluster"]
        kept = effective(log)
        kept = kept[~kept["id"].isin(found.overridden["id"])]
        together = kept["left_id"].map(cluster) == kept["right_id"].map(cluster)
        assert together.tolist() == (kept["kind"] == "same").tolist()
        assert kept["id"].max() == len(said)


@pytest.mark.parametrize(
    "edges", [[], [(0, 1)], [(0, 1), (1, 2), (2, 3), (5, 6)], [(n, n + 1) for n in range(6)][::-1]]
)
def test_components_are_named_by_their_least_node(edges: Sequence[tuple[int, int]]) -> None:
    left, right = (np.array([edge[side] for edge in edges], dtype=np.int64) for side in (0, 1))
    label = components(7, left, right)
    expected = list(range(7))
    for _ in edges:
        for one, other in edges:
            expected[one] = expected[other] = min(expected[one], expected[other])
    assert label.tolist() == expected


class TestMachineChanges:
    """The machine says only what is new, and takes back only what it may."""

    EDGES = pd.DataFrame({"left_id": ["a", "b"], "right_id": ["b", "c"], "weight": [9.0, 8.0], "model_version": "m1"})
    RECORDS = pd.Series(list("abcd"))

    def said(self, log: pd.DataFrame, edges: pd.DataFrame, records: str = "abcd") -> list[tuple[object, ...]]:
        overridden = replay(pd.Series(list("abcdx")), log).overridden["id"]
        found = machine_changes(log, edges, pd.Series(list(records)), overridden, 3)
        assert (found["decided_by"] == MACHINE).all()
        columns = found[["kind", "left_id", "right_id", "undoes"]].astype(object)
        return list(columns.where(columns.notna(), None).itertuples(index=False, name=None))

    def test_first_everything_then_nothing(self) -> None:
        assert self.said(log_of(), self.EDGES) == [("same", "a", "b", None), ("same", "b", "c", None)]
        log = log_of((MACHINE, "same", "a", "b"), (MACHINE, "same", "b", "c"))
        assert self.said(log, self.EDGES.iloc[::-1].assign(weight=3.0, model_version="m2")) == []

    def test_an_edge_that_is_gone_is_undone(self) -> None:
        log = log_of((MACHINE, "same", "a", "b"), (MACHINE, "same", "c", "d"))
        assert self.said(log, self.EDGES) == [("undo", "c", "d", 2), ("same", "b", "c", None)]

    def test_an_edge_to_a_record_that_was_not_looked_at_stays(self) -> None:
        assert self.said(log_of((MACHINE, "same", "a", "x")), self.EDGES.iloc[:0]) == []
        assert self.said(log_of((MACHINE, "same", "a", "x")), self.EDGES.iloc[:0], "abcdx") == [("undo", "a", "x", 1)]

    def test_an_edge_that_a_person_overrules_waits(self) -> None:
        log = log_of((MACHINE, "same", "a", "b"), (MACHINE, "same", "b", "c"), ("ada", "not_same", "a", "c"))
        assert self.said(log, self.EDGES.iloc[:0], "abc") == [("undo", "b", "c", 2)]
        log = log_of((MACHINE, "same", "a", "b"), ("ada", "not_same", "a", "b"))
        assert self.said(log, self.EDGES.iloc[:0]) == []

    def test_what_a_person_joined_is_not_said_again(self) -> None:
        assert self.said(log_of(("ada", "same", "a", "b")), self.EDGES) == [("same", "b", "c", None)]
