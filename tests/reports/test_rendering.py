"""Drawing: a process that dies costs the chart, not the parent; what comes back is cleaned and marked."""

from xml.etree import ElementTree

import pytest

from reports import charts, rendering
from reports.rendering import RenderingError, render
from reports.svg import finish

ROWS = [{"label": "een", "value": 1234.0, "text": "1.234"}, {"label": "twee", "value": 2.0, "text": "2"}]


def labelled(label):
    return charts.bars([{"label": label, "value": 1.0, "text": "1"}])


def test_charts_come_back_in_their_order():
    first, second = render([labelled("eerste"), labelled("tweede")])
    assert "eerste" in first
    assert "tweede" in second


def test_a_renderer_that_aborts_is_an_error_and_not_the_end_of_the_parent():
    with pytest.raises(RenderingError, match="died of signal 6"):
        render([labelled("naam\x00")])
    assert render([labelled("naam")])


def test_a_chart_that_cannot_be_drawn_is_an_error_with_its_reason():
    with pytest.raises(RenderingError, match=r"could not be drawn: .*Error"):
        render(
            [
                {
                    "mark": "bar",
                    "encoding": {"y": {"field": "a", "axis": {"labelExpr": "split("}}},
                    "data": {"values": [{}]},
                }
            ]
        )


def test_a_renderer_that_hangs_is_stopped():
    with pytest.raises(RenderingError, match="longer than"):
        render([labelled("naam")], time_limit=0.01)


def test_nothing_to_draw_starts_no_process(monkeypatch):
    monkeypatch.setattr(rendering.subprocess, "run", None)
    assert render([]) == []


@pytest.fixture(scope="module")
def drawn():
    return render([charts.bars(ROWS)])[0]


def parts(svg, tag):
    return [e for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}" + tag)]


def test_a_chart_speaks_with_one_voice(drawn):
    svg = finish(drawn, "fig-a", "Titel & meer", "Wat er staat.", None)
    root = ElementTree.fromstring(svg)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "fig-a-title fig-a-desc")
    assert [e.text for e in parts(svg, "title")] == ["Titel & meer"]
    assert [e.text for e in parts(svg, "desc")] == ["Wat er staat."]
    assert not [e for e in root.iter() if e is not root and (e.get("role") or e.get("aria-label"))]


def test_names_within_a_chart_begin_with_the_figure(drawn):
    svg = finish(drawn, "fig-a", "t", "d", "NAGEBOOTST")
    names = [e.get("id") for e in ElementTree.fromstring(svg).iter() if e.get("id")]
    assert names
    assert all(n.startswith("fig-a-") for n in names)
    assert len(names) == len(set(names))


def test_simulated_data_are_marked_within_the_chart(drawn):
    svg = finish(drawn, "fig-a", "t", "d", "NAGEBOOTSTE GEGEVENS")
    assert "NAGEBOOTSTE GEGEVENS" in [e.text for e in parts(svg, "text")]
    assert "url(#fig-a-hatch)" in svg
    real = finish(drawn, "fig-a", "t", "d", None)
    assert "hatch" not in real


def test_numbers_in_a_chart_are_written_in_dutch():
    rows = [{"x": str(y), "value": 1000.0 * y, "low": 900.0 * y, "high": 1100.0 * y} for y in (2023, 2024)]
    text = " ".join(e.text or "" for e in parts(render([charts.interval_panels([("a", rows)], ",d")])[0], "text"))
    assert "2.000.000" in text
    assert "2,000,000" not in text


def test_an_interval_is_drawn_for_every_estimate():
    row = {"label": "a", "value": 5.0, "low": 2.0, "high": 8.0, "text": "5 (2 tot 8)"}
    spec = charts.estimates([row], ",d")
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks.count("rule") == 2
    assert marks.count("tick") == 2
    assert "5 (2 tot 8)" in render([spec])[0]
