"""The resolution from the canonical model to golden records: whole or not at all, once, and explained."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from sqlalchemy import create_engine, insert

from canonical_model.tables import current
from flows import golden
from flows.golden import Resolution, Stages
from flows.references import Run
from identity import page, rulings
from identity.addresses import gazetteer, match
from identity.decisions import NOT_SAME, SAME
from identity.gathering import raw_people
from identity.links import current as now_standing
from identity.why import Why, in_words, why
from ledger.errors import ConfigurationFault, ContractBroken
from loading.load import connect
from tests.identity.people_of_a_council import Council, new_id, provenance, write_council

PEOPLE = 60


@pytest.fixture
def council(hub_url: str) -> Council:
    """People of three systems, a home that two systems list, and another one beside it."""
    made = write_council(hub_url, PEOPLE)
    homes = [
        {**provenance(new_id("asset", at), 100 + at, batch=batch), "asset_ref": f"H{at}", "asset_type_code": "house",
         "address_line_1": line, "postcode": "KB1 1AA", "uprn": uprn}
        for at, (batch, line, uprn) in enumerate([(1, "1 Wood Lane", 7), (2, "1 WOOD LA", 7), (1, "3 Wood Lane", 7)])
    ]  # fmt: skip
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        connection.execute(insert(current("asset")), homes)
        for person in (0, 1):
            connection.execute(
                current("person").update().where(current("person").c.id == UUID(made.ids[person])),
                {"forename": ("Jon", "J")[person], "surname": "Nowak", "birth_date": "1980-05-02"},
            )
    engine.dispose()
    return made


@pytest.fixture
def run(hub_url: str, council: Council, tmp_path: Path) -> Run:
    return Run(2, hub_url, tmp_path / "landing", tmp_path / "docs", tmp_path / "progress.jsonl")


def joining(*pairs: tuple[str, str]) -> Stages:
    """The stages, with people of whom these pairs are one each."""

    def people(run: Run, folder: Path) -> int:
        rows = [
            {"left_id": min(pair), "right_id": max(pair), "weight": 9.5, "w_forename": 4.0, "l_forename": "close",
             "w_surname": 7.5, "l_surname": "same", "w_prior": -2.0, "status": "joined", "vetoes": [],
             "model_version": "m"}
            for pair in pairs
        ]  # fmt: skip
        columns = ["left_id", "right_id", "weight", "w_prior", "status", "vetoes", "model_version"]
        golden._write(pd.DataFrame(rows, columns=None if rows else columns), folder / "people.parquet")
        return len(rows)

    return Stages(people=people)


def rows(run: Run, table: str) -> list[tuple[Any, ...]]:
    with run.connection() as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3".encode()).fetchall()


def finished(run: Run, stages: Stages) -> Resolution:
    ended = golden.resolve(run, stages)
    assert ended.fault is None, ended.fault
    return ended


def test_records_become_golden_records_and_a_second_time_nothing_is_written(run: Run, council: Council) -> None:
    assert golden.standing(run) is None
    stages = joining((council.ids[0], council.ids[1]))
    ended = finished(run, stages)
    assert (ended.counts["person_records"], ended.counts["person_golden"]) == (PEOPLE, PEOPLE - 1)
    assert (ended.counts["asset_records"], ended.counts["asset_golden"]) == (3, 2)
    assert len(rows(run, "canonical.golden_person")) == PEOPLE - 1
    assert len(rows(run, "canonical.golden_asset")) == 2
    assert any("no gazetteer" in note for note in ended.notes)
    standing = golden.standing(run)
    assert standing is not None
    assert standing.skipped
    assert standing.counts == ended.counts
    assert standing.notes == ("Addresses that were left out for want of a gazetteer of this area: 3.",), "told again"
    assert finished(run, stages).counts["written"] == 0
    assert [path.name for path in golden.working_folder(run).iterdir()] == []


def test_a_changed_row_or_a_persons_word_makes_a_resolution_due(run: Run, council: Council) -> None:
    stages = joining()
    finished(run, stages)
    with run.connection() as connection:
        rulings.decide(connection, "ada", "person", council.ids[2], council.ids[3], SAME)
    assert golden.standing(run) is None
    assert finished(run, stages).counts["person_golden"] == PEOPLE - 1, "her word outlasts the run"
    with run.connection() as connection:
        connection.execute("UPDATE canonical.person SET ended_run_id = 9 WHERE id = %s", (UUID(council.ids[9]),))
    assert golden.standing(run) is None
    assert finished(run, stages).counts["person_retired"] == 1
    with run.connection() as connection:
        ended = connection.execute("SELECT count(*) FROM canonical.golden_person WHERE ended_run_id IS NOT NULL")
        assert ended.fetchone() == (2,), "the one that merged and the one that is gone"


def test_a_merge_and_its_undoing_leave_golden_rows_as_they_were(run: Run, council: Council) -> None:
    finished(run, joining((council.ids[0], council.ids[1])))
    tables = ("golden_person", "golden_value", "golden_household", "golden_member", "golden_link")
    content = {name: _content(run, name) for name in tables}
    with run.connection() as connection:
        merged = rulings.decide(connection, "ada", "person", council.ids[0], council.ids[5], SAME)
        assert _content(run, "golden_person") != content["golden_person"]
        assert merged.decision_id is not None
        rulings.undo(connection, "ada", merged.decision_id)
    assert {name: _content(run, name) for name in tables} == content
    with run.connection() as connection:
        rulings.decide(connection, "ada", "person", council.ids[0], council.ids[1], NOT_SAME)
    assert len([row for row in _content(run, "golden_person") if row]) == PEOPLE


def _content(run: Run, table: str) -> list[str]:
    """The current rows without what tells who wrote them when."""
    live = "" if table in ("golden_value", "golden_link") else "WHERE ended_run_id IS NULL"
    with run.connection() as connection:
        content = "(to_jsonb(t) - 'run_id' - 'decided_at' - 'decided_by')::text"
        told = f"SELECT {content} FROM canonical.{table} t {live} ORDER BY 1"
        return [str(row) for (row,) in connection.execute(told.encode()).fetchall()]


def test_why_tells_records_pairs_decisions_and_values(run: Run, council: Council) -> None:
    pair = sorted((council.ids[0], council.ids[1]))
    finished(run, joining((pair[0], pair[1])))
    with run.connection() as connection:
        (told,) = why(connection, UUID(pair[0]))
        assert told.id in now_standing(connection, told.id)
        (weighed,) = told.pairs
        assert sum(part["weight"] for part in weighed.parts.values()) == pytest.approx(weighed.weight)
        forenames = [(value.value, value.rank) for value in told.values if value.field == "forename"]
        assert forenames == [("Jon", 1), ("J", 2)]
        text = "\n".join(in_words(told))
        for words in ("2 records", "joined, weighed by model m", "+7.50  surname (same)", "Decided by model m",
                      "an abbreviation costs it trust", "are the same"):  # fmt: skip
            assert words in text
        rulings.decide(connection, "ada", "person", pair[0], pair[1], NOT_SAME, "twins")
        apart: list[Why] = why(connection, told.id)
        assert "Decided by ada" in "\n".join(line for one in apart for line in in_words(one))
        assert "twins" in "\n".join(line for one in apart for line in in_words(one))
        with pytest.raises(ConfigurationFault, match="No golden record"):
            why(connection, UUID(int=1))


def test_every_golden_record_answers_within_the_fifth_of_a_second(run: Run, council: Council) -> None:
    finished(run, joining((council.ids[0], council.ids[1])))
    with run.connection() as connection:
        ids = connection.execute("SELECT DISTINCT golden_id FROM canonical.golden_link").fetchall()
        slowest = 0.0
        for (golden_id,) in ids:
            began = perf_counter()
            why(connection, UUID(str(golden_id)))
            slowest = max(slowest, perf_counter() - began)
    assert slowest < 0.2


def test_a_resolution_that_was_killed_goes_on_where_it_was(run: Run, council: Council) -> None:
    calls: list[str] = []

    def places(run: Run, folder: Path) -> int:
        calls.append("weighed" if not (folder / "places.parquet").exists() else "found")
        return golden.weigh_places(run, folder)

    def killed(run: Run, folder: Path) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        golden.resolve(run, Stages(places=places, people=killed))
    assert rows(run, "canonical.golden_person") == []
    finished(run, Stages(places=places, people=joining().people))
    assert calls == ["weighed", "found"]


def test_a_fault_leaves_the_golden_records_as_they_were(run: Run, council: Council) -> None:
    finished(run, joining())
    before = _content(run, "golden_person")
    with run.connection() as connection:
        connection.execute("UPDATE canonical.person SET surname = 'Changed', run_id = 99")

    def stopped(run: Run, folder: Path) -> int:
        raise ContractBroken("twice the usual pairs.", place="person", next_step="Look for placeholders.")

    ended = golden.resolve(run, Stages(people=stopped))
    assert isinstance(ended.fault, ContractBroken)
    assert _content(run, "golden_person") == before
    assert "Nothing was published" in page.page(ended.counts, ended.seconds, ended.notes, str(ended.fault))


def test_a_source_without_names_stops_publication(hub_url: str, council: Council, run: Run) -> None:
    with run.connection() as connection:
        connection.execute("UPDATE canonical.person SET forename = NULL, surname = NULL WHERE batch_id = 1")
        connection.execute("UPDATE canonical.person SET batch_id = 1 WHERE batch_id <> 3")
        raw = raw_people(connection)
    nameless = raw.assign(forename=None, surname=None, full_name=None).iloc[[0] * 60].assign(system="works")
    with pytest.raises(ContractBroken, match=r"works, table people: its people have no names.*Next step"):
        golden._refuse_nameless(pd.concat([raw, nameless]))
    golden._refuse_nameless(raw)


def test_sources_that_disagree_are_told_on_their_rows_until_they_agree(run: Run, council: Council) -> None:
    fields = {
        "people": [{"target": "person", "part": "", "fields": {"surname": {"columns": ["Name"], "rule": "Text"}}}]
    }
    standing = "SELECT code, source_key, field, value FROM restricted.issue WHERE closed_run_id IS NULL ORDER BY 1"
    stages = joining((council.ids[0], council.ids[1]))
    with run.connection() as connection:
        connection.execute("INSERT INTO ledger.mapping_version VALUES ('1', 'tenancy', %s)", (json.dumps(fields),))
        rename = "UPDATE canonical.person SET surname = %s, run_id = run_id + 1 WHERE id = %s"
        connection.execute(rename, ("Novak", UUID(council.ids[1])))
    assert finished(run, stages).counts["disagreements"] == 2
    with run.connection() as connection:
        assert connection.execute(standing).fetchall() == [
            ("TENANCY-PEOPLE-NAME-SOURCES-DISAGREE", "0", "Name", None),
            ("WORKS-PEOPLE-NAME-SOURCES-DISAGREE", "1", "Name", None),
        ]
        assert finished(run, stages).counts["disagreements"] == 2
        assert len(connection.execute(standing).fetchall()) == 2, "they are not told twice"
        connection.execute(rename, ("NOWAK", UUID(council.ids[1])))
    assert finished(run, stages).counts["disagreements"] == 0
    with run.connection() as connection:
        assert connection.execute(standing).fetchall() == []


def test_what_only_another_system_shows_is_told_on_the_row_that_it_is_about(run: Run, council: Council) -> None:
    fields = {
        "people": [
            {"target": "person", "part": "", "fields": {"surname": {"columns": ["Name"], "rule": "Text"}}},
            {"target": "housing_application", "part": "",
             "fields": {"current_address_text": {"columns": ["Address"], "rule": "Text"}}},
        ]
    }  # fmt: skip
    home, applied = UUID(int=901), UUID(int=902)
    engine = create_engine(run.database_url)
    with engine.begin() as connection:
        connection.execute(insert(current("household")), [{**provenance(home, 7), "household_ref": "H7"}])
        connection.execute(
            insert(current("household_member")),
            [{**provenance(UUID(int=910 + at), at), "household_id": home, "person_id": UUID(council.ids[at])}
             for at in (3, 6)],
        )  # fmt: skip
        place = current("asset").update().where(current("asset").c.source_key == "102")
        connection.execute(place.values(uprn=8))
        connection.execute(insert(current("tenancy_holding")), [
            {**provenance(UUID(int=920), 0), "tenancy_id": new_id("tenancy", 0), "asset_id": new_id("asset", 0),
             "role_code": "main", "start_date": "2020-04-06"}
        ])  # fmt: skip
        connection.execute(insert(current("housing_application")), [
            {**provenance(applied, 8), "application_ref": "A8", "applicant_id": UUID(council.ids[0]),
             "status_code": "live", "current_asset_id": new_id("asset", 2), "current_address_text": "3 Wood Lane"}
        ])  # fmt: skip
    engine.dispose()
    with run.connection() as connection:
        connection.execute("INSERT INTO ledger.mapping_version VALUES ('1', 'tenancy', %s)", (json.dumps(fields),))
        rename = "UPDATE canonical.person SET forename = %s, surname = %s, birth_date = NULL WHERE id = %s"
        connection.execute(rename, ("Beth", "Orhart", UUID(council.ids[3])))
        connection.execute(rename, ("B", "Orhart", UUID(council.ids[6])))
        whole = "UPDATE canonical.person SET forename = NULL, surname = NULL, full_name = 'MR J NOVAK' WHERE id = %s"
        connection.execute(whole, (UUID(council.ids[1]),))
    finished(run, joining((council.ids[0], council.ids[1])))
    with run.connection() as connection:
        told = connection.execute("SELECT code, source_key, field, value FROM restricted.issue ORDER BY 1").fetchall()
    assert told == [
        ("TENANCY-PEOPLE-ADDRESS-LIVES-ELSEWHERE", "8", "Address", None),
        ("TENANCY-PEOPLE-NAME-ENTERED-TWICE", "6", "Name", None),
        ("TENANCY-PEOPLE-NAME-SOURCES-DISAGREE", "0", "Name", None),
    ]


def test_a_place_that_a_whole_list_lacks_is_told_of_the_list(run: Run, council: Council) -> None:
    fields = {
        "people": [{"target": "asset", "part": "", "fields": {"asset_ref": {"columns": ["Ref"], "rule": "Text"}}}]
    }
    flats = [
        {**provenance(new_id("asset", 1000 * batch + at), 1000 * batch + at, batch=batch), "asset_ref": f"{batch}-{at}",
         "asset_type_code": "flat", "address_line_1": f"{at} Ash Court", "postcode": "KB2 2BB", "uprn": 5000 + at}
        for batch in (1, 2, 3) for at in range(20) if (batch, at) != (2, 7)
    ]  # fmt: skip
    engine = create_engine(run.database_url)
    with engine.begin() as connection:
        connection.execute(insert(current("asset")), flats)
    engine.dispose()
    told = "SELECT code, source_key, source_row, field FROM restricted.issue WHERE closed_run_id IS NULL"
    with run.connection() as connection:
        connection.execute("UPDATE ledger.batch SET finished = true")
        connection.execute("INSERT INTO ledger.mapping_version VALUES ('1', 'works', %s)", (json.dumps(fields),))
        finished(run, joining())
        assert connection.execute(told).fetchall() == [("WORKS-PEOPLE-REF-NOT-LISTED", "1-7", None, "Ref")]
        assert connection.execute("SELECT rows FROM ledger.issue_count").fetchall() == [(1,)]
        few = "UPDATE canonical.asset SET ended_run_id = 2, run_id = 3 WHERE batch_id = 2 AND asset_ref LIKE '2-1%'"
        connection.execute(few)
        finished(run, joining())
        assert connection.execute(told).fetchall() == [], "a list of some places lacks none"


def test_a_cluster_that_is_full_waits_in_the_queue_and_crowds_are_counted(run: Run, council: Council) -> None:
    pair = sorted((council.ids[0], council.ids[1]))
    plain = joining((pair[0], pair[1]))

    def people(run: Run, folder: Path) -> int:
        weakest = {"left_id": pair[0], "right_id": pair[1], "weight": 9.5, "model_version": "m"}
        golden._write(pd.DataFrame([weakest]), folder / "capped.parquet")
        golden._write(pd.DataFrame({"field": ["nino", "home"], "values": [1, 2]}), folder / "crowds.parquet")
        return int(plain.people(run, folder))

    ended = finished(run, Stages(people=people))
    waiting = "SELECT kind, status FROM identity.review_item WHERE entity_type = 'person'"
    with run.connection() as connection:
        assert connection.execute(waiting).fetchall() == [("capped", "open")]
    assert any("tell nobody apart, and are no evidence: 3." in note for note in ended.notes)
    assert any("asked about in the review queue: 1." in note for note in ended.notes)
    standing = golden.standing(run)
    assert standing is not None
    assert standing.notes == ended.notes[1:], "a later run says it again"
    finished(run, plain)
    with run.connection() as connection:
        assert connection.execute(waiting).fetchall() == [("capped", "withdrawn")]


def test_a_persons_word_outlasts_another_model(run: Run, council: Council) -> None:
    pair = (council.ids[0], council.ids[1])
    finished(run, joining(pair))
    with run.connection() as connection:
        rulings.decide(connection, "ada", "person", *pair, NOT_SAME)

    def another(run: Run, folder: Path) -> int:
        count = int(joining(pair).people(run, folder))
        found = pd.read_parquet(folder / "people.parquet").assign(weight=99.0, model_version="another")
        golden._write(found, folder / "people.parquet")
        return count

    assert finished(run, Stages(people=another)).counts["person_golden"] == PEOPLE


def test_a_delta_writes_the_golden_rows_that_it_touches_and_no_other(run: Run, council: Council) -> None:
    stages = joining((council.ids[0], council.ids[1]))
    finished(run, stages)
    versions = "SELECT id, xmin::text FROM canonical.golden_person ORDER BY 1"
    with run.connection() as connection:
        before = {row[0]: row[1] for row in connection.execute(versions).fetchall()}
        change = "UPDATE canonical.person SET surname = 'Changed', run_id = 9 WHERE id = %s"
        connection.execute(change, (UUID(council.ids[5]),))
    finished(run, stages)
    with run.connection() as connection:
        after = {row[0]: row[1] for row in connection.execute(versions).fetchall()}
        (changed,) = [golden_id for golden_id, version in after.items() if before[golden_id] != version]
        assert council.ids[5] in [record.id.hex for record in why(connection, UUID(str(changed)))[0].records]


def test_a_gazetteer_of_another_area_leaves_addresses_out_and_the_rest_goes_on(
    run: Run, council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ("standing", "unit", "building", "number", "street", "locality", "town")
    far = pd.DataFrame([{"uprn": 1, "parent_uprn": 0, "postcode": "ZZ9 9ZZ", "is_unit": False, "is_block": False}])
    far = far.assign(**dict.fromkeys(texts, "X"))
    monkeypatch.setattr(gazetteer, "load", lambda connection: far)
    monkeypatch.setattr(match, "ENOUGH", 1)
    ended = finished(run, joining())
    assert any("gazetteer seems to be that of another area" in note for note in ended.notes)
    assert ended.counts["person_golden"] == PEOPLE


@pytest.mark.slow
def test_the_stages_as_the_product_runs_them(run: Run, council: Council) -> None:
    ended = golden.resolve(run)
    assert ended.fault is None, ended.fault
    assert ended.counts["person_records"] == PEOPLE
    assert set(ended.seconds) == {"addresses", "places", "people", "publish"}
    with connect(run.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM identity.resolution").fetchone() == (1,)
