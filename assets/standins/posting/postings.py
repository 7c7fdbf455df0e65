"""Posting: projects at Dutch clients, the crews that foreign employers send, and for how long.

Belongs here: who is posted where and when, announced and real. Does not belong here: notifications and permits that
follow from stays (`notifications`), certificates and sightings (`a1`), and misuse, which adds or changes stays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from assets.standins.economy.demand import crc, month_number
from assets.standins.economy.pools import Pool
from assets.standins.economy.setting import Setting
from assets.standins.foundations import regions
from assets.standins.foundations.law import day, month_of, month_start, year_of
from assets.standins.foundations.randomness import Draws, Floats, Ints, floats

#: One row per worker and stay. `real_end` is known to nobody but the world; `status` says on what ground a
#: third-country worker stays: free, short, mobile (road transport), permit, pending, other, none; `home_since` and
#: `home_until`: start of the employment and end of the permit at home, -1 where ordinary; `certificate`: ordinary,
#: none, late or own (made elsewhere); `edits`: further versions of the notification; `notified`: False where it is
#: missing.
STAY_COLUMNS = {
    "stay": pl.Int64,
    "notification": pl.Int64,
    "project": pl.Int64,
    "slot": pl.Int64,
    "employer": pl.Int64,
    "client": pl.Int64,
    "place": pl.String,
    "sbi2": pl.String,
    "isco": pl.String,
    "person": pl.Int64,
    "third": pl.Boolean,
    "starts_on": pl.Int64,
    "ends_on": pl.Int64,
    "real_end": pl.Int64,
    "kind": pl.String,
    "submitted_on": pl.Int64,
    "site": pl.Boolean,
    "hourly_wage": pl.Float64,
    "status": pl.String,
    "origin": pl.String,
    "home_since": pl.Int64,
    "home_until": pl.Int64,
    "certificate": pl.String,
    "edits": pl.Int64,
    "notified": pl.Boolean,
}


def _yearly(block: dict[Any, float], months: Ints) -> Floats:
    years = np.array(sorted(int(y) for y in block))
    values = np.array([float(block[y]) for y in sorted(block)])
    return floats(np.interp(months / 12 + 1970, years, values, left=0.0) * ((months // 12 + 1970) >= years[0]))


def _monthly_workers(setting: Setting, months: Ints) -> tuple[Floats, Floats]:
    """Rows of workers a month outside and inside road transport, before chance."""
    block = setting.parameters["posting"]
    rows, road_rows = (block["rows_per_worker"][k] * setting.parameters.postings / 12 for k in ("elsewhere", "road"))
    before = months < month_number(block["portal_from"])
    elsewhere = np.where(before, _yearly(block["workers_before"], months), _yearly(block["workers"], months)) * rows
    gone = (months >= month_number(block["transport_until"])) | before
    road = np.where(gone, 0.0, _yearly(block["transport_workers"], months) * road_rows)
    dip = (months >= month_number("2020-03-01")) & (months <= month_number("2020-06-01"))
    season = np.array(block["season"])[months % 12]
    return np.where(dip, elsewhere * 0.55, elsewhere) * season, road


def _surges(setting: Setting) -> list[Any]:
    """Planted surges of single sectors; none where nothing is planted."""
    block = setting.parameters["misuse"]
    return list(block["P17"]["surges"]) if block["level"] > 0 else []


def _projects(setting: Setting, until: int) -> pl.DataFrame:
    """One row per project: month, sector (-1: road transport), size of the crew."""
    block = setting.parameters["posting"]
    months = np.arange(month_number("2014-01-01"), int(month_of(np.array([until]))[0]) + 1)
    elsewhere, road = _monthly_workers(setting, months)
    sectors = [s["sbi2"] for s in block["sectors"]]
    kinds, means = [-2, -1], [elsewhere, road]
    for surge in _surges(setting):
        place = sectors.index(surge["sbi2"])
        on = (months >= month_number(surge["from"])) & (months <= month_number(surge["until"]))
        kinds.append(place)
        means.append(np.where(on, elsewhere * block["sectors"][place]["share"] * (surge["factor"] - 1), 0.0))
    counts = np.array(
        [
            [
                int(setting.draws.generator(f"posting.count{k}", int(m)).poisson(mean[i] / block["crew_mean"]))
                for k, mean in zip(kinds, means, strict=True)
            ]
            for i, m in enumerate(months)
        ]
    )
    month = np.repeat(months, counts.sum(axis=1))
    kind = np.repeat(np.tile(np.array(kinds), len(months)), counts.ravel())
    frame = pl.DataFrame({"month": month}).with_row_index("project").cast({"project": pl.Int64})
    ids = frame["project"].to_numpy()
    drawn = setting.draws.pick("posting.sector", [s["share"] for s in block["sectors"]], ids)
    crew = 1 + np.floor(setting.draws.exponential("posting.crew", ids) * (block["crew_mean"] - 0.5)).astype(np.int64)
    return frame.with_columns(
        pl.Series("sector", np.where(kind == -2, drawn, kind)), pl.Series("crew", np.minimum(crew, 25))
    )


def _employer_of(setting: Setting, projects: pl.DataFrame, on: Ints) -> Ints:
    """The employer of each project: one of its sector that exists, by pull; -1 where there is none."""
    ids, sector = projects["project"].to_numpy(), projects["sector"].to_numpy()
    found = np.full(len(ids), -1, dtype=np.int64)
    for number in np.unique(sector):
        rows = np.flatnonzero(sector == number)
        mine = pl.col("transport") if number < 0 else (~pl.col("transport") & (pl.col("sector") == int(number)))
        table = setting.employers.table.filter(mine)
        if len(table):
            pool, founded = Pool(table, "employer"), on[rows] - 40
            pick = pool.drawn(founded, setting.draws.uniform("posting.employer", ids[rows]))
            found[rows] = np.where(pool.founded_by(founded) > 0, pick, -1)
    return found


def _client_of(
    setting: Setting,
    sbi2: np.ndarray,
    employer: Ints,
    ids: Ints,
    on: Ints,
) -> Ints:
    """The client: one of the few that the employer serves, a company in the sector of the work."""
    turn = np.floor(
        setting.draws.uniform("posting.turn", ids) ** 2 * setting.employers.take("clients", employer)
    ).astype(np.int64)
    result = np.zeros(len(ids), dtype=np.int64)
    for name in np.unique(sbi2):
        rows = np.flatnonzero(sbi2 == name)
        table = setting.companies.table.filter(pl.col("sbi2") == str(name))
        pool = Pool(table if len(table) else setting.companies.table)
        spot = setting.draws.uniform("posting.client", employer[rows], turn[rows], crc(str(name)))
        result[rows] = pool.drawn(on[rows], spot)
    return result


def make_stays(setting: Setting, until: int) -> pl.DataFrame:
    """All ordinary stays of posted workers that start up to the day `until`; see STAY_COLUMNS."""
    block = setting.parameters["posting"]
    projects = _projects(setting, until)
    ids, month = projects["project"].to_numpy(), projects["month"].to_numpy()
    start = month_start(month) + setting.draws.integer("posting.day", 0, 27, ids)
    employer = _employer_of(setting, projects, start)
    projects = projects.with_columns(pl.Series("starts", start), pl.Series("employer", employer)).filter(
        pl.col("employer") >= 0
    )
    ids, start, employer, sector = (projects[c].to_numpy() for c in ("project", "starts", "employer", "sector"))
    sbi2 = np.array([s["sbi2"] for s in block["sectors"]] + ["49"])[sector]
    site = np.array([s["site"] for s in block["sectors"]] + [False])[sector]
    client = _client_of(setting, sbi2, employer, ids, start)
    length = np.exp(np.log(block["duration_days"] * 0.75) + 0.75 * setting.draws.normal("posting.length", ids))
    length = np.clip(length, 4, block["duration_longest"]).astype(np.int64)
    place = _places(
        setting.draws, ids=ids, employer=employer, client=client, site=site, start=start, end=start + length
    )
    crew = projects["crew"].to_numpy()
    row = np.repeat(np.arange(len(ids)), crew)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(crew) - crew, crew)
    frame = pl.DataFrame(
        {
            "project": ids[row],
            "slot": slot,
            "employer": employer[row],
            "client": client[row],
            "place": place[row],
            "sbi2": sbi2[row],
            "site": site[row],
            "starts_on": start[row],
            "ends_on": (start + length)[row],
        }
    ).with_columns(pl.Series("isco", _occupations(setting, sector[row], ids[row], slot)))
    frame = _rotated(setting, _with_workers(setting, frame))
    two = setting.draws.happens("posting.two", block["two_on_a_notice"], frame["project"].to_numpy())
    frame = frame.with_columns(
        (pl.col("project") * 32 + pl.col("slot")).alias("stay"),
        (pl.col("project") * 32 + pl.when(pl.Series(two)).then(pl.col("slot") // 2).otherwise("slot")).alias(
            "notification"
        ),
    )
    return _announced(setting, frame)


def _places(
    draws: Draws, *, ids: Ints, employer: Ints, client: Ints, site: np.ndarray, start: Ints, end: Ints
) -> pl.Series:
    """Sites are new for each project; plants belong to the client, but no employer is at one plant twice in a row."""
    hall = draws.integer("posting.hall", 1, 3, ids)
    frame = pl.DataFrame(
        {"employer": employer, "client": client, "hall": hall, "start": start, "end": end, "site": site, "id": ids}
    )
    order = frame.with_row_index().sort("employer", "client", "hall", "start")
    latest = pl.col("end").cum_max().shift(1).over("employer", "client", "hall")
    soon = order.select("index", (pl.col("start") - latest.fill_null(-9999) < 90).alias("soon")).sort("index")["soon"]
    own = pl.col("site") | soon
    return frame.select(
        pl.when(own)
        .then(pl.format(f"S{regions.mark()}{{}}", "id"))
        .otherwise(pl.format(f"C{regions.mark()}{{}}-{{}}", "client", "hall"))
        .alias("place")
    )["place"]


def _occupations(setting: Setting, sector: Ints, project: Ints, slot: Ints) -> np.ndarray:
    block = setting.parameters["posting"]
    lists = [s["iscos"] for s in block["sectors"]] + [block["transport_iscos"]]
    width = max(len(one) for one in lists)
    table = np.array([(one * width)[:width] for one in lists])
    return table[sector, setting.draws.integer("posting.isco", 0, width - 1, project, slot // 3)]


def _with_workers(setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """The worker of each row: the next of the employer's pool, who comes round again when all have been."""
    block = setting.parameters["posting"]
    frame = frame.sort("employer", "starts_on", "project", "slot")
    turn = frame.select(pl.int_range(pl.len()).over("employer")).to_series().to_numpy()
    employer = frame["employer"].to_numpy()
    person = setting.employers.take("first_person", employer) + turn % setting.employers.take("pool", employer)
    country = setting.employers.take("country", employer)
    share = np.array([block["third_country"].get(c, 0.1) for c in country.tolist()])
    later = block["growth_third_country"]
    founded = year_of(setting.employers.take("registered_on", employer))
    growth = np.interp(founded, sorted(later), [later[y] for y in sorted(later)])
    growth = growth * np.where(setting.employers.take("transport", employer), block["road_third_country"], 1.0)
    third = setting.draws.uniform("posted.third", person) < share * growth
    frame = frame.with_columns(pl.Series("person", person), pl.Series("third", third))
    before = pl.col("starts_on") < day(str(block["portal_from"]))
    frame = frame.filter(pl.col("third") | ~before)
    previous = pl.col("ends_on").cum_max().shift(1).over("person").fill_null(-9999)
    return frame.sort("person", "starts_on", "project").filter(pl.col("starts_on") > previous + 3)


def _rotated(setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """Some employers send a third-country worker home before a permit would be needed."""
    block = setting.parameters["posting"]
    key = frame["project"].to_numpy(), frame["slot"].to_numpy()
    most = setting.draws.integer("posting.rotated_days", 40, block["permit_after_days"] - 1, *key)
    goes = pl.Series(setting.draws.happens("posting.rotates", block["rotates"], *key))
    early = pl.col("third") & (pl.col("sbi2") != "49") & goes
    return frame.with_columns(
        pl.when(early)
        .then(pl.min_horizontal("ends_on", pl.col("starts_on") + pl.Series(most)))
        .otherwise("ends_on")
        .alias("ends_on")
    )


def _announced(setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """What is announced about each stay, how long it really lasts and on what ground."""
    block = setting.parameters["posting"]
    stay, start, end = (frame[c].to_numpy() for c in ("stay", "starts_on", "ends_on"))
    note = frame["notification"].to_numpy()
    short = setting.draws.happens("posting.shorter", block["shorter_stay"], stay)
    real = np.where(
        short, start + ((end - start) * (0.2 + 0.6 * setting.draws.uniform("posting.real", stay))).astype(np.int64), end
    )
    kind = np.where(setting.draws.happens("posting.annual", block["annual_share"], note), "annual", "regular")
    kind = np.where(setting.draws.happens("posting.self", block["self_employed"], note), "self_employed", kind)
    kind = np.where(frame["sbi2"].to_numpy() == "49", "annual", kind)
    third = frame["third"].to_numpy()
    kind = np.where(third & (kind == "annual"), "regular", kind)
    minimum = setting.law.minimum_hour.on(start)
    hourly = minimum * (1.06 + 0.35 * setting.draws.exponential("posting.wage", frame["employer"].to_numpy(), stay))
    shown = setting.draws.happens("posting.wage_shown", block["wage_shown"], stay)
    lead = setting.draws.integer("posting.lead", 1, 20, note)
    frame = frame.with_columns(
        pl.Series("real_end", real),
        pl.Series("kind", kind),
        pl.Series("submitted_on", start - lead),
        pl.Series("hourly_wage", np.where(shown, np.round(hourly, 2), np.nan)),
        pl.lit("ordinary").alias("origin"),
        home_since=pl.lit(-1, dtype=pl.Int64),
        home_until=pl.lit(-1, dtype=pl.Int64),
        certificate=pl.lit("ordinary"),
        edits=pl.lit(0, dtype=pl.Int64),
        notified=pl.lit(True),
    )
    early = pl.col("starts_on") - 60 - pl.Series(lead)
    frame = _grounds(setting, frame.with_columns(early.alias("early"))).with_columns(
        # Who needs a permit must have notified first.
        pl.when(pl.col("status") == "permit").then("early").otherwise("submitted_on").alias("submitted_on")
    )
    return frame.select([pl.col(name).cast(kind) for name, kind in STAY_COLUMNS.items()])


def _grounds(setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """On what ground each worker stays: compliant employers ask for a permit before the stay becomes long."""
    block = setting.parameters["posting"]
    frame = frame.sort("person", "starts_on", "stay")
    same = pl.col("person") == pl.col("person").shift(1)
    before = (
        pl.when(same & (pl.col("starts_on") - pl.col("ends_on").shift(1) < 200))
        .then(pl.col("ends_on").shift(1) - pl.col("starts_on").shift(1) + 1)
        .otherwise(0)
    )
    total = pl.col("ends_on") - pl.col("starts_on") + 1 + before.fill_null(0)
    other = pl.Series(setting.draws.happens("posting.other", block["other_status"], frame["person"].to_numpy()))
    return frame.with_columns(
        pl.when(~pl.col("third"))
        .then(pl.lit("free"))
        .when(pl.col("sbi2") == "49")
        .then(pl.lit("mobile"))
        .when(total <= block["permit_after_days"])
        .then(pl.lit("short"))
        .when(other)
        .then(pl.lit("other"))
        .otherwise(pl.lit("permit"))
        .alias("status")
    )


#: Numbers of stays, notifications and projects that openings lead to, and that are planted, start here.
OF_OPENINGS, EXTRA = 2_000_000_000, 3_000_000_000


def stays_of_openings(
    setting: Setting,
    openings: pl.DataFrame,
    market: Any,
    chosen: Any,
) -> pl.DataFrame:
    """Stays of candidates who come posted because the employer chose so; see STAY_COLUMNS."""
    rows = np.flatnonzero(chosen.route == market.routes.index("posting_third_country"))
    ids, start = openings["opening"].to_numpy()[rows], chosen.filed_on[rows] + 15
    length = np.clip(
        np.exp(5.3 + 0.45 * setting.draws.normal("hired.length", ids)),
        40,
        setting.parameters["posting"]["duration_longest"],
    )
    table = setting.employers.table.filter(
        ~pl.col("transport") & pl.col("country").is_in(["PL", "LT", "SK", "PT", "SI", "LV", "DE", "CZ"])
    )
    employer = Pool(table, "employer").drawn(start - 40, setting.draws.uniform("hired.employer", ids))
    company = openings["company"].to_numpy()[rows]
    frame = pl.DataFrame(
        {
            "stay": OF_OPENINGS + ids,
            "notification": OF_OPENINGS + ids,
            "project": OF_OPENINGS + ids,
            "slot": np.zeros(len(ids), dtype=np.int64),
            "employer": employer,
            "client": company,
            "sbi2": setting.companies.take("sbi2", company),
            "person": openings["person"].to_numpy()[rows],
            "isco": openings["isco"].to_numpy()[rows],
            "third": np.ones(len(ids), dtype=bool),
            "starts_on": start,
            "ends_on": start + length.astype(np.int64),
            "site": np.zeros(len(ids), dtype=bool),
        }
    ).with_columns(pl.format(f"S{regions.mark()}{{}}", "project").alias("place"))
    return _announced(setting, frame)
