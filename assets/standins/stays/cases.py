"""What the advisers and the sponsors put on paper: UWV cases, RVO advice, notices of sponsors.

Belongs here: `uwv_work_permits`, `rvo_advice`, `ind_sponsor_notices`, each as rows that follow from applications and
from life. Does not belong here: the applications themselves.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.choice import Chosen, Market
from assets.standins.economy.companies import NEVER
from assets.standins.economy.setting import Setting
from assets.standins.foundations import identifiers
from assets.standins.foundations.randomness import Draws, Floats, Ints, floats
from assets.standins.stays.decisions import case_outcomes

#: Columns of a UWV case in this world; `known` pairs are added by the feeds.
CASE_COLUMNS = {
    "case": pl.Int64,
    "kind": pl.String,
    "policy_category": pl.String,
    "company": pl.Int64,
    "person": pl.Int64,
    "isco": pl.String,
    "salary": pl.Float64,
    "hours": pl.Float64,
    "received_on": pl.Int64,
    "decided_on": pl.Int64,
    "outcome": pl.String,
    "ground": pl.String,
    "valid_from": pl.Int64,
    "valid_until": pl.Int64,
}
_CATEGORY = {
    "twv_student": "student",
    "twv_asylum": "asylum_seeker",
    "twv_trade": "international_trade",
    "twv_seasonal": "seasonal",
    "learning_work": "trainee",
    "twv_bg_ro": "regular",
    "twv_hr": "regular",
}
#: Numbers of cases: those below are applications on which UWV advises.
FLOW_CASES, OWN_CASES = 500_000_000, 900_000_000


def _cast(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select([pl.col(name).cast(kind) for name, kind in CASE_COLUMNS.items()])


def _grounds(setting: Setting, ids: Ints) -> np.ndarray:
    grounds = setting.parameters["labour_test"]["grounds"]
    return np.array(list(grounds))[setting.draws.pick("case.ground", list(grounds.values()), ids)]


def make_cases(
    setting: Setting,
    *,
    permits: pl.DataFrame,
    flows: pl.DataFrame,
    openings: pl.DataFrame,
    market: Market,
    chosen: Chosen,
) -> pl.DataFrame:
    """One row per request to UWV; see CASE_COLUMNS."""
    advice = permits.filter(pl.col("scheme").is_in(["gvva", "asian_catering"]))
    ids = advice["application"].to_numpy()
    asked = advice["received_on"].to_numpy() + setting.draws.integer("case.asked", 2, 12, ids)
    answered = np.minimum(
        asked + 7 + (40 * setting.draws.uniform("case.answer", ids)).astype(np.int64),
        advice["decided_on"].to_numpy() - 1,
    )
    advised = advice.with_columns(
        pl.col("application").alias("case"),
        pl.when(pl.col("received_on") < setting.law.dates["2014-gvva"])
        .then(pl.lit("twv"))
        .otherwise(pl.lit("gvva_advice"))
        .alias("kind"),
        pl.when(pl.col("scheme") == "gvva")
        .then(pl.lit("regular"))
        .otherwise(pl.lit("catering"))
        .alias("policy_category"),
        pl.Series("received_on", np.minimum(asked, advice["decided_on"].to_numpy() - 1)),
        pl.Series("decided_on", np.maximum(answered, asked)),
        pl.when(pl.col("decision") == "granted")
        .then(pl.lit("positive"))
        .when(pl.col("refusal_ground").is_in(["negative_advice", "priority_supply", "not_market_conform"]))
        .then(pl.lit("negative"))
        .when(pl.col("decision") == "withdrawn")
        .then(pl.lit("withdrawn"))
        .otherwise(pl.lit("positive"))
        .alias("outcome"),
        pl.Series("ground", _grounds(setting, ids)),
    ).with_columns(pl.max_horizontal("decided_on", "received_on").alias("decided_on"))
    cases = pl.concat([_cast(advised), _flow_cases(setting, flows), _own_cases(setting, openings, market, chosen)])
    positive, negative = pl.col("outcome") == "positive", pl.col("outcome") == "negative"
    return cases.with_columns(
        pl.when(negative).then("ground").otherwise(pl.lit("")).alias("ground"),
        pl.when(positive).then("valid_from").otherwise(-1).alias("valid_from"),
        pl.when(positive).then("valid_until").otherwise(-1).alias("valid_until"),
    )


def _flow_cases(setting: Setting, flows: pl.DataFrame) -> pl.DataFrame:
    mine = flows.filter(pl.col("flow").is_in(list(_CATEGORY)))
    return _cast(
        mine.with_columns(
            (FLOW_CASES + pl.col("person") - 40_000_000).alias("case"),
            pl.when(pl.col("flow") == "learning_work")
            .then(pl.lit("gvva_advice"))
            .otherwise(pl.lit("twv"))
            .alias("kind"),
            pl.col("flow").replace_strict(_CATEGORY, return_dtype=pl.String).alias("policy_category"),
            pl.col("filed_on").alias("received_on"),
            pl.col("starts_on").alias("valid_from"),
            pl.col("ends_on").alias("valid_until"),
            pl.Series("ground", _grounds(setting, mine["person"].to_numpy())),
        )
    )


def _own_cases(setting: Setting, openings: pl.DataFrame, market: Market, chosen: Chosen) -> pl.DataFrame:
    """Requests of employers who chose the work permit for an opening."""
    rows = np.flatnonzero(chosen.route == market.routes.index("twv"))
    ids = openings["opening"].to_numpy()[rows]
    filed = chosen.filed_on[rows]
    test = setting.parameters["labour_test"]
    decided = filed + 4 + (2 * test["days"] * setting.draws.uniform("case.wait", ids)).astype(np.int64)
    start = decided + setting.draws.integer("case.start", 2, 30, ids)
    length = np.array([85, 180, 364])[setting.draws.pick("case.length", [0.35, 0.25, 0.4], ids)]
    return _cast(
        pl.DataFrame(
            {
                "case": OWN_CASES + ids,
                "kind": ["twv"] * len(rows),
                "policy_category": ["regular"] * len(rows),
                "company": openings["company"].to_numpy()[rows],
                "person": openings["person"].to_numpy()[rows],
                "isco": openings["isco"].to_numpy()[rows],
                "salary": chosen.salary[rows],
                "hours": openings["hours"].to_numpy()[rows],
                "received_on": filed,
                "decided_on": decided,
                "outcome": case_outcomes(setting, ids, filed),
                "ground": _grounds(setting, ids),
                "valid_from": start,
                "valid_until": start + length,
            }
        )
    )


def make_rvo(draws: Draws, permits: pl.DataFrame) -> pl.DataFrame:
    """One row per advice of RVO on the self-employed, start-ups and their staff."""
    mine = permits.filter(
        pl.col("scheme").is_in(["self_employed", "startup", "startup_staff"]) & (pl.col("generation") == 0)
    )
    ids = mine["application"].to_numpy()
    positive = (mine["decision"] == "granted").to_numpy()
    lift = np.where(positive, 18.0, -8.0)
    scores = {
        part: np.clip(42 + lift + 14 * draws.normal(f"rvo.{part}", ids), 0, 100).astype(np.int64)
        for part in ("score_personal", "score_business_plan", "score_added_value")
    }
    points = (mine["scheme"] == "self_employed").to_numpy()
    least = np.minimum.reduce(list(scores.values()))
    good = np.where(points, least >= 30, positive)
    advised = np.maximum(
        mine["decided_on"].to_numpy() - draws.integer("rvo.before", 3, 15, ids), mine["received_on"].to_numpy() + 3
    )
    business = mine["company"].to_numpy()
    return pl.DataFrame(
        {
            "advice_id": identifiers.numbered("R", ids, 9),
            "application": ids,
            "scheme": mine["scheme"],
            "business": business,
            "facilitator": np.where(
                (mine["scheme"] == "startup").to_numpy(), business[::-1] if len(business) else business, -1
            ),
            "received_on": np.minimum(mine["received_on"].to_numpy() + 2, advised),
            "advised_on": advised,
            "outcome": np.where(good, "positive", "negative"),
            "points": points,
            "company_staff": 1 + draws.pick("rvo.staff", [0.4, 0.2, 0.15, 0.1, 0.05, 0.05, 0.05], ids),
            "is_innovative": good | draws.happens("rvo.innovative", 0.3, ids),
            **scores,
        }
    )


def carelessness(draws: Draws, sponsor: Ints) -> Floats:
    """How careless sponsors are that tell of ends late or never: from near 0 to 1, half of them in the lowest third."""
    return floats(0.02 + 0.98 * draws.uniform("notice.careless", sponsor) ** 1.6)


def make_notices(setting: Setting, permits: pl.DataFrame, leave: pl.DataFrame, silent: set[int]) -> pl.DataFrame:
    """One row per notice: ends of employment, leave, changes of address.

    Args:
        setting: the stage.
        permits: the applications.
        leave: spells of leave.
        silent: sponsors that tell of part of their ends late or never.
    """
    ended = permits.filter(
        (pl.col("ended_on") < NEVER)
        & (pl.col("sponsor") >= 0)
        & (pl.col("work_from") >= 0)
        & (pl.col("scheme") != "cross_border_service")
    )
    marginal, blatant = setting.parameters["misuse"]["H09"]["late"]
    share = marginal + (blatant - marginal) * carelessness(setting.draws, ended["sponsor"].to_numpy())
    quiet = ended["sponsor"].is_in(list(silent)).to_numpy()
    quiet &= setting.draws.happens("notice.late_or_never", share, ended["application"].to_numpy())
    never = quiet & setting.draws.happens("notice.never", 0.45, ended["application"].to_numpy())
    ended, quiet = ended.filter(pl.Series(~never)), quiet[~never]
    ids = ended["application"].to_numpy()
    in_time = setting.draws.happens("notice.in_time", setting.parameters["permits"]["notice_in_time"], ids) & ~quiet
    lag = np.where(
        in_time, setting.draws.integer("notice.lag", 1, 25, ids), setting.draws.integer("notice.late", 32, 75, ids)
    )
    found = [
        _notice(
            ids,
            ended,
            kind="end_of_employment",
            on=ended["work_until"].to_numpy() + 1,
            until=np.full(len(ids), -1),
            lag=lag,
        )
    ]
    kinds = {"O": "unpaid_leave", "K": "parental_leave", "Z": "sick_leave"}
    sponsors = permits.select("application", "person", "sponsor", "scheme")
    taken = leave.filter(pl.col("starts") & pl.col("code").is_in(list(kinds))).join(
        sponsors.drop("person"), on="application", maintain_order="left"
    )
    taken = taken.with_columns(pl.col("company").alias("sponsor")).with_row_index("nr")
    number = taken["application"].to_numpy() * 100 + taken["from_on"].to_numpy() % 97
    told = setting.draws.happens("notice.leave", 0.9, number)
    taken, number = taken.filter(pl.Series(told)), number[told]
    kind = taken["code"].replace_strict(kinds, return_dtype=pl.String)
    found.append(
        _notice(
            number,
            taken,
            kind=kind,
            on=taken["from_on"].to_numpy(),
            until=taken["until_on"].to_numpy(),
            lag=setting.draws.integer("notice.lag", 1, 26, number),
        )
    )
    started = permits.filter(
        (pl.col("work_from") >= 0) & (pl.col("sponsor") >= 0) & (pl.col("scheme") != "cross_border_service")
    )
    moves = setting.draws.happens("notice.address", 0.25, started["application"].to_numpy())
    some = started.filter(pl.Series(moves))
    on = some["work_from"].to_numpy() + setting.draws.integer(
        "notice.address_day", 20, 300, some["application"].to_numpy()
    )
    found.append(
        _notice(
            some["application"].to_numpy(),
            some,
            kind="address_change",
            on=on,
            until=np.full(len(some), -1),
            lag=setting.draws.integer("notice.lag2", 1, 13, some["application"].to_numpy()),
        )
    )
    return pl.concat(found).sort("received_on", "number", "kind").filter(pl.col("sponsor") >= 0)


def _notice(
    number: Ints, rows: pl.DataFrame, *, kind: str | pl.Series, on: Ints, until: Ints, lag: Ints
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "number": number,
            "person": rows["person"],
            "sponsor": rows["sponsor"],
            "event_on": on,
            "until_on": until,
            "received_on": on + lag,
        }
    ).with_columns(pl.lit(kind).alias("kind") if isinstance(kind, str) else kind.alias("kind"))
