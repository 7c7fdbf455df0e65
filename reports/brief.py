"""The Dutch brief: one page that explains itself, without script and without network.

Belongs here: reading the facts, putting the sections in order, drawing, printing, writing. Does not belong here: what
a section says (its module), words (`texts/nl.yaml`) and HTML (`templates`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import displacement, dutch, flows, indicators, method, register, short, volumes
from reports.facts import Facts, read_facts
from reports.page import Figure, Section, Term, data_link, kind_of
from reports.rendering import render
from reports.svg import finish
from reports.tables import exact_csv, spreadsheet_csv
from reports.texts import lookup, plain
from reports.words import suppliers

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "index.html"
LATEST = "latest"
FILE_MODE = 0o640
FOLDER_MODE = 0o750


def write_brief(published_database: Path, briefs: Path, *, as_of: date, run_id: str) -> Path:
    """Write the Dutch brief of one published database.

    Args:
        published_database: the database file, or a link to it; only `pub` and `meta.runs` are read.
        briefs: the folder of all briefs; this one goes to `briefs/<as_of>/`, and `briefs/latest` points at it.
        as_of: as-of date of the run.
        run_id: the run that the database must be of.

    Returns:
        The page, `briefs/<as_of>/index.html`; the data of its tables stand beside it in `data/`, exact as `.csv` and
        for a spreadsheet as `.excel.csv`.

    Raises:
        ValueError: when the database is of another run or as-of date.
        RenderingError: when the charts cannot be drawn; an earlier brief then stays as it is.
    """
    facts = read_facts(published_database, run_id)
    if facts.release["as_of"] != as_of:
        raise ValueError(f"{published_database} is of {facts.release['as_of']}, not of {as_of}")
    sections = drawn(all_sections(facts))
    files = {PAGE: page(facts, sections)}
    for section in sections:
        for view in section.tables():
            files[f"data/{view.id}.csv"] = exact_csv(view)
            files[f"data/{view.id}.excel.csv"] = spreadsheet_csv(view)
    folder = briefs / as_of.isoformat()
    _write(folder, files)
    _point_latest_at(briefs, folder)
    return folder / PAGE


def all_sections(facts: Facts) -> list[Section]:
    """The sections of the brief in reading order; real data first."""
    return [
        register.section(facts),
        volumes.section(facts),
        flows.section(facts),
        indicators.section(facts),
        displacement.section(facts),
        method.section(facts),
    ]


def drawn(sections: Sequence[Section]) -> list[Section]:
    """The sections with their charts drawn, all in one go."""
    figures = [figure for section in sections for figure in section.figures()]
    svgs = dict(zip((f.id for f in figures), render([dict(f.spec) for f in figures]), strict=True))
    return [replace(s, parts=tuple(_with_svg(part, svgs) for part in s.parts)) for s in sections]


def _with_svg(part: Any, svgs: dict[str, str]) -> Any:
    if not isinstance(part, Figure):
        return part
    mark = lookup("marks.stand_in_chart") if part.is_stand_in else None
    chart = finish(svgs[part.id], part.id, part.title, part.description, mark)
    return replace(part, svg=Markup(chart))  # noqa: S704 - serialised by an XML library, so its texts are escaped


def environment(words: Callable[[str], Any]) -> Environment:
    """The templates of a page, with `words` for what they look up by path."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(t=words, kind_of=kind_of, data_link=data_link)
    return made


def page(facts: Facts, sections: Sequence[Section]) -> str:
    """The HTML of the brief; the same facts give the same bytes."""
    number = iter(range(1, 1000))
    numbered = {figure.id: next(number) for section in sections for figure in section.figures()}
    banner = plain("marks.banner", leveranciers=suppliers(facts, only_simulated=True))
    return (
        environment(lookup)
        .get_template("brief.html.j2")
        .render(
            title=lookup("title"),
            subtitle=plain("subtitle", peildatum=dutch.day(facts.release["as_of"])),
            has_stand_ins=facts.release["has_stand_ins"],
            banner=banner,
            head=head(facts),
            short=short.sentences(facts),
            sections=sections,
            numbered=numbered,
            style=Markup((TEMPLATES / "brief.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            run_id=facts.release["run_id"],
        )
    )


def head(facts: Facts) -> list[Term]:
    """What the page is of: dates, versions, status."""
    newest = facts.deliveries["last_delivered_on"].max()
    release = facts.release
    return [
        Term(lookup("header.as_of"), dutch.day(release["as_of"])),
        Term(lookup("header.newest"), dutch.day(newest) if isinstance(newest, date) else lookup("header.none")),
        Term(lookup("header.status"), lookup("header.status_value")),
        Term(lookup("header.run"), release["run_id"]),
        Term(lookup("header.code"), release["code_version"]),
        Term(lookup("header.rules"), release["rules_version"]),
        Term(lookup("header.made_by"), lookup("header.made_by_value")),
    ]


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a brief, the page last, each in one step; what an earlier brief left is removed."""
    for path in (folder.parent, folder, folder / "data"):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(FOLDER_MODE)
    for name in sorted(files, key=lambda n: n == PAGE):
        target = folder / name
        unfinished = target.with_name(f".{target.name}.unfinished")
        unfinished.write_text(files[name], encoding="utf-8", newline="")
        unfinished.chmod(FILE_MODE)
        unfinished.replace(target)
    _remove_others(folder, {folder / name for name in files})


def _remove_others(folder: Path, kept: Iterable[Path]) -> None:
    wanted = set(kept)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in wanted:
            path.unlink()


def _point_latest_at(briefs: Path, folder: Path) -> None:
    """Replace the link `latest` in one step by a relative one to `folder`."""
    link = briefs / f".{LATEST}-{folder.name}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name, target_is_directory=True)
    if (briefs / LATEST).is_dir() and not (briefs / LATEST).is_symlink():
        shutil.rmtree(briefs / LATEST)
    link.replace(briefs / LATEST)
