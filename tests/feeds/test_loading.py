"""A delivery from landing to raw, once and again."""

from __future__ import annotations

from tests.feeds.deliveries import NOTICE, PERMIT, deliver, load, load_one, night_in, table, typed


def test_a_csv_delivery_is_loaded(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_sponsor_notices", [NOTICE, {**NOTICE, "notice_id": "N2", "kind": "nonsense"}])
    outcome = load_one(night, "ind_sponsor_notices")
    assert (outcome.status, outcome.rows_accepted, outcome.rows_rejected) == ("loaded", 1, 1)
    assert table(night, "raw.ind_sponsor_notices")["notice_id"].to_list() == ["N1"]


def test_a_parquet_delivery_is_loaded(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_permits", typed("ind_permits", [PERMIT]))
    outcome = load_one(night, "ind_permits")
    assert (outcome.status, outcome.rows_accepted, outcome.rows_rejected) == ("loaded", 1, 0)
    assert load(night, "ind_permits") == []
