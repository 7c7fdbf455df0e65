"""Rounding, and what a reader can know of a rounded or hidden number.

Belongs here: arithmetic that all tables share. Does not belong here: which number is hidden (`flow_disclosure`,
`result_disclosure`) and the cells that protect it (`protection`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assets.guardrails.protection import NO_BOUND, Cells, Mask
from assets.guardrails.rules import DisclosureRules


def round_to(value: float, base: int) -> int:
    """`value` to the nearest multiple of `base`; a tie goes up."""
    return math.floor(value / base + 0.5) * base


def round_down(value: float, base: int) -> int:
    """The largest multiple of `base` that is not above `value` (an error of 1e-9 is forgiven)."""
    return math.floor(value / base + 1e-9) * base


def round_up(value: float, base: int) -> int:
    """The smallest multiple of `base` that is not below `value` (an error of 1e-9 is forgiven)."""
    return math.ceil(value / base - 1e-9) * base


def cells_below(value: Sequence[float], hidden: Mask, sensitive: Mask, threshold: int, rules: DisclosureRules) -> Cells:
    """Cells without sums: what a reader knows of numbers that are hidden below `threshold` and else rounded.

    `sensitive` marks cells that must stay uncertain; other hidden cells only serve to protect these.
    """
    true = np.asarray(value, dtype=float)
    small = true < threshold
    rounded = np.array([round_to(v, rules.rounding_base) for v in true], dtype=float)
    slack = (rules.rounding_base - 1) / 2
    return Cells(
        value=true,
        hidden=hidden,
        width=np.where(
            sensitive,
            np.where(small, rules.protection_width, np.maximum(rules.protection_width, rules.protection_share * true)),
            0.0,
        ),
        shown_low=np.where(true == 0, 0.0, np.maximum(rounded - slack, threshold)),
        shown_high=np.where(true == 0, 0.0, rounded + slack),
        hidden_low=np.where(small, 0.0, float(threshold)),
        hidden_high=np.where(small, float(threshold - 1), NO_BOUND),
        sums=(),
    )
