"""How rows travel from a supplier to the landing folder, and what goes wrong on the way.

Belongs here: dates of delivery, manifests, faults of files and values. Does not belong here: what a supplier sees of
the world (`suppliers`).
"""
