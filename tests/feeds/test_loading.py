"""Deliveries from landing to raw over several nights: waiting, loaded once, changed, late, interrupted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest

from assets.feeds import ledger
from assets.feeds.delivery import unknown_feeds
from assets.feeds.loading import CHANGED, describe, load_feed
from assets.feeds.reasons import FeedError
from quality.contract import feed_contracts
from tests.feeds.deliveries import (
    DAY,
    NOTICE,
    PERMIT,
    SPONSOR,
    deliver,
    load,
    load_one,
    night_in,
    table,
    typed,
)

FEED = "ind_sponsor_notices"
BOOKS = ("meta.deliveries", "raw.delivery_files", "raw.rejected_rows", f"raw.{FEED}")


@pytest.fixture
def night(tmp_path):
    return night_in(tmp_path)


def snapshot(night):
    """Every table of the feed as rows in a fixed order."""
    return {name: sorted(map(repr, table(night, name).rows())) for name in BOOKS}


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_delivery_is_loaded_and_the_books_say_so(night, as_parquet):
    rows = [NOTICE, {**NOTICE, "notice_id": "N2", "kind": "x"}]
    deliver(night, FEED, typed(FEED, rows) if as_parquet else rows, period_from="2026-11-20", stand_in=True)
    outcome = load_one(night, FEED)
    (entry,) = table(night, "meta.deliveries").to_dicts()
    assert entry == {
        "feed": FEED,
        "delivered_on": date(2026, 11, 22),
        "attempt": 1,
        "contract_version": "1.0.0",
        "mode": "delta",
        "period_from": date(2026, 11, 20),
        "period_until": date(2026, 11, 22),
        "status": "loaded",
        "reason_code": None,
        "reason": None,
        "rows_delivered": 2,
        "rows_accepted": 1,
        "rows_rejected": 1,
        "stand_in": True,
        "warnings": [],
        "run_id": "run-a",
    }
    assert (outcome.status, outcome.rejected) == ("loaded", (("closed_list", 1),))
    (row,) = table(night, f"raw.{FEED}").to_dicts()
    assert (row["notice_id"], row["delivered_on"], row["valid_until_delivery"]) == ("N1", date(2026, 11, 22), None)


def test_the_files_of_a_delivery_are_remembered(night):
    folder = deliver(night, FEED, [NOTICE])
    load(night, FEED)
    kept = {r["name"]: (r["bytes"], r["modified_ns"]) for r in table(night, "raw.delivery_files").to_dicts()}
    assert kept == {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_second_run_changes_no_row(night):
    deliver(night, FEED, [NOTICE, {**NOTICE, "notice_id": "N2", "kind": "x"}])
    deliver(night, FEED, [NOTICE], day="2026-11-21", mode="partial")
    deliver(night, FEED, [NOTICE], day="2026-12-24")
    load(night, FEED)
    before = snapshot(night)
    assert [o.status for o in load(night_in(night.data, run_id="run-b"), FEED)] == ["pending"]
    assert snapshot(night) == before


def test_a_delivery_that_is_only_touched_or_copied_is_not_changed(night):
    folder = deliver(night, FEED, [NOTICE])
    load(night, FEED)
    before = snapshot(night)
    for path in folder.iterdir():
        os.utime(path, ns=(1, 1))
    assert load(night, FEED) == []
    assert snapshot(night) == before


@pytest.mark.parametrize("change", ["other rows", "file added", "file removed", "manifest removed"])
def test_a_folder_that_changes_after_loading_is_not_loaded_again_and_the_run_says_so(night, change):
    folder = deliver(night, FEED, [NOTICE])
    load(night, FEED)
    rows = table(night, f"raw.{FEED}").rows()
    if change == "other rows":
        deliver(night, FEED, [{**NOTICE, "kind": "sick_leave"}, {**NOTICE, "notice_id": "N2"}])
    elif change == "file added":
        (folder / "more.csv").write_text("x")
    else:
        (folder / ("part-000.csv" if change == "file removed" else "manifest.json")).unlink()
    for _ in range(2):
        outcome = load_one(night, FEED)
        assert (outcome.status, outcome.is_new, outcome.attempt) == ("loaded", False, 1)
        assert CHANGED in describe(outcome)
        assert table(night, f"raw.{FEED}").rows() == rows
        assert table(night, "meta.deliveries")["warnings"].to_list() == [[CHANGED]]


def test_loaded_rows_survive_when_the_landing_folder_is_removed(night):
    deliver(night, FEED, [NOTICE])
    load(night, FEED)
    before = snapshot(night)
    shutil.rmtree(night.landing)
    assert load(night, FEED) == []
    assert snapshot(night) == before


def test_a_delivery_without_a_manifest_waits_until_it_has_one(night):
    folder = deliver(night, FEED, [NOTICE])
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").unlink()
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.reason_code, outcome.attempt) == ("pending", "no_manifest", 1)
    assert table(night, "meta.deliveries")["status"].to_list() == ["pending"]
    (folder / "manifest.json").write_bytes(manifest)
    assert load_one(night, FEED).status == "loaded"
    assert table(night, "meta.deliveries").select("status", "attempt").rows() == [("loaded", 1)]


def test_a_delivery_after_the_as_of_date_waits_for_its_day(night):
    deliver(night, FEED, [NOTICE], day="2026-11-24")
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.reason_code) == ("pending", "after_as_of")
    assert load_one(night_in(night.data, as_of=date(2026, 11, 24)), FEED).status == "loaded"
    assert table(night, "meta.deliveries").height == 1


def test_a_delivery_of_the_as_of_date_itself_is_loaded(night):
    deliver(night, FEED, [NOTICE], day="2026-11-23")
    assert load_one(night, FEED).status == "loaded"


def test_a_waiting_delivery_that_is_taken_away_leaves_the_books(night):
    deliver(night, FEED, [NOTICE], day="2026-11-24")
    load(night, FEED)
    shutil.rmtree(night.landing / FEED / "2026-11-24")
    load(night, FEED)
    assert table(night, "meta.deliveries").is_empty()


def test_a_refused_delivery_whose_manifest_is_taken_away_waits_as_the_next_attempt(night):
    folder = deliver(night, FEED, [NOTICE], mode="partial")
    load(night, FEED)
    (folder / "manifest.json").unlink()
    load(night, FEED)
    assert table(night, "meta.deliveries").sort("attempt").select("attempt", "status").rows() == [
        (1, "refused"),
        (2, "pending"),
    ]
    deliver(night, FEED, [NOTICE])
    load(night, FEED)
    assert table(night, "meta.deliveries").sort("attempt").select("attempt", "status").rows() == [
        (1, "refused"),
        (2, "loaded"),
    ]


def test_deliveries_are_loaded_in_the_order_of_their_days(night):
    for day, kind in (("2026-11-20", "sick_leave"), ("2026-11-22", "wage_change"), ("2026-11-21", "unpaid_leave")):
        deliver(night, FEED, [{**NOTICE, "kind": kind}], day=day)
    assert [str(o.delivered_on) for o in load(night, FEED)] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    rows = table(night, f"raw.{FEED}").sort("valid_from_delivery")
    assert rows["kind"].to_list() == ["sick_leave", "unpaid_leave", "wage_change"]


def test_a_late_delivery_is_put_in_its_place(night):
    deliver(night, FEED, [{**NOTICE, "kind": "wage_change"}], day="2026-11-22")
    load(night, FEED)
    deliver(night, FEED, [{**NOTICE, "kind": "sick_leave"}], day="2026-11-20")
    load(night, FEED)
    rows = table(night, f"raw.{FEED}").sort("valid_from_delivery")
    assert rows["kind"].to_list() == ["sick_leave", "wage_change"]
    assert rows["valid_until_delivery"].to_list() == [date(2026, 11, 22), None]


def test_the_same_rows_under_a_new_date_are_a_delivery_like_any_other(night):
    for day in ("2026-11-21", "2026-11-22"):
        deliver(night, FEED, [NOTICE], day=day)
    assert [(o.status, o.rows_accepted) for o in load(night, FEED)] == [("loaded", 1)] * 2
    assert table(night, f"raw.{FEED}").height == 1


def test_a_refused_delivery_does_not_stop_the_next_one(night):
    deliver(night, FEED, [NOTICE], day="2026-11-21", mode="partial")
    deliver(night, FEED, [NOTICE])
    assert [o.status for o in load(night, FEED)] == ["refused", "loaded"]


def test_rejected_rows_accumulate_over_runs(night):
    for day, run in (("2026-11-21", "run-a"), ("2026-11-22", "run-b")):
        deliver(night, FEED, [{**NOTICE, "kind": "x"}], day=day)
        load(night_in(night.data, run_id=run), FEED)
    assert table(night, "raw.rejected_rows").sort("delivered_on")["run_id"].to_list() == ["run-a", "run-b"]


def test_a_feed_without_deliveries_has_its_empty_tables(night):
    for feed in feed_contracts():
        assert load(night, feed) == []
        assert table(night, f"raw.{feed}").is_empty()
    assert table(night, "meta.deliveries").is_empty()


def test_a_delivery_is_marked_stand_in_by_manifest_or_contract(night):
    row = {"snapshot_on": "2026-11-01", "organisation": "A", "kvk": None}
    deliver(night, "ind_public_register", [row], day="2026-11-21")
    deliver(night, "ind_public_register", [row], day="2026-11-22", stand_in=True)
    deliver(night, FEED, [NOTICE], stand_in=False)
    load(night, "ind_public_register")
    load(night, FEED)
    books = table(night, "meta.deliveries").sort("feed", "delivered_on")
    assert books["stand_in"].to_list() == [False, True, True]


def test_what_is_no_delivery_folder_is_ignored_and_said(night):
    deliver(night, FEED, [NOTICE])
    root = night.landing / FEED
    for name in ("2026-13-01", "20261101", "old", "2026-1-1"):
        (root / name).mkdir()
    (root / "2026-11-01").write_text("x")
    lines = []
    load_feed(night, feed_contracts()[FEED], log=lines.append)
    said = [line for line in lines if "is no delivery folder" in line]
    assert len(said) == 5
    assert table(night, "meta.deliveries").height == 1


def test_folders_of_unknown_feeds_are_reported_and_not_loaded(night):
    deliver(night, FEED, [NOTICE])
    (night.landing / "belastingdienst").mkdir()
    (night.landing / ".DS_Store").write_text("x")
    assert unknown_feeds(night) == ["belastingdienst"]
    assert unknown_feeds(night_in(night.data / "empty")) == []


def test_the_log_tells_an_operator_what_happened(night):
    rows = [{**NOTICE, "notice_id": f"N{n}"} for n in range(1_234)]
    rows[5]["kind"], rows[6]["kind"], rows[7]["sponsor_kvk"] = "x", "y", "1"
    deliver(night, FEED, rows)
    deliver(night, FEED, rows, day="2026-11-21", mode="partial")
    deliver(night, FEED, rows, day="2026-12-01")
    lines = []
    load_feed(night, feed_contracts()[FEED], log=lines.append)
    assert lines == [
        "ind_sponsor_notices 2026-11-21: REFUSED (attempt 1), mode 'partial' is not allowed for this feed: "
        "delta or full",
        "ind_sponsor_notices 2026-11-22 delta: 1,234 rows delivered, 1,231 accepted, 3 rejected "
        "(2 closed_list, 1 pattern)",
        "ind_sponsor_notices 2026-12-01: waits, the day of delivery lies after 2026-11-23",
    ]


def test_landing_is_left_exactly_as_it_was(night):
    deliver(night, FEED, [NOTICE])
    deliver(night, FEED, [NOTICE], day="2026-11-21", mode="partial")
    before = {p: (p.is_dir() or p.read_bytes(), p.lstat().st_mtime_ns) for p in night.landing.rglob("*")}
    load(night, FEED)
    assert {p: (p.is_dir() or p.read_bytes(), p.lstat().st_mtime_ns) for p in night.landing.rglob("*")} == before


def test_an_error_of_ours_leaves_nothing_of_the_delivery_and_the_next_night_loads_it(night, monkeypatch):
    deliver(night, FEED, [NOTICE, {**NOTICE, "notice_id": "N2", "kind": "x"}])
    with monkeypatch.context() as broken:
        broken.setattr(ledger, "write_entry", lambda *_: (_ for _ in ()).throw(RuntimeError("out of luck")))
        with pytest.raises(RuntimeError, match="out of luck"):
            load(night, FEED)
    assert all(not rows for rows in snapshot(night).values())
    assert load_one(night, FEED).status == "loaded"


def test_rows_that_do_not_add_up_stop_the_delivery(night, monkeypatch):
    from assets.feeds import reading

    deliver(night, FEED, [NOTICE, {**NOTICE, "notice_id": "N2", "kind": "x"}])
    monkeypatch.setattr(reading, "_without_rejected", lambda _, rows: rows)
    with pytest.raises(FeedError, match="rows do not add up: manifest 2, delivered 2, accepted 2, rejected 1"):
        load(night, FEED)
    assert all(not rows for rows in snapshot(night).values())


def test_an_engine_error_of_ours_is_no_refusal_and_shows_no_values(night, monkeypatch):
    from assets.feeds import loading

    deliver(night, FEED, [NOTICE])
    monkeypatch.setattr(
        loading, "merge_delivery", lambda session, *_: session.connection.execute("select '1234567890'::date")
    )
    with pytest.raises(FeedError) as error:
        load(night, FEED)
    assert "1234567890" not in str(error.value)
    assert error.value.__suppress_context__


def test_a_process_that_dies_while_loading_leaves_all_or_nothing(night):
    deliver(night, FEED, [NOTICE], day="2026-11-21")
    deliver(night, FEED, [{**NOTICE, "notice_id": "N2"}])
    program = textwrap.dedent(
        f"""
        import os
        from pathlib import Path
        from assets.feeds import loading
        from tests.feeds.deliveries import load, night_in
        real, calls = loading.ledger.write_entry, []
        def write(*args, **kwargs):
            real(*args, **kwargs)
            calls.append(1)
            if len(calls) == 2:
                os.kill(os.getpid(), 9)
        loading.ledger.write_entry = write
        load(night_in(Path({str(night.data)!r})), {FEED!r})
        """
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, capture_output=True)
    assert done.returncode == -9
    assert table(night, f"raw.{FEED}")["notice_id"].to_list() == ["N1"]
    assert table(night, "meta.deliveries")["delivered_on"].to_list() == [date(2026, 11, 21)]
    assert load_one(night, FEED).delivered_on == date.fromisoformat(DAY)
    uninterrupted = night_in(night.data / "other")
    shutil.copytree(night.landing, uninterrupted.landing)
    load(uninterrupted, FEED)
    kept = ("notice_id", "kind", "delivered_on", "valid_from_delivery", "valid_until_delivery")
    assert table(night, f"raw.{FEED}").select(kept).equals(table(uninterrupted, f"raw.{FEED}").select(kept))


def test_no_identifier_reaches_the_warehouse_or_the_log(night):
    permits = [
        {
            **PERMIT,
            "application_id": f"A{n:09}",
            "v_number": f"98765{n:05}",
            "bsn": f"87654{n:04}",
            "travel_document": f"NXQZ{n:05}K",
            "sponsor_name": f"Firm of 87654{n:04} (NXQZ{n:05}K)" if n % 2 else "Firm",
            "scheme": "x" if n % 2 else "hsm",
        }
        for n in range(40)
    ]
    deliver(night, "ind_permits", [*permits, permits[0], {**permits[2], "hours_week": "1"}])
    deliver(night, "ind_sponsors", [{**SPONSOR, "category": "x"}])
    lines = []
    for feed in ("ind_permits", "ind_sponsors"):
        load_feed(night, feed_contracts()[feed], log=lines.append)
    stored = night.warehouse.path.read_bytes() + "\n".join(lines).encode()
    with night.warehouse.reading() as session:
        for schema in ("raw", "audit", "meta"):
            for (name,) in session.connection.execute(
                "select table_name from duckdb_tables() where schema_name = ? order by all", [schema]
            ).fetchall():
                stored += repr(session.table(f"{schema}.{name}").rows()).encode()
    found = [
        value
        for row in permits
        for value in (row["v_number"], row["bsn"], row["travel_document"])
        if value.encode() in stored
    ]
    assert found == []
    assert b"A000000004" in stored  # the search itself works: a case number is no identifier of a person
