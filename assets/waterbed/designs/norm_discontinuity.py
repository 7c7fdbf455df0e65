"""The same person by another route: the jump in switching at the salary norm.

Belongs here: the regression discontinuity at a norm. Does not belong here: who switched (`sql/waterbed/switches.sql`).

Applicants just below a norm are refused, those just above are admitted, and are otherwise alike. The jump in the share
that holds another route a year later is what the refusal did. Salaries that were raised to the norm pile up right at it
and are no longer alike: a narrow strip around the norm is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.panel import FloatArray

#: Relative distance to the norm within which applicants count, and the strip next to the norm that does not.
BANDWIDTH, STRIP = 0.15, 0.005
#: Fewest applicants on either side.
LEAST_A_SIDE = 50


@dataclass(frozen=True)
class Jump:
    """Share below the norm minus share above it, at the norm.

    Attributes:
        jump: difference of shares.
        error: its heteroskedasticity-robust standard error.
        below, above: applicants used.
    """

    jump: float
    error: float
    below: int
    above: int


def jump_at_norm(
    salary_over_norm: FloatArray, has_switched: FloatArray, bandwidth: float = BANDWIDTH, strip: float = STRIP
) -> Jump | None:
    """Local linear jump in the share that switched, with triangular weights; none when either side is too thin.

    Args:
        salary_over_norm: (N,) declared salary over the norm that applied.
        has_switched: (N,) one where the person held another route within a year.
        bandwidth: largest relative distance to the norm.
        strip: smallest relative distance to the norm.
    """
    distance = salary_over_norm - 1.0
    used = (np.abs(distance) <= bandwidth) & (np.abs(distance) >= strip)
    x, y = distance[used], has_switched[used].astype(np.float64)
    is_below = (x < 0).astype(np.float64)
    below, above = int(is_below.sum()), int(len(x) - is_below.sum())
    if min(below, above) < LEAST_A_SIDE:
        return None
    weight = 1.0 - np.abs(x) / bandwidth
    design = np.column_stack([is_below, np.ones_like(x), x, x * is_below])
    inverse = np.linalg.pinv((design * weight[:, None]).T @ design)
    coefficients = inverse @ (design * weight[:, None]).T @ y
    residual = weight * (y - design @ coefficients)
    scores = design * residual[:, None]
    covariance = inverse @ scores.T @ scores @ inverse * len(x) / (len(x) - 4)
    return Jump(float(coefficients[0]), float(np.sqrt(covariance[0, 0])), below, above)
