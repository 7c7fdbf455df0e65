"""The worked queries of `sql/analyst/`: each answers its question on a small published database."""

from datetime import UTC, date, datetime

import duckdb
import pytest
import sqlglot

from assets.feeds.night import Night
from assets.guardrails.release import fill_pub
from assets.publication.publish import publish
from sql.queries import header, load, names
from tests.builders import warehouse_with

AS_OF = date(2025, 3, 5)
#: Queries with `$` parameters are shown, with values, where their subject is tested.
QUERIES = [name for name in names("analyst") if "$" not in load(name)]


def permit(person, sponsor, salary, received_on=date(2024, 2, 1), **more):
    return {
        "person_id": person,
        "sponsor_kvk": sponsor,
        "salary_month_eur": salary,
        "norm_month_eur": 5000.0,
        "norm_category": "hsm_30_plus",
        "norm_on": received_on,
        "received_on": received_on,
        "decision": "granted",
    } | more


def spell(person, route, starts_on, ends_on, previous_route=None):
    row = {"person_id": person, "route": route, "starts_on": starts_on, "ends_on": ends_on}
    return row | {"previous_route": previous_route}


def posting(person, days, starts_on=date(2025, 1, 6), free_movement=False):
    row = {"person_id": person, "days": days, "starts_on": starts_on, "worker_free_movement": free_movement}
    return row | {"employer_country": "PL", "sbi2": "41"}


def flow(month, route, applications):
    return {
        "month": month,
        "route": route,
        "applications": applications,
        "admissions": applications // 2,
        "company": "unknown",
    }


ROWS = {
    "meta.runs": [{"run_id": "run-a", "as_of": AS_OF, "started_at": datetime(2025, 3, 5, 4, 15, tzinfo=UTC)}],
    "meta.deliveries": [
        {
            "feed": "svb_a1",
            "delivered_on": date(2025, 3, 1),
            "status": "loaded",
            "rows_delivered": 200,
            "rows_rejected": 1,
        },
        {"feed": "ind_permits", "delivered_on": date(2025, 3, 4), "status": "refused", "reason_code": "wrong_hash"},
    ],
    "meta.indicators": [{"indicator": "H01", "name_nl": "Loon onder het looncriterium", "look_alikes": "leave"}],
    "core.routes": [{"route": "gvva", "name_nl": "GVVA"}, {"route": "blue_card", "name_nl": "Blauwe kaart"}],
    "core.sectors": [{"sbi2": "41", "name_nl": "Bouw"}],
    "core.flows": [
        flow(date(2023, 6, 1), "gvva", 100),
        flow(date(2024, 6, 1), "gvva", 80),
        flow(date(2024, 6, 1), "blue_card", 30),
    ],
    "core.companies": [{"kvk": "11111111", "name": "Eerste BV", "recognised_from": date(2020, 1, 1)}],
    "core.permits": [
        permit("a", "11111111", 5050.0),
        permit("b", "11111111", 7000.0),
        permit("c", "22222222", 5000.0, received_on=date(2023, 2, 1)),
        permit("d", "22222222", 100.0, decision="refused"),
    ],
    "core.permit_spells": [
        spell("a", "orientation_year", date(2023, 1, 1), date(2023, 12, 31)),
        spell("a", "gvva", date(2024, 1, 10), date(2024, 12, 31), previous_route="orientation_year"),
    ],
    "core.postings": [
        posting("a", 40),
        posting("a", 20),
        posting("b", 9, free_movement=True),
        posting("c", 5, date(2023, 1, 1)),
    ],
    "core.register_movements": [{"snapshot_from": date(2024, 12, 3), "snapshot_until": date(2025, 1, 8)}],
    "core.register_spells": [
        {
            "organisation": "Nieuw BV",
            "kvk": "33333333",
            "first_seen_on": date(2025, 1, 8),
            "last_seen_on": date(2025, 1, 8),
            "entered_after": date(2024, 12, 3),
            "entry_kind": "entered",
        },
        {
            "organisation": "Weg BV",
            "kvk": "44444444",
            "first_seen_on": date(2024, 8, 2),
            "last_seen_on": date(2024, 12, 3),
            "left_before": date(2025, 1, 8),
            "exit_kind": "left",
        },
    ],
    "core.policy_events": [{"event_id": "2024-norm-index", "event_on": date(2024, 1, 1)}],
    "findings.measures": [
        {
            "indicator": "H01",
            "stratum_kind": "all",
            "stratum": "all",
            "measure": "flagged_share",
            "value": 0.25,
            "n": 400,
        },
        {"indicator": "H01", "stratum_kind": "grade", "stratum": "A", "measure": "signals", "value": 3.0, "n": 400},
    ],
    "findings.signals": [{"signal_id": "s1", "indicator": "H01", "grade": "A", "evidence": '{"months": 4}'}],
    "estimates.displacement": [
        {"event_id": "2024-norm-index", "specification": "C1", "gain": 41.6, "share": 0.256, "verdict": "displacement"},
        {"event_id": "2024-norm-index", "specification": "C0", "gain": 99.0, "verdict": "displacement"},
    ],
    "estimates.companions": [
        {"event_id": "2024-norm-index", "companion": "rush", "reading": "neutral", "estimate": 12.0},
        {"event_id": "2024-norm-index", "companion": "placebo_routes", "reading": "weakens", "estimate": 7.12345},
    ],
}

#: What each query answers on the rows above: some columns of its answer, in order.
ANSWERS = {
    "what_is_this": (["run_id", "as_of", "has_stand_ins"], [("run-a", AS_OF, False)]),
    "which_deliveries": (["feed", "days_old", "percent_rejected"], [("svb_a1", 4, 0.5)]),
    "refused_deliveries": (["feed", "reason_code"], [("ind_permits", "wrong_hash")]),
    "admissions_per_route_and_year": (
        ["route", "year", "admissions"],
        [("Blauwe kaart", 2024, 15), ("GVVA", 2023, 50), ("GVVA", 2024, 40)],
    ),
    "change_on_previous_year": (
        ["route", "year_before", "last_year", "change_share"],
        [("blue_card", 0, 30, None), ("gvva", 100, 80, -0.2)],
    ),
    "wage_against_norm": (
        ["year", "permits", "median_ratio", "share_within_two_percent"],
        [(2023, 1, 1.0, 1.0), (2024, 2, 1.205, 0.5)],
    ),
    "history_of_a_sponsor": (["name", "year", "applications", "persons"], [("Eerste BV", 2024, 2, 2)]),
    "who_changed_route": (
        ["from_route", "to_route", "persons", "median_days_between"],
        [("orientation_year", "gvva", 1, 10.0)],
    ),
    "flagged_shares": (["indicator", "stratum_kind", "value"], [("H01", "all", 0.25)]),
    "one_signal_explained": (
        ["signal_id", "name_nl", "look_alikes_known"],
        [("s1", "Loon onder het looncriterium", "leave")],
    ),
    "displacement_in_one_look": (["event_on", "gain", "share"], [(date(2024, 1, 1), 42.0, 0.26)]),
    "does_a_finding_stand": (
        ["event_on", "companion", "estimate", "reading"],
        [(date(2024, 1, 1), "placebo_routes", 7.123, "weakens")],
    ),
    "register_coming_and_going": (["movement", "organisation"], [("came", "Nieuw BV"), ("went", "Weg BV")]),
    "posted_days_per_person": (["sector", "workers", "days", "days_per_worker"], [("Bouw", 1, 60, 60.0)]),
    "reproduce_a_brief_figure": (
        ["route", "year", "applications"],
        [("blue_card", 2024, 30), ("gvva", 2024, 80), ("total", 2024, 110)],
    ),
}


@pytest.fixture(scope="module")
def analyst(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    warehouse_with(ROWS, folder=folder)
    night = Night(folder, AS_OF, "run-a")
    fill_pub(night)
    connection = duckdb.connect(str(publish(night)), read_only=True)
    yield connection
    connection.close()


def test_there_are_at_least_ten_worked_queries():
    assert len(QUERIES) >= 10


@pytest.mark.parametrize("query", names("analyst"))
def test_a_worked_query_is_one_statement_with_its_question_on_top(query):
    assert len([s for s in sqlglot.parse(load(query), dialect="duckdb") if s]) == 1
    assert len(header(query)) > 20


@pytest.mark.parametrize("query", QUERIES)
def test_a_worked_query_answers_its_question(query, analyst):
    name = query.removeprefix("analyst/")
    if name == "what_does_a_column_mean":
        found = analyst.execute(load(query)).fetchall()
        assert ("core", "permits", "salary_month_eur") in [row[:3] for row in found]
        return
    columns, answer = ANSWERS[name]
    relation = analyst.sql(load(query))
    assert relation.select(", ".join(columns)).fetchall() == answer


@pytest.fixture(scope="module")
def nothing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    warehouse_with({"meta.runs": ROWS["meta.runs"]}, folder=folder)
    night = Night(folder, AS_OF, "run-a")
    fill_pub(night)
    connection = duckdb.connect(str(publish(night)), read_only=True)
    yield connection
    connection.close()


@pytest.mark.parametrize("query", QUERIES)
def test_a_worked_query_works_on_an_empty_database(query, nothing):
    nothing.execute(load(query)).fetchall()
