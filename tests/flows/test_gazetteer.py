"""Gazetteer supplies: the made-up council's by SFTP, the public samples, and files that must not be trusted."""

from __future__ import annotations

from pathlib import Path

from estate.servers.sftp import SftpServer
from tests.flows.support import judged, migrate_one, rows, written

GOOD = "addressbase-premium/good-file/good-file.csv"
BAD = "addressbase-premium/single-bad-file/bad-file.csv"


def with_trailer(file: Path, count: int, target: Path) -> Path:
    """A copy of the file whose trailer counts ``count`` records."""
    target.mkdir()
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    lines[-1] = lines[-1].replace(",94761,", f",{count},")
    (target / file.name).write_text("\n".join(lines) + "\n", "utf-8")
    return target


def test_a_supply_comes_by_sftp_closes_and_its_faults_are_caught(database_url: str, tmp_path: Path) -> None:
    source = written("gazetteer", tmp_path)
    with SftpServer(source, user="hub", password="right") as server:
        fetch = (server.address.url, database_url, tmp_path, {"password": "right"}, server.address.host_key)
        first = migrate_one("gazetteer", *fetch)
        assert first.status == "finished", first.message
        assert all(count.closes for count in first.counts)
        assert judged(database_url, tmp_path).passes
        again = migrate_one("gazetteer", *fetch)
    assert [(count.loaded, count.ended) for count in again.counts] == [(0, 0)] * 8
    assert sum(count.extracted for count in first.counts) > 4 * 400


def test_every_council_property_stands_in_the_gazetteer(database_url: str, tmp_path: Path) -> None:
    source = written("gazetteer", tmp_path, homes=100)
    migrate_one("gazetteer", str(source), database_url, tmp_path)
    (counts,) = rows(
        database_url,
        "SELECT (SELECT count(*) FROM canonical.blpu), (SELECT count(DISTINCT uprn) FROM canonical.blpu), "
        "(SELECT count(*) FROM canonical.identifier WHERE scheme_code = 'uprn'), "
        "(SELECT count(*) FROM canonical.street WHERE start_easting_m NOT BETWEEN 400000 AND 500000)",
    )
    assert counts[0] == counts[1] == counts[2] > 400
    assert counts[3] == 0


def test_the_public_sample_stops_at_its_wrong_trailer(real_files: Path, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("gazetteer", str(real_files / GOOD), database_url, tmp_path)
    assert result.status == "stopped"
    assert "good-file.csv" in str(result.message) and "Next step" in str(result.message)
    assert all(count.closes and count.quarantined == count.extracted == 1 for count in result.counts)
    assert rows(database_url, "SELECT count(*) FROM canonical.blpu") == [(0,)]


def test_the_public_sample_with_a_right_trailer_is_loaded(real_files: Path, database_url: str, tmp_path: Path) -> None:
    source = with_trailer(real_files / GOOD, 8, tmp_path / "source")
    result = migrate_one("gazetteer", str(source), database_url, tmp_path)
    assert result.status == "finished", result.message
    assert [(c.extracted, c.loaded, c.closes) for c in result.counts] == [(1, 1, True)] * 8
    assert rows(database_url, "SELECT uprn, postcode, easting_m::text, start_date::text FROM canonical.blpu") == [
        (9059007610, "DD5 3BZ", "346782.00", "2005-04-05")
    ]
    assert rows(database_url, "SELECT udprn, sub_building_name, building_number, post_town, uprn "
                              "FROM canonical.delivery_point") == [
        (6448792, "FLAT 28", 2, "DUNDEE", 117076025)
    ]  # fmt: skip
    assert rows(database_url, "SELECT description, locality, language_code FROM canonical.street_description") == [
        ("WEST QUEEN STREET", "BROUGHTY FERRY", "english")
    ]
    # the organisation's, delivery point's and cross-reference's units are in other files of the supply
    assert ("GAZETTEER-DELIVERY-POINT-UPRN-ORPHAN",) in rows(database_url, "SELECT code FROM restricted.issue")


def test_the_second_public_sample_in_place_of_the_first_ends_what_it_lacks(
    real_files: Path, database_url: str, tmp_path: Path
) -> None:
    files = real_files / "addressbase-premium/multiple-good-files"
    first = with_trailer(files / "good-file-1.csv", 8, tmp_path / "first")
    second = with_trailer(files / "good-file-2.csv", 8, tmp_path / "second")
    migrate_one("gazetteer", str(first), database_url, tmp_path)
    result = migrate_one("gazetteer", str(second), database_url, tmp_path)
    fates = {c.table: (c.loaded, c.unchanged, c.ended, c.closes) for c in result.counts}
    assert fates["blpu"] == (1, 0, 1, True)
    assert fates["lpi"] == (1, 0, 0, True)
    assert fates["street"] == (0, 1, 0, True)
    current = "SELECT uprn FROM canonical.{} WHERE ended_run_id IS NULL"
    assert rows(database_url, current.format("blpu")) == rows(database_url, current.format("lpi")) == [(9059007611,)]
    assert rows(database_url, "SELECT uprn FROM history.lpi") == [(9059007610,)]


def test_a_new_supply_in_the_same_folder_replaces_the_old_one(database_url: str, tmp_path: Path) -> None:
    source = written("gazetteer", tmp_path, homes=100)
    migrate_one("gazetteer", str(source), database_url, tmp_path)
    (old,) = source.iterdir()
    lines = [line for line in old.read_text("utf-8").splitlines() if not line.startswith("31,")]
    gone = next(at for at, line in enumerate(lines) if line.startswith("23,"))
    count = len(lines) - 3
    lines[-1] = f"99,0,{count},2026-12-14,06:14:55"
    new = source / old.name.replace("2026-09-14", "2026-12-14")
    new.write_text("\n".join([*lines[:gone], *lines[gone + 1 :], ""]), "utf-8")
    result = migrate_one("gazetteer", str(source), database_url, tmp_path)
    assert result.status == "finished", result.message
    ended = {count.table: (count.loaded, count.ended) for count in result.counts if count.ended}
    assert ended["cross_reference"] == (0, 1)
    assert all(count.closes for count in result.counts)


def test_two_public_samples_with_the_same_keys_stop_the_feed(
    real_files: Path, database_url: str, tmp_path: Path
) -> None:
    files = real_files / "addressbase-premium/multiple-good-files"
    source = with_trailer(files / "good-file-1.csv", 8, tmp_path / "source")
    second = with_trailer(files / "good-file-2.csv", 8, tmp_path / "second")
    (second / "good-file-2.csv").rename(source / "good-file-2.csv")
    result = migrate_one("gazetteer", str(source), database_url, tmp_path)
    assert result.status == "stopped"
    assert "DUPLICATE" in str(result.message) and "Next step" in str(result.message)
    assert all(count.closes and count.extracted == count.quarantined == 2 for count in result.counts)


def test_the_bad_public_file_stops_and_says_what_to_do(real_files: Path, database_url: str, tmp_path: Path) -> None:
    source = with_trailer(real_files / BAD, 10, tmp_path / "source")
    result = migrate_one("gazetteer", str(source), database_url, tmp_path)
    assert result.status == "stopped"
    assert "Next step" in str(result.message)
    assert all(count.closes and count.loaded == 0 for count in result.counts)


def test_a_supply_that_lost_its_end_is_not_taken(database_url: str, tmp_path: Path) -> None:
    source = written("gazetteer", tmp_path, homes=100)
    (file,) = source.iterdir()
    file.write_bytes(file.read_bytes()[:-2_000])
    result = migrate_one("gazetteer", str(source), database_url, tmp_path)
    assert result.status == "stopped"
    assert "trailer" in str(result.message)


def test_a_supply_that_is_still_being_written_is_named(database_url: str, tmp_path: Path) -> None:
    source = written("gazetteer", tmp_path, homes=100)
    (file,) = source.iterdir()
    whole = file.read_bytes()
    (source / f"half-{file.name}").write_bytes(whole[: len(whole) // 2])
    with SftpServer(source, user="hub", password="right") as server:
        secrets, key = {"password": "right"}, server.address.host_key
        result = migrate_one("gazetteer", server.address.url, database_url, tmp_path, secrets, key)
    assert result.status == "finished"
    assert f"half-{file.name}" in str(result.message)
    assert all(count.closes for count in result.counts)
