"""The process that draws: Vega-Lite charts as JSON on standard input, their SVG as JSON on standard output.

Belongs here: the call of the renderer, with Dutch formats and without network. Started by `rendering` only.
"""

from __future__ import annotations

import json
import sys

import vl_convert


def main() -> None:
    """Draw every chart that comes in."""
    specs = json.load(sys.stdin)
    drawn = [
        vl_convert.vegalite_to_svg(
            spec, format_locale="nl-NL", time_format_locale="nl-NL", allowed_base_urls=[], show_warnings=False
        )
        for spec in specs
    ]
    json.dump(drawn, sys.stdout)


if __name__ == "__main__":
    main()
