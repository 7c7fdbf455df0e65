"""The charts of the page of a world as Vega-Lite: ratios, distances to a norm, responses, networks.

Belongs here: how values become marks. Does not belong here: charts of a brief (`charts`), words (`texts`) and the
common look (`theme`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import networkx as nx
import polars as pl

from reports.theme import BLUE, GREY, INK, ORANGE, PLUM, TEAL, WIDTH, finished

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]

#: Ratios outside these are drawn at the edge.
RATIOS = (0.4, 1.6)
#: Look of what stands in a network: colour and shape, so that neither is needed alone.
NODES = {"sponsor": (BLUE, "circle"), "officer": (ORANGE, "triangle-up"), "address": (TEAL, "square")}
HIRER = (PLUM, "diamond")


def _spec(chart: Any) -> Spec:
    spec: Spec = chart.to_dict()
    spec.pop("$schema", None)
    return finished(spec)


def ratios(rows: Rows, bands: Sequence[float], names: tuple[str, str]) -> Spec:
    """Points on a row per figure: the world as a share of what was published.

    Rows: label, ratio, inside. `bands` are half widths around 1 that are shaded; `names` are inside and outside.
    """
    drawn = [
        r | {"at": min(max(r["ratio"], RATIOS[0]), RATIOS[1]), "kind": names[0 if r["inside"] else 1]} for r in rows
    ]
    order = list(dict.fromkeys(r["label"] for r in rows))
    scale = alt.Scale(domain=[RATIOS[0] - 0.03, RATIOS[1] + 0.03], nice=False)
    x = alt.X("at:Q", scale=scale, title=None, axis=alt.Axis(format=".0%", values=[0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5]))
    shade = pl.DataFrame([{"low": 1 - b, "high": 1 + b} for b in sorted(bands, reverse=True)])
    area = alt.Chart(shade).mark_rect(color=BLUE, opacity=0.09).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    one = alt.Chart(pl.DataFrame({"one": [1.0]})).mark_rule(color=GREY).encode(x="one:Q")
    points = (
        alt.Chart(pl.DataFrame(drawn))
        .mark_point(filled=True, size=55, opacity=0.85)
        .encode(
            x=x,
            y=alt.Y(
                "label:N", sort=order, title=None, axis=alt.Axis(grid=True, domain=False, ticks=False, labelFontSize=11)
            ),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(names), range=[BLUE, ORANGE]), legend=_legend()),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(names), range=["circle", "diamond"])),
        )
    )
    return _spec(alt.layer(area, one, points).properties(width=WIDTH - 320, height=17 * len(order)))


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", labelFontSize=12, direction="horizontal")


def distances(panels: Sequence[tuple[str, Rows]], step: float, columns: int = 2) -> Spec:
    """Small panels of upright bars over the distance to the norm; the first bar stands out. Rows: above, value."""
    drawn = []
    for title, rows in panels:
        frame = pl.DataFrame([r | {"until": r["above"] + step, "first": r["above"] < step / 2} for r in rows])
        chart = (
            alt.Chart(frame)
            .mark_bar(binSpacing=0.6)
            .encode(
                x=alt.X("above:Q", bin="binned", title=None, axis=alt.Axis(format=".0%", tickCount=5, grid=False)),
                x2="until:Q",
                y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, format=",d")),
                color=alt.Color("first:N", scale=alt.Scale(domain=[True, False], range=[ORANGE, BLUE]), legend=None),
            )
        )
        drawn.append(chart.properties(title=title, width=WIDTH / columns - 60, height=120))
    return _spec(alt.concat(*drawn, columns=columns, spacing={"column": 26, "row": 18}))


def outcomes(rows: Rows, names: Sequence[str]) -> Spec:
    """Horizontal bars in parts, with words at their end. Rows: label, part (one of `names`), value, text (once)."""
    order = list(dict.fromkeys(r["label"] for r in rows))
    tops: dict[str, float] = {}
    for r in rows:
        tops[r["label"]] = tops.get(r["label"], 0.0) + max(r["value"], 0.0)
    ends = [{"label": r["label"], "text": r["text"], "end": tops[r["label"]]} for r in rows if r["text"]]
    axis = alt.Axis(
        ticks=False, domain=False, labelPadding=8, labelExpr="split(datum.label, '\\n')", labelLineHeight=13
    )
    y = alt.Y("label:N", sort=order, title=None, axis=axis)
    wide = alt.Scale(domain=[0, max(tops.values()) * 1.6 or 1], nice=False)
    bars = (
        alt.Chart(pl.DataFrame([r | {"order": names.index(r["part"])} for r in rows]))
        .mark_bar(height=20)
        .encode(
            y=y,
            x=alt.X("value:Q", title=None, axis=alt.Axis(tickCount=5, format=",d"), scale=wide),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(names), range=[ORANGE, "#B9C4D0"]),
                legend=_legend(),
                sort=list(names),
            ),
            order="order:Q",
        )
    )
    words = (
        alt.Chart(pl.DataFrame(ends, schema_overrides={"end": pl.Float64}))
        .mark_text(align="left", dx=6, fontSize=11)
        .encode(y=y, x="end:Q", text="text:N")
    )
    return _spec((bars + words).properties(width=WIDTH - 260, height=38 * len(order)))


def responses(panels: Sequence[tuple[str, Rows]], names: tuple[str, str], columns: int = 2) -> Spec:
    """Small panels with two lines in months around an event. Rows: month, lost, gained."""
    drawn = []
    for title, rows in panels:
        long = [
            {"month": r["month"], "kind": name, "value": r[key]}
            for r in rows
            for key, name in zip(("lost", "gained"), names, strict=True)
        ]
        base = alt.Chart(pl.DataFrame(long)).encode(
            x=alt.X("month:Q", title=None, axis=alt.Axis(values=[-6, 0, 6, 12, 18, 24], grid=False, format="+d"))
        )
        lines = base.mark_line(strokeWidth=2.2).encode(
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, format=",d")),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(names), range=[BLUE, ORANGE]), legend=_legend()),
            strokeDash=alt.StrokeDash(
                "kind:N", scale=alt.Scale(domain=list(names), range=[[1, 0], [7, 3]]), legend=None
            ),
        )
        moment = alt.Chart(pl.DataFrame({"month": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="month:Q")
        zero = alt.Chart(pl.DataFrame({"value": [0]})).mark_rule(color=GREY).encode(y="value:Q")
        drawn.append(
            alt.layer(zero, moment, lines).properties(
                title={"text": title.split("\n"), "lineHeight": 14}, width=WIDTH / columns - 60, height=125
            )
        )
    return _spec(alt.concat(*drawn, columns=columns, spacing={"column": 26, "row": 22}))


def pairs(rows: Rows, names: tuple[str, str]) -> Spec:
    """Two points on a logarithmic row each. Rows: label, first, second (both at least 0; nothing is drawn at 0)."""
    order = [r["label"] for r in rows]
    long = [
        {"label": r["label"], "kind": name, "value": r[key]}
        for r in rows
        for key, name in zip(("first", "second"), names, strict=True)
        if r[key] > 0
    ]
    axis = alt.Axis(grid=True, domain=False, ticks=False, labelFontSize=11, labelLimit=330)
    chart = (
        alt.Chart(pl.DataFrame(long))
        .mark_point(filled=True, size=62, opacity=0.9)
        .encode(
            y=alt.Y("label:N", sort=order, title=None, axis=axis, scale=alt.Scale(domain=order)),
            x=alt.X(
                "value:Q",
                title=None,
                scale=alt.Scale(type="log", domainMin=1),
                axis=alt.Axis(format=",d", values=[1, 10, 100, 1000, 10_000, 100_000]),
            ),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(names), range=[ORANGE, BLUE]), legend=_legend()),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(names), range=["diamond", "circle"])),
        )
    )
    return _spec(chart.properties(width=WIDTH - 320, height=16 * len(order)))


def networks(panels: Sequence[tuple[str, Rows]], names: dict[str, str], columns: int = 2) -> Spec:
    """Small pictures of who is tied to whom. Rows of a panel: company, kind, what; `names` of kinds for the legend."""
    look = {**NODES, "hirer": HIRER}
    kinds = [kind for kind in look if kind in names]
    colour = alt.Scale(domain=[names[k] for k in kinds], range=[look[k][0] for k in kinds])
    shape = alt.Scale(domain=[names[k] for k in kinds], range=[look[k][1] for k in kinds])
    blank = alt.Scale(domain=[-1.15, 1.15], nice=False)
    drawn = []
    for title, rows in panels:
        places = _places(rows)
        lines = [
            {
                "x": places[r["company"]][0],
                "y": places[r["company"]][1],
                "x2": places[r["what"]][0],
                "y2": places[r["what"]][1],
            }
            for r in rows
        ]
        kind_of = {r["what"]: names[r["kind"]] for r in rows} | {r["company"]: names["sponsor"] for r in rows}
        nodes = [{"x": x, "y": y, "kind": kind_of[node]} for node, (x, y) in places.items()]
        edges = (
            alt.Chart(pl.DataFrame(lines))
            .mark_rule(color="#9a9a9a", strokeWidth=1)
            .encode(
                x=alt.X("x:Q", axis=None, scale=blank), y=alt.Y("y:Q", axis=None, scale=blank), x2="x2:Q", y2="y2:Q"
            )
        )
        points = (
            alt.Chart(pl.DataFrame(nodes))
            .mark_point(filled=True, size=110, opacity=1, stroke="white", strokeWidth=1)
            .encode(
                x=alt.X("x:Q", axis=None, scale=blank),
                y=alt.Y("y:Q", axis=None, scale=blank),
                color=alt.Color("kind:N", scale=colour, legend=_legend()),
                shape=alt.Shape("kind:N", scale=shape),
            )
        )
        drawn.append((edges + points).properties(title=title, width=WIDTH / columns - 40, height=210))
    chart = alt.concat(*drawn, columns=columns, spacing={"column": 30, "row": 22})
    return _spec(chart.configure_text(color=INK))


def _places(rows: Rows) -> dict[str, tuple[float, float]]:
    """Where each node of a network stands, between -1 and 1; the same rows give the same places."""
    graph = nx.Graph()
    for r in rows:
        graph.add_edge(r["company"], r["what"])
    start = nx.circular_layout(sorted(graph))
    found = nx.spring_layout(graph, pos=start, seed=1, iterations=120)
    return {node: (round(float(x), 3), round(float(y), 3)) for node, (x, y) in sorted(found.items())}
