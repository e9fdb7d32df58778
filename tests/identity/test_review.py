"""People decide: what they may not say, the queue, two people at once, second looks, decisions as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pandas as pd
import pytest

from identity import exchange, review, rulings
from identity.history import decisions_of, events_of
from identity.links import current, link_all
from identity.queue import SURE, refill, worth
from ledger.errors import ConfigurationFault, ContractBroken, HubError, SourceUnreadable
from loading.load import connect
from tests.identity.people_of_a_council import Connection, Council, write_council

SINCE = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def connection(hub_url: str) -> Iterator[Connection]:
    with connect(hub_url) as opened:
        yield opened


@pytest.fixture
def council(hub_url: str, connection: Connection) -> Council:
    found = write_council(hub_url, 60)
    found.link(connection)
    return found


def golden_of(connection: Connection, record: str) -> UUID:
    query = "SELECT golden_id FROM canonical.golden_link WHERE entity_id = %s"
    found: UUID = connection.execute(query, (record,)).fetchall()[0][0]
    return found


def together(connection: Connection, *records: str) -> bool:
    return len({golden_of(connection, record) for record in records}) == 1


def doubtful(council: Council, count: int = 6) -> pd.DataFrame:
    pairs = [sorted(council.ids[n : n + 2]) for n in range(0, 2 * count, 2)]
    return pd.DataFrame(pairs, columns=["left_id", "right_id"]).assign(weight=range(count), model_version="m1")


class TestRulings:
    """What a person says, and what cannot be said."""

    def test_a_word_links_and_another_parts(self, connection: Connection, council: Council) -> None:
        a, b, c = council.ids[:3]
        first = rulings.decide(connection, "ada", "person", a, b, "same", "  same\n phone ")
        assert len(first.touched) == 2
        assert together(connection, a, b)
        rulings.decide(connection, "ada", "person", b, c, "same")
        rulings.decide(connection, "bob", "person", c, a, "not_same")
        assert not together(connection, a, c)
        assert decisions_of(connection, UUID(a), 1)[0][3] == "not_same"
        assert decisions_of(connection, UUID(a), 9)[-1][7] == "same phone"

    def test_the_same_word_again_adds_nothing(self, connection: Connection, council: Council) -> None:
        a, b = council.ids[:2]
        rulings.decide(connection, "ada", "person", a, b, "same")
        again = rulings.decide(connection, "ada", "person", b, a, "same")
        assert (again.decision_id, again.touched) == (None, [])
        assert rulings.decide(connection, "bob", "person", a, b, "same").decision_id is not None

    def test_an_old_golden_id_leads_to_its_record(self, connection: Connection, council: Council) -> None:
        a, b, c = council.ids[:3]
        ids = [golden_of(connection, one) for one in (a, b)]
        rulings.decide(connection, "ada", "person", a, b, "same")
        (old,) = set(ids) - {golden_of(connection, a)}
        ruled = rulings.decide(connection, "ada", "person", str(old), c, "same")
        assert "has become the golden record" in ruled.notes[0]
        assert together(connection, a, b, c)
        with pytest.raises(ConfigurationFault, match="Both ids lead to the one person"):
            rulings.decide(connection, "ada", "person", str(ids[0]), str(ids[1]), "not_same")

    def test_an_id_that_was_split_is_named_with_its_parts(self, connection: Connection, council: Council) -> None:
        records = council.records.set_index("record_id")["first_run_id"]
        first, second, third, fourth = sorted(council.ids[:4], key=lambda one: (records[one], one))
        old = golden_of(connection, third)
        joined = rulings.decide(connection, "ada", "person", third, fourth, "same").decision_id
        assert joined is not None
        link = connection.execute(
            "INSERT INTO identity.decision (decided_by, kind, entity_type, left_id, right_id, undoes) "
            "SELECT 'ada', 'undo', entity_type, left_id, right_id, id FROM identity.decision WHERE id = %s", (joined,)
        )  # fmt: skip
        assert link.rowcount == 1
        for one, other in ((first, third), (second, fourth)):
            left, right = sorted((one, other))
            connection.execute(
                "INSERT INTO identity.decision (decided_by, kind, entity_type, left_id, right_id) "
                "VALUES ('ada', 'same', 'person', %s, %s)", (left, right)
            )  # fmt: skip
        link_all(connection, "person", council.records, 7)
        assert current(connection, old) == sorted((golden_of(connection, first), golden_of(connection, second)))
        with pytest.raises(ConfigurationFault, match="was split into"):
            rulings.decide(connection, "ada", "person", str(old), council.ids[9], "same")

    @pytest.mark.parametrize(
        ("left", "right", "verdict", "by", "told"),
        [
            ("no id", "1", "same", "ada", "is no id"),
            ("0", "4dd32f6d-6f62-4646-bb00-bc5a5cc10e12", "same", "ada", "There is no person with the id"),
            ("0", "0", "same", "ada", "Both ids lead"),
            ("0", "1", "perhaps", "ada", "is no verdict"),
            ("0", "1", "same", "", "name of the person"),
            ("0", "1", "same", "Machine", "name of the person"),
        ],
    )
    def test_what_cannot_be_said(
        self, connection: Connection, council: Council, left: str, right: str, verdict: str, by: str, told: str
    ) -> None:
        one, other = (council.ids[int(text)] if text.isdigit() else text for text in (left, right))
        with pytest.raises(ConfigurationFault, match=told) as fault:
            rulings.decide(connection, by, "person", one, other, verdict)
        assert fault.value.next_step
        assert decisions_of(connection, None, 9) == []

    def test_an_ended_record_is_told(self, connection: Connection, council: Council) -> None:
        a, b = council.ids[:2]
        connection.execute("UPDATE canonical.person SET ended_run_id = 2 WHERE id = %s", (a,))
        assert rulings.decide(connection, "ada", "person", a, b, "same").notes == (
            f"Its source dropped {UUID(a)} in run 2.",
        )
        assert together(connection, a, b)

    def test_a_record_that_is_not_linked_yet_is_refused(self, connection: Connection, council: Council) -> None:
        connection.execute("DELETE FROM canonical.golden_link WHERE entity_id = %s", (council.ids[0],))
        with pytest.raises(ConfigurationFault, match="not linked yet"):
            rulings.decide(connection, "ada", "person", council.ids[0], council.ids[1], "same")

    def test_undo(self, connection: Connection, council: Council) -> None:
        a, b = council.ids[:2]
        number = rulings.decide(connection, "ada", "person", a, b, "same").decision_id
        assert number is not None
        undone = rulings.undo(connection, "bob", number)
        assert not together(connection, a, b)
        assert undone.decision_id is not None
        for wrong, told in (
            (number, "has undone it already"),
            (undone.decision_id, "is an undo"),
            (999, "no decision"),
        ):
            with pytest.raises(ConfigurationFault, match=told):
                rulings.undo(connection, "bob", wrong)
        connection.execute(
            "INSERT INTO identity.decision (decided_by, kind, entity_type, left_id, right_id) "
            "VALUES ('machine', 'same', 'person', least(%(a)s::uuid, %(b)s), greatest(%(a)s::uuid, %(b)s))",
            {"a": a, "b": b},
        )
        with pytest.raises(ConfigurationFault, match=r"hub identity decide .* not_same"):
            rulings.undo(connection, "bob", undone.decision_id + 1)

    def test_unmerge_lets_one_record_stand_alone(self, connection: Connection, council: Council) -> None:
        a, b, c = council.ids[:3]
        for other in (b, c):
            rulings.decide(connection, "ada", "person", a, other, "same")
        rulings.unmerge(connection, "ada", "person", a, "father of that name")
        assert not together(connection, a, b)
        assert not together(connection, a, c)
        with pytest.raises(ConfigurationFault, match="linked with no other"):
            rulings.unmerge(connection, "ada", "person", a)
        happened = events_of(connection, None, 99)
        assert {"split", "merge"} <= {row[3] for row in happened}

    def test_an_unmerge_is_taken_back_at_once(self, connection: Connection, council: Council) -> None:
        a, b, c, d = council.ids[:4]
        said = [rulings.decide(connection, "ada", "person", a, other, "same").numbers[0] for other in (b, c)]
        before = golden_of(connection, a)
        parted = rulings.unmerge(connection, "ada", "person", a)
        assert len(parted.numbers) == 2
        with pytest.raises(ConfigurationFault, match="There is no decision 999"):
            rulings.undo(connection, "bob", *parted.numbers, 999)
        assert not together(connection, a, b), "all or none"
        assert len(rulings.undo(connection, "bob", *parted.numbers, reason="they are one").numbers) == 2
        assert together(connection, a, b, c)
        assert golden_of(connection, a) == before
        rulings.undo(connection, "bob", *said)
        assert not together(connection, a, b)
        assert not together(connection, c, d)

    def test_a_contradiction_waits_in_the_queue_until_it_is_none(
        self, connection: Connection, council: Council
    ) -> None:
        a, b, c = council.ids[:3]
        said = [rulings.decide(connection, "ada", "person", one, other, "same") for one, other in ((a, b), (b, c))]
        against = rulings.decide(connection, "bob", "person", a, c, "not_same")
        assert f"Decision {said[0].decision_id} (same, by ada) cannot stand" in against.notes[0]
        item = review.next_item(connection, "ada", SINCE)
        assert item is not None
        assert (item.kind, {item.left_id.hex, item.right_id.hex}) == ("contradiction", {a, b})
        review.give_back(connection, "ada", item)
        assert against.decision_id is not None
        rulings.undo(connection, "bob", against.decision_id)
        assert review.next_item(connection, "ada", SINCE) is None
        assert together(connection, a, b, c)


class TestQueue:
    """What waits, for whom, in what order."""

    def test_the_most_open_and_the_most_behind_comes_first(self) -> None:
        pairs = pd.DataFrame({"left_id": ["a", "c", "e"], "right_id": ["b", "d", "f"], "weight": [0.0, 9.0, 0.0]})
        behind = pd.DataFrame({"records": 1, "tenancies": 0, "pounds": 0.0}, index=list("abcdef"))
        behind.loc["e"] = [4, 2, 999.0]
        first, sure, rich = worth(pairs, behind)
        assert rich > first > sure >= SURE
        assert first == pytest.approx(1.0)
        assert rich == pytest.approx(4 + 2 + 3)

    def test_a_run_fills_it_and_the_next_withdraws_what_is_settled(
        self, connection: Connection, council: Council
    ) -> None:
        pairs = doubtful(council)
        assert refill(connection, "person", pairs, 1) == 6
        assert refill(connection, "person", pairs.iloc[2:].assign(weight=1.0), 2) == 4
        last = pairs.iloc[5]
        rulings.decide(connection, "ada", "person", last["left_id"], last["right_id"], "not_same")
        assert refill(connection, "person", pairs, 3) == 5
        waiting = {(kind, state): count for _, kind, state, count in review.status(connection).queue}
        assert waiting == {("doubtful", "open"): 5, ("doubtful", "decided"): 1, ("doubtful", "withdrawn"): 2}

    def test_two_people_never_hold_the_same_pair(self, connection: Connection, council: Council) -> None:
        refill(connection, "person", doubtful(council, 2), 1)
        first, second = (review.next_item(connection, who, SINCE) for who in ("ada", "bob"))
        assert first is not None
        assert second is not None
        assert first.id != second.id
        assert review.next_item(connection, "eve", SINCE) is None
        assert review.next_item(connection, "ada", SINCE) == first
        connection.execute(
            "UPDATE identity.review_item SET held_at = now() - interval '1 hour' WHERE id = %s", (first.id,)
        )
        assert review.next_item(connection, "eve", SINCE) == first
        with pytest.raises(ConfigurationFault, match="Somebody else has settled that pair"):
            review.settle(connection, "ada", first, "same", 0.0)

    def test_later_comes_last_and_not_again_at_once(self, connection: Connection, council: Council) -> None:
        refill(connection, "person", doubtful(council, 2), 1)
        began = datetime.now(UTC)
        first = review.next_item(connection, "ada", began)
        assert first is not None
        review.put_off(connection, "ada", first)
        second = review.next_item(connection, "ada", began)
        assert second is not None
        review.settle(connection, "ada", second, "not_same", 0.0)
        assert review.next_item(connection, "ada", began) is None
        assert review.next_item(connection, "ada", SINCE) == first

    def test_a_second_person_looks_and_a_dispute_comes_back(self, connection: Connection, council: Council) -> None:
        refill(connection, "person", doubtful(council, 2), 1)
        for _ in range(2):
            item = review.next_item(connection, "ada", SINCE)
            assert item is not None
            review.settle(connection, "ada", item, "same", 1.0)
        assert review.next_item(connection, "Ada", SINCE) is None
        for verdict in ("same", "not_same"):
            item = review.next_item(connection, "bob", SINCE)
            assert item is not None
            assert item.is_blind
            review.settle(connection, "bob", item, verdict, 1.0)
        disputed = review.next_item(connection, "ada", SINCE)
        assert disputed is not None
        assert (disputed.kind, disputed.is_blind) == ("disputed", False)
        review.settle(connection, "ada", disputed, "same", 1.0)
        assert together(connection, disputed.left_id.hex, disputed.right_id.hex)
        assert review.next_item(connection, "eve", SINCE) is None
        found = review.status(connection)
        assert (found.agreed, found.second_looks) == (1, 2)

    def test_the_share_of_second_looks_is_the_stated_one(self) -> None:
        items = [review.Item(n, "doubtful", "person", uuid4(), uuid4(), 1.0, None, None) for n in range(4_000)]
        assert 0.08 < sum(review.is_sampled(item, 0.1) for item in items) / len(items) < 0.12
        assert not any(review.is_sampled(item, 0.0) for item in items)
        assert all(review.is_sampled(item, 1.0) for item in items)

    def test_both_sides_are_shown_field_by_field(self, connection: Connection, council: Council) -> None:
        refill(connection, "person", doubtful(council, 1), 1)
        item = review.next_item(connection, "ada", SINCE)
        assert item is not None
        lines = {name: {left, right} for name, left, right in review.sides(connection, item)}
        assert lines["source"] == {"tenancy.people", "works.people"}
        assert lines["surname"] == {"S0", "S1"}
        assert any("T0 from 2020-04-06" in text for text in lines["tenancies"])
        assert "NI number" not in lines


class TestExchange:
    """Decisions go out as CSV and come in again."""

    def write(self, file: Path, *rows: str) -> Path:
        file.write_text("\r\n".join([",".join(exchange.HEADER), *rows]), "utf-8-sig")
        return file

    def test_out_and_in_again(self, connection: Connection, council: Council, tmp_path: Path) -> None:
        a, b, c, d = council.ids[:4]
        rulings.decide(connection, "ada", "person", a, b, "same", '=HYPERLINK("x"), she said')
        number = rulings.decide(connection, "-bob", "person", c, d, "not_same").decision_id
        file = tmp_path / "decisions.csv"
        assert exchange.export(connection, file) == 2
        text = file.read_text("utf-8-sig")
        assert "'=HYPERLINK" in text
        assert "'-bob" in text
        taken = exchange.import_file(connection, file, "eve")
        assert (taken.new, taken.known) == (0, 2)
        assert number is not None
        rulings.undo(connection, "eve", number)
        assert exchange.import_file(connection, file, "eve").new == 1
        again = tmp_path / "again.csv"
        exchange.export(connection, again)
        assert sorted(again.read_text("utf-8-sig").splitlines()) == sorted(text.splitlines())

    def test_what_comes_in_links(self, connection: Connection, council: Council, tmp_path: Path) -> None:
        a, b, c = council.ids[:3]
        refill(connection, "person", doubtful(council), 1)
        file = self.write(
            tmp_path / "d.csv", f"person,{b},{a},same,,,", f"person,{UUID(b)},{c},same,ada,2026-01-02T03:04:05Z,x"
        )
        taken = exchange.import_file(connection, file, "eve")
        assert taken.new == 2
        assert together(connection, a, b, c)
        assert {(row[2], row[1][:10]) for row in decisions_of(connection, UUID(c), 9) if row[7] == "x"} == {
            ("ada", "2026-01-02")
        }
        assert ("person", "doubtful", "decided", 1) in review.status(connection).queue

    def test_all_faults_are_told_together_and_nothing_is_taken_in(
        self, connection: Connection, council: Council, tmp_path: Path
    ) -> None:
        a, b, c = council.ids[:3]
        nobody = str(uuid4())
        file = self.write(
            tmp_path / "d.csv", f"person,{a},{b},same,,,", f"person,{a},{a},same,,,", f"person,{a},{nobody},same,,,",
            f"people,{a},{c},same,,,", f"person,{a},{c},maybe,,,", f"person,x,{c},same,,,", f"person,{b},{c},same,,,",
            f"person,{c},{b},not_same,,,", f"person,{a},{c},same,machine,,",
            f"person,{a},{c},same,,2099-01-01T00:00:00Z,",
        )  # fmt: skip
        with pytest.raises(ContractBroken) as fault:
            exchange.import_file(connection, file, "eve")
        told = str(fault.value)
        for line, what in (
            (3, "left_id and right_id are the same"), (4, f"there is no linked person {nobody}"),
            (5, "the entity_type is none of"), (6, "the verdict is none of"), (7, "the left_id is no id"),
            (8, "both verdicts"), (9, "both verdicts"), (10, "decided_by is no person"),
            (11, "decided_at is no instant"),
        ):  # fmt: skip
            assert f"Line {line}: " in told
            assert what in told
        assert decisions_of(connection, None, 9) == []

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"PK\x03\x04rest", "a workbook"),
            (b"\xd0\xcf\x11\xe0rest", "a workbook"),
            ("entity_type;left_id".encode("utf-16"), "not UTF-8|header"),
            ("entity_type,reason\nperson,caf\xe9".encode("cp1252"), "not UTF-8"),
            (b"entity_type;left_id;right_id\n", "header"),
            (b"", "header"),
            (",".join(exchange.HEADER).encode() + b"\nperson,1\n", "have not 7 cells: 2"),
            (",".join(exchange.HEADER).encode() + b'\n"person\n', "is no CSV"),
        ],
    )
    def test_a_file_that_is_no_such_csv(
        self, connection: Connection, council: Council, tmp_path: Path, content: bytes, told: str
    ) -> None:
        file = tmp_path / "d.csv"
        file.write_bytes(content)
        with pytest.raises(SourceUnreadable, match=told):
            exchange.import_file(connection, file, "eve")

    def test_a_file_that_is_not_there(self, connection: Connection, tmp_path: Path) -> None:
        with pytest.raises(HubError, match="cannot be read"):
            exchange.import_file(connection, tmp_path / "none.csv", "eve")
