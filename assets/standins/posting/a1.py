"""A1 certificates and sightings of workers at work: two other windows on the same stays.

Belongs here: certificates, inspections and registers at site gates. Does not belong here: the stays themselves.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.setting import Setting
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import day, month_of, month_start, year_of
from assets.standins.foundations.randomness import Draws, Ints


def make_a1(setting: Setting, stays: pl.DataFrame) -> pl.DataFrame:
    """One row per certificate, with the contract's columns, the person, the stay (-1: none) and the day of knowing.

    A stay has one certificate or several that follow each other; short journeys that nobody has to notify have one too.
    """
    return pl.concat([_of_stays(setting, stays), _of_journeys(setting)])


def _of_stays(setting: Setting, stays: pl.DataFrame) -> pl.DataFrame:
    block = setting.parameters["a1"]
    mine = stays.filter(pl.Series(year_of(stays["starts_on"].to_numpy())) >= block["from_year"])
    stay = mine["stay"].to_numpy()
    asked = (~mine["certificate"].is_in(["none", "own"])).to_numpy()
    has = setting.draws.happens("a1.covered", block["covered"], stay) & asked
    mine, stay = mine.filter(pl.Series(has)), stay[has]
    days = (mine["ends_on"] - mine["starts_on"] + 1).to_numpy()
    parts = 1 + setting.draws.pick("a1.parts", block["parts"], stay)
    parts = np.where(days >= block["shortest_part_days"] * parts, parts, 1)
    row = np.repeat(np.arange(len(stay)), parts)
    part = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    step = (days // parts)[row]
    mine, stay, last = mine[row.tolist()] if len(row) else mine, stay[row], part == parts[row] - 1
    start = mine["starts_on"].to_numpy() + part * step
    end = np.where(last, mine["ends_on"].to_numpy(), start + step - 1)
    early = setting.draws.happens("a1.early", block["before_start"], stay)
    early &= (mine["certificate"] != "late").to_numpy()
    late = np.where((mine["certificate"] == "late").to_numpy(), 65, 0)
    delay = (block["late_days"] * setting.draws.exponential("a1.delay", stay)).astype(np.int64)
    issued = np.where(
        early, start - setting.draws.integer("a1.lead", 2, 25, stay), start + np.minimum(delay + late, 300)
    )
    length = np.array(block["months"])[setting.draws.pick("a1.months", [0.4, 0.4, 0.2], stay)] * 30
    two = setting.draws.happens("a1.two", block["two_states"], stay) & (parts[row] == 1)
    basis = np.where(two, "art13", np.where(setting.draws.happens("a1.art16", 0.01, stay), "art16", "art12_1"))
    basis = np.where(mine["kind"].to_numpy() == "self_employed", "art12_2", basis)
    until = np.maximum(np.where(length > end - start, np.where(two, start + length, end + 10 * last), end), start)
    who = mine["employer"].to_numpy()
    return pl.DataFrame(
        {
            "a1_id": identifiers.numbered("A1-", stay, 11) + pl.Series(np.array(["", "B", "C"])[part], dtype=pl.String),
            "person": mine["person"],
            "stay": stay,
            "employer": who,
            "worker_document": identifiers.document(mine["person"].to_numpy()),
            "employer_vat": setting.employers.take("vat", who),
            "issuing_country": setting.employers.take("country", who),
            "basis": basis,
            "valid_from": start - setting.draws.integer("a1.from", 0, 6, stay) * (part == 0),
            "valid_until": np.minimum(until, start + 729),
            "issued_on": issued,
            "withdrawn_on": np.full(len(stay), -1, dtype=np.int64),
            "known_on": issued + 6,
        }
    )


def _of_journeys(setting: Setting) -> pl.DataFrame:
    """Certificates of workers whose journey need not be notified: assembly of some days, meetings, exempt sectors."""
    block, draws = setting.parameters["a1"], setting.draws
    last = int(month_of(np.array([day(str(setting.parameters["horizon"]))]))[0])
    months = np.arange((block["from_year"] - 1970) * 12, last + 1)
    mean = block["journeys_year"] * setting.parameters.postings / 12
    counts = np.array([draws.generator("journey.count", int(m)).poisson(mean) for m in months])
    month = np.repeat(months, counts)
    number = month * 100_000 + np.arange(len(month)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = month_start(month) + draws.integer("journey.day", 0, 27, number)
    table = setting.employers.table.filter(~pl.col("transport") & (pl.col("registered_on") < day("2019-01-01")))
    running = np.cumsum(table["pull"].to_numpy())
    spot = np.searchsorted(running, draws.uniform("journey.employer", number) * running[-1])
    who = table["employer"].to_numpy()[np.minimum(spot, len(table) - 1)]
    turn = (draws.uniform("journey.person", number) * setting.employers.take("pool", who)).astype(np.int64)
    person = setting.employers.take("first_person", who) + turn
    issued = start - draws.integer("journey.lead", 1, 15, number)
    return pl.DataFrame(
        {
            "a1_id": identifiers.numbered("A1-J", number, 10),
            "person": person,
            "stay": np.full(len(number), -1, dtype=np.int64),
            "employer": who,
            "worker_document": identifiers.document(person),
            "employer_vat": setting.employers.take("vat", who),
            "issuing_country": setting.employers.take("country", who),
            "basis": ["art12_1"] * len(number),
            "valid_from": start,
            "valid_until": start + draws.integer("journey.length", 0, 7, number),
            "issued_on": issued,
            "withdrawn_on": np.full(len(number), -1, dtype=np.int64),
            "known_on": issued + 6,
        }
    )


def _visits(setting: Setting, months: Ints) -> pl.DataFrame:
    """One row per inspection visit: day and whether it was drawn at random."""
    block = setting.parameters["sightings"]
    mean = max(block["visits_year"] * setting.parameters.postings / 12, 4.0)
    counts = np.array([setting.draws.generator("sighting.visits", int(m)).poisson(mean) for m in months])
    month = np.repeat(months, counts)
    turn = np.arange(len(month)) - np.repeat(np.cumsum(counts) - counts, counts)
    on = month_start(month) + setting.draws.integer("sighting.day", 0, 27, month, turn)
    random = setting.draws.happens("sighting.random", block["random_share"], month, turn)
    return pl.DataFrame({"visit": month * 1000 + turn, "seen_on": on, "random_sample": random})


def make_sightings(setting: Setting, stays: pl.DataFrame, until: int) -> pl.DataFrame:
    """One row per worker seen, at inspections and at site gates."""
    months = np.arange(int(month_of(np.array([day("2020-03-01")]))[0]), int(month_of(np.array([until]))[0]) + 1)
    visits = _visits(setting, months)
    stays = stays.filter(pl.col("sbi2") != "49").sort("starts_on", "stay")
    projects = stays.group_by("project", maintain_order=True).agg(pl.col("starts_on").min(), pl.col("real_end").max())
    seen = _seen_on_visit(setting.draws, projects, visits)
    inspected = (
        stays.join(seen, on="project", how="inner", maintain_order="left")
        .filter((pl.col("starts_on") <= pl.col("seen_on")) & (pl.col("seen_on") <= pl.col("real_end")))
        .with_columns(pl.lit("inspection").alias("list"), (pl.col("visit") * 64 + pl.col("slot")).alias("number"))
    )
    frame = pl.concat([inspected.drop("visit"), _gates(setting, stays)], how="diagonal")
    checked = setting.draws.happens(
        "sighting.wage", setting.parameters["sightings"]["wage_checked"], frame["number"].to_numpy()
    )
    inspection = frame["list"] == "inspection"
    who = frame["employer"].to_numpy()
    return frame.with_columns(
        pl.when(inspection)
        .then(identifiers.numbered("I", frame["number"].to_numpy(), 10))
        .otherwise(identifiers.numbered("G", frame["number"].to_numpy(), 14))
        .alias("sighting_id"),
        identifiers.document(frame["person"].to_numpy()).alias("worker_document"),
        pl.Series("employer_vat", setting.employers.take("vat", who)),
        pl.when(pl.Series(checked) & inspection).then("hourly_wage").alias("hourly_wage_eur"),
        (pl.col("seen_on") + 20).alias("known_on"),
        (~pl.col("third")).alias("worker_free_movement"),
    ).unique("sighting_id", keep="first", maintain_order=True)


def _seen_on_visit(draws: Draws, projects: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The project that each visit finds: one of the 40 that started last before it and still goes on."""
    starts = projects["starts_on"].to_numpy()
    alive = np.searchsorted(starts, visits["seen_on"].to_numpy(), side="right")
    span = np.minimum(alive, max(40, len(starts) // 12))
    pick = alive - 1 - np.floor(draws.uniform("sighting.project", visits["visit"].to_numpy()) * span).astype(np.int64)
    found = visits.with_columns(projects["project"].gather(np.maximum(pick, 0)).alias("project")).filter(
        pl.Series(alive > 0)
    )
    return found.unique(["project", "seen_on"], keep="first", maintain_order=True)


def _gates(setting: Setting, stays: pl.DataFrame) -> pl.DataFrame:
    """Every working day of every worker at the sites with a register at the gate."""
    block = setting.parameters["sightings"]
    first = day(str(block["gate_from"]))
    at_gate = pl.Series(setting.draws.happens("sighting.gate", block["gate_share"], stays["project"].to_numpy()))
    mine = stays.filter((at_gate & pl.col("site") & (pl.col("starts_on") >= first)) | (pl.col("origin") == "gate"))
    start, end = mine["starts_on"].to_numpy(), mine["real_end"].to_numpy()
    count = end - start + 1
    row = np.repeat(np.arange(len(mine)), count)
    on = start[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    stay = mine["stay"].to_numpy()[row]
    works = ((on + 3) % 7 < 5) & setting.draws.happens("sighting.present", 0.97, stay, on)
    rows = mine[row[works].tolist()] if works.any() else mine.head(0)
    on = on[works]
    return rows.with_columns(
        pl.Series("seen_on", on),
        pl.lit(False).alias("random_sample"),
        pl.lit("site_gate").alias("list"),
        pl.Series("number", rows["stay"].to_numpy() * 20_000 + on - 10_000),
    )
