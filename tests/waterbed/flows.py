"""A simulated world laid out as the tables that the nightly run reads.

Belongs here: making frames for tests. Does not belong here: any assertion.
"""

from datetime import date

import numpy as np
import polars as pl

from assets.waterbed.estimate import Inputs
from assets.waterbed.simulation.worlds import WorldSpec, make_world
from quality.reference import tables

#: Position 110 of the simulated world is January 2024, when the norm for 30 and older rose by 6.45 %.
EVENT = "2024-norm-index"
FIRST_MONTH = 2024 * 12 - 110
NORM = 5008.0
FLOWS_SCHEMA = {
    "month": pl.Date,
    "route": pl.String,
    "sbi2": pl.String,
    "occupation_group": pl.String,
    "admissions": pl.Float64,
    "person_months": pl.Float64,
}
COMPANY_FLOWS_SCHEMA = {"company" if name == "occupation_group" else name: kind for name, kind in FLOWS_SCHEMA.items()}
SALARIES_SCHEMA = {
    "month": pl.Date,
    "route": pl.String,
    "sbi2": pl.String,
    "occupation_group": pl.String,
    "salary_month_eur": pl.Float64,
    "norm_month_eur": pl.Float64,
}


def month(position):
    number = FIRST_MONTH + int(position)
    return date(number // 12, number % 12 + 1, 1)


def inputs(flows=None, salaries=None, company_flows=None):
    return Inputs(
        flows=pl.DataFrame(flows or [], schema=FLOWS_SCHEMA) if not isinstance(flows, pl.DataFrame) else flows,
        company_flows=pl.DataFrame(company_flows or [], schema=COMPANY_FLOWS_SCHEMA),
        salaries=(
            pl.DataFrame(salaries or [], schema=SALARIES_SCHEMA) if not isinstance(salaries, pl.DataFrame) else salaries
        ),
        events=tables.READERS["core.policy_events"](),
        norms=tables.READERS["core.salary_norms"](),
        minimum_wages=tables.READERS["core.minimum_wage"](),
    )


def world_inputs(spec=None, seed=1, without_routes=()):
    """Inputs of one simulated world, with its truth and panel."""
    rng = np.random.default_rng(seed)
    panel, truth = make_world(spec or WorldSpec(months=125), rng)
    names = ["hsm_30_plus", *panel.destination_names, *panel.control_names]
    counts = np.concatenate([panel.restricted[None], panel.destinations, panel.controls])
    route, cell, when = np.nonzero(counts)
    flows = pl.DataFrame(
        {
            "month": [month(t) for t in when],
            "route": [names[r] for r in route],
            "sbi2": [f"s{c}" for c in cell],
            "occupation_group": ["25"] * len(when),
            "admissions": counts[route, cell, when],
            "person_months": 24.0 * counts[route, cell, when],
        },
        schema=FLOWS_SCHEMA,
    ).filter(pl.col("route").is_in(list(without_routes)).not_())
    salaries = pl.concat([_salaries(rng, panel, cell) for cell in range(panel.cells)])
    return inputs(flows, salaries), truth, panel


def _salaries(rng, panel, cell):
    """As many salaries before the event as there were admissions, a share `exposure` of them below the new norm."""
    count = int(panel.restricted[cell, 80:107].sum())
    below = rng.random(count) < panel.exposure[cell]
    over_norm = np.where(below, rng.uniform(1.0, 1.0645, count), rng.uniform(1.07, 2.0, count))
    return pl.DataFrame(
        {
            "month": [month(t) for t in rng.integers(80, 107, count)],
            "route": ["hsm_30_plus"] * count,
            "sbi2": [f"s{cell}"] * count,
            "occupation_group": ["25"] * count,
            "salary_month_eur": over_norm * NORM,
            "norm_month_eur": [NORM] * count,
        },
        schema=SALARIES_SCHEMA,
    )
