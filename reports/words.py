"""Small pieces of running text: a day, a year, a list of suppliers.

Belongs here: words with their marks for machines. Does not belong here: figures, which are quoted from tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl
from markupsafe import Markup

from reports import dutch
from reports.facts import Facts
from reports.texts import name_of


def day_words(value: date) -> Markup:
    """A day in words, with its ISO form for machines."""
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), dutch.day(value))


def year_words(value: int | str) -> Markup:
    """A year, marked as a time."""
    return Markup('<time datetime="{}">{}</time>').format(value, value)


def suppliers(facts: Facts, feeds: Iterable[str] | None = None, *, only_simulated: bool = False) -> str:
    """The suppliers of `feeds` (default: all) that delivered, in words."""
    used = facts.deliveries.filter(pl.col("deliveries_loaded") > 0)
    if feeds is not None:
        used = used.filter(pl.col("feed").is_in(sorted(feeds)))
    if only_simulated:
        used = used.filter(pl.col("stand_in"))
    names = sorted({name_of("names.suppliers", s) for s in used["supplier"].to_list()})
    return dutch.listing(names)
