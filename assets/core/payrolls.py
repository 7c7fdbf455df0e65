"""Which company a payroll-tax number belongs to: exact numbers first, then name and postcode, then likeness.

Belongs here: the order of the rules and what is good enough. Does not belong here: normalising names
(`assets.core.firm_names`), weighing likeness (`assets.core.name_likeness`), reading feeds (`sql/core/`).

The wage return knows neither company nor activity, so every wage that is laid beside a permit rests on this
link. A wrong link makes an innocent sponsor look bad: below `ENOUGH` there is none. The stated KvK number is
seldom known and sometimes wrong; it counts only where name or RSIN says the same.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.core.firm_names import name_key, name_words, sorted_words
from assets.core.name_likeness import CONFIRMING_NAME_LEVEL, learned_weights, likely_pairs
from quality.contract import product_tables
from sql.warehouse import Session

#: A likely link below this probability is no link.
ENOUGH = 0.95
#: Probability that a link of each exact kind is right: a shared RSIN is one legal entity; the rest leaves room for
#: namesakes at one postcode and for numbers that were written down wrong.
PROBABILITY = {"rsin": 0.999, "kvk": 0.99, "name_postcode": 0.98}
#: Mergers and changes of legal form that are followed, one after the other.
SUCCESSIONS = 3

_PAYROLL_SCHEMA = {
    "employer_number": pl.String,
    "kvk": pl.String,
    "link_method": pl.String,
    "link_probability": pl.Float64,
}


def write_payroll_numbers(session: Session, as_of: date) -> int:
    """Make `core.payroll_numbers` as known on `as_of`; returns the rows written."""
    payrolls = session.frame("core/payroll_registrations")
    companies = session.frame("core/linkable_companies")
    links = link_payrolls(payrolls, companies, as_of)
    rows = (
        payrolls.select("employer_number", "name", "valid_from", "valid_until")
        .join(links, on="employer_number", how="left")
        .join(companies.select("kvk", "group_id"), on="kvk", how="left")
        .with_columns(pl.col("link_method").fill_null("none"))
        .sort("employer_number")
    )
    return session.replace(product_tables()["core.payroll_numbers"], rows)


def link_payrolls(payrolls: pl.DataFrame, companies: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The company of each payroll number that has a link good enough.

    Args:
        payrolls: `employer_number`, `name`, `rsin`, `kvk` (as stated), `postcode4`, `valid_from`, `valid_until`.
        companies: `kvk`, `rsin`, `name`, `postcode4`, `registered_on`, `ended_on`, `successor_kvk`.
        as_of: open validity is counted until this day.

    Returns:
        `employer_number`, `kvk`, `link_method` (rsin, kvk, name_postcode, probabilistic), `link_probability`;
        one row per linked number, sorted.
    """
    numbers, firms = _comparable(payrolls), _comparable(companies)
    links = pl.DataFrame(schema=_PAYROLL_SCHEMA)
    for method, candidates in (("rsin", _by_rsin), ("kvk", _by_stated_kvk), ("name_postcode", _by_name_postcode)):
        open_numbers = numbers.join(links, on="employer_number", how="anti")
        pairs = _valid_then(candidates(open_numbers, firms), firms, as_of)
        if method == "name_postcode":
            pairs = pairs.filter(pl.col("overlap") > 0)
        links = links.vstack(_labelled(_one_company(pairs), method))
    likely = _by_likeness(numbers, firms, links, as_of)
    return links.vstack(likely).sort("employer_number")


def _comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with what names are compared by; a name without a letter or digit is compared by nothing."""
    words = frame.with_columns(words=name_words(pl.col("name")).replace("", None))
    return words.with_columns(name_key=name_key(pl.col("words")), name_sorted=sorted_words(pl.col("words")))


def _by_rsin(numbers: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    return _beside(numbers.filter(pl.col("rsin").is_not_null()), firms, ["rsin"])


def _by_stated_kvk(numbers: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    return _beside(numbers, firms, ["kvk"]).filter(pl.col("same_name"), ~pl.col("other_rsin"))


def _by_name_postcode(numbers: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    return _beside(numbers, firms, ["name_key", "postcode4"]).filter(~pl.col("other_rsin"))


def _beside(numbers: pl.DataFrame, firms: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Numbers and companies that agree on `on`, with what else agrees."""
    firm = firms.select("kvk", "rsin", "name_key", "postcode4").with_columns(firm="kvk")
    renamed = firm.rename({c: f"firm_{c}" for c in firm.columns if c not in on and c != "firm"})
    pairs = numbers.rename({"kvk": "stated_kvk"}) if "kvk" not in on else numbers.with_columns(stated_kvk="kvk")
    pairs = pairs.join(renamed, on=on)
    agree = {c: pl.col(c) if c in on else pl.col(f"firm_{c}") for c in ("rsin", "name_key", "postcode4")}
    return pairs.select(
        "employer_number",
        "valid_from",
        "valid_until",
        kvk="firm",
        same_name=pl.col("name_key") == agree["name_key"],
        same_stated=pl.col("stated_kvk").eq_missing(pl.col("firm")),
        same_postcode=pl.col("postcode4").eq_missing(agree["postcode4"]),
        other_rsin=(pl.col("rsin") != agree["rsin"]).fill_null(False),
    )


def _valid_then(pairs: pl.DataFrame, firms: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The pairs with `overlap`: days in which number and company both existed.

    A company that had ended before the number was used gives way to its registered successor.
    """
    life = firms.select("kvk", "registered_on", "ended_on", "successor_kvk")
    for _ in range(SUCCESSIONS):
        pairs = pairs.join(life, on="kvk", how="left", maintain_order="left")
        ended = (pl.col("ended_on") < pl.col("valid_from")) & pl.col("successor_kvk").is_in(firms["kvk"].implode())
        pairs = pairs.with_columns(kvk=pl.when(ended).then(pl.col("successor_kvk")).otherwise(pl.col("kvk"))).drop(
            "registered_on", "ended_on", "successor_kvk"
        )
    pairs = pairs.join(life, on="kvk", how="left", maintain_order="left")
    until = pl.min_horizontal(pl.col("valid_until", "ended_on").fill_null(as_of))
    since = pl.max_horizontal("valid_from", "registered_on")
    overlap = ((until - since).dt.total_days() + 1).clip(lower_bound=0)
    return pairs.with_columns(overlap=overlap).drop("registered_on", "ended_on", "successor_kvk")


def _one_company(pairs: pl.DataFrame) -> pl.DataFrame:
    """Per number the one company that fits best; none when two fit equally well."""
    fit = ("same_stated", "same_name", "same_postcode", "overlap")
    ranked = pairs.group_by("employer_number", "kvk").agg(pl.col(fit).max()).with_columns(fit=pl.struct(fit))
    best = ranked.filter(pl.col("fit").rank("max", descending=True).over("employer_number") == 1)
    return best.select("employer_number", "kvk")


def _by_likeness(numbers: pl.DataFrame, firms: pl.DataFrame, links: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Links of the numbers that are left: stated ones that the name confirms, and likely ones."""
    rest = numbers.join(links, on="employer_number", how="anti")
    if rest.is_empty() or firms.is_empty():
        return pl.DataFrame(schema=_PAYROLL_SCHEMA)
    known = links.filter(pl.col("link_method") == "rsin").select("employer_number", "kvk")
    pairs = likely_pairs(rest, firms, learned_weights(numbers, firms, known)).filter(~pl.col("other_rsin"))
    uses = rest.select("employer_number", "valid_from", "valid_until", stated_kvk="kvk")
    used = pairs.join(uses, on="employer_number")
    is_stated = (pl.col("kvk") == pl.col("stated_kvk")) & (pl.col("name_level") <= CONFIRMING_NAME_LEVEL)
    by_stated = _valid_then(used.filter(is_stated), firms, as_of).select("employer_number", "kvk")
    likely = _weighed(_valid_then(used, firms, as_of).filter(pl.col("overlap") > 0))
    return _labelled(by_stated, "kvk").vstack(likely.join(by_stated, on="employer_number", how="anti"))


def _weighed(pairs: pl.DataFrame) -> pl.DataFrame:
    """The likely links: the candidates of a number compete with each other and with no company at all.

    No company is beforehand as likely as all companies together, which odds of 1 say.
    """
    odds = pairs.group_by("employer_number", "kvk").agg(pl.col("odds").max())
    probability = pl.col("odds") / (1 + pl.col("odds").sum().over("employer_number", order_by="kvk"))
    return (
        odds.with_columns(link_probability=probability.round(6))
        .filter(pl.col("link_probability") >= ENOUGH)
        .select("employer_number", "kvk", "link_probability", link_method=pl.lit("probabilistic"))
        .select(list(_PAYROLL_SCHEMA))
    )


def _labelled(found: pl.DataFrame, method: str) -> pl.DataFrame:
    return found.select(
        "employer_number",
        "kvk",
        link_method=pl.lit(method),
        link_probability=pl.lit(PROBABILITY[method]),
    )
