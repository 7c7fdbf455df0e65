"""The data dictionary: what its rows hold, and that its page is whole, safe and readable without sight."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from quality import dictionary
from quality.contract import Field, Table, feed_contracts, product_tables
from quality.dictionary import (
    PUBLISHED_SCHEMAS,
    column_rows,
    dutch_terms,
    range_in_words,
    render_dictionary,
    type_in_words,
)

PLACE = Field("place", "string", "Name of the place.", "plaats", True, "internal", 1)
SCORE = Field("score", "integer", "Score.", "", False, "personal", minimum=0, maximum=200_000)
PLACES = Table("core", "places", "one row per place", (PLACE, SCORE))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = render_dictionary(tmp_path_factory.mktemp("page") / "new" / "dictionary.html")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(page: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    parsed: Element = parser.parse(page)
    return parsed


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_column_is_one_row_with_its_place_type_meaning_and_class() -> None:
    assert column_rows([PLACES]).rows() == [
        ("core", "places", "place", 1, "VARCHAR", "Name of the place.", "plaats", "internal", True, True),
        ("core", "places", "score", 2, "BIGINT", "Score.", None, "personal", False, False),
    ]


def test_the_rows_have_the_columns_of_meta_columns_in_their_order() -> None:
    assert column_rows().columns == [f.name for f in product_tables()["meta.columns"].fields]


def test_every_published_column_is_there_once_and_no_private_one() -> None:
    rows = column_rows()
    tables = [t for t in product_tables().values() if t.schema in PUBLISHED_SCHEMAS]
    assert rows.height == sum(len(t.fields) for t in tables)
    assert rows.select("schema_name", "table_name", "column_name").is_unique().all()
    assert set(rows["schema_name"]) == set(PUBLISHED_SCHEMAS)
    assert rows["meaning"].str.len_chars().min() != 0


def test_no_tables_give_no_rows_but_the_same_columns() -> None:
    assert column_rows([]).schema == column_rows().schema
    assert column_rows([]).is_empty()


@pytest.mark.parametrize(
    ("minimum", "maximum", "expected"),
    [
        (0, 200_000, "0 to 200,000"),
        (1, None, "at least 1"),
        (None, 0.5, "at most 0.5"),
        (None, None, ""),
        (0, 0, "0 to 0"),
    ],
)
def test_a_range_is_said_in_words(minimum: float | None, maximum: float | None, expected: str) -> None:
    assert range_in_words(replace(SCORE, minimum=minimum, maximum=maximum)) == expected


def test_a_type_is_said_in_words_unless_the_contract_chose_its_own() -> None:
    assert type_in_words(PLACE) == "text"
    assert type_in_words(replace(SCORE, physical_type="SMALLINT")) == "SMALLINT"


def test_dutch_terms_are_in_alphabetical_order_with_the_tables_that_use_them() -> None:
    other = replace(PLACES, name="sites", fields=(PLACE, replace(SCORE, dutch_term="Cijfer"), PLACE))
    assert dutch_terms([PLACES, other]) == [("Cijfer", [other]), ("plaats", [PLACES, other])]


def test_every_feed_and_table_has_its_heading_and_every_column_its_meaning(tree: Element) -> None:
    headings = {h.get("id"): h for h in tree.iter("h3")}
    tables = [c.table for c in feed_contracts().values()] + list(product_tables().values())
    assert set(headings) == {f"{t.schema}-{t.name}" for t in tables}
    rows = Counter(
        (words(row[0].find("code") or row[0][0]), words(row[1])) for body in tree.iter("tbody") for row in body
    )
    expected = Counter((f.name, " ".join(f.meaning.split())) for t in tables for f in t.fields)
    assert rows == expected


def test_closed_lists_stand_beside_their_column(tree: Element) -> None:
    (scheme,) = (
        row
        for section in tree.iter("article")
        if section.get("aria-labelledby") == "raw-ind_permits"
        for row in section.iter("tr")
        if words(row[0]).startswith("scheme ")
    )
    codes = [words(code) for code in scheme[4].iter("code")]
    assert codes == list(feed_contracts()["ind_permits"].table.field("scheme").closed_list or ())


def test_simulated_and_real_feeds_are_told_apart(tree: Element) -> None:
    marks = {h.get("id"): words(h).split()[-1] for h in tree.iter("h3")}
    for feed, contract in feed_contracts().items():
        assert marks[f"raw-{feed}"] == ("stand-in" if contract.is_stand_in else "real")


def test_columns_for_the_audit_only_and_pseudonyms_are_marked(tree: Element) -> None:
    heads = {words(h) for h in tree.iter("th")}
    assert "nationality always filled audit only" in heads
    assert "v_number always filled pseudonym" in heads


def test_the_page_loads_nothing_and_runs_nothing(page: str, tree: Element) -> None:
    assert not {"script", "img", "link", "iframe", "object", "form"} & {e.tag for e in tree.iter()}
    assert not re.search(r"https?://|url\(|@import|\son\w+=", page)
    assert "default-src 'none'" in page


def test_every_link_leads_to_one_place_on_the_page(tree: Element) -> None:
    names = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(names) == len(set(names))
    targets = [str(a.get("href")) for a in tree.iter("a")]
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(names)
    labels = [e.get("aria-labelledby") for e in tree.iter() if e.get("aria-labelledby")]
    assert set(labels) <= set(names)


def test_the_page_can_be_read_without_sight(tree: Element) -> None:
    assert tree.get("lang") == "en"
    assert [words(h) for h in tree.iter("h1")] == ["Waterbed: data dictionary"]
    assert len(list(tree.iter("main"))) == 1
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    assert all(head.get("scope") in ("col", "row") for head in tree.iter("th"))
    assert all(term.get("lang") == "nl" for d in tree.iter("dl") if d.get("class") == "terms" for term in d.iter("dt"))
    scrolled = [e for e in tree.iter("div") if e.get("class") == "scroll"]
    assert scrolled
    assert all(e.get("tabindex") == "0" and e.get("role") == "region" and e.get("aria-label") for e in scrolled)


def test_text_of_a_contract_cannot_become_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = replace(PLACES, fields=(replace(PLACE, meaning="<script>alert(1)</script>", dutch_term="a&b"),))
    monkeypatch.setattr(dictionary, "product_tables", lambda: {"core.places": evil})
    text = render_dictionary(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert '<span lang="nl">a&amp;b</span>' in text


def test_the_same_contracts_give_the_same_bytes(page: str, tmp_path: Path) -> None:
    assert render_dictionary(tmp_path / "again.html").read_text(encoding="utf-8") == page
