"""A second, independent labour market, made from the feed contracts and the typology of misuse alone.

Belongs here: a small seeded generator of deliveries, its own truth, and how an examiner scores findings against it.
Does not belong here: anything of `assets.standins`, thresholds of indicators, or knowledge of how anything is detected.
"""
