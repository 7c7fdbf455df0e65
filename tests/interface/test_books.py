"""The books of deliveries over several nights: waiting, changed, delivered again."""

from __future__ import annotations

from pathlib import Path

from tests.interface.deliveries import (
    DAY,
    Row,
    books,
    csv_file,
    current,
    deliver,
    deliver_rows,
    landing_state,
    load,
    raw,
    rejected,
    table,
    valid_row,
    write_manifest,
)

NOTICES, SPONSORS = "ind_sponsor_notices", "ind_sponsors"


def states(data: Path, feed: str = NOTICES) -> list[tuple[int, str, str]]:
    return [(entry["attempt"], entry["status"], entry["run_id"]) for entry in books(data, feed)]


def test_a_delivery_after_the_as_of_date_waits_and_is_loaded_on_a_later_night(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES)], day="2026-11-24")
    load(tmp_path, NOTICES, as_of="2026-11-23")
    (entry,) = books(tmp_path, NOTICES)
    assert (entry["status"], entry["rows_accepted"], raw(tmp_path, NOTICES)) == ("pending", 0, [])
    assert entry["reason"]
    load(tmp_path, NOTICES, as_of="2026-11-24", run_id="run-2")
    assert states(tmp_path) == [(1, "loaded", "run-2")]
    assert len(raw(tmp_path, NOTICES)) == 1


def test_a_delivery_on_the_as_of_date_is_loaded(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES)], day="2026-11-23")
    load(tmp_path, NOTICES, as_of="2026-11-23")
    assert states(tmp_path) == [(1, "loaded", "run-1")]


def test_a_delivery_without_a_manifest_waits_until_the_manifest_is_there(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES)])
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").unlink()
    load(tmp_path, NOTICES)
    load(tmp_path, NOTICES, run_id="run-2")
    assert [state[1] for state in states(tmp_path)] == ["pending"]
    (folder / "manifest.json").write_bytes(manifest)
    load(tmp_path, NOTICES, run_id="run-3")
    assert states(tmp_path) == [(1, "loaded", "run-3")]


def test_a_folder_that_changes_after_it_was_loaded_is_not_loaded_again_and_the_run_says_so(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)])
    load(tmp_path, NOTICES)
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1, kind="sick_leave"), valid_row(NOTICES, 2)])
    load(tmp_path, NOTICES, run_id="run-2")
    (entry,) = books(tmp_path, NOTICES)
    assert (entry["status"], entry["run_id"], entry["rows_delivered"]) == ("loaded", "run-1", 1)
    assert [row["kind"] for row in raw(tmp_path, NOTICES)] == ["end_of_employment"]
    assert any("change" in warning for warning in entry["warnings"])


def test_a_file_that_appears_beside_a_loaded_delivery_is_a_change(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)])
    load(tmp_path, NOTICES)
    (folder / "part-001.csv").write_bytes(csv_file(NOTICES, [valid_row(NOTICES, 2)]).content)
    load(tmp_path, NOTICES, run_id="run-2")
    (entry,) = books(tmp_path, NOTICES)
    assert entry["warnings"]
    assert len(raw(tmp_path, NOTICES)) == 1


def test_touching_a_loaded_folder_without_changing_its_content_is_no_change(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)])
    load(tmp_path, NOTICES)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes())
    load(tmp_path, NOTICES, run_id="run-2")
    (entry,) = books(tmp_path, NOTICES)
    assert not entry["warnings"]
    assert states(tmp_path) == [(1, "loaded", "run-1")]


def test_a_changed_folder_of_a_refused_delivery_is_read_afresh_as_the_next_attempt(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], mode="incremental")
    load(tmp_path, NOTICES)
    load(tmp_path, NOTICES, run_id="run-2")
    assert states(tmp_path) == [(1, "refused", "run-1")]
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], contract_version="9.0.0")
    load(tmp_path, NOTICES, run_id="run-3")
    assert states(tmp_path) == [(1, "refused", "run-1"), (2, "refused", "run-3")]
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1), valid_row(NOTICES, 2, kind="x")])
    load(tmp_path, NOTICES, run_id="run-4")
    assert states(tmp_path) == [(1, "refused", "run-1"), (2, "refused", "run-3"), (3, "loaded", "run-4")]
    last = books(tmp_path, NOTICES)[-1]
    assert (last["rows_delivered"], last["rows_accepted"], last["rows_rejected"]) == (2, 1, 1)
    assert len(raw(tmp_path, NOTICES)) == len(rejected(tmp_path, NOTICES)) == 1
    assert folder.is_dir()


def test_a_refused_delivery_whose_manifest_is_taken_away_to_be_mended_is_read_when_it_is_back(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], mode="incremental")
    load(tmp_path, NOTICES)
    (folder / "manifest.json").unlink()
    load(tmp_path, NOTICES, run_id="run-2")
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)])
    load(tmp_path, NOTICES, run_id="run-3")
    assert states(tmp_path) == [(1, "refused", "run-1"), (2, "loaded", "run-3")]


def test_a_refused_delivery_does_not_keep_others_from_being_loaded(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], day="2026-11-18")
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 2)], day="2026-11-19", feed="other")
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 3)], day=DAY)
    load(tmp_path, NOTICES)
    assert [state[1] for state in states(tmp_path)] == ["loaded", "refused", "loaded"]
    assert len(current(tmp_path, NOTICES)) == 2


def test_a_feed_without_a_folder_or_with_an_empty_one_has_an_empty_table(tmp_path: Path) -> None:
    load(tmp_path, NOTICES)
    (tmp_path / "landing" / SPONSORS / DAY).mkdir(parents=True)
    load(tmp_path, SPONSORS)
    assert raw(tmp_path, NOTICES) == raw(tmp_path, SPONSORS) == []
    assert [state[1] for state in states(tmp_path, SPONSORS)] == ["pending"]


def test_a_delivery_marked_as_a_stand_in_says_so_in_the_books(tmp_path: Path) -> None:
    feed = "ind_public_register"
    deliver_rows(tmp_path, feed, [valid_row(feed, 1)], day="2026-11-18", stand_in=True)
    deliver_rows(tmp_path, feed, [valid_row(feed, 1)], day="2026-11-19")
    load(tmp_path, feed)
    assert [entry["stand_in"] for entry in books(tmp_path, feed)] == [True, False]


def test_the_manifest_may_arrive_before_the_rest_without_harm(tmp_path: Path) -> None:
    file = csv_file(NOTICES, [valid_row(NOTICES, 1)])
    folder = deliver(tmp_path, NOTICES, file)
    (folder / file.name).unlink()
    load(tmp_path, NOTICES)
    (folder / file.name).write_bytes(file.content)
    load(tmp_path, NOTICES, run_id="run-2")
    assert states(tmp_path) == [(1, "refused", "run-1"), (2, "loaded", "run-2")]


def test_a_later_night_with_an_earlier_as_of_date_takes_nothing_back(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], day="2026-11-23")
    load(tmp_path, NOTICES, as_of="2026-11-23")
    load(tmp_path, NOTICES, as_of="2026-11-01", run_id="run-2")
    assert states(tmp_path) == [(1, "loaded", "run-1")]
    assert len(raw(tmp_path, NOTICES)) == 1


def test_a_manifest_written_anew_with_the_same_meaning_changes_nothing(tmp_path: Path) -> None:
    rows: list[Row] = [valid_row(NOTICES, 1)]
    folder = deliver_rows(tmp_path, NOTICES, rows)
    load(tmp_path, NOTICES)
    write_manifest(folder, {})
    before = landing_state(tmp_path)
    load(tmp_path, NOTICES, run_id="run-2")
    assert states(tmp_path) == [(1, "loaded", "run-1")]
    assert len(raw(tmp_path, NOTICES)) == 1
    assert landing_state(tmp_path) == before
    assert table(tmp_path, "meta.deliveries").height == 1
