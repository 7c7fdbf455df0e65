"""The page on which an operator reads what the gates found.

Belongs here: rendering check results as one HTML file and as JSON. Does not belong here: making them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from quality.gates.check import CheckResult

TEMPLATES = Path(__file__).parents[1] / "templates"


def write_results(folder: Path, title: str, results: Sequence[CheckResult]) -> Path:
    """Write `results` as `checks.json` and `checks.html` into `folder`; returns the page.

    Failures come first, then warnings, then what passed, each by table and in the order asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    as_json = json.dumps([r.as_dict() for r in results], indent=1, ensure_ascii=False)
    (folder / "checks.json").write_text(as_json, encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    ordered = sorted(results, key=lambda r: (r.passed, r.severity != "stop"))
    page = folder / "checks.html"
    template = environment.get_template("checks.html.j2")
    page.write_text(template.render(title=title, results=ordered), encoding="utf-8")
    return page
