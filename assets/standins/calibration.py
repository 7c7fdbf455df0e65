"""The world against the published volumes: one row per usable figure, with its band and what explains a miss.

Belongs here: counting in a world what a published figure counts, with the same population. Does not belong here:
making worlds, and pages that show the table. Run as `python -m assets.standins.calibration` for a table in Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import polars as pl

from assets.standins.deliveries.deliver import day_number
from assets.standins.foundations.law import read_rows
from assets.standins.foundations.parameters import read_parameters
from assets.standins.suppliers.ind import applications
from assets.standins.supply import make_world
from assets.standins.world import World

#: Routes with more than this number a year must be within 10 %, others within 25 %.
LARGE, BAND_LARGE, BAND_SMALL = 2_000, 0.10, 0.25
COLUMNS = ["figure", "year", "period", "published", "world", "ratio", "band", "inside", "explanation"]
_PERIODS = {
    "year": ("01-01", "12-31"),
    "year (about)": ("01-01", "12-31"),
    "Jan-Nov": ("01-01", "11-30"),
    "Jan-Apr": ("01-01", "04-30"),
    "May-Aug": ("05-01", "08-31"),
    "Sep-Dec": ("09-01", "12-31"),
    "Jan-Aug": ("01-01", "08-31"),
    "Q1": ("01-01", "03-31"),
    "year to mid Dec": ("01-01", "12-15"),
    "to 2 Nov": ("01-01", "11-02"),
    "stock": ("12-31", "12-31"),
    "end of year stock": ("12-31", "12-31"),
}
_LABOUR = ["gvva", "asian_catering", "learning_work", "twv_seasonal"]
_TALENT = ["hsm", "ict_eu", "blue_card"]

Measure = Callable[["_Counter", int, int], float]


class _Counter:
    """Counts in one world, scaled up to the nation."""

    def __init__(self, world: World) -> None:
        self.up = 1 / world.parameters.persons
        self.up_posted = 1 / world.parameters.postings
        self.world = world
        table = applications(world)
        self.new = table.filter(pl.col("application_kind") != "extension")
        self.first = table.filter(pl.col("application_kind") == "first")
        self.permits = world.permits
        self.cases = world.cases
        self.stays = world.stays.filter(pl.col("notified"))

    def filed(self, schemes: list[str], first: int, last: int) -> float:
        """Applications other than extensions that were received in a period."""
        return self._count(self.new.filter(pl.col("scheme").is_in(schemes)), "received_on", first, last)

    def decided(self, schemes: list[str], first: int, last: int, outcome: str | None = None) -> float:
        """Decisions on them in a period."""
        rows = self.new.filter(pl.col("scheme").is_in(schemes))
        rows = rows if outcome is None else rows.filter(pl.col("decision") == outcome)
        return self._count(rows, "decided_on", first, last)

    def granted_first(self, scheme: str, first: int, last: int) -> float:
        """First permits granted in a period."""
        rows = self.first.filter((pl.col("scheme") == scheme) & (pl.col("decision") == "granted"))
        return self._count(rows, "decided_on", first, last)

    def asked(self, kind: str, first: int, last: int, outcome: str | None = None, category: str | None = None) -> float:
        """Requests to UWV: received, or decided with an outcome, in a period."""
        rows = self.cases.filter(pl.col("kind") == kind)
        rows = rows if category is None else rows.filter(pl.col("policy_category") == category)
        if outcome is None:
            return self._count(rows, "received_on", first, last)
        return self._count(rows.filter(pl.col("outcome") == outcome), "decided_on", first, last)

    def handled(self, kind: str, first: int, last: int) -> float:
        """Requests to UWV that were decided or withdrawn in a period."""
        return self._count(self.cases.filter(pl.col("kind") == kind), "decided_on", first, last)

    def months_posted(self, first: int, last: int) -> float:
        """Mean months of the stays outside road transport that start in a period, as announced."""
        rows = self.stays.filter(pl.col("starts_on").is_between(first, last) & ~_ROAD)
        days = rows.select(pl.col("ends_on") - pl.col("starts_on") + 1).to_series().to_numpy()
        return float(days.mean()) / 30.44 if len(days) else 0.0

    def from_home(self, first: int, last: int) -> float:
        """Workers posted in a period who are nationals of the sending state."""
        rows = self.stays.filter(pl.col("starts_on").is_between(first, last)).unique("person")
        rows = rows.join(self.world.people.select("person", "nationality"), on="person", how="left")
        home = self.world.employers.table.select("employer", "country")
        rows = rows.join(home, on="employer", how="left")
        return rows.filter(pl.col("nationality") == pl.col("country")).height * self.up_posted

    def protected(self, first: int, last: int) -> float:
        """Workers under temporary protection who began in a period."""
        return self._count(self.world.flows.filter(pl.col("flow") == "temporary_protection"), "starts_on", first, last)

    def posted(self, first: int, last: int, condition: pl.Expr, column: str) -> float:
        """Different values of a column among the stays that start in a period."""
        rows = self.stays.filter(pl.col("starts_on").is_between(first, last) & condition)
        return rows[column].n_unique() * self.up_posted

    def certificates(self, first: int, last: int, column: str) -> float:
        """Different values of a column among the certificates that start in a period."""
        return self.world.a1s.filter(pl.col("valid_from").is_between(first, last))[column].n_unique() * self.up_posted

    def at_work(self, scheme: str, on: int) -> float:
        """Persons who work on a day and whose last permit is of a scheme, with those who settled and are not Dutch."""
        mine = pl.col("scheme") == scheme
        here = self.permits.filter(mine & (pl.col("work_from") <= on) & (pl.col("work_until") >= on))
        rows = pl.concat([here.select("person"), self._settled(on).filter(mine).select("person")])
        return rows["person"].n_unique() * self.up

    def residents(self, on: int) -> float:
        """Persons with a permit for work on a day, with those who came for work, settled and are not Dutch."""
        here = self.permits.filter((pl.col("decision") == "granted") & (pl.col("valid_from") <= on))
        here = here.filter(pl.min_horizontal("valid_until", pl.col("ended_on") - 1) >= on)
        return pl.concat([here["person"], self._settled(on)["person"]]).n_unique() * self.up

    def _settled(self, on: int) -> pl.DataFrame:
        """Who has stayed on after the last permit and is not naturalised."""
        after = (pl.col("work_until") < on) & (pl.col("settled_until") >= on)
        return self.world.settled.filter(after & (pl.col("naturalised_on") > on))

    def recognised(self, on: int) -> float:
        """Sponsors with a recognition on a day."""
        table = self.world.companies.table
        rows = table.filter((pl.col("recognised_on") <= on) & (pl.col("recognition_ended_on") > on))
        return len(rows) / self.world.parameters.companies

    def share_of_workers(self, first: int, last: int, condition: pl.Expr) -> float:
        """Percentage of workers posted in a period for which a condition holds."""
        road = pl.col("sbi2") != "49"
        return 100 * self.posted(first, last, road & condition, "person") / self.posted(first, last, road, "person")

    def _count(self, rows: pl.DataFrame, column: str, first: int, last: int) -> float:
        return rows.filter(pl.col(column).is_between(first, last)).height * self.up


_ROAD = pl.col("sbi2") == "49"
_BUILDING, _MANUFACTURING = ["41", "42", "43"], ["10", "25", "26", "28", "30", "33"]


def _granted(counter: _Counter, schemes: list[str], first: int, last: int) -> float:
    """Percentage of decisions that grant."""
    return 100 * counter.decided(schemes, first, last, "granted") / max(counter.decided(schemes, first, last), 1)


def _providers(counter: _Counter, first: int, last: int) -> float:
    """Service providers, scaled up like companies are."""
    size = counter.world.parameters
    return counter.posted(first, last, ~_ROAD, "employer") * size.postings / size.companies


def _in_sector(counter: _Counter, first: int, last: int, *sectors: str) -> float:
    return counter.share_of_workers(first, last, pl.col("sbi2").is_in(sectors))


def _home(world: World, *countries: str) -> pl.Expr:
    who = world.employers.table.filter(pl.col("country").is_in(countries))["employer"]
    return pl.col("employer").is_in(who.to_list())


MEASURES: dict[tuple[str, str], Measure] = {
    ("hsm|ict_eu|blue_card", "applications"): lambda c, a, b: c.filed(_TALENT, a, b),
    ("hsm|ict_eu|blue_card", "decisions"): lambda c, a, b: c.decided(_TALENT, a, b),
    ("hsm|ict_eu|blue_card", "grant_rate"): lambda c, a, b: (
        100 * c.decided(_TALENT, a, b, "granted") / c.decided(_TALENT, a, b)
    ),
    ("gvva", "applications"): lambda c, a, b: c.filed(_LABOUR, a, b),
    ("gvva", "decisions"): lambda c, a, b: c.decided(_LABOUR, a, b),
    ("gvva", "grant_rate"): lambda c, a, b: _granted(c, _LABOUR, a, b),
    ("startup", "applications"): lambda c, a, b: c.filed(["startup"], a, b),
    ("startup", "grant_rate"): lambda c, a, b: (
        100 * c.decided(["startup"], a, b, "granted") / max(c.decided(["startup"], a, b), 1)
    ),
    ("hsm|ict_eu|blue_card", "refusals_or_withdrawn"): lambda c, a, b: (
        c.decided(_TALENT, a, b) - c.decided(_TALENT, a, b, "granted")
    ),
    ("startup", "decisions"): lambda c, a, b: c.decided(["startup"], a, b),
    ("twv", "handled"): lambda c, a, b: c.handled("twv", a, b),
    ("twv", "withdrawn"): lambda c, a, b: c.asked("twv", a, b, "withdrawn"),
    ("gvva", "advice_handled"): lambda c, a, b: c.handled("gvva_advice", a, b),
    ("gvva", "advice_withdrawn"): lambda c, a, b: c.asked("gvva_advice", a, b, "withdrawn"),
    ("ukr_tpd", "notifications"): lambda c, a, b: c.protected(a, b),
    ("posting_wagweu", "mean_duration"): lambda c, a, b: c.months_posted(a, b),
    ("posting_wagweu|posting_rtpd", "workers_home_state"): lambda c, a, b: c.from_home(a, b),
    ("hsm", "permits_granted"): lambda c, a, b: c.granted_first("hsm", a, b),
    ("blue_card", "permits_granted"): lambda c, a, b: c.granted_first("blue_card", a, b),
    ("ict_eu", "permits_granted"): lambda c, a, b: c.granted_first("ict_eu", a, b),
    ("researcher_801", "permits_granted"): lambda c, a, b: c.granted_first("researcher_801", a, b),
    ("twv", "applications"): lambda c, a, b: c.asked("twv", a, b),
    ("twv", "granted"): lambda c, a, b: c.asked("twv", a, b, "positive"),
    ("twv", "refused"): lambda c, a, b: c.asked("twv", a, b, "negative"),
    ("gvva", "advice_requests"): lambda c, a, b: c.asked("gvva_advice", a, b),
    ("gvva", "advice_positive"): lambda c, a, b: c.asked("gvva_advice", a, b, "positive"),
    ("gvva", "advice_negative"): lambda c, a, b: c.asked("gvva_advice", a, b, "negative"),
    ("twv|gvva", "applications"): lambda c, a, b: c.asked("twv", a, b) + c.asked("gvva_advice", a, b),
    ("twv_asylum", "applications"): lambda c, a, b: c.asked("twv", a, b, category="asylum_seeker"),
    ("twv_asylum", "granted"): lambda c, a, b: c.asked("twv", a, b, "positive", "asylum_seeker"),
    ("asian_catering", "advice_positive"): lambda c, a, b: c.asked("gvva_advice", a, b, "positive", "catering"),
    ("asian_catering", "advice_negative"): lambda c, a, b: c.asked("gvva_advice", a, b, "negative", "catering"),
    ("hsm", "recognised_sponsors"): lambda c, a, b: c.recognised(b),
    ("hsm", "stock"): lambda c, a, b: c.at_work("hsm", b),
    ("researcher_801", "stock"): lambda c, a, b: c.at_work("researcher_801", b),
    ("CBS_KENNISMIGRANT", "stock"): lambda c, a, b: c.residents(b),
    ("posting_wagweu|posting_rtpd", "workers_notified"): lambda c, a, b: c.posted(a, b, pl.lit(True), "person"),
    ("posting_wagweu|posting_rtpd", "workers_third_country"): lambda c, a, b: c.posted(a, b, pl.col("third"), "person"),
    ("posting_wagweu|posting_rtpd", "road_transport_workers"): lambda c, a, b: c.posted(a, b, _ROAD, "person"),
    ("posting_wagweu", "workers_notified"): lambda c, a, b: c.posted(a, b, ~_ROAD, "person"),
    ("posting_wagweu", "notifications"): lambda c, a, b: c.posted(a, b, ~_ROAD, "notification"),
    ("posting_wagweu", "workers_third_country"): lambda c, a, b: c.posted(a, b, ~_ROAD & pl.col("third"), "person"),
    ("posting_wagweu", "service_providers"): lambda c, a, b: (
        c.posted(a, b, ~_ROAD, "employer") * c.world.parameters.postings / c.world.parameters.companies
    ),
    ("posting_wagweu", "origin_share_DE+BE"): lambda c, a, b: c.share_of_workers(a, b, _home(c.world, "DE", "BE")),
    ("posting_wagweu", "origin_share_PL"): lambda c, a, b: c.share_of_workers(a, b, _home(c.world, "PL")),
    ("posting_wagweu", "origin_share_LT"): lambda c, a, b: c.share_of_workers(a, b, _home(c.world, "LT")),
    ("posting_wagweu", "sector_share_construction"): lambda c, a, b: _in_sector(c, a, b, *_BUILDING),
    ("posting_wagweu", "sector_share_manufacturing"): lambda c, a, b: _in_sector(c, a, b, *_MANUFACTURING),
    ("posting_wagweu", "sector_share_transport_logistics"): lambda c, a, b: _in_sector(c, a, b, "52"),
    ("posting_wagweu", "sector_share_agriculture"): lambda c, a, b: _in_sector(c, a, b, "01"),
    ("posting_wagweu", "a1_count"): lambda c, a, b: c.certificates(a, b, "a1_id"),
    ("posting_wagweu", "a1_persons"): lambda c, a, b: c.certificates(a, b, "person"),
}


def calibration(world: World, until: date) -> pl.DataFrame:
    """One row per published figure that the world can be held against; see COLUMNS.

    Args:
        world: a world, best of national scale: small ones are scaled up and noisy.
        until: figures of periods that end after this day are left out.
    """
    counter = _Counter(world)
    known, left_out = world.parameters["calibration"], world.parameters["not_comparable"]
    rows = []
    for row in read_rows("volumes.csv"):
        measure = MEASURES.get((row["scheme"], row["metric"]))
        period = _PERIODS.get(row["period"])
        if measure is None or period is None or not row["value"] or int(row["year"]) < 2013:
            continue
        first, last = (day_number(date.fromisoformat(f"{row['year']}-{edge}")) for edge in period)
        if last > day_number(until):
            continue
        published, figure = float(row["value"]), f"{row['scheme']} {row['metric']}"
        if f"{figure} {row['year']} {row['period']}" in left_out:
            continue
        counted = measure(counter, first, last)
        band = BAND_LARGE if published >= LARGE else BAND_SMALL
        ratio = counted / published
        inside = abs(ratio - 1) <= band
        note = known.get(f"{figure} {row['year']} {row['period']}", known.get(figure, ""))
        rows.append(
            (
                figure,
                int(row["year"]),
                row["period"],
                published,
                round(counted, 1),
                round(ratio, 3),
                band,
                inside,
                note,
            )
        )
    return pl.DataFrame(rows, schema=COLUMNS, orient="row", infer_schema_length=None)


_HEAD = """# The simulated labour market against the published volumes

Made by `python -m assets.standins.calibration {scale} > assets/standins/calibration.md` (scenario clean, seed {seed},
as of {until}). Bands: 10 % for figures of 2,000 and more, 25 % for smaller ones, percentages and months. A figure
outside its band has an explanation. Counted are all figures of the reference table whose definition the world can
follow.

"""


def markdown(table: pl.DataFrame) -> str:
    """The table as Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(value) for value in row) + " |" for row in table.iter_rows()]
    return "\n".join(lines) + "\n"


def main(scale: str = "national") -> None:
    """Write the table of one clean world to standard output."""
    seed, until = 1, date(2026, 11, 23)
    parameters = read_parameters(scale, "clean")
    world = make_world(parameters, seed, day_number(parameters["horizon"]))
    table = calibration(world, until)
    sys.stdout.write(_HEAD.format(scale=scale, seed=seed, until=until))
    sys.stdout.write(markdown(table))
    sys.stdout.write(f"\n{table['inside'].sum()} of {len(table)} figures inside their band. Not compared:\n\n")
    for figure, reason in parameters["not_comparable"].items():
        sys.stdout.write(f"- {figure}: {reason}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "national")
