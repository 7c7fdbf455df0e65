"""Companies, recognitions and foreign service providers."""

from typing import Any

import polars as pl

from tests.core.helpers import core, day, one

KVK = "12345678"


def company(*recognitions: dict[str, Any], as_of: str = "2026-01-01", **row: Any) -> dict[str, Any]:
    given = [{"kvk": KVK, "category": "labour", **r} for r in recognitions]
    feeds = {"raw.kvk_companies": [{"kvk": KVK, **row}], "raw.ind_sponsors": given}
    return one(core(feeds, "companies", as_of=day(as_of))["companies"])


def test_a_company_without_group_is_its_own_group() -> None:
    assert company()["group_id"] == KVK
    assert company(group_id="G1")["group_id"] == "G1"


def test_the_sector_is_the_first_two_digits() -> None:
    assert company(sbi="62010")["sbi2"] == "62"


def test_size_classes_follow_the_number_of_employees() -> None:
    sizes = [None, 0, 9, 10, 49, 50, 249, 250]
    feeds = {"raw.kvk_companies": [{"employees": size} for size in sizes]}
    made = core(feeds, "companies")["companies"]["size_class"].to_list()
    assert made == ["unknown", "0-9", "0-9", "10-49", "10-49", "50-249", "50-249", "250+"]


def test_a_running_recognition_makes_a_recognised_sponsor() -> None:
    row = company({"recognised_on": day("2020-01-01")})
    assert row["is_recognised_sponsor"]
    assert (row["recognised_from"], row["recognised_until"]) == (day("2020-01-01"), None)


def test_recognition_counts_until_the_day_it_ends() -> None:
    ended = {"recognised_on": day("2020-01-01"), "ended_on": day("2026-01-01")}
    assert company(ended, as_of="2025-12-31")["is_recognised_sponsor"]
    assert not company(ended, as_of="2026-01-01")["is_recognised_sponsor"]
    assert company(ended)["recognised_until"] == day("2026-01-01")


def test_a_recognition_after_the_as_of_date_does_not_exist_yet() -> None:
    row = company({"recognised_on": day("2026-01-02")})
    assert not row["is_recognised_sponsor"]
    assert row["recognised_from"] is None


def test_recognition_for_research_is_not_for_labour() -> None:
    assert not company({"recognised_on": day("2020-01-01"), "category": "research"})["is_recognised_sponsor"]


def test_the_last_recognition_is_told() -> None:
    row = company(
        {"recognised_on": day("2015-01-01"), "ended_on": day("2018-01-01")}, {"recognised_on": day("2020-01-01")}
    )
    assert row["recognised_from"] == day("2020-01-01")
    assert row["is_recognised_sponsor"]


def test_a_company_that_was_never_a_sponsor_is_none() -> None:
    assert not company()["is_recognised_sponsor"]


def test_recognitions_of_every_category_are_kept() -> None:
    rows = [{"kvk": KVK, "recognised_on": day("2020-01-01"), "category": "research"}, {"kvk": "00000001"}]
    made = core({"raw.ind_sponsors": rows}, "recognitions")["recognitions"]
    assert made.select("kvk", "category").rows() == [("00000001", "labour"), (KVK, "research")]


def employers(observed: list[dict[str, Any]], notified: list[dict[str, Any]]) -> pl.DataFrame:
    feeds = {"raw.posting_employers": observed, "raw.szw_postings": notified}
    return core(feeds, "posting_employers", as_of=day("2026-01-01"))["posting_employers"]


def test_the_latest_observation_before_the_as_of_date_stands_whole() -> None:
    vat = {"employer_vat": "PL1"}
    made = employers(
        [
            {**vat, "observed_on": day("2024-01-01"), "name": "Oud", "home_staff": 5},
            {**vat, "observed_on": day("2025-01-01"), "name": "Nieuw"},
            {**vat, "observed_on": day("2026-06-01"), "name": "Later"},
        ],
        [{**vat, "employer_name": "Anders"}],
    )
    assert made.select("name", "home_staff", "observed_on").rows() == [("Nieuw", None, day("2025-01-01"))]


def test_an_employer_known_only_from_notifications_has_the_name_of_the_last_one() -> None:
    made = employers(
        [],
        [
            {"employer_vat": "PT1", "employer_name": "A", "employer_country": "PT", "submitted_on": day("2024-01-01")},
            {"employer_vat": "PT1", "employer_name": "B", "employer_country": "PT", "submitted_on": day("2025-01-01")},
        ],
    )
    row = one(made)
    assert (row["name"], row["country"], row["observed_on"]) == ("B", "PT", None)
