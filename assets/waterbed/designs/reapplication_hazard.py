"""How soon a company first applies by another route after a refusal, against companies that were just granted.

Belongs here: the discrete-time hazard. Does not belong here: who was refused and when (`companions.companies`).

Every company is followed month by month from its first decision until it applies by another route, or until it is no
longer seen. The chance of a first application in a month, given none before, has a complementary log-log form: effects
are then hazard ratios, whatever the length of a month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM

from assets.waterbed.panel import FloatArray, IntArray

#: Months of follow-up, and where the hazard may change its level.
FOLLOW_MONTHS, CHANGES = 12, (3, 6)
#: Fewest companies, and first applications, on either side.
LEAST_COMPANIES, LEAST_APPLICATIONS = 30, 10


@dataclass(frozen=True)
class HazardRatio:
    """Monthly chance of a first application after a refusal over that after a grant.

    Attributes:
        log_ratio: logarithm of the hazard ratio.
        error: its standard error, clustered by company.
        refused, granted: companies followed.
        applied: (2,) first applications among the granted and the refused.
    """

    log_ratio: float
    error: float
    refused: int
    granted: int
    applied: tuple[int, int]


def hazard_ratio(
    months_until: IntArray, is_applied: FloatArray, is_refused: FloatArray, log_volumes: FloatArray
) -> HazardRatio | None:
    """The hazard ratio of refused over granted companies; none when either side is too thin or not followed.

    Args:
        months_until: (N,) months from the decision to the first application by another route, or to the last month
            seen; one at least.
        is_applied: (N,) one where there was such an application.
        is_refused: (N,) one where the decision was a refusal.
        log_volumes: (N, V) logarithms of one plus volumes, such as earlier applications and decisions of the month:
            the busy are refused more often and apply for more of everything.
    """
    refused = is_refused > 0
    followed = (int((~refused).sum()), int(refused.sum()))
    applied = (int(is_applied[~refused].sum()), int(is_applied[refused].sum()))
    if min(followed) < LEAST_COMPANIES or min(applied) < LEAST_APPLICATIONS:
        return None
    months = np.minimum(months_until, FOLLOW_MONTHS)
    company = np.repeat(np.arange(len(months)), months)
    elapsed = np.arange(len(company)) - np.repeat(np.cumsum(months) - months, months)
    ends_here = (elapsed == months[company] - 1) & (months_until[company] <= FOLLOW_MONTHS)
    outcome = (ends_here & (is_applied[company] > 0)).astype(np.float64)
    design = np.column_stack(
        [is_refused[company], log_volumes[company], np.ones(len(company)), *((elapsed >= c) * 1.0 for c in CHANGES)]
    )
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None  # nobody was followed long enough, or all were equally busy
    fitted = GLM(outcome, design, family=Binomial(link=CLogLog())).fit(
        cov_type="cluster", cov_kwds={"groups": company}, maxiter=50
    )
    return HazardRatio(float(fitted.params[0]), float(fitted.bse[0]), followed[1], followed[0], applied)
