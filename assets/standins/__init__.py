"""One simulated labour market that delivers files like the real suppliers do, and keeps the truth apart.

Belongs here: the world (companies, persons, demand, choice, permits, wages, postings), its misuse and its
look-alikes, the faults of its suppliers, and the cutting of the world into deliveries. Does not belong here:
anything that reads a delivery or detects something. Nothing here imports an indicator or another asset package.
"""
