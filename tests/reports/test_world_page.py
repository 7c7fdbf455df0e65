"""The page of a simulated world: complete, without script and without network, also where a world has nothing."""

import re
from dataclasses import replace
from datetime import date

import html5lib
import polars as pl
import pytest

from reports.world_facts import WorldFacts
from reports.world_page import write_world_page
from reports.world_truth import fault_rows, misuse_rows, outcome_rows


def frame(columns: str, *rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=columns.split(), orient="row")


FACTS = WorldFacts(
    scenario="default",
    about="a world",
    scale="small",
    persons=0.04,
    seed=7,
    as_of=date(2026, 11, 23),
    sizes=frame("what number", ("persons", 20_000), ("companies", 700), ("applications", 9_000)),
    feeds=frame("feed deliveries rows", ("ind_permits", 5, 9_100)),
    volumes=frame(
        "figure year period published world ratio band inside explanation",
        ("hsm permits_granted", 2023, "year", 13_000.0, 13_100.0, 1.008, 0.1, True, ""),
        ("startup applications", 2019, "year", 150.0, 70.0, 0.467, 0.25, False, "A few <dozen> in this world."),
    ),
    norm_distances=frame(
        "category above applications", ("hsm_30_plus", 0.0, 90), ("hsm_30_plus", 0.02, 30), ("ict", 0.0, 3)
    ),
    shared=frame("kind sponsors number", ("officer", 1, 50), ("officer", 5, 2), ("address", 1, 40), ("hirer", 1, 9)),
    networks=frame(
        "network company kind what planted",
        (1, "s1", "officer", "o1", True),
        (1, "s2", "officer", "o1", True),
        (1, "s2", "hirer", "h1", True),
    ),
    displacement=frame(
        "event_id restricted_route destination_route months_after net_loss gain share",
        ("2022-stop", "asian_catering", "gvva", 12, 90.0, 40.0, 0.44),
        ("2022-stop", "asian_catering", "total", 12, 90.0, 40.0, 0.44),
        ("2022-stop", "asian_catering", "gvva", 24, 120.0, 60.0, 0.5),
        ("2022-stop", "asian_catering", "blue_card", 24, 120.0, 70.0, 0.58),
        ("2022-stop", "asian_catering", "total", 24, 120.0, 130.0, 1.08),
        ("2022-stop", "asian_catering", "total", 36, 200.0, 130.0, 0.65),
    ),
    event_months=frame(
        "event_id restricted_route month lost gained",
        ("2022-stop", "asian_catering", -1, 4, 0),
        ("2022-stop", "asian_catering", 0, -6, 5),
    ),
    indicators=frame("indicator name", ("H01", "Loon onder de norm"), ("P01", "Niet gemeld")),
    planted=frame("indicator cases weakest median strongest", ("H01", 12, 0.02, 0.1, 0.4)),
    look_alikes=frame("indicator look_alike cases", ("H01", "facility", 300), ("H01", "sick_leave", 20)),
    fault_rates=frame(
        "fault feed field unit rate candidates faults",
        ("spelling", "ind_permits", "sponsor_name", "value", 0.3, 1000, 310),
        ("missing_delivery", "uwv_wages", "", "delivery", 0.25, 4, 1),
        ("broken_row", "ind_permits", "", "row", 0.01, 200, 3),
        ("broken_row", "uwv_wages", "", "row", 0.01, 100, 2),
    ),
    delivery_faults=frame(
        "fault feed delivered_on detail", ("missing_delivery", "uwv_wages", date(2026, 10, 5), "120 rows never came")
    ),
)
NOTHING = replace(
    FACTS, **{f: getattr(FACTS, f).clear() for f, v in vars(FACTS).items() if isinstance(v, pl.DataFrame)}
)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_world_page(FACTS, tmp_path_factory.mktemp("page") / "world.html").read_text(encoding="utf-8")


def test_the_page_is_valid_html_with_unique_names(html: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    names = re.findall(r'\bid="([^"]+)"', html)

    assert parser.errors == []
    assert len(names) == len(set(names))


def test_the_page_has_no_script_and_asks_for_nothing(html: str) -> None:
    elsewhere = set(re.findall(r'(?:https?:)?//[^\s"\'<>)]+', html)) - {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }

    assert "<script" not in html.lower()
    assert not re.search(r'\son\w+="', html)
    assert elsewhere == set()
    assert "default-src 'none'" in html


def test_every_chart_is_drawn_marked_as_simulated_and_described_in_words(html: str) -> None:
    charts = re.findall(r"<svg.*?</svg>", html, flags=re.S)

    assert len(charts) == 6
    assert all("NAGEBOOTSTE GEGEVENS" in chart and "<desc" in chart for chart in charts)


def test_what_a_table_says_is_escaped(html: str) -> None:
    assert "A few &lt;dozen&gt; in this world." in html


def test_a_fault_shows_its_stated_and_its_observed_rate(html: str) -> None:
    row = re.search(r"<tr><th[^>]*>andere spelling</th>.*?</tr>", html)

    assert row is not None
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0]) == [
        "ind_permits", "sponsor_name", "waarde", "30,00%", "1.000", "310", "31,00%",
    ]  # fmt: skip


def test_faults_of_rows_are_told_for_all_feeds_together() -> None:
    told = [(r["fault"], r["candidates"], r["faults"]) for r in fault_rows(FACTS)]

    assert told == [("spelling", 1000, 310), ("missing_delivery", 4, 1), ("broken_row", 300, 5)]


def test_an_indicator_without_planted_cases_keeps_its_row() -> None:
    rows = {r["indicator"]: (r["cases"], r["alike"], r["kinds"]) for r in misuse_rows(FACTS)}

    assert rows == {"H01": (12, 320, "facility (300), sick_leave (20)"), "P01": (0, 0, None)}


def test_the_loss_is_told_at_the_longest_horizon_within_two_years() -> None:
    rows = [(r["months_after"], r["net_loss"], r["gain"], r["main"]) for r in outcome_rows(FACTS)]

    assert rows == [(24, 120.0, 130.0, "blue_card")]


def test_the_same_world_gives_the_same_page(html: str, tmp_path) -> None:
    assert write_world_page(FACTS, tmp_path / "again.html").read_text(encoding="utf-8") == html


def test_a_world_with_nothing_in_it_has_a_page_that_says_so(tmp_path) -> None:
    page = write_world_page(replace(NOTHING, sizes=FACTS.sizes), tmp_path / "world.html").read_text(encoding="utf-8")

    assert "Er zijn geen fouten gemaakt." in page
    assert "Geen maatregel had in deze wereld een gevolg dat te tellen is." in page
    assert "<svg" not in page
