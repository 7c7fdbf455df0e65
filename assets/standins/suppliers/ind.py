"""The immigration service: permits, recognised sponsors, notices, verdicts of reviewers.

Belongs here: `ind_permits`, `ind_sponsors`, `ind_sponsor_notices`, `review_verdicts`. Does not belong here: deciding
anything; the world has decided.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers, regions
from assets.standins.foundations.randomness import Ints
from assets.standins.posting import notifications, postings
from assets.standins.world import World

#: Numbers of applications for cross-border service and of other flows start here.
CROSS_BORDER = 300_000_000
OTHER_FLOWS = 500_000_000


def numbers_of(companies: pl.Series) -> pl.Series:
    """KvK numbers of companies; empty for -1."""
    numbers = identifiers.kvk(companies.clip(0).to_numpy())
    return pl.DataFrame({"n": numbers, "c": companies}).select(pl.when(pl.col("c") >= 0).then("n")).to_series()


def applications(world: World) -> pl.DataFrame:
    """Every application with all that will ever be known of it, days as numbers, -1 and NEVER for none."""
    table = world.permits
    table = table.with_columns(
        workplace=pl.when((pl.col("sponsor") >= 0) & (pl.col("sponsor") != pl.col("company")))
        .then("company")
        .otherwise(-1),
        application_id=identifiers.application(table["application"].to_numpy()),
    )
    return pl.concat([table, _cross_border(world), _other_flows(world)], how="diagonal_relaxed")


def _cross_border(world: World) -> pl.DataFrame:
    made = notifications.permits_of_stays(world.setting, world.stays)
    number = made["stay"].rank("ordinal").cast(pl.Int64).to_numpy()
    until = np.minimum(made["ends_on"].to_numpy(), made["valid_from"].to_numpy() + 729)
    return made.select(
        "person",
        "isco",
        "received_on",
        "decided_on",
        "valid_from",
        application_id=identifiers.application(cross_border_number(made["stay"].to_numpy())),
        application=pl.Series(-number),
        generation=pl.lit(0, dtype=pl.Int64),
        company=pl.col("client"),
        sponsor=pl.lit(-1, dtype=pl.Int64),
        workplace=pl.col("client"),
        scheme=pl.lit("cross_border_service"),
        application_kind=pl.lit("first"),
        decision=pl.lit("granted"),
        refusal_ground=pl.lit(""),
        valid_until=pl.Series(np.maximum(until, made["valid_from"].to_numpy())),
        ended_on=pl.lit(NEVER, dtype=pl.Int64),
        end_reason=pl.lit(""),
        category=pl.lit("none"),
        salary=pl.lit(None, dtype=pl.Float64),
        hours=pl.lit(40.0),
        degree_on=pl.lit(-1, dtype=pl.Int64),
    )


def cross_border_number(stays: Ints) -> Ints:
    """Application numbers of stays, within the range that is theirs."""
    hired = 200_000_000 + stays - postings.OF_OPENINGS
    extra = 230_000_000 + stays - postings.EXTRA
    return np.where(stays < postings.OF_OPENINGS, CROSS_BORDER + stays, np.where(stays < postings.EXTRA, hired, extra))


def _other_flows(world: World) -> pl.DataFrame:
    mine = world.flows.filter(pl.col("flow").is_in(["orientation_year", "learning_work", "twv_seasonal", "investor"]))
    number = OTHER_FLOWS + mine["person"].to_numpy() - 40_000_000
    positive = pl.col("outcome") == "positive"
    return mine.select(
        "person",
        "isco",
        "decided_on",
        "hours",
        "company",
        received_on=pl.col("filed_on"),
        application_id=identifiers.application(number),
        application=pl.Series(-number),
        generation=pl.lit(0, dtype=pl.Int64),
        sponsor=pl.col("company"),
        workplace=pl.lit(-1, dtype=pl.Int64),
        scheme=pl.col("flow"),
        application_kind=pl.when(pl.col("flow") == "orientation_year")
        .then(pl.lit("change_of_purpose"))
        .otherwise(pl.lit("first")),
        decision=pl.when(positive)
        .then(pl.lit("granted"))
        .when(pl.col("outcome") == "negative")
        .then(pl.lit("refused"))
        .otherwise(pl.lit("withdrawn")),
        refusal_ground=pl.when(pl.col("outcome") == "negative").then(pl.lit("other")).otherwise(pl.lit("")),
        valid_from=pl.col("starts_on"),
        valid_until=pl.col("ends_on"),
        ended_on=pl.lit(NEVER, dtype=pl.Int64),
        end_reason=pl.lit(""),
        category=pl.lit("none"),
        salary=pl.when(pl.col("flow") == "learning_work").then("salary"),
        degree_on=pl.when(pl.col("flow") == "orientation_year").then(pl.col("filed_on") - 60).otherwise(-1),
    )


def permits(world: World) -> pl.DataFrame:
    """Versions of `ind_permits`: received, decided, registered with a BSN, ended."""
    draws = world.draws
    table = applications(world).join(world.people, on="person", how="left", maintain_order="left")
    person, app = table["person"].to_numpy(), table["application"].to_numpy()
    here = ((table["application_kind"] != "first") | (table["generation"] > 0)).to_numpy()
    renewed = (
        draws.happens("person.renewed", world.parameters["persons"]["renewed_passport"], person)
        & (table["generation"] > 1).to_numpy()
    )
    document = pl.select(
        pl.when(pl.Series(renewed)).then(identifiers.document(person, 1)).otherwise(identifiers.document(person))
    ).to_series()
    place = world.companies.take("postcode4", table["company"].clip(0).to_numpy())
    shown = (
        draws.happens("permit.postcode", world.parameters["permits"]["postcode_given"], app)
        & (table["company"] >= 0).to_numpy()
    )
    sponsor = table["sponsor"]
    name = world.companies.table["name"].gather(sponsor.clip(0))
    full = table.select(
        "application_id",
        v_number=identifiers.v_number(person),
        bsn=identifiers.bsn(person),
        travel_document=document,
        birth_month=pl.Series(first_of_month(table["birth"].to_numpy())),
        sex=pl.col("sex"),
        nationality=pl.col("nationality"),
        free_movement=pl.col("free"),
        scheme=pl.col("scheme"),
        application_kind=pl.col("application_kind"),
        received_on=pl.col("received_on"),
        decided_on=pl.col("decided_on"),
        decision=pl.col("decision"),
        refusal_ground=_text("refusal_ground"),
        valid_from=pl.when(pl.col("decision") == "granted").then("valid_from"),
        valid_until=pl.when(pl.col("decision") == "granted").then("valid_until"),
        ended_on=pl.when(pl.col("ended_on") < NEVER).then("ended_on"),
        end_reason=_text("end_reason"),
        sponsor_kvk=numbers_of(sponsor),
        sponsor_name=pl.when(pl.col("sponsor") >= 0).then(name),
        workplace_kvk=numbers_of(table["workplace"]),
        workplace_postcode4=pl.when(pl.Series(shown)).then(pl.Series(place)),
        occupation_isco=pl.col("isco"),
        norm_category=pl.col("category"),
        salary_month_eur=pl.col("salary").round(2),
        hours_week=pl.col("hours"),
        degree_on=pl.when(pl.col("degree_on") >= 0).then("degree_on"),
        here=pl.Series(here),
        cross=pl.col("scheme") == "cross_border_service",
        short_bsn=pl.Series(draws.happens("permit.short_bsn", 0.3, person)),
    )
    return _versions(full)


def _text(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _versions(full: pl.DataFrame) -> pl.DataFrame:
    none = {name: pl.lit(None, dtype=full.schema[name]).alias(name) for name in full.columns}
    after_decision = ["decided_on", "decision", "refusal_ground", "valid_from", "valid_until"]
    at_end = [none["ended_on"], none["end_reason"]]
    bsn_later = pl.when(pl.col("here")).then("bsn").alias("bsn")
    received = full.with_columns(
        bsn_later, *[none[c] for c in after_decision], *at_end, known_on=pl.col("received_on") + 1
    )
    decided = full.with_columns(bsn_later, *at_end, known_on=pl.col("decided_on") + 1)
    registered = full.filter(
        (pl.col("decision") == "granted") & ~pl.col("here") & (~pl.col("cross") | pl.col("short_bsn"))
    ).with_columns(*at_end, known_on=pl.max_horizontal(pl.col("valid_from") + 21, pl.col("decided_on") + 2))
    ended = full.filter(pl.col("ended_on").is_not_null()).with_columns(
        known_on=pl.max_horizontal(pl.col("ended_on") + 9, pl.col("valid_from") + 22, pl.col("decided_on") + 3)
    )
    return pl.concat([received, decided, registered, ended]).drop("here", "cross", "short_bsn")


def first_of_month(days: Ints) -> Ints:
    """The first day of the month of each day."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def notices(world: World) -> pl.DataFrame:
    """Versions of `ind_sponsor_notices`."""
    table = world.notices
    return table.select(
        pl.format(
            f"N{regions.mark()}{{}}-{{}}", pl.col("number").cast(pl.String).str.zfill(9), pl.col("kind").str.slice(0, 2)
        ).alias("notice_id"),
        pl.Series("v_number", identifiers.v_number(table["person"].to_numpy())),
        sponsor_kvk=numbers_of(table["sponsor"]),
        kind=pl.col("kind"),
        event_on=pl.col("event_on"),
        until_on=pl.when(pl.col("until_on") >= 0).then("until_on"),
        received_on=pl.col("received_on"),
        known_on=pl.col("received_on") + 1,
    ).unique("notice_id", keep="first", maintain_order=True)


def sponsors(world: World, on: int) -> pl.DataFrame:
    """The state of `ind_sponsors` on a day."""
    table = world.companies.table.filter(pl.col("recognised_on") <= on)
    company = table["company"].to_numpy()
    ended = (pl.col("recognition_ended_on") <= on) & (pl.col("recognition_ended_on") < NEVER)
    reasons = np.array(["own_request", "withdrawn_inactive", "withdrawn_breach"])
    reason = reasons[world.draws.pick("sponsor.end_reason", [0.72, 0.22, 0.06], company)]
    closed = pl.col("recognition_ended_on") >= pl.col("ended_on")
    category = pl.col("sbi2").replace_strict(
        {"85": "education", "72": "research"}, default="labour", return_dtype=pl.String
    )
    own = pl.col("recognition_reason")
    return table.select(
        kvk=numbers_of(table["company"]),
        recognised_on=pl.col("recognised_on"),
        name=pl.col("name"),
        category=category,
        ended_on=pl.when(ended).then("recognition_ended_on"),
        end_reason=pl.when(ended).then(
            pl.when(own != "")
            .then(own)
            .when(closed & (pl.col("end_reason") == "bankruptcy"))
            .then(pl.lit("bankruptcy"))
            .when(closed & (pl.col("end_reason") == "merger"))
            .then(pl.lit("merger"))
            .otherwise(pl.Series(reason))
        ),
    )


def verdicts(world: World) -> pl.DataFrame:
    """Versions of `review_verdicts`: a few, about cases that an earlier study gave out."""
    number = np.arange(max(12, round(400 * world.parameters.persons)))
    draws = world.draws
    on = world.until - 60 - draws.integer("verdict.day", 0, 500, number)
    verdict = np.array(["confirmed", "cleared", "unclear"])[draws.pick("verdict", [0.22, 0.6, 0.18], number)]
    grounds = np.array(["BuWav 2022 art. 2.1", "Vw 2000 art. 54", "WagwEU art. 8"])[
        draws.integer("verdict.ground", 0, 2, number)
    ]
    reason = np.where(
        verdict == "confirmed",
        "Bankafschriften tonen een lager loon dan opgegeven.",
        "Nalevering van de werkgever verklaart het verschil.",
    )
    return pl.DataFrame(
        {
            "case_ref": identifiers.numbered("CASE-", number, 6),
            "reviewer": identifiers.numbered("medewerker-", number % 5, 2),
            "decided_on": on,
            "verdict": verdict,
            "legal_ground": pl.Series(np.where(verdict == "confirmed", grounds, "")).replace({"": None}),
            "explanation": pl.Series(np.where(verdict == "unclear", "", reason)).replace({"": None}),
            "known_on": on + 1,
        }
    )
