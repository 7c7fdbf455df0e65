"""What a simulated world rests on: its assumptions as data, keyed draws, numbers and names that are unreal, the law.

Belongs here: what every other part uses and what knows of no firm and no person. Does not belong here: the economy.
"""
