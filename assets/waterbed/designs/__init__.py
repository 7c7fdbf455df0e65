"""Published designs of causal inference, as pure functions of arrays, each tested against published numbers.

Does not belong here: our events, routes and tables (`assets.waterbed.companions.all_events`).
"""
