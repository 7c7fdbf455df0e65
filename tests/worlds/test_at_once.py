"""The detection on unusual inputs: another order of rows, empty feeds, feeds of one row, one year, other days."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.core.findings import Findings
from tests.worlds.at_once import Rows, found, rows_known, written
from tests.worlds.ledger import World
from tests.worlds.score import GROUND_IN_NO_FEED
from tests.worlds.world import make_world, truth_frame


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=5, firms=30, migrants=60, workers=40, each=1)


@pytest.fixture(scope="module")
def rows(world: World) -> Rows:
    return rows_known(world)


@pytest.fixture(scope="module")
def complete(rows: Rows) -> dict[str, Findings]:
    return found(rows)


def test_another_order_of_rows_gives_the_same_bytes(rows: Rows, complete: dict[str, Findings]) -> None:
    shuffled = {name: random.Random(7).sample(given, len(given)) for name, given in rows.items()}
    first, second = written(complete), written(found(shuffled))
    assert all(len(first[f"{i} signals"]) > 5 for i in ("H01", "H08", "P02", "P07"))
    assert second == first


def test_feeds_that_hold_nothing_say_nothing_and_say_so() -> None:
    for findings in found({}).values():
        assert findings.signals.is_empty()
        assert findings.measures["method"].str.starts_with("Not assessed: ").all()
        assert findings.measures["n"].to_list() == [0]


def test_feeds_of_one_row_are_enough_to_run_and_hardly_to_ask(rows: Rows) -> None:
    findings = found({name: given[:1] for name, given in rows.items()})
    assert {i: f.signals.height for i, f in findings.items() if i != "P02"} == {"H01": 0, "H08": 0, "P07": 0}
    assert findings["P02"].signals.height <= 1
    assert all(f.measures.height >= 1 for f in findings.values())


@pytest.mark.parametrize(
    "feeds", [("ind_permits",), ("nla_sightings", "uwv_peer_wages", "svb_a1", "posting_employers")]
)
def test_feeds_that_are_not_there_make_no_firm_signal_about_anybody_else(
    rows: Rows, complete: dict[str, Findings], feeds: tuple[str, ...]
) -> None:
    gone = {f"raw.{feed}" for feed in feeds}
    without = found({name: given for name, given in rows.items() if name not in gone}, but=dict.fromkeys(feeds))
    for indicator, findings in without.items():
        firm, before = findings.signals.filter(findings.signals["grade"] != "T"), complete[indicator].signals
        assert set(firm["subject_id"]) <= set(before["subject_id"]), indicator


def test_on_a_day_of_the_past_nothing_is_said_about_the_future_whatever_is_already_known(world: World) -> None:
    for as_of, known in ((date(2024, 2, 29), rows_known(world)), (date(2025, 12, 31), _one_year(world))):
        for findings in found(known, as_of).values():
            assert all(end <= as_of for end in findings.signals["period_end"].to_list())
            assert (findings.signals["period_start"] <= findings.signals["period_end"]).all()
            assert findings.measures.filter(~(pl.col("lo95") <= pl.col("value"))).is_empty()
            assert not findings.measures.is_empty()


def _one_year(world: World) -> Rows:
    """What was known at the end of 2025, of that year alone."""
    known = rows_known(world, date(2025, 12, 31))
    return {n: [r for r in rows if (_begins(r) or date.max) >= date(2025, 1, 1)] for n, rows in known.items()}


def _begins(row: dict[str, object]) -> date | None:
    for name in ("received_on", "period_start", "starts_on", "seen_on", "issued_on"):
        if isinstance(day := row.get(name), date):
            return day
    return None


def test_every_signal_names_its_question_its_innocent_readings_and_records_that_exist(
    rows: Rows, complete: dict[str, Findings]
) -> None:
    known = {
        "permit": {r["application_id"] for r in rows["raw.ind_permits"]},
        "notification": {r["notification_id"] for r in rows["raw.szw_postings"]},
        "sighting": {r["sighting_id"] for r in rows["raw.nla_sightings"]},
        "posting_employer": {r["employer_vat"] for r in rows["raw.szw_postings"]},
        "uwv_case": {r["case_id"] for r in rows["raw.uwv_work_permits"]},
    }
    for findings in complete.values():
        for signal in findings.signals.to_dicts():
            evidence = json.loads(signal["evidence"])
            assert evidence["rule"]
            assert evidence["article"]
            assert evidence["thresholds"]
            assert any(evidence["sources"].values())
            assert len(signal["look_alikes_checked"]) >= 8
            assert signal["related_ids"]
            for kind, name in (related.split(":", 1) for related in signal["related_ids"]):
                assert kind not in known or name in known[kind]


def test_every_measure_has_an_interval_that_holds_its_value(complete: dict[str, Findings]) -> None:
    for findings in complete.values():
        counted = findings.measures.drop_nulls("value")
        assert counted.height > 20
        assert counted.filter((counted["lo95"] <= counted["value"]) & (counted["value"] <= counted["hi95"])).equals(
            counted
        )


VAT = re.compile(r"\b[A-Za-z]{2}(?=[ .0-9]{9,})")


def elsewhere(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row, had every foreign firm been from Portugal and had nobody a telling name."""
    moved = dict(row)
    for name in moved.keys() & {"employer_country", "issuing_country", "country"}:
        moved[name] = "PT"
    for name in moved.keys() & {"employer_name", "client_name", "sponsor_name"}:
        moved[name] = "X"
    if moved.get("employer_vat"):
        moved["employer_vat"] = VAT.sub("PT", moved["employer_vat"])
    return moved


def said(findings: Mapping[str, Findings], *, moved: bool) -> list[list[str]]:
    """The words of every signal without its number, the letters of VAT numbers made those of Portugal."""
    columns = pl.exclude("signal_id")
    lines = [str(row) for f in findings.values() for row in f.signals.select(columns).rows()]
    return sorted(sorted(re.findall(r"[\w.:-]+", line if moved else VAT.sub("PT", line))) for line in lines)


def test_where_a_firm_is_from_and_how_anybody_is_called_changes_no_signal(
    rows: Rows, complete: dict[str, Findings]
) -> None:
    names_of_firms = {"raw.kvk_companies", "raw.uwv_employers"}  # a payroll number is found by the name of its firm
    moved = {n: given if n in names_of_firms else [elsewhere(row) for row in given] for n, given in rows.items()}
    assert moved["raw.szw_postings"] != rows["raw.szw_postings"]
    assert said(found(moved), moved=True) == said(complete, moved=False)


def test_a_world_of_look_alikes_alone_asks_more_than_a_technical_question_only_where_no_feed_could_tell() -> None:
    lawful = make_world(seed=17, firms=30, migrants=60, workers=40, each=0, alike=1)
    signals = pl.concat([findings.signals for findings in found(rows_known(lawful)).values()])
    firm = signals.filter(pl.col("grade") != "T")
    unseen = truth_frame(lawful).filter(pl.col("kind").is_in(GROUND_IN_NO_FEED))["related"].explode()
    assert strange_to(firm, unseen).is_empty()
    assert firm["grade"].to_list() == ["B"]


def strange_to(signals: pl.DataFrame, records: pl.Series) -> pl.DataFrame:
    """Signals that rest on none of these records."""
    return signals.filter(~pl.col("related_ids").list.eval(pl.element().is_in(records.implode())).list.any())
