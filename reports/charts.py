"""The charts of a brief as Vega-Lite: bars, movements, steps, panels, estimates with their intervals.

Belongs here: how values become marks. Does not belong here: which values (the sections), words (`texts`) and the
common look (`theme`). Every value that is drawn is a published value; text in a chart is the text of a table cell.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from reports.theme import BLUE, DASHES, GREY, INK, ORANGE, SERIES, WIDTH, finished

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]


#: Characters that fit beside a row and above a panel.
ROW_LABEL, PANEL_TITLE = 36, 50


def wrapped(label: str, width: int = ROW_LABEL) -> str:
    """A label in lines of at most `width` characters, parted by line ends."""
    return "\n".join(textwrap.wrap(label, width) or [label])


def _rows_axis(rows: Rows) -> alt.Y:
    """The names of rows, in the given order, in as many lines as they need."""
    axis = alt.Axis(
        ticks=False, domain=False, labelPadding=8, labelExpr="split(datum.label, '\\n')", labelLineHeight=14
    )
    return alt.Y("label:N", sort=[r["label"] for r in rows], title=None, axis=axis)


def _panel_title(title: str) -> list[str]:
    return textwrap.wrap(title, PANEL_TITLE) or [title]


def _spec(chart: Any) -> Spec:
    spec: Spec = chart.to_dict()
    spec.pop("$schema", None)
    return finished(spec)


def bars(rows: Rows) -> Spec:
    """Horizontal bars with their number beside them. Rows: label, value, text; drawn in the given order."""
    base = alt.Chart(pl.DataFrame(rows)).encode(
        y=_rows_axis(rows),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(zero=True, nice=False)),
    )
    chart = base.mark_bar(color=BLUE, height=20) + base.mark_text(align="left", dx=6).encode(text="text:N")
    return _spec(chart.properties(width=WIDTH - 190, height=30 * len(rows)))


def movements(rows: Rows, entered: str, left: str) -> Spec:
    """Bars to the right for what came and to the left for what went.

    Rows: label, entered, left (both positive), entered_text, left_text; drawn in the given order.
    """
    long = [
        {"label": r["label"], "kind": kind, "value": sign * r[name], "text": r[f"{name}_text"]}
        for r in rows
        for name, kind, sign in (("entered", entered, 1), ("left", left, -1))
    ]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=[left, entered], range=[ORANGE, BLUE]), legend=None)
    base = alt.Chart(pl.DataFrame(long)).encode(
        y=_rows_axis(rows),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(padding=46)),
    )
    came = base.transform_filter("datum.value > 0").mark_text(align="left", dx=5).encode(text="text:N")
    went = base.transform_filter("datum.value < 0").mark_text(align="right", dx=-5).encode(text="text:N")
    layers = base.mark_bar(height=20).encode(color=colour) + came + went
    heads = pl.DataFrame([{"text": f"◀ {left}", "side": "left"}, {"text": f"{entered} ▶", "side": "right"}])
    head = alt.Chart(heads).mark_text(fontWeight="bold").encode(text="text:N")
    left_head = head.transform_filter("datum.side == 'left'").mark_text(align="right", dx=-6, fontWeight="bold")
    right_head = head.transform_filter("datum.side == 'right'").mark_text(align="left", dx=6, fontWeight="bold")
    zero = {"x": alt.datum(0), "y": alt.value(-10)}
    return _spec(
        (layers + left_head.encode(text="text:N", **zero) + right_head.encode(text="text:N", **zero)).properties(
            width=WIDTH - 250, height=30 * len(rows)
        )
    )


def steps(rows: Rows, names: Sequence[str]) -> Spec:
    """Step lines in time with a label at their end. Rows: name, on (ISO date), value, end_text (last row only)."""
    frame = pl.DataFrame(rows, infer_schema_length=None)
    palette = alt.Scale(domain=list(names), range=list(SERIES[: len(names)]))
    dashes = alt.Scale(domain=list(names), range=[list(d) for d in DASHES[: len(names)]])
    base = alt.Chart(frame).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False, labelOverlap=True)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5, format=",d")),
        color=alt.Color("name:N", scale=palette, legend=None),
    )
    lines = base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
        strokeDash=alt.StrokeDash("name:N", scale=dashes, legend=None)
    )
    ends = base.transform_filter("datum.label_at != null").encode(y=alt.Y("label_at:Q"), text="end_text:N")
    labels = ends.mark_text(align="left", dx=7, color=INK, fontSize=12).encode(color=alt.value(INK))
    return _spec((lines + labels).properties(width=WIDTH - 240, height=290))


def bar_panels(panels: Sequence[tuple[str, Rows]], columns: int = 2) -> Spec:
    """Small panels of upright bars, each with its own scale. Rows of a panel: x (text), value or None, text."""
    drawn = []
    for title, rows in panels:
        frame = pl.DataFrame(rows, schema_overrides={"value": pl.Float64})
        base = alt.Chart(frame).encode(
            x=alt.X("x:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, ticks=False, labelOverlap=True)),
            y=alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[0, _headroom(rows)], nice=False)),
        )
        figures = base.mark_text(dy=-7, fontSize=10.5).encode(text="text:N")
        absent = (
            base.transform_filter("datum.value == null")
            .mark_text(dy=-7, fontSize=12, color=GREY)
            .encode(y=alt.datum(0), text="text:N")
        )
        shown = figures.transform_filter("datum.value != null")
        bar = base.transform_filter("datum.value != null").mark_bar(color=BLUE)
        drawn.append(
            (bar + shown + absent).properties(title=_panel_title(title), width=WIDTH / columns - 30, height=96)
        )
    return _spec(alt.concat(*drawn, columns=columns, spacing={"column": 26, "row": 18}))


def _headroom(rows: Rows) -> float:
    """The top of a scale that leaves room for the numbers above the bars."""
    return max([r["value"] for r in rows if r["value"] is not None], default=1) * 1.2 or 1.0


def line_panels(panels: Sequence[tuple[str, Rows]], columns: int = 2) -> Spec:
    """Small panels of a line in time, broken where a value is missing. Rows of a panel: on (ISO date), value."""
    drawn = []
    for title, rows in panels:
        frame = pl.DataFrame(rows, schema_overrides={"value": pl.Float64})
        base = alt.Chart(frame).encode(
            x=alt.X("on:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=4, grid=False, labelOverlap=True)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=4, format=",d")),
        )
        lines = base.mark_line(color=BLUE, strokeWidth=1.8, invalid="break-paths-show-domains")
        points = base.transform_filter("datum.value != null").mark_point(color=BLUE, filled=True, size=12)
        drawn.append((lines + points).properties(title=_panel_title(title), width=WIDTH / columns - 60, height=110))
    return _spec(alt.concat(*drawn, columns=columns, spacing={"column": 26, "row": 18}))


def estimates(rows: Rows, value_format: str) -> Spec:
    """A point and its interval per row, with its number beside it.

    Rows: label, value, low, high, text; drawn in the given order. A row without interval has none drawn.
    """
    return _spec(_estimate_layers(rows, value_format).properties(width=WIDTH - 330, height=38 * len(rows)))


def estimate_groups(groups: Sequence[tuple[str, Rows]], value_format: str) -> Spec:
    """Groups of estimates under each other, on one scale, each with a title. Rows as in `estimates`."""
    ends = [v for _, rows in groups for r in rows for v in (r["low"], r["high"], r["value"], 0) if v is not None]
    scale = alt.Scale(domain=[min(ends), max(ends)], nice=True)
    drawn = [
        _estimate_layers(rows, value_format, scale, last=i == len(groups) - 1).properties(
            title={"text": textwrap.wrap(title, 92), "limit": WIDTH - 40}, width=WIDTH - 330, height=36 * len(rows)
        )
        for i, (title, rows) in enumerate(groups)
    ]
    return _spec(alt.vconcat(*drawn, spacing=14).resolve_scale(x="shared"))


def _estimate_layers(rows: Rows, value_format: str, scale: alt.Scale | None = None, last: bool = True) -> Any:
    rows = [r | {"label": wrapped(r["label"])} for r in rows]
    kinds = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    axis = alt.Axis(format=value_format, tickCount=5, labels=last, ticks=last)
    wide = scale or alt.Scale(zero=True, nice=True)
    base = alt.Chart(pl.DataFrame(rows, schema_overrides=kinds)).encode(y=_rows_axis(rows))
    span = base.mark_rule(color=BLUE, strokeWidth=2.2).encode(
        x=alt.X("low:Q", title=None, scale=wide, axis=axis), x2="high:Q"
    )
    ends = [
        base.mark_tick(color=BLUE, thickness=2.2, size=11).encode(x=alt.X(f"{end}:Q", title=None, scale=wide))
        for end in ("low", "high")
    ]
    point = base.mark_point(color=BLUE, filled=True, size=75, opacity=1).encode(
        x=alt.X("value:Q", title=None, scale=wide)
    )
    zero = alt.Chart(pl.DataFrame({"zero": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.X("zero:Q"))
    text = base.mark_text(align="left", fontSize=11.5).encode(text="text:N", x=alt.value(WIDTH - 330 + 10))
    return alt.layer(zero, span, *ends, point, text)


def interval_panels(panels: Sequence[tuple[str, Rows]], value_format: str, columns: int = 2) -> Spec:
    """Small panels of points with intervals over the years. Rows of a panel: x (text), value, low, high."""
    drawn = []
    for title, rows in panels:
        kinds = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
        base = alt.Chart(pl.DataFrame(rows, schema_overrides=kinds)).encode(
            x=alt.X("x:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, ticks=False, labelOverlap=True))
        )
        axis = alt.Axis(format=value_format, tickCount=4)
        y = alt.Y("low:Q", title=None, axis=axis, scale=alt.Scale(zero=True, nice=True))
        span = base.mark_rule(color=BLUE, strokeWidth=2).encode(y=y, y2="high:Q")
        point = base.mark_point(color=BLUE, filled=True, size=55, opacity=1).encode(y=alt.Y("value:Q", title=None))
        drawn.append((span + point).properties(title=_panel_title(title), width=WIDTH / columns - 70, height=110))
    return _spec(alt.concat(*drawn, columns=columns, spacing={"column": 26, "row": 18}))
