"""Names that nobody bears, and the ways in which a clerk writes them.

Belongs here: company names composed from invented syllables and the spelling variants of other registers. Does not
belong here: names of persons (no feed carries them).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from assets.standins.foundations import regions
from assets.standins.foundations.randomness import Ints


@cache
def _words() -> dict[str, Any]:
    """The lists of `names.yaml`."""
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))
    return found


def _word(numbers: Ints, salt: int) -> pl.Series:
    first, middle, last = (_words()[part] for part in ("first", "middle", "last"))
    spread = (numbers * 7_919 + salt) % (len(first) * len(middle) * len(last))
    head = pl.Series(np.array(first)[spread % len(first)])
    heart = pl.Series(np.array(middle)[spread // len(first) % len(middle)])
    return head + heart + pl.Series(np.array(last)[spread // (len(first) * len(middle))])


def company_names(companies: Ints, sbi2: pl.Series, legal_form: pl.Series) -> pl.Series:
    """Registered names: an invented word, a second one for half of them, the trade and the legal form."""
    companies = regions.company(companies)
    second = pl.Series(np.where(companies % 2 == 0, " ", ""))
    second = (
        second
        + pl.select(
            pl.when(pl.Series(companies % 2 == 0)).then(_word(companies // 2, 4_241)).otherwise(pl.lit(""))
        ).to_series()
    )
    trade = sbi2.replace_strict(_words()["trades"], default="Groep", return_dtype=pl.String)
    form = legal_form.replace_strict(_words()["forms"], default="", return_dtype=pl.String)
    return _word(companies, 17) + second + " " + trade + form


def foreign_names(employers: Ints, country: pl.Series) -> pl.Series:
    """Names of foreign employers: an invented word and the legal form of the country."""
    employers = regions.employer(employers)
    form = country.replace_strict(_words()["foreign_forms"], default="Ltd", return_dtype=pl.String)
    return _word(employers, 91) + " " + _word(employers // 3, 5_011) + " " + form


def misspelled(name: pl.Series, way: Ints) -> pl.Series:
    """Names as another clerk writes them: shouted, without legal form, points or a letter, with a double space.

    Args:
        name: names.
        way: 1 to 5, one for each name; a way that would change nothing gives way to shouting.
    """
    text = pl.col("name")
    frame = pl.DataFrame({"name": name, "way": way}, schema={"name": pl.String, "way": pl.Int64})
    written = (
        pl.when(pl.col("way") == 2)
        .then(text.str.replace(r" (B\.V\.|N\.V\.|V\.O\.F\.|Stichting)$", ""))
        .when(pl.col("way") == 3)
        .then(text.str.replace_all(".", "", literal=True))
        .when(pl.col("way") == 4)
        .then(text.str.slice(0, 3) + text.str.slice(4))
        .when(pl.col("way") == 5)
        .then(text.str.replace(" ", "  "))
        .otherwise(text)
    )
    return frame.select(pl.when(written == text).then(text.str.to_uppercase()).otherwise(written)).to_series()


def former(name: pl.Series) -> pl.Series:
    """What companies were called before a change that some registers missed: the first syllable was another one."""
    first = _words()["first"]
    before = dict(zip(first, first[7:] + first[:7], strict=True))
    head = name.str.extract(f"^({'|'.join(sorted(first, key=len, reverse=True))})").fill_null("")
    rest = pl.select(pl.lit(name).str.slice(pl.lit(head).str.len_chars())).to_series()
    return head.replace(before) + rest
