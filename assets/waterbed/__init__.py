"""Displacement between schemes: when one route is tightened, who comes by another, how fast and how sure.

Belongs here: events as data, the panel of an event, the additive estimator, its errors, its companions and the
tables `estimates.*`. Does not belong here: flows (core), what may be published (guardrails), texts (reports).
"""
