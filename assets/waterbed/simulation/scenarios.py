"""The worlds that the estimator is judged on, by name: favourable ones and ones that do not favour the method.

Belongs here: parameter sets. Does not belong here: how a world is made (`worlds`) or scored (`scores`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from assets.waterbed.simulation.worlds import WorldSpec

#: Worlds of the kind that the method assumes.
FAVOURABLE: Mapping[str, WorldSpec] = MappingProxyType(
    {
        "base": WorldSpec(),
        "null": WorldSpec(share_scale=0.0),
        "few": WorldSpec(sectors=20),
        "few_null": WorldSpec(sectors=20, share_scale=0.0),
        "small": WorldSpec(share_scale=0.25),
        "weak": WorldSpec(lost_share=0.2),
        "no_rush": WorldSpec(rush_share=0.0),
        "confounded": WorldSpec(demand_drift=0.4),
        "confounded_null": WorldSpec(demand_drift=0.4, share_scale=0.0),
        "confounded_downturn": WorldSpec(demand_drift=-0.4),
    }
)
#: Worlds that break an assumption of the method.
UNFAVOURABLE: Mapping[str, WorldSpec] = MappingProxyType(
    {
        "multiplicative": WorldSpec(multiplicative=True),
        "control_loading": WorldSpec(control_loading=(0.4, 1.0)),
        "control_loading_confounded": WorldSpec(control_loading=(0.4, 1.0), demand_drift=0.4),
        "exposure_error": WorldSpec(exposure_sample=12.0),
        "leakage": WorldSpec(leakage=0.1),
        "second_reform": WorldSpec(second_reform_month=18),
    }
)
SCENARIOS: Mapping[str, WorldSpec] = MappingProxyType({**FAVOURABLE, **UNFAVOURABLE})
