"""The look of every chart: colours, type and sizes, so that no author decides.

Belongs here: what is the same in all charts. Does not belong here: any one chart (`charts`).

Colours are the UK Government Analysis Function's set; each has a contrast of at least 3 to 1 on white (measured), text
has 10 to 1. Series also differ in dash or shape and are labelled where they end. No red and green for bad and good.
"""

from __future__ import annotations

from typing import Any

BLUE, TEAL, PLUM, ORANGE, GREY, VIOLET = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
SERIES = (BLUE, TEAL, PLUM, ORANGE)
INK = "#262626"
GRID = "#D5D5D5"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3])
WIDTH = 660

CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "#00000000",
    "font": FONT,
    "padding": {"left": 8, "top": 8, "right": 8, "bottom": 6},
    "view": {"stroke": None},
    "axis": {
        "domainColor": "#808080",
        "gridColor": GRID,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 320,
        "tickColor": "#808080",
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": "bold", "labelLimit": 330, "title": None},
    "text": {"color": INK, "fontSize": 12},
    "title": {"anchor": "start", "color": INK, "fontSize": 12, "fontWeight": "bold", "offset": 6, "limit": 330},
}


def finished(spec: dict[str, Any]) -> dict[str, Any]:
    """A Vega-Lite chart with the house style."""
    return {**spec, "config": CONFIG}
