"""The page that shows a simulated world to a reader, from the same parts and template as a brief.

Belongs here: the order of the sections, the head and the first lines, drawing, printing, writing. Does not belong
here: what a section says (`world_sections`, `world_truth`) and where the facts come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports import dutch, world_sections, world_truth
from reports.brief import FILE_MODE, TEMPLATES, drawn, environment
from reports.page import Section, Term
from reports.texts import lookup, name_of, plain, say
from reports.world_facts import WorldFacts, cleaned


def write_world_page(facts: WorldFacts, target: Path) -> Path:
    """Write the page of one simulated world: one file, without script and without network.

    Args:
        facts: the world and its truth.
        target: the file to write; its folder must exist.

    Returns:
        `target`. The same facts give the same bytes.

    Raises:
        RenderingError: when the charts cannot be drawn; an earlier page then stays as it is.
    """
    facts = cleaned(facts)
    html = page(facts, drawn(all_sections(facts)))
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.write_text(html, encoding="utf-8", newline="")
    unfinished.chmod(FILE_MODE)
    unfinished.replace(target)
    return target


def all_sections(facts: WorldFacts) -> list[Section]:
    """The sections in reading order."""
    return [
        world_sections.size(facts),
        world_sections.volumes(facts),
        world_sections.wages(facts),
        world_sections.networks(facts),
        world_truth.events(facts),
        world_truth.misuse(facts),
        world_truth.faults(facts),
    ]


def _words(path: str) -> Any:
    """What the template looks up: the words of this page where it has its own, else those of the brief."""
    try:
        return lookup(f"world.{path}")
    except KeyError:
        return lookup(path)


def page(facts: WorldFacts, sections: Sequence[Section]) -> str:
    """The HTML of the page; `sections` with their charts drawn."""
    number = iter(range(1, 1000))
    numbered = {figure.id: next(number) for section in sections for figure in section.figures()}
    subtitle = plain("world.subtitle", scenario=facts.scenario, schaal=facts.scale, peildatum=dutch.day(facts.as_of))
    return (
        environment(_words)
        .get_template("brief.html.j2")
        .render(
            title=lookup("world.title"),
            subtitle=subtitle,
            has_stand_ins=True,
            banner=lookup("world.marks.banner"),
            head=head(facts),
            short=[(sentence, True) for sentence in short(facts)],
            sections=sections,
            numbered=numbered,
            style=Markup((TEMPLATES / "brief.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            run_id=f"{facts.scale} {facts.scenario} {facts.seed}",
        )
    )


def head(facts: WorldFacts) -> list[Term]:
    """Which world the page is of."""
    return [
        Term(lookup("world.header.scenario"), facts.scenario),
        Term(lookup("world.header.about"), name_of("world.scenarios", facts.scenario, facts.about)),
        Term(lookup("world.header.scale"), facts.scale),
        Term(lookup("world.header.seed"), str(facts.seed)),
        Term(lookup("world.header.as_of"), dutch.day(facts.as_of)),
    ]


def short(facts: WorldFacts) -> list[Markup]:
    """The first lines."""
    numbers = {r["what"]: dutch.number(r["number"]) for r in facts.sizes.to_dicts()}
    found = [
        say(
            "world.short.size",
            personen=numbers["persons"],
            bedrijven=numbers["companies"],
            aanvragen=numbers["applications"],
        )
    ]
    if facts.volumes.height:
        inside = int(facts.volumes["inside"].sum())
        found.append(say("world.short.volumes", alle=len(facts.volumes), binnen=inside))
    cases, alike = int(facts.planted["cases"].sum()), int(facts.look_alikes["cases"].sum())
    path = "world.short.planted" if cases else "world.short.clean"
    found.append(say(path, gevallen=dutch.number(cases), lijkt=dutch.number(alike)))
    if facts.fault_rates.height:
        found.append(say("world.short.faults", fouten=dutch.number(int(facts.fault_rates["faults"].sum()))))
    return found
