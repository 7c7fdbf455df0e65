"""A small published database to make a brief of: literal core rows, through disclosure control, published.

Belongs here: rows that several tests share. Nothing in it is real.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from assets.feeds.night import Night
from assets.guardrails.release import fill_pub
from assets.publication.publish import publish
from tests.builders import warehouse_with

AS_OF = date(2026, 11, 23)
RUN = "2026-11-23-abc"

ROUTES = {
    "hsm_30_plus": ("Kennismigrant, 30 jaar of ouder", 90),
    "hsm_under_30": ("Kennismigrant, jonger dan 30 jaar", 70),
    "blue_card": ("Europese blauwe kaart", 12),
    "gvva": ("Gecombineerde vergunning verblijf en arbeid (GVVA)", 25),
    "posting_third_country": ("Detachering uit een andere lidstaat", 60),
    "twv_seasonal": ("Seizoenarbeid", 1),
}


def flows():
    """Three and a half years of months at four companies a route, with a break after 2025."""
    return [
        {
            "month": date(year, month, 1),
            "route": route,
            "company": f"1000000{company}",
            "applications": max(0, size // 4 + (month * 7 + company * 3) % 5 - (year > 2025) * size // 12),
            "admissions": max(0, size // 8 + (month + company) % 3),
        }
        for year in (2023, 2024, 2025, 2026)
        for month in range(1, 13)
        for route, (_, size) in ROUTES.items()
        for company in range(4)
        if (year, month) <= (2026, 10)
    ]


def delivery(feed, stand_in=True, rows=1000, rejected=3, status="loaded"):
    return {
        "feed": feed,
        "delivered_on": date(2026, 11, 22),
        "attempt": 1,
        "status": status,
        "stand_in": stand_in,
        "rows_delivered": rows,
        "rows_accepted": rows - rejected,
        "rows_rejected": rejected,
    }


INDICATORS = {
    "H01": ("hsm", "Loon onder het looncriterium", 0.034),
    "H08": ("hsm", "Geen loonregistratie na verlening", 0.018),
    "P02": ("posting", "Derdelander langer dan 90 dagen zonder verblijfsvergunning", 0.061),
    "P07": ("posting", "Langdurige detachering inclusief vervanging", 0.025),
}


def measures():
    rows = []
    for code, (_, _, share) in INDICATORS.items():
        base = {"indicator": code, "measure": "flagged_share", "method": "Wilson interval."}
        whole = {"period_start": date(2023, 1, 5), "period_end": date(2026, 10, 30)}
        figures = {"value": share, "lo95": share * 0.8, "hi95": share * 1.25, "n": 4000}
        rows.append(base | whole | figures | {"stratum_kind": "all", "stratum": "all"})
        for year in (2023, 2024, 2025, 2026):
            near = share * (0.8 + 0.1 * (year - 2022))
            figures = {"value": near, "lo95": near * 0.6, "hi95": near * 1.6, "n": 1000}
            period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
            rows.append(base | period | figures | {"stratum_kind": "year", "stratum": str(year)})
        for grade, count in (("A", 31), ("B", 104), ("T", 4)):
            figures = {"value": float(count), "lo95": count * 0.7, "hi95": count * 1.4, "n": 4000}
            rows.append(base | whole | figures | {"stratum_kind": "grade", "stratum": grade, "measure": "signals"})
    return rows


def displacement():
    rows = []
    for destination, gain in (("blue_card", 61), ("gvva", 18), ("posting_third_country", 130), ("total", 209)):
        rows.append(
            {
                "event_id": "2024-norm-index",
                "restricted_route": "hsm_30_plus",
                "destination_route": destination,
                "months_after": 12,
                "specification": "C1",
                "net_loss": 812.0,
                "net_loss_lo95": 640.0,
                "net_loss_hi95": 980.0,
                "gain": float(gain),
                "gain_lo95": gain - 55.0,
                "gain_hi95": gain + 55.0,
                "share": gain / 812,
                "share_lo95": (gain - 55) / 812,
                "share_hi95": (gain + 55) / 812,
                "mde80": 0.11,
                "effective_clusters": 14.0,
                "verdict": "displacement" if gain > 55 else "inconclusive",
                "reason": "The gain is clear of zero.",
                "as_of": AS_OF,
            }
        )
    rows.append(
        {
            "event_id": "2022-rtpd",
            "restricted_route": "posting_third_country",
            "destination_route": "total",
            "months_after": 12,
            "specification": "C1",
            "verdict": "register_move",
            "reason": "Drivers moved to another register.",
            "as_of": AS_OF,
        }
    )
    return rows


def pooled():
    """The same route restricted more than once, taken together."""
    (total,) = [row for row in displacement() if row["destination_route"] == "total" and row.get("gain")]
    return total | {"event_id": "pooled", "share": 0.25, "share_lo95": 0.11, "share_hi95": 0.39}


def companion(name, outcome="total", part="whole", reading="neutral", event="2024-norm-index", **figures):
    return {
        "event_id": event,
        "restricted_route": "hsm_30_plus",
        "companion": name,
        "outcome": outcome,
        "part": part,
        "unit": "none",
        "reading": reading,
        "reason": "A reason.",
        "as_of": AS_OF,
    } | figures


def companions():
    """Answers beside the one finding, and what a break of series looks like in published figures."""
    spans = {"estimate": 12.0, "lo95": -31.0, "hi95": 55.0, "p_value": 0.58, "n": 14, "unit": "persons"}
    step = {"estimate": -0.113, "lo95": -0.21, "hi95": -0.012, "p_value": 0.03, "n": 96}
    return [
        companion("event_study", part="joint test before the event", reading="supports", p_value=0.412, n=3),
        companion("placebo_dates", part="date 12 months early", reading="supports", **spans),
        companion("placebo_routes", "researcher_801", reading="weakens", **(spans | {"p_value": 0.041})),
        companion("relative_magnitudes", part="breakdown", reading="supports", estimate=1.4, unit="times earlier step"),
        companion(
            "relative_magnitudes", part="drift as large as before", **(spans | {"estimate": 209.0, "hi95": 450.0})
        ),
        companion("national_series", "hsm_30_plus", reading="supports", unit="share of earlier level", **step),
        companion("norm_discontinuity", reading="not_estimable"),
        companion("public_register", "sponsors", reading="not_estimable"),
        companion("all", reading="register_move", event="2022-rtpd"),
        companion("published_series", "posting workers_notified", reading="register_move", event="2022-rtpd", n=2)
        | {"estimate": -0.728, "unit": "share of earlier level"},
    ]


def movement(start, until, entered, left):
    return {
        "snapshot_from": start,
        "snapshot_until": until,
        "entered": entered,
        "left_register": left,
        "renumbered": 3,
        "renamed": 41,
        "is_comparable": True,
    }


def rows():
    """Rows of the private warehouse, by table."""
    snapshots = {date(2024, 8, 2): 24, date(2024, 12, 3): 27, date(2025, 3, 4): 31}
    return {
        "meta.runs": [
            {
                "run_id": RUN,
                "as_of": AS_OF,
                "status": "running",
                "started_at": datetime(2026, 11, 23, 4, 15, tzinfo=UTC),
            }
        ],
        "meta.deliveries": [
            delivery("ind_permits"),
            delivery("uwv_wages", rows=25_000, rejected=41),
            delivery("szw_postings"),
            delivery("kvk_companies"),
            delivery("svb_a1", status="refused"),
            delivery("ind_public_register", stand_in=False, rows=82),
            delivery("public_volumes", stand_in=False, rows=191, rejected=0),
        ],
        "meta.checks": [
            {"gate": "arrival", "check_name": f"check-{n}", "passed": n > 1, "run_id": RUN} for n in range(40)
        ],
        "meta.indicators": [
            {"indicator": code, "scheme": scheme, "name_nl": name, "look_alikes": "crew growth"}
            for code, (scheme, name, _) in INDICATORS.items()
        ],
        "core.routes": [{"route": route, "name_nl": name} for route, (name, _) in ROUTES.items()],
        "core.flows": flows(),
        "core.policy_events": [
            {
                "event_id": "2024-norm-index",
                "event_on": date(2024, 1, 1),
                "description_nl": "Looncriterium 30+ van 5008 naar 5331 (+6.45%).",
            },
            {"event_id": "2022-rtpd", "event_on": date(2022, 2, 2), "description_nl": "Wegvervoer meldt via RTPD."},
        ],
        "core.register_entries": [
            {"snapshot_on": day, "organisation_key": f"o{n}", "kvk": f"{n:08d}"}
            for day, size in snapshots.items()
            for n in range(size)
        ],
        "core.register_movements": [
            movement(date(2024, 8, 2), date(2024, 12, 3), 5, 2),
            movement(date(2024, 12, 3), date(2025, 3, 4), 6, 2),
        ],
        "core.published_volumes": [
            {
                "year": year,
                "period": "year",
                "scheme": "hsm|ict_eu|blue_card",
                "metric": "applications",
                "value": value,
                "value_status": "published",
                "source": "IND",
                "population_definition": "Kennis en Talent",
                "unit": "applications",
            }
            for year, value in ((2019, 20970.0), (2020, 13710.0), (2021, 22840.0), (2022, 33030.0))
        ],
        "core.salary_norms": [
            {
                "criterion": name,
                "route_variant": name,
                "valid_from": date(year, 1, 1),
                "valid_until": date(year, 12, 31),
                "norm_month_eur": base * 1.04 ** (year - 2020),
            }
            for name, base in (("hsm_30_plus", 4612.0), ("hsm_under_30", 3381.0), ("blue_card", 5403.0))
            for year in range(2020, 2027)
        ],
        "findings.measures": measures(),
        "estimates.displacement": displacement(),
        "estimates.companions": companions(),
    }


def published(folder, changed=None):
    """A published database of these rows, with the tables in `changed` put in their place."""
    warehouse_with({**rows(), **(changed or {})}, folder=Path(folder))
    night = Night(Path(folder), AS_OF, RUN, code_version="0.1.0+abc")
    fill_pub(night)
    return publish(night)
