"""Schema `pub` from a warehouse of literal rows: closed periods, honest marks, nothing invented."""

from datetime import date

from assets.feeds.night import Night
from assets.guardrails.release import fill_pub, record_checks
from assets.guardrails.rules import disclosure_rules
from quality.contract import product_tables
from quality.thresholds import rules_version
from tests.builders import rows_of, warehouse_with

AS_OF = date(2025, 3, 5)


def pub(tmp_path, rows, table, as_of=AS_OF):
    warehouse = warehouse_with(rows, folder=tmp_path)
    fill_pub(Night(tmp_path, as_of, "run-a", code_version="1.0"))
    with warehouse.reading() as session:
        return session.table(table).to_dicts()


def flow(month, applications, route="gvva", company="12345678"):
    return {
        "month": month,
        "route": route,
        "company": company,
        "applications": applications,
        "admissions": applications,
    }


def flows(month, applications, route="gvva"):
    """The same flow at three companies, so that none of them stands out."""
    return [flow(month, applications, route, company) for company in ("11111111", "22222222", "33333333")]


def test_a_month_that_ended_less_than_ten_days_ago_is_not_shown(tmp_path):
    rows = {"core.flows": flows(date(2025, 1, 1), 20) + flows(date(2025, 2, 1), 20)}
    shown = pub(tmp_path, rows, "pub.flows")
    assert {r["period_start"] for r in shown} == {date(2025, 1, 1)}
    assert {r["route"]: r["applications"] for r in shown} == {"gvva": 60, "total": 60}


def test_a_year_is_shown_when_it_is_over_and_was_seen_from_its_first_month(tmp_path):
    rows = {"core.flows": flows(date(2023, 2, 1), 20) + flows(date(2024, 5, 1), 20) + flows(date(2025, 1, 1), 20)}
    years = [r["period_start"] for r in pub(tmp_path, rows, "pub.flows") if r["period_kind"] == "year"]
    assert sorted(set(years)) == [date(2024, 1, 1)]


def test_a_month_without_flow_is_hidden_like_a_small_one(tmp_path):
    rows = {"core.flows": flows(date(2024, 11, 1), 20) + flows(date(2025, 1, 1), 20)}
    december = [r for r in pub(tmp_path, rows, "pub.flows") if r["period_start"] == date(2024, 12, 1)]
    assert {(r["applications"], r["is_suppressed"]) for r in december} == {(None, True)}


def delivery(feed, status="loaded", stand_in=False, attempt=1, rows=10, delivered_on=date(2025, 1, 1)):
    return {
        "feed": feed,
        "delivered_on": delivered_on,
        "attempt": attempt,
        "status": status,
        "stand_in": stand_in,
        "rows_delivered": rows,
        "rows_accepted": rows - 1,
        "rows_rejected": 1,
    }


def test_every_feed_has_a_row_also_when_nothing_came(tmp_path):
    refused = delivery("ind_permits", "refused")
    again = delivery("ind_permits", attempt=2, rows=20)
    rows = {"meta.deliveries": [refused, again, delivery("svb_a1", "refused")]}
    shown = {r["feed"]: r for r in pub(tmp_path, rows, "pub.deliveries")}
    assert len(shown) == 17
    permits, a1, wages = shown["ind_permits"], shown["svb_a1"], shown["uwv_wages"]
    assert (permits["deliveries_loaded"], permits["deliveries_refused"], permits["rows_delivered"]) == (1, 0, 20)
    assert (a1["deliveries_loaded"], a1["deliveries_refused"], a1["last_delivered_on"]) == (0, 1, None)
    assert (wages["deliveries_loaded"], wages["last_delivered_on"], wages["rows_delivered"]) == (0, None, 0)


def test_figures_say_so_when_a_loaded_delivery_is_simulated(tmp_path):
    measure = {"indicator": "H01", "stratum_kind": "all", "stratum": "alle", "measure": "share_flagged"}
    measure |= {"value": 0.5, "lo95": 0.4, "hi95": 0.6, "n": 200}
    rows = {
        "meta.deliveries": [
            delivery("uwv_employers", stand_in=True),
            delivery("szw_postings", "refused", stand_in=True),
        ],
        "findings.measures": [measure, measure | {"indicator": "P02"}],
        "core.flows": flows(date(2025, 1, 1), 20),
    }
    assert {r["indicator"]: r["stand_in"] for r in pub(tmp_path, rows, "pub.indicators")} == {"H01": True, "P02": False}
    night = Night(tmp_path, AS_OF, "run-a")
    with night.warehouse.reading() as session:
        assert session.table("pub.flows")["stand_in"].to_list() == [False, False]
        assert session.table("pub.release")["has_stand_ins"].to_list() == [True]


def test_an_empty_warehouse_gives_empty_tables_and_a_release(tmp_path):
    assert pub(tmp_path, {}, "pub.release") == [
        {
            "run_id": "run-a",
            "as_of": AS_OF,
            "code_version": "1.0",
            "rules_version": rules_version(),
            "checks_passed": 0,
            "checks_warned": 0,
            "has_stand_ins": False,
        }
    ]


def test_the_rules_that_are_printed_are_the_rules_that_are_applied(tmp_path):
    printed = {r["rule"]: r["value"] for r in pub(tmp_path, {}, "pub.disclosure_rules")}
    assert printed == vars(disclosure_rules())


def test_checks_of_the_release_gate_are_counted_afterwards(tmp_path):
    check = {"gate": "release", "table_name": "pub", "severity": "warn", "run_id": "run-a", "passed": True}
    warehouse = warehouse_with({"meta.checks": []}, folder=tmp_path)
    night = Night(tmp_path, AS_OF, "run-a")
    fill_pub(night)
    checks = [check | {"check_name": "a"}, check | {"check_name": "b", "passed": False}]
    with warehouse.writing() as session:
        session.append(product_tables()["meta.checks"], rows_of("meta.checks", checks))
    record_checks(night)
    with warehouse.reading() as session:
        assert session.table("pub.release").select("checks_passed", "checks_warned").rows() == [(1, 1)]


def test_public_figures_are_shown_as_they_are(tmp_path):
    entry = {"snapshot_on": date(2025, 1, 8), "kvk": "12345678"}
    rows = {
        "core.register_entries": [entry | {"organisation_key": "a"}, entry | {"organisation_key": "b"}],
        "core.register_movements": [
            {"snapshot_from": date(2024, 12, 3), "snapshot_until": date(2025, 1, 8), "entered": 3, "left_register": 1}
        ],
        "core.published_volumes": [{"year": 2023, "value": 7.0}],
    }
    assert pub(tmp_path, rows, "pub.register_snapshots") == [
        {"snapshot_on": date(2025, 1, 8), "organisations": 2, "has_numbers": True}
    ]
    night = Night(tmp_path, AS_OF, "run-a")
    with night.warehouse.reading() as session:
        assert session.table("pub.register_movements").select("entered", "left_register").rows() == [(3, 1)]
        assert session.table("pub.published_volumes")["value"].to_list() == [7.0]
