"""The page: complete, honest, readable without network and the same every time."""

import re
from collections import Counter
from pathlib import Path

import html5lib
import pytest

from reports import brief as writing
from reports.brief import write_brief
from reports.facts import read_facts
from reports.rendering import RenderingError
from sql.queries import load, names
from tests.reports import world

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return world.published(tmp_path_factory.mktemp("night"))


def write(database, folder):
    return write_brief(database, folder, as_of=world.AS_OF, run_id=world.RUN)


@pytest.fixture(scope="module")
def path(database, tmp_path_factory):
    return write(database, tmp_path_factory.mktemp("briefs"))


@pytest.fixture(scope="module")
def html(path):
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(html):
    return parsed(html)


def parsed(html):
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=False)
    root = parser.parse(html)
    assert [e for e in parser.errors if e[1] != "unknown-doctype"] == []
    return root


@pytest.fixture
def quick_drawing(monkeypatch):
    """Empty charts instead of drawn ones, for tests that look at the page around them."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50"/>'
    monkeypatch.setattr(writing, "render", lambda specs: [empty for _ in specs])


def text_of(element):
    return "".join(element.itertext())


def every(tree, tag, space=XHTML):
    return list(tree.iter(space + tag))


def empty_brief(tmp_path, changed=None):
    none = {table: [] for table in world.rows() if table not in ("meta.runs",)}
    return write(world.published(tmp_path / "night", {**none, **(changed or {})}), tmp_path / "briefs").read_text(
        encoding="utf-8"
    )


def test_the_page_and_its_data_stand_in_the_folder_of_the_day(path):
    assert path.name == "index.html"
    assert path.parent.name == "2026-11-23"
    assert (path.parent.parent / "latest").readlink() == Path("2026-11-23")
    assert (path.parent / "data" / "flows-year.csv").read_text(encoding="utf-8").startswith("name,y2023,y2024,y2025\n")
    assert (path.parent / "data" / "flows-year.excel.csv").exists()


def test_files_are_closed_to_others(path):
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.parent.stat().st_mode & 0o777 == 0o750


def test_the_page_is_valid_html_without_doubled_names(tree):
    ids = Counter(e.get("id") for e in tree.iter() if e.get("id"))
    assert [name for name, times in ids.items() if times > 1] == []


def test_the_page_asks_nothing_of_the_network_and_runs_nothing(tree, html):
    assert every(tree, "script") == []
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (element.tag, name)
            if name.split("}")[-1] in ("src", "href", "srcset", "action", "poster", "background"):
                assert value.startswith(("#", "data:text/csv")), value
    assert re.findall(r"url\((?!#)", html) == []
    assert "@import" not in html
    assert [
        e.tag for e in tree.iter() if e.tag.endswith(("}iframe", "}object", "}embed", "}link", "}foreignObject"))
    ] == []
    [policy] = [m for m in every(tree, "meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.get("content").startswith("default-src 'none'")


def test_the_page_is_small_enough_to_mail(html):
    assert len(html.encode()) < 300_000


def test_the_page_is_in_dutch_and_says_what_it_is_of(tree):
    assert tree.get("lang") == "nl"
    [head] = [e for e in every(tree, "dl") if e.get("class") == "head"]
    told = text_of(head)
    for words in ("23\u00a0november 2026", world.RUN, "0.1.0+abc", "voorlopig", "22\u00a0november 2026"):
        assert words in told


def test_every_figure_has_title_description_caption_table_source_and_download(tree):
    figures = every(tree, "figure")
    assert len(figures) == 9
    for figure in figures:
        [svg] = every(figure, "svg", SVG)
        [title] = [e for e in svg if e.tag == SVG + "title"]
        [desc] = [e for e in svg if e.tag == SVG + "desc"]
        assert text_of(title)
        assert 100 <= len(text_of(desc)) <= 400, text_of(desc)
        [caption] = every(figure, "figcaption")
        assert text_of(caption).startswith("Figuur ")
        [table] = every(figure, "table")
        assert every(table, "caption")
        assert all(th.get("scope") for th in every(table, "th"))
        assert "Bron: " in text_of(figure)
        [download] = every(figure, "a")
        assert download.get("download").endswith(".excel.csv")


def test_every_number_in_an_alternative_text_stands_in_the_table(tree):
    number = re.compile(r"\u2212?\d[\d.]*(?:,\d+)?%?")
    for figure in every(tree, "figure"):
        cells = " ".join(text_of(e) for table in every(figure, "table") for e in table.iter())
        [desc] = every(figure, "desc", SVG)
        without_dates = re.sub(r"\d+\u00a0[a-z]+\s\d{4}|[a-z]+ \d{4}", "", text_of(desc))
        for found in number.findall(without_dates):
            assert found.rstrip(".") in cells, (figure.get("id"), found)


def test_every_quoted_number_is_the_cell_that_it_refers_to(tree):
    cells = {e.get("id"): text_of(e) for e in tree.iter() if e.tag in (XHTML + "td", XHTML + "th")}
    quoted = [e for e in every(tree, "data") if e.get("data-ref")]
    assert len(quoted) > 30
    for element in quoted:
        assert text_of(element) == cells[element.get("data-ref")]


def test_no_number_is_typed_in_running_text(tree):
    """Digits in paragraphs stand in quoted cells, in dates, in names from the tables, or in the word 95%."""
    named = [n for n, _ in world.ROUTES.values()] + [n for _, n, _ in world.INDICATORS.values()]
    named += ["kennismigrant, 30 jaar of ouder"]
    for paragraph in every(tree, "p") + every(tree, "li"):
        if paragraph.get("class") in ("source", "subtitle") or every(paragraph, "a"):
            continue
        plain = without(paragraph, ("data", "time"))
        for name in [
            *named,
            "95%-",
            world.RUN,
            "23\u00a0november 2026",
            "Looncriterium 30+ van 5008 naar 5331 (+6,45%)",
        ]:
            plain = plain.replace(name, "")
        assert not re.search(r"\d", plain), plain


def without(element, tags):
    """The text of an element without that of its children of these kinds."""
    kept = [element.text or ""]
    for child in element:
        if child.tag not in [XHTML + t for t in tags]:
            kept.append(without(child, tags))
        kept.append(child.tail or "")
    return "".join(kept)


def test_every_estimate_in_the_first_lines_has_its_interval_and_a_word_for_it(tree):
    [short] = [s for s in every(tree, "section") if s.get("class") == "short"]
    estimates = [text_of(li) for li in every(short, "li") if "naar schatting" in text_of(li)]
    assert len(estimates) == 2
    assert all(re.search(r"zeer waarschijnlijk tussen \S+ en \S+", e) for e in estimates)
    assert 3 <= len(every(short, "li")) <= 5


def test_what_it_does_not_say_is_short_and_comes_before_the_first_figure(tree, html):
    [box] = [s for s in every(tree, "section") if s.get("class") == "not-said"]
    [paragraph] = every(box, "p")
    assert len(text_of(paragraph).split()) <= 80
    assert html.index("not-said-heading") < html.index("<figure")


def test_formats_are_dutch(tree):
    """No English month, no comma between thousands, no ISO date in anything that is read."""
    for element in every(tree, "style"):
        element.text = ""
    for element in every(tree, "dl"):
        if element.get("class") == "head":
            element.clear()
    read = text_of(tree).replace(world.RUN, "")
    assert not re.search(r"\b(January|March|May|June|July|August|October|Oct|Mar)\b", read)
    assert not re.search(r"\d,\d{3}(?!\d)", read)
    assert not re.search(r"\d{4}-\d{2}-\d{2}", read)
    assert not re.search(r"\d+\.\d+\s?%", read)


def test_the_words_of_accusation_are_not_used(tree):
    read = text_of(tree).lower()
    for word in ("fraud", "verdacht", "dader", "overtreder", " schuldig", "nationaliteit van"):
        assert word not in read


def test_simulated_data_are_marked_on_page_section_chart_and_sentence(tree, html):
    assert "deels op nagebootste gegevens" in html
    marked = {s.get("id") for s in every(tree, "section") if s.get("class") == "mock"}
    assert marked == {"flows", "indicators", "displacement"}
    for figure in every(tree, "figure"):
        is_marked = "NAGEBOOTSTE GEGEVENS" in text_of(figure)
        assert is_marked == (figure.get("class") == "mock")
        assert is_marked == (not figure.get("id").startswith(("fig-register", "fig-volumes", "fig-norms")))
    [running] = [e for e in every(tree, "div") if e.get("class") == "running"]
    assert "nagebootste" in text_of(running).lower()


@pytest.mark.usefixtures("quick_drawing")
def test_real_deliveries_carry_no_mark_of_simulation(tmp_path):
    real = [d | {"stand_in": False} for d in world.rows()["meta.deliveries"]]
    page = write(world.published(tmp_path / "night", {"meta.deliveries": real}), tmp_path / "briefs").read_text(
        encoding="utf-8"
    )
    assert "NAGEBOOTSTE" not in page
    assert "De nagebootste markt" not in page


@pytest.mark.usefixtures("quick_drawing")
def test_a_simulated_register_is_marked_too(tmp_path):
    deliveries = [d | {"stand_in": True} for d in world.rows()["meta.deliveries"]]
    database = world.published(tmp_path / "night", {"meta.deliveries": deliveries})
    tree = parsed(write(database, tmp_path / "briefs").read_text(encoding="utf-8"))
    assert {"register", "volumes"} <= {s.get("id") for s in every(tree, "section") if s.get("class") == "mock"}


@pytest.mark.usefixtures("quick_drawing")
def test_restrictions_taken_together_have_a_table_and_are_no_event_of_their_own(tmp_path):
    rows = [*world.displacement(), world.pooled()]
    page = write(world.published(tmp_path / "night", {"estimates.displacement": rows}), tmp_path / "briefs").read_text(
        encoding="utf-8"
    )
    tables = {t.find(f"{XHTML}caption").text: text_of(t) for t in every(parsed(page), "table")}
    together = tables["Aandeel van het verlies dat elders terugkwam, over alle beperkingen van een route"]
    assert "25,0%11,0%39,0%verplaatsing gevonden" in "".join(together.split("\n")).replace("  ", "")
    assert "verplaatsing gevonden1" in "".join(
        tables["Oordeel over alle onderzochte gebeurtenissen en beperkte routes"].split()
    ).replace("verplaatsinggevonden", "verplaatsing gevonden")


def test_the_same_facts_give_the_same_bytes(database, path, tmp_path):
    again = write(database, tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()


def test_empty_tables_give_honest_sentences(tmp_path):
    page = empty_brief(tmp_path)
    tree = parsed(page)
    read = re.sub(r"\s+", " ", text_of(tree))
    for sentence in (
        "Er is nog niets geleverd waarover deze brief iets kan zeggen.",
        "Er is geen levering van het openbare register",
        "Er zijn geen gepubliceerde aantallen geladen.",
        "Er is geen levering waaruit stromen zijn te tellen.",
        "Er zijn geen uitkomsten van indicatoren die getoond mogen worden.",
        "Er zijn geen schattingen van verplaatsing.",
        "Van deze run zijn geen controles vastgelegd.",
    ):
        assert sentence in read
    assert every(tree, "figure") == []


def test_where_no_event_could_be_estimated_the_page_says_that_this_is_no_finding(tmp_path):
    page = empty_brief(tmp_path, {"estimates.displacement": [world.displacement()[-1]]})
    read = re.sub(r"\s+", " ", text_of(parsed(page)))
    assert "Voor geen enkele gebeurtenis dragen de gegevens een schatting van verplaatsing." in read
    assert "Dat zegt niet dat er geen was." in read
    assert re.search(r"verandering van registratie, geen verplaatsing ?1", read)


ONE_ROW = {
    "core.flows": [
        {"month": world.flows()[0]["month"], "route": "gvva", "company": "1", "applications": 3, "admissions": 1}
    ],
    "findings.measures": [world.measures()[0] | {"value": None, "lo95": None, "hi95": None, "n": 0}],
    "estimates.displacement": [world.displacement()[-1]],
    "core.register_entries": world.rows()["core.register_entries"][:1],
    "core.salary_norms": world.rows()["core.salary_norms"][:1],
}


@pytest.mark.parametrize("table", ONE_ROW)
def test_a_table_of_one_row_or_nothing_to_show_makes_no_crash(tmp_path, table):
    assert "</html>" in empty_brief(tmp_path, {table: ONE_ROW[table]})


def test_an_indicator_that_could_not_be_assessed_is_called_so_and_not_zero(tmp_path):
    page = empty_brief(
        tmp_path,
        {"findings.measures": ONE_ROW["findings.measures"], "meta.indicators": world.rows()["meta.indicators"]},
    )
    assert "“Loon onder het looncriterium” kon niet worden beoordeeld" in page


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>window.PWN=1</script>",
    "<img src=x onerror=alert(1)>",
    "]]><svg onload=alert(1)>",
    "'; drop table pub.flows; --",
    "{{ 7*7 }} {% raw %}",
    "{naam} {0} %s",
    "=cmd|' /C calc'!A0",
    "na\x00am\x1b[31m\ufffe",
    "\u202eeman\u202c",
    "../../etc/passwd",
    "naam\nop twee regels",
    "&lt;b&gt; &amp;",
    "\\u003c ${x} `x`",
    "langenaam" * 60,
]


def test_hostile_names_stand_literally_on_the_page_and_abort_nothing(tmp_path):
    routes = [{"route": f"route{n}", "name_nl": name} for n, name in enumerate(HOSTILE)]
    flows = [
        r | {"route": f"route{n}", "applications": 100 - n}
        for n in range(len(HOSTILE))
        for r in world.flows()[::6][:160]
    ]
    indicators = [
        r | {"name_nl": HOSTILE[n], "look_alikes": HOSTILE[n]} for n, r in enumerate(world.rows()["meta.indicators"])
    ]
    events = [
        r | {"description_nl": name} for r, name in zip(world.rows()["core.policy_events"], HOSTILE, strict=False)
    ]
    changed = {"core.routes": routes, "core.flows": flows, "meta.indicators": indicators, "core.policy_events": events}
    html = write(world.published(tmp_path / "night", changed), tmp_path / "briefs").read_text(encoding="utf-8")
    tree = parsed(html)
    assert every(tree, "script") == []
    assert not [e for e in tree.iter() for name in e.attrib if name.lower().startswith("on")]
    assert every(tree, "img") == []
    read = text_of(tree)
    for name in HOSTILE[:8]:
        assert name in read, name
    assert "\x00" not in html
    assert "\u202e" not in html


def test_a_renderer_that_dies_leaves_the_earlier_brief_as_it_was(database, tmp_path, monkeypatch):
    path = write(database, tmp_path)
    before = path.read_bytes()

    def dies(_specs):
        raise RenderingError("the process that draws the charts died of signal 6")

    monkeypatch.setattr(writing, "render", dies)
    with pytest.raises(RenderingError, match="died of signal 6"):
        write(database, tmp_path)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("quick_drawing")
def test_a_second_brief_of_the_day_replaces_the_first_and_its_data(database, tmp_path):
    path = write(database, tmp_path)
    (path.parent / "data" / "gone.csv").write_text("old")
    assert write(database, tmp_path) == path
    assert not (path.parent / "data" / "gone.csv").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_database_of_another_run_is_refused(database, tmp_path):
    with pytest.raises(ValueError, match="not of run run-x"):
        write_brief(database, tmp_path, as_of=world.AS_OF, run_id="run-x")


def test_no_query_of_a_brief_reads_anything_but_pub_and_the_row_of_the_run():
    for name in names("reports"):
        tables = re.findall(r"\b(?:from|join)\s+([a-z_.]+)", load(name))
        assert tables, name
        for table in tables:
            assert table.startswith("pub.") or table == "meta.runs", (name, table)


def test_the_run_of_a_brief_resolves_in_the_database(database):
    assert read_facts(database, world.RUN).run["status"] == "succeeded"
