"""What follows from a choice for a person who comes to live here: decisions, spells of work, pay, advice, notices.

Belongs here: residence and pay, and the flows that compete for no opening. Does not belong here: posted workers.
"""
