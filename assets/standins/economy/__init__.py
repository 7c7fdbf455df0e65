"""Firms on both sides of the border, their openings, and the route that is chosen for each opening.

Belongs here: demand, supply and choice. Does not belong here: what happens after the choice (`stays`, `posting`).
"""
