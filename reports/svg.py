"""What is done to a drawn chart before it stands on the page.

Belongs here: names that are unique on the page, a text alternative instead of a hundred marks, the mark of
simulated data, fewer digits. Does not belong here: drawing (`rendering`).
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from reports.theme import FONT

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

#: Height of the band above a chart that says that its data are simulated.
BAND = 28

#: A path of no size, as the renderer draws the ground of an axis.
NOTHING = "M0,0h0v0h0Z"
#: What the page needs no more: names for machines, and values that hold anyway.
SPARE = ("role", "class", "pointer-events", "font-family")
DEFAULTS = {("opacity", "1"), ("stroke-width", "1"), ("x2", "0"), ("y2", "0"), ("transform", "translate(0,0)")}

_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def finish(drawn: str, figure_id: str, title: str, description: str, mark: str | None) -> str:
    """The chart as it stands on the page.

    Args:
        drawn: SVG as the renderer gave it.
        figure_id: name of the figure; every name inside the chart begins with it.
        title: short name, read aloud first.
        description: what the chart shows, in words.
        mark: words above the chart when its data are simulated; None for real data.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own renderer's output
    names = {e.get("id"): f"{figure_id}-{number}" for number, e in enumerate(root.iter()) if e.get("id")}
    _drop_invisible(root)
    for element in root.iter():
        _clean(element, names)
    root.set("font-family", FONT)
    width, height = (float(root.attrib.pop(side)) for side in ("width", "height"))
    for spare in ("class", "version"):
        root.attrib.pop(spare, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{figure_id}-title {figure_id}-desc")
    root.set("viewBox", f"0 {-BAND if mark else 0} {width:g} {height + (BAND if mark else 0):g}")
    if mark:
        for position, element in enumerate(_stand_in_band(figure_id, width, height, mark)):
            root.insert(position, element)
    root.insert(0, _text("desc", f"{figure_id}-desc", description))
    root.insert(0, _text("title", f"{figure_id}-title", title))
    return ElementTree.tostring(root, encoding="unicode")


def _drop_invisible(root: ElementTree.Element) -> None:
    """Take out what draws nothing: hidden shapes, empty paths, groups that are left empty."""
    for element in list(root):
        _drop_invisible(element)
        is_empty_path = element.tag.endswith("}path") and element.get("d", "") in ("", NOTHING)
        is_empty_group = element.tag.endswith("}g") and not len(element)
        if element.get("display") == "none" or is_empty_path or is_empty_group:
            root.remove(element)


def _clean(element: ElementTree.Element, names: dict[str | None, str]) -> None:
    for name in list(element.attrib):
        if name.startswith("aria-") or name in SPARE or (name, element.attrib[name]) in DEFAULTS:
            del element.attrib[name]
    if element.get("id"):
        element.set("id", names[element.get("id")])
    for name, value in element.attrib.items():
        if "url(#" in value:
            value = _REFERENCE.sub(lambda m: f"url(#{names.get(m[1], m[1])})", value)  # noqa: PLW2901
        if name in ("d", "transform", "x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy"):
            value = _LONG_NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), value)  # noqa: PLW2901
        element.set(name, value)


def _text(tag: str, identity: str, words: str) -> ElementTree.Element:
    element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": identity})
    element.text = words
    return element


def _stand_in_band(figure_id: str, width: float, height: float, mark: str) -> list[ElementTree.Element]:
    """A hatched ground behind the chart and a band above it, so that a cut-out still shows what it is."""

    def shape(tag: str, **attributes: str) -> ElementTree.Element:
        return ElementTree.Element(f"{{{SVG}}}{tag}", {k.replace("_", "-"): v for k, v in attributes.items()})

    hatch = f"{figure_id}-hatch"
    pattern = shape(
        "pattern", id=hatch, width="9", height="9", patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )
    pattern.append(shape("rect", width="9", height="9", fill="#ffffff"))
    pattern.append(shape("rect", width="1.2", height="9", fill="#ece6ea"))
    ground = shape("rect", x="0", y="0", width=f"{width:g}", height=f"{height:g}", fill=f"url(#{hatch})")
    band = shape("rect", x="0.5", y=f"{-BAND + 0.5}", width=f"{width - 1:g}", height=f"{BAND - 6}", rx="2")
    band.set("fill", "#ffffff")
    band.set("stroke", "#801650")
    words = shape("text", x="9", y=f"{-BAND + 16}", fill="#801650", font_size="12.5", font_weight="bold")
    words.text = mark
    return [pattern, ground, band, words]
